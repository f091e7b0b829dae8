//! A worker of `ingest` with one message. A batch is the special case in which several handlers
//! walk in step and die together.

use std::fmt;

use super::action::{Action, Answer};
use super::world::{Arrival, Dispatch, Webhook, World};
use super::{Ingest, Protocol};
use crate::queue::{Held, Message};

/// A worker with its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handler {
    /// The message.
    pub held: Held<Arrival>,
    /// How many stages of the plan are behind it.
    behind: usize,
    /// The events to match: the message's own, and those that had come before its ad hoc webhook.
    pub(super) due: [bool; 2],
    /// How far its dispatches have come, by [`Dispatch::place`].
    pub(super) work: [Progress; 4],
}

/// A part of the way of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Keep the event: `Store::keep`.
    Keep,
    /// List the ad hoc webhook that came with it in the run's match document:
    /// `Store::register_ad_hoc`.
    List,
    /// Read the kept events of the run: `Store::kept_events`.
    ReadEvents,
    /// Read the match documents: `Store::waiting_for`; decide: `MatchEntry::is_triggered_by`.
    Match,
    /// Claim each dispatch: `Claims::of`, which is `Store::fire` for those of the ad hoc
    /// webhook, then `Store::claim`.
    Claim,
    /// Put each claimed dispatch on the delivery queue: `Claims::enqueue`.
    Send,
}

/// A call for one dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Bind the ad hoc webhook to the dispatch: `Store::fire`.
    Fire,
    /// Make the dispatch exist: `Store::claim`.
    Claim,
    /// Put it on the delivery queue: `DeliveryQueue::send`.
    Send,
}

/// How far a handler has come with a dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Progress {
    /// It is none of this handler's business.
    Out,
    /// The current stage is still to be done.
    Wanted,
    /// The webhook is bound to it: half of the stage *claim*.
    Bound,
    /// The current stage is done.
    Through,
    /// A call has failed: the message will come again (`Failures::note`).
    Failed,
}

impl Protocol {
    /// The order of the stages.
    fn plan(self) -> [Stage; 6] {
        use Stage::{Claim, Keep, List, Match, ReadEvents, Send};
        match self {
            Self::SendThenClaim => [Keep, List, ReadEvents, Match, Send, Claim],
            Self::EventsReadBeforeListing => [Keep, ReadEvents, List, Match, Claim, Send],
            Self::KeepLast => [List, ReadEvents, Match, Claim, Send, Keep],
            Self::MatchReadBeforeKeeping => [List, ReadEvents, Match, Keep, Claim, Send],
            _ => [Keep, List, ReadEvents, Match, Claim, Send],
        }
    }
}

/// Takes a message from the queue.
pub(super) fn receive(
    model: &Ingest,
    world: &mut World,
    worker: usize,
    message: Message<Arrival>,
) -> Option<()> {
    let mut due = [false; 2];
    due[message.body.event.place()] = true;
    let mut held = world.event_queue.receive(message)?;
    // Deleted at once: it does not come back.
    held.has_lapsed = model.protocol == Protocol::AcknowledgeFirst;
    let mut handler = Handler {
        held,
        behind: 0,
        due,
        work: [Progress::Out; 4],
    };
    handler.pass_what_is_done(model);
    world.workers[worker] = Some(handler);
    Some(())
}

impl Handler {
    /// What this worker can do next, and what can befall it.
    pub(super) fn actions(
        &self,
        model: &Ingest,
        worker: usize,
        faults_left: u8,
        actions: &mut Vec<Action>,
    ) {
        if faults_left > 0 {
            actions.push(Action::Crash { worker });
            if !self.held.has_lapsed {
                actions.push(Action::Lapse { worker });
            }
        }
        let answers = Answer::possible(faults_left);
        match self.stage(model) {
            Some(stage @ (Stage::Keep | Stage::List | Stage::ReadEvents | Stage::Match)) => {
                actions.push(Action::Do { worker, stage })
            }
            Some(Stage::Claim | Stage::Send) => {
                for (call, dispatch) in self.calls(model) {
                    actions.extend(answers.iter().map(|&answer| Action::Call {
                        worker,
                        call,
                        dispatch,
                        answer,
                    }));
                }
                actions.extend(self.batches_go_wrong(model, worker, answers));
            }
            None => {
                actions.push(Action::Finish {
                    worker,
                    deletes: true,
                });
                if self.held.has_lapsed {
                    actions.push(Action::Finish {
                        worker,
                        deletes: false,
                    });
                }
            }
        }
    }

