//! Run events as a busy actor makes them: the sample, with other ids, times and figures each time.

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use local::binaries::checkout;
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

/// What differs from run to run, by its place in the sample.
const IDS: [&str; 4] = [
    "/resource/id",
    "/resource/defaultKeyValueStoreId",
    "/resource/defaultDatasetId",
    "/resource/defaultRequestQueueId",
];

/// The characters of an id.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A source of events that are all about runs of one actor.
#[derive(Clone)]
pub(super) struct Events {
    /// Compact, and otherwise as it stands in the file: what the functions do depends on the order
    /// of its keys.
    sample: String,
    actor: String,
    ids: Vec<String>,
    created_at: String,
    user: String,
}

/// One event message.
pub(super) struct Event {
    pub(super) run: String,
    pub(super) body: String,
}

impl Events {
    pub(super) fn of_sample() -> Result<Self> {
        let file = checkout().join("infra/events/messages/succeeded.json");
        let failed = || format!("cannot read {}", file.display());
        let pretty = std::fs::read_to_string(&file).with_context(failed)?;
        let sample: Value = serde_json::from_str(&pretty).with_context(failed)?;
        let text = |place: &str| {
            let text = sample.pointer(place).and_then(Value::as_str);
            let text = text.with_context(|| format!("{} has no {place}", file.display()))?;
            anyhow::Ok(text.to_owned())
        };
        Ok(Self {
            actor: text("/eventData/actorId")?,
            ids: IDS.into_iter().map(text).collect::<Result<_>>()?,
            created_at: text("/createdAt")?,
            user: text("/userId")?,
            sample: outside_strings(&pretty, |_, now| {
                (!now.is_ascii_whitespace()).then_some(now)
            }),
        })
    }

    /// The same of another user.
    pub(super) fn of_user(self, user: &str) -> Self {
        Self {
            sample: self.sample.replace(&self.user, user),
            user: user.to_owned(),
            ..self
        }
    }

    /// The same of another actor's runs.
    pub(super) fn of_actor(self, actor: &str) -> Self {
        Self {
            sample: self.sample.replace(&self.actor, actor),
            actor: actor.to_owned(),
            ..self
        }
    }

    /// Whose events they are.
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    /// The actor that every run is one of.
    pub(super) fn actor(&self) -> &str {
        &self.actor
    }

    /// Another event.
    pub(super) fn next(&self) -> Result<Event> {
        self.at(OffsetDateTime::now_utc())
    }

    /// Another event, of that time.
    pub(super) fn at(&self, time: OffsetDateTime) -> Result<Event> {
        let mut body = self.sample.replace(&self.created_at, &written(time)?);
        let mut fresh = self.ids.iter().map(|id| (id, new_id()));
        let (first, run) = fresh.next().context("a run has no id")?;
        body = body.replace(first, &run);
        for (id, new) in fresh {
            body = body.replace(id, &new);
        }
        Ok(Event {
            body: with_other_figures(&body),
            run,
        })
    }
}

impl Event {
    /// The same with so many bytes more in its resource, which do not compress much.
    pub(super) fn with_filler(self, bytes: usize) -> Self {
        if bytes == 0 {
            return self;
        }
        let filler: String = (0..bytes.div_ceil(17)).map(|_| new_id()).collect();
        let resource = r#""resource":{"#;
        let filled = format!(r#"{resource}"filler":"{filler}","#);
        let body = self.body.replacen(resource, &filled, 1);
        Self { body, ..self }
    }

    /// The same, of a run that was started with these ad hoc webhooks.
    pub(super) fn with_webhooks(self, definitions: &Value) -> Self {
        let webhooks = BASE64_STANDARD.encode(definitions.to_string());
        // All else stays as it is written.
        let open = self.body.strip_suffix('}').unwrap_or(&self.body);
        let body = format!("{open},\"webhooks\":\"{webhooks}\"}}");
        Self { body, ..self }
    }
}

/// Every digit of a number but its first is drawn anew: figures that repeat would make events
/// smaller than they are.
fn with_other_figures(body: &str) -> String {
    let mut chance = 0;
    outside_strings(body, |before, now| {
        if !now.is_ascii_digit() || !(before.is_ascii_digit() || before == '.') {
            return Some(now);
        }
        if chance < 9 {
            chance = Uuid::new_v4().as_u128();
        }
        let digit = (chance % 9) as u8;
        chance /= 9;
        // No zero: it could be the last one behind a point, which no number is written with.
        Some(char::from(b'1' + digit))
    })
}

/// The JSON text with every character outside of its strings changed or dropped, seen with the one
/// before it.
fn outside_strings(json: &str, mut change: impl FnMut(char, char) -> Option<char>) -> String {
    let (mut is_inside, mut before) = (false, ' ');
    let mut changed = String::with_capacity(json.len());
    for now in json.chars() {
        if now == '"' && before != '\\' {
            is_inside = !is_inside;
        }
        changed.extend(match is_inside {
            true => Some(now),
            false => change(before, now),
        });
        before = now;
    }
    changed
}

fn new_id() -> String {
    let mut chance = Uuid::new_v4().as_u128();
    let mut character = || {
        let character = ALPHABET[(chance % 62) as usize];
        chance /= 62;
        char::from(character)
    };
    (0..17).map(|_| character()).collect()
}

fn written(time: OffsetDateTime) -> Result<String> {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    Ok(time.format(format)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_about_another_run_of_the_same_actor() {
        let events = Events::of_sample().unwrap();
        let (one, other) = (events.next().unwrap(), events.next().unwrap());
        assert_ne!(one.run, other.run);
        for event in [one, other] {
            let message: Value = serde_json::from_str(&event.body).unwrap();
            assert_eq!(message["resource"]["id"], event.run);
            assert_eq!(message["eventData"]["actorRunId"], event.run);
            assert_eq!(message["eventData"]["actorId"], events.actor());
            assert_eq!(message["createdAt"], message["resource"]["finishedAt"]);
        }
    }

    #[test]
    fn an_event_is_about_whose_it_shall_be_and_brings_its_ad_hoc_webhooks() {
        let events = Events::of_sample().unwrap().of_user("who").of_actor("what");
        let definitions = serde_json::json!([{ "requestUrl": "http://127.1.0.0/" }]);
        let event = events.next().unwrap().with_webhooks(&definitions);
        let message: Value = serde_json::from_str(&event.body).unwrap();
        assert_eq!(
            (&message["userId"], events.actor()),
            (&"who".into(), "what")
        );
        assert_eq!(message["eventData"]["actorId"], "what");
        assert_eq!(message["resource"]["id"], event.run);
        let webhooks = BASE64_STANDARD.decode(message["webhooks"].as_str().unwrap());
        let webhooks: Value = serde_json::from_slice(&webhooks.unwrap()).unwrap();
        assert_eq!(webhooks, definitions);
    }

    #[test]
    fn figures_change_and_strings_do_not() {
        let changed = with_other_figures(r#"{"a 123":-10.05,"b":0,"c":"\"77"}"#);
        assert!(changed.starts_with(r#"{"a 123":-1"#), "{changed}");
        assert!(changed.ends_with(r#","b":0,"c":"\"77"}"#), "{changed}");
        assert!(!changed.contains("10.05"), "{changed}");
    }
}
