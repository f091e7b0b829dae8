//! A webhook's secret as its owner sees it.

use domain::signature::MasterKeys;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretView {
    key: String,
    public_key: String,
    previous_key_valid_until: Option<Timestamp>,
}

impl SecretView {
    pub(super) fn of(webhook: &Webhook, keys: &MasterKeys, now: Timestamp) -> Self {
        Self {
            key: keys.secret(webhook).reveal(),
            public_key: keys.public_key(webhook).to_string(),
            previous_key_valid_until: webhook.secret.previous_live_until(now),
        }
    }
}
