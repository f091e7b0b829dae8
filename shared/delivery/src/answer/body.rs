//! Where a body ends, and its start.

use super::excerpt::READ;
use super::inbox::Inbox;

/// Longest line that says how long a chunk is.
const LONGEST_LINE: usize = 4096;

/// How a body is told from what follows it, and how much of it is still to come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Length(u64),
    Chunks(Chunk),
    UntilClose,
}

/// What comes next of a body in chunks (RFC 9112, section 7.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Size,
    Bytes(u64),
    /// The end of the line after the bytes.
    Break,
    Trailer,
}

/// What became of the bytes that are there.
pub(super) enum Step {
    Again,
    Starved,
    Over {
        /// The body has come to its end.
        is_whole: bool,
    },
}

impl Body {
    /// Makes a step with what is there, and keeps the start of the body.
    pub(super) fn step(&mut self, inbox: &mut Inbox, start: &mut Vec<u8>) -> Step {
        match self {
            Self::Length(left) => {
                take(left, inbox, start);
                match (*left, start.len() < READ) {
                    (0, _) => Step::Over { is_whole: true },
                    (_, true) => Step::Starved,
                    (_, false) => Step::Over { is_whole: false },
                }
            }
            Self::UntilClose => {
                let mut endless = u64::MAX;
                take(&mut endless, inbox, start);
                match start.len() < READ {
                    true => Step::Starved,
                    false => Step::Over { is_whole: false },
                }
            }
            Self::Chunks(chunk) => chunk.step(inbox, start),
        }
    }
}

impl Chunk {
    fn step(&mut self, inbox: &mut Inbox, start: &mut Vec<u8>) -> Step {
        if let Self::Bytes(left) = self {
            take(left, inbox, start);
            if *left > 0 {
                return match start.len() < READ {
                    true => Step::Starved,
                    false => Step::Over { is_whole: false },
                };
            }
            *self = Self::Break;
            return Step::Again;
        }
        let Some(line) = inbox.line() else {
            return match inbox.rest().len() < LONGEST_LINE {
                true => Step::Starved,
                false => Step::Over { is_whole: false },
            };
        };
        *self = match (&self, size(&line)) {
            (Self::Size, Some(0)) => Self::Trailer,
            (Self::Size, Some(size)) => Self::Bytes(size),
            (Self::Break, _) if line.is_empty() => Self::Size,
            (Self::Trailer, _) if line.is_empty() => return Step::Over { is_whole: true },
            (Self::Trailer, _) => Self::Trailer,
            _ => return Step::Over { is_whole: false },
        };
        Step::Again
    }
}

/// Takes what is there of so many bytes, and keeps what is missing at the start.
fn take(left: &mut u64, inbox: &mut Inbox, start: &mut Vec<u8>) {
    let there = inbox.rest();
    let count = usize::try_from(*left).map_or(there.len(), |left| left.min(there.len()));
    let kept = count.min(READ - start.len());
    start.extend_from_slice(&there[..kept]);
    // What is beyond the start stays where it is: the connection is not used again.
    inbox.skip(kept);
    *left -= kept as u64;
}

/// How long a chunk is, from its line. What else is in it has no meaning here.
fn size(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let digits = text.split([';', ' ', '\t']).next()?;
    let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u64::from_str_radix(digits, 16).ok())?
}
