//! One transition of one run or build.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::condition::Condition;
use crate::digest::short;
use crate::event_type::EventType;
use crate::id::{ActorId, BuildId, RunId, TaskId, UserId};
use crate::timestamp::Timestamp;
use crate::trace_context::TraceContext;

/// A transition that happened: the fact that webhooks are triggered by.
#[derive(Clone, Debug)]
pub struct Event {
    /// Owner of the run or build, and of every webhook that can match.
    pub user: UserId,
    /// What happened.
    pub kind: EventType,
    /// When it happened.
    pub created_at: Timestamp,
    /// To which run or build.
    pub subject: Subject,
    /// The platform's own id of the transition, if it has one.
    pub platform_id: Option<String>,
    /// Whether the platform says that there is no task by a `null`. Receivers get it as it came.
    pub has_null_task: bool,
    /// Where it belongs in a trace of the platform's. It is no part of its identity.
    pub trace: Option<TraceContext>,
    /// How many webhooks have led to the run, each by starting the next run ([`platform_api`]). It
    /// is no part of its identity, either.
    ///
    /// [`platform_api`]: crate::platform_api
    pub chain_depth: u32,
    /// The run or build as the platform's API returned it, untouched: key order and numbers too.
    pub resource: Box<RawValue>,
}

/// The run or build that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Subject {
    /// A run; serialises as the `eventData` of its events.
    #[serde(rename_all = "camelCase")]
    Run {
        /// The actor that runs.
        actor_id: ActorId,
        /// The task that it was started from.
        #[serde(skip_serializing_if = "Option::is_none")]
        actor_task_id: Option<TaskId>,
        /// The run.
        actor_run_id: RunId,
    },
    /// A build; serialises as the `eventData` of its events.
    #[serde(rename_all = "camelCase")]
    Build {
        /// The actor that is built.
        actor_id: ActorId,
        /// The build.
        actor_build_id: BuildId,
    },
    /// Nothing: a test delivery, that a webhook's owner has asked for. Serialises as `null`.
    Test,
}

/// Where the events of one run or build are kept together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectId {
    /// All events of one run.
    Run(RunId),
    /// All events of one build.
    Build(BuildId),
    /// Test deliveries: their events are made anew for every attempt, unless they show a run or
    /// build.
    Test,
}

/// Identity of an event within its run or build: the same transition has the same key, however
/// often it is reported.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventKey {
    /// When the event happened.
    pub created_at: Timestamp,
    /// Digest of what else makes the event itself: 12 letters and digits.
    pub hash: String,
}

/// Digits of an event's hash: 71 bits.
pub const HASH_LENGTH: usize = 12;

impl Subject {
    /// The run or build alone.
    pub fn id(&self) -> SubjectId {
        match self {
            Self::Run { actor_run_id, .. } => SubjectId::Run(actor_run_id.clone()),
            Self::Build { actor_build_id, .. } => SubjectId::Build(actor_build_id.clone()),
            Self::Test => SubjectId::Test,
        }
    }

    /// The conditions that events of this subject satisfy: its actor's, its task's, its run's.
    /// Three at most.
    pub fn conditions(&self) -> Vec<Condition> {
        match self {
            Self::Run {
                actor_id,
                actor_task_id,
                actor_run_id,
            } => {
                let task = actor_task_id.clone().map(Condition::Task);
                let run = Condition::Run(actor_run_id.clone());
                [Some(Condition::Actor(actor_id.clone())), task, Some(run)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            Self::Build { actor_id, .. } => vec![Condition::Actor(actor_id.clone())],
            Self::Test => Vec::new(),
        }
    }
}

impl SubjectId {
    /// The id, without its kind; empty for a trial.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Run(run) => run.as_str(),
            Self::Build(build) => build.as_str(),
            Self::Test => "",
        }
    }
}

