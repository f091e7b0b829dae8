//! Wildcards: `*` is any text, `?` any one character.

/// Whether `text` is what `pattern` says, in every letter.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Where to go on when the text after the last `*` turns out to be another.
    let mut last_star = None;
    let (mut at, mut place) = (0, 0);
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                last_star = Some((at, place));
                at += 1;
            }
            Some(expected) if *expected == '?' || *expected == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star, begin)) = last_star else {
                    return false;
                };
                last_star = Some((star, begin + 1));
                at = star + 1;
                place = begin + 1;
            }
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "any"),
            ("a*c", "abc"),
            ("a*c", "ac"),
            ("a*bc*", "abbcbc"),
            ("T#*", "T#12"),
            ("a?c", "abc"),
            ("arn:aws:sqs:*:*:q", "arn:aws:sqs:us-east-1:1:q"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a?c", "ac"),
            ("a*c", "abcd"),
            ("T#*", "U#T#"),
            ("abc", "ABC"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
