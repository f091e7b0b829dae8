//! The `condition` of a webhook: for which runs it is (contract §6, decisions 4 and 14).

use domain::condition::Condition;
use domain::fields::{FieldError, Fields};
use domain::id::{ActorId, IdError, RunId, TaskId};

use crate::error::{ApiError, excerpt};

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
        (Some(actor), None, None) => id("actorId", &actor, ActorId::parse).map(Condition::Actor),
        (None, Some(task), None) => id("actorTaskId", &task, TaskId::parse).map(Condition::Task),
        (None, None, Some(run)) => id("actorRunId", &run, RunId::parse).map(Condition::Run),
        (None, None, None) => Err(not_exactly_one("none")),
        _ => Err(not_exactly_one("several")),
    }
}

/// Apify also takes names, such as `me~actor`. Only the platform knows whose they are.
fn id<T>(name: &str, text: &str, parse: fn(&str) -> Result<T, IdError>) -> Result<T, ApiError> {
    if text.contains(['~', '/']) {
        let (place, text) = (place(name), excerpt(text));
        return Err(ApiError::RecordNotFound(format!(
            "{place}: {text:?} is a name, and names are not known here; use the id"
        )));
    }
    parse(text).map_err(|error| FieldError::new(&place(name), error).into())
}

fn not_exactly_one(found: &str) -> ApiError {
    let problem =
        format_args!("must have exactly one of actorId, actorTaskId and actorRunId, found {found}");
    FieldError::new("condition", problem).into()
}

fn place(field: &str) -> String {
    format!("condition.{field}")
}
