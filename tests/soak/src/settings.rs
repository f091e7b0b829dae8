//! The platform of a soak.

use std::collections::BTreeMap;

use local::binaries::checkout;
use local::faults::{Faults, Plan};
use local::options::Options;

use super::arguments::SoakArguments;

/// For how long an endpoint may accept nothing, in days; shorter than in AWS, to see the end of it.
const DISABLE_AFTER_DAYS: &str = "1";

/// Shorter, too: few receivers of a soak fail for long.
const FAILING_AFTER_MINUTES: &str = "1";

/// Some retries wait in the queue and some are parked, and the last is made while there still is
/// trouble.
const RETRY_SCHEDULE_SECONDS: &str = "60,120,600,1200,2400,3600";

/// What it is started with. The lines of its functions are in target/soak.log.
pub(super) fn with_own_settings(options: Options, arguments: &SoakArguments, seed: u64) -> Options {
    let mut parameters = BTreeMap::from(
        [
            // Much longer than the slowest receiver that is in time needs, on any machine.
            ("RequestTimeoutSeconds", "3"),
            ("DisableAfterDays", DISABLE_AFTER_DAYS),
            ("FailingAfterMinutes", FAILING_AFTER_MINUTES),
            ("RetryScheduleSeconds", RETRY_SCHEDULE_SECONDS),
            // The load is ours.
            ("WebhookChangesPerMinute", "1000000"),
            // Calls that meet faults take long, and need no processor meanwhile.
            ("EventConcurrency", "60"),
            ("DeliveryConcurrency", "100"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    parameters.extend(options.parameters);
    let faults = arguments.faults.clone();
    Options {
        parameters,
        port_base: None,
        data: None,
        secrets: None,
        clock_moves: true,
        limits_throughput: true,
        quiet: true,
        log_file: Some(checkout().join("target/soak.log")),
        faults: (faults != Faults::default()).then_some(Plan {
            seed,
            faults,
            factor: 1.0,
            function: None,
        }),
        ..options
    }
}
