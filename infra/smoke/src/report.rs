//! What is said while it happens, and whether all of it holds.

use std::fmt::Display;

use parking_lot::Mutex;

/// How many cases of a broken promise are shown.
const SHOWN: usize = 5;

/// The lines for whoever watches, and the count.
#[derive(Default)]
pub(crate) struct Report(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    step: usize,
    kept: usize,
    broken: usize,
}

impl Report {
    /// The next step begins.
    pub(crate) fn step(&self, title: &str) {
        let mut counts = self.0.lock();
        counts.step += 1;
        say(&format!("\n{}. {title}", counts.step));
    }

    /// Something to know.
    pub(crate) fn note(&self, line: impl Display) {
        say(&format!("   {line}"));
    }

    /// Something that has to hold, and what there is instead if it does not.
    pub(crate) fn check(&self, what: &str, holds: Result<(), String>) {
        match holds {
            Ok(()) => self.kept(what),
            Err(instead) => self.broken(what, &[instead]),
        }
    }

    /// The same for something of which there should be no case.
    pub(crate) fn check_none(&self, what: &str, cases: &[String]) {
        match cases {
            [] => self.kept(what),
            cases => self.broken(what, cases),
        }
    }

    fn kept(&self, what: &str) {
        self.0.lock().kept += 1;
        say(&format!("   ok      {what}"));
    }

    fn broken(&self, what: &str, cases: &[String]) {
        self.0.lock().broken += 1;
        say(&format!("   BROKEN  {what}"));
        for case in cases.iter().take(SHOWN) {
            say(&format!("           {case}"));
        }
        if let Some(more) = cases.len().checked_sub(SHOWN + 1) {
            say(&format!("           and {} more", more + 1));
        }
    }

    /// How many checks there were, and how many of them do not hold.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let counts = self.0.lock();
        (counts.kept + counts.broken, counts.broken)
    }
}

/// A line for whoever watches.
#[expect(
    clippy::print_stdout,
    reason = "the proof is for whoever watches the terminal"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
