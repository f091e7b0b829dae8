//! Where requests may go, as the environment says.

use std::convert::Infallible;
use std::net::SocketAddr;

use domain::target::{AllowedTargets, Targets};

use crate::environment::Environment;

/// Networks that requests may go to although they are not public. Only the local platform sets it.
const ALLOWED: &str = "ALLOWED_TARGETS";

/// Endpoints that Lambda puts beside a function. Whoever reaches them could read what the function
/// is given, and answer in its name.
const OWN: [&str; 3] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_METADATA_API",
    "AWS_XRAY_DAEMON_ADDRESS",
];

impl Environment {
    /// The targets that requests may go to.
    pub fn targets(&mut self) -> Option<Targets> {
        let own = OWN.map(|name| self.optional(name, |text| Ok::<_, Infallible>(endpoint(text))));
        let own = own.into_iter().flatten().flatten().collect();
        let allowed = self.optional(ALLOWED, AllowedTargets::parse)?;
        Some(Targets::new(allowed, own))
    }
}

/// Lambda defines these variables and their format. One that names no address is ignored: in AWS
/// these endpoints are refused anyway, because their addresses are not public.
fn endpoint(text: &str) -> Option<SocketAddr> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_may_be_written_as_a_url() {
        let expected = "127.0.0.1:9001".parse().ok();
        for text in [
            "127.0.0.1:9001",
            "http://127.0.0.1:9001",
            "http://127.0.0.1:9001/function",
        ] {
            assert_eq!(endpoint(text), expected, "{text}");
        }
        for text in ["", "127.0.0.1", "somewhere:9001"] {
            assert_eq!(endpoint(text), None, "{text}");
        }
    }
}
