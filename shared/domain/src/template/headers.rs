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

/// Headers, except for what each event puts into them.
#[derive(Clone, PartialEq, Eq)]
pub struct HeadersTemplate {
    source: String,
    headers: Vec<Header>,
    paths: Paths,
}

impl HeadersTemplate {
    /// Reads a template. It must be an object whose values are strings or variables. Names are checked here, and values as far as they
    /// are known. Of names that differ only in case, the last counts.
    ///
    /// The headers that Apify documents as always rewritten are accepted and left out, so that templates made for Apify work. Others
    /// that belong to the connection, to the framing of the request or to its signature are refused.
    pub fn parse(text: &str, interpolate_strings: bool) -> Result<Self, TemplateError> {
        let read = || {
            let Tree { root, paths } = parser::parse(text, interpolate_strings)?;
            Ok((headers(root)?, paths))
        };
        let (headers, paths) = read().map_err(|fault| TemplateError::new(text, fault))?;
        Ok(Self {
            source: text.to_owned(),
            headers,
            paths,
        })
    }

    /// The text, as the user wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The headers that go with an event: names as they are written, each once whatever its case, and none of the system's; values without
    /// control characters.
    ///
    /// A variable that is a whole value is written as text: numbers and booleans as they are, objects and arrays as JSON. If it is null
    /// or missing, its header is not sent.
    pub fn render(&self, context: &Context) -> Result<Vec<(String, String)>, RenderError> {
        let values = Values::find(&self.paths, context);
        let mut rendered = Vec::new();
        for header in &self.headers {
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
}

impl fmt::Debug for HeadersTemplate {
    /// Names only: values are often secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.iter().map(Header::name);
        f.debug_set().entries(names).finish()
    }
}

fn headers(root: Node) -> Result<Vec<Header>, Fault> {
    let Node::Object(members) = root else {
        return Err(Fault::new(0, "headers must be a JSON object"));
    };
    let mut headers: Vec<Header> = Vec::new();
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
