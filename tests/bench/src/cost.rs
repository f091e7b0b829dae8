//! What deliveries cost in AWS, from what they were measured to take.

use prices::{
    DYNAMODB_ITEM_BYTES, DYNAMODB_READS, DYNAMODB_STORAGE, DYNAMODB_WRITES, EGRESS, GB,
    LAMBDA_GB_SECOND, LAMBDA_REQUESTS, LOG_LINE_BYTES, LOGS, SQS_FAIR_SURCHARGE, SQS_REQUEST_BYTES,
    SQS_REQUESTS,
};
use serde::Serialize;

mod what_if;

use what_if::WhatIf;

const MILLION: f64 = 1_000_000.0;

/// How long the endpoints of webhooks are taken to think.
const ENDPOINT_SECONDS: f64 = 0.3;

/// How long a call to DynamoDB or SQS is taken to last within a region.
const CALL_SECONDS: f64 = 0.005;

/// Calls that wait for one another. `ingest`: keep, match, claim, send.
const INGEST_ROUNDS: f64 = 4.0;

/// `deliver`: load, record.
const DELIVER_ROUNDS: f64 = 2.0;

/// A function with so much memory has one whole processor:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>.
const MEGABYTES_PER_PROCESSOR: f64 = 1769.0;

/// The line of metrics that a function writes for each batch.
const METRICS_LINE_BYTES: f64 = 350.0;

/// What one delivery takes, the handling of its event included.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub(super) batch_size: f64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    /// Bytes and items that it leaves in the tables.
    pub(super) stored_bytes: f64,
    pub(super) stored_items: f64,
    pub(super) event_bytes: f64,
    pub(super) post_bytes: f64,
    /// Requests of the functions to SQS.
    pub(super) sends: f64,
    /// What `deliver` takes of these: an attempt that is made again takes it again.
    pub(super) attempt: Attempt,
    pub(super) ingest: Work,
    pub(super) deliver: Work,
}

/// What an attempt takes of the tables.
#[derive(Clone, Copy)]
pub(super) struct Attempt {
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

/// A function at work.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) cpu_seconds: f64,
    pub(super) memory_megabytes: f64,
}

/// Dollars for a million deliveries.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cost {
    pub(super) parts: Vec<Part>,
    pub(super) total: f64,
    /// What other circumstances and settings change.
    pub(super) what_if: Vec<WhatIf>,
    /// What the figures rest on, and what they leave out: a sentence each.
    pub(super) assumptions: Vec<String>,
}

/// One kind of cost.
#[derive(Serialize)]
pub(super) struct Part {
    pub(super) what: &'static str,
    pub(super) dollars: f64,
}

impl Cost {
    pub(super) fn of(usage: &Usage) -> Self {
        Cost {
            total: Self::total(usage),
            parts: usage.parts(),
            what_if: WhatIf::all(usage),
            assumptions: usage.assumptions(),
        }
    }

    fn total(usage: &Usage) -> f64 {
        usage.parts().iter().map(|part| part.dollars).sum()
    }
}

impl Usage {
    fn parts(&self) -> Vec<Part> {
        let batches = 1.0 / self.batch_size;
        let stored = self.stored_bytes + DYNAMODB_ITEM_BYTES * self.stored_items;
        let log = 2.0 * batches * (METRICS_LINE_BYTES + LOG_LINE_BYTES);
        let (ingest, deliver) = self.seconds();
        [
            ("DynamoDB writes", self.write_units * DYNAMODB_WRITES),
            ("DynamoDB reads", self.read_units * DYNAMODB_READS),
            ("DynamoDB storage", MILLION * stored / GB * DYNAMODB_STORAGE),
            ("SQS, events", self.event_requests() * SQS_REQUESTS),
            (
                "SQS, deliveries",
                (self.sends + 2.0 * batches) * (SQS_REQUESTS + SQS_FAIR_SURCHARGE),
            ),
            ("Lambda requests", 2.0 * batches * LAMBDA_REQUESTS),
            ("Lambda time, ingest", batches * self.ingest.dollars(ingest)),
            (
                "Lambda time, deliver",
                batches * self.deliver.dollars(deliver),
            ),
            ("CloudWatch Logs", MILLION * log / GB * LOGS),
        ]
        .map(|(what, dollars)| Part { what, dollars })
        .into()
    }

    /// Sent and received a batch at a time, which counts for more than one request where it is
    /// large; and deleted.
    fn event_requests(&self) -> f64 {
        let chunks = (self.batch_size * self.event_bytes / SQS_REQUEST_BYTES).ceil();
        (2.0 * chunks + 1.0) / self.batch_size
    }

