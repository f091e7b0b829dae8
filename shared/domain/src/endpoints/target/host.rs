//! Hosts that nobody can ever call, from wherever: what looks like a name and is none.

use url::Host;

use crate::request_url::RequestUrl;

/// Longest name, and longest part of one between two dots, in octets (RFC 1035, section 2.3.4).
const NAME: usize = 253;
const LABEL: usize = 63;

/// Top-level domains that have no hosts (RFC 6761, 6762, 7686, 9476; `arpa`: RFC 3172 and 8375).
/// `localhost` has one, and `internal` and others may have, in some network: whether that may be
/// called is for [`Targets`](super::Targets) to say.
const NO_HOSTS: [&str; 7] = [
    "alt", "arpa", "example", "invalid", "local", "onion", "test",
];

/// A host cannot be called. Which it is stays untold: it stands in a URL, where people put secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has a host that can never be called: {0}")]
pub struct Uncallable(String);

/// Judges the host of a URL, before a webhook is defined with it.
pub fn check_host(url: &RequestUrl) -> Result<(), Uncallable> {
    match url.url().host() {
        Some(Host::Domain(name)) => check_name(name).map_err(Uncallable),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => Ok(()),
    }
}

/// Judges a name as the URL parser leaves it: in lower case, and in ASCII.
fn check_name(name: &str) -> Result<(), String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > NAME {
        let found = name.len();
        return Err(format!(
            "a name has at most {NAME} characters, found {found}"
        ));
    }
    name.split('.').try_for_each(check_label)?;
    let top = name.rsplit('.').next().unwrap_or_default();
    if NO_HOSTS.contains(&top) {
        return Err(format!("names under .{top} are never public"));
    }
    Ok(())
}

fn check_label(label: &str) -> Result<(), String> {
    // An underscore is not for hosts, but is called every day.
    let is_right = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some(wrong) = label.chars().find(|c| !is_right(c)) {
        return Err(format!("no name has the character {wrong:?}"));
    }
    if label.is_empty() {
        return Err("nothing stands before a dot".to_owned());
    }
    if label.len() > LABEL {
        let found = label.len();
        return Err(format!(
            "each part of a name has at most {LABEL} characters, found {found}"
        ));
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err("no part of a name begins or ends with a hyphen".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str) -> Result<(), String> {
        let url = RequestUrl::parse(&format!("https://{host}/x"));
        let url = url.unwrap_or_else(|error| panic!("{host}: {error}"));
        check_host(&url).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        let label = "x".repeat(64);
        let long = format!("{}com", format!("{}.", "x".repeat(50)).repeat(5));
        for (host, why) in [
            ("*.example.com", "the character '*'"),
            ("{{resource.host}}", "the character '{'"),
            ("a.{{host}}.com:80", "the character '{'"),
            ("%7B%7Bhost%7D%7D.com", "the character '{'"),
            ("$host", "the character '$'"),
            ("(host)", "the character '('"),
            ("a,b.com", "the character ','"),
            ("a-.", "hyphen"),
            ("-a.example.com", "hyphen"),
            ("a.b-.com", "hyphen"),
            (&label, "at most 63"),
            (&format!("a.{label}.com"), "at most 63"),
            (&long, "at most 253"),
            ("a..example.com", "before a dot"),
            (".example.com", "before a dot"),
            ("example.com..", "before a dot"),
            (".", "before a dot"),
            ("printer.local", ".local"),
            ("x.onion.", ".onion"),
            ("X.INVALID", ".invalid"),
            ("hook.test:8080", ".test"),
            ("router.home.arpa", ".arpa"),
            ("hooks.example", ".example"),
            ("invalid", ".invalid"),
        ] {
            let refusal = check(host).expect_err(host);
            assert!(refusal.contains(why), "{host}: {refusal}");
        }
    }

    #[test]
    fn what_can_be_called_somewhere_is_left_to_the_guard() {
        let label = "x".repeat(63);
        for host in [
            "example.com",
            "example.com.",
            "a--b.example.com",
            "xn--bcher-kva.com",
            "bücher.com",
            "my_host.example.com",
            "_a.example.com",
            "1.example.com",
            &format!("{label}.com"),
            "test.example.com",
            "localhost:8000",
            "a.localhost",
            "receiver",
            "metadata.google.internal",
            "127.0.0.1:80",
            "[::1]",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
    }
}
