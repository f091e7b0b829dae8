//! API tokens. Only digests are stored: who reads the table cannot call the API.

use domain::id::UserId;

use crate::error::StoreError;
use crate::key::Key;
use crate::{Store, attribute};

impl Store {
    /// Whose token it is that has this SHA-256 digest, in lower-case hexadecimal digits.
    pub async fn user_of_token(&self, sha256_hex: &str) -> Result<Option<UserId>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(Key::token(sha256_hex).attributes()))
            // A revoked token must not work for a moment longer.
            .consistent_read(true)
            .send();
        let Some(item) = get.await.map_err(StoreError::call("read a token"))?.item else {
            return Ok(None);
        };
        let user = attribute::text(&item, "user")?;
        UserId::parse(user)
            .map(Some)
            .map_err(StoreError::item("token"))
    }
}
