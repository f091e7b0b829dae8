//! A function with a wrong environment does not start, and says everything that is wrong in one
//! line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use local::binaries::{self, Target};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_with_a_bad_environment_stops_with_one_line_that_lists_all_of_it() {
    let names = ["ingest", "deliver", "sweep", "api"];
    let targets = names.map(|name| Target::Binary(name.to_owned()));
    let binaries: BTreeMap<Target, PathBuf> = binaries::build(targets.into(), false)
        .await
        .expect("they build");
    for (name, bad, missing) in [
        (
            "ingest",
            ("RECORD_DAYS", "a month"),
            ["STACK_NAME", "EVENT_QUEUE_URL"],
        ),
        (
            "deliver",
            ("RETRY_SCHEDULE_SECONDS", "1m"),
            ["STACK_NAME", "REQUEST_TIMEOUT_SECONDS"],
        ),
        (
            "sweep",
            ("REDELIVERIES_PER_MINUTE", "0"),
            ["STACK_NAME", "DELIVERY_QUEUE_URL"],
        ),
        (
            "api",
            ("WEBHOOKS_PER_USER", "-1"),
            ["EVENT_QUEUE_URL", "HEAVY_READS_PER_MINUTE"],
        ),
    ] {
        let binary = &binaries[&Target::Binary(name.to_owned())];
        let output = Command::new(binary)
            .env_clear()
            .env(bad.0, bad.1)
            .output()
            .expect("it runs");
        assert!(!output.status.success(), "{name} has started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        assert!(
            said.contains(&format!("{} {:?}: ", bad.0, bad.1)),
            "{name}: {said}"
        );
        assert!(
            missing
                .iter()
                .all(|name| said.contains(&format!("{name} is missing"))),
            "{name}: {said}"
        );
    }
}
