//! What a proof costs at list prices, and what a million deliveries like its own would.

use std::fmt::{Display, Formatter};

use prices::{DYNAMODB_READS, DYNAMODB_WRITES, SQS_FAIR_SURCHARGE, SQS_REQUESTS};

use crate::figures::Invocations;

const MILLION: f64 = 1e6;

/// What a delivery takes of DynamoDB, the handling of its event included, as `cargo local bench`
/// measures it.
const WRITE_UNITS: f64 = 3.1;
const READ_UNITS: f64 = 3.4;

/// Requests to SQS for each batch: `ingest` receives, deletes and sends on, `deliver` receives and
/// deletes.
const BY_INGEST: f64 = 3.0;
const BY_DELIVER: f64 = 2.0;

/// Dollars.
#[derive(Debug, PartialEq)]
pub(crate) struct Cost {
    lambda: f64,
    sqs: f64,
    dynamodb: f64,
    deliveries: f64,
}

impl Cost {
    /// Of so many events and deliveries, and of these invocations as they were billed.
    pub(crate) fn of(
        invocations: &[Invocations],
        is_arm: bool,
        events: usize,
        deliveries: usize,
    ) -> Self {
        let count = |function: &str| {
            let mut of_function = invocations.iter().filter(|one| one.function == function);
            of_function.next().map_or(0.0, |one| one.all as f64)
        };
        let deliveries = deliveries as f64;
        let requests = events as f64 + BY_INGEST * count("ingest") + BY_DELIVER * count("deliver");
        Cost {
            lambda: invocations.iter().map(|one| one.dollars(is_arm)).sum(),
            sqs: requests * (SQS_REQUESTS + SQS_FAIR_SURCHARGE) / MILLION,
            dynamodb: deliveries * (WRITE_UNITS * DYNAMODB_WRITES + READ_UNITS * DYNAMODB_READS)
                / MILLION,
            deliveries,
        }
    }

    fn total(&self) -> f64 {
        self.lambda + self.sqs + self.dynamodb
    }
}

impl Display for Cost {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Cost {
            lambda,
            sqs,
            dynamodb,
            deliveries,
        } = self;
        write!(
            f,
            "about ${:.4} at list prices of us-east-1, without logs and storage: Lambda {lambda:.4} as billed, SQS {sqs:.4}, DynamoDB \
             {dynamodb:.4} ({WRITE_UNITS} write and {READ_UNITS} read units a delivery, as cargo local bench measures); that is ${:.2} for a \
             million deliveries in batches as small as these",
            self.total(),
            self.total() / deliveries.max(1.0) * MILLION,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_its_units_at_list_price() {
        let cost = Cost::of(&[], true, 1000, 1000);
        assert!((cost.sqs - 0.0005).abs() < 1e-9, "{cost:?}");
        assert!((cost.dynamodb - 0.002_362_5).abs() < 1e-9, "{cost:?}");
        assert!(
            cost.to_string().contains("that is $2.86 for a million"),
            "{cost}"
        );
    }
}
