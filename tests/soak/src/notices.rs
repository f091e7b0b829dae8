//! Notices as the job platform takes them from their queue, and what is wrong with them: `audit`
//! holds them against the changes that the `tables` show.

pub(super) mod audit;
pub(super) mod tables;

use std::collections::BTreeMap;

use serde::Deserialize;

/// What the platform is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notice {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) user_id: String,
    pub(super) webhook_id: Option<String>,
    pub(super) created_at: String,
    pub(super) failing_since: Option<String>,
    pub(super) count: Option<usize>,
    pub(super) job_id: Option<String>,
    pub(super) run_id: Option<String>,
    pub(super) scope: Option<String>,
    reason: String,
}

/// All that came so far: each once, although some come again.
#[derive(Debug, Default)]
pub(super) struct Notices {
    by_id: BTreeMap<String, Notice>,
    pub(super) repeats: usize,
    /// What cannot be read, and repeats that say something else.
    odd: Vec<String>,
}

impl Notices {
    /// Takes a message in.
    pub(super) fn take(&mut self, body: &str) {
        let Ok(notice) = serde_json::from_str::<Notice>(body) else {
            self.odd.push(format!("unreadable: {body}"));
            return;
        };
        match self.by_id.get(&notice.id) {
            None => {
                self.by_id.insert(notice.id.clone(), notice);
            }
            Some(known) => {
                self.repeats += 1;
                if *known != notice {
                    self.odd.push(format!("{known:?} came again as {body}"));
                }
            }
        }
    }

    /// How many there are of each type.
    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for notice in self.by_id.values() {
            *counts.entry(notice.kind.clone()).or_default() += 1;
        }
        counts
    }

    /// Those of a type, the oldest first.
    fn of(&self, kind: &str) -> Vec<&Notice> {
        let all = self.by_id.values();
        let mut of: Vec<_> = all.filter(|notice| notice.kind == kind).collect();
        of.sort_by_key(|notice| &notice.created_at);
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(reason: &str) -> String {
        format!(
            r#"{{"id": "n", "type": "webhook.enabled", "userId": "u", "webhookId": "w",
                "createdAt": "2026-01-01T00:00:00.000Z", "reason": "{reason}"}}"#
        )
    }

    #[test]
    fn a_notice_that_comes_again_is_one_and_one_that_says_something_else_is_odd() {
        let mut notices = Notices::default();
        for _ in 0..2 {
            notices.take(&body("because"));
        }
        assert_eq!(notices.counts()["webhook.enabled"], 1);
        assert_eq!((notices.repeats, notices.odd.len()), (1, 0));
        notices.take(&body("because of something else"));
        notices.take("no JSON");
        assert_eq!(notices.odd.len(), 2);
    }
}
