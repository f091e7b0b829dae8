//! Which headers a template may set.

/// Written by the system whatever a template says. Apify's documentation says that they are
/// rewritten, so templates that have them work.
const REWRITTEN: [&str; 5] = [
    "content-type",
    "host",
    "x-apify-request-origin",
    "x-apify-webhook",
    "x-apify-webhook-dispatch-id",
];

/// They say where a request ends, how it is coded, or what happens to the connection: a wrong one
/// breaks the request, or another one.
const REFUSED: [&str; 10] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// Headers for proxies on the way, and those of the signature.
const REFUSED_PREFIXES: [&str; 2] = ["proxy-", "webhook-"];

/// Whether a template may set a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NameRule {
    Sent,
    /// The system's own value is sent.
    Rewritten,
    Refused(&'static str),
}

/// The rule for a header of this name, in lower case.
pub(super) fn rule_for(name: &str) -> NameRule {
    let is_refused = REFUSED.contains(&name)
        || REFUSED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix));
    match name {
        _ if !is_token(name) => {
            NameRule::Refused("the name may have only letters, digits and !#$%&'*+-.^_`|~")
        }
        _ if REWRITTEN.contains(&name) => NameRule::Rewritten,
        _ if is_refused => NameRule::Refused("this header cannot be set"),
        _ => NameRule::Sent,
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token_character)
}
