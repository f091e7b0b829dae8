//! What becomes of a pretend run: chosen by its input.

use std::time::Duration;

use serde::Deserialize;

/// How a run ends, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Course {
    pub(super) end: End,
    pub(super) after: Duration,
}

/// How a run ends. Apify's word for a time-out has changed; runs with the old one can be had too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub(super) enum End {
    #[default]
    #[serde(rename = "SUCCEEDED")]
    Succeeded,
    #[serde(rename = "FAILED")]
    Failed,
    #[serde(rename = "ABORTED")]
    Aborted,
    #[serde(rename = "TIMED-OUT")]
    TimedOut,
    #[serde(rename = "TIMEDOUT")]
    TimedoutAsOfOld,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(default)]
    finish_as: End,
    #[serde(default = "a_second")]
    after_ms: u32,
}

impl Course {
    /// The course that an input asks for; the usual one if it does not ask, as any actor ignores
    /// what it does not know.
    pub(super) fn of(input: &[u8]) -> Self {
        let usual = Input {
            finish_as: End::default(),
            after_ms: a_second(),
        };
        let Input {
            finish_as,
            after_ms,
        } = serde_json::from_slice(input).unwrap_or(usual);
        Course {
            end: finish_as,
            after: Duration::from_millis(after_ms.into()),
        }
    }
}

impl End {
    /// The run's status.
    pub(super) fn status(self) -> &'static str {
        match self {
            End::Succeeded => "SUCCEEDED",
            End::Failed => "FAILED",
            End::Aborted => "ABORTED",
            End::TimedOut => "TIMED-OUT",
            End::TimedoutAsOfOld => "TIMEDOUT",
        }
    }

    /// The type of the event.
    pub(super) fn event_type(self) -> &'static str {
        match self {
            End::Succeeded => "ACTOR.RUN.SUCCEEDED",
            End::Failed => "ACTOR.RUN.FAILED",
            End::Aborted => "ACTOR.RUN.ABORTED",
            End::TimedOut => "ACTOR.RUN.TIMED_OUT",
            End::TimedoutAsOfOld => "ACTOR.RUN.TIMEDOUT",
        }
    }
}

fn a_second() -> u32 {
    1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_chooses_the_course_and_any_other_is_ignored() {
        let course = |end, after| Course {
            end,
            after: Duration::from_millis(after),
        };
        let cases = [
            (
                r#"{"finishAs":"TIMED-OUT","afterMs":5}"#,
                course(End::TimedOut, 5),
            ),
            (
                r#"{"finishAs":"TIMEDOUT"}"#,
                course(End::TimedoutAsOfOld, 1000),
            ),
            (r#"{"afterMs":0,"startUrls":[]}"#, course(End::Succeeded, 0)),
            (r#"{"finishAs":"EXPLODED"}"#, course(End::Succeeded, 1000)),
            ("null", course(End::Succeeded, 1000)),
            ("", course(End::Succeeded, 1000)),
        ];
        for (input, expected) in cases {
            assert_eq!(Course::of(input.as_bytes()), expected, "{input}");
        }
    }
}
