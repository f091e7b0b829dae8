//! `GetQueueAttributes` and `SetQueueAttributes`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, Nothing};
use crate::error::{Error, ErrorCode};
use crate::queue_attributes::QueueAttributes;

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GetRequest {
    queue_url: String,
    attribute_names: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SetRequest {
    queue_url: String,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetAnswer {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, String>,
}

pub(super) fn get(call: &Call, request: &GetRequest) -> Result<GetAnswer, Error> {
    let mut attributes = call.queue(&request.queue_url)?.describe()?;
    let names = &request.attribute_names;
    let is_known = |name: &str| {
        name == "All" || attributes.contains_key(name) || QueueAttributes::is_optional(name)
    };
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(Error::new(
            ErrorCode::InvalidAttributeName,
            format!("Unknown Attribute {unknown}."),
        ));
    }
    attributes.retain(|name, _| names.iter().any(|wanted| wanted == "All" || wanted == name));
    Ok(GetAnswer { attributes })
}

pub(super) fn set(call: &Call, request: &SetRequest) -> Result<Nothing, Error> {
    let queue = call.queue(&request.queue_url)?;
    let mut attributes = queue.attributes()?;
    for (name, value) in &request.attributes {
        attributes.set(name, value)?;
    }
    queue.set_attributes(attributes).map(|()| Nothing {})
}
