//! The main job: webhooks on an actor, on a task and ad hoc, every event of the documentation page,
//! some of them repeated and out of order.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::course::{Course, PATIENCE};
use crate::ledger::Expected;
use crate::manner::Manner;
use crate::platform::{ACTOR, Event, PAGE_EVENTS, Run, event_type};

/// A task, of another actor.
const TASK: &str = "nSDUMGkfaNR2kY9ir";
const OTHER_ACTOR: &str = "taskActor1";

/// A template with one of everything: a text, an object, and a variable in a string.
const PAYLOAD: &str = r#"{"eventType": {{eventType}}, "createdAt": {{createdAt}}, "eventData": {{eventData}}, "text": "{{resource.id}} is {{resource.status}}"}"#;

/// What is defined beforehand.
const STANDING: [&str; 3] = ["actor", "task", "templates"];

impl Course<'_> {
    /// All of it, until it was delivered.
    pub(crate) async fn main_job(&self) -> Result<()> {
        self.report
            .step("The main job: every event of the documentation page");
        self.define_standing().await?;
        self.page_run().await?;
        self.other_ends().await?;
        self.out_of_order().await?;
        self.until_delivered(PATIENCE).await?;
        self.late_webhook().await?;
        self.once_more().await?;
        self.until_delivered(PATIENCE).await?;
        self.report.note(format!(
            "{} events sent, some of them again and some of them in another order",
            self.platform.events()
        ));
        self.why_it_fired().await?;
        self.templates_are_filled_in();
        Ok(())
    }

    async fn define_standing(&self) -> Result<()> {
        let all = PAGE_EVENTS.map(event_type);
        let succeeded = [event_type("SUCCEEDED")];
        let [actor, task, templates] = STANDING.map(|name| self.label(name));
        for (label, definition) in [
            (
                actor,
                json!({ "eventTypes": all, "condition": { "actorId": ACTOR } }),
            ),
            (
                task,
                json!({ "eventTypes": succeeded, "condition": { "actorTaskId": TASK } }),
            ),
            (
                templates,
                json!({
                    "eventTypes": succeeded,
                    "condition": { "actorId": ACTOR },
                    "payloadTemplate": PAYLOAD,
                    "headersTemplate": r#"{"x-smoke": "{{resource.status}}"}"#,
                    "shouldInterpolateStrings": true,
                }),
            ),
        ] {
            self.define(self.main, (&label, Manner::Accept), definition)
                .await?;
        }
        Ok(())
    }

    /// The run of the page, with the two ad hoc webhooks of the page.
    async fn page_run(&self) -> Result<()> {
        let run = self.run(self.main, ACTOR, "page");
        let (created, succeeded) = self.course_of(&run, "SUCCEEDED");
        let ad_hoc = self.ad_hoc(&["CREATED", "SUCCEEDED"]);
        let expected = [&created, &succeeded].map(|event| {
            let label = self.ad_hoc_label(&event.trigger.event_type);
            Expected::ad_hoc(&label, &run.id, vec![event.trigger.clone()])
        });
        self.ledger.expect(expected);
        let with_webhooks = created.clone().with_webhooks(&ad_hoc);
        self.send(&with_webhooks, self.standing(&created)).await?;
        self.send(&succeeded, self.standing(&succeeded)).await?;
        // What the platform repeats changes nothing.
        for event in [&with_webhooks, &succeeded, &succeeded, &succeeded] {
            self.platform.send(event).await?;
        }
        Ok(())
    }

    /// A run for each other way to end, and one of the task.
    async fn other_ends(&self) -> Result<()> {
        for what in ["FAILED", "ABORTED", "TIMEDOUT"] {
            let run = self.run(self.main, ACTOR, what);
            let (created, ended) = self.course_of(&run, what);
            self.send(&created, self.standing(&created)).await?;
            self.send(&ended, self.standing(&ended)).await?;
        }
        let run = Run {
            task: Some(TASK.to_owned()),
            ..self.run(self.main, OTHER_ACTOR, "task")
        };
        let (created, succeeded) = self.course_of(&run, "SUCCEEDED");
        self.send(&created, []).await?;
        let trigger = succeeded.trigger.clone();
        let expected = Expected::standing(&self.label("task"), &run.id, trigger);
        self.send(&succeeded, [expected]).await
    }

    /// A run that has ended before it was created, and before its ad hoc webhook is known.
    async fn out_of_order(&self) -> Result<()> {
        let run = self.run(self.main, ACTOR, "reversed");
        let (created, succeeded) = self.course_of(&run, "SUCCEEDED");
        let label = self.label("early");
        let definition = json!([{
            "eventTypes": [event_type("SUCCEEDED")],
            "requestUrl": self.receiver.url(Manner::Accept, &label),
        }]);
        let ad_hoc = Expected::ad_hoc(&label, &run.id, vec![succeeded.trigger.clone()]);
        self.send(&succeeded, self.standing(&succeeded)).await?;
        self.ledger.expect([ad_hoc]);
        self.send(
            &created.clone().with_webhooks(&definition),
            self.standing(&created),
        )
        .await
    }

    /// An ad hoc webhook on a run that has ended fires at once.
    async fn late_webhook(&self) -> Result<()> {
        let run = self.run(self.main, ACTOR, "FAILED");
        let label = self.label("late");
        let definition = json!({
            "isAdHoc": true,
            "eventTypes": [event_type("SUCCEEDED"), event_type("FAILED")],
            "condition": { "actorRunId": run.id },
        });
        let by = self.platform.events_of(&run.id, &event_type("FAILED"));
        self.ledger.expect([Expected::ad_hoc(&label, &run.id, by)]);
        self.define(self.main, (&label, Manner::Accept), definition)
            .await
            .map(drop)
    }

    /// The run of the page is resurrected and succeeds again: a new event for standing webhooks,
    /// but an ad hoc webhook fires once.
    async fn once_more(&self) -> Result<()> {
        let run = self.run(self.main, ACTOR, "page");
        let resurrected = run.event("RESURRECTED", self.clock.now());
        self.send(&resurrected, []).await?;
        let again = run.event("SUCCEEDED", self.clock.now());
        self.ledger
            .amend(&self.ad_hoc_label(&event_type("SUCCEEDED")), |expected| {
                expected.by.push(again.trigger.clone());
            });
        self.send(&again, self.standing(&again)).await
    }

    /// What the API says of why the page's run has fired what.
    async fn why_it_fired(&self) -> Result<()> {
        let run = self.run(self.main, ACTOR, "page");
        let matches = self
            .main
            .list(&format!("/v2/actor-runs/{}/webhook-matches", run.id))
            .await?;
        let ad_hoc = matches.iter().flat_map(|event| {
            let webhooks = event["webhooks"].as_array();
            webhooks
                .into_iter()
                .flatten()
                .filter(|webhook| webhook["isAdHoc"] == true)
        });
        let fired = ad_hoc.filter(|webhook| webhook["matched"] == true).count();
        self.report.check(
            "the API says why each webhook of a run did fire or did not",
            match (matches.len(), fired) {
                (4, 2..) => Ok(()),
                (events, fired) => Err(format!(
                    "of 4 events it tells of {events}, with {fired} ad hoc webhooks that fired"
                )),
            },
        );
        Ok(())
    }

    fn templates_are_filled_in(&self) {
        let Some(arrivals) = self.receiver.arrivals() else {
            return;
        };
        let wrong = arrivals
            .of_label(&self.label("templates"))
            .into_iter()
            .find_map(|post| {
                let payload: Value = serde_json::from_slice(&post.body).unwrap_or_default();
                let expected = format!("{} is SUCCEEDED", post.run());
                let is_right = payload["text"] == expected && post.header("x-smoke") == "SUCCEEDED";
                (!is_right).then(|| format!("{payload}, x-smoke: {}", post.header("x-smoke")))
            });
        self.report.check(
            "templates are filled in, in bodies and headers",
            wrong.map_or(Ok(()), Err),
        );
    }

    /// The run is created, and ends a second later.
    pub(crate) fn course_of(&self, run: &Run, end: &str) -> (Event, Event) {
        let ended: OffsetDateTime = self.clock.now();
        let created = run.event("CREATED", ended - Duration::from_secs(1));
        (created, run.event(end, ended))
    }

    /// What an event of a run of the page's actor triggers.
    fn standing(&self, event: &Event) -> Vec<Expected> {
        let has_succeeded = event.trigger.event_type == event_type("SUCCEEDED");
        let names = if has_succeeded {
            &["actor", "templates"][..]
        } else {
            &["actor"]
        };
        let expected = |name: &&str| {
            Expected::standing(&self.label(name), &event.run.id, event.trigger.clone())
        };
        names.iter().map(expected).collect()
    }

    /// The definitions of ad hoc webhooks, one for each event.
    fn ad_hoc(&self, events: &[&str]) -> Value {
        let definition = |what: &&str| {
            let label = self.ad_hoc_label(&event_type(what));
            json!({ "eventTypes": [event_type(what)], "requestUrl": self.receiver.url(Manner::Accept, &label) })
        };
        events.iter().map(definition).collect()
    }

    /// As the page calls them: `run-created`, `run-succeeded`.
    fn ad_hoc_label(&self, event_type: &str) -> String {
        let what = event_type.rsplit('.').next().unwrap_or_default();
        self.label(&format!("run-{}", what.to_lowercase()))
    }
}
