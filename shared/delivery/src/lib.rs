//! The only client of receivers: sends the one request of an attempt, and reports how it ended.
//!
//! Whatever a receiver does, or fails to do, is an [`Outcome`](domain::outcome::Outcome) and never
//! an error. The status line decides: nothing that comes or fails to come after it changes what the
//! receiver has said. For a failure, what matters is *when* it came: until a byte of the request
//! has been sent, we know that nobody acted on it; from then on nobody can know.
//!
//! *Invariant:* no connection is made to an address that is not public (`domain::target`), whatever
//! a URL, a name server, a redirect or the environment says.
//!
//! # Why HTTP/1.1 is spoken here, and not by a library
//!
//! A webhook is one small POST, so HTTP/2 has no advantage, and only `http/1.1` is offered. What we
//! promise about that POST depends on decisions inside the client, which neither reqwest nor hyper
//! below it lets us make (as of reqwest 0.13 and hyper 1.12):
//!
//! - they return a response once its whole head has arrived and passed their parser; here the
//!   status line alone is the answer;
//! - their pool chooses the connection: there is no way to ask that a request never starts on a
//!   reused one, is sent once more if a reused one breaks before the first byte, or that a
//!   connection is closed after a minute;
//! - their errors do not say whether a byte of the request was sent, or whether the connection was
//!   reused;
//! - they write header names in lower case, or with each word capitalised, but never as the owner
//!   wrote them.
//!
//! What is left to write by hand is small, because nothing but a POST of known length is sent, and
//! of the response only the status, six headers and the start of the body matter. It is read as
//! leniently as possible (`answer`), and a connection is reused only if the end of the response was
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
pub use sender::{Callee, Sender, SenderError, Sent};
