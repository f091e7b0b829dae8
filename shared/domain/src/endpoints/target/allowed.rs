//! What is let through although it is not public.

use std::net::IpAddr;

use ipnet::IpNet;

/// Networks that requests may go to although they are not public. None, unless somebody asks for
/// it: for use on one's own machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedTargets(Vec<IpNet>);

/// A text that is no list of networks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a network such as 127.0.0.0/8")]
pub struct AllowedTargetsError(String);

impl AllowedTargets {
    /// Reads networks separated by commas, such as `127.0.0.0/8,::1/128`. An empty text is none.
    pub fn parse(text: &str) -> Result<Self, AllowedTargetsError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let network = |part: &str| {
            let network = part.trim().parse();
            network.map_err(|_| AllowedTargetsError(part.to_owned()))
        };
        text.split(',')
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}
