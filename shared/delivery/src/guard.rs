//! Nothing is connected to that is not public. The connector asks this resolver, and takes no addresses but those that it was given: what is
//! checked is what is used, however fast an answer changes.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::target::{NotPublic, Targets};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A resolver that gives out only addresses that may be connected to.
pub(crate) struct Guard {
    pub(crate) targets: Arc<Targets>,
    pub(crate) resolver: Arc<dyn Resolve>,
}

/// A name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let targets = Arc::clone(&self.targets);
        let host = name.as_str().to_owned();
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = resolving.await?.collect();
            if addresses.is_empty() {
                return Err(NoAddress.into());
            }
            // One bad address spoils the answer: whoever mixes them hopes that the next connection goes to the other one.
            if let Some(bad) = addresses
                .iter()
                .find(|address| !targets.admits(address.ip()))
            {
                tracing::warn!(host, address = %bad.ip(), "a name leads to an address that is not public");
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Asks the operating system.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's: who connects puts it in.
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
