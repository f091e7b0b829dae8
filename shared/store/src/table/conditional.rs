//! Changes of one item that are made only if a condition holds. That it does not is an answer, not an error.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use crate::error::StoreError;

/// Makes a change, and tells whether its condition held.
pub(crate) async fn is_done(
    update: UpdateItemFluentBuilder,
    operation: &'static str,
) -> Result<bool, StoreError> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
        {
            Ok(false)
        }
        Err(error) => Err(StoreError::call(operation)(error)),
    }
}
