//! Just enough XML to write the answers of AWS's query protocol.

use std::fmt::Write;

/// An element with text in it.
pub(super) fn text(name: &str, text: &str) -> String {
    let mut element = format!("<{name}>");
    for letter in text.chars() {
        match letter {
            '&' => element.push_str("&amp;"),
            '<' => element.push_str("&lt;"),
            '>' => element.push_str("&gt;"),
            letter => element.push(letter),
        }
    }
    // Writing to a string does not fail.
    let _ = write!(element, "</{name}>");
    element
}

/// An element with others in it.
pub(super) fn element(name: &str, children: impl IntoIterator<Item = String>) -> String {
    let children: String = children.into_iter().collect();
    format!("<{name}>{children}</{name}>")
}

/// A list, as the query protocol writes it.
pub(super) fn list(name: &str, members: impl IntoIterator<Item = Vec<String>>) -> String {
    let members = members.into_iter();
    element(name, members.map(|children| element("member", children)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(text("a", "1 < 2 & 3 > 2"), "<a>1 &lt; 2 &amp; 3 &gt; 2</a>");
    }

    #[test]
    fn a_list_has_members() {
        let members = [vec![text("b", "1")], vec![text("b", "2")]];
        assert_eq!(
            list("a", members),
            "<a><member><b>1</b></member><member><b>2</b></member></a>"
        );
    }
}
