//! What can go wrong with the store: always our fault or AWS's, never a user's. Results of races are values, not errors.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// A call to DynamoDB has failed after the SDK's own retries, or an item is not what we wrote.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A call has failed.
    #[error("{operation}: {cause}")]
    Call {
        /// What was to be done.
        operation: &'static str,
        /// Why it was not, with the chain of causes.
        cause: String,
    },
    /// DynamoDB kept putting some items off.
    #[error("{operation}: {left} items were put off again and again")]
    PutOff {
        /// What was to be done.
        operation: &'static str,
        /// With how many items it was not.
        left: usize,
    },
    /// An item cannot be read or written.
    #[error("{what}: {cause}")]
    Item {
        /// Which kind of item.
        what: &'static str,
        /// Why not.
        cause: String,
    },
}

impl StoreError {
    /// Wraps a failed call.
    pub(crate) fn call<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        move |error| {
            let cause = match (error.code(), error.message()) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                _ => DisplayErrorContext(&error).to_string(),
            };
            Self::Call { operation, cause }
        }
    }

    /// Wraps what makes an item unreadable or unwritable.
    pub(crate) fn item<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Item {
            what,
            cause: error.to_string(),
        }
    }
}
