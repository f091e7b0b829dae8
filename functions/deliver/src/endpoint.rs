//! The endpoint of a message: whether it is called now ([`domain::endpoint`]), and in `health` what an attempt tells about it.
//!
//! All of this is care for others, and none of it decides whether a dispatch is delivered: a health that cannot be read or written is
//! logged, and the attempt goes on as if nothing were known.

mod health;
mod hosts;
mod peers;

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::endpoint::{Allowance, Endpoint, Health, Lane, PROBE, ScopeId, Scopes, TRIAL, Way};
use domain::event::SubjectId;
use domain::id::UserId;
use domain::notice::Found;
use domain::webhook::Webhook;
use runtime::clock;
use store::{Healths, Loaded, Store, StoreError};
use tokio::sync::OnceCell;

use hosts::Hosts;
use peers::Peers;

/// The health of endpoints: read before an attempt, noted after it. One for each process.
#[derive(Debug)]
pub(crate) struct Endpoints {
    store: Store,
    hosts: Hosts,
    failing_after: Duration,
    disable_after: Duration,
}

/// What is known of the endpoint that a webhook's requests go to.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) endpoint: Endpoint,
    pub(crate) scopes: Scopes,
    pub(crate) health: Arc<Health>,
    peers: Arc<Peers>,
    user: Arc<OfUser>,
}

/// What the messages of a batch for one user have in common.
#[derive(Debug, Default)]
struct OfUser {
    allowance: Allowance,
    /// Whether this batch has the user's trial, and for which host.
    trial: OnceCell<Option<String>>,
}

/// The endpoints of a batch, each read once.
#[derive(Debug, Default)]
pub(crate) struct Destinations {
    endpoints: HashMap<Endpoint, (Arc<Health>, Arc<Peers>)>,
    users: HashMap<UserId, Arc<OfUser>>,
}

impl Destinations {
    /// Takes what was read. What is known already stays: attempts may have begun with it.
    fn learn(&mut self, Healths { endpoints, users }: Healths) {
        for (endpoint, health) in endpoints {
            let peers = || Arc::new(Peers::of(&health));
            let known = self.endpoints.entry(endpoint);
            known.or_insert_with(|| (Arc::new(health.clone()), peers()));
        }
        for (user, allowance) in users {
            let trial = OnceCell::new();
            let known = self.users.entry(user);
            known.or_insert_with(|| Arc::new(OfUser { allowance, trial }));
        }
    }

    /// Where the requests of this webhook go.
    pub(crate) fn of(&self, webhook: Option<&Webhook>) -> Option<Destination> {
        let webhook = webhook?;
        let definition = &webhook.definition;
        let endpoint = Endpoint::of(&webhook.user, &definition.request_url);
        let (health, peers) = self.endpoints.get(&endpoint)?;
        Some(Destination {
            scopes: Scopes::of(&definition.request_url, !definition.ignore_ssl_errors),
            health: Arc::clone(health),
            peers: Arc::clone(peers),
            user: Arc::clone(self.users.get(&webhook.user)?),
            endpoint,
        })
    }
}

impl Endpoints {
    /// Webhooks whose URL has accepted nothing for the first of these times are failing, and after
    /// the second they are switched off.
    pub(crate) fn new(store: Store, (failing_after, disable_after): (Duration, Duration)) -> Self {
        Self {
            store,
            hosts: Hosts::default(),
            failing_after,
            disable_after,
        }
    }

    /// Where these messages probably lead to, each endpoint once: what is known of those is worth
    /// reading with the messages.
    pub(crate) fn guess(&self, messages: &[DeliveryMessage]) -> Vec<Endpoint> {
        self.hosts.guess(messages)
    }

    /// Finds out about the endpoints of these messages: what was not read with them is read in one
    /// more call.
    pub(crate) async fn find(&self, destinations: &mut Destinations, loaded: &mut Loaded) {
        match mem::replace(&mut loaded.healths, Ok(Healths::default())) {
            Ok(healths) => destinations.learn(healths),
            Err(error) => complain(&error),
        }
        let loads = loaded.loads.iter();
        let webhooks = loads.filter_map(|load| load.as_ref().ok()?.webhook.as_deref());
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let mut users: Vec<UserId> = Vec::new();
        for webhook in webhooks {
            let endpoint = Endpoint::of(&webhook.user, &webhook.definition.request_url);
            self.hosts.learn(&webhook.id, &endpoint);
            if !destinations.endpoints.contains_key(&endpoint) && !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
            if !destinations.users.contains_key(&webhook.user) && !users.contains(&webhook.user) {
                users.push(webhook.user.clone());
            }
        }
        if endpoints.is_empty() && users.is_empty() {
            return;
        }
        let read = self.store.healths(&endpoints, &users).await;
        destinations.learn(read.unwrap_or_else(|error| {
            complain(&error);
            Healths::nothing_of(&endpoints, &users)
        }));
    }

