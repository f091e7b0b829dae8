//! Signatures, as a receiver verifies them: with the library `standardwebhooks`, which knows
//! nothing of us.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use standardwebhooks::{HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};

use crate::arrivals::Arrival;
use crate::record::Record;
use crate::user::User;

/// What a receiver accepts of a timestamp.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// How many secrets are asked for at the same time.
const AT_ONCE: usize = 8;

/// Whether this secret has signed it. The time is asked for where it is the receiver's own.
pub(crate) fn verify(secret: &str, post: &Arrival, by_the_clock: bool) -> Result<(), String> {
    let timestamp = post.header(HEADER_WEBHOOK_TIMESTAMP);
    let timestamp: i64 = timestamp
        .parse()
        .map_err(|_| format!("{}: the timestamp is {timestamp:?}", post.label))?;
    let away = post.at.unix_timestamp().abs_diff(timestamp);
    if by_the_clock && away > TOLERANCE.as_secs() {
        return Err(format!("{}: the timestamp is {away} s away", post.label));
    }
    let signed = Webhook::new(secret)
        .and_then(|webhook| webhook.sign(post.dispatch(), timestamp, &post.body))
        .map_err(|error| format!("{}: {error}", post.label))?;
    let mut signatures = post.header(HEADER_WEBHOOK_SIGNATURE).split(' ');
    match signatures.any(|signature| signature == signed) {
        true => Ok(()),
        false => Err(format!(
            "dispatch {} of {} is not signed with its webhook's secret",
            post.dispatch(),
            post.label
        )),
    }
}

/// The secret of a webhook.
pub(crate) async fn secret_of(user: &User, webhook: &str) -> Result<String> {
    let secret = user.get(&format!("/v2/webhooks/{webhook}/secret")).await?;
    let key = secret["key"].as_str();
    Ok(key.context("a webhook has no secret")?.to_owned())
}

/// Every POST that is not signed with the secret of its webhook.
pub(crate) async fn wrongly_signed(
    users: &[&User],
    posts: &[Arrival],
    records: &[Record],
    by_the_clock: bool,
) -> Result<Vec<String>> {
    let by_dispatch: HashMap<_, _> = records
        .iter()
        .map(|record| (record.id.as_str(), record))
        .collect();
    let mut webhooks: Vec<_> = by_dispatch
        .values()
        .map(|record| (record.user_id.as_str(), record.webhook_id.as_str()))
        .collect();
    webhooks.sort_unstable();
    webhooks.dedup();
    let secrets = webhooks.into_iter().map(|(user, webhook)| async move {
        let owner = users.iter().find(|one| one.id.as_str() == user);
        let owner = owner.context("a record is of nobody we know")?;
        let secret = secret_of(owner, webhook).await?;
        anyhow::Ok((webhook, secret))
    });
    let secrets = stream::iter(secrets).buffer_unordered(AT_ONCE);
    let secrets: HashMap<_, _> = secrets.try_collect().await?;
    let wrong = posts.iter().filter_map(|post| {
        // What has no record is the ledger's to tell.
        let record = by_dispatch.get(post.dispatch())?;
        let secret = secrets.get(record.webhook_id.as_str())?;
        verify(secret, post, by_the_clock).err()
    });
    Ok(wrong.collect())
}
