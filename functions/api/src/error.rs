//! What a request can be refused for, and what its sender reads about it. The types are Apify's.

use std::error::Error;

use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::condition::Condition;
use domain::counted::counted;
use domain::fields::FieldError;
use domain::grant::Scope;
use domain::signature::StillLive;
use domain::template::RenderError;
use queue::QueueError;
use runtime::chance::NoChance;
use secrets::KeysError;
use store::StoreError;

use crate::envelope;
use crate::rates::TooSoon;

/// Apify's header for how many requests of a kind are allowed.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");

#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("no API token was sent; send it in the header \"Authorization: Bearer <token>\"")]
    TokenNotProvided,
    #[error("the API token is not valid")]
    InvalidToken,
    #[error("the token does not allow this: it needs the scope {}", .0.name())]
    MissingScope(Scope),
    /// What is asked is beyond the detail page that the token is limited to.
    #[error("the token is limited to the webhooks of {}", page_of(.0))]
    OtherPage(Condition),
    /// A delivery that asks for a change, and the header that gives it away.
    #[error("webhook deliveries may not change anything here; this request has the header {0}")]
    FromDelivery(&'static str),
    #[error(transparent)]
    TooSoon(TooSoon),
    /// Also for what belongs to another user: nobody learns what others have.
    #[error("{0}")]
    RecordNotFound(String),
    #[error("there is no page {0:?}")]
    PageNotFound(String),
    #[error("the methods allowed here are {}", listed(.0))]
    MethodNotAllowed(HeaderValue),
    #[error("the body is larger than {0} bytes")]
    RequestTooLarge(usize),
    #[error("the body must have the content type application/json, found {0:?}")]
    ContentType(String),
    #[error("the content encoding {0:?} is not supported")]
    ContentEncoding(String),
    /// A body that is no JSON object.
    #[error("{0}")]
    InvalidRequest(String),
    /// A field of the body.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A parameter of the query.
    #[error(transparent)]
    Parameter(FieldError),
    #[error("you already have {}, the maximum; delete one first", counted(*.0 as u64, "webhook"))]
    TooManyWebhooks(usize),
    #[error("the run already has {}, the maximum", counted(*.0 as u64, "ad hoc webhook"))]
    TooManyAdHocWebhooks(usize),
    #[error("the webhook is being changed by another request; fetch it and try again")]
    ConcurrentUpdate,
    #[error("{0}; rotate after that, or with overlapSeconds 0, which ends both at once")]
    SecretStillLive(#[from] StillLive),
    /// Why something cannot be redelivered.
    #[error("{0}")]
    Redelivery(&'static str),
    /// Why no request can be made of a webhook and an event.
    #[error("no request can be made: {0}")]
    Unrenderable(RenderError),
    /// Our fault. The cause is for the log only.
    #[error("an internal error has occurred; try again later")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ApiError {
    pub(crate) fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(cause))
    }

    /// There is no such thing, or it is another user's, or the text can be no id of one.
    pub(crate) fn not_found(noun: &str, id: &str) -> Self {
        let (name, id) = (id.contains(['~', '/']), excerpt(id));
        // Apify also takes names, such as `me~actor`. Only the platform knows whose they are.
        let hint = if name {
            ": names are not known here; use the id"
        } else {
            ""
        };
        Self::RecordNotFound(format!("{noun} {id:?} was not found{hint}"))
    }

    fn status_and_type(&self) -> (StatusCode, &'static str) {
        match self {
            // What Apify's own API says; its clients know no other. The message tells the two
            // apart.
            Self::TokenNotProvided | Self::InvalidToken => {
                (StatusCode::UNAUTHORIZED, "user-or-token-not-found")
            }
            Self::MissingScope(_) | Self::OtherPage(_) | Self::FromDelivery(_) => {
                (StatusCode::FORBIDDEN, "insufficient-permissions")
            }
            Self::TooSoon(_) => (StatusCode::TOO_MANY_REQUESTS, "rate-limit-exceeded"),
            Self::RecordNotFound(_) => (StatusCode::NOT_FOUND, "record-not-found"),
            Self::PageNotFound(_) => (StatusCode::NOT_FOUND, "page-not-found"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::RequestTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "request-too-large"),
            Self::ContentType(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid-content-type-header",
            ),
            Self::ContentEncoding(_) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-content-encoding",
            ),
            Self::InvalidRequest(_) => (StatusCode::BAD_REQUEST, "invalid-request"),
            Self::Field(_) => (StatusCode::BAD_REQUEST, "schema-validation"),
            Self::Parameter(_) => (StatusCode::BAD_REQUEST, "invalid-parameter"),
            // Apify publishes the type without its status. Not 400: nothing is wrong with the
            // request, and it will do once there is room. Not 429: clients would send it again and
            // again.
            Self::TooManyWebhooks(_) | Self::TooManyAdHocWebhooks(_) => {
                (StatusCode::FORBIDDEN, "too-many-webhooks")
            }
            Self::ConcurrentUpdate => (StatusCode::CONFLICT, "concurrent-update-detected"),
            Self::SecretStillLive(_) => (StatusCode::CONFLICT, "previous-secret-still-valid"),
            Self::Unrenderable(_) => (StatusCode::CONFLICT, "cannot-render"),
            Self::Redelivery(_) => (StatusCode::CONFLICT, "cannot-redeliver"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal-server-error"),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<QueueError> for ApiError {
    fn from(error: QueueError) -> Self {
        Self::internal(error)
    }
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        Self::internal(error)
    }
}

impl From<NoChance> for ApiError {
    fn from(error: NoChance) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(%cause, "a request has failed");
        }
        let (status, kind) = self.status_and_type();
        let mut response = envelope::error(status, kind, &self.to_string());
        match self {
            Self::MethodNotAllowed(allowed) => {
                response.headers_mut().insert(ALLOW, allowed);
            }
            Self::TooSoon(TooSoon {
                per_minute, wait, ..
            }) => {
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, wait.as_secs().into());
                headers.insert(RATE_LIMIT, per_minute.into());
            }
            _ => {}
        }
        response
    }
}

/// The start of a text, for a message: enough to recognise it; a hostile one may be a megabyte.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The methods of an `Allow` header, for people.
fn listed(allowed: &HeaderValue) -> String {
    allowed.to_str().unwrap_or_default().replace(',', ", ")
}

/// Where the webhooks of this condition are shown.
fn page_of(condition: &Condition) -> String {
    match condition {
        Condition::Actor(id) => format!("the actor {id}"),
        Condition::Task(id) => format!("the task {id}"),
        Condition::Run(id) => format!("the run {id}"),
    }
}
