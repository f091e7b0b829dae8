//! The form of a webhook: what somebody has typed, whatever it is worth.

mod checks;
mod fields;
mod pages;

use domain::condition::Condition;
use domain::fields::Fields;
use domain::grant::Grant;
use domain::webhook::Webhook;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::error::ApiError;
use crate::webhooks::{self, Resource};

pub(super) use checks::Problems;
pub(super) use fields::fields;
pub(super) use pages::{check, create, new, preview, to_webhook};

/// What somebody has typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    values: Vec<(String, String)>,
}

/// What a new webhook is to be for, if that is known.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Home {
    actor_id: Option<String>,
    actor_task_id: Option<String>,
    actor_run_id: Option<String>,
}

const TEXTS: [&str; 4] = ["title", "description", "requestUrl", "payloadTemplate"];
const FLAGS: [&str; 4] = [
    "shouldInterpolateStrings",
    "ignoreSslErrors",
    "doNotRetry",
    "shouldSignWithEd25519",
];

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        let values = form_urlencoded::parse(body);
        Self {
            values: values
                // Forms send every line break as two characters.
                .map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")))
                .collect(),
        }
    }

    /// The form that would make this webhook.
    pub(super) fn of(webhook: &Webhook) -> Self {
        let settings = serde_json::to_value(webhooks::Settings::of(webhook)).unwrap_or_default();
        let mut form = Self::default();
        for name in TEXTS.into_iter().chain(["headersTemplate"]) {
            form.set(name, settings[name].as_str().unwrap_or_default());
        }
        for name in FLAGS.into_iter().filter(|name| settings[*name] == true) {
            form.set(name, "on");
        }
        for kind in settings["eventTypes"].as_array().into_iter().flatten() {
            form.set("eventTypes", kind.as_str().unwrap_or_default());
        }
        let (kind, id) = named(&webhook.condition);
        form.set("conditionKind", kind);
        form.set("conditionId", id);
        if webhook.lifetime.is_ad_hoc() {
            form.set("isAdHoc", "on");
        }
        form.set("version", &webhook.version.to_string());
        form
    }

    fn empty(home: Home) -> Self {
        let mut form = Self::default();
        let homes = [
            ("actorId", home.actor_id),
            ("actorTaskId", home.actor_task_id),
            ("actorRunId", home.actor_run_id),
        ];
        let known = homes.into_iter().find_map(|(kind, id)| Some((kind, id?)));
        let (kind, id) = known.unwrap_or(("actorId", String::new()));
        form.set("conditionKind", kind);
        form.set("conditionId", &id);
        form.set("eventTypes", "ACTOR.RUN.SUCCEEDED");
        form.set("eventTypes", "ACTOR.RUN.FAILED");
        form
    }

    /// The form of a new webhook for this page, and no other.
    fn of_page(page: &Condition) -> Self {
        let (kind, id) = named(page);
        let mut form = Self::empty(Home::default());
        form.replace("conditionKind", kind);
        form.replace("conditionId", id);
        form
    }

    fn set(&mut self, name: &str, value: &str) {
        self.values.push((name.to_owned(), value.to_owned()));
    }

    /// Leaves out a field, so that it is neither shown nor changed.
    pub(super) fn hide(&mut self, name: &str) {
        self.values.retain(|(known, _)| known != name);
    }

    pub(super) fn replace(&mut self, name: &str, value: &str) {
        self.hide(name);
        self.set(name, value);
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let mut found = self.values.iter().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.values
            .iter()
            .any(|(known, found)| known == name && found == value)
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.values.iter().filter(move |(known, _)| known == name);
        values.map(|(_, value)| value.as_str())
    }

    pub(super) fn events(&self) -> impl Iterator<Item = &str> {
        self.all("eventTypes")
    }

    /// The run that a trial is to show, if one is named.
    pub(super) fn resource(&self, grant: &Grant) -> Result<Option<Resource>, ApiError> {
        let id = self.text("resourceId").trim();
        let named = (!id.is_empty()).then(|| ("resourceId".to_owned(), json!(id)));
        let resource = Resource::take(&mut Fields::new(named.into_iter().collect()))?;
        resource.map(|named| named.for_token(grant)).transpose()
    }

    /// The body of the request to the API that says the same. What the form does not show stays as
    /// it is.
    pub(super) fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        for name in TEXTS.into_iter().chain(["headersTemplate"]) {
            let value = self.given(name);
            body.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        for name in FLAGS {
            body.insert(name.to_owned(), json!(self.has(name, "on")));
        }
        let events: Vec<_> = self.events().collect();
        body.insert("eventTypes".to_owned(), json!(events));
        if let Some(kind) = self.given("conditionKind") {
            let id = self.text("conditionId").trim();
            body.insert("condition".to_owned(), json!({ kind: id }));
            body.insert("isAdHoc".to_owned(), json!(self.has("isAdHoc", "on")));
        }
        body
    }
}

/// A condition as the API and the form have it.
fn named(condition: &Condition) -> (&'static str, &str) {
    match condition {
        Condition::Actor(actor) => ("actorId", actor.as_str()),
        Condition::Task(task) => ("actorTaskId", task.as_str()),
        Condition::Run(run) => ("actorRunId", run.as_str()),
    }
}
