//! The only client of receivers: sends the one request of an attempt, and tells how it ended.
//!
//! Whatever a receiver does, or fails to do, is an [`Outcome`](domain::outcome::Outcome) and never
//! an error. A status line decides it: nothing that comes after, or does not come, changes what the
//! receiver has said. Of a failure it counts first *when* it came: as long as no byte of the
//! request had left, it is known that nobody acted on it; from then on nobody can know.
//!
//! *Invariant:* no connection is made to an address that is not public (`domain::target`), whatever a URL, a name server, a redirect or the
//! environment says.
//!
//! # Why HTTP/1.1 is spoken here, and not by a library
//!
//! A webhook is one small POST, so HTTP/2 brings nothing, and only `http/1.1` is offered. What is
//! promised about that POST is decided within a library's client, and neither reqwest nor hyper
//! below it lets it be decided otherwise (as of reqwest 0.13 and hyper 1.12):
//!
//! - they hand over an answer when its whole head has come and passed their parser; here the status
//!   line alone is the answer;
//! - their pool chooses the connection: that a request never starts on a kept one, is tried once
//!   more if a kept one breaks before the first byte, or that a connection ends after a minute,
//!   cannot be asked for;
//! - their errors do not say whether a byte of the request had left, or whether the connection had
//!   been used before;
//! - they write names of headers in lower case, or each word with a capital, but never as their
//!   owner wrote them.
//!
//! What is left to write by hand is small, because nothing but a POST with a known length goes out,
//! and of an answer only the status, six headers and the start of the body matter. It is read as
//! leniently as can be (`answer`), and a connection is kept only after an answer whose end is
//! beyond doubt. TLS is rustls, names are hickory's.

mod address;
mod answer;
mod connection;
mod connector;
mod exchange;
mod names;
mod pool;
mod request;
mod sender;
mod tls;

pub use names::Names;
pub use request::Request;
pub use sender::{Callee, Sender, SenderError};
