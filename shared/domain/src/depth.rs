//! How deeply JSON is nested, without parsing it: a parser that recurses would be the victim.

/// Deepest nesting of an event message that is accepted.
pub(crate) const MAX_DEPTH: usize = 64;

/// The deepest nesting of objects and arrays in a JSON text. Reads each byte once and never recurses.
pub(crate) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_real_brackets_count() {
        assert_eq!(depth("5"), 0);
        assert_eq!(depth(r#"{"a":[1,{"b":"[[[[\"[[\\"}]}"#), 3);
        assert_eq!(depth(&"[".repeat(100_000)), 100_000);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = depth(&text);
        }
    }
}
