//! Log lines: JSON, at the level that the template sets, without anything secret.
//!
//! The level applies to our own crates. Other crates' lines are kept from WARN on, whatever the
//! level, because below that, libraries log what they are given: `lambda_runtime` each payload,
//! with its API tokens, and the AWS SDKs requests and responses, including the master key.
//!
//! Each line has a `timestamp` and a `level`, which Lambda reads: a JSON line without them counts
//! as INFO, and is dropped if the template asks for less.

use std::sync::OnceLock;

use lambda_runtime::tracing::Metadata;
use lambda_runtime::tracing::subscriber::filter::{FilterFn, LevelFilter};
use lambda_runtime::tracing::subscriber::prelude::*;
use lambda_runtime::tracing::subscriber::{fmt, registry};

/// The crates whose lines are kept from the chosen level on.
const OURS: [&str; 10] = [
    "api", "deliver", "delivery", "domain", "ingest", "queue", "runtime", "secrets", "store",
    "sweep",
];

/// Puts each invocation into a span, which tells requests apart.
const NAMES_THE_REQUEST: &str = "lambda_runtime";

/// The levels that Lambda knows, each with what it means here.
const LEVELS: [(&str, LevelFilter); 6] = [
    ("TRACE", LevelFilter::TRACE),
    ("DEBUG", LevelFilter::DEBUG),
    ("INFO", LevelFilter::INFO),
    ("WARN", LevelFilter::WARN),
    ("ERROR", LevelFilter::ERROR),
    ("FATAL", LevelFilter::OFF),
];

/// The variables in which Lambda passes its logging controls to a function.
struct Controls {
    level: (&'static str, LevelFilter),
    is_json: bool,
}

/// Writes log lines as Lambda's logging controls require.
pub fn init_logs() {
    let controls = controls();
    let chosen = controls.level.1;
    let kept = FilterFn::new(move |line| is_kept(line, chosen))
        .with_max_level_hint(chosen.max(LevelFilter::INFO));
    let lines = fmt::layer().with_target(false);
    if controls.is_json {
        let lines = lines.json().with_span_list(false);
        registry().with(lines.with_filter(kept)).init();
    } else {
        registry().with(lines.with_filter(kept)).init();
    }
}

/// The level of a line that must always be kept: the lowest that Lambda lets through. A higher one
/// would be kept, too, but found by whoever looks for errors.
pub(crate) fn least_kept() -> &'static str {
    controls().level.0
}

fn is_kept(line: &Metadata<'_>, chosen: LevelFilter) -> bool {
    let whose = line.target().split("::").next().unwrap_or_default();
    let most = match whose {
        ours if OURS.contains(&ours) => chosen,
        NAMES_THE_REQUEST if line.is_span() => LevelFilter::INFO,
        _ => chosen.min(LevelFilter::WARN),
    };
    *line.level() <= most
}

#[expect(
    clippy::disallowed_methods,
    reason = "variables of Lambda's own, that every runtime reads"
)]
fn controls() -> &'static Controls {
    static CONTROLS: OnceLock<Controls> = OnceLock::new();
    CONTROLS.get_or_init(|| {
        let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
        let format = std::env::var("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
        Controls {
            level: level_of(&level),
            is_json: format.eq_ignore_ascii_case("JSON"),
        }
    })
}

/// Without a level that Lambda knows it is INFO, as in Lambda.
fn level_of(text: &str) -> (&'static str, LevelFilter) {
    let known = LEVELS
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.unwrap_or(("INFO", LevelFilter::INFO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::io;
    use std::sync::{Arc, Mutex};

    use lambda_runtime::tracing::subscriber::fmt::MakeWriter;
    use lambda_runtime::tracing::{self, Level, subscriber};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Written {
        type Writer = Self;
        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// What this level lets through, of our own lines and of others.
    fn written(chosen: LevelFilter) -> String {
        let written = Written::default();
        let kept = FilterFn::new(move |line| is_kept(line, chosen));
        let lines = fmt::layer().with_writer(written.clone()).with_filter(kept);
        let guard = subscriber::registry().with(lines).set_default();
        tracing::info_span!(target: "lambda_runtime::layers::trace", "invoke", requestId = "request-1").in_scope(|| {
            tracing::event!(target: "deliver::attempt", Level::TRACE, "our trace");
            tracing::event!(target: "store", Level::WARN, "our warning");
            tracing::event!(target: "lambda_runtime::layers", Level::TRACE, "a payload");
            tracing::event!(target: "aws_smithy_runtime", Level::DEBUG, "a request");
            tracing::event!(target: "deliver_me", Level::INFO, "not ours");
            tracing::event!(target: "hyper_util", Level::WARN, "their warning");
        });
        drop(guard);
        String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn below_warn_only_our_own_lines_are_written() {
        let written = written(LevelFilter::TRACE);
        for line in ["our trace", "our warning", "their warning"] {
            assert!(written.contains(line), "{written}");
        }
        for line in ["a payload", "a request", "not ours"] {
            assert!(!written.contains(line), "{written}");
        }
    }

    #[test]
    fn a_higher_level_is_for_everybody_and_leaves_the_request_named() {
        let warnings = written(LevelFilter::WARN);
        assert_eq!(warnings.lines().count(), 2, "{warnings}");
        assert_eq!(warnings.matches("request-1").count(), 2, "{warnings}");
        assert_eq!(written(LevelFilter::ERROR), "");
    }

    #[test]
    fn our_own_crates_are_those_of_the_tree() {
        let of = |place: &str| {
            let directory = format!("{}/../../{place}", env!("CARGO_MANIFEST_DIR"));
            let entries = std::fs::read_dir(directory).unwrap();
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap())
        };
        let crates: BTreeSet<String> = of("functions").chain(of("shared")).collect();
        assert_eq!(crates, OURS.map(str::to_owned).into());
    }

    #[test]
    fn a_level_is_one_that_lambda_knows_or_info() {
        for (text, expected) in [
            ("TRACE", "TRACE"),
            ("warn", "WARN"),
            ("FATAL", "FATAL"),
            ("", "INFO"),
            ("LOUD", "INFO"),
        ] {
            assert_eq!(level_of(text).0, expected);
        }
    }
}
