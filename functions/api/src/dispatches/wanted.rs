//! Which dispatches of a list are asked for, and from where on.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use domain::dispatch_filter::{DispatchFilter, Status};
use domain::dispatch_id::DispatchId;
use domain::event_type::EventType;
use domain::fields::FieldError;
use domain::id::RunId;
use store::Search;

use crate::error::{ApiError, excerpt};
use crate::query::parameter;
use crate::range::{Range, range};

/// The parameters `status`, `eventType`, `actorRunId`, `since`, `until` and `cursor`; `None` if
/// there is none of them.
#[derive(Debug)]
pub(crate) struct Wanted(pub(crate) Option<Search>);

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        wanted(&parts.uri).map_err(ApiError::Parameter)
    }
}

fn wanted(uri: &Uri) -> Result<Wanted, FieldError> {
    let Range { since, until } = range(uri)?;
    let after = read(uri, "cursor", |text| {
        DispatchId::parse(text).map_err(|_| "is none that a page has given".to_owned())
    })?;
    let filter = DispatchFilter {
        status: read(uri, "status", |text| {
            let found = || excerpt(text);
            Status::parse(text)
                .ok_or_else(|| format!("expected ACTIVE, SUCCEEDED or FAILED, found {:?}", found()))
        })?,
        event_type: read(uri, "eventType", |text| {
            EventType::parse(text).map_err(|error| error.to_string())
        })?,
        run: read(uri, "actorRunId", |text| {
            RunId::parse(text).map_err(|error| error.to_string())
        })?,
    };
    let is_plain = filter.is_empty() && since.is_none() && until.is_none() && after.is_none();
    Ok(Wanted((!is_plain).then_some(Search {
        filter,
        since,
        until,
        after,
    })))
}

/// A parameter; forms send what was left out as an empty text.
fn read<T>(
    uri: &Uri,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, FieldError> {
    let text = parameter(uri, name).filter(|text| !text.is_empty());
    text.map(|text| parse(&text).map_err(|problem| FieldError::new(name, problem)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Option<Search>, String> {
        let uri = format!("/v2/webhook-dispatches?{query}");
        let wanted = wanted(&uri.parse().unwrap());
        wanted
            .map(|Wanted(search)| search)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn all_that_can_be_asked_for_is_understood() {
        assert!(asked("limit=5&status=&cursor=").unwrap().is_none());
        let query = "status=FAILED&eventType=ACTOR.RUN.TIMED-OUT&actorRunId=r1&until=2026-01-09T16:00:00Z&cursor=A50PsRbHTn0123456789ab";
        let search = asked(query).unwrap().unwrap();
        assert_eq!(search.filter.status, Some(Status::Failed));
        assert_eq!(search.filter.event_type, Some(EventType::RunTimedOut));
        assert_eq!(search.filter.run, RunId::parse("r1").ok());
        assert!(search.since.is_none() && search.until.is_some() && search.after.is_some());
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (query, message) in [
            (
                "status=failed",
                "status: expected ACTIVE, SUCCEEDED or FAILED, found \"failed\"",
            ),
            ("cursor=5", "cursor: is none that a page has given"),
            ("eventType=NOPE", "eventType: "),
            ("actorRunId=me~run", "actorRunId: "),
            ("since=today", "since: "),
        ] {
            let refusal = asked(query).unwrap_err();
            assert!(refusal.starts_with(message), "{refusal}");
        }
    }
}
