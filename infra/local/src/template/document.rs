//! The text of a template as one JSON document: YAML's short tags (`!Ref x`) become the long form
//! (`{"Ref": "x"}`).

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// The functions that the local platform can carry out. Any other tag is refused where it stands.
const FUNCTIONS: &[&str] = &[
    "And",
    "Contains",
    "Equals",
    "FindInMap",
    "GetAtt",
    "If",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
];

/// Reads the text of a template.
pub(super) fn parse(text: &str) -> Result<Value> {
    let yaml: Yaml = serde_yaml_ng::from_str(text).context("is not valid YAML")?;
    let document = json_of(yaml, "the template")?;
    refuse_unknown_functions(&document, "the template")?;
    Ok(document)
}

fn json_of(yaml: Yaml, place: &str) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => number_of(&number),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => {
            let items = items.into_iter().map(|item| json_of(item, place));
            Value::Array(items.collect::<Result<_>>()?)
        }
        Yaml::Mapping(mapping) => {
            let mut map = Map::new();
            for (key, value) in mapping {
                let key = key_of(&key, place)?;
                let value = json_of(value, &format!("{place}: {key}"))?;
                map.insert(key, value);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => long_form(
            tagged.tag.to_string().trim_start_matches('!'),
            json_of(tagged.value, place)?,
            place,
        )?,
    })
}

fn number_of(number: &serde_yaml_ng::Number) -> Value {
    match (number.as_i64(), number.as_u64()) {
        (Some(whole), _) => whole.into(),
        (_, Some(whole)) => whole.into(),
        _ => number.as_f64().into(),
    }
}

fn key_of(key: &Yaml, place: &str) -> Result<String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        Yaml::Bool(value) => Ok(value.to_string()),
        _ => bail!("{place} has a key that is not text"),
    }
}

fn long_form(tag: &str, value: Value, place: &str) -> Result<Value> {
    match (tag, value) {
        ("Ref" | "Condition", value) => Ok(json!({ tag: value })),
        ("GetAtt", Value::String(path)) => {
            let Some((id, attribute)) = path.split_once('.') else {
                bail!("{place}: !GetAtt {path} names no attribute");
            };
            Ok(json!({ "Fn::GetAtt": [id, attribute] }))
        }
        (tag, value) if FUNCTIONS.contains(&tag) => Ok(json!({ format!("Fn::{tag}"): value })),
        (tag, _) => bail!("{place} uses !{tag}, which the local platform does not know"),
    }
}

fn refuse_unknown_functions(value: &Value, place: &str) -> Result<()> {
    match value {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| refuse_unknown_functions(item, place)),
        Value::Object(map) => map.iter().try_for_each(|(key, value)| {
            if let Some(function) = key.strip_prefix("Fn::")
                && !FUNCTIONS.contains(&function)
            {
                bail!("{place} uses {key}, which the local platform does not know");
            }
            refuse_unknown_functions(value, &format!("{place}: {key}"))
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_the_long_form() {
        let document =
            parse("A: !Ref X\nB: !GetAtt Q.Arn\nC: !If [Yes, !Sub \"${X}\", 1]").unwrap();
        let long_form = json!({
            "A": { "Ref": "X" },
            "B": { "Fn::GetAtt": ["Q", "Arn"] },
            "C": { "Fn::If": ["Yes", { "Fn::Sub": "${X}" }, 1] },
        });
        assert_eq!(document, long_form);
    }

    #[test]
    fn an_unknown_function_is_named_with_its_place() {
        for text in ["A: {B: !Reff X}", "A: {B: {Fn::Reff: X}}"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("Reff") && error.contains("A"), "{error}");
        }
    }

    #[test]
    fn broken_yaml_is_one_line_with_its_place() {
        let error = format!("{:#}", parse("A: [1,\nB: }").unwrap_err());
        assert!(
            error.contains("line 2") && error.lines().count() == 1,
            "{error}"
        );
    }
}
