//! The account and region that this machine plays, and the names of things in them.

/// The only account.
pub const ACCOUNT: &str = "000000000000";

/// The only region.
pub const REGION: &str = "us-east-1";

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
