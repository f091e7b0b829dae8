//! The `condition` of a webhook: for which runs it is.

use std::str::FromStr;

use domain::condition::Condition;
use domain::fields::{FieldError, Fields};
use domain::id::IdError;
use serde_json::{Map, Value};

use crate::error::{ApiError, excerpt};

const CONDITION: &str = "condition";

/// Reads the fields of a `condition`.
pub(crate) fn read(mut fields: Fields) -> Result<Condition, ApiError> {
    let mut take = |name: &str| {
        fields
            .take_text(name, 0..=usize::MAX)
            .map_err(|error| FieldError::new(&place(&error.field), error.problem))
    };
    let ids = (take("actorId")?, take("actorTaskId")?, take("actorRunId")?);
    if let Some(unknown) = fields.rest().next() {
        return Err(FieldError::new(&place(&excerpt(unknown)), "is not a known field").into());
    }
    match ids {
        (Some(actor), None, None) => id("actorId", &actor).map(Condition::Actor),
        (None, Some(task), None) => id("actorTaskId", &task).map(Condition::Task),
        (None, None, Some(run)) => id("actorRunId", &run).map(Condition::Run),
        (None, None, None) => Err(not_exactly_one("none")),
        _ => Err(not_exactly_one("several")),
    }
}

/// The body of a creation below the path of an actor or task, which says what the condition is. The
/// body may say the same, or nothing.
pub(crate) fn fill_in(
    mut body: Map<String, Value>,
    condition: &Condition,
) -> Result<Map<String, Value>, ApiError> {
    let said = body.remove_entry(CONDITION).into_iter().collect();
    let said = Fields::new(said).take_object(CONDITION)?;
    if let Some(said) = said.filter(|said| said.rest().next().is_some())
        && read(said)? != *condition
    {
        let problem = "must be left out, or be the one that the path names";
        return Err(FieldError::new(CONDITION, problem).into());
    }
    let condition = serde_json::to_value(condition).map_err(ApiError::internal)?;
    body.insert(CONDITION.to_owned(), condition);
    Ok(body)
}

/// Apify also takes names, such as `me~actor`. Only the platform knows whose they are.
fn id<T: FromStr<Err = IdError>>(name: &str, text: &str) -> Result<T, ApiError> {
    if text.contains(['~', '/']) {
        let (place, text) = (place(name), excerpt(text));
        return Err(ApiError::RecordNotFound(format!(
            "{place}: {text:?} is a name, and names are not known here; use the id"
        )));
    }
    text.parse()
        .map_err(|error| FieldError::new(&place(name), error).into())
}

fn not_exactly_one(found: &str) -> ApiError {
    let problem =
        format_args!("must have exactly one of actorId, actorTaskId and actorRunId, found {found}");
    FieldError::new(CONDITION, problem).into()
}

fn place(field: &str) -> String {
    format!("{CONDITION}.{field}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::ActorId;
    use serde_json::json;

    use crate::description::tests::schemas::assert_described;

    fn filled_in(body: Value) -> Result<Value, String> {
        let Value::Object(body) = body else {
            panic!("{body} is no object")
        };
        let condition = Condition::Actor(ActorId::parse("a").unwrap());
        let filled_in = fill_in(body, &condition);
        filled_in
            .map(Value::Object)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_body_below_a_path_has_the_condition_of_the_path() {
        let expected = json!({"title": "t", "condition": {"actorId": "a"}});
        for body in [
            json!({"title": "t"}),
            json!({"title": "t", "condition": null}),
            json!({"title": "t", "condition": {}}),
            json!({"title": "t", "condition": {"actorTaskId": null}}),
            expected.clone(),
        ] {
            let mut whole = json!({"eventTypes": ["TEST"], "requestUrl": "https://example.com"});
            whole
                .as_object_mut()
                .unwrap()
                .extend(body.as_object().unwrap().clone());
            assert_described("WebhookCreateInPath", &whole);
            assert_eq!(filled_in(body), Ok(expected.clone()));
        }
    }

    #[test]
    fn a_body_below_a_path_cannot_say_otherwise() {
        let another = "condition: must be left out, or be the one that the path names";
        for (condition, message) in [
            (json!({"actorId": "b"}), another),
            (json!({"actorTaskId": "a"}), another),
            (json!(5), "condition: expected an object, found 5"),
            (
                json!({"actorId": "a", "x": 1}),
                "condition.x: is not a known field",
            ),
        ] {
            let refused = filled_in(json!({"condition": condition}));
            assert_eq!(refused, Err(message.to_owned()));
        }
    }
}
