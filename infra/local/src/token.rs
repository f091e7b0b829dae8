//! The API token that a platform starts with.

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::dynamodb::DynamoDb;

/// The ready token.
pub(crate) const TOKEN: &str = "runhooks-local-token";

/// The user it belongs to.
pub const USER: &str = "localUser00000001";

/// Makes the ready token known in the table of webhooks, unless it is from an earlier run.
pub(crate) async fn seed(database: &DynamoDb, webhooks_table: &str) -> Result<()> {
    if user_of(TOKEN, database, webhooks_table).await?.is_some() {
        return Ok(());
    }
    make(TOKEN, USER, database, webhooks_table).await
}

/// Makes a token known.
pub(crate) async fn make(
    token: &str,
    user: &str,
    database: &DynamoDb,
    webhooks_table: &str,
) -> Result<()> {
    let mut listed = key(&format!("U#{user}"), &digest_of(token));
    listed["created_at"] = json!({ "S": OffsetDateTime::now_utc().format(&Rfc3339)? });
    listed["note"] = json!({ "S": "made by the local platform" });
    database.put_item(webhooks_table, listed).await?;
    let mut item = key(&digest_of(token), "T");
    item["user"] = json!({ "S": user });
    database.put_item(webhooks_table, item).await
}

/// The user whose token it is.
pub(crate) async fn user_of(
    token: &str,
    database: &DynamoDb,
    webhooks_table: &str,
) -> Result<Option<String>> {
    let item = database
        .get_item(webhooks_table, key(&digest_of(token), "T"))
        .await?;
    Ok(item.and_then(|item| Some(item["user"]["S"].as_str()?.to_owned())))
}

/// What a token is kept under: whoever reads the table cannot use it.
pub(crate) fn digest_of(token: &str) -> String {
    format!("T#{:x}", Sha256::digest(token))
}

fn key(pk: &str, sk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": sk } })
}
