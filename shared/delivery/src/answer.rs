//! What has come of an answer so far: its status line decides, and the rest is read as leniently as
//! can be.
//!
//! A receiver that has said 2xx has accepted, however odd its headers are. So nothing after the
//! status line is an error: a head or body that makes no sense is where reading ends.

mod body;
mod excerpt;
mod head;
mod inbox;
mod status_line;

use std::time::Duration;

use body::{Body, Step};
use head::Head;
use inbox::Inbox;
use status_line::StatusLine;

/// How much may come before the status: receivers can say "wait" (1xx) again and again.
const MOST_BEFORE_STATUS: usize = 64 * 1024;
/// How much of one answer is read in all. What is beyond it is not needed.
const MOST: usize = 256 * 1024;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    /// The start of the body, if there was one.
    pub(crate) body: Option<String>,
    /// The start of its headers, a line each.
    pub(crate) headers: Option<String>,
    /// For how long its connection may wait for another request, if it can take one.
    pub(crate) idle: Option<Duration>,
}

/// What came is no HTTP.
#[derive(Debug)]
pub(crate) struct NotHttp;

/// What has come of an answer so far.
#[derive(Default)]
pub(crate) struct Incoming {
    inbox: Inbox,
    /// How many bytes have come.
    taken: usize,
    stage: Stage,
    status: Option<u16>,
    head: Head,
    /// The start of the body.
    start: Vec<u8>,
}

#[derive(Default)]
enum Stage {
    #[default]
    StatusLine,
    /// What a status line has after its status.
    Reason,
    /// The head of an answer that is not the last word.
    Interim,
    Head,
    Body(Body),
    /// Nothing more is read.
    Over {
        /// The body has come to its end.
        is_whole: bool,
    },
}

impl Incoming {
    /// Takes what has come.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(), NotHttp> {
        self.taken += bytes.len();
        self.inbox.push(bytes);
        while self.step()? {}
        if self.status.is_none() && self.taken > MOST_BEFORE_STATUS {
            return Err(NotHttp);
        }
        if self.taken > MOST && !self.is_over() {
            self.stage = Stage::Over { is_whole: false };
        }
        Ok(())
    }

    /// Whether anything has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.taken > 0
    }

    /// The status, once it is known.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Whether there is nothing more to read.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over { .. })
    }

    /// The receiver has closed the connection: that may be the end of a body.
    pub(crate) fn close(&mut self) {
        if let Stage::Body(Body::UntilClose) = self.stage {
            self.stage = Stage::Over { is_whole: true };
        }
    }

    /// The answer, as far as it came.
    pub(crate) fn answer(self) -> Option<Answer> {
        let status = self.status?;
        let is_whole = matches!(self.stage, Stage::Over { is_whole: true });
        let is_clean = is_whole && self.inbox.rest().is_empty();
        Some(Answer {
            status,
            body: excerpt::text(&self.start, self.head.content_type.as_deref(), is_whole),
            idle: self.head.idle(status).filter(|_| is_clean),
            headers: Some(self.head.kept).filter(|kept| !kept.is_empty()),
            retry_after: self.head.retry_after,
        })
    }

    /// Makes a step with what is there. Whether there was enough for one.
    fn step(&mut self) -> Result<bool, NotHttp> {
        match &mut self.stage {
            Stage::StatusLine => return self.status_line(),
            Stage::Reason => match (self.inbox.line(), self.status) {
                (Some(_), None) => self.stage = Stage::Interim,
                (Some(_), Some(_)) => self.stage = Stage::Head,
                (None, _) => return Ok(false),
            },
            Stage::Interim => match self.inbox.line() {
                Some(line) if line.is_empty() => self.stage = Stage::StatusLine,
                Some(_) => {}
                None => return Ok(false),
            },
            Stage::Head => match (self.inbox.line(), self.status) {
                (Some(line), Some(status)) => {
                    if self.head.take(line) {
                        self.stage = Stage::Body(self.head.body(status));
                    }
                }
                _ => return Ok(false),
            },
            Stage::Body(body) => match body.step(&mut self.inbox, &mut self.start) {
                Step::Again => {}
                Step::Starved => return Ok(false),
                Step::Over { is_whole } => self.stage = Stage::Over { is_whole },
            },
            Stage::Over { .. } => return Ok(false),
        }
        Ok(true)
    }

    fn status_line(&mut self) -> Result<bool, NotHttp> {
        // Some send an empty line more than they should after what they said before.
        while let [b'\r' | b'\n', ..] = self.inbox.rest() {
            self.inbox.skip(1);
        }
        match StatusLine::read(self.inbox.rest()) {
            StatusLine::Incomplete => Ok(false),
            StatusLine::None => Err(NotHttp),
            StatusLine::Read {
                status,
                length,
                is_http_1_1,
            } => {
                self.inbox.skip(length);
                // A switch of protocols that nobody asked for is the last word in this one.
                let is_final = status == 101 || status >= 200;
                self.status = is_final.then_some(status);
                self.head.is_http_1_1 = is_http_1_1;
                self.stage = Stage::Reason;
                Ok(true)
            }
        }
    }
}
