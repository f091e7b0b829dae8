//! The only HTTP client: sends the one request of an attempt, and tells how it ended.
//!
//! Whatever a receiver does, or fails to do, is an [`Outcome`](domain::outcome::Outcome) and never an error. A status line decides it:
//! nothing that comes after, or does not come, changes what the receiver has said.
//!
//! *Invariant:* no connection is made to an address that is not public (`domain::target`), whatever a URL, a name server, a redirect or the
//! environment says.

mod answer;
mod failure;
mod guard;
mod request;
mod sender;
mod tls;

pub use request::Request;
pub use sender::{Sender, SenderError};
