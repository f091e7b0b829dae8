//! How failing receivers and an operator's settings change the bill.

use prices::{DYNAMODB_READS, DYNAMODB_WRITES, LAMBDA_REQUESTS, SQS_FAIR_SURCHARGE, SQS_REQUESTS};
use serde::Serialize;

use super::{Cost, Usage};

/// The share of deliveries whose receivers fail once.
const FAILING: f64 = 0.10;

/// The share of deliveries whose receivers accept the connection and never answer.
const HANGING: f64 = 0.01;

/// How long those are waited for: `RequestTimeoutSeconds`, as it is set unless an operator sets it.
const TIMEOUT_SECONDS: f64 = 120.0;

/// `RecordDays` by default, and the shorter time to compare it with.
const RECORD_DAYS: f64 = 30.0;
const FEWER_RECORD_DAYS: f64 = 7.0;

/// How many events a batch holds with a batch window; below the second, one is worth suggesting.
const FULL_BATCH: f64 = 10.0;
const SMALL_BATCH: f64 = 5.0;

/// A change of the bill.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhatIf {
    pub(crate) what: String,
    /// More for a million deliveries; less if negative.
    pub(crate) dollars: f64,
}

impl WhatIf {
    pub(super) fn all(usage: &Usage) -> Vec<Self> {
        let what_if = |what: String, dollars| WhatIf { what, dollars };
        let mut all = vec![
            what_if(
                format!(
                    "{:.0} % of the deliveries are made once more",
                    100.0 * FAILING
                ),
                FAILING * usage.attempt(0.3),
            ),
            what_if(
                format!(
                    "{:.0} % of the endpoints hang for {TIMEOUT_SECONDS} s, once, each alone in its invocation",
                    100.0 * HANGING
                ),
                HANGING * usage.attempt(TIMEOUT_SECONDS),
            ),
            what_if(
                format!("RecordDays={FEWER_RECORD_DAYS}"),
                usage.storage() * (FEWER_RECORD_DAYS / RECORD_DAYS - 1.0),
            ),
        ];
        if usage.batch_size < SMALL_BATCH {
            all.push(what_if(
                "EventBatchWindowSeconds=1, where it makes batches of 10".to_owned(),
                usage.in_full_batches(),
            ));
        }
        all
    }
}

impl Usage {
    /// What a million attempts alone in their invocations cost, that wait for the endpoint for so
    /// many seconds.
    fn attempt(&self, endpoint_seconds: f64) -> f64 {
        let seconds = super::DELIVER_ROUNDS * super::CALL_SECONDS
            + endpoint_seconds
            + self.deliver.seconds(1.0);
        // Sent, received, deleted.
        let requests = 3.0 * (SQS_REQUESTS + SQS_FAIR_SURCHARGE);
        self.attempt.write_units * DYNAMODB_WRITES
            + self.attempt.read_units * DYNAMODB_READS
            + requests
            + LAMBDA_REQUESTS
            + self.deliver.dollars(seconds)
    }

    fn storage(&self) -> f64 {
        let parts = self.parts().into_iter();
        let storage = parts.filter(|part| part.what == "DynamoDB storage");
        storage.map(|part| part.dollars).sum()
    }

    /// What larger batches change, if each delivery takes as many units and as much time as alone:
    /// it takes less.
    fn in_full_batches(&self) -> f64 {
        let larger = Usage {
            batch_size: FULL_BATCH,
            sends: self.sends * self.batch_size / FULL_BATCH,
            ..*self
        };
        Cost::total(&larger) - Cost::total(self)
    }
}
