//! What is kept of an answer's body: its start, as text.

use encoding_rs::{Encoding, UTF_8};

/// How much is kept, in bytes of UTF-8.
const KEPT: usize = 2048;
/// How much is read: enough to see a character that begins within the part to keep to its end.
pub(super) const READ: usize = KEPT + 3;

/// The start of a body, in the charset that its mark or its type says, else in UTF-8. Bytes that
/// are no text become marks. `is_whole` says that nothing follows, so that the start of a character
/// at the end is one of those.
pub(super) fn text(start: &[u8], content_type: Option<&str>, is_whole: bool) -> Option<String> {
    let encoding = content_type.and_then(charset).unwrap_or(UTF_8);
    let mut decoder = encoding.new_decoder();
    let longest = decoder.max_utf8_buffer_length(start.len())?;
    let mut text = String::with_capacity(longest);
    let _ = decoder.decode_to_string(start, &mut text, is_whole);
    text.truncate(text.floor_char_boundary(KEPT));
    (!text.is_empty()).then_some(text)
}

fn charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("charset");
        let label = value.trim().trim_matches(['"', '\'']);
        is_it.then(|| Encoding::for_label(label.as_bytes()))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(start: &[u8]) -> Option<String> {
        text(start, None, true)
    }

    #[test]
    fn no_body_is_kept_as_none() {
        assert_eq!(utf8(b""), None);
    }

    #[test]
    fn bytes_that_are_no_text_become_marks_and_stay_within_the_cap() {
        assert_eq!(utf8(b"a\xffb").as_deref(), Some("a\u{fffd}b"));
        let marks = utf8(&[0xff; READ]).unwrap();
        assert_eq!(marks.chars().count(), KEPT / '\u{fffd}'.len_utf8());
    }

    #[test]
    fn a_character_is_kept_whole_or_not_at_all() {
        for character in ["é", "€", "🦀"] {
            for before in KEPT - 4..=KEPT {
                let body = "x".repeat(before) + &character.repeat(4);
                let read = &body.as_bytes()[..READ.min(body.len())];
                let kept = utf8(read).unwrap();
                let whole = (KEPT - before) / character.len();
                assert_eq!(kept, "x".repeat(before) + &character.repeat(whole));
            }
        }
    }

    #[test]
    fn a_body_is_read_in_the_charset_that_it_says() {
        for (content_type, body, expected) in [
            ("text/plain; charset=iso-8859-1", &b"caf\xe9"[..], "café"),
            ("text/plain; charset=\"windows-1252\"", b"\x80 5", "€ 5"),
            ("text/html;Charset = Shift_JIS ", b"\x93\xfa\x96{", "日本"),
            ("text/html; a=b; charset='euc-jp'", b"\xc6\xfc", "日"),
            ("text/plain; charset=utf-16le", b"h\0i\0", "hi"),
            ("text/plain", b"\xff\xfeh\0i\0", "hi"),
            ("text/plain; charset=utf-8", b"\xef\xbb\xbfhi", "hi"),
            ("text/plain; charset=gb18030", b"\xc4\xe3", "你"),
            ("text/plain; charset=klingon", "é".as_bytes(), "é"),
            ("charset=iso-8859-1", "é".as_bytes(), "é"),
            ("", "é".as_bytes(), "é"),
        ] {
            let text = text(body, Some(content_type), true);
            assert_eq!(text.as_deref(), Some(expected), "{content_type}");
        }
    }

    #[test]
    fn of_a_character_that_was_cut_off_nothing_is_shown_unless_the_body_ended_so() {
        let cut = &"a€".as_bytes()[..3];
        assert_eq!(text(cut, None, false).as_deref(), Some("a"));
        assert_eq!(text(cut, None, true).as_deref(), Some("a\u{fffd}"));
    }
}
