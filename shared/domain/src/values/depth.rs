//! How deeply JSON is nested, without parsing it: a parser that recurses would be the victim.

/// Deepest nesting of an event message that is accepted.
pub(crate) const MAX_DEPTH: usize = 64;

/// The deepest nesting of objects and arrays in a JSON text. Reads each byte once and never
/// recurses.
pub(crate) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut rest = json.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'"' => rest = behind_string(behind),
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// What follows the string whose text begins here.
fn behind_string(mut text: &[u8]) -> &[u8] {
    // Most bytes of a message are in strings, and most of those are neither.
    while let Some(place) = text.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
        let length = if text[place] == b'"' { 1 } else { 2 };
        text = text.get(place + length..).unwrap_or_default();
        if length == 1 {
            return text;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_real_brackets_count() {
        assert_eq!(depth("5"), 0);
        assert_eq!(depth(r#"{"a":[1,{"b":"[[[[\"[[\\"}]}"#), 3);
        assert_eq!(depth(&"[".repeat(100_000)), 100_000);
        assert_eq!(depth(r#"[["a\\"],["b\\\"]"]]"#), 2);
        assert_eq!(depth(r#"["never ends [["#), 1);
        assert_eq!(depth(r#"["ends in \"#), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = depth(&text);
        }
    }
}
