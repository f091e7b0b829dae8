//! What a batch of messages meets on its way to a function.

use std::time::Duration;

use fastrand::Rng;
use sqs::Received;

use super::{Fault, Mishaps};

/// The share of messages that come late when a batch is out of order.
const LATE: f64 = 0.3;

/// How late a message comes at most.
const LATEST: Duration = Duration::from_secs(2);

/// Messages that are handed over together.
pub(crate) struct Portion {
    /// How long they are held back.
    pub(crate) after: Duration,
    pub(crate) messages: Vec<Received>,
}

impl Mishaps {
    /// A batch as a function gets it: all of it, and perhaps some of it again.
    pub(crate) fn at_batch(&self, function: &str, batch: Vec<Received>) -> Vec<Portion> {
        let reorders = self.may_happen(Fault::Reorder);
        let duplicates = self.may_happen(Fault::Duplicate);
        self.dice.roll(&format!("{function} batch"), |dice| {
            let mut portions = Vec::new();
            let mut prompt = batch;
            if duplicates {
                let again: Vec<_> = prompt
                    .iter()
                    .filter(|_| dice.f64() < self.chance(Fault::Duplicate))
                    .cloned()
                    .collect();
                self.note(Fault::Duplicate, &again);
                portions.extend(again.into_iter().map(|message| late(dice, message)));
            }
            if reorders && dice.f64() < self.chance(Fault::Reorder) {
                dice.shuffle(&mut prompt);
                let (held_back, rest) = prompt.into_iter().partition(|_| dice.f64() < LATE);
                prompt = rest;
                self.note(Fault::Reorder, &held_back);
                portions.extend(held_back.into_iter().map(|message| late(dice, message)));
            }
            portions.push(Portion {
                after: Duration::ZERO,
                messages: prompt,
            });
            portions.retain(|portion| !portion.messages.is_empty());
            portions
        })
    }

    fn note(&self, fault: Fault, messages: &[Received]) {
        for received in messages {
            let body = received.message.body.clone();
            self.trail.lock().add(fault, [body]);
        }
    }
}

/// Half of them at once: then two functions have the message at the same time.
fn late(dice: &mut Rng, message: Received) -> Portion {
    let after = match dice.bool() {
        true => Duration::ZERO,
        false => LATEST.mul_f64(dice.f64()),
    };
    Portion {
        after,
        messages: vec![message],
    }
}
