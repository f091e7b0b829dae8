//! Where webhooks led to when they were called last, so that what is known of their endpoints can
//! be read in the same call as they are.
//!
//! A guess: where a webhook leads to by now, only its definition says. What was not read then is
//! read in another call.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::delivery_message::DeliveryMessage;
use domain::endpoint::Endpoint;
use domain::id::WebhookId;

/// How many webhooks are remembered: at most some 300 KB.
const MOST: usize = 1000;

/// The endpoints of webhooks. One for each process.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<HashMap<WebhookId, Endpoint>>);

impl Hosts {
    /// Where these messages probably lead to, each endpoint once.
    pub(crate) fn guess<'m>(
        &self,
        messages: impl IntoIterator<Item = &'m DeliveryMessage>,
    ) -> Vec<Endpoint> {
        let known = self.known();
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for message in messages {
            if let Some(endpoint) = known.get(&message.webhook)
                && !endpoints.contains(endpoint)
            {
                endpoints.push(endpoint.clone());
            }
        }
        endpoints
    }

    /// Takes where a webhook leads to now.
    pub(crate) fn learn(&self, webhook: &WebhookId, endpoint: &Endpoint) {
        let mut known = self.known();
        if known.get(webhook) == Some(endpoint) {
            return;
        }
        // Whoever is called often is soon known again.
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(webhook.clone(), endpoint.clone());
    }

    fn known(&self) -> MutexGuard<'_, HashMap<WebhookId, Endpoint>> {
        // Whoever panicked left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