    /// How long an invocation of each function is billed for.
    fn seconds(&self) -> (f64, f64) {
        let ingest = INGEST_ROUNDS * CALL_SECONDS + self.ingest.seconds(self.batch_size);
        let deliver = DELIVER_ROUNDS * CALL_SECONDS + self.deliver.seconds(self.batch_size);
        (ingest, deliver + ENDPOINT_SECONDS)
    }

    fn assumptions(&self) -> Vec<String> {
        let (ingest, deliver) = self.seconds();
        let egress = MILLION * self.post_bytes / GB * EGRESS;
        vec![
            format!(
                "Lambda bills {:.0} ms for a batch in ingest and {:.0} ms in deliver: {ENDPOINT_SECONDS} s for the endpoints, {} ms for \
                 each of {INGEST_ROUNDS} and {DELIVER_ROUNDS} rounds of calls, and the CPU time above on {} MB, which is {:.0} % of a processor.",
                ingest * 1e3,
                deliver * 1e3,
                CALL_SECONDS * 1e3,
                self.deliver.memory_megabytes,
                100.0 * self.deliver.processors(),
            ),
            "An arm64 processor takes as long as this one.".to_owned(),
            format!(
                "The platform sends its events {:.1} at a time, and as many are in a batch; polls that find nothing are left out.",
                self.batch_size
            ),
            "Records are kept for 30 days, with point-in-time recovery.".to_owned(),
            format!(
                "Left out: retries, the API, alarms and metrics ($ per month, not per delivery), and egress of the POSTs' bodies (${egress:.2})."
            ),
        ]
    }
}

impl Work {
    /// The share of a processor that the function has.
    fn processors(&self) -> f64 {
        self.memory_megabytes / MEGABYTES_PER_PROCESSOR
    }

    /// The time to compute a batch.
    fn seconds(&self, batch_size: f64) -> f64 {
        batch_size * self.cpu_seconds / self.processors()
    }

    /// What a million invocations of so many seconds cost.
    fn dollars(&self, seconds: f64) -> f64 {
        MILLION * seconds * self.memory_megabytes / 1024.0 * LAMBDA_GB_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(event_bytes: f64) -> Usage {
        let work = || Work {
            cpu_seconds: 0.0001769,
            memory_megabytes: 256.0,
        };
        Usage {
            batch_size: 10.0,
            write_units: 3.0,
            read_units: 3.2,
            stored_bytes: 1000.0,
            stored_items: 2.0,
            event_bytes,
            post_bytes: event_bytes,
            sends: 0.1,
            attempt: Attempt {
                write_units: 1.0,
                read_units: 3.0,
            },
            ingest: work(),
            deliver: work(),
        }
    }

    fn dollars(usage: &Usage, what: &str) -> f64 {
        let cost = Cost::of(usage);
        cost.parts
            .iter()
            .find(|part| part.what == what)
            .unwrap()
            .dollars
    }

    #[test]
    fn each_kind_of_cost_is_its_units_at_list_price() {
        for (what, expected) in [
            ("DynamoDB writes", 1.875),
            ("DynamoDB reads", 0.4),
            ("DynamoDB storage", 0.503),
            ("SQS, events", 0.12),
            ("SQS, deliveries", 0.15),
            ("Lambda requests", 0.04),
            // 20 ms of calls, and 1.769 ms on 256 of 1769 MB.
            ("Lambda time, ingest", 0.0107),
            ("Lambda time, deliver", 0.1074),
            ("CloudWatch Logs", 0.0350),
        ] {
            let dollars = dollars(&usage(2000.0), what);
            assert!((dollars - expected).abs() < 0.0005, "{what}: {dollars}");
        }
    }

    #[test]
    fn large_events_count_for_more_requests() {
        assert!((dollars(&usage(20_000.0), "SQS, events") - 0.36).abs() < 1e-9);
    }

    #[test]
    fn other_circumstances_change_what_they_are_about() {
        let cost = Cost::of(&usage(2000.0));
        let change = |what: &str| {
            let mut all = cost.what_if.iter();
            let found = all.find(|what_if| what_if.what.starts_with(what));
            found.map(|what_if| what_if.dollars)
        };
        for (what, expected) in [
            // A tenth of: 1 write, 3 reads, 3 requests and an invocation of 310 ms.
            ("10 % of the deliveries are made once more", 0.374),
            // A hundredth of: the same with 120 s for the endpoint.
            ("1 % of the endpoints hang", 4.027),
            ("RecordDays=7", -0.386),
        ] {
            let change = change(what).unwrap();
            assert!((change - expected).abs() < 0.001, "{what}: {change}");
        }
        assert_eq!(change("EventBatchWindowSeconds"), None, "batches are full");
    }
}
