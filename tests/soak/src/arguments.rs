//! What the command line says of a soak.

use clap::{Args, value_parser};
use local::faults::Faults;

/// How much goes on, and what goes wrong.
#[derive(Args)]
pub struct SoakArguments {
    /// How many events to send
    #[arg(long, value_name = "COUNT", default_value = "2000", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(super) events: u32,

    /// What the load and its faults are made from [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// What goes wrong: all, none, or names with commas between them
    #[arg(long, value_name = "FAULTS", default_value = "all")]
    pub(super) faults: Faults,

    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

impl SoakArguments {
    /// The seed that was given, or a new one.
    pub(super) fn seed(&self) -> u64 {
        // Short enough to be typed.
        self.seed.unwrap_or_else(|| fastrand::u64(..1_000_000))
    }

    /// The command that repeats this soak.
    pub(super) fn command(&self, seed: u64) -> String {
        let (events, faults) = (self.events, &self.faults);
        format!("cargo local soak --events {events} --seed {seed} --faults {faults}")
    }
}
