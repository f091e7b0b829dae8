//! A range of time: dispatches of events in it are listed, or redelivered.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use domain::fields::FieldError;
use domain::timestamp::Timestamp;

use crate::error::ApiError;
use crate::query::parameter;

/// The parameters `since` and `until`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

impl<S: Send + Sync> FromRequestParts<S> for Range {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        range(&parts.uri).map_err(ApiError::Parameter)
    }
}

pub(crate) fn range(uri: &Uri) -> Result<Range, FieldError> {
    let (since, until) = (moment(uri, "since")?, moment(uri, "until")?);
    if since.is_some_and(|since| until.is_some_and(|until| since >= until)) {
        return Err(FieldError::new("until", "must be later than since"));
    }
    Ok(Range { since, until })
}

fn moment(uri: &Uri, name: &str) -> Result<Option<Timestamp>, FieldError> {
    let text = parameter(uri, name).filter(|text| !text.is_empty());
    text.map(|text| Timestamp::parse(&text).map_err(|error| FieldError::new(name, error)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Range, String> {
        let uri = format!("/v2/webhooks/x/redeliver-failed?{query}");
        range(&uri.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn either_end_may_be_open() {
        let at = |text| Some(Timestamp::parse(text).unwrap());
        let (early, late) = ("2026-01-09T15:00:00Z", "2026-01-09T16:00:00.5Z");
        for (query, since, until) in [
            (String::new(), None, None),
            ("since=&until=".to_owned(), None, None),
            (format!("since={early}"), at(early), None),
            (format!("until={late}&token=x"), None, at(late)),
            (format!("since={early}&until={late}"), at(early), at(late)),
            (
                "since=2026-01-09T16:00:00%2B01:00".to_owned(),
                at(early),
                None,
            ),
        ] {
            assert_eq!(asked(&query), Ok(Range { since, until }), "{query:?}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused_by_name() {
        for (query, message) in [
            (
                "since=yesterday",
                "since: \"yesterday\" is not an ISO 8601 date-time with a time zone between 1970 and 2286",
            ),
            (
                "since=2026-01-09T15:00:00Z&until=2026-01-09T15:00:00Z",
                "until: must be later than since",
            ),
        ] {
            assert_eq!(asked(query), Err(message.to_owned()));
        }
    }
}
