//! `cargo local soak`: a load of runs under faults, and at the end a ledger of what became of every webhook that should have fired.
//!
//! 1. The `script` makes up runs, their events and their ad hoc webhooks, from the seed; the `cast` has the users with their standing webhooks.
//! 2. Wave after wave of events is put on the event queue, out of order and some of them twice. `receivers` of every temper are called.
//! 3. Between two waves sixteen minutes pass at once: retries fall due, and what a function has failed comes back.
//! 4. After the last wave time goes on, until every dispatch must have ended. On the way some receivers come to accept, `owners` switch
//!    webhooks on and have what failed sent again, the faults end, and what has become a dead letter is redriven, as the runbook says.
//! 5. The `audit` holds what should have happened, by the script, against what the receivers saw. Of our own records it believes one thing
//!    only: that a dispatch which never arrived is FAILED for its owner to read, through the API.
//! 6. Notices are taken from their queue all the time, as a job platform does. In the end each must have its change, and each change its notice:
//!    what has changed is what owners can read and what lies in the tables.

mod arguments;
mod audit;
mod cast;
mod course;
mod defining;
mod expected;
mod hook;
mod message;
mod notices;
mod owners;
mod patience;
mod posts;
mod receivers;
mod records;
mod repeats;
mod report;
mod script;
mod settings;
mod victims;

use anyhow::{Result, ensure};
use local::options::Options;

pub use arguments::SoakArguments;
use course::Course;
use report::Report;

/// Runs the load, prints the ledger, and fails if a promise was broken.
pub async fn run(options: Options, arguments: SoakArguments) -> Result<()> {
    ensure!(
        options.faults.is_none(),
        "say --faults after soak, with its --seed"
    );
    let seed = arguments.seed();
    let how = arguments.command(seed);
    tracing::info!("{how}");
    let course = Course::begin(options, &arguments, seed).await?;
    let findings = course.platform.unless_denied(course.run()).await;
    let report = Report::of(&course, findings?, how).await?;
    course.end().await?;
    match arguments.json {
        true => print(&serde_json::to_string_pretty(&report)?),
        false => print(report.to_string().trim_end()),
    }
    ensure!(
        report.keeps_all_promises(),
        "a promise was broken; the same load again: {}",
        report.command()
    );
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "the ledger is for whoever asked for it"
)]
fn print(ledger: &str) {
    println!("{ledger}");
}
