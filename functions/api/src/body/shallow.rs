//! JSON as deep as a definition goes: an object of values, of lists and of objects. Read as any
//! JSON, a body of half a megabyte can take two hundred times as much memory, because each of its
//! small objects is a tree of its own.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How many levels are read: an object, its fields, and what is in those.
const LEVELS: u8 = 2;
/// The most fields that an object may have: several times as many as are known.
const FIELDS: usize = 100;

/// The value in a text. A list that is no field of an object, and what lies below the levels that
/// are read, is an empty one.
pub(super) fn read(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Levels(LEVELS).deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// How many levels are still to be read.
#[derive(Clone, Copy)]
struct Levels(u8);

impl Levels {
    fn below(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Levels {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let Some(below) = self.below().filter(|_| self.0 < LEVELS) else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Array(items));
        };
        while let Some(item) = list.next_element_seed(below)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        let Some(below) = self.below() else {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Object(fields));
        };
        while let Some(name) = object.next_key::<String>()? {
            fields.insert(name, object.next_value_seed(below)?);
            if fields.len() > FIELDS {
                let problem = format_args!("an object has more than {FIELDS} fields");
                return Err(A::Error::custom(problem));
            }
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(text: &str) -> Result<Value, String> {
        read(text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn everything_that_a_definition_has_is_read_as_it_is() {
        let definition = json!({
            "text": "a\"\u{1F600}", "flag": true, "none": null, "numbers": [-1, 5, 0.5, 1e300],
            "eventTypes": ["TEST", ""], "condition": {"actorId": "a", "other": null},
        });
        assert_eq!(found(&definition.to_string()), Ok(definition));
        assert_eq!(found(r#"[{"a": 1}]"#), Ok(json!([])));
        assert_eq!(found(r#"{"a": 1, "a": 2}"#), Ok(json!({"a": 2})));
    }

    #[test]
    fn of_what_lies_deeper_only_the_kind_is_left() {
        let deep = r#"{"list": [{"": 0}, [1]], "object": {"a": {"b": 1}, "c": [2]}}"#;
        let left = json!({"list": [{}, []], "object": {"a": {}, "c": []}});
        assert_eq!(found(deep), Ok(left));
        for broken in [
            r#"{"a": [[1}]}"#,
            r#"{"a": [[1]]"#,
            "{} x",
            r#"{"a": {"b": [01]}}"#,
        ] {
            assert!(found(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn no_object_has_more_fields_than_a_definition_could_have() {
        let fields = |count: usize| -> String {
            let fields: Vec<_> = (0..count).map(|n| format!(r#""{n}":0"#)).collect();
            format!("{{{}}}", fields.join(","))
        };
        assert!(found(&fields(FIELDS)).is_ok());
        let refused = "an object has more than 100 fields";
        for text in [
            fields(FIELDS + 1),
            format!(r#"{{"a": {}}}"#, fields(FIELDS + 1)),
        ] {
            assert!(found(&text).unwrap_err().starts_with(refused));
        }
    }
}
