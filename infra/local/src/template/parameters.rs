//! Parameters: declared by the template, given by a person, checked as CloudFormation checks them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::value::text_of;

/// One entry of the template's `Parameters`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Declaration {
    r#type: String,
    default: Option<Value>,
    allowed_values: Option<Vec<Value>>,
    allowed_pattern: Option<String>,
    constraint_description: Option<String>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    min_value: Option<f64>,
    max_value: Option<f64>,
}

/// The value of every parameter: what was given, or the platform's `own` default, or the
/// template's. `given` that the template does not declare is refused.
pub(super) fn settle(
    document: &Value,
    given: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>> {
    let declarations: BTreeMap<String, Declaration> = match document.get("Parameters") {
        Some(parameters) => {
            serde_json::from_value(parameters.clone()).context("Parameters are malformed")?
        }
        None => BTreeMap::new(),
    };
    if let Some(unknown) = given.keys().find(|name| !declarations.contains_key(*name)) {
        let known: Vec<_> = declarations.keys().map(String::as_str).collect();
        bail!(
            "unknown parameter {unknown}; there are {}",
            known.join(", ")
        );
    }
    declarations
        .iter()
        .map(|(name, declaration)| {
            let value = declaration
                .settle(given.get(name).or_else(|| own.get(name)))
                .with_context(|| format!("parameter {name}"))?;
            Ok((name.clone(), value))
        })
        .collect()
}

impl Declaration {
    fn settle(&self, given: Option<&String>) -> Result<Value> {
        let text = match (given, &self.default) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => text_of(default)?,
            (None, None) => bail!("has no default and was not given"),
        };
        match self.r#type.as_str() {
            "String" => self.check_text(&text)?,
            "Number" => self.check_number(&text)?,
            "CommaDelimitedList" => return self.settle_list(&text, Self::check_text),
            "List<Number>" => return self.settle_list(&text, Self::check_number),
            other => bail!("has type {other}, which the local platform does not know"),
        }
        Ok(text.into())
    }

    fn settle_list(&self, text: &str, check: fn(&Self, &str) -> Result<()>) -> Result<Value> {
        text.split(',')
            .map(str::trim)
            .map(|item| check(self, item).map(|()| Value::from(item)))
            .collect()
    }

    fn check_text(&self, text: &str) -> Result<()> {
        let length = text.chars().count();
        ensure!(
            self.min_length.is_none_or(|least| length >= least),
            "{text:?} is too short"
        );
        ensure!(
            self.max_length.is_none_or(|most| length <= most),
            "{text:?} is too long"
        );
        if let Some(pattern) = &self.allowed_pattern {
            // CloudFormation's patterns are about the whole value.
            let regex = Regex::new(&format!("^(?:{pattern})$"))
                .with_context(|| format!("has the pattern {pattern}"))?;
            ensure!(
                regex.is_match(text),
                "{text:?} {}",
                self.constraint(pattern)
            );
        }
        self.check_allowed(text)
    }

    fn check_number(&self, text: &str) -> Result<()> {
        let Ok(number) = text.parse::<f64>() else {
            bail!("{text:?} is not a number");
        };
        if let Some(least) = self.min_value.filter(|least| number < *least) {
            bail!("{text} is less than {least}");
        }
        if let Some(most) = self.max_value.filter(|most| number > *most) {
            bail!("{text} is more than {most}");
        }
        self.check_allowed(text)
    }

    fn check_allowed(&self, text: &str) -> Result<()> {
        let Some(allowed) = &self.allowed_values else {
            return Ok(());
        };
        let allowed = allowed.iter().map(text_of).collect::<Result<Vec<_>>>()?;
        ensure!(
            allowed.iter().any(|value| value == text),
            "{text:?} is not one of {}",
            allowed.join(", ")
        );
        Ok(())
    }

    fn constraint(&self, pattern: &str) -> String {
        self.constraint_description
            .clone()
            .unwrap_or_else(|| format!("does not match {pattern}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settled(declaration: Value, given: Option<&str>) -> Result<Value> {
        let document = json!({ "Parameters": { "P": declaration } });
        let given = given.map(|text| ("P".to_owned(), text.to_owned()));
        let given = given.into_iter().collect();
        Ok(settle(&document, &given, &BTreeMap::new())?["P"].clone())
    }

    #[test]
    fn a_parameter_is_what_was_given_or_its_default() {
        let declaration = json!({ "Type": "Number", "Default": 30 });
        assert_eq!(settled(declaration.clone(), None).unwrap(), "30");
        assert_eq!(settled(declaration, Some("7")).unwrap(), "7");
        let list = json!({ "Type": "CommaDelimitedList", "Default": "a, b" });
        assert_eq!(settled(list, None).unwrap(), json!(["a", "b"]));
    }

    #[test]
    fn a_default_of_the_platforms_own_counts_where_there_is_such_a_parameter_and_nothing_was_given()
    {
        let document = json!({ "Parameters": { "P": { "Type": "String", "Default": "" } } });
        let map = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let own = map(&[("P", "own"), ("Q", "own")]);
        for (given, expected) in [
            (map(&[]), "own"),
            (map(&[("P", "")]), ""),
            (map(&[("P", "x")]), "x"),
        ] {
            let settled = settle(&document, &given, &own).unwrap();
            assert_eq!(settled, BTreeMap::from([("P".to_owned(), json!(expected))]));
        }
    }

    #[test]
    fn a_value_outside_its_limits_is_refused_by_name() {
        let cases = [
            (json!({ "Type": "Number", "MaxValue": 5 }), "6"),
            (json!({ "Type": "Number", "MinValue": 5 }), "4"),
            (json!({ "Type": "Number" }), "many"),
            (json!({ "Type": "String", "AllowedValues": ["a", 1] }), "b"),
            (
                json!({ "Type": "String", "AllowedPattern": "[a-z]+" }),
                "a1",
            ),
            (json!({ "Type": "String", "MinLength": 2 }), "a"),
            (json!({ "Type": "String", "MaxLength": 2 }), "abc"),
            (json!({ "Type": "List<Number>" }), "1,x"),
            (json!({ "Type": "AWS::SSM::Parameter::Value<String>" }), "x"),
        ];
        for (declaration, given) in cases {
            let error = format!(
                "{:#}",
                settled(declaration.clone(), Some(given)).unwrap_err()
            );
            assert!(error.starts_with("parameter P: "), "{declaration}: {error}");
        }
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let given = BTreeMap::from([("Nope".to_owned(), "1".to_owned())]);
        let error = settle(&json!({}), &given, &BTreeMap::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown parameter Nope"), "{error}");
    }
}
