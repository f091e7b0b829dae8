//! Verifies each POST as its receiver would: with the secret of its webhook, and a library that
//! knows nothing of us.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use standardwebhooks::Webhook;

use super::arrivals::Arrivals;
use crate::api_client::Client;

/// Fails on the first POST that a receiver would refuse.
pub(super) async fn verify_all(client: &Client, arrivals: &Arrivals) -> Result<()> {
    let mut verifiers = BTreeMap::new();
    for (headers, body) in arrivals.posts() {
        let dispatch = headers.get("webhook-id").context("a POST has no id")?;
        let dispatch = format!("/v2/webhook-dispatches/{}", dispatch.to_str()?);
        let webhook = client.get(&dispatch).await?["webhookId"].clone();
        let webhook = webhook.as_str().context("a dispatch has no webhook")?;
        if !verifiers.contains_key(webhook) {
            let secret = format!("/v2/webhooks/{webhook}/secret");
            let secret = client.get(&secret).await?["key"].clone();
            let verifier = Webhook::new(secret.as_str().context("a webhook has no secret")?)?;
            verifiers.insert(webhook.to_owned(), verifier);
        }
        let verified = verifiers[webhook].verify(&body, &headers);
        verified.with_context(|| format!("a POST of webhook {webhook} is not signed by it"))?;
    }
    Ok(())
}
