//! Bodies of requests, some of which are too large.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is larger than it may be.
    TooLarge,
    /// Its sender has gone.
    Broken,
}

/// A body of at most `limit` bytes. A larger one is read to its end and forgotten: its sender would
/// not hear the answer while it sends.
pub(crate) async fn up_to(limit: usize, mut body: Body) -> Result<Bytes, Unread> {
    let (mut size, mut kept) = (0, Vec::new());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        size += data.len();
        match size <= limit {
            true => kept.extend_from_slice(&data),
            false => kept = Vec::new(),
        }
    }
    match size <= limit {
        true => Ok(kept.into()),
        false => Err(Unread::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_may_be_as_large_as_the_limit() {
        let body = |size| Body::from("x".repeat(size));
        assert_eq!(up_to(5, body(5)).await, Ok("xxxxx".into()));
        assert_eq!(up_to(5, body(0)).await, Ok(Bytes::new()));
        assert_eq!(up_to(5, body(6)).await, Err(Unread::TooLarge));
    }
}
