//! Every change has its notice, and every notice its change.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::Tables;
use super::{Notice, Notices};

/// What should have been told, besides what the tables say.
#[derive(Debug, Default)]
pub(in super::super) struct Due {
    /// Each time that a dispatch was exhausted: its webhook, itself, and after how many attempts.
    pub(in super::super) exhausted: BTreeSet<(String, String, usize)>,
    /// How often its owner has switched a webhook on.
    pub(in super::super) enabled: BTreeMap<String, usize>,
    /// The runs with a definition that came to nothing.
    pub(in super::super) rejected: BTreeSet<String>,
}

/// What is wrong.
#[derive(Debug, Default)]
pub(in super::super) struct Wrong {
    pub(in super::super) missing: Vec<String>,
    pub(in super::super) without_cause: Vec<String>,
}

/// Holds what was told against what has changed.
pub(in super::super) fn wrong(notices: &Notices, due: &Due, tables: &Tables) -> Wrong {
    let mut wrong = Wrong {
        missing: tables.unsent.clone(),
        without_cause: notices.odd.clone(),
    };
    wrong.exhausted(notices, due);
    wrong.switched(notices, due, tables);
    wrong.failing(notices, tables);
    wrong.paused(notices, tables);
    wrong.jobs(notices, tables);
    wrong.rejected(notices, due);
    let sent = notices.by_id.values();
    let readable = sent.filter(|notice| notice.webhook_id.is_some());
    let readable = readable.map(|notice| (notice.id.clone(), 1)).collect();
    let laid_out = tables.laid_out.iter().map(|id| (id.clone(), 1)).collect();
    wrong.compare("sent as it can be read", &readable, &laid_out);
    wrong
}

/// How many there are, by what they are about.
type Tally = BTreeMap<String, usize>;

impl Wrong {
    fn compare(&mut self, what: &str, told: &Tally, due: &Tally) {
        let keys: BTreeSet<_> = told.keys().chain(due.keys()).collect();
        for key in keys {
            let of = |tally: &Tally| tally.get(key).copied().unwrap_or_default();
            let (told, due) = (of(told), of(due));
            let line = format!("{what}, {key}: {told} instead of {due}");
            match told.cmp(&due) {
                std::cmp::Ordering::Less => self.missing.push(line),
                std::cmp::Ordering::Greater => self.without_cause.push(line),
                std::cmp::Ordering::Equal => {}
            }
        }
    }

    fn exhausted(&mut self, notices: &Notices, due: &Due) {
        let told = tally(notices.of("dispatch.exhausted"), |notice| {
            (notice.webhook_id.clone(), notice.count.unwrap_or_default())
        });
        let mut exhausted = Tally::new();
        for (webhook, _, _) in &due.exhausted {
            *exhausted.entry(webhook.clone()).or_default() += 1;
        }
        self.compare("exhausted dispatches", &told, &exhausted);
    }

    /// Webhooks are switched off and on by turns, and are in the end as the last notice says.
    fn switched(&mut self, notices: &Notices, due: &Due, tables: &Tables) {
        let by_webhook = |notice: &Notice| (notice.webhook_id.clone(), 1);
        let disabled = tally(notices.of("webhook.disabled"), by_webhook);
        let enabled = tally(notices.of("webhook.enabled"), by_webhook);
        self.compare("switched on", &enabled, &due.enabled);
        let mut changes = due.enabled.clone();
        for (id, webhook) in &tables.webhooks {
            if webhook.is_off {
                *changes.entry(id.clone()).or_default() += 1;
            }
        }
        self.compare("switched off", &disabled, &changes);
        let mut switches = notices.of("webhook.disabled");
        switches.extend(notices.of("webhook.enabled"));
        switches.sort_by_key(|notice| &notice.created_at);
        let mut off = BTreeSet::new();
        for notice in switches {
            let is_change = match notice.kind.as_str() {
                "webhook.disabled" => off.insert(&notice.webhook_id),
                _ => off.remove(&notice.webhook_id),
            };
            if !is_change {
                self.without_cause.push(format!("no change: {notice:?}"));
            }
        }
    }

    /// A webhook that fails recovers, is switched off, or still fails.
    fn failing(&mut self, notices: &Notices, tables: &Tables) {
        let by_webhook = |notice: &Notice| (notice.webhook_id.clone(), 1);
        let disabled = tally(notices.of("webhook.disabled"), by_webhook);
        let mut failing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for notice in notices.of("webhook.failing") {
            let of_webhook = failing.entry(notice.webhook()).or_default();
            of_webhook.insert(&notice.created_at);
        }
        let mut end = |webhook: &str, since: Option<&str>| {
            let of_webhook = failing.get_mut(webhook);
            of_webhook.is_some_and(|of| since.is_some_and(|since| of.remove(since)))
        };
        for notice in notices.of("webhook.recovered") {
            if !end(notice.webhook(), notice.failing_since.as_deref()) {
                self.without_cause.push(format!("not failing: {notice:?}"));
            }
        }
        for (id, webhook) in &tables.webhooks {
            if let Some(since) = &webhook.failing_since
                && !end(id, Some(since))
            {
                self.missing.push(format!("{id} is failing since {since}"));
            }
        }
        for (webhook, left) in failing {
            if left.len() > disabled.get(webhook).copied().unwrap_or_default() {
                let line = format!("what became of {webhook}, failing since {left:?}");
                self.missing.push(line);
            }
        }
    }

    /// What is left alone is so until it is told that it is not.
    fn paused(&mut self, notices: &Notices, tables: &Tables) {
        let by_scope = |notice: &Notice| {
            let scope = notice.scope.as_deref().unwrap_or_default();
            (Some(format!("{} of {}", scope, notice.user_id)), 1)
        };
        let paused = tally(notices.of("endpoint.paused"), by_scope);
        let mut ended = tally(notices.of("endpoint.resumed"), by_scope);
        for (user, scope) in &tables.paused {
            *ended.entry(format!("{scope} of {user}")).or_default() += 1;
        }
        self.compare("pauses, of those that have ended or go on", &paused, &ended);
    }

    fn jobs(&mut self, notices: &Notices, tables: &Tables) {
        // By how many they have redelivered, too.
        let name = |job: &str, count: usize| format!("{job} with {count}");
        let told = tally(notices.of("redelivery.finished"), |notice| {
            let job = notice.job_id.as_deref().unwrap_or_default();
            (Some(name(job, notice.count.unwrap_or_default())), 1)
        });
        let ended = tables.ended_jobs.iter();
        let ended = ended.map(|(job, count)| (name(job, *count), 1)).collect();
        self.compare("ends of jobs", &told, &ended);
    }

    fn rejected(&mut self, notices: &Notices, due: &Due) {
        let told = tally(notices.of("adHocWebhook.rejected"), |notice| {
            (notice.run_id.clone(), notice.count.unwrap_or_default())
        });
        let rejected = due.rejected.iter().map(|run| (run.clone(), 1)).collect();
        self.compare("rejected definitions", &told, &rejected);
    }
}

impl Notice {
    fn webhook(&self) -> &str {
        self.webhook_id.as_deref().unwrap_or_default()
    }
}

fn tally(notices: Vec<&Notice>, of: impl Fn(&Notice) -> (Option<String>, usize)) -> Tally {
    let mut tally = Tally::new();
    for (key, count) in notices.into_iter().map(of) {
        *tally.entry(key.unwrap_or_default()).or_default() += count;
    }
    tally
}

#[cfg(test)]
mod tests;
