//! What can go wrong with the store: always our fault or AWS's, never a user's. Results of races
//! are values, not errors.

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
        /// Whether there was too much to do.
        is_throttled: bool,
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

/// What DynamoDB says when there is too much to do, for a key, a table or an account. Codes of
/// exceptions end in another word.
const THROTTLES: [&str; 4] = [
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingError",
];

impl StoreError {
    /// Whether nothing is wrong but that there was too much to do: later there may be less.
    pub fn is_throttled(&self) -> bool {
        match self {
            Self::Call { is_throttled, .. } => *is_throttled,
            Self::PutOff { .. } => true,
            Self::Item { .. } => false,
        }
    }

    /// Wraps a failed call.
    pub(crate) fn call<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| Self::Call {
            operation,
            is_throttled: error.code().is_some_and(is_throttle),
            cause: cause_of(error),
        }
    }

    /// What became of a part of a call that was carried out.
    pub(crate) fn call_refused(operation: &'static str, code: &str, message: &str) -> Self {
        Self::Call {
            operation,
            cause: format!("{code}: {message}"),
            is_throttled: is_throttle(code),
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

fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code.trim_end_matches("Exception"))
}

/// Why a call has failed: the code and its message, or the chain of causes. The answer itself,
/// which an error may carry along, is left out: it holds users' items.
fn cause_of<E, R>(error: SdkError<E, R>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    if let (Some(code), Some(message)) = (error.code(), error.message()) {
        return format!("{code}: {message}");
    }
    match error.into_source() {
        Ok(source) => DisplayErrorContext(&*source).to_string(),
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    #[test]
    fn what_is_too_much_is_told_from_what_is_wrong() {
        let throttled = |code| StoreError::call_refused("claim", code, "").is_throttled();
        assert!(throttled("ThrottlingError") && throttled("ThrottlingException"));
        assert!(throttled("ProvisionedThroughputExceededException"));
        assert!(!throttled("InternalServerError") && !throttled("ValidationError"));
        let left = StoreError::PutOff {
            operation: "write",
            left: 1,
        };
        assert!(left.is_throttled());
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_not_shown() {
        let error: SdkError<GetItemError, _> = SdkError::response_error("not JSON", "hunter2");
        let error = StoreError::call("read")(error);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("not JSON") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
