//! A template after it was read.

use super::paths::{Paths, Slot};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) root: Node,
    pub(super) paths: Paths,
}

/// A value. What the user wrote is kept as written: numbers with all their digits, strings with their escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A number, `true`, `false` or `null`.
    Constant(String),
    /// A string.
    Text(Vec<Piece>),
    /// `{{variable}}` in the place of a value: null if there is no such value.
    Value(Slot),
    /// `"{{variable}}"`, interpolated: left out of an object if there is no such value.
    Quoted(Slot),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Where the key starts in the text, for complaints about it.
    pub(super) at: usize,
    /// Without quotes, with escapes.
    pub(super) key: String,
    pub(super) value: Node,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Without quotes, with escapes.
    Literal(String),
    Variable(Slot),
}
