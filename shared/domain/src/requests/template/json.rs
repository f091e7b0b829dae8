//! Reads the values of an event, which are known to be valid JSON, without changing them: numbers,
//! escapes and the order of keys stay. Nothing here recurses, and each function reads each byte
//! once.

use std::borrow::Cow;

use super::cursor::Cursor;

/// Steps to the next member of an object, from its opening bracket or from behind the value of the
/// member before. The key, without quotes and with escapes; at the end of the object, none.
pub(super) fn next_member<'t>(cursor: &mut Cursor<'t>) -> Option<&'t str> {
    let key = match cursor.token()? {
        "{" | "," => cursor.token()?,
        token => token,
    };
    // What ends the object has no quotes.
    let key = unquoted(key)?;
    cursor.token()?;
    Some(key)
}

/// Steps to the next item of an array, from its opening bracket or from behind the item before;
/// tells whether there is one.
pub(super) fn next_item(cursor: &mut Cursor) -> bool {
    let goes_on = matches!(cursor.token(), Some("[" | ","));
    cursor.skip_blanks();
    goes_on && !cursor.eat("]")
}

/// What stands between the quotes, if this is a string.
pub(super) fn unquoted(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}

/// The characters that the inside of a string stands for; none if half of a surrogate pair is among
/// them.
pub(super) fn unescaped(body: &str) -> Option<Cow<'_, str>> {
    if body.contains('\\') {
        let text = serde_json::from_str(&format!("\"{body}\""));
        text.ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(body))
    }
}

/// The same JSON without blanks.
pub(super) fn compact(json: &str) -> String {
    tokens(json).collect()
}

/// An object or array as text, as the inside of a string. An array is its items with commas between
/// them, as in Apify's engine: no brackets, nothing for null. An object, also one in an array, is
/// its JSON.
pub(super) fn text_of_container(json: &str) -> String {
    let mut text = String::new();
    let mut open_objects = 0usize;
    for token in tokens(json) {
        open_objects += usize::from(token == "{");
        if open_objects > 0 {
            push_escaped(&mut text, token);
        } else if !matches!(token, "[" | "]" | "null") {
            text.push_str(unquoted(token).unwrap_or(token));
        }
        open_objects = open_objects.saturating_sub(usize::from(token == "}"));
    }
    text
}

fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut cursor = Cursor::new(json);
    std::iter::from_fn(move || cursor.token())
}

/// JSON inside a string. There are no control characters to escape: a JSON token has none.
fn push_escaped(text: &mut String, token: &str) {
    for character in token.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
}
