//! The limits of SQS: its numbers, and the characters that it takes.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The largest message, and the largest sum of a batch, attributes counted in.
pub(super) const MAX_MESSAGE_BYTES: usize = 1_048_576;
/// Entries of a batch, and messages of a receive.
pub(super) const MAX_BATCH: usize = 10;
/// Messages of one queue that may be received and not yet deleted.
pub(super) const MAX_IN_FLIGHT: usize = 120_000;
/// Attributes of one message.
pub(super) const MAX_ATTRIBUTES: usize = 10;
/// How long a message may stay hidden in all, from its receive on.
pub(super) const MAX_VISIBILITY: Duration = Duration::from_secs(43_200);
/// How long a message may be delayed.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(900);
/// How long a receive may wait.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(20);
/// Received so often and still there, a message no longer counts for the age of its queue.
pub(super) const RECEIVES_OF_POISON: u32 = 3;
/// How long a queue that was purged cannot be purged again.
pub(super) const PURGE_PAUSE: Duration = Duration::from_secs(60);

pub(super) const RETENTION_SECONDS: RangeInclusive<u64> = 60..=1_209_600;
pub(super) const MESSAGE_SIZE_BYTES: RangeInclusive<u64> = 1024..=MAX_MESSAGE_BYTES as u64;
pub(super) const RECEIVE_COUNT: RangeInclusive<u64> = 1..=1000;
pub(super) const MOVES_PER_SECOND: RangeInclusive<u32> = 1..=500;

/// Why SQS refuses this text: it takes only what XML 1.0 can carry.
pub(super) fn refused_character(text: &str) -> Option<String> {
    let refused = text.chars().find(|&character| !is_allowed(character))?;
    Some(format!(
        "Invalid binary character '#x{:X}' was found in the message body, \
         the set of allowed characters is \
         #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].",
        u32::from(refused)
    ))
}

fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether this can be the id of a message group: 1 to 128 letters, digits and punctuation marks.
pub(super) fn is_group_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
