//! Changes of one item that are made only if a condition holds. That it does not is an answer, not an error.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use super::collision::{is_collision, past_collisions};
use crate::error::StoreError;

/// Makes a change, and tells whether its condition held.
pub(crate) async fn is_done(
    update: UpdateItemFluentBuilder,
    operation: &'static str,
) -> Result<bool, StoreError> {
    match past_collisions(is_collision, || update.clone().send()).await {
        Ok(_) => Ok(true),
        Err(error) if is_refused(&error) => Ok(false),
        Err(error) => Err(StoreError::call(operation)(error)),
    }
}

/// Whether a change was not made because its condition did not hold.
pub(crate) fn is_refused<R>(error: &SdkError<UpdateItemError, R>) -> bool {
    error
        .as_service_error()
        .is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}
