//! The values that one event has for the variables of one template.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::context::Context;
use super::cursor::Cursor;
use super::json::{next_item, next_member, text_of_container, unescaped, unquoted};
use super::paths::{Paths, Slot};

/// What was found, slot by slot.
#[derive(Debug)]
pub(super) struct Values<'c>(Vec<Found<'c>>);

#[derive(Clone, Debug)]
struct Found<'c> {
    /// The value, cut out of the event as it is written there; none if the object or array has no
    /// such field or item.
    value: Option<Cow<'c, str>>,
    /// An object or array as text. It is made at most once, so that many mentions of a large value
    /// cost no more than one.
    text: OnceCell<String>,
}

impl<'c> Values<'c> {
    /// Finds the values of all variables. The event is read once, however many they are.
    pub(super) fn find(paths: &Paths, context: &'c Context) -> Self {
        let mut reader = Reader {
            paths,
            seen: vec![None; paths.len()],
        };
        for (root, slot) in Paths::roots() {
            let json = context.json(root);
            if paths.wanted_from(slot).fields.is_empty() {
                reader.note(slot, 0, Cow::Borrowed(json));
            } else {
                let _end = reader.read(&mut Cursor::new(json), slot);
            }
        }
        reader.settle()
    }

    /// The value as JSON.
    pub(super) fn value(&self, slot: Slot) -> Option<&str> {
        self.0[slot.index()].value.as_deref()
    }

    /// The value as text, as the inside of a string. No value is no text.
    pub(super) fn text(&self, slot: Slot) -> &str {
        let found = &self.0[slot.index()];
        let json = found.value.as_deref().unwrap_or_default();
        if is_container(json) {
            return found.text.get_or_init(|| text_of_container(json));
        }
        unquoted(json).unwrap_or(json)
    }
}

/// Reads the event from start to end, and notes what it sees.
struct Reader<'p, 'c> {
    paths: &'p Paths,
    seen: Vec<Option<Seen<'c>>>,
}

/// The value that was seen last.
#[derive(Clone, Debug)]
struct Seen<'c> {
    at: usize,
    json: Cow<'c, str>,
}

impl<'c> Reader<'_, 'c> {
    /// Reads the value that comes next. Recurses only where a variable leads, and variables are not
    /// long.
    fn read(&mut self, cursor: &mut Cursor<'c>, slot: Slot) -> Option<()> {
        let wanted = self.paths.wanted_from(slot);
        cursor.skip_blanks();
        let at = cursor.at();
        match cursor.peek()? {
            _ if wanted.fields.is_empty() => cursor.skip_value()?,
            b'{' => self.read_object(cursor, slot)?,
            b'[' => self.read_array(cursor, slot)?,
            _ => cursor.skip_value()?,
        }
        self.note(slot, at, Cow::Borrowed(cursor.since(at)));
        Some(())
    }

    fn read_object(&mut self, cursor: &mut Cursor<'c>, slot: Slot) -> Option<()> {
        let fields = &self.paths.wanted_from(slot).fields;
        while let Some(key) = next_member(cursor) {
            let field = if key.contains('\\') {
                unescaped(key).and_then(|key| fields.get(&*key))
            } else {
                fields.get(key)
            };
            match field {
                Some(field) => self.read(cursor, *field)?,
                None => cursor.skip_value()?,
            }
        }
        Some(())
    }

    /// An array has its items, by number, and its length.
    fn read_array(&mut self, cursor: &mut Cursor<'c>, slot: Slot) -> Option<()> {
        let wanted = self.paths.wanted_from(slot);
        let at = cursor.at();
        let mut length = 0;
        while next_item(cursor) {
            match wanted.items.get(&length) {
                Some(item) => self.read(cursor, *item)?,
                None => cursor.skip_value()?,
            }
            length += 1;
        }
        if let Some(slot) = wanted.fields.get("length") {
            self.note(*slot, at, Cow::Owned(length.to_string()));
        }
        Some(())
    }

    fn note(&mut self, slot: Slot, at: usize, json: Cow<'c, str>) {
        self.seen[slot.index()] = Some(Seen { at, json });
    }

    /// Of equal keys, the last counts: what was seen in an earlier one lies outside of it. A field
    /// that an object does not have is no value; a field of what has no fields is null.
    fn settle(mut self) -> Values<'c> {
        let mut values = vec![Some(Cow::Borrowed("null")); self.seen.len()];
        for (_, root) in Paths::roots() {
            values[root.index()] = json_of(&self.seen[root.index()]);
        }
        for slot in self.paths.slots() {
            let container = self.seen[slot.index()].clone();
            let container = container.filter(|seen| is_container(&seen.json));
            for field in self.paths.wanted_from(slot).fields.values() {
                let seen = &mut self.seen[field.index()];
                let Some(container) = &container else {
                    *seen = None;
                    continue;
                };
                *seen = seen.take().filter(|seen| container.holds(seen));
                values[field.index()] = json_of(seen);
            }
        }
        let found = |value| Found {
            value,
            text: OnceCell::new(),
        };
        Values(values.into_iter().map(found).collect())
    }
}

impl Seen<'_> {
    fn holds(&self, other: &Seen) -> bool {
        (self.at..self.at + self.json.len()).contains(&other.at)
    }
}

fn json_of<'c>(seen: &Option<Seen<'c>>) -> Option<Cow<'c, str>> {
    seen.as_ref().map(|seen| seen.json.clone())
}

fn is_container(json: &str) -> bool {
    json.starts_with(['{', '['])
}
