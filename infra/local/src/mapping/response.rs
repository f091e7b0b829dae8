//! A partial batch response: which messages the function could not handle.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The messages that `answer` names as failed. `Err` where Lambda could not read it, and so fails
/// the whole batch.
pub(super) fn failed_messages(answer: &[u8]) -> Result<Vec<String>> {
    if answer.is_empty() {
        return Ok(Vec::new());
    }
    let failures = match serde_json::from_slice(answer).context("not JSON")? {
        Value::Null => return Ok(Vec::new()),
        Value::Object(answer) if answer.is_empty() => return Ok(Vec::new()),
        Value::Object(mut answer) => answer.remove("batchItemFailures"),
        other => bail!("{other} is not an object"),
    };
    match failures.context("there are no batchItemFailures")? {
        Value::Null => Ok(Vec::new()),
        Value::Array(failures) => failures.iter().map(message_id).collect(),
        other => bail!("batchItemFailures are {other}"),
    }
}

fn message_id(failure: &Value) -> Result<String> {
    let id = failure.get("itemIdentifier").and_then(Value::as_str);
    let id = id.with_context(|| format!("{failure} has no itemIdentifier"))?;
    ensure!(!id.is_empty(), "an itemIdentifier is empty");
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_named_is_success() {
        for answer in [
            "",
            "null",
            "{}",
            r#"{"batchItemFailures":null}"#,
            r#"{"batchItemFailures":[]}"#,
        ] {
            assert!(
                failed_messages(answer.as_bytes()).unwrap().is_empty(),
                "{answer}"
            );
        }
    }

    #[test]
    fn failed_messages_are_named() {
        let answer = br#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#;
        assert_eq!(failed_messages(answer).unwrap(), ["a", "b"]);
    }

    #[test]
    fn an_answer_that_cannot_be_read_fails_the_whole_batch() {
        let answers = [
            "no json",
            "\"done\"",
            r#"{"failures":[]}"#,
            r#"{"batchItemFailures":{}}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"id":"a"}]}"#,
        ];
        for answer in answers {
            assert!(failed_messages(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
