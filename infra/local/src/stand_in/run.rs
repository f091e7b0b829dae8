//! A pretend run, and its shape in Apify's API.

use axum::body::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use super::course::End;
use super::credential::Start;

/// A run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) actor_id: String,
    pub(super) task_id: Option<String>,
    pub(super) started_at: OffsetDateTime,
    pub(super) finished_at: Option<OffsetDateTime>,
    pub(super) status: &'static str,
    /// How many webhooks have led to it.
    pub(super) depth: u32,
    pub(super) input: Bytes,
    storage_id: String,
}

/// What a run is of.
pub(super) enum Subject {
    Actor(String),
    Task(String),
}

impl Run {
    /// A run that begins now.
    pub(super) fn begin(subject: Subject, start: Start, input: Bytes) -> Self {
        let (actor_id, task_id) = match subject {
            Subject::Actor(id) => (id, None),
            Subject::Task(id) => (actor_of_task(&id), Some(id)),
        };
        Run {
            id: random_id(),
            user_id: start.user,
            actor_id,
            task_id,
            started_at: OffsetDateTime::now_utc(),
            finished_at: None,
            status: "READY",
            depth: start.depth,
            input,
            storage_id: random_id(),
        }
    }

    /// Has the run at work. False if it was, or has ended.
    pub(super) fn run(&mut self) -> bool {
        let was_ready = self.status == "READY";
        if was_ready {
            self.status = "RUNNING";
        }
        was_ready
    }

    /// Ends the run now. False if it had ended before.
    pub(super) fn finish(&mut self, end: End) -> bool {
        if self.finished_at.is_some() {
            return false;
        }
        self.status = end.status();
        self.finished_at = Some(OffsetDateTime::now_utc());
        true
    }

    /// The run as Apify's API shows it.
    pub(super) fn to_json(&self) -> Value {
        let duration = self.finished_at.unwrap_or(self.started_at) - self.started_at;
        let mut run = json!({
            "id": self.id,
            "actId": self.actor_id,
            "userId": self.user_id,
            "startedAt": iso(self.started_at),
            "finishedAt": self.finished_at.map(iso),
            "status": self.status,
            "statusMessage": null,
            "meta": { "origin": "API", "clientIp": "127.0.0.1", "userAgent": "" },
            "stats": {
                "inputBodyLen": self.input.len(),
                "restartCount": 0,
                "resurrectCount": 0,
                "durationMillis": i64::try_from(duration.whole_milliseconds()).unwrap_or_default(),
                "runTimeSecs": duration.as_seconds_f64(),
                "computeUnits": 0,
            },
            "options": { "build": "latest", "timeoutSecs": 300, "memoryMbytes": 1024, "diskMbytes": 2048 },
            "buildId": id_of(&self.actor_id),
            "buildNumber": "0.0.1",
            "exitCode": self.finished_at.map(|_| i32::from(self.status != "SUCCEEDED")),
            "defaultKeyValueStoreId": self.storage_id,
            "defaultDatasetId": self.storage_id,
            "defaultRequestQueueId": self.storage_id,
        });
        if let Some(task_id) = &self.task_id {
            run["actorTaskId"] = json!(task_id);
        }
        run
    }
}

/// A date-time as Apify writes it.
pub(super) fn iso(time: OffsetDateTime) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    // Every date has these parts.
    time.format(&format).unwrap_or_default()
}

/// Always the same actor for a task: nobody told us which it is.
fn actor_of_task(task_id: &str) -> String {
    id_of(&format!("actor of {task_id}"))
}

fn random_id() -> String {
    alphanumeric(Uuid::new_v4().as_u128())
}

/// Always the same id for a text.
pub(super) fn id_of(text: &str) -> String {
    let hash = Sha256::digest(text);
    alphanumeric(
        hash.iter()
            .take(16)
            .fold(0, |number, byte| number << 8 | u128::from(*byte)),
    )
}

/// Apify's ids are 17 letters and digits.
fn alphanumeric(mut number: u128) -> String {
    let digit = |_| {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        number /= 36;
        char::from_digit(digit, 36).unwrap_or('0')
    };
    (0..17).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_17_letters_and_digits() {
        for id in [random_id(), id_of("a"), id_of("b")] {
            assert!(
                id.len() == 17 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
                "{id}"
            );
        }
        assert_ne!(random_id(), random_id());
        assert_eq!(actor_of_task("t"), actor_of_task("t"));
    }

    #[test]
    fn a_run_ends_once() {
        let start = Start {
            user: "me".into(),
            depth: 0,
        };
        let mut run = Run::begin(Subject::Task("task".into()), start, "{}".into());
        assert!(run.to_json()["finishedAt"].is_null());
        assert!(run.finish(End::TimedOut));
        assert!(!run.finish(End::Succeeded));
        let json = run.to_json();
        assert_eq!(
            (&json["status"], &json["actorTaskId"]),
            (&json!("TIMED-OUT"), &json!("task"))
        );
        assert_eq!(
            json["finishedAt"].as_str().unwrap().len(),
            "2026-11-23T00:00:00.000Z".len()
        );
    }
}
