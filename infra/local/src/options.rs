//! What a platform can be told before it starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::binaries;

/// How to start a platform. The default is the checkout's own template on any free ports, with nothing kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The template to play.
    pub template: PathBuf,
    /// Template parameters that are not left at their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The first of four ports in a row; `None`: any that are free.
    pub port_base: Option<u16>,
    /// A directory that keeps tables, and queues once it is stopped, across restarts; `None`: they are in memory.
    pub data: Option<PathBuf>,
    /// The period of every schedule, instead of its own.
    pub tick: Option<Duration>,
    /// Whether the functions are built for speed.
    pub release: bool,
    /// Variables that every function gets besides its own.
    pub environment: BTreeMap<String, String>,
    /// Whether the functions' lines are only shown when something went wrong.
    pub quiet: bool,
    /// Whether the capacity that DynamoDB calls consume is summed. It slows them down a little.
    pub meters_capacity: bool,
    /// Programs that are run as they are, by short name; the other functions are built.
    pub executables: BTreeMap<String, PathBuf>,
}

impl Options {
    /// A platform whose functions never run: nothing feeds them, and none is built. The tables and queues are those of the template.
    pub fn without_functions() -> Self {
        let off = |name: &str| (name.to_owned(), "false".to_owned());
        let idle = |name: &str| (name.to_owned(), PathBuf::from("never-started"));
        Options {
            parameters: ["EventsEnabled", "DeliveriesEnabled"].map(off).into(),
            executables: ["ingest", "deliver", "api"].map(idle).into(),
            ..Options::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            template: binaries::checkout().join("infra/template.yaml"),
            parameters: BTreeMap::new(),
            port_base: None,
            data: None,
            tick: None,
            release: false,
            environment: BTreeMap::new(),
            quiet: false,
            meters_capacity: false,
            executables: BTreeMap::new(),
        }
    }
}
