//! Which runs a webhook is for.

use serde::{Deserialize, Serialize};

use crate::id::{ActorId, RunId, TaskId};

/// All runs of an actor, all runs of a task, or one run: exactly one of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Condition {
    /// Every run and build of this actor.
    #[serde(rename = "actorId")]
    Actor(ActorId),
    /// Every run that was started from this task.
    #[serde(rename = "actorTaskId")]
    Task(TaskId),
    /// This one run.
    #[serde(rename = "actorRunId")]
    Run(RunId),
}

impl Condition {
    /// The run, of the condition that is one.
    pub fn run(&self) -> Option<&RunId> {
        match self {
            Self::Actor(_) | Self::Task(_) => None,
            Self::Run(run) => Some(run),
        }
    }
}
