//! From a name to addresses, as RFC 8305 says: both families are asked at once, and the first good
//! answer is used.
//!
//! Not by the operating system's `getaddrinfo`: that waits for both families, so that a name server
//! which never answers for one of them takes the name away; it appends the search list, so that a
//! name that is gone may be found within our own network; and it holds a thread for as long as it
//! waits, which a crowd of silent name servers would use up.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use futures::future::{Either, select};
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Resolver, TokioResolver};
use tokio::time::timeout;

/// How long the second family may be late. Long enough that who answers both has answered both, so
/// that all of a name's addresses are judged together; short enough that nobody minds who does not.
const LATE: Duration = Duration::from_millis(250);
/// How long one question may take before it is asked again, at most: one packet can be lost.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is asked within the time for connecting.
const ATTEMPTS: usize = 4;
/// More than one process ever asks at the same time: at the limit, names of others would not be
/// resolved.
const QUESTIONS: usize = 10_000;

/// Resolves names.
pub struct Names(TokioResolver);

/// A name has no address, or none that could be found.
#[derive(Debug, thiserror::Error)]
#[error("the name could not be resolved")]
pub(crate) struct Unresolved;

impl Names {
    /// As the system is set up: its name servers and its hosts file. Without a setup that can be
    /// read there are no names.
    pub fn of_system() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (config, options) = read_system_conf().unwrap_or_else(|error| {
            tracing::error!(%error, "could not read the system's name servers");
            Default::default()
        });
        Self::of(config, options)
    }

    /// With name servers of the caller's.
    pub fn of(
        config: ResolverConfig,
        mut options: ResolverOpts,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        options.timeout = options.timeout.min(PATIENCE);
        options.attempts = options.attempts.max(ATTEMPTS);
        options.max_active_requests = QUESTIONS;
        // Each connection asks anew: what was true a minute ago is how an address gets past a
        // check.
        options.cache_size = 0;
        let resolver = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        Ok(Self(resolver.with_options(options).build()?))
    }

    /// The addresses of a name. Those that come too late are never used.
    pub(crate) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        // As a whole name: the search list is for names that people type, and a URL's is complete.
        let mut name = Name::from_ascii(name).map_err(|_| Unresolved)?;
        name.set_fqdn(true);
        let v4 = Box::pin(self.ask(name.clone(), RecordType::A));
        let v6 = Box::pin(self.ask(name, RecordType::AAAA));
        // Which of the two came first makes no difference.
        let (first, second) = match select(v4, v6).await {
            Either::Left((first, second)) | Either::Right((first, second)) => (first, second),
        };
        let Some(mut addresses) = first else {
            return second.await.ok_or(Unresolved);
        };
        if let Ok(Some(late)) = timeout(LATE, second).await {
            addresses.extend(late);
        }
        Ok(addresses)
    }

    /// The addresses of one family; nothing if there is none.
    async fn ask(&self, name: Name, family: RecordType) -> Option<Vec<IpAddr>> {
        let answer = match self.0.lookup(name, family).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(%error, ?family, "no address");
                return None;
            }
        };
        let addresses: Vec<_> = answer
            .answers()
            .iter()
            .filter_map(|record| record.data.ip_addr())
            .collect();
        (!addresses.is_empty()).then_some(addresses)
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}
