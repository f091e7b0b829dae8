//! Finds the variables inside a string.

use super::cursor::escape_length;

/// A part of a string's inside.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'b> {
    /// Text, with its escapes.
    Literal(&'b str),
    /// A variable, and where it starts.
    Variable { name: String, at: usize },
}

/// Splits the inside of a string. A variable is two opening braces, a name of letters, digits and
/// dots, and two closing braces, each of them plain or escaped; whatever else stands in braces is
/// text.
pub(super) fn parts(body: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut at, mut literal) = (0, 0);
    while at < body.len() {
        let Some((name, end)) = variable(body, at) else {
            at += unit(body, at).1;
            continue;
        };
        if literal < at {
            parts.push(Part::Literal(&body[literal..at]));
        }
        parts.push(Part::Variable { name, at });
        (at, literal) = (end, end);
    }
    if literal < body.len() {
        parts.push(Part::Literal(&body[literal..]));
    }
    parts
}

/// The name of the variable that starts here, and where it ends. A name is read only behind two
/// braces, and has none in it: so no character is read more than three times.
fn variable(body: &str, start: usize) -> Option<(String, usize)> {
    let mut at = braces(body, start, b'{')?;
    let mut name = String::new();
    while let (Some(byte), length) = unit(body, at)
        && (byte.is_ascii_alphanumeric() || byte == b'.')
    {
        name.push(char::from(byte));
        at += length;
    }
    let end = braces(body, at, b'}')?;
    (!name.is_empty()).then_some((name, end))
}

/// Where two such braces end, if they start here.
fn braces(body: &str, start: usize, brace: u8) -> Option<usize> {
    let (first, length) = unit(body, start);
    let (second, more) = unit(body, start + length);
    (first == Some(brace) && second == Some(brace)).then_some(start + length + more)
}

/// The byte that is written here, plain or as `\u007b`, and how long it is in the text. Other
/// escapes stand for nothing that a variable is made of.
fn unit(body: &str, at: usize) -> (Option<u8>, usize) {
    let Some(&byte) = body.as_bytes().get(at) else {
        return (None, 0);
    };
    if byte != b'\\' {
        return (Some(byte), 1);
    }
    let escape = &body[at..];
    match escape_length(escape) {
        Some(6) => {
            let code = u32::from_str_radix(&escape[2..6], 16).ok();
            (code.and_then(|code| u8::try_from(code).ok()), 6)
        }
        length => (None, length.unwrap_or(1)),
    }
}
