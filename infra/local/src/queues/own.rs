//! The platform's own queue service: the template's queues in it, and what is in them across
//! restarts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqs::{QueueAttributes, Sqs};

use crate::template;

/// The queue service with these queues, and with the messages that [`save`] kept in `data`, if any.
pub(super) fn start(
    queues: &BTreeMap<String, template::Queue>,
    data: Option<&Path>,
) -> Result<Sqs> {
    let sqs = Sqs::new();
    create(&sqs, queues)?;
    if let Some(data) = data {
        restore(&sqs, data)?;
    }
    Ok(sqs)
}

fn create(sqs: &Sqs, queues: &BTreeMap<String, template::Queue>) -> Result<()> {
    // Two rounds, so that every dead letter queue is there when a queue names it.
    for queue in queues.values() {
        sqs.create_queue(&queue.name, QueueAttributes::default())?;
    }
    for (id, template::Queue { name, attributes }) in queues {
        let mut wanted = QueueAttributes::default();
        for (attribute, value) in attributes {
            wanted.set(attribute, value).with_context(|| id.clone())?;
        }
        let queue = sqs
            .queue(name)
            .with_context(|| format!("there is no queue {name}"))?;
        queue.set_attributes(wanted).with_context(|| id.clone())?;
    }
    Ok(())
}

fn restore(sqs: &Sqs, data: &Path) -> Result<()> {
    let file = file_in(data);
    if !file.exists() {
        return Ok(());
    }
    let failed = || format!("cannot restore the queues from {}", file.display());
    let text = std::fs::read(&file).with_context(failed)?;
    let snapshot = serde_json::from_slice(&text).with_context(failed)?;
    sqs.restore(snapshot).with_context(failed)
}

/// Keeps all messages in the directory `data`.
pub(super) fn save(sqs: &Sqs, data: &Path) -> Result<()> {
    let file = file_in(data);
    let fresh = file.with_extension("new");
    let failed = || format!("cannot save the queues to {}", file.display());
    std::fs::write(&fresh, sqs.snapshot()?.to_string()).with_context(failed)?;
    // The file is whole at any time, whatever interrupts us.
    std::fs::rename(&fresh, &file).with_context(failed)
}

fn file_in(data: &Path) -> PathBuf {
    data.join("queues.json")
}
