//! The audit: what should have happened against what the receivers saw and what the owners can read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::expected::{Expected, Trigger};
use super::notices::audit::Due;
use super::notices::tables::Tables;
use super::notices::{self, Notices};
use super::posts::{Post, Reception};
use super::records::{Record, Status};
use super::repeats::Repeats;
use super::victims::Victims;

/// What came of all that was expected. Lists name what a promise was broken for.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Findings {
    pub(super) expected: usize,
    pub(super) delivered: usize,
    /// Delivered, but on record as failed: the answer was lost with the process that waited for it, or came too late.
    pub(super) delivered_unknown: usize,
    pub(super) failed_on_record: usize,
    pub(super) posts: usize,
    pub(super) repeats: Repeats,
    /// Neither delivered, nor failed on record with a reason.
    pub(super) lost: Vec<String>,
    /// Still active when everything is over.
    pub(super) stuck: Vec<String>,
    pub(super) ad_hoc_fired_twice: Vec<String>,
    /// A standing webhook with more than one dispatch of an event.
    pub(super) standing_fired_twice: Vec<String>,
    /// Sent more than once although it was not to be.
    pub(super) repeated_against_its_will: Vec<String>,
    /// Sent or recorded, although nothing was to be triggered.
    pub(super) unexpected: Vec<String>,
    /// How many notices there are of each type.
    pub(super) notices: BTreeMap<String, usize>,
    /// How many of them came again.
    pub(super) notices_repeated: usize,
    /// Changes that nobody was told of.
    pub(super) notices_missing: Vec<String>,
    /// Notices without a change.
    pub(super) notices_without_cause: Vec<String>,
}

/// All that concerns one expectation.
struct Case<'a> {
    expected: &'a Expected,
    posts: Vec<Post>,
    records: Vec<Record>,
}

/// Holds everything against everything.
pub(super) fn findings(
    expected: &[Expected],
    mut posts: HashMap<String, Vec<Post>>,
    mut records: HashMap<String, Vec<Record>>,
    victims: &Victims,
) -> Findings {
    let mut findings = Findings {
        posts: posts.values().map(Vec::len).sum(),
        ..Findings::default()
    };
    for expected in expected {
        let case = Case {
            expected,
            posts: take(&mut posts, &expected.label, |post| {
                expected.covers(&post.run, &post.event_type, &post.created_at)
            }),
            records: take(&mut records, &expected.label, |record| {
                expected.covers(record.run(), &record.event_type, &record.created_at)
            }),
        };
        findings.add(&case, victims);
    }
    let sent = posts.into_values().flatten();
    let sent = sent.map(|post| format!("a POST of {} of run {}", post.label, post.run));
    let recorded = records.into_values().flatten();
    let recorded = recorded.map(|record| format!("dispatch {} of {}", record.id, record.label()));
    findings.unexpected = sent.chain(recorded).collect();
    findings
}

/// Takes out what belongs to an expectation; what is left in the end belongs to none.
fn take<T>(all: &mut HashMap<String, Vec<T>>, label: &str, belongs: impl Fn(&T) -> bool) -> Vec<T> {
    let Some(of_label) = all.get_mut(label) else {
        return Vec::new();
    };
    of_label.extract_if(.., |item| belongs(item)).collect()
}

impl Expected {
    /// Whether this is about it.
    fn covers(&self, run: &str, event_type: &str, created_at: &str) -> bool {
        let trigger = Trigger {
            event_type: event_type.to_owned(),
            created_at: created_at.to_owned(),
        };
        self.run == run && self.by.contains(&trigger)
    }
}

impl Findings {
    /// Whether every promise was kept.
    pub(super) fn keep_all_promises(&self) -> bool {
        self.broken().iter().all(|(_, cases)| cases.is_empty())
    }

    /// The promises, each with what it was broken for.
    pub(super) fn broken(&self) -> [(&'static str, &[String]); 9] {
        [
            ("lost", &self.lost),
            ("ad hoc fired more than once", &self.ad_hoc_fired_twice),
            ("stuck", &self.stuck),
            ("standing fired more than once", &self.standing_fired_twice),
            (
                "sent again, not to be retried",
                &self.repeated_against_its_will,
            ),
            ("sent again without a cause", &self.repeats.without_cause),
            ("sent, but not expected", &self.unexpected),
            ("notices missing", &self.notices_missing),
            ("notices without cause", &self.notices_without_cause),
        ]
    }

    /// Holds the notices against what has changed.
    pub(super) fn add_notices(&mut self, notices: &Notices, due: &Due, tables: &Tables) {
        let wrong = notices::audit::wrong(notices, due, tables);
        self.notices = notices.counts();
        self.notices_repeated = notices.repeats;
        self.notices_missing = wrong.missing;
        self.notices_without_cause = wrong.without_cause;
    }

    fn add(&mut self, case: &Case<'_>, victims: &Victims) {
        let name = || case.name();
        if case.expected.is_optional && case.posts.is_empty() && case.records.is_empty() {
            return;
        }
        self.expected += 1;
        let was_accepted = case
            .posts
            .iter()
            .any(|post| post.reception != Reception::Refused);
        let record = case.records.first();
        match record.map(|record| record.status) {
            Some(Status::Active) => self.stuck.push(name()),
            Some(Status::Failed) if was_accepted => self.delivered_unknown += 1,
            Some(Status::Failed) if case.says_why() => self.failed_on_record += 1,
            Some(Status::Succeeded) if was_accepted => self.delivered += 1,
            Some(Status::Failed | Status::Succeeded) | None => self.lost.push(name()),
        }
        let dispatches = case.dispatches();
        if dispatches.len() > 1 {
            match case.expected.is_ad_hoc {
                true => self.ad_hoc_fired_twice.push(name()),
                false => self.standing_fired_twice.push(name()),
            }
        }
        if case.expected.do_not_retry && case.posts.len() > 1 {
            self.repeated_against_its_will.push(name());
        }
        let receptions = case.posts.iter().map(|post| post.reception);
        let faults = victims.faults(dispatches.into_iter().chain([case.expected.run.as_str()]));
        self.repeats.add(receptions, &faults, name);
    }
}

impl Case<'_> {
    fn name(&self) -> String {
        let Expected { label, run, by, .. } = self.expected;
        let event_types: Vec<_> = by
            .iter()
            .map(|trigger| trigger.event_type.as_str())
            .collect();
        let dispatches: Vec<_> = self.dispatches().into_iter().collect();
        let receptions = self
            .posts
            .iter()
            .map(|post| format!("{:?}", post.reception));
        let receptions: Vec<_> = receptions.collect();
        let heard = self.records.iter().map(Record::heard);
        format!(
            "{label} of run {run} by {} (receivers: {}; on record: {}; dispatches {})",
            event_types.join(" or "),
            receptions.join(", "),
            heard.collect::<Vec<_>>().join("; "),
            dispatches.join(", ")
        )
    }

    /// The ids of its dispatches: one, if all is well.
    fn dispatches(&self) -> BTreeSet<&str> {
        let sent = self.posts.iter().map(|post| post.dispatch.as_str());
        let recorded = self.records.iter().map(|record| record.id.as_str());
        sent.chain(recorded).collect()
    }

    fn says_why(&self) -> bool {
        let reasons = self.records.iter().map(|record| &record.failure_reason);
        let mut reasons = reasons.flatten();
        reasons.any(|reason| !reason.is_empty())
    }
}
