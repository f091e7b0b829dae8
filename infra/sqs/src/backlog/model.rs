//! The backlog beside a model that looks through all its messages: whatever is done to both, they
//! agree.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::TestCaseError;
use proptest::{collection, option, prop_assert, prop_assert_eq, proptest};
use uuid::Uuid;

use super::Backlog;
use crate::clock::Moment;
use crate::held::Held;
use crate::message::{Message, NewMessage, Received};
use crate::queue::Depth;
use crate::receipt::Receipt;

const RETENTION: Duration = Duration::from_secs(100);
const SPENT_AFTER: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    Send {
        delay: Duration,
        group: Option<String>,
    },
    Receive {
        max: usize,
        visibility: Duration,
    },
    Delete {
        receipt: usize,
    },
    Hide {
        receipt: usize,
        visibility: Duration,
    },
    Expire,
    Wait {
        time: Duration,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let seconds = || (0..25_u64).prop_map(Duration::from_secs);
    let receipt = 0..20_usize;
    let step = prop_oneof![
        4 => (seconds(), option::of("[a-c]"))
            .prop_map(|(delay, group)| Step::Send { delay, group }),
        4 => (0..5_usize, seconds())
            .prop_map(|(max, visibility)| Step::Receive { max, visibility }),
        2 => receipt.clone().prop_map(|receipt| Step::Delete { receipt }),
        2 => (receipt, seconds())
            .prop_map(|(receipt, visibility)| Step::Hide { receipt, visibility }),
        1 => Just(Step::Expire),
        4 => seconds().prop_map(|time| Step::Wait { time }),
    ];
    collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn a_backlog_does_what_a_look_through_all_messages_would_do(steps in steps()) {
        let mut pair = Pair::new();
        for step in steps {
            pair.run(&step)?;
            prop_assert_eq!(pair.backlog.depth(), pair.depth());
            prop_assert_eq!(pair.backlog.oldest(), pair.oldest());
        }
    }
}

/// The backlog, and what the model knows.
struct Pair {
    backlog: Backlog,
    known: Vec<Known>,
    receipts: Vec<Received>,
    now: Moment,
}

struct Known {
    id: Uuid,
    sent: Moment,
    hidden_until: Moment,
    receives: u32,
}

impl Pair {
    fn new() -> Self {
        Self {
            backlog: Backlog::new("q".into()),
            known: Vec::new(),
            receipts: Vec::new(),
            now: Moment::default() + RETENTION * 2,
        }
    }

    fn run(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Send { delay, ref group } => self.send(delay, group),
            Step::Receive { max, visibility } => self.receive(max, visibility)?,
            Step::Delete { receipt } => self.delete(receipt),
            Step::Hide {
                receipt,
                visibility,
            } => self.hide(receipt, visibility)?,
            Step::Expire => self.expire(),
            Step::Wait { time } => self.wait(time),
        }
        Ok(())
    }

    fn send(&mut self, delay: Duration, group: &Option<String>) {
        let now = self.now;
        let new = NewMessage {
            group_id: group.clone(),
            ..NewMessage::default()
        };
        let message = Arc::new(Message::accept(new, now));
        let id = message.id;
        self.known.push(Known {
            id,
            sent: now,
            hidden_until: now + delay,
            receives: 0,
        });
        self.backlog.put(Held::new(message, delay, now));
    }

    fn receive(&mut self, max: usize, visibility: Duration) -> Result<(), TestCaseError> {
        let (now, visible) = (self.now, self.depth().visible);
        let taken = self.backlog.take(max, visibility, Some(SPENT_AFTER), now);
        let (received, spent) = (taken.received.len(), taken.spent.len());
        prop_assert!(received == max || received + spent == visible);
        for held in taken.spent {
            let receives = self.find(held.message.id).map(|known| known.receives);
            prop_assert_eq!(receives, Some(SPENT_AFTER));
            self.known.retain(|known| known.id != held.message.id);
        }
        for received in taken.received {
            let known = self.find(received.message.id).unwrap();
            prop_assert!(known.hidden_until <= now && known.receives < SPENT_AFTER);
            known.receives += 1;
            known.hidden_until = now + visibility;
            prop_assert_eq!(received.receive_count, known.receives);
            self.receipts.push(received);
        }
        Ok(())
    }

    fn delete(&mut self, receipt: usize) {
        let Some(received) = self.receipts.get(receipt) else {
            return;
        };
        let (message_id, receive_count) = (received.message.id, received.receive_count);
        self.backlog.delete(&Receipt {
            message_id,
            receive_count,
        });
        self.known
            .retain(|known| (known.id, known.receives) != (message_id, receive_count));
    }

    fn hide(&mut self, receipt: usize, visibility: Duration) -> Result<(), TestCaseError> {
        let Some(id) = self
            .receipts
            .get(receipt)
            .map(|received| received.message.id)
        else {
            return Ok(());
        };
        let now = self.now;
        let hidden = self.backlog.change_visibility(id, visibility, now);
        prop_assert_eq!(hidden.is_ok(), self.find(id).is_some());
        if let Some(known) = self.find(id).filter(|known| known.hidden_until > now) {
            known.hidden_until = now + visibility;
        }
        Ok(())
    }

    fn expire(&mut self) {
        self.backlog.expire_visibility(self.now);
        for known in self.known.iter_mut().filter(|known| known.receives > 0) {
            known.hidden_until = known.hidden_until.min(self.now);
        }
    }

    fn wait(&mut self, time: Duration) {
        let now = self.now + time;
        self.now = now;
        self.known.retain(|known| known.sent + RETENTION > now);
        self.backlog.settle(RETENTION, now);
    }

    fn find(&mut self, id: Uuid) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| known.id == id)
    }

    fn oldest(&self) -> Option<Moment> {
        let counted = self.known.iter().filter(|known| known.receives < 3);
        counted.map(|known| known.sent).min()
    }

    fn depth(&self) -> Depth {
        let hidden = || {
            self.known
                .iter()
                .filter(|known| known.hidden_until > self.now)
        };
        let delayed = hidden().filter(|known| known.receives == 0).count();
        let in_flight = hidden().count() - delayed;
        Depth {
            visible: self.known.len() - delayed - in_flight,
            delayed,
            in_flight,
        }
    }
}
