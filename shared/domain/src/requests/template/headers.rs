//! The headers template: a JSON object of names and values, with variables.

use std::fmt;

use super::context::Context;
use super::cursor::Fault;
use super::header::Header;
use super::paths::Paths;
use super::tree::{Node, Tree};
use super::values::Values;
use super::{RenderError, TemplateError, parser};

/// Most headers that a template may set.
pub const MAX_HEADERS: usize = 50;

/// Headers, except for what each event puts into them. Only the text is held: it is read for each
/// rendering.
#[derive(Clone, PartialEq, Eq)]
pub struct HeadersTemplate {
    source: String,
    interpolate_strings: bool,
}

impl HeadersTemplate {
    /// Checks a template. It must be an object whose values are strings or variables. Names are
    /// checked here, and values as far as they are known. Of names that differ only in case, the
    /// last counts.
    ///
    /// The headers that Apify documents as always rewritten are accepted and left out, so that
    /// templates made for Apify work. Others that belong to the connection, to the framing of the
    /// request or to its signature are refused.
    pub fn parse(text: &str, interpolate_strings: bool) -> Result<Self, TemplateError> {
        let template = Self::stored(text.to_owned(), interpolate_strings);
        template.read()?;
        Ok(template)
    }

    /// A template that was checked when it was defined. If the rules have become stricter since,
    /// rendering it fails.
    pub fn stored(source: String, interpolate_strings: bool) -> Self {
        Self {
            source,
            interpolate_strings,
        }
    }

    /// The text, as the user wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The headers that go with an event: names as they are written, each once whatever its case,
    /// and none of the system's; values without control characters.
    ///
    /// A variable that is a whole value is written as text: numbers and booleans as they are,
    /// objects and arrays as JSON. If it is null or missing, its header is not sent.
    pub fn render(&self, context: &Context) -> Result<Vec<(String, String)>, RenderError> {
        let (headers, paths) = self.read().map_err(RenderError::HeadersTemplate)?;
        let values = Values::find(&paths, context);
        let mut rendered = Vec::new();
        for header in &headers {
            let name = header.name().to_owned();
            match header.render(&values) {
                Ok(Some(value)) => rendered.push((name, value)),
                Ok(None) => {}
                Err(problem) => {
                    // As in the errors of a definition.
                    let name = name.to_ascii_lowercase();
                    return Err(RenderError::Header { name, problem });
                }
            }
        }
        Ok(rendered)
    }

    fn read(&self) -> Result<(Vec<Header<'_>>, Paths), TemplateError> {
        let read = || {
            let Tree { root, paths } = parser::parse(&self.source, self.interpolate_strings)?;
            Ok((headers(root)?, paths))
        };
        read().map_err(|fault| TemplateError::new(&self.source, fault))
    }
}

impl fmt::Debug for HeadersTemplate {
    /// Its size only: values are often secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeadersTemplate({} bytes)", self.source.len())
    }
}

fn headers(root: Node<'_>) -> Result<Vec<Header<'_>>, Fault> {
    let Node::Object(members) = root else {
        return Err(Fault::new(0, "headers must be a JSON object"));
    };
    let mut headers: Vec<Header<'_>> = Vec::new();
    for member in members {
        let at = member.at;
        let header = Header::of(member).map_err(|problem| Fault::new(at, problem))?;
        let Some(header) = header else {
            continue;
        };
        headers.retain(|known| !known.name().eq_ignore_ascii_case(header.name()));
        headers.push(header);
        if headers.len() > MAX_HEADERS {
            let problem = format!("a template has at most {MAX_HEADERS} headers");
            return Err(Fault::new(at, problem));
        }
    }
    Ok(headers)
}
