//! Events that each bring an ad hoc webhook for a host that was never called before.

use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use serde_json::json;

use crate::events::{Event, Events};
use crate::noisy::hanging::Hanging;

/// 127.1.0.0, behind everybody else on loopback.
const FIRST: u32 = 0x7f01_0000;

/// All up to 127.254.255.255.
const HOSTS: u32 = 254 << 16;

/// The events of one user.
pub(in crate::noisy) struct Strangers {
    events: Events,
    port: u16,
}

impl Strangers {
    /// Whoever listens there listens on all addresses.
    pub(super) fn of(events: Events, hanging: &Hanging) -> Result<Self> {
        let address = hanging.addresses().first();
        let address = address.context("nothing listens for the hosts")?;
        let port = address.port();
        Ok(Self { events, port })
    }

    /// The event that leads to this host.
    pub(super) fn next(&self, place: u32) -> Result<Event> {
        let url = format!("http://{}:{}/webhook", host(place), self.port);
        let definition = json!({ "eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": url });
        Ok(self.events.next()?.with_webhooks(&json!([definition])))
    }
}

fn host(place: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST + place % HOSTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_is_another_one_on_loopback() {
        assert_eq!(host(0), Ipv4Addr::new(127, 1, 0, 0));
        assert_eq!(host(258), Ipv4Addr::new(127, 1, 1, 2));
        assert_eq!(host(HOSTS - 1), Ipv4Addr::new(127, 254, 255, 255));
        assert_eq!(host(HOSTS), host(0));
    }
}
