//! What a repeated notice is recognised by.

use serde::{Deserialize, Serialize};

use crate::digest::short;
use crate::id::{IdError, UserId, WebhookId};

/// Length of an id.
const LENGTH: usize = 22;

/// Names a change of state: whoever tells of the same change gives it the same id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NoticeId(String);

impl NoticeId {
    pub(super) fn of(
        user: &UserId,
        webhook: Option<&WebhookId>,
        kind: &str,
        distinguished_by: &[&str],
    ) -> Self {
        let webhook = webhook.map_or("", WebhookId::as_str);
        let mut parts = vec!["notice", user.as_str(), webhook, kind];
        parts.extend(distinguished_by);
        let parts: Vec<&[u8]> = parts.into_iter().map(str::as_bytes).collect();
        Self(short(&parts, LENGTH))
    }

    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for NoticeId {
    type Error = IdError;
    fn try_from(value: String) -> Result<Self, IdError> {
        if value.len() == LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(value))
        } else {
            Err(IdError::new("a notice", "22 letters and digits", &value))
        }
    }
}

impl From<NoticeId> for String {
    fn from(id: NoticeId) -> Self {
        id.0
    }
}
