//! What the tables say of all that owners are told of.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use local::platform::Platform;
use serde_json::Value;

/// What is there at a time when nothing is under way.
#[derive(Debug, Default)]
pub(in super::super) struct Tables {
    /// By id.
    pub(in super::super) webhooks: BTreeMap<String, Webhook>,
    /// What is left alone: a user and a scope.
    pub(super) paused: BTreeSet<(String, String)>,
    /// The jobs that have ended, with how many dispatches they have redelivered.
    pub(super) ended_jobs: BTreeMap<String, usize>,
    /// The keys of what was not sent.
    pub(super) unsent: Vec<String>,
    /// The ids of the notices that owners can read.
    pub(super) laid_out: BTreeSet<String>,
}

/// A webhook's item.
#[derive(Debug, Default)]
pub(in super::super) struct Webhook {
    pub(in super::super) user: String,
    pub(in super::super) is_ad_hoc: bool,
    pub(in super::super) is_off: bool,
    pub(super) failing_since: Option<String>,
}

impl Tables {
    /// Reads both tables.
    pub(in super::super) async fn read(platform: &Platform) -> Result<Self> {
        let mut tables = Tables::default();
        for item in platform.items("WebhooksTable").await? {
            tables.add_webhook(&item);
        }
        for item in platform.items("DispatchesTable").await? {
            tables.add(&item);
        }
        Ok(tables)
    }

    fn add_webhook(&mut self, item: &Value) {
        let text = |name| text(item, name);
        if let (Some(id), Some(user), Some(state)) = (text("id"), text("user"), text("state")) {
            let webhook = Webhook {
                user: user.to_owned(),
                is_ad_hoc: item["ad_hoc"]["BOOL"] == true,
                is_off: state == "DISABLED",
                failing_since: text("failing_since").map(str::to_owned),
            };
            self.webhooks.insert(id.to_owned(), webhook);
        }
    }

    fn add(&mut self, item: &Value) {
        let (Some(pk), Some(sk)) = (text(item, "pk"), text(item, "sk")) else {
            return;
        };
        if pk.starts_with("N#") {
            self.unsent.push(sk.to_owned());
        } else if sk == "H" {
            let user = pk.split('#').nth(1).unwrap_or_default();
            let names = item.as_object().into_iter().flat_map(|item| item.keys());
            let scopes = names.filter_map(|name| name.strip_prefix("p_"));
            self.paused
                .extend(scopes.map(|scope| (user.to_owned(), scope.to_owned())));
        } else if sk.starts_with("V#") {
            let id = sk.rsplit('#').next().unwrap_or_default();
            self.laid_out.insert(id.to_owned());
        } else if let Some(job) = sk.strip_prefix("J#")
            && text(item, "state") != Some("RUNNING")
        {
            let redelivered = item["redelivered"]["N"].as_str();
            let redelivered = redelivered.and_then(|number| number.parse().ok());
            self.ended_jobs
                .insert(job.to_owned(), redelivered.unwrap_or_default());
        }
    }
}

fn text<'i>(item: &'i Value, name: &str) -> Option<&'i str> {
    item.get(name)?.get("S")?.as_str()
}
