//! What survives a restart: the queues, their settings, and every message with its place and its
//! past.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::{Account, State};
use super::clock::Moment;
use super::held::Held;
use super::queue_attributes::QueueAttributes;
use super::queue_state::QueueState;

/// A queue as it is saved; `Message` is borrowed when it is written, owned when it is read.
#[derive(Serialize, Deserialize)]
struct SavedQueue<Message> {
    name: String,
    attributes: BTreeMap<String, String>,
    created: Moment,
    modified: Moment,
    messages: Vec<Message>,
}

pub(super) fn save(account: &Account) -> anyhow::Result<Value> {
    account.with_state(|state, _| {
        let queues: Vec<_> = state
            .queues
            .iter()
            .map(|(name, queue)| save_queue(name, queue))
            .collect();
        serde_json::to_value(queues).context("cannot save the queues")
    })
}

fn save_queue<'a>(name: &str, queue: &'a QueueState) -> SavedQueue<&'a Held> {
    SavedQueue {
        name: name.to_owned(),
        attributes: queue.attributes.to_wire(),
        created: queue.created,
        modified: queue.modified,
        messages: queue.backlog.all(),
    }
}

pub(super) fn restore(account: &Account, saved: Value) -> anyhow::Result<()> {
    let saved: Vec<SavedQueue<Held>> =
        serde_json::from_value(saved).context("this is no snapshot of queues")?;
    account.with_state(|state, now| {
        saved
            .into_iter()
            .try_for_each(|queue| restore_queue(account, state, queue, now))
    })
}

fn restore_queue(
    account: &Account,
    state: &mut State,
    saved: SavedQueue<Held>,
    now: Moment,
) -> anyhow::Result<()> {
    let SavedQueue {
        name,
        attributes,
        created,
        modified,
        messages,
    } = saved;
    if !state.queues.contains_key(&name) {
        let attributes =
            QueueAttributes::from_wire(&attributes).with_context(|| format!("queue {name}"))?;
        let mut queue = account.new_queue(name.as_str().into(), attributes, now);
        (queue.created, queue.modified) = (created, modified);
        state.queues.insert(name.clone(), queue);
    }
    state.queue(&name)?.change(now, |queue| {
        messages
            .into_iter()
            .for_each(|held| queue.backlog.put(held))
    });
    Ok(())
}