    /// What can befall the calls that are made for several dispatches at once.
    fn batches_go_wrong(
        &self,
        model: &Ingest,
        worker: usize,
        answers: &[Answer],
    ) -> impl Iterator<Item = Action> {
        let batch = |call: &Call| self.together(model, *call).count() > 1;
        let calls = [Call::Fire, Call::Claim, Call::Send].into_iter();
        let wrong = answers.iter().filter(|answer| **answer != Answer::Comes);
        calls.filter(batch).flat_map(move |call| {
            wrong.clone().map(move |&answer| Action::CallAll {
                worker,
                call,
                answer,
            })
        })
    }

    /// The dispatches that one call is made for.
    pub(super) fn together(&self, model: &Ingest, call: Call) -> impl Iterator<Item = Dispatch> {
        let calls = self.calls(model);
        calls.filter_map(move |(own, dispatch)| (own == call).then_some(dispatch))
    }

    fn stage(&self, model: &Ingest) -> Option<Stage> {
        model.protocol.plan().get(self.behind).copied()
    }

    /// What is to be done next for each dispatch.
    fn calls(&self, model: &Ingest) -> impl Iterator<Item = (Call, Dispatch)> {
        let sends = self.stage(model) == Some(Stage::Send);
        let binds = model.protocol != Protocol::Unbound;
        let waiting = Dispatch::all().filter(|dispatch| self.has_to_do(*dispatch));
        waiting.map(move |dispatch| {
            let is_new = self.work[dispatch.place()] == Progress::Wanted;
            let call = match dispatch.webhook {
                _ if sends => Call::Send,
                Webhook::AdHoc if is_new && binds => Call::Fire,
                _ => Call::Claim,
            };
            (call, dispatch)
        })
    }

    fn has_to_do(&self, dispatch: Dispatch) -> bool {
        matches!(
            self.work[dispatch.place()],
            Progress::Wanted | Progress::Bound
        )
    }

    /// Leaves a stage behind.
    pub(super) fn pass(&mut self, model: &Ingest) {
        self.behind += 1;
        self.pass_what_is_done(model);
    }

    /// Goes on to the next stage with something to do. All dispatches are claimed before the first
    /// is sent.
    pub(super) fn pass_what_is_done(&mut self, model: &Ingest) {
        while let Some(stage) = self.stage(model) {
            let something_to_do = match stage {
                Stage::List | Stage::ReadEvents => self.held.message.body.brings_ad_hoc,
                Stage::Claim | Stage::Send => {
                    Dispatch::all().any(|dispatch| self.has_to_do(dispatch))
                }
                Stage::Keep | Stage::Match => true,
            };
            if something_to_do {
                return;
            }
            self.behind += 1;
            for progress in self
                .work
                .iter_mut()
                .filter(|progress| **progress == Progress::Through)
            {
                *progress = Progress::Wanted;
            }
        }
    }
}

/// Ends the handling of a message: `batch::handle` names it as failed, or has it deleted.
pub(super) fn finish(
    model: &Ingest,
    world: &mut World,
    worker: usize,
    deletes: bool,
) -> Option<()> {
    let handler = world.workers[worker].take()?;
    let has_failed = handler.work.contains(&Progress::Failed);
    if has_failed && model.protocol != Protocol::FailureDropped {
        handler.held.give_back(&mut world.event_queue);
    } else if deletes {
        let others = world
            .workers
            .iter_mut()
            .flatten()
            .map(|other| &mut other.held);
        handler.held.delete(&mut world.event_queue, others);
    }
    Some(())
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fire => "binds its webhook to",
            Self::Claim => "claims",
            Self::Send => "sends",
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "keeps its event",
            Self::List => "lists the ad hoc webhook",
            Self::ReadEvents => "reads the run's events",
            Self::Match => "reads the match documents",
            Self::Claim => "claims its dispatches",
            Self::Send => "sends its dispatches",
        })
    }
}