/// What a test delivery has for a resource: no run or build is behind it.
const TEST_RESOURCE: &str =
    r#"{"joke":"Why did the webhook cross the road? To POST on the other side."}"#;

impl Event {
    /// The event of a test delivery, which is the same whenever it is made.
    pub fn test(user: &UserId, at: Timestamp) -> Result<Self, serde_json::Error> {
        Ok(Self {
            user: user.clone(),
            kind: EventType::Test,
            created_at: at,
            subject: Subject::Test,
            platform_id: None,
            has_null_task: false,
            trace: None,
            chain_depth: 0,
            resource: RawValue::from_string(TEST_RESOURCE.to_owned())?,
        })
    }

    /// The event of a test delivery that shows a run or build of this id, as it was kept.
    pub fn test_with(user: &UserId, at: Timestamp, id: &str, resource: Box<RawValue>) -> Self {
        Self {
            user: user.clone(),
            kind: EventType::Test,
            created_at: at,
            subject: Subject::Test,
            platform_id: Some(id.to_owned()),
            has_null_task: false,
            trace: None,
            chain_depth: 0,
            resource,
        }
    }

    /// The event's identity, derived from user, run or build, type, time, and the platform's own id
    /// if there is one.
    ///
    /// A run or build is created once: its creation is the same event whatever time and id a
    /// message about it has.
    pub fn key(&self) -> EventKey {
        let subject = self.subject.id();
        let hash = if self.kind.is_creation() {
            creation_hash(&self.user, &subject)
        } else {
            let at = self.created_at.as_millis().to_be_bytes();
            let platform_id = self.platform_id.as_deref().unwrap_or_default();
            hash(
                &self.user,
                &subject,
                &[self.kind.name().as_bytes(), &at, platform_id.as_bytes()],
            )
        };
        EventKey {
            created_at: self.created_at,
            hash,
        }
    }

    /// The `eventData` that receivers get.
    pub fn data(&self) -> impl Serialize {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Data<'a> {
            AsItIs(&'a Subject),
            #[serde(rename_all = "camelCase")]
            NullTask {
                actor_id: &'a ActorId,
                actor_task_id: (),
                actor_run_id: &'a RunId,
            },
        }
        match &self.subject {
            Subject::Run {
                actor_id,
                actor_task_id: None,
                actor_run_id,
            } if self.has_null_task => Data::NullTask {
                actor_id,
                actor_task_id: (),
                actor_run_id,
            },
            subject => Data::AsItIs(subject),
        }
    }

    /// The event as an event message without its ad hoc webhooks: the form in which it is kept.
    pub fn to_message(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Message<'a, D> {
            user_id: &'a UserId,
            event_type: &'a str,
            created_at: String,
            event_data: D,
            #[serde(skip_serializing_if = "Option::is_none")]
            event_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            traceparent: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            chain_depth: Option<u32>,
            resource: &'a RawValue,
        }
        serde_json::to_string(&Message {
            user_id: &self.user,
            event_type: self.kind.name(),
            created_at: self.created_at.to_string(),
            event_data: self.data(),
            event_id: self.platform_id.as_deref(),
            traceparent: self.trace.as_ref().map(TraceContext::to_string),
            chain_depth: Some(self.chain_depth).filter(|depth| *depth > 0),
            resource: &self.resource,
        })
    }
}

/// The hash of the event with which a run or build was created.
pub fn creation_hash(user: &UserId, subject: &SubjectId) -> String {
    hash(user, subject, &[b"CREATED"])
}

/// A digest of whose an event is, of what, and of what else it is told by.
fn hash(user: &UserId, subject: &SubjectId, rest: &[&[u8]]) -> String {
    let kind = match subject {
        SubjectId::Run(_) => "run",
        SubjectId::Build(_) => "build",
        SubjectId::Test => "test",
    };
    let own = [user.as_str(), kind, subject.as_str()].map(str::as_bytes);
    short(&[&own, rest].concat(), HASH_LENGTH)
}
