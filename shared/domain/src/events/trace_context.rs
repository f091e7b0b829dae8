//! Where an event belongs in a trace of the platform's (W3C Trace Context): it comes with the
//! event, and goes on to receivers. Nothing is traced here, and without one none is made up.

use std::fmt;

use crate::digest::digest;
use crate::dispatch_id::DispatchId;

/// Lengths of the parts of a `traceparent`, in digits.
const TRACE: usize = 32;
const SPAN: usize = 16;

/// The flags that are passed on: that the trace is sampled, and that its id is random. Others are
/// not ours to set.
const KNOWN_FLAGS: u8 = 0b11;

/// A trace, and the span in it that something belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceContext {
    trace: String,
    span: String,
    flags: u8,
}

impl TraceContext {
    /// Reads a `traceparent`. `None` for what is none: whoever gets such has to go on as if there
    /// were nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace = hex(parts.next()?, TRACE).filter(|trace| !is_zero(trace))?;
        let span = hex(parts.next()?, SPAN).filter(|span| !is_zero(span))?;
        let flags = u8::from_str_radix(hex(parts.next()?, 2)?, 16).ok()?;
        // Later versions may have more parts, and begin with those of this one.
        let fits = match version {
            "00" => parts.next().is_none(),
            other => other != "ff",
        };
        fits.then(|| Self {
            trace: trace.to_owned(),
            span: span.to_owned(),
            flags: flags & KNOWN_FLAGS,
        })
    }

    /// The same trace, for one attempt of a dispatch: a span of ours, which is the same whenever
    /// the attempt is repeated.
    pub fn of_attempt(&self, dispatch: &DispatchId, attempt: u32) -> Self {
        let attempt = attempt.to_be_bytes();
        let of = [
            self.span.as_bytes(),
            dispatch.as_str().as_bytes(),
            attempt.as_slice(),
        ];
        let half = digest(&of).into_iter().take(SPAN / 2);
        let span: String = half.map(|byte| format!("{byte:02x}")).collect();
        Self {
            // All zeros would be no span.
            span: if is_zero(&span) {
                self.span.clone()
            } else {
                span
            },
            ..self.clone()
        }
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent")]
pub struct TraceContextError;

impl TryFrom<String> for TraceContext {
    type Error = TraceContextError;
    fn try_from(text: String) -> Result<Self, TraceContextError> {
        Self::parse(&text).ok_or(TraceContextError)
    }
}

impl From<TraceContext> for String {
    fn from(trace: TraceContext) -> Self {
        trace.to_string()
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, flags } = self;
        write!(f, "00-{trace}-{span}-{flags:02x}")
    }
}

/// So many lower-case hexadecimal digits.
fn hex(text: &str, length: usize) -> Option<&str> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == length && text.bytes().all(is_digit)).then_some(text)
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|digit| digit == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the recommendation.
    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn read(text: &str) -> Option<String> {
        TraceContext::parse(text).map(|trace| trace.to_string())
    }

    #[test]
    fn a_trace_context_is_written_as_it_was_read() {
        assert_eq!(read(GOOD).as_deref(), Some(GOOD));
        for (text, expected) in [
            (GOOD.replace("-01", "-00"), GOOD.replace("-01", "-00")),
            (GOOD.replace("-01", "-ff"), GOOD.replace("-01", "-03")),
            // A later version, with what is known of it.
            (GOOD.replacen("00", "cc", 1), GOOD.to_owned()),
            (
                format!("{}-more", GOOD.replacen("00", "cc", 1)),
                GOOD.to_owned(),
            ),
        ] {
            assert_eq!(read(&text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_trace_context_is_none() {
        for text in [
            "",
            "00",
            &GOOD[1..],
            &GOOD[..54],
            &format!("{GOOD}-more"),
            &format!("{GOOD} "),
            &GOOD.replacen("00", "ff", 1),
            &GOOD.to_uppercase(),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GOOD.replace('-', "_"),
            &GOOD.replace("-01", "-0g"),
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn each_attempt_has_a_span_of_its_own_in_the_same_trace() {
        let trace = TraceContext::parse(GOOD).unwrap();
        let dispatch = |id| DispatchId::parse(id).unwrap();
        let (one, other) = ("A50PsRbHTn0123456789ab", "A50PsRbHTn0123456789ac");
        let first = trace.of_attempt(&dispatch(one), 1);
        assert_eq!(first, trace.of_attempt(&dispatch(one), 1));
        for another in [
            trace.clone(),
            trace.of_attempt(&dispatch(one), 2),
            trace.of_attempt(&dispatch(other), 1),
        ] {
            assert_ne!(first.span, another.span);
            assert_eq!((&first.trace, first.flags), (&another.trace, another.flags));
        }
        assert_eq!(read(&first.to_string()), Some(first.to_string()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = TraceContext::parse(&text);
        }
    }
}
