//! Templates: what a user wants to be sent instead of the default payload, and which headers go
//! with it.
//!
//! A template is JSON with variables. `{{resource.id}}` in the place of a value becomes that value,
//! whatever its type. Inside a string it is a variable only if the webhook interpolates strings; a
//! string that is nothing but one variable then becomes the value itself, and any other string
//! takes the variable in as text.
//!
//! A text is checked when it is defined, and what is wrong with it is said then, with line and
//! column. To render is to read it into a tree that says where each variable stands, and to walk
//! that tree: values are cut out of the event as they are and written between what the user wrote.
//! What was inserted is never read again, so data cannot act as template, break out of its string
//! or start a header line.
//!
//! The results are those of Apify's engine, with these differences: data is never interpolated;
//! escapes are counted rightly; `0`, `false` and `""` keep their value; numbers and the order of
//! keys stay as they came; a variable without a value is no text inside text, and an object there
//! is its JSON; names that JavaScript objects have of their own, such as `constructor`, name
//! nothing.

mod context;
mod cursor;
mod header;
mod header_name;
mod headers;
mod interpolation;
mod json;
mod parser;
mod paths;
mod surrogates;
mod tree;
mod values;
mod writer;

pub use context::Context;
pub use header::MAX_HEADER_BYTES;
pub use headers::{HeadersTemplate, MAX_HEADERS};
pub use surrogates::refuse_half_pairs;

use cursor::Fault;
use tree::Tree;
use values::Values;

/// Longest text of a template, in bytes.
pub const MAX_TEMPLATE_BYTES: usize = 64 * 1024;
/// Longest payload that a template may make, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// A payload, except for what each event puts into it. Any JSON value can be a payload. Only the
/// text is held: it is read for each rendering, so that a hundred webhooks take the memory of their
/// texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadTemplate {
    source: String,
    interpolate_strings: bool,
}

impl PayloadTemplate {
    /// Checks a template. The empty text is none: a webhook without a template sends the default
    /// payload.
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

    /// The payload: valid JSON without blanks, except for those in the values inserted. It fails if
    /// it becomes too large, or if the template would not be accepted any more.
    pub fn render(&self, context: &Context) -> Result<String, RenderError> {
        let tree = self.read().map_err(RenderError::PayloadTemplate)?;
        writer::json(
            &tree.root,
            &Values::find(&tree.paths, context),
            MAX_PAYLOAD_BYTES,
        )
        .ok_or(RenderError::TooLarge)
    }

    /// The longest payload of an event whose text has so many bytes: each variable inserts all of
    /// it at most, with a backslash before each character at most.
    pub fn longest(&self, event: usize) -> usize {
        let variables = self.source.matches("{{").count() + self.source.matches("\\u007").count();
        let inserted = variables.saturating_mul(2 * event);
        MAX_PAYLOAD_BYTES.min(self.source.len().saturating_add(inserted))
    }

    fn read(&self) -> Result<Tree<'_>, TemplateError> {
        parser::parse(&self.source, self.interpolate_strings)
            .map_err(|fault| TemplateError::new(&self.source, fault))
    }
}

/// Why a text is no template, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct TemplateError {
    /// Line of the first character that is wrong, from 1.
    pub line: usize,
    /// Its place in the line in characters, from 1.
    pub column: usize,
    problem: String,
}

impl TemplateError {
    fn new(text: &str, fault: Fault) -> Self {
        let before = &text[..text.floor_char_boundary(fault.at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem: fault.problem,
        }
    }
}

/// Why a template cannot be sent with what this event put into it. Another attempt would end the
/// same way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The stored template breaks a rule that came after it.
    #[error("payloadTemplate: {0}")]
    PayloadTemplate(TemplateError),
    /// The same of its headers.
    #[error("headersTemplate: {0}")]
    HeadersTemplate(TemplateError),
    /// The payload became too large.
    #[error("the payload is larger than {MAX_PAYLOAD_BYTES} bytes")]
    TooLarge,
    /// A header's value became one that no request can carry. The value is not shown: it may be a
    /// secret.
    #[error("header {name:?}: {problem}")]
    Header {
        /// Name of the header, in lower case.
        name: String,
        /// What is wrong with its value.
        problem: String,
    },
}

#[cfg(test)]
mod tests;
