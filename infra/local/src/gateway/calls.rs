//! How often each operation was called, and by whom.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use parking_lot::Mutex;

use super::caller::Caller;

/// One kind of call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// A function's short name, or the access key of anyone else.
    pub caller: String,
    /// What was called.
    pub service: Service,
    /// The operation, such as `PutItem`; empty where the request named none.
    pub operation: String,
}

/// A service of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The database.
    DynamoDb,
    /// The queues.
    Sqs,
    /// The secrets.
    SecretsManager,
}

/// A count for each kind of call.
#[derive(Default)]
pub(crate) struct Calls {
    counts: Mutex<BTreeMap<Call, u64>>,
}

impl Call {
    pub(super) fn of(caller: &Caller, service: Service, headers: &HeaderMap) -> Self {
        let target = headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next());
        Call {
            caller: caller.name.clone(),
            service,
            operation: operation.unwrap_or_default().to_owned(),
        }
    }
}

impl Calls {
    pub(super) fn add(&self, call: &Call) {
        let mut counts = self.counts.lock();
        match counts.get_mut(call) {
            Some(count) => *count += 1,
            None => {
                counts.insert(call.clone(), 1);
            }
        }
    }

    /// The counts so far.
    pub(crate) fn counts(&self) -> BTreeMap<Call, u64> {
        self.counts.lock().clone()
    }
}
