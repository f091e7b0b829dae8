//! The ledger: what should have happened, by the rules that a user of webhooks knows, against what
//! arrived and what is on record.

use std::collections::{BTreeSet, HashMap};

use parking_lot::Mutex;

use crate::arrivals::Arrival;
use crate::record::{Record, Status};

/// One webhook that must be triggered once.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) label: String,
    pub(crate) run: String,
    /// By one of these events: a standing webhook by the only one, an ad hoc webhook by any.
    pub(crate) by: Vec<Trigger>,
    pub(crate) is_ad_hoc: bool,
    /// How often it may be sent at all, where that is bounded: its webhook is not to be retried.
    pub(crate) at_most: Option<usize>,
    pub(crate) end: End,
    /// How often it may be accepted: once, and once more whenever its owner asks.
    pub(crate) times: usize,
}

/// An event as a POST and a record name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Trigger {
    pub(crate) event_type: String,
    pub(crate) created_at: String,
}

/// What becomes of a dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is accepted, and on record so.
    Delivered,
    /// It fails for good, and its owner reads why.
    Failed,
    /// It waits for its next attempt, longer than this run of the command.
    Waits,
}

/// Everything that is expected so far.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Vec<Expected>>);

/// The promises that the ledger is about, each with what it was broken for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Findings {
    /// How many dispatches there should be.
    pub(crate) expected: usize,
    pub(crate) posts: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) stuck: Vec<String>,
    pub(crate) ad_hoc_fired_twice: Vec<String>,
    pub(crate) standing_fired_twice: Vec<String>,
    pub(crate) repeated_against_its_will: Vec<String>,
    pub(crate) repeated_after_acceptance: Vec<String>,
    pub(crate) unexpected: Vec<String>,
}

/// All that concerns one expectation.
struct Case<'a> {
    expected: &'a Expected,
    posts: Vec<Arrival>,
    records: Vec<Record>,
}

impl Expected {
    /// A standing webhook.
    pub(crate) fn standing(label: &str, run: &str, by: Trigger) -> Self {
        Expected {
            label: label.to_owned(),
            run: run.to_owned(),
            by: vec![by],
            is_ad_hoc: false,
            at_most: None,
            end: End::Delivered,
            times: 1,
        }
    }

    /// An ad hoc webhook, which any of these events may trigger.
    pub(crate) fn ad_hoc(label: &str, run: &str, by: Vec<Trigger>) -> Self {
        Expected {
            is_ad_hoc: true,
            by,
            ..Expected::standing(label, run, Trigger::default())
        }
    }

    /// Whether this is about it.
    fn covers(&self, run: &str, event_type: &str, created_at: &str) -> bool {
        let is_it = |by: &Trigger| by.event_type == event_type && by.created_at == created_at;
        self.run == run && self.by.iter().any(is_it)
    }

    fn covers_post(&self, post: &Arrival) -> bool {
        self.label == post.label && self.covers(post.run(), post.event_type(), post.created_at())
    }
}

impl Ledger {
    pub(crate) fn expect(&self, expected: impl IntoIterator<Item = Expected>) {
        self.0.lock().extend(expected);
    }

    /// Changes what is expected of a webhook.
    pub(crate) fn amend(&self, label: &str, change: impl Fn(&mut Expected)) {
        let mut all = self.0.lock();
        all.iter_mut()
            .filter(|one| one.label == label)
            .for_each(change);
    }

    /// What was to be delivered and has not been accepted as often as that.
    pub(crate) fn missing(&self, posts: &[Arrival]) -> Vec<Expected> {
        let mut accepted: HashMap<&str, Vec<&Arrival>> = HashMap::new();
        for post in posts.iter().filter(|post| post.manner.accepts()) {
            accepted.entry(&post.label).or_default().push(post);
        }
        let all = self.0.lock();
        let is_missing = |expected: &&Expected| {
            let of_label = accepted.get(expected.label.as_str()).into_iter().flatten();
            let count = of_label.filter(|post| expected.covers_post(post)).count();
            expected.end == End::Delivered && count < expected.times
        };
        all.iter().filter(is_missing).cloned().collect()
    }

