//! Writes what a template makes of the values of an event.

use super::tree::{Member, Node, Piece};
use super::values::Values;

/// The value as JSON; none if it is longer than `limit`. Nothing longer is ever built.
pub(super) fn json(node: &Node, values: &Values, limit: usize) -> Option<String> {
    let mut writer = Writer::new(values, limit);
    writer.node(node)?;
    Some(writer.text)
}

/// The inside of a string, with escapes; none if it is longer than `limit`.
pub(super) fn text(pieces: &[Piece], values: &Values, limit: usize) -> Option<String> {
    let mut writer = Writer::new(values, limit);
    writer.pieces(pieces)?;
    Some(writer.text)
}

struct Writer<'v, 'c> {
    values: &'v Values<'c>,
    text: String,
    limit: usize,
}

impl<'v, 'c> Writer<'v, 'c> {
    fn new(values: &'v Values<'c>, limit: usize) -> Self {
        Self {
            values,
            text: String::new(),
            limit,
        }
    }

    fn push(&mut self, text: &str) -> Option<()> {
        if text.len() > self.limit - self.text.len() {
            return None;
        }
        self.text.push_str(text);
        Some(())
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Constant(text) => self.push(text),
            Node::Text(pieces) => {
                self.push("\"")?;
                self.pieces(pieces)?;
                self.push("\"")
            }
            Node::Value(slot) | Node::Quoted(slot) => {
                let values = self.values;
                self.push(values.value(*slot).unwrap_or("null"))
            }
            Node::Array(items) => {
                self.push("[")?;
                for (index, item) in items.iter().enumerate() {
                    self.push(if index == 0 { "" } else { "," })?;
                    self.node(item)?;
                }
                self.push("]")
            }
            Node::Object(members) => self.members(members),
        }
    }

    fn pieces(&mut self, pieces: &[Piece]) -> Option<()> {
        let values = self.values;
        pieces.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => self.push(text),
            Piece::Variable(slot) => self.push(values.text(*slot)),
        })
    }

    fn members(&mut self, members: &[Member]) -> Option<()> {
        self.push("{")?;
        let mut separator = "\"";
        for Member { key, value, .. } in members {
            if let Node::Quoted(slot) = value
                && self.values.value(*slot).is_none()
            {
                continue;
            }
            self.push(separator)?;
            self.push(key)?;
            self.push("\":")?;
            self.node(value)?;
            separator = ",\"";
        }
        self.push("}")
    }
}
