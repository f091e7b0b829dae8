//! The processor time of a process, from the operating system's own accounting.

use std::time::Duration;

/// Linux counts in hundredths of a second here, whatever its own clock does.
const TICKS_PER_SECOND: u64 = 100;

/// User and system time of a process so far; also of one that has ended but was not waited for.
/// Zero where there is no `/proc`.
pub fn of_process(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    Duration::from_millis(ticks_in(&stat) * 1000 / TICKS_PER_SECOND)
}

fn ticks_in(stat: &str) -> u64 {
    // The second field is the program's name, which may hold anything but ends at the last
    // parenthesis.
    let (_, after_name) = stat.rsplit_once(')').unwrap_or_default();
    let user_and_system = after_name.split_whitespace().skip(11).take(2);
    user_and_system
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 300 0 0 0 12 30 0 0 20 0 4 0 100 0";
        assert_eq!(ticks_in(stat), 42);
        assert_eq!(ticks_in(""), 0);
    }
}
