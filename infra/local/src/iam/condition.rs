//! The conditions of a statement.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::pattern;

/// The keys that calls on this machine have values for.
const KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "dynamodb:leadingkeys",
];

/// One operator with one key.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    quantifier: Option<Quantifier>,
    /// How a value is compared, and whether the answer is turned round.
    compare: fn(&str, &str) -> bool,
    negated: bool,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    All,
    Any,
}

/// Reads a `Condition` element.
pub(super) fn read(element: &Value) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    let operators = element.as_object().context("Condition is not a map")?;
    for (operator, keys) in operators {
        let keys = keys.as_object();
        let keys = keys.with_context(|| format!("{operator} is not a map"))?;
        for (key, values) in keys {
            let condition = Condition::read(operator, key, values);
            conditions.push(condition.with_context(|| format!("{operator} of {key}"))?);
        }
    }
    Ok(conditions)
}

impl Condition {
    fn read(operator: &str, key: &str, values: &Value) -> Result<Self> {
        let (quantifier, operator) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => bail!("an unknown quantifier"),
            None => (None, operator),
        };
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let (compare, negated): (fn(&str, &str) -> bool, bool) = match operator {
            "StringEquals" => (equals, false),
            "StringNotEquals" => (equals, true),
            "StringLike" | "ArnEquals" | "ArnLike" => (pattern::matches, false),
            "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => (pattern::matches, true),
            "Bool" => (str::eq_ignore_ascii_case, false),
            _ => bail!("the local platform does not play this operator"),
        };
        let key = key.to_lowercase();
        ensure!(
            KEYS.contains(&key.as_str()),
            "the local platform does not play this condition key"
        );
        let values = super::statement::texts(values)?;
        ensure!(
            !values.iter().any(|value| value.contains("${")),
            "the local platform does not play policy variables"
        );
        Ok(Condition {
            quantifier,
            compare,
            negated,
            if_exists,
            key,
            values,
        })
    }

    /// Whether it holds for a call with these values.
    pub(super) fn holds(&self, context: &BTreeMap<String, Vec<String>>) -> bool {
        let Some(actual) = context.get(&self.key) else {
            return match self.quantifier {
                Some(Quantifier::All) => true,
                Some(Quantifier::Any) => self.if_exists,
                None => self.negated || self.if_exists,
            };
        };
        let is_named = |actual: &String| {
            let mut named = self.values.iter();
            named.any(|value| (self.compare)(value, actual))
        };
        match self.quantifier {
            Some(Quantifier::All) => actual.iter().all(|value| is_named(value) != self.negated),
            Some(Quantifier::Any) => actual.iter().any(|value| is_named(value) != self.negated),
            None => actual.iter().any(is_named) != self.negated,
        }
    }
}

fn equals(left: &str, right: &str) -> bool {
    left == right
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(element: Value, key: &str, actual: &[&str]) -> bool {
        let mut context = BTreeMap::new();
        if !actual.is_empty() {
            let actual = actual.iter().map(|value| (*value).to_owned());
            context.insert(key.to_owned(), actual.collect());
        }
        let conditions = read(&element).unwrap();
        conditions.iter().all(|condition| condition.holds(&context))
    }

    #[test]
    fn quantifiers_go_by_each_value_of_the_call() {
        let key = "dynamodb:leadingkeys";
        let any = json!({"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["T#*"]}});
        let all_but = json!({"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["T#*"]}});
        for (actual, is_any, are_all) in [
            (&["T#1"][..], true, false),
            (&["U#1"], false, true),
            (&["U#1", "T#1"], true, false),
            (&[], false, true),
        ] {
            assert_eq!(holds(any.clone(), key, actual), is_any, "{actual:?}");
            assert_eq!(holds(all_but.clone(), key, actual), are_all, "{actual:?}");
        }
    }

    #[test]
    fn a_missing_value_is_like_nothing_and_unlike_everything() {
        let key = "aws:principalarn";
        for (operator, without, with) in [
            ("StringEquals", false, true),
            ("ArnEquals", false, true),
            ("ArnNotEquals", true, false),
            ("StringEqualsIfExists", true, true),
        ] {
            let element = json!({operator: {"aws:PrincipalArn": "a"}});
            assert_eq!(holds(element.clone(), key, &[]), without, "{operator}");
            assert_eq!(holds(element, key, &["a"]), with, "{operator}");
        }
        let secure = json!({"Bool": {"aws:SecureTransport": "false"}});
        assert!(!holds(secure, "aws:securetransport", &["true"]));
    }

    #[test]
    fn what_is_not_played_is_refused() {
        for element in [
            json!({"NumericLessThan": {"aws:PrincipalArn": "1"}}),
            json!({"StringEquals": {"aws:UserAgent": "x"}}),
            json!({"StringEquals": {"aws:PrincipalArn": "${aws:username}"}}),
            json!({"ForNoValue:StringEquals": {"aws:PrincipalArn": "x"}}),
        ] {
            assert!(read(&element).is_err(), "{element}");
        }
    }
}
