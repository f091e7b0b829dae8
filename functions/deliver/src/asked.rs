//! What the messages of a batch ask for, and what they have in common.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::endpoint::Lane;
use domain::signature::MasterKeys;
use queue::Held;
use tokio::sync::mpsc::UnboundedSender;

use crate::time_limit::TimeLimit;

/// One attempt that is asked for, and the messages that ask for it: a batch may hold one twice.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) message: DeliveryMessage,
    pub(crate) held: Vec<Held>,
}

/// What all messages of a batch have in common.
#[derive(Clone)]
pub(crate) struct BatchContext {
    pub(crate) keys: MasterKeys,
    pub(crate) limit: TimeLimit,
    pub(crate) lane: Lane,
    /// How long each event took to its first POST.
    pub(crate) latencies: UnboundedSender<Duration>,
}
