//! What no test may meet: a function that is denied a call.

use local::access::Denied;
use local::platform::Platform;
use tokio::sync::watch;

/// Fails the test at its end if a function was denied anything.
pub(crate) struct NoDenials(watch::Receiver<Vec<Denied>>);

impl NoDenials {
    pub(crate) fn of(platform: &Platform) -> Self {
        Self(platform.denied())
    }
}

impl Drop for NoDenials {
    fn drop(&mut self) {
        let denied = self.0.borrow();
        let denied: Vec<_> = denied.iter().map(ToString::to_string).collect();
        if std::thread::panicking() {
            // A test that fails anyway should say why.
            denied.iter().for_each(|denied| eprintln!("{denied}"));
        } else {
            assert!(denied.is_empty(), "{}", denied.join("; "));
        }
    }
}
