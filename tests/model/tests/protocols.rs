//! Looks at every state of every protocol, and for the bug in every protocol that has one. Prints a
//! table of what it has seen.
//!
//! `cargo test -p model` takes some seconds. `cargo test -p model -- --include-ignored` allows more
//! faults, and takes some minutes.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};
use model::cases::{RIGHT, Right, WRONG, Wrong};
use parking_lot::Mutex;

/// A line for each check that was made, in the order of the list.
type Table = Arc<Mutex<BTreeMap<usize, String>>>;

fn main() -> io::Result<()> {
    let table = Table::default();
    let right = RIGHT.into_iter().enumerate();
    let right = right.map(|(line, case)| holds(case, line, Arc::clone(&table)));
    let wrong = WRONG.into_iter().zip(RIGHT.len()..);
    let wrong = wrong.map(|(case, line)| is_caught(case, line, Arc::clone(&table)));
    let trials = right.chain(wrong).collect();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let mut out = io::stdout().lock();
    for line in table.lock().values() {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    drop(out);
    conclusion.exit();
}

fn holds(case: Right, line: usize, table: Table) -> Trial {
    let check = move || {
        let start = Instant::now();
        let extent = (case.check)().map_err(Failed::from)?;
        let (states, depth, took) = (extent.states, extent.depth, start.elapsed().as_secs_f32());
        let text = format!(
            "{states:>9} states, up to {depth} steps, {took:>5.1} s: {}",
            case.name
        );
        table.lock().insert(line, text);
        Ok(())
    };
    Trial::test(format!("{} holds", case.name), check).with_ignored_flag(case.is_large)
}

fn is_caught(case: Wrong, line: usize, table: Table) -> Trial {
    let find = move || {
        let found = case
            .counterexample()
            .ok_or("no bug was found: this check cannot fail")?;
        let (steps, broken) = (found.steps.len(), case.breaks);
        let text = format!(
            "{:>26} is caught after {steps:>2} steps: not {broken:?}",
            case.name
        );
        table.lock().insert(line, text);
        Ok(())
    };
    Trial::test(format!("the mistake {} is caught", case.name), find)
}
