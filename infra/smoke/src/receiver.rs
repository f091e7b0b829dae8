//! The receiver of everything that is sent: a function in a stack of its own, a server in this
//! process where the stack is on this machine, or a URL that the user names.

mod deployed;
mod here;
mod reader;

use std::sync::Arc;

use url::Url;

use crate::arrivals::Arrivals;
use crate::manner::Manner;

pub(crate) use deployed::{Deployed, remove, stack_name};
pub(crate) use here::Here;

/// The query parameter that tells webhooks apart where paths are not ours to choose.
const LABEL: &str = "runhooks-smoke";

/// Where webhooks lead to.
pub(crate) enum Receiver {
    /// A function and its queue.
    Deployed(Deployed),
    /// A server in this process.
    Here(Here),
    /// Somebody else's: all that is known of it is what is on record.
    Theirs(Url),
}

impl Receiver {
    /// The URL of a webhook whose receiver is to behave so.
    pub(crate) fn url(&self, manner: Manner, label: &str) -> String {
        let ours = |base: &str| format!("{base}/{}/{label}", manner.segment());
        match self {
            Receiver::Deployed(deployed) => ours(&deployed.url),
            Receiver::Here(here) => ours(&here.url),
            Receiver::Theirs(url) => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair(LABEL, label);
                url.into()
            }
        }
    }

    /// What arrives there, if that can be seen.
    pub(crate) fn arrivals(&self) -> Option<&Arc<Arrivals>> {
        match self {
            Receiver::Deployed(deployed) => Some(&deployed.arrivals),
            Receiver::Here(here) => Some(&here.arrivals),
            Receiver::Theirs(_) => None,
        }
    }
}

/// The label in the URL of a webhook.
pub(crate) fn label_in(request_url: &str) -> Option<String> {
    let url = Url::parse(request_url).ok()?;
    let named = url.query_pairs().find(|(name, _)| name == LABEL);
    match named {
        Some((_, label)) => Some(label.into_owned()),
        None => url.path().rsplit('/').next().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_found_in_the_url_of_its_webhook() {
        let theirs = Url::parse("https://example.com/hooks?key=1").unwrap();
        let url = Receiver::Theirs(theirs).url(Manner::Fail, "a1-actor");
        assert_eq!(
            url,
            "https://example.com/hooks?key=1&runhooks-smoke=a1-actor"
        );
        assert_eq!(label_in(&url).as_deref(), Some("a1-actor"));
        let ours = "http://127.0.0.1:1/accept/a1-actor";
        assert_eq!(label_in(ours).as_deref(), Some("a1-actor"));
    }
}
