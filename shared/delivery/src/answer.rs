//! What is kept of an answer's body: its start, as text.

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

/// How much is kept, in bytes of UTF-8.
const KEPT: usize = 2048;
/// How much is read: enough to see a character that begins within the part to keep to its end.
const READ: usize = KEPT + 3;

/// The start of the body, as far as it comes before the deadline; `None` when nothing came.
///
/// A body that breaks off, hangs or is of no known encoding is no failure: what came of it is kept. When there is more than is read, the
/// connection is dropped with it; when the body has ended, the connection goes back to the pool.
pub(crate) async fn body_head(mut answer: Response, deadline: Instant) -> Option<String> {
    let mut head = Vec::new();
    while head.len() < READ {
        let Ok(Ok(Some(chunk))) = timeout_at(deadline, answer.chunk()).await else {
            break;
        };
        let missing = READ - head.len();
        head.extend_from_slice(&chunk[..chunk.len().min(missing)]);
    }
    text(&head)
}

fn text(head: &[u8]) -> Option<String> {
    // Never shorter than the bytes: what is no UTF-8 becomes a mark of three.
    let mut text = String::from_utf8_lossy(head).into_owned();
    text.truncate(text.floor_char_boundary(KEPT));
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_body_is_kept_as_none() {
        assert_eq!(text(b""), None);
    }

    #[test]
    fn bytes_that_are_no_text_become_marks_and_stay_within_the_cap() {
        assert_eq!(text(b"a\xffb").as_deref(), Some("a\u{fffd}b"));
        let marks = text(&[0xff; READ]).unwrap();
        assert_eq!(marks.chars().count(), KEPT / '\u{fffd}'.len_utf8());
    }

    #[test]
    fn a_character_is_kept_whole_or_not_at_all() {
        for character in ["é", "€", "🦀"] {
            for before in KEPT - 4..=KEPT {
                let body = "x".repeat(before) + &character.repeat(4);
                let read = &body.as_bytes()[..READ.min(body.len())];
                let kept = text(read).unwrap();
                let whole = (KEPT - before) / character.len();
                assert_eq!(kept, "x".repeat(before) + &character.repeat(whole));
            }
        }
    }
}
