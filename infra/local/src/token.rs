//! The API token that a platform starts with.

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::dynamodb::DynamoDb;

/// The ready token.
pub(crate) const TOKEN: &str = "runhooks-local-token";

/// The user it belongs to.
const USER: &str = "localUser00000001";

/// Makes the ready token known in the table of webhooks.
pub(crate) fn seed(database: &DynamoDb, webhooks_table: &str) -> Result<()> {
    let mut item = key_of(TOKEN);
    item["user"] = json!({ "S": USER });
    database.put_item(webhooks_table, item)
}

/// The user whose token it is.
pub(crate) fn user_of(
    token: &str,
    database: &DynamoDb,
    webhooks_table: &str,
) -> Result<Option<String>> {
    let item = database.get_item(webhooks_table, key_of(token))?;
    Ok(item.and_then(|item| Some(item["user"]["S"].as_str()?.to_owned())))
}

fn key_of(token: &str) -> Value {
    let hash = format!("T#{:x}", Sha256::digest(token));
    json!({ "pk": { "S": hash }, "sk": { "S": "T" } })
}
