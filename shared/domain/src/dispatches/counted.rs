//! Numbers of things, in words.

/// So many things of a kind, such as `1 day`, `5 days` or `5 dispatches`.
pub fn counted(number: u64, thing: &str) -> String {
    let ending = match number {
        1 => "",
        _ if thing.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{number} {thing}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let days = [0, 1, 2].map(|number| counted(number, "day"));
        assert_eq!(days, ["0 days", "1 day", "2 days"]);
        let dispatches = [1, 2].map(|number| counted(number, "dispatch"));
        assert_eq!(dispatches, ["1 dispatch", "2 dispatches"]);
    }
}
