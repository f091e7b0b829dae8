//! Test deliveries, asked for through the API.

use anyhow::Result;

use crate::client;

/// A webhook whose owner tries it out again and again.
pub(in crate::noisy) struct Trials {
    pub(super) api: String,
    pub(super) token: String,
    pub(super) webhook: String,
}

impl Trials {
    /// Asks for one, and tells whether the API has taken it.
    pub(super) async fn ask(&self) -> Result<bool> {
        client::try_out(&self.api, &self.token, &self.webhook).await
    }
}
