//! What is noted of an answer's head. Whatever else is in it, and however it is spelled, is passed
//! over.

use std::time::Duration;

use super::body::{Body, Chunk};

/// How long a connection waits for its next request. Below five seconds, after which many servers
/// close it, and short enough that few connections are found dead when Lambda thaws a function that
/// it had frozen.
const IDLE: Duration = Duration::from_secs(4);
/// How long a request may be on its way: so much earlier than a receiver says its connection is
/// given up.
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// How many bytes of the lines of a head are kept for whoever looks into it.
const KEPT: usize = 1024;

/// What is noted of a head.
#[derive(Default)]
pub(super) struct Head {
    pub(super) is_http_1_1: bool,
    pub(super) retry_after: Option<String>,
    pub(super) content_type: Option<String>,
    length: Length,
    /// The last coding that the body was sent in.
    coding: Option<String>,
    closes: bool,
    timeout: Option<Duration>,
    /// Something in it is not as it should be. What it says about its end may be wrong, too.
    is_odd: bool,
    /// Its lines, as far as they are kept.
    pub(super) kept: String,
    /// The last line, which the next one may go on with.
    line: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Length {
    #[default]
    Unsaid,
    Said(u64),
    /// Several, or none that is a number.
    Unclear,
}

impl Head {
    /// Takes the next line. Whether it was the last.
    pub(super) fn take(&mut self, line: Vec<u8>) -> bool {
        // A folded line (RFC 9112, section 5.2).
        if let [b' ' | b'\t', ..] = line[..] {
            self.is_odd = true;
            self.line.push(b' ');
            self.line.extend_from_slice(line.trim_ascii());
            return false;
        }
        let is_last = line.is_empty();
        let before = std::mem::replace(&mut self.line, line);
        if !before.is_empty() {
            self.note(&String::from_utf8_lossy(&before));
        }
        is_last
    }

    /// Keeps a line, or the start of the one that there is no room for.
    fn keep(&mut self, line: &str) {
        let room = KEPT.saturating_sub(self.kept.len() + 1);
        let line = &line[..line.floor_char_boundary(room)];
        if !line.is_empty() {
            self.kept.push_str(line);
            self.kept.push('\n');
        }
    }

    fn note(&mut self, line: &str) {
        self.keep(line);
        let Some((name, value)) = line.split_once(':') else {
            self.is_odd = true;
            return;
        };
        let value = value.trim();
        self.is_odd |= http::HeaderName::from_bytes(name.as_bytes()).is_err();
        match name.trim().to_ascii_lowercase().as_str() {
            "retry-after" if self.retry_after.is_none() => {
                self.retry_after = Some(value.to_owned());
            }
            "content-type" if self.content_type.is_none() => {
                self.content_type = Some(value.to_owned());
            }
            "content-length" => self.note_length(value),
            "transfer-encoding" => {
                let last = value.rsplit(',').next().unwrap_or_default().trim();
                self.coding = Some(last.to_ascii_lowercase());
            }
            "connection" => self.closes |= has_token(value, "close"),
            "keep-alive" => self.timeout = timeout(value).or(self.timeout),
            _ => {}
        }
    }

    fn note_length(&mut self, value: &str) {
        // The same length twice is one (RFC 9110, section 8.6).
        for value in value.split(',') {
            let said = match value.trim() {
                digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
                _ => None,
            };
            let said = said.map_or(Length::Unclear, Length::Said);
            let is_news = self.length == Length::Unsaid;
            self.length = match is_news || self.length == said {
                true => said,
                false => Length::Unclear,
            };
        }
    }

    /// How the body is told from what follows it (RFC 9112, section 6.3).
    pub(super) fn body(&self, status: u16) -> Body {
        match (status, self.coding.as_deref(), self.length) {
            (204 | 304, ..) => Body::Length(0),
            (_, Some("chunked"), _) => Body::Chunks(Chunk::Size),
            (_, None, Length::Said(length)) => Body::Length(length),
            _ => Body::UntilClose,
        }
    }

    /// For how long the connection may wait for another request, if there is no doubt that it can
    /// take one.
    pub(super) fn idle(&self, status: u16) -> Option<Duration> {
        let has_one_length = matches!(
            (self.coding.as_deref(), self.length),
            (Some("chunked"), Length::Unsaid) | (None, Length::Said(_))
        );
        let has_no_body = matches!(status, 204 | 304)
            && self.coding.is_none()
            && matches!(self.length, Length::Unsaid | Length::Said(0));
        let is_clear = if matches!(status, 204 | 304) {
            has_no_body
        } else {
            has_one_length
        };
        let idle = match self.timeout {
            Some(timeout) => IDLE.min(timeout.saturating_sub(ON_THE_WAY)),
            None => IDLE,
        };
        let can_wait = is_clear
            && self.is_http_1_1
            && status != 101
            && !self.is_odd
            && !self.closes
            && !idle.is_zero();
        can_wait.then_some(idle)
    }
}

fn has_token(value: &str, token: &str) -> bool {
    value
        .split(',')
        .any(|found| found.trim().eq_ignore_ascii_case(token))
}

/// How long the receiver keeps the connection, by its own account. One that says it and nothing
/// understandable closes at once.
fn timeout(value: &str) -> Option<Duration> {
    value.split([',', ';']).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("timeout");
        let seconds = value.trim().trim_matches('"').parse().unwrap_or(0);
        is_it.then_some(Duration::from_secs(seconds))
    })
}
