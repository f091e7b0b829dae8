//! How queues are addressed: by name inside, by ARN and URL outside.

use super::error::{Error, ErrorCode};

/// The account that owns all queues.
pub const ACCOUNT: &str = "000000000000";

/// The region that they are in.
pub const REGION: &str = "us-east-1";

/// The ARN of the queue of that name.
pub(super) fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
}

/// The name of the queue with that ARN; `None` if it cannot be one of this account.
pub(super) fn name_in_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix(&self::arn(""))
}

/// The URL of the queue of that name, at the endpoint where it was asked for.
pub(super) fn url(endpoint: &str, queue: &str) -> String {
    format!("{}/{}/{queue}", endpoint.trim_end_matches('/'), ACCOUNT)
}

/// The name of the queue with that URL. Host and port do not matter: a URL that was written down
/// before a restart still names its queue. A bare name is taken too, as SQS does.
pub(super) fn name_in_url(url: &str) -> Result<&str, Error> {
    if url.is_empty() {
        return Err(Error::missing_parameter("QueueUrl"));
    }
    let mut segments = url.trim_end_matches('/').rsplit('/');
    let name = segments.next().unwrap_or_default();
    match segments.next() {
        None | Some(ACCOUNT) => Ok(name),
        Some(_) => Err(Error::queue_does_not_exist()),
    }
}

/// Refuses what cannot be the name of a standard queue.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    if name.ends_with(".fifo") {
        let message = format!(
            "Only standard queues are supported here, and {name} is the name of a FIFO queue."
        );
        return Err(Error::new(ErrorCode::UnsupportedOperation, message));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=80).contains(&name.len()) && name.bytes().all(is_name) {
        return Ok(());
    }
    let message =
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    Err(Error::new(ErrorCode::InvalidParameterValue, message))
}
