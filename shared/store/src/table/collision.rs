//! Changes that collide with a transaction: DynamoDB refuses a change of an item that a transaction
//! is changing, and a transaction with such an item. The other is done in a moment, and the SDK
//! repeats neither.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A change that collides is made again so often, after a pause that doubles.
const REPEATS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// Makes a change, and makes it again while it collides. The last collision is the outcome if it
/// never stops.
pub(crate) async fn past_collisions<T, E, F>(
    collides: impl Fn(&E) -> bool,
    change: impl Fn() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    // Boxed, because the compiler does not follow types of any depth.
    for repeat in 1..=REPEATS {
        match Box::pin(change()).await {
            Err(error) if collides(&error) => {
                tokio::time::sleep(PAUSE * 2u32.pow(repeat)).await;
            }
            outcome => return outcome,
        }
    }
    Box::pin(change()).await
}

/// Whether a single change was refused because a transaction is changing its item.
pub(crate) fn is_collision<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("TransactionConflictException")
}
