//! A template after it was read. It lives only while it is checked or rendered, so it points into
//! the template's text.

use super::paths::{Paths, Slot};

#[derive(Debug)]
pub(super) struct Tree<'t> {
    pub(super) root: Node<'t>,
    pub(super) paths: Paths,
}

/// A value. What the user wrote is kept as written: numbers with all their digits, strings with
/// their escapes.
#[derive(Debug)]
pub(super) enum Node<'t> {
    /// A number, `true`, `false` or `null`.
    Constant(&'t str),
    /// A string.
    Text(Vec<Piece<'t>>),
    /// `{{variable}}` in the place of a value: null if there is no such value.
    Value(Slot),
    /// `"{{variable}}"`, interpolated: left out of an object if there is no such value.
    Quoted(Slot),
    Array(Vec<Node<'t>>),
    Object(Vec<Member<'t>>),
}

#[derive(Debug)]
pub(super) struct Member<'t> {
    /// Where the key starts in the text, for complaints about it.
    pub(super) at: usize,
    /// Without quotes, with escapes.
    pub(super) key: &'t str,
    pub(super) value: Node<'t>,
}

/// A part of a string.
#[derive(Debug)]
pub(super) enum Piece<'t> {
    /// Without quotes, with escapes.
    Literal(&'t str),
    Variable(Slot),
}
