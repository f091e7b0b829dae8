//! A service that is out for some of its callers, for as long as a test wants it.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::calls::{Call, Service};
use crate::faults::Refusal;

/// An outage, until it is dropped.
#[derive(Debug)]
pub struct Outage(#[expect(dead_code, reason = "its life is what counts")] Arc<Refused>);

/// Which calls are refused, and how.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Whose: a function's short name.
    pub function: String,
    /// The service that is called.
    pub service: Service,
    /// The operations that fail; none: all.
    pub operations: Vec<String>,
    /// How it answers.
    pub refusal: Refusal,
}

/// The outages of one platform.
#[derive(Default)]
pub(super) struct Outages(Mutex<Vec<Weak<Refused>>>);

impl Refused {
    /// Every call of a function to a service.
    pub fn all(function: &str, service: Service, refusal: Refusal) -> Self {
        Refused {
            function: function.to_owned(),
            service,
            operations: Vec::new(),
            refusal,
        }
    }

    fn concerns(&self, call: &Call) -> bool {
        let operations = &self.operations;
        self.function == call.caller
            && self.service == call.service
            && (operations.is_empty() || operations.contains(&call.operation))
    }
}

impl Outages {
    pub(super) fn begin(&self, refused: Refused) -> Outage {
        let refused = Arc::new(refused);
        self.0.lock().push(Arc::downgrade(&refused));
        Outage(refused)
    }

    /// How the call is refused, if it is.
    pub(super) fn at(&self, call: &Call) -> Option<Refusal> {
        let mut outages = self.0.lock();
        outages.retain(|outage| outage.strong_count() > 0);
        let mut outages = outages.iter().filter_map(Weak::upgrade);
        let outage = outages.find(|outage| outage.concerns(call))?;
        Some(outage.refusal)
    }
}
