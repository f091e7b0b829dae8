//! The request of a call, made once more as it was sent.

use std::slice;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use delivery::Request;
use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::event::Event;
use domain::fields::FieldError;
use domain::id::UserId;
use domain::payload::{ContentError, content};
use domain::rate::Counted;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;

use crate::caller::LimitedCaller;
use crate::error::{ApiError, excerpt};
use crate::path_id::PathId;
use crate::query::parameter;
use crate::{Api, answer};

/// What stands for a credential, which could be used for minutes.
const NOT_SHOWN: &str = "***";

/// A request that was sent, or would be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Shown {
    /// The request of attempt number `attempt` of a dispatch, made at this time. A credential that
    /// it carries for the platform's API is not shown.
    pub(crate) async fn of(
        api: &Api,
        dispatch: &DispatchId,
        attempt: u32,
        webhook: &Webhook,
        event: &Event,
        at: Timestamp,
    ) -> Result<Self, ApiError> {
        let keys = api.keys.at(runtime::clock::now()).await?;
        let content = content(webhook, event).map_err(|error| match error {
            ContentError::Template(error) => ApiError::Unrenderable(error),
            ContentError::Json(error) => ApiError::internal(error),
        })?;
        let platform = api.platform_api.as_deref();
        let depth = platform.map(|it| it.depth(&webhook.definition, &content.headers, event));
        let request = Request::new(dispatch, content, &keys.signer(webhook, at), at);
        let mut request = request.map_err(ApiError::Unrenderable)?;
        if let Some(trace) = &event.trace {
            request = request.traced(&trace.of_attempt(dispatch, attempt));
        }
        if let Some(Ok(Some(_))) = depth {
            request = request.with_credential(NOT_SHOWN);
        }
        let url = &webhook.definition.request_url;
        let (headers, body) = request.shown(url);
        let header = |(name, value)| Header { name, value };
        Ok(Self {
            method: "POST",
            url: url.as_str().to_owned(),
            headers: headers.into_iter().map(header).collect(),
            body,
        })
    }
}

/// What was sent in one call of a dispatch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sent {
    call: usize,
    #[serde(flatten)]
    pub(crate) request: Shown,
    /// Whether the webhook is still what it was.
    pub(crate) is_as_sent: bool,
}

/// `GET /v2/webhook-dispatches/{dispatchId}/request`. Nothing is stored for it: the request is made
/// again of the event and the webhook.
pub(crate) async fn show_request(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<DispatchId>,
    uri: Uri,
) -> Result<Response, ApiError> {
    api.count(&user, Counted::HeavyReads).await?;
    let asked = parameter(&uri, "call").filter(|text| !text.is_empty());
    let dispatch = super::find(&api, &user, &id).await?;
    if grant.page().is_some() {
        let webhooks = api.store.webhooks_of(slice::from_ref(&dispatch)).await?;
        super::check(&grant, &dispatch, webhooks.get(&dispatch.webhook))?;
    }
    let number = number(asked.as_deref(), dispatch.calls.len()).map_err(ApiError::Parameter)?;
    answer::data(&sent(&api, &user, &dispatch, number).await?)
}

/// Which call is asked for: the last one, if nothing is said.
fn number(asked: Option<&str>, calls: usize) -> Result<usize, FieldError> {
    let Some(asked) = asked else {
        return Ok(calls);
    };
    match asked.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => {
            let found = excerpt(asked);
            let problem = format_args!("expected a number from 1, found {found:?}");
            Err(FieldError::new("call", problem))
        }
    }
}

/// The request of call number `number` of a dispatch, from 1.
pub(crate) async fn sent(
    api: &Api,
    user: &UserId,
    dispatch: &Dispatch,
    number: usize,
) -> Result<Sent, ApiError> {
    let missing = |what: &str| {
        ApiError::RecordNotFound(format!(
            "{what} of dispatch {:?} was not found",
            dispatch.id.as_str()
        ))
    };
    let call = number
        .checked_sub(1)
        .and_then(|place| dispatch.calls.get(place));
    let call = call.ok_or_else(|| missing("a call"))?;
    let webhook = api.store.webhook(user, &dispatch.webhook).await?;
    let webhook = webhook.ok_or_else(|| missing("the webhook"))?;
    let event = api.store.event_of_dispatch(dispatch).await?;
    let event = event.ok_or_else(|| missing("the event"))?;
    Ok(Sent {
        call: number,
        request: {
            let attempt = u32::try_from(number).unwrap_or(u32::MAX);
            Shown::of(
                api,
                &dispatch.id,
                attempt,
                &webhook,
                &event,
                call.signed_at(),
            )
            .await?
        },
        is_as_sent: call.details.version == Some(webhook.version),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_asked_for_by_its_number_and_the_last_one_by_nothing() {
        assert_eq!(number(None, 3).ok(), Some(3));
        assert_eq!(number(Some("1"), 3).ok(), Some(1));
        for asked in ["0", "-1", "x"] {
            let refusal = number(Some(asked), 3).unwrap_err().to_string();
            let expected = format!("call: expected a number from 1, found {asked:?}");
            assert_eq!(refusal, expected);
        }
    }
}