    /// What is to be done about this message for this destination. Of all messages that find a
    /// pause over, one probes; of all batches of a user's, one tries a host that is not known to
    /// answer.
    pub(crate) async fn way(
        &self,
        message: &DeliveryMessage,
        (destination, webhook): (&Destination, &Webhook),
        lane: Lane,
    ) -> Way {
        let now = clock::now();
        let (health, allowance) = (&destination.health, &destination.user.allowance);
        let way = match message.subject {
            // The owner of a test delivery waits for it, and wants to see what happens now. Anybody
            // can ask for many in one moment, of a host that has been good until then: they hold up
            // nothing but each other.
            SubjectId::Test => match lane {
                Lane::Fast => Way::SlowLane,
                Lane::Slow => Way::Attempt,
            },
            SubjectId::Run(_) | SubjectId::Build(_) => {
                health.way(&destination.scopes, allowance, lane, now)
            }
        };
        match way {
            Way::Probe(scope) => self.probe((destination, webhook), &scope).await,
            Way::Wait(until) if self.has_waited_unasked(message, destination) => {
                tracing::info!(dispatch = %message.dispatch, %until, "calling a paused endpoint before giving up");
                self.trial_or(health.lane(allowance, lane, now), destination)
                    .await
            }
            way => self.trial_or(way, destination).await,
        }
    }

    async fn trial_or(&self, way: Way, destination: &Destination) -> Way {
        match way {
            Way::Trial if self.has_trial(destination).await => Way::Attempt,
            Way::Trial => Way::SlowLane,
            way => way,
        }
    }

    /// Whether a message has waited for as long as anybody does, and nobody has asked its URL
    /// meanwhile: then it has to be asked, or the failure reason would claim something that was never checked.
    fn has_waited_unasked(&self, message: &DeliveryMessage, destination: &Destination) -> bool {
        let Some(since) = message.put_off_since else {
            return false;
        };
        let asked_at = destination
            .health
            .outages
            .get(&destination.scopes.url)
            .and_then(|outage| outage.asked_at);
        let is_over = message.put_off(clock::now(), self.disable_after).is_none();
        is_over && asked_at.is_none_or(|at| at < since)
    }

    /// Whether this batch has its user's trial, and has it for this host.
    async fn has_trial(&self, destination: &Destination) -> bool {
        let begin = || async {
            let now = clock::now();
            let user = &destination.endpoint.user;
            let begun = self.store.begin_trial(user, now.after(TRIAL), now).await;
            let has_it = begun.unwrap_or_else(|error| {
                complain(&error);
                true
            });
            has_it.then(|| destination.endpoint.host.clone())
        };
        let of_batch = destination.user.trial.get_or_init(begin).await;
        of_batch.as_ref() == Some(&destination.endpoint.host)
    }

    async fn probe(
        &self,
        (destination, webhook): (&Destination, &Webhook),
        scope: &ScopeId,
    ) -> Way {
        let now = clock::now();
        let until = now.after(PROBE);
        // Of a batch one message asks.
        if !destination.peers.begin_probe(scope, until) {
            return Way::Wait(until);
        }
        let outage = destination
            .health
            .outages
            .get(scope)
            .cloned()
            .unwrap_or_default();
        let trace = None;
        let found = Found { webhook, trace };
        let read = (scope, &outage);
        let paused = self
            .store
            .pause(&destination.endpoint, read, until, (found, now));
        match paused.await {
            Ok(true) => Way::Attempt,
            Ok(false) => Way::Wait(until),
            Err(error) => {
                complain(&error);
                Way::Attempt
            }
        }
    }
}

fn complain(error: &StoreError) {
    tracing::error!(%error, "endpoint health could not be read or written");
}
