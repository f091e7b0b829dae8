//! The protocols with a mistake in them, each with the property that it breaks.

use super::Wrong;
use crate::check::{Counterexample, shortest};
use crate::deliver::{self, Deliver};
use crate::ingest::{self, Ingest, Registration};
use crate::notices::{self, Notices};
use crate::sweep::{self, Sweep};

/// The protocols with a mistake in them.
pub const WRONG: [Wrong; 36] = [
    Wrong {
        name: "claim-or-skip",
        mistake: "who finds a dispatch claimed takes it for sent",
        breaks: "in the end no dispatch is stuck",
        find: |property| race(ingest::Protocol::ClaimOrSkip, property),
    },
    Wrong {
        name: "send-then-claim",
        mistake: "a dispatch is sent before it is claimed",
        breaks: "an ad hoc webhook never has two dispatches",
        find: |property| race(ingest::Protocol::SendThenClaim, property),
    },
    Wrong {
        name: "flag-after-read",
        mistake: "the run's events are read before the ad hoc webhook is listed",
        breaks: "in the end the ad hoc webhook has its dispatch, attempted",
        find: |property| late(ingest::Protocol::EventsReadBeforeListing, property),
    },
    Wrong {
        name: "flag-after-read-by-api",
        mistake: "the same, in the API",
        breaks: "in the end the ad hoc webhook has its dispatch, attempted",
        find: |property| api(ingest::Protocol::EventsReadBeforeListing, property),
    },
    Wrong {
        name: "flag-after-match",
        mistake: "the match documents are read before the event is kept",
        breaks: "in the end the ad hoc webhook has its dispatch, attempted",
        find: |property| late(ingest::Protocol::MatchReadBeforeKeeping, property),
    },
    Wrong {
        name: "keep-last",
        mistake: "the event is kept after its dispatches were sent",
        breaks: "a dispatch finds its event",
        find: |property| race(ingest::Protocol::KeepLast, property),
    },
    Wrong {
        name: "unbound",
        mistake: "an ad hoc webhook is not bound to one dispatch",
        breaks: "an ad hoc webhook never has two dispatches",
        find: |property| race(ingest::Protocol::Unbound, property),
    },
    Wrong {
        name: "blind-claim",
        mistake: "a dispatch is put whether or not it is there",
        breaks: "a dispatch that was attempted is never claimed anew",
        find: |property| race(ingest::Protocol::BlindClaim, property),
    },
    Wrong {
        name: "acknowledge-first",
        mistake: "an event's message is acknowledged before anything is done about it",
        breaks: "in the end the event has its dispatch of the standing webhook, attempted",
        find: |property| race(ingest::Protocol::AcknowledgeFirst, property),
    },
    Wrong {
        name: "failure-dropped",
        mistake: "an event's message is acknowledged although a call has failed",
        breaks: "in the end the event has its dispatch of the standing webhook, attempted",
        find: |property| race(ingest::Protocol::FailureDropped, property),
    },
    Wrong {
        name: "recorded-is-done",
        mistake: "a message whose attempt is on record is taken for done",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| retried(deliver::Protocol::RecordedIsDone, property),
    },
    Wrong {
        name: "acknowledge-then-schedule",
        mistake: "a message is acknowledged before the next one is scheduled",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| retried(deliver::Protocol::AcknowledgeThenSchedule, property),
    },
    Wrong {
        name: "acknowledge-then-record",
        mistake: "a message is acknowledged while its outcome waits to be recorded with others",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| retried(deliver::Protocol::AcknowledgeThenRecord, property),
    },
    Wrong {
        name: "over-is-done",
        mistake: "who asks for the lease of an attempt that is on record by then takes the message for done",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| retried(deliver::Protocol::OverIsDone, property),
    },
    Wrong {
        name: "blind-record",
        mistake: "an attempt is recorded whatever the record says",
        breaks: "no attempt is begun once a success is known",
        find: |property| retried(deliver::Protocol::BlindRecord, property),
    },
    Wrong {
        name: "success-forgotten",
        mistake: "a success that comes second is thrown away",
        breaks: "no attempt is begun once a success is known",
        find: |property| retried(deliver::Protocol::SuccessForgotten, property),
    },
    Wrong {
        name: "failure-is-final",
        mistake: "a success that comes after the dispatch was given up is thrown away",
        breaks: "a success that is known is on record in the end",
        find: |property| retried(deliver::Protocol::FailureIsFinal, property),
    },
    Wrong {
        name: "impatient",
        mistake: "a message that comes too early is taken at its word",
        breaks: "no attempt is made before its time",
        find: |property| retried(deliver::Protocol::Impatient, property),
    },
    Wrong {
        name: "unleased",
        mistake: "an attempt that is not to be repeated takes no lease",
        breaks: "what is not to be retried is sent once",
        find: |property| not_retried(deliver::Protocol::Unleased, property),
    },
    Wrong {
        name: "lease-forgets-others",
        mistake: "who finds the lease its own forgets that it was another's before",
        breaks: "what is not to be retried is sent once",
        find: |property| not_retried(deliver::Protocol::LeaseForgetsOthers, property),
    },
    Wrong {
        name: "acknowledge-then-put-off",
        mistake: "a message that has to wait for its endpoint is acknowledged before it is sent on",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| retried(deliver::Protocol::AcknowledgeThenPutOff, property),
    },
    Wrong {
        name: "reminder-last",
        mistake: "a redelivery is on record before anybody looks after it",
        breaks: "in the end the dispatch is delivered, or failed on record",
        find: |property| redelivered(deliver::Protocol::ReminderLast, property),
    },
    Wrong {
        name: "old-success-counts",
        mistake: "a success that is older than the owner's wish for another is taken for it",
        breaks: "what was delivered is sent once more if its owner asks",
        find: |property| redelivered(deliver::Protocol::OldSuccessCounts, property),
    },
    Wrong {
        name: "acknowledge-then-park",
        mistake: "a message is acknowledged before the retry is parked",
        breaks: "in the end every retry is on the delivery queue",
        find: |property| parked(sweep::Protocol::AcknowledgeThenPark, property),
    },
    Wrong {
        name: "slow-parking",
        mistake: "a worker may park longer than the sweeper leaves it",
        breaks: "in the end every retry is on the delivery queue",
        find: |property| parked(sweep::Protocol::SlowParking, property),
    },
    Wrong {
        name: "cursor-before-send",
        mistake: "the cursor moves before what was read is sent",
        breaks: "in the end every retry is on the delivery queue",
        find: |property| parked(sweep::Protocol::CursorBeforeSend, property),
    },
    Wrong {
        name: "cursor-at-once",
        mistake: "the cursor moves to the end of the sweep when the first bucket was sent",
        breaks: "in the end every retry is on the delivery queue",
        find: |property| parked(sweep::Protocol::CursorAtOnce, property),
    },
    Wrong {
        name: "begins-now",
        mistake: "the first sweep begins with the minute in which it runs",
        breaks: "in the end every retry is on the delivery queue",
        find: |property| parked(sweep::Protocol::BeginsNow, property),
    },
    Wrong {
        name: "looks-too-far-ahead",
        mistake: "the sweeper looks further ahead than the queue can hold a message back",
        breaks: "what is sent can be held back until it is due",
        find: |property| parked(sweep::Protocol::LooksTooFarAhead, property),
    },
    Wrong {
        name: "notice-after-change",
        mistake: "a notice is written down after its change, in a call of its own",
        breaks: "in the end every change has been told",
        find: |property| told(notices::Protocol::NoticeAfterChange, property),
    },
    Wrong {
        name: "notice-before-change",
        mistake: "a notice is written down before its change, in a call of its own",
        breaks: "nothing is told that has not happened",
        find: |property| told(notices::Protocol::NoticeBeforeChange, property),
    },
    Wrong {
        name: "taken-away-first",
        mistake: "a notice is taken away before it is sent",
        breaks: "in the end every change has been told",
        find: |property| told(notices::Protocol::TakenAwayFirst, property),
    },
    Wrong {
        name: "one-room",
        mistake: "a webhook has room for one notice that waits",
        breaks: "in the end every change has been told",
        find: |property| told(notices::Protocol::OneRoom, property),
    },
    Wrong {
        name: "laid-out-last",
        mistake: "a notice is sent before its owner can read it",
        breaks: "what is told can be read by its owner",
        find: |property| told(notices::Protocol::LaidOutLast, property),
    },
    Wrong {
        name: "counted-then-taken",
        mistake: "what is counted is taken away after its notice was written down, in a call of its own",
        breaks: "nothing is told under two ids",
        find: |property| told(notices::Protocol::CountedThenTaken, property),
    },
    Wrong {
        name: "one-id-for-the-minute",
        mistake: "what comes late is told under the id of what came in time",
        breaks: "a notice that comes again says the same",
        find: |property| told(notices::Protocol::OneIdForTheMinute, property),
    },
];

