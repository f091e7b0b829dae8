//! The kind of machine that was measured on.

use std::thread::available_parallelism;

/// How many processors this program may use.
pub(super) fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// One line: how many processors of which kind.
pub(super) fn kind() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model_in(&cpuinfo).unwrap_or("processors of unknown make");
    format!("{} x {model} ({})", processors(), std::env::consts::ARCH)
}

fn model_in(cpuinfo: &str) -> Option<&str> {
    let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let (_, model) = lines.find(|(key, _)| key.trim() == "model name")?;
    Some(model.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_where_linux_names_it() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 207\nmodel name\t: A: fast one\n";
        assert_eq!(model_in(cpuinfo), Some("A: fast one"));
        assert_eq!(model_in(""), None);
    }
}
