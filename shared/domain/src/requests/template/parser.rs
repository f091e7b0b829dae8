//! Reads the text of a template into its tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::MAX_TEMPLATE_BYTES;
use super::cursor::{Cursor, Fault};
use super::interpolation::{Part, parts};
use super::json::unescaped;
use super::paths::Paths;
use super::tree::{Member, Node, Piece, Tree};
use crate::depth::MAX_DEPTH;

/// The tree of a template. Each byte is looked at a few times at most, and nesting is limited:
/// neither time nor stack can run out.
pub(super) fn parse(text: &str, interpolate_strings: bool) -> Result<Tree<'_>, Fault> {
    if text.len() > MAX_TEMPLATE_BYTES {
        let length = text.len();
        let problem = format!("a template has at most {MAX_TEMPLATE_BYTES} bytes, found {length}");
        return Err(Fault::new(MAX_TEMPLATE_BYTES, problem));
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        interpolate_strings,
        depth: 0,
        paths: Paths::new(),
    };
    let root = parser.value()?;
    parser.cursor.skip_blanks();
    if parser.cursor.peek().is_some() {
        return Err(parser.cursor.unexpected("the end of the template"));
    }
    Ok(Tree {
        root,
        paths: parser.paths,
    })
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    interpolate_strings: bool,
    depth: usize,
    paths: Paths,
}

impl<'t> Parser<'t> {
    fn value(&mut self) -> Result<Node<'t>, Fault> {
        self.cursor.skip_blanks();
        match self.cursor.peek() {
            // No JSON value starts with two braces, so there is nothing to mistake a variable for.
            Some(b'{') if self.cursor.rest().starts_with("{{") => self.variable(),
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.text(),
            Some(b'-' | b'0'..=b'9') => Ok(Node::Constant(self.cursor.number()?)),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Node<'t>, Fault> {
        let words = ["true", "false", "null"];
        match words.into_iter().find(|word| self.cursor.eat(word)) {
            Some(word) => Ok(Node::Constant(word)),
            None => Err(self.cursor.unexpected("a JSON value or a {{variable}}")),
        }
    }

    /// A variable in the place of a value. Its name is whatever stands between the braces, also
    /// what a name inside a string cannot have.
    fn variable(&mut self) -> Result<Node<'t>, Fault> {
        let at = self.cursor.at();
        self.cursor.eat("{{");
        let Some((name, _)) = self.cursor.rest().split_once("}}") else {
            return Err(Fault::new(at, "this variable is never closed by \"}}\""));
        };
        let slot = self.paths.slot(name).map_err(|why| Fault::new(at, why))?;
        self.cursor.eat(name);
        self.cursor.eat("}}");
        Ok(Node::Value(slot))
    }

    fn text(&mut self) -> Result<Node<'t>, Fault> {
        let start = self.cursor.at() + 1;
        let body = self.cursor.string()?;
        if !self.interpolate_strings {
            return Ok(Node::Text(vec![Piece::Literal(body)]));
        }
        let mut pieces = Vec::new();
        for part in parts(body) {
            pieces.push(match part {
                Part::Literal(text) => Piece::Literal(text),
                Part::Variable { name, at } => {
                    let slot = self.paths.slot(&name);
                    Piece::Variable(slot.map_err(|why| Fault::new(start + at, why))?)
                }
            });
        }
        match pieces[..] {
            [Piece::Variable(slot)] => Ok(Node::Quoted(slot)),
            _ => Ok(Node::Text(pieces)),
        }
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Node<'t>, Fault>,
    ) -> Result<Node<'t>, Fault> {
        if self.depth == MAX_DEPTH {
            let problem = format!("a template is nested {MAX_DEPTH} levels deep at most");
            return Err(Fault::new(self.cursor.at(), problem));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn array(&mut self) -> Result<Node<'t>, Fault> {
        let mut items = Vec::new();
        self.cursor.eat("[");
        self.cursor.skip_blanks();
        if self.cursor.eat("]") {
            return Ok(Node::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.ends("]", "\",\" or \"]\"")? {
                return Ok(Node::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Node<'t>, Fault> {
        let mut members = Members::default();
        self.cursor.eat("{");
        self.cursor.skip_blanks();
        if self.cursor.eat("}") {
            return Ok(Node::Object(members.list));
        }
        loop {
            let member = self.member()?;
            // Apify's engine loses this key when it interpolates, and only then.
            if !(self.interpolate_strings && member.key == "__proto__") {
                members.put(member);
            }
            if self.ends("}", "\",\" or \"}\"")? {
                return Ok(Node::Object(members.list));
            }
        }
    }

    fn member(&mut self) -> Result<Member<'t>, Fault> {
        self.cursor.skip_blanks();
        let at = self.cursor.at();
        if self.cursor.rest().starts_with("{{") {
            return Err(Fault::new(at, "a variable cannot be a key"));
        }
        if self.cursor.peek() != Some(b'"') {
            return Err(self.cursor.unexpected("a key in double quotes"));
        }
        let key = self.cursor.string()?;
        self.cursor.skip_blanks();
        if !self.cursor.eat(":") {
            return Err(self.cursor.unexpected("\":\""));
        }
        let value = self.value()?;
        Ok(Member { at, key, value })
    }

    /// Whether the container ends after the value just read, or goes on with another.
    fn ends(&mut self, bracket: &str, expected: &str) -> Result<bool, Fault> {
        self.cursor.skip_blanks();
        if self.cursor.eat(",") {
            return Ok(false);
        }
        if self.cursor.eat(bracket) {
            return Ok(true);
        }
        Err(self.cursor.unexpected(expected))
    }
}

/// The members of an object, each key once: the last value, in the place of the first.
#[derive(Default)]
struct Members<'t> {
    list: Vec<Member<'t>>,
    /// By what the key spells; a key that spells no text (it has half of a surrogate pair) by how
    /// it is written.
    places: HashMap<Result<Cow<'t, str>, &'t str>, usize>,
}

impl<'t> Members<'t> {
    fn put(&mut self, member: Member<'t>) {
        let spelled = unescaped(member.key).ok_or(member.key);
        match self.places.entry(spelled) {
            Entry::Occupied(place) => self.list[*place.get()] = member,
            Entry::Vacant(place) => {
                place.insert(self.list.len());
                self.list.push(member);
            }
        }
    }
}
