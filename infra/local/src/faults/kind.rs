//! The faults by name.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use std::str::FromStr;

use clap::ValueEnum;
use serde::Serialize;

/// One way to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A call is refused: there are too many.
    Throttle,
    /// A call fails inside of AWS, before it is carried out.
    Error,
    /// A call is carried out, and its answer is lost.
    LostAnswer,
    /// A call takes its time: sometimes longer than its caller waits.
    Latency,
    /// A write meets a transaction of somebody else's.
    Conflict,
    /// Of a call about several items or messages, some are not done.
    Partial,
    /// A function's process is killed, before a call or after it.
    Kill,
    /// A function's process stands still until the visibility of its messages is over: then two
    /// handle them at once.
    Freeze,
    /// A message is handed over twice, at the same time or one after the other.
    Duplicate,
    /// Messages are handed over late and in another order.
    Reorder,
    /// The clocks of functions and queues differ.
    ClockSkew,
}

/// A set of faults: written as `all`, `none`, or names with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(BTreeSet<Fault>);

impl Fault {
    /// How likely it is as a rule, each time that it can happen.
    pub(super) fn chance(self) -> f64 {
        match self {
            Fault::Throttle | Fault::Error | Fault::LostAnswer | Fault::Conflict => 0.01,
            Fault::Latency => 0.02,
            Fault::Partial => 0.05,
            Fault::Kill => 0.004,
            Fault::Freeze => 0.002,
            Fault::Duplicate => 0.02,
            Fault::Reorder => 0.1,
            Fault::ClockSkew => 1.0,
        }
    }
}

impl Faults {
    /// Everything that can go wrong.
    pub fn all() -> Self {
        Faults(Fault::value_variants().iter().copied().collect())
    }

    /// Whether this may go wrong.
    pub fn contains(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Faults(faults.into_iter().collect())
    }
}

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Faults::all()),
            "none" => Ok(Faults::default()),
            list => list.split(',').map(fault).collect(),
        }
    }
}

impl Display for Faults {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if *self == Faults::all() {
            return f.write_str("all");
        }
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let names: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&names.join(","))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value();
        f.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}

fn fault(name: &str) -> Result<Fault, String> {
    Fault::from_str(name, false).map_err(|_| {
        let known = Fault::value_variants();
        let known: Vec<_> = known.iter().map(ToString::to_string).collect();
        format!(
            "{name:?} is no fault; there are all, none, {}",
            known.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_written_as_they_are_read() {
        for text in ["all", "none", "kill", "throttle,lost-answer,clock-skew"] {
            assert_eq!(text.parse::<Faults>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_unknown_fault_is_named() {
        let error = "kill,earthquake".parse::<Faults>().unwrap_err();
        assert!(
            error.starts_with("\"earthquake\" is no fault; there are all, none, throttle, "),
            "{error}"
        );
    }
}
