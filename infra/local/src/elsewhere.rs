//! A DynamoDB and an SQS of somebody else, which a platform uses instead of its own: to ask a
//! second opinion of them.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use url::Url;
use uuid::Uuid;

use crate::options::Options;
use crate::template::Site;

/// Name the two for every platform that is not told of them otherwise, such as those of tests.
const DYNAMODB: &str = "RUNHOOKS_LOCAL_DYNAMODB";
const SQS: &str = "RUNHOOKS_LOCAL_SQS";

/// Names the file in which that SQS finds by how many milliseconds its clock is ahead, if it looks.
const CLOCK: &str = "RUNHOOKS_LOCAL_CLOCK";

/// Where they are; `None`: the platform plays the service itself.
pub(crate) struct Elsewhere {
    pub(crate) dynamodb: Option<SocketAddr>,
    pub(crate) sqs: Option<SocketAddr>,
    /// The file that moves the clock of the queues.
    pub(crate) clock: Option<PathBuf>,
}

impl Elsewhere {
    /// What the options say, or else the environment.
    pub(crate) fn of(options: &Options) -> Result<Self> {
        let elsewhere = Elsewhere {
            dynamodb: address(options.dynamodb.clone().or_else(|| variable(DYNAMODB)))?,
            sqs: address(options.sqs.clone().or_else(|| variable(SQS)))?,
            clock: variable(CLOCK).map(PathBuf::from),
        };
        ensure!(
            options.data.is_none() || !elsewhere.is_used(),
            "only tables and queues of the platform's own can be kept in a directory"
        );
        Ok(elsewhere)
    }

    /// The site, under names that no other platform gives to its tables and queues there.
    pub(crate) fn settle(&self, site: Site) -> Site {
        match self.is_used() {
            false => site,
            true => Site {
                stack: format!(
                    "{}-{}",
                    site.stack,
                    &Uuid::new_v4().simple().to_string()[..12]
                ),
                ..site
            },
        }
    }

    fn is_used(&self) -> bool {
        self.dynamodb.is_some() || self.sqs.is_some()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a platform reads its environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn address(url: Option<String>) -> Result<Option<SocketAddr>> {
    let Some(url) = url else {
        return Ok(None);
    };
    let refusal =
        || format!("{url} is not the address of a service, such as http://127.0.0.1:4566");
    let parsed = Url::parse(&url).with_context(refusal)?;
    ensure!(parsed.scheme() == "http" && parsed.path() == "/", refusal());
    let addresses = parsed.socket_addrs(|| None).with_context(refusal)?;
    addresses.first().copied().map(Some).with_context(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_plain_http_url() {
        let parse = |url: &str| address(Some(url.into()));
        for url in ["http://127.0.0.1:4566", "http://127.0.0.1:4566/"] {
            assert_eq!(parse(url).unwrap(), Some(([127, 0, 0, 1], 4566).into()));
        }
        for url in [
            "",
            "127.0.0.1:4566",
            "https://127.0.0.1:4566",
            "http://127.0.0.1:4566/path",
        ] {
            let error = format!("{:#}", parse(url).unwrap_err());
            assert!(
                error.starts_with(&format!("{url} is not the address")),
                "{error}"
            );
        }
    }

    #[test]
    fn state_that_is_elsewhere_cannot_be_kept_here() {
        let options = Options {
            data: Some("state".into()),
            sqs: Some("http://127.0.0.1:4566".into()),
            ..Options::default()
        };
        assert!(Elsewhere::of(&options).is_err());
    }

    #[test]
    fn two_platforms_share_no_name() {
        let elsewhere = Elsewhere {
            dynamodb: Some(([127, 0, 0, 1], 4566).into()),
            sqs: None,
            clock: None,
        };
        let site = || Site {
            stack: "runhooks".into(),
            api: String::new(),
            sqs: String::new(),
        };
        let names = [0, 1].map(|_| elsewhere.settle(site()).stack);
        assert!(names[0] != names[1], "{names:?}");
    }
}
