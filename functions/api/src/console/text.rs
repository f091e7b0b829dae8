//! Events, times and states in plain words.

use std::time::Duration;

use domain::condition::Condition;
use domain::event::Subject;
use domain::event_type::EventType;
use domain::timestamp::Timestamp;
use maud::{Markup, html};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The events of a run that people choose from: name, words, and when it happens.
pub(super) const OF_RUNS: [(EventType, &str, &str); 6] = [
    (
        EventType::RunCreated,
        "Run created",
        "A run is about to start.",
    ),
    (
        EventType::RunSucceeded,
        "Run succeeded",
        "A run finished successfully.",
    ),
    (
        EventType::RunFailed,
        "Run failed",
        "A run has finished with an error.",
    ),
    (
        EventType::RunAborted,
        "Run aborted",
        "Somebody has stopped a run.",
    ),
    (
        EventType::RunTimedOut,
        "Run timed out",
        "A run exceeded its time limit.",
    ),
    (
        EventType::RunResurrected,
        "Run resurrected",
        "A finished run was started again.",
    ),
];

/// The same of builds.
pub(super) const OF_BUILDS: [(EventType, &str, &str); 5] = [
    (
        EventType::BuildCreated,
        "Build created",
        "A build is about to start.",
    ),
    (
        EventType::BuildSucceeded,
        "Build succeeded",
        "A build finished successfully.",
    ),
    (
        EventType::BuildFailed,
        "Build failed",
        "A build has finished with an error.",
    ),
    (
        EventType::BuildAborted,
        "Build aborted",
        "Somebody has stopped a build.",
    ),
    (
        EventType::BuildTimedOut,
        "Build timed out",
        "A build exceeded its time limit.",
    ),
];

/// An event in words.
pub(super) fn event(kind: EventType) -> &'static str {
    words_of(kind).unwrap_or("Test")
}

/// The words for an event of a run or build.
pub(crate) fn words_of(kind: EventType) -> Option<&'static str> {
    let all = OF_RUNS.iter().chain(&OF_BUILDS);
    let mut found = all.filter(|(known, ..)| *known == kind);
    found.next().map(|(_, words, _)| *words)
}

/// What a webhook is for.
pub(super) fn condition(condition: &Condition) -> (&'static str, &str) {
    match condition {
        Condition::Actor(actor) => ("Actor", actor.as_str()),
        Condition::Task(task) => ("Task", task.as_str()),
        Condition::Run(run) => ("Run", run.as_str()),
    }
}

/// What an event is about, with a link where there is more to say and the reader may have it.
pub(super) fn subject(subject: &Subject, leads_to_runs: bool) -> Markup {
    html! {
        @match subject {
            Subject::Run { actor_run_id, .. } => {
                "Run "
                @if leads_to_runs { a.id href={ "/console/runs/" (actor_run_id) } { (actor_run_id) } }
                @else { span.id { (actor_run_id) } }
            }
            Subject::Build { actor_build_id, .. } => { "Build " span.id { (actor_build_id) } }
            Subject::Test => { "Test" }
        }
    }
}

/// A moment: how long ago it was, or when it will be; exactly, for whoever points at it.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    let (past, future) = (at.until(now), now.until(at));
    let words = match (past.as_secs(), future.as_secs()) {
        (0, 0) => "just now".to_owned(),
        (0, _) => format!("in {}", about(future)),
        _ => format!("{} ago", about(past)),
    };
    html! { time datetime=(at) title=(moment(at)) { (words) } }
}

/// How long it is that something began; when that was, for whoever points at it.
pub(super) fn how_long(since: Timestamp, now: Timestamp) -> Markup {
    let time = since.until(now);
    let words = match time.as_secs() {
        0 => "a moment".to_owned(),
        _ => about(time),
    };
    html! { time datetime=(since) title=(moment(since)) { (words) } }
}

/// A moment, exactly.
pub(super) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.trim_end_matches('Z').replacen('T', " ", 1))
}

/// A length of time, in one unit.
fn about(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        0..MINUTE => (seconds, "s"),
        MINUTE..HOUR => (seconds / MINUTE, "min"),
        HOUR..DAY => (seconds / HOUR, "h"),
        _ => (
            seconds / DAY,
            if seconds / DAY == 1 { "day" } else { "days" },
        ),
    };
    format!("{number} {unit}")
}

/// How long something took.
pub(super) fn took(millis: u64) -> String {
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        _ => about(Duration::from_millis(millis)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_people_tell_it() {
        let at = |millis: i64| Timestamp::from_millis(1_700_000_000_000 + millis).unwrap();
        for (millis, words) in [
            (0, "just now"),
            (-5_000, "5 s ago"),
            (-125_000, "2 min ago"),
            (-86_400_000, "1 day ago"),
            (7_200_000, "in 2 h"),
        ] {
            let shown = when(at(millis), at(0)).into_string();
            assert!(shown.contains(&format!(">{words}<")), "{shown}");
        }
        let since = |millis| how_long(at(millis), at(0)).into_string();
        assert!(since(0).contains(">a moment<") && since(-7_300_000).contains(">2 h<"));
        assert_eq!(moment(at(0)), "2023-11-14 22:13:20.000 UTC");
        assert_eq!(
            (took(7), took(1234), took(120_000)),
            ("7 ms".to_owned(), "1.2 s".to_owned(), "2 min".to_owned())
        );
    }
}
