//! The `webhooks` parameter: base64, as leniently as Node's `Buffer` and Python's `b64decode` read
//! it.
//!
//! Official clients send standard base64 with padding. Hand-made parameters come in other ways, and
//! none of them is ambiguous: in the URL-safe alphabet, without padding, in lines, percent-encoded
//! once or twice, as Python shows bytes (`b'…'`), with spaces in the place of `+` (which is what an
//! unescaped `+` in a URL becomes), and as what a program writes that has nothing to send.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode;
use serde::de::IgnoredAny;

/// How often a parameter may have been percent-encoded on its way.
const PERCENT_ENCODINGS: usize = 3;

/// What programs write where there is nothing: JavaScript, Python, and shells.
const NOTHING: [&str; 6] = ["", "undefined", "null", "None", "nil", "[]"];

/// What a parameter holds.
pub(super) enum Content {
    Nothing,
    Json(String),
    Unreadable(String),
}

/// Decodes a parameter.
pub(super) fn content(parameter: &str) -> Content {
    let text = bare(&without_percents(parameter));
    if NOTHING.contains(&text.as_str()) {
        return Content::Nothing;
    }
    if text.starts_with(['[', '{']) {
        return Content::Unreadable("not base64: it looks like the JSON itself".to_owned());
    }
    // A space is either part of the line or what has become of a `+`: the reading that makes JSON
    // is right.
    let readings = [text.replace(' ', "+"), text];
    let mut problem = None;
    for reading in readings {
        match json_of(&reading) {
            Ok(json) if json.trim() == "null" || json.trim().is_empty() => return Content::Nothing,
            Ok(json) => return Content::Json(json),
            Err(reason) => problem = problem.or(Some(reason)),
        }
    }
    Content::Unreadable(problem.unwrap_or_default())
}

/// The text without percent-encoding, which no base64 has in it.
fn without_percents(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..PERCENT_ENCODINGS {
        bytes = percent_decode(&bytes).collect();
    }
    bytes
}

/// What stands inside of quotes, without the marks of lines, and without what Python writes around
/// bytes.
fn bare(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let quoted = text
        .strip_prefix(['b', 'B'])
        .filter(|rest| rest.starts_with(['\'', '"']));
    let text = quoted.unwrap_or(text).trim_matches(['\'', '"']);
    // As Python and JSON show the ends of lines; the characters themselves are blanks.
    let mut text = text.replace("\\r", "").replace("\\n", "");
    text.retain(|c| c == ' ' || !c.is_whitespace());
    text.trim().to_owned()
}

/// The JSON that this is base64 of. What is no digit of base64 is passed over, and padding ends it.
fn json_of(text: &str) -> Result<String, String> {
    let digits = text.split('=').next().unwrap_or_default();
    let mut is_clean = true;
    let mut kept: Vec<u8> = Vec::with_capacity(digits.len());
    for byte in digits.bytes() {
        match byte {
            b'-' => kept.push(b'+'),
            b'_' => kept.push(b'/'),
            b'+' | b'/' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => kept.push(byte),
            b' ' => {}
            _ => is_clean = false,
        }
    }
    // Six bits are no octet: a digit too many is passed over, too.
    if kept.len() % 4 == 1 {
        kept.pop();
    }
    let wrong = |problem: String| {
        if is_clean {
            problem
        } else {
            "not base64: it has characters that are no digits of it".to_owned()
        }
    };
    let decoded = LENIENT
        .decode(&kept)
        .map_err(|error| format!("not base64: {error}"))?;
    let json = String::from_utf8(decoded)
        .map_err(|_| wrong("the decoded text is not UTF-8, as JSON is".to_owned()))?;
    let json = json.trim_start_matches('\u{feff}').to_owned();
    match serde_json::from_str::<IgnoredAny>(&json) {
        Ok(_) => Ok(json),
        Err(_) if json.trim().is_empty() && is_clean => Ok(json),
        Err(error) => Err(wrong(format!(
            "the decoded text is not a JSON array: {error}"
        ))),
    }
}

/// Padding is cut off before, and a last digit may have stray bits.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
