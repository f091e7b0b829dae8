//! What the noisy user does to the platform, and the busy one as well, but with receivers that
//! answer.

mod load;
mod path;
mod strangers;
mod trials;

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use local::platform::Platform;
use serde::Serialize;

use super::hanging::Hanging;
use super::neighbour::Role;
use crate::client;
use crate::events::Events;
use crate::receiver::Receiver;
pub(super) use load::Load;
pub(super) use path::beside_webhook;
use strangers::Strangers;
use trials::Trials;

/// How many ports of its host `ports` has.
const PORTS: usize = 75;

/// As many as the template allows: what is measured is what comes through.
const MOST_TESTS_PER_MINUTE: &str = "1000000";

/// What hangs, and how the noisy user has it called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub(super) enum Attack {
    /// Events lead to one host and port that hangs
    Deliveries,
    /// Test deliveries lead to one host and port that hangs
    Tests,
    /// Events lead to 75 ports of one host that hangs, with a webhook for each
    Ports,
    /// Every event brings an ad hoc webhook for another host that hangs
    Hosts,
    /// Events lead to the quiet user's own receiver, at a path that closes the connection
    Path,
}

impl Attack {
    /// What is sent, as the report says it.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries to one host and port that hangs",
            Self::Tests => "test deliveries to one host and port that hangs",
            Self::Ports => "deliveries to 75 ports of one host that hangs",
            Self::Hosts => "deliveries to as many hosts that hang",
            Self::Path => "deliveries to the quiet user's receiver, at a path that never answers",
        }
    }

    /// Refuses to let a receiver answer beforehand where that would change nothing.
    pub(super) fn check(self, is_known: bool) -> Result<()> {
        ensure!(
            !is_known || self != Self::Hosts,
            "--known says nothing of --attack hosts, where no host is called twice"
        );
        Ok(())
    }

    /// The template parameters that it needs.
    pub(super) fn parameters(self) -> BTreeMap<String, String> {
        let tests = (
            "TestsPerMinute".to_owned(),
            MOST_TESTS_PER_MINUTE.to_owned(),
        );
        (self == Self::Tests).then_some(tests).into_iter().collect()
    }

    /// How many ports the receivers of a neighbour need.
    pub(super) fn ports(self) -> usize {
        match self {
            Self::Deliveries | Self::Tests | Self::Hosts => 1,
            Self::Ports => PORTS,
            Self::Path => 0,
        }
    }

    /// Defines the webhooks that it needs of a user, and says what is to be asked for then.
    pub(super) async fn load(
        self,
        platform: &Platform,
        role: &Role,
        hanging: &Hanging,
        quiet: &Receiver,
    ) -> Result<Load> {
        let (endpoints, token) = (platform.endpoints(), format!("token-of-{}", role.user));
        platform.make_token(&token, role.user).await?;
        let events = Events::of_sample()?.of_user(role.user);
        let ports = hanging.addresses().iter();
        let mut urls: Vec<_> = ports.map(|port| format!("http://{port}/webhook")).collect();
        match self {
            Self::Hosts => return Ok(Load::Strangers(Strangers::of(events, hanging)?)),
            Self::Path => urls.push(quiet.url_of(role.path)),
            Self::Deliveries | Self::Tests | Self::Ports => {}
        }
        let (mut actors, mut webhook) = (Vec::new(), String::new());
        for (place, url) in urls.iter().enumerate() {
            let actor = events.clone().of_actor(&format!("actorOfPort{place:06}"));
            let definition = client::definition(actor.actor(), url);
            webhook = client::define_webhook(endpoints, &token, &definition).await?;
            actors.push(actor);
        }
        Ok(match self {
            Self::Tests => Load::Trials(Trials {
                api: endpoints.api.clone(),
                token,
                webhook,
            }),
            _ => Load::Events(actors),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_called_once_cannot_have_answered_before() {
        let refused: Vec<_> = Attack::value_variants()
            .iter()
            .filter(|attack| attack.check(true).is_err())
            .collect();
        assert_eq!(refused, [&Attack::Hosts]);
        assert!(Attack::Hosts.check(false).is_ok());
    }
}
