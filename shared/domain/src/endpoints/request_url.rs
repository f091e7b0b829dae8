//! Where a webhook's requests go.

use url::Url;

use crate::excerpt::excerpt;

/// Longest URL that is accepted, in characters.
pub const MAX_LENGTH: usize = 2048;

/// An absolute http or https URL with a host.
///
/// `Debug` and `redacted` show where it leads and nothing else. User, password, query and fragment
/// are where people put secrets, and the path is where chat services do: whoever knows it may post.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestUrl {
    written: String,
    parsed: Url,
}

/// Why a text is no URL to send to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestUrlError {
    /// Too long.
    #[error("must have at most {MAX_LENGTH} characters, found {0}")]
    TooLong(usize),
    /// Not a URL.
    #[error("must be a valid URL: {0}")]
    Invalid(#[from] url::ParseError),
    /// A scheme that is not sent to.
    #[error("must be an http or https URL, found the scheme {0:?}")]
    Scheme(String),
}

impl RequestUrl {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Self, RequestUrlError> {
        let length = text.chars().count();
        if length > MAX_LENGTH {
            return Err(RequestUrlError::TooLong(length));
        }
        // An http or https URL without a host is an error of the parser's own.
        let parsed = Url::parse(text)?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(RequestUrlError::Scheme(excerpt(parsed.scheme())));
        }
        Ok(Self {
            written: text.to_owned(),
            parsed,
        })
    }

    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// As it is sent to.
    pub fn url(&self) -> &Url {
        &self.parsed
    }

    /// Scheme, host and port: what may be logged.
    pub fn redacted(&self) -> String {
        self.parsed.origin().ascii_serialization()
    }
}

impl std::fmt::Debug for RequestUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_absolute_http_urls_are_accepted() {
        for good in [
            "https://example.com",
            "http://127.0.0.1:8000/a?b=c",
            "https://user:pass@example.com/#f",
        ] {
            assert!(RequestUrl::parse(good).is_ok(), "{good:?}");
        }
        for bad in [
            "",
            "not a url",
            "/path",
            "ftp://example.com",
            "http://",
            "https://exa mple.com/",
            "javascript:alert(1)",
        ] {
            assert!(RequestUrl::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_may_be_logged_holds_no_secret() {
        let url = "https://user:secret1@example.com:8443/services/secret2?token=secret3#secret4";
        let url = RequestUrl::parse(url).unwrap();
        assert_eq!(url.redacted(), "https://example.com:8443");
        assert_eq!(format!("{url:?}"), url.redacted());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = RequestUrl::parse(&text).map(|url| url.redacted());
        }
    }
}
