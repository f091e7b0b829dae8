//! What can be wrong with an event message. All of it is permanent: each text is what a human reads
//! on the rejected queue.

use crate::depth::MAX_DEPTH;
use crate::event_type::{EventType, UnknownEventType};
use crate::id::IdError;
use crate::timestamp::TimestampError;

/// Why a message is no event.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The text is not JSON, or an object in it has a field twice.
    #[error("the message is not a JSON object of an event: {0}")]
    Json(#[from] serde_json::Error),
    /// The text is JSON of another kind.
    #[error("the message is not a JSON object of an event: found {0}")]
    NotAnObject(&'static str),
    /// A question of SNS to whoever owns the queue.
    #[error(
        "this is no event, but the question of SNS whether to send to this queue ({0}): answer it once with \
         `aws sns confirm-subscription`, with the TopicArn and the Token of this message, or open its SubscribeURL; then delete this message"
    )]
    SubscriptionOfSns(&'static str),
    /// Nested so deeply that a receiver's parser may give up.
    #[error("the message is nested {0} levels deep; {MAX_DEPTH} are allowed")]
    TooDeep(usize),
    /// A field has the wrong type.
    #[error("{field}: expected {expected}, found {found}")]
    WrongType {
        /// Path of the field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
        /// The start of what is there, or its kind if it may hold secrets.
        found: String,
    },
    /// A field that is needed is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An id is no id.
    #[error("{field}: {error}")]
    Id {
        /// Path of the field.
        field: &'static str,
        /// What is wrong with it.
        error: IdError,
    },
    /// The event type is unknown.
    #[error("eventType: {0}")]
    EventType(#[from] UnknownEventType),
    /// The type is only made by the test endpoint.
    #[error("eventType: {0} comes from the API's test endpoint, never from the event queue")]
    NotFromPlatform(EventType),
    /// There is no event type, and the status is one on the way to another: nothing has happened
    /// that anybody waits for, and nothing is wrong.
    #[error("resource.status {0:?} is no event")]
    NoEvent(String),
    /// There is no event type, and the status names none.
    #[error("eventType is missing, and resource.status {0:?} does not stand for an event")]
    NoEventOfStatus(String),
    /// The time is no time.
    #[error("createdAt: {0}")]
    CreatedAt(#[from] TimestampError),
    /// Two fields that say the same differ.
    #[error("{one} {one_value:?} and {other} {other_value:?} must agree")]
    Disagree {
        /// One field.
        one: &'static str,
        /// Its value.
        one_value: String,
        /// The other field.
        other: &'static str,
        /// Its value.
        other_value: String,
    },
    /// The type is about a run and the data about a build, or the other way round.
    #[error("eventType {0} does not fit: eventData must have {1}")]
    WrongSubject(EventType, &'static str),
}
