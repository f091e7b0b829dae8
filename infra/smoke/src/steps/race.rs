//! Events that race: whoever works at one of them must not fire what another fires.

use anyhow::Result;
use futures::future::try_join_all;
use serde_json::json;

use crate::course::{Course, PATIENCE};
use crate::ledger::Expected;
use crate::manner::Manner;
use crate::platform::{Event, event_type};

/// How many runs end twice at once. Many: two invocations must be at the same webhook in the same
/// few milliseconds.
const RACES: usize = 60;

/// The ways to end that race.
const ENDS: [&str; 2] = ["SUCCEEDED", "FAILED"];

impl Course<'_> {
    /// Runs with an ad hoc webhook that two of their events trigger, both sent at once.
    pub(crate) async fn race(&self) -> Result<()> {
        self.report.step(&format!(
            "Events that race for an ad hoc webhook, in {RACES} runs"
        ));
        let races = try_join_all((0..RACES).map(|number| self.begin_race(number))).await?;
        self.until_delivered(PATIENCE).await?;
        let (ends, raced): (Vec<_>, Vec<_>) = races.into_iter().unzip();
        self.ledger.expect(raced);
        try_join_all(ends.iter().flatten().map(|end| self.platform.send(end))).await?;
        self.until_delivered(PATIENCE).await
    }

    /// A run that is created with its webhook, and the events of its ends. Its creation triggers
    /// another one, which tells that both are known.
    async fn begin_race(&self, number: usize) -> Result<([Event; 2], Expected)> {
        let run = self.run(
            self.main,
            &format!("{}race", self.tag),
            &format!("race{number}"),
        );
        let (created, _) = self.course_of(&run, ENDS[0]);
        let ends = ENDS.map(|end| self.course_of(&run, end).1);
        let [begun, raced] = ["begun", "raced"].map(|name| self.label(&format!("{name}{number}")));
        let definitions = json!([
            {
                "eventTypes": [event_type("CREATED")],
                "requestUrl": self.receiver.url(Manner::Accept, &begun),
            },
            {
                "eventTypes": ENDS.map(event_type),
                "requestUrl": self.receiver.url(Manner::Accept, &raced),
            },
        ]);
        let begun = Expected::ad_hoc(&begun, &run.id, vec![created.trigger.clone()]);
        self.send(&created.with_webhooks(&definitions), [begun])
            .await?;
        let by = ends.iter().map(|end| end.trigger.clone());
        let raced = Expected::ad_hoc(&raced, &run.id, by.collect());
        Ok((ends, raced))
    }
}
