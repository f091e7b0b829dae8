//! The operations on queues as a whole.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::{Call, Nothing};
use crate::address;
use crate::error::Error;

/// How many queues a list has at most.
const MAX_LISTED: usize = 1000;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CreateRequest {
    queue_name: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct NameRequest {
    queue_name: String,
}

/// A request that says only which queue it is for.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct UrlRequest {
    queue_url: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListRequest {
    queue_name_prefix: String,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SourcesRequest {
    queue_url: String,
    #[serde(flatten)]
    page: PageRequest,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PageRequest {
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UrlAnswer {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAnswer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The one list whose name SQS begins with a small letter.
#[derive(Serialize)]
pub(super) struct SourcesAnswer {
    #[serde(rename = "queueUrls")]
    queue_urls: Vec<String>,
    #[serde(rename = "NextToken", skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn create(call: &Call, request: &CreateRequest) -> Result<UrlAnswer, Error> {
    // Before the attributes: a FIFO queue should be refused for what it is, not for its settings.
    address::check_name(&request.queue_name)?;
    // A queue that is there must agree with what is asked for; what is not asked for does not
    // matter.
    let existing = call
        .sqs
        .queue(&request.queue_name)
        .map(|queue| queue.attributes())
        .transpose()?;
    let mut attributes = existing.unwrap_or_default();
    for (name, value) in &request.attributes {
        attributes.set(name, value)?;
    }
    let queue = call.sqs.create_queue(&request.queue_name, attributes)?;
    Ok(UrlAnswer {
        queue_url: queue.url(&call.endpoint),
    })
}

pub(super) fn delete(call: &Call, request: &UrlRequest) -> Result<Nothing, Error> {
    let queue = call.queue(&request.queue_url)?;
    call.sqs.delete_queue(queue.name()).map(|()| Nothing {})
}

pub(super) fn purge(call: &Call, request: &UrlRequest) -> Result<Nothing, Error> {
    call.queue(&request.queue_url)?.purge().map(|()| Nothing {})
}

pub(super) fn url(call: &Call, request: &NameRequest) -> Result<UrlAnswer, Error> {
    let queue = call
        .sqs
        .queue(&request.queue_name)
        .ok_or_else(Error::queue_does_not_exist)?;
    Ok(UrlAnswer {
        queue_url: queue.url(&call.endpoint),
    })
}

pub(super) fn list(call: &Call, request: &ListRequest) -> Result<ListAnswer, Error> {
    let prefix = &request.queue_name_prefix;
    let names = call
        .sqs
        .queue_names()
        .into_iter()
        .filter(|name| name.starts_with(prefix));
    let (queue_urls, next_token) = request.page.cut(call, names)?;
    Ok(ListAnswer {
        queue_urls,
        next_token,
    })
}

pub(super) fn dead_letter_sources(
    call: &Call,
    request: &SourcesRequest,
) -> Result<SourcesAnswer, Error> {
    let target = call.queue(&request.queue_url)?;
    let is_source = |name: &String| {
        let redrive = call
            .sqs
            .queue(name)
            .and_then(|queue| queue.attributes().ok()?.redrive);
        redrive.is_some_and(|redrive| redrive.dead_letter_queue == target.name())
    };
    let names = call.sqs.queue_names().into_iter().filter(is_source);
    let (queue_urls, next_token) = request.page.cut(call, names)?;
    Ok(SourcesAnswer {
        queue_urls,
        next_token,
    })
}

impl PageRequest {
    /// The URLs of one page of queues, and the token for the next page. The token is the name of
    /// the last queue of this one.
    fn cut(
        &self,
        call: &Call,
        names: impl Iterator<Item = String>,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        let after = self.next_token.as_deref().map(read_token).transpose()?;
        let mut names = names
            .filter(|name| after.as_ref().is_none_or(|after| name > after))
            .peekable();
        let size = self.max_results.unwrap_or(MAX_LISTED).clamp(1, MAX_LISTED);
        let page: Vec<String> = names.by_ref().take(size).collect();
        let token = names
            .peek()
            .and(page.last())
            .map(|last| BASE64_STANDARD.encode(last));
        Ok((
            page.iter()
                .map(|name| address::url(&call.endpoint, name))
                .collect(),
            token,
        ))
    }
}

fn read_token(token: &str) -> Result<String, Error> {
    let name = BASE64_STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| {
        Error::invalid_parameter(
            "NextToken",
            token,
            "It is not the token of an earlier answer.",
        )
    })
}
