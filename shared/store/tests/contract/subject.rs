//! An endpoint that attempts are noted of.

use std::slice;

use domain::endpoint::{Endpoint, Health, Outage, ScopeId, Scopes};
use domain::notice::Found;
use domain::request_url::RequestUrl;
use domain::webhook::Webhook;
use store::{Failure, Noted, Success};

use crate::samples::{alice, at, webhook};
use crate::stage::Stage;

/// What is tried at `https://example.com/`, and what is known of it.
pub(crate) struct Subject {
    pub(crate) stage: Stage,
    endpoint: Endpoint,
    webhook: Webhook,
    pub(crate) scopes: Scopes,
}

impl Subject {
    pub(crate) async fn new() -> Self {
        Self {
            stage: Stage::new().await,
            endpoint: Endpoint {
                user: alice(),
                host: "example.com".to_owned(),
            },
            webhook: webhook(1),
            scopes: scopes("https://example.com/"),
        }
    }

    pub(crate) fn of(&self) -> Found<'_> {
        let trace = None;
        let webhook = &self.webhook;
        Found { webhook, trace }
    }

    pub(crate) fn failure<'s>(
        &'s self,
        url: &'s ScopeId,
        dead: Option<&'s ScopeId>,
    ) -> Failure<'s> {
        Failure {
            url,
            dead,
            passed: &[],
            of: self.of(),
        }
    }

    pub(crate) async fn known(&self) -> Health {
        let endpoints = slice::from_ref(&self.endpoint);
        let healths = self.stage.store.healths(endpoints, &[]).await.unwrap();
        let mut healths = healths.endpoints;
        healths.remove(&self.endpoint).unwrap_or_default()
    }

    /// An attempt to which the URL gave no answer.
    pub(crate) async fn silence(&self, now: u32) -> Outage {
        let url = &self.scopes.url;
        let health = self
            .fail(&Health::default(), self.failure(url, Some(url)), now)
            .await;
        health.outages[url].clone()
    }

    pub(crate) async fn fail(&self, known: &Health, failure: Failure<'_>, now: u32) -> Health {
        let store = &self.stage.store;
        let noted = store
            .note_failure(&self.endpoint, known, failure, at(now))
            .await;
        noted.unwrap()
    }

    pub(crate) async fn succeed(&self, is_slow: bool) {
        let scopes: Vec<&ScopeId> = self.scopes.all().collect();
        let store = &self.stage.store;
        let success = Success {
            passed: &scopes,
            is_slow,
            of: self.of(),
        };
        let nothing = Health::default();
        let noted = store
            .note_success(&self.endpoint, &nothing, success, at(5))
            .await;
        noted.unwrap();
    }

    pub(crate) async fn pause(&self, read: &Outage, until: u32) -> bool {
        let url = &self.scopes.url;
        let store = &self.stage.store;
        let paused = store
            .pause(&self.endpoint, (url, read), at(until), (self.of(), at(5)))
            .await;
        paused.unwrap()
    }

    pub(crate) async fn be_slow(&self, until: u32, now: u32) -> Noted {
        let noted = self
            .stage
            .store
            .note_slow(&self.endpoint, at(until), at(now));
        noted.await.unwrap()
    }

    pub(crate) async fn trust(&self, until: u32) {
        let noted = self
            .stage
            .store
            .note_trust(&self.endpoint, at(until), at(1));
        noted.await.unwrap();
    }
}

pub(crate) fn scopes(url: &str) -> Scopes {
    Scopes::of(&RequestUrl::parse(url).unwrap(), true)
}
