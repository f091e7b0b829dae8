//! Numbers of things, in words.

/// So many things of a kind, such as `1 day` or `5 days`.
pub fn counted(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let days = [0, 1, 2].map(|number| counted(number, "day"));
        assert_eq!(days, ["0 days", "1 day", "2 days"]);
    }
}
