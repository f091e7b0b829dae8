//! The account and region that this machine plays, and the names of things in them.

// Its queues say whose they are, and where.
pub use sqs::{ACCOUNT, REGION};

/// The name of the stack, which starts the names of its resources.
pub(crate) const STACK: &str = "runhooks";

/// The ARN of a resource of the account.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The ARN of a function.
pub(crate) fn function_arn(name: &str) -> String {
    arn("lambda", &format!("function:{name}"))
}
