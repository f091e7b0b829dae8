//! What a platform can be told before it starts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::binaries;
use crate::elsewhere::variable;
use crate::faults::Plan;

/// Names another template for every platform that is not told of one otherwise, such as those of
/// tests.
const TEMPLATE: &str = "RUNHOOKS_LOCAL_TEMPLATE";

/// Receivers on this machine.
const LOOPBACK: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];

/// How to start a platform. The default is the checkout's own template on any free ports, with
/// nothing kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The template to play; at first what RUNHOOKS_LOCAL_TEMPLATE says, if anything.
    pub template: PathBuf,
    /// Template parameters that are not left at their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The first of six ports in a row; `None`: any that are free.
    pub port_base: Option<u16>,
    /// The address of a DynamoDB to use instead of an embedded one, such as
    /// `http://127.0.0.1:4566`; `None`: what RUNHOOKS_LOCAL_DYNAMODB says, if anything.
    pub dynamodb: Option<String>,
    /// The address of an SQS to use instead of the platform's own; `None`: what RUNHOOKS_LOCAL_SQS
    /// says, if anything.
    pub sqs: Option<String>,
    /// A directory that keeps tables, and queues once it is stopped, across restarts; `None`: they
    /// are in memory.
    pub data: Option<PathBuf>,
    /// A file that keeps generated secrets; `None`: it is among the kept data, or they are in
    /// memory.
    pub secrets: Option<PathBuf>,
    /// The period of every schedule, instead of its own.
    pub tick: Option<Duration>,
    /// Whether functions read their time from a clock that can be moved ahead. It slows them down a
    /// little.
    pub clock_moves: bool,
    /// Networks that deliveries may reach although they are not public. Without any, only public
    /// ones are reached, as in AWS.
    pub allowed_targets: Vec<IpNet>,
    /// Whether the functions are built for speed.
    pub release: bool,
    /// Variables that every function gets besides its own.
    pub environment: BTreeMap<String, String>,
    /// Whether the functions' lines are only shown when something went wrong.
    pub quiet: bool,
    /// A file that the functions' lines are written to instead of being shown.
    pub log_file: Option<PathBuf>,
    /// Whether the capacity that DynamoDB calls consume is summed. It slows them down a little.
    pub meters_capacity: bool,
    /// Whether DynamoDB throttles what is more than a new table, or one of its partition keys,
    /// takes in a second.
    pub limits_throughput: bool,
    /// How many invocations the account may run at once, of all functions: 1,000 as a rule, 10
    /// while an account is new.
    pub account_concurrency: u32,
    /// What goes wrong on purpose.
    pub faults: Option<Plan>,
    /// Programs that are run as they are, by short name; the other functions are built.
    pub executables: BTreeMap<String, PathBuf>,
}

impl Options {
    /// A platform whose functions never run: nothing feeds them, and none is built. The tables and
    /// queues are those of the template.
    pub fn without_functions() -> Self {
        let off = |name: &str| (name.to_owned(), "false".to_owned());
        let idle = |name: &str| (name.to_owned(), PathBuf::from("never-started"));
        Options {
            parameters: ["EventsEnabled", "DeliveriesEnabled"].map(off).into(),
            executables: ["ingest", "deliver", "sweep", "api"].map(idle).into(),
            ..Options::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Options {
            template: variable(TEMPLATE).map_or_else(
                || binaries::checkout().join("infra/template.yaml"),
                PathBuf::from,
            ),
            parameters: BTreeMap::new(),
            port_base: None,
            dynamodb: None,
            sqs: None,
            data: None,
            secrets: None,
            tick: None,
            allowed_targets: LOOPBACK.into(),
            clock_moves: false,
            release: false,
            environment: BTreeMap::new(),
            quiet: false,
            log_file: None,
            meters_capacity: false,
            limits_throughput: false,
            account_concurrency: 1000,
            faults: None,
            executables: BTreeMap::new(),
        }
    }
}
