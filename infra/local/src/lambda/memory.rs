//! The memory of a process, from the operating system's own accounting.

const KIBIBYTE: u64 = 1024;

/// The most bytes that a running process ever had in memory at once. Zero once it has ended, and where there is no `/proc`.
pub(super) fn peak_of_process(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    peak_in(&status)
}

fn peak_in(status: &str) -> u64 {
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let peak = lines.find(|(key, _)| *key == "VmHWM");
    let peak = peak.and_then(|(_, value)| value.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.unwrap_or_default() * KIBIBYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_found_where_linux_names_it() {
        let status = "Name:\tdeliver\nVmPeak:\t   90 kB\nVmHWM:\t   12 kB\nVmRSS:\t   11 kB\n";
        assert_eq!(peak_in(status), 12 * KIBIBYTE);
        assert_eq!(peak_in(""), 0);
    }
}
