//! Connections that wait for their next request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::connection::Connection;

/// How many may wait in all: each holds one of the 1,024 files that Lambda gives a function.
const MOST: usize = 128;

/// Whom a connection leads to, and whether it was verified: a strict webhook never rides on one
/// that was not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    origin: String,
    ignore_ssl_errors: bool,
}

/// Connections that wait.
#[derive(Default)]
pub(crate) struct Pool(Mutex<HashMap<Key, Vec<Waiting>>>);

struct Waiting {
    connection: Connection,
    until: Instant,
}

impl Key {
    pub(crate) fn of(url: &Url, ignore_ssl_errors: bool) -> Self {
        Self {
            origin: url.origin().ascii_serialization(),
            ignore_ssl_errors,
        }
    }
}

impl Pool {
    /// A connection that can take a request: the one that has waited the shortest.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        loop {
            let mut waiting = self.next(key)?;
            if waiting.until > Instant::now() && waiting.connection.is_usable() {
                return Some(waiting.connection);
            }
        }
    }

    /// Keeps a connection for so long, if there is room.
    pub(crate) fn put(&self, key: Key, connection: Connection, idle: Duration) {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, waiting| {
            waiting.retain(|waiting| waiting.until > now);
            !waiting.is_empty()
        });
        if all.values().map(Vec::len).sum::<usize>() < MOST {
            let until = now + idle;
            let waiting = Waiting { connection, until };
            all.entry(key).or_default().push(waiting);
        }
    }

    fn next(&self, key: &Key) -> Option<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(key)?.pop()
    }
}
