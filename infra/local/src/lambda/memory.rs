//! The memory of a process, from the operating system's own accounting, and the limit that a
//! sandbox has.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

const KIBIBYTE: u64 = 1024;
const MEBIBYTE: u64 = 1024 * KIBIBYTE;

/// How often a process that works is looked at.
const PERIOD: Duration = Duration::from_millis(20);

/// The memory of one process, and how much of it there may be. Without `/proc` nothing is known of
/// either.
pub(super) struct Memory {
    pid: u32,
    limit_megabytes: u32,
    /// Kept open: a look takes two microseconds then.
    statm: Option<File>,
}

impl Memory {
    /// The memory of a process that runs, of which there may be so much.
    pub(super) fn of(pid: u32, limit_megabytes: u32) -> Self {
        Memory {
            pid,
            limit_megabytes,
            statm: File::open(format!("/proc/{pid}/statm")).ok(),
        }
    }

    /// Waits until the process has more than it may. A peak between two looks is only seen by
    /// [`was_exceeded`](Self::was_exceeded).
    pub(super) async fn exceeded(&self) {
        let mut looks = interval(PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.resident() <= self.limit() {
            looks.tick().await;
        }
    }

    /// Whether the process ever had more than it may.
    pub(super) fn was_exceeded(&self) -> bool {
        self.peak() > self.limit()
    }

    /// The most bytes that the process ever had in memory at once; zero once it has ended.
    pub(super) fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        peak_in(&status.unwrap_or_default())
    }

    /// How much there may be.
    pub(super) fn limit_megabytes(&self) -> u32 {
        self.limit_megabytes
    }

    fn limit(&self) -> u64 {
        u64::from(self.limit_megabytes) * MEBIBYTE
    }

    fn resident(&self) -> u64 {
        let mut text = [0; 128];
        let read = self
            .statm
            .as_ref()
            .and_then(|file| file.read_at(&mut text, 0).ok());
        let text = std::str::from_utf8(&text[..read.unwrap_or(0)]).unwrap_or_default();
        pages_in(text) * rustix::param::page_size() as u64
    }
}

fn peak_in(status: &str) -> u64 {
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let peak = lines.find(|(key, _)| *key == "VmHWM");
    let peak = peak.and_then(|(_, value)| value.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    peak.unwrap_or_default() * KIBIBYTE
}

/// The resident pages are the second field.
fn pages_in(statm: &str) -> u64 {
    let resident = statm.split_whitespace().nth(1);
    resident
        .and_then(|pages| pages.parse().ok())
        .unwrap_or_default()
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

    #[test]
    fn the_resident_pages_are_found() {
        assert_eq!(pages_in("1500 421 300 12 0 80 0\n"), 421);
        assert_eq!(pages_in(""), 0);
    }

    #[tokio::test]
    async fn what_this_process_has_is_more_than_nothing_and_less_than_all() {
        let of_this_process = |limit| Memory::of(std::process::id(), limit);
        of_this_process(0).exceeded().await;
        assert!(of_this_process(0).was_exceeded());
        assert!(!of_this_process(u32::MAX).was_exceeded());
        let memory = of_this_process(u32::MAX);
        let mut exceeded = std::pin::pin!(memory.exceeded());
        assert!(futures::poll!(exceeded.as_mut()).is_pending());
    }
}
