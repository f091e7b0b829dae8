//! The rotation of a webhook's secret: for a while two of them sign, then only the new one.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::arrivals::Arrival;
use crate::course::{Course, id_of};
use crate::ledger::Expected;
use crate::manner::Manner;
use crate::platform::event_type;
use crate::signature::{secret_of, verify};

/// The webhook whose secret is rotated: its POSTs are verified here, and not with the others.
pub(crate) const ROTATED: &str = "rotated";

impl Course<'_> {
    /// All of it.
    pub(crate) async fn rotate_a_secret(&self) -> Result<()> {
        self.report.step("The rotation of a webhook's secret");
        let label = self.label(ROTATED);
        let actor = format!("{}{ROTATED}", self.tag);
        let definition = json!({
            "eventTypes": [event_type("SUCCEEDED")],
            "condition": { "actorId": actor },
        });
        let webhook = self
            .define(self.main, (&label, Manner::Accept), definition)
            .await?;
        let id = id_of(&webhook)?;
        let first = secret_of(self.main, id).await?;
        let before = self.post_of(&actor, 1).await?;
        let second = self.rotate(id, 3600).await?;
        let meanwhile = self.post_of(&actor, 2).await?;
        let third = self.rotate(id, 0).await?;
        let after = self.post_of(&actor, 3).await?;
        if self.receiver.arrivals().is_none() {
            self.report
                .note("what is signed is not seen at a receiver of yours");
            return Ok(());
        }
        let all = [("first", &first), ("second", &second), ("third", &third)];
        let signed = |post: &Option<Arrival>| {
            let Some(post) = post else {
                return vec!["nothing arrived"];
            };
            let by = all
                .iter()
                .filter(|(_, secret)| verify(secret, post, !self.clock.moves()).is_ok());
            by.map(|(name, _)| *name).collect()
        };
        let found = [signed(&before), signed(&meanwhile), signed(&after)];
        let wanted = [vec!["first"], vec!["first", "second"], vec!["third"]];
        self.report.check(
            "while a secret is rotated both sign, and after that only the new one",
            match found == wanted {
                true => Ok(()),
                false => Err(format!("signed by {found:?}, and not by {wanted:?}")),
            },
        );
        Ok(())
    }

    /// The secret after a rotation.
    async fn rotate(&self, webhook: &str, overlap_seconds: u32) -> Result<String> {
        let path = format!("/v2/webhooks/{webhook}/secret/rotate");
        let rotated = self
            .main
            .post(&path, &json!({ "overlapSeconds": overlap_seconds }))
            .await?;
        let key: &Value = &rotated["key"];
        Ok(key
            .as_str()
            .context("a rotation answers no key")?
            .to_owned())
    }

    /// What a further run posts.
    async fn post_of(&self, actor: &str, number: usize) -> Result<Option<Arrival>> {
        let label = self.label(ROTATED);
        let run = self.run(self.main, actor, &format!("{ROTATED}{number}"));
        let event = run.event("SUCCEEDED", self.clock.now());
        let expected = Expected::standing(&label, &run.id, event.trigger.clone());
        self.send(&event, [expected]).await?;
        let posts = self.until_posted(&label, number).await?;
        Ok(posts.into_iter().find(|post| post.run() == run.id))
    }
}