fn race(protocol: ingest::Protocol, property: &'static str) -> Option<Counterexample> {
    ingest(Registration::WithEvent, protocol, property)
}

fn late(protocol: ingest::Protocol, property: &'static str) -> Option<Counterexample> {
    ingest(Registration::WithEventForLater, protocol, property)
}

fn api(protocol: ingest::Protocol, property: &'static str) -> Option<Counterexample> {
    ingest(Registration::Api, protocol, property)
}

fn ingest(
    registration: Registration,
    protocol: ingest::Protocol,
    property: &'static str,
) -> Option<Counterexample> {
    let model = Ingest {
        registration,
        protocol,
        faults: 1,
        duplicate: false,
    };
    shortest(model, property)
}

fn retried(protocol: deliver::Protocol, property: &'static str) -> Option<Counterexample> {
    deliver(false, protocol, property)
}

fn not_retried(protocol: deliver::Protocol, property: &'static str) -> Option<Counterexample> {
    deliver(true, protocol, property)
}

fn deliver(
    do_not_retry: bool,
    protocol: deliver::Protocol,
    property: &'static str,
) -> Option<Counterexample> {
    let model = Deliver {
        do_not_retry,
        retries: 2,
        protocol,
        faults: 2,
        redeliveries: 0,
    };
    shortest(model, property)
}

fn redelivered(protocol: deliver::Protocol, property: &'static str) -> Option<Counterexample> {
    let model = Deliver {
        do_not_retry: false,
        retries: 1,
        protocol,
        faults: 2,
        redeliveries: 1,
    };
    shortest(model, property)
}

fn parked(protocol: sweep::Protocol, property: &'static str) -> Option<Counterexample> {
    shortest(
        Sweep {
            protocol,
            faults: 1,
        },
        property,
    )
}

fn told(protocol: notices::Protocol, property: &'static str) -> Option<Counterexample> {
    shortest(
        Notices {
            protocol,
            faults: 1,
        },
        property,
    )
}
