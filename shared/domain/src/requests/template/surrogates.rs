//! Halves of surrogate pairs: escapes that JSON's grammar lets through, and that stand for no
//! character. A receiver's parser refuses a body with one in it, whatever the event.

use super::TemplateError;
use super::cursor::{Fault, escape_length};

/// Refuses a template that has half of a pair, and says where.
pub fn refuse_half_pairs(template: &str) -> Result<(), TemplateError> {
    match half_pair(template) {
        None => Ok(()),
        Some(at) => {
            let problem = "this is half of a surrogate pair, and stands for no character";
            Err(TemplateError::new(template, Fault::new(at, problem)))
        }
    }
}

/// The first byte of the first half without its other. Only strings have backslashes.
fn half_pair(template: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = template.get(at..)?.find('\\') {
        at += found;
        let rest = &template[at..];
        let behind = match unit(rest) {
            Some(0xd800..=0xdbff) => match rest.get(6..).and_then(unit) {
                Some(0xdc00..=0xdfff) => 12,
                _ => return Some(at),
            },
            Some(0xdc00..=0xdfff) => return Some(at),
            // Another escape, or none that is known: a backslash that is escaped begins nothing.
            _ => escape_length(rest).unwrap_or(1),
        };
        at += behind;
    }
    None
}

/// The number that `\u` and four digits begin the text with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_is_refused_with_its_place() {
        for (template, place) in [
            (r#"{"a": "\ud83d"}"#, "line 1, column 8"),
            (r#"{"a": "\uDE00"}"#, "line 1, column 8"),
            ("{\n \"a\\ud83dx\": 1}", "line 2, column 4"),
            (r#""\ud83d\ud83d\ude00""#, "line 1, column 2"),
            (r#""\ud83d {{userId}} \ude00""#, "line 1, column 2"),
            (r#""\ud83d\n""#, "line 1, column 2"),
            (r#""é\\\ud83d""#, "line 1, column 5"),
        ] {
            let refusal = refuse_half_pairs(template).unwrap_err().to_string();
            assert!(refusal.starts_with(place), "{template}: {refusal}");
        }
    }

    #[test]
    fn whole_pairs_and_what_only_looks_like_a_half_are_let_through() {
        for template in [
            "",
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\u00e9\\""#,
            r#""😀""#,
            r#"{{resource.ud83d}}"#,
            "\\",
            "\\u12",
        ] {
            assert_eq!(refuse_half_pairs(template), Ok(()), "{template}");
        }
    }
}
