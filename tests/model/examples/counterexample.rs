//! Shows how mistakes break their protocols, in as few steps as possible. Takes the names of
//! mistakes; without one, it shows all.
//!
//! `cargo run -p model --example counterexample -- claim-or-skip`

use std::io::{self, Write};

use model::cases::WRONG;

fn main() -> io::Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let is_asked_for = |name: &str| names.is_empty() || names.iter().any(|asked| asked == name);
    let mut out = io::stdout().lock();
    for case in WRONG.iter().filter(|case| is_asked_for(case.name)) {
        writeln!(out, "{}: {}", case.name, case.mistake)?;
        match case.counterexample() {
            Some(counterexample) => writeln!(out, "{counterexample}\n")?,
            None => writeln!(out, "nothing was found\n")?,
        }
    }
    Ok(())
}
