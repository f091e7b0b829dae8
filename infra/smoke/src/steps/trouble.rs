//! Receivers that fail, hang, accept in their own way, and are gone.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::course::{Course, PATIENCE, all_are, as_found, id_of};
use crate::ledger::{End, Expected};
use crate::manner::Manner;
use crate::platform::event_type;
use crate::record::{Record, Status};

/// How many dispatches fail for good, and are redelivered later.
pub(crate) const REFUSED: usize = 3;

/// How many retries are parked.
pub(crate) const PARKED: usize = 12;

/// Time that a function takes on top of what it waits for.
const SLACK: Duration = Duration::from_secs(45);

/// The webhooks whose receivers make trouble, as the API answered them.
pub(crate) struct Troubled {
    fails: Value,
    gone: Value,
    hangs: Value,
    accepts_and_hangs: Value,
    pub(crate) refuses: Value,
    pub(crate) comes_back: Value,
}

/// What becomes of a dispatch whose receiver makes trouble.
struct Fate {
    name: &'static str,
    manner: Manner,
    do_not_retry: bool,
    end: End,
    runs: usize,
}

impl Fate {
    const fn of(name: &'static str, manner: Manner, end: End) -> Self {
        Fate {
            name,
            manner,
            do_not_retry: false,
            end,
            runs: 1,
        }
    }
}

const FAILS: Fate = Fate::of("fails", Manner::Fail, End::Delivered);
const GONE: Fate = Fate::of("gone", Manner::Gone, End::Failed);
const ACCEPTS_AND_HANGS: Fate =
    Fate::of("accepts-and-hangs", Manner::AcceptAndHang, End::Delivered);
const HANGS: Fate = Fate {
    do_not_retry: true,
    ..Fate::of("hangs", Manner::Hang, End::Failed)
};
const REFUSES: Fate = Fate {
    do_not_retry: true,
    runs: REFUSED,
    ..Fate::of("refuses", Manner::Fail, End::Failed)
};
const COMES_BACK: Fate = Fate {
    runs: PARKED,
    ..Fate::of("comes-back", Manner::ComeBack, End::Waits)
};

impl Course<'_> {
    /// All trouble begins at the same time: most of it is waiting.
    pub(crate) async fn begin_trouble(&self) -> Result<Troubled> {
        self.report
            .step("Receivers that fail, hang, accept in their own way, and are gone");
        let troubled = Troubled {
            fails: self.meet(FAILS).await?,
            gone: self.meet(GONE).await?,
            accepts_and_hangs: self.meet(ACCEPTS_AND_HANGS).await?,
            refuses: self.meet(REFUSES).await?,
            comes_back: self.meet(COMES_BACK).await?,
            hangs: self.meet(HANGS).await?,
        };
        // What has failed once is accepted from then on.
        let label = self.label(FAILS.name);
        self.until_posted(&label, 1).await?;
        self.change(self.troubled, &troubled.fails, (&label, Manner::Accept))
            .await?;
        Ok(troubled)
    }

    /// Defines a webhook on an actor of its own, and lets its runs end.
    async fn meet(&self, fate: Fate) -> Result<Value> {
        let label = self.label(fate.name);
        let actor: String = label.replace('-', "");
        let definition = json!({
            "eventTypes": [event_type("SUCCEEDED")],
            "condition": { "actorId": actor },
            "doNotRetry": fate.do_not_retry,
        });
        let webhook = self
            .define(self.troubled, (&label, fate.manner), definition)
            .await?;
        for number in 0..fate.runs {
            let name = format!("{}{number}", fate.name.replace('-', ""));
            let run = self.run(self.troubled, &actor, &name);
            let event = run.event("SUCCEEDED", self.clock.now());
            let expected = Expected {
                at_most: fate.do_not_retry.then_some(1),
                end: fate.end,
                ..Expected::standing(&label, &run.id, event.trigger.clone())
            };
            self.send(&event, [expected]).await?;
        }
        Ok(webhook)
    }

    /// What has come of it, one after the other.
    pub(crate) async fn end_trouble(&self, troubled: &Troubled) -> Result<()> {
        self.status_line_counts(&troubled.accepts_and_hangs).await?;
        self.gone_is_switched_off(&troubled.gone).await?;
        self.hanging_ends(&troubled.hangs).await?;
        self.failure_is_retried(&troubled.fails).await
    }

    /// The body never ends, and nobody waits for that.
    async fn status_line_counts(&self, webhook: &Value) -> Result<()> {
        let has_ended = |records: &[Record]| all_are(Status::Succeeded, 1)(records);
        let records = self
            .until_recorded(self.troubled, webhook, PATIENCE, has_ended)
            .await?;
        let once = matches!(&records[..], [record] if record.calls.len() == 1);
        self.report.check(
            "a 2xx status line is a delivery, whatever becomes of the body",
            match has_ended(&records) && once {
                true => Ok(()),
                false => Err(as_found(&records)),
            },
        );
        Ok(())
    }

    async fn gone_is_switched_off(&self, webhook: &Value) -> Result<()> {
        let records = self
            .until_recorded(self.troubled, webhook, PATIENCE, all_are(Status::Failed, 1))
            .await?;
        let path = format!("/v2/webhooks/{}", id_of(webhook)?);
        let shown = self.troubled.get(&path).await?;
        let is_off = shown["isEnabled"] == false && shown["disabledReason"].is_string();
        self.report.check(
            "410 switches a webhook off, with the reason",
            match is_off {
                true => Ok(()),
                false => Err(format!(
                    "isEnabled is {}, disabledReason {}; {}",
                    shown["isEnabled"],
                    shown["disabledReason"],
                    as_found(&records)
                )),
            },
        );
        Ok(())
    }

    async fn hanging_ends(&self, webhook: &Value) -> Result<()> {
        let patience = self.stack.settings.request_timeout + SLACK;
        let records = self
            .until_recorded(self.troubled, webhook, patience, all_are(Status::Failed, 1))
            .await?;
        let unanswered = records.iter().flat_map(|record| &record.calls);
        let unanswered = unanswered
            .filter(|call| call.response_status.is_none())
            .count();
        self.report.check(
            "a receiver that never answers is given up in time, and that is on record",
            match all_are(Status::Failed, 1)(&records) && unanswered == 1 {
                true => Ok(()),
                false => Err(as_found(&records)),
            },
        );
        Ok(())
    }

    async fn failure_is_retried(&self, webhook: &Value) -> Result<()> {
        let first = self.stack.settings.first_retry();
        if self.clock.moves() {
            self.clock.pass(first).await?;
        }
        // The first retry may have been under way already.
        let first_three = self.stack.settings.retries.iter().take(3);
        let patience = first_three.sum::<Duration>().mul_f64(1.25) + SLACK;
        let records = self
            .until_recorded(
                self.troubled,
                webhook,
                patience,
                all_are(Status::Succeeded, 1),
            )
            .await?;
        let calls = records.first().map_or(0, |record| record.calls.len());
        self.report.check(
            "a delivery that fails is retried under its id, until it is accepted",
            match all_are(Status::Succeeded, 1)(&records) && calls > 1 {
                true => Ok(()),
                false => Err(as_found(&records)),
            },
        );
        Ok(())
    }
}
