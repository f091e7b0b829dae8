//! Where requests may go: to public addresses, and nowhere else.
//!
//! A target is judged twice. [`Targets::check`] judges what a URL says by itself: an address that
//! is written out, in whatever spelling, and names that mean something only inside of a network.
//! [`Targets::admits`] judges each address that a name turns out to have. Neither makes the other
//! superfluous: nobody resolves an address that is written out, and no URL says what its name will
//! resolve to.

mod address;
mod allowed;
mod host;
mod name;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

use url::Host;

use crate::request_url::RequestUrl;

pub use allowed::{AllowedTargets, AllowedTargetsError};
pub use host::{Uncallable, check_host};

/// The targets that requests may go to. By default those that are public.
#[derive(Clone, Debug, Default)]
pub struct Targets {
    allowed: AllowedTargets,
    own: Vec<SocketAddr>,
}

/// A target is refused. Why is not told: a difference would draw a map of our network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must lead to a public address")]
pub struct NotPublic;

impl Targets {
    /// Public targets and these others. `own` are the endpoints that Lambda gives to the function
    /// itself: they are refused, come what may.
    pub fn new(allowed: AllowedTargets, own: Vec<SocketAddr>) -> Self {
        Self { allowed, own }
    }

    /// Judges a URL, before anything is resolved or sent.
    pub fn check(&self, url: &RequestUrl) -> Result<(), NotPublic> {
        let url = url.url();
        let is_admitted = match (url.host(), url.port_or_known_default()) {
            (None, _) | (_, None | Some(0)) => false,
            (Some(Host::Domain(name)), Some(port)) => self.admits_name(name, port),
            (Some(Host::Ipv4(address)), Some(port)) => self.admits_endpoint(address.into(), port),
            (Some(Host::Ipv6(address)), Some(port)) => self.admits_endpoint(address.into(), port),
        };
        if is_admitted { Ok(()) } else { Err(NotPublic) }
    }

    /// Judges an address that a name was resolved to.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_own = || self.own.iter().any(|own| own.ip() == address);
        self.allowed.contain(address) || (address::is_public(address) && !is_own())
    }

    fn admits_endpoint(&self, address: IpAddr, port: u16) -> bool {
        let address = address.to_canonical();
        let is_own = |own: &SocketAddr| {
            let is_same = own.ip() == address || (is_here(own.ip()) && is_here(address));
            is_same && own.port() == port
        };
        self.admits(address) && !self.own.iter().any(is_own)
    }

    /// Where networks are allowed that are not public, so are their names, and what they lead to
    /// decides, unless a name is set apart for other uses than that. Only, whoever resolves a name
    /// does not know the port: a name with the port of an endpoint of our own is refused here,
    /// because it could lead there.
    fn admits_name(&self, name: &str, port: u16) -> bool {
        if self.allowed.is_empty() {
            name::is_public(name)
        } else {
            !name::is_set_apart(name) && !self.own.iter().any(|own| own.port() == port)
        }
    }
}

/// Whether the address leads to the machine that uses it. The unspecified one does, too.
fn is_here(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}
