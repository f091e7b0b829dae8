//! The webhooks of the soak are defined through the API, as users define them.

use anyhow::{Context, Result};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use super::cast::Standing;
use super::course::Course;
use super::hook::Hook;
use super::patience::patiently;
use super::script::Wave;

/// How many webhooks are defined at the same time.
const LATE_AT_ONCE: usize = 4;

impl Course {
    pub(super) async fn define_standing_webhooks(&self) -> Result<()> {
        for Standing {
            user,
            condition,
            hook,
            payload_template,
        } in &self.standing
        {
            let mut definition = hook.definition(&self.receivers);
            definition["condition"] = condition.to_json();
            definition["payloadTemplate"] = json!(payload_template);
            self.define(*user, hook, definition).await?;
        }
        Ok(())
    }

    pub(super) async fn define_late_webhooks(&self, wave: &Wave) -> Result<()> {
        let runs = wave.late.iter().map(|place| &self.script.runs[*place]);
        let hooks = runs.flat_map(|run| run.late.iter().map(move |hook| (run, hook)));
        let defined = hooks.map(|(run, hook)| {
            let mut definition = hook.definition(&self.receivers);
            definition["isAdHoc"] = json!(true);
            definition["condition"] = json!({ "actorRunId": run.id });
            self.define(run.user, hook, definition)
        });
        // Some at a time, so that they come while the events do.
        let defined = stream::iter(defined).buffer_unordered(LATE_AT_ONCE);
        defined.try_collect().await
    }

    /// Asks until it is defined: the key makes it one webhook, however often it is asked.
    async fn define(&self, user: usize, hook: &Hook, mut definition: Value) -> Result<()> {
        definition["idempotencyKey"] = json!(hook.label);
        let defined = patiently(|| self.users[user].post("/v2/webhooks", &definition)).await;
        defined.with_context(|| format!("the webhook {} is not defined", hook.label))?;
        Ok(())
    }
}
