//! The Lambda host: runs the real function binaries, each sandbox one process with a Runtime API of
//! its own on loopback.
//!
//! A sandbox that waits in `next` is idle. An invocation takes the sandbox that became idle last,
//! or starts another; so there are as many sandboxes as there ever were invocations at once. A
//! function that reports an error keeps its sandbox, as in AWS; one that exits, or is killed
//! because its time is up or because it took more memory than it has, loses it.

pub mod activity;
pub mod concurrency;
pub mod cpu;
mod desk;
mod environment;
mod function;
mod held;
pub mod invocation;
mod invoke_api;
mod later;
pub mod log;
mod memory;
mod output;
mod pool;
mod process;
mod report;
mod runtime_api;
mod sandbox;
pub(crate) mod trace;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};

pub use function::Function;
pub use sandbox::Sandbox;

use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::lambda::activity::Activity;
use crate::lambda::concurrency::Concurrency;
use crate::lambda::log::Destination;
use crate::template;

/// All functions of a platform, by short name.
#[derive(Clone)]
pub struct Lambda {
    functions: Arc<BTreeMap<String, Arc<Function>>>,
    activity: Activity,
}

/// What every function of a platform has in common.
pub struct Surroundings {
    /// Variables that every process is given: endpoints and whatever the caller adds.
    pub environment: BTreeMap<String, String>,
    /// Where the lines of the functions go.
    pub log: Destination,
    /// What measures the functions.
    pub cloudwatch: CloudWatch,
    /// The files that processes read their time from, which they take in turn; none: they read the
    /// machine's clock.
    pub clocks: Vec<PathBuf>,
    /// The clock that events wait by which are tried again.
    pub(crate) clock: Arc<Clock>,
    /// How much may run at once.
    pub(crate) concurrency: Concurrency,
}

impl Lambda {
    /// A host for `functions`, whose binaries are at `binaries` by short name. Nothing is started
    /// before it is invoked.
    pub fn new<'a>(
        functions: impl IntoIterator<Item = &'a template::Function>,
        binaries: &BTreeMap<String, PathBuf>,
        surroundings: &Surroundings,
    ) -> Result<Self> {
        let activity = Activity::default();
        let mut hosted = BTreeMap::new();
        for settings in functions {
            let name = &settings.short_name;
            let binary = binaries.get(name);
            let binary = binary.with_context(|| format!("there is no binary for {name}"))?;
            let function = Function::new(settings, binary, surroundings, &activity);
            hosted.insert(name.clone(), Arc::new(function));
        }
        Ok(Lambda {
            functions: Arc::new(hosted),
            activity,
        })
    }

    /// The function by its short name, its name in Lambda, or its ARN.
    pub fn function(&self, name: &str) -> Option<&Arc<Function>> {
        let name = name.rsplit(':').next().unwrap_or(name);
        self.functions.get(name).or_else(|| {
            let mut all = self.functions.values();
            all.find(|function| function.settings().name == name)
        })
    }

    /// Every function.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.values()
    }

    /// The invocations that run now, of all functions.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// The HTTP endpoint that invokes functions.
    pub fn router(&self) -> axum::Router {
        invoke_api::router(self.clone())
    }

    /// Ends every process soon, without waiting.
    pub fn abort(&self) {
        self.functions().for_each(|function| function.abort());
    }

    /// Ends every process, and waits until none is left.
    pub async fn stop(&self) {
        futures::future::join_all(self.functions().map(|function| function.stop())).await;
    }
}