    /// Holds everything against everything. Without `posts`, only what is on record counts.
    pub(crate) fn audit(&self, posts: Option<Vec<Arrival>>, records: Vec<Record>) -> Findings {
        let sees_posts = posts.is_some();
        let mut posts = by_label(posts.unwrap_or_default(), |post| post.label.clone());
        let mut records = by_label(records, Record::label);
        let mut findings = Findings {
            posts: posts.values().map(Vec::len).sum(),
            ..Findings::default()
        };
        for expected in self.0.lock().iter() {
            let case = Case {
                expected,
                posts: take(&mut posts, &expected.label, |post| {
                    expected.covers_post(post)
                }),
                records: take(&mut records, &expected.label, |record| {
                    expected.covers(record.run(), &record.event_type, &record.created_at)
                }),
            };
            findings.add(&case, sees_posts);
        }
        // Trials are no part of the load: the one in the beginning asks only whether the receiver
        // can be reached.
        let sent = posts.into_values().flatten();
        let sent = sent.filter(|post| post.event_type() != "TEST");
        let sent = sent.map(|post| format!("a POST to {} of run {}", post.label, post.run()));
        let recorded = records.into_values().flatten();
        let recorded =
            recorded.map(|record| format!("dispatch {} of {}", record.id, record.label()));
        findings.unexpected = sent.chain(recorded).collect();
        findings
    }
}

fn by_label<T>(all: Vec<T>, label: impl Fn(&T) -> String) -> HashMap<String, Vec<T>> {
    let mut by_label: HashMap<_, Vec<_>> = HashMap::new();
    for one in all {
        by_label.entry(label(&one)).or_default().push(one);
    }
    by_label
}

/// Takes out what belongs to an expectation; what is left in the end belongs to none.
fn take<T>(all: &mut HashMap<String, Vec<T>>, label: &str, belongs: impl Fn(&T) -> bool) -> Vec<T> {
    let Some(of_label) = all.get_mut(label) else {
        return Vec::new();
    };
    of_label.extract_if(.., |one| belongs(one)).collect()
}

impl Findings {
    /// The promises, each with what it was broken for.
    pub(crate) fn by_promise(&self) -> [(&'static str, &[String]); 7] {
        [
            ("lost", &self.lost),
            ("stuck", &self.stuck),
            ("ad hoc fired more than once", &self.ad_hoc_fired_twice),
            ("standing fired more than once", &self.standing_fired_twice),
            (
                "sent again, not to be retried",
                &self.repeated_against_its_will,
            ),
            (
                "sent again after it was accepted",
                &self.repeated_after_acceptance,
            ),
            ("sent, but not expected", &self.unexpected),
        ]
    }

    /// Whether time may still mend it: records are written after their POSTs.
    pub(crate) fn may_mend(&self) -> bool {
        !self.lost.is_empty() || !self.stuck.is_empty()
    }

    fn add(&mut self, case: &Case<'_>, sees_posts: bool) {
        self.expected += 1;
        let accepted = case
            .posts
            .iter()
            .filter(|post| post.manner.accepts())
            .count();
        let has_arrived = accepted > 0 || !sees_posts;
        let record = case.records.first();
        match (case.expected.end, record.map(|record| record.status)) {
            (End::Delivered, Some(Status::Succeeded)) if has_arrived => {}
            (End::Failed, Some(Status::Failed)) if case.says_why() => {}
            (End::Waits, Some(Status::Active)) if case.says_when() => {}
            (End::Delivered | End::Failed, Some(Status::Active)) => self.stuck.push(case.name()),
            _ => self.lost.push(case.name()),
        }
        if case.dispatches().len() > 1 {
            match case.expected.is_ad_hoc {
                true => self.ad_hoc_fired_twice.push(case.name()),
                false => self.standing_fired_twice.push(case.name()),
            }
        }
        let at_most = case.expected.at_most;
        if at_most.is_some_and(|at_most| case.posts.len() > at_most) {
            self.repeated_against_its_will.push(case.name());
        }
        if accepted > case.expected.times {
            self.repeated_after_acceptance.push(case.name());
        }
    }
}

impl Case<'_> {
    fn name(&self) -> String {
        let Expected { label, run, by, .. } = self.expected;
        let events: Vec<_> = by.iter().map(|by| by.event_type.as_str()).collect();
        let dispatches: Vec<_> = self.dispatches().into_iter().collect();
        let record = match self.records.first() {
            Some(record) => format!("{:?}", record.status).to_uppercase(),
            None => "no record".to_owned(),
        };
        format!(
            "{label} of run {run} by {} ({} POSTs, {record}, dispatches {})",
            events.join(" or "),
            self.posts.len(),
            dispatches.join(", ")
        )
    }

    /// The ids of its dispatches: one, if all is well.
    fn dispatches(&self) -> BTreeSet<&str> {
        let sent = self.posts.iter().map(Arrival::dispatch);
        let recorded = self.records.iter().map(|record| record.id.as_str());
        sent.chain(recorded).collect()
    }

    fn says_why(&self) -> bool {
        let reasons = self
            .records
            .iter()
            .filter_map(|record| record.failure_reason.as_ref());
        reasons.into_iter().any(|reason| !reason.is_empty())
    }

    fn says_when(&self) -> bool {
        self.records
            .iter()
            .any(|record| record.next_attempt_at.is_some())
    }
}
