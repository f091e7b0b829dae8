//! One statement of a policy.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use super::condition::{self, Condition};
use super::{Ask, Principal, pattern};
use crate::aws::ACCOUNT;

/// The services whose calls are checked here; conditions of others are never looked at.
const PLAYED: &[&str] = &["*", "dynamodb", "secretsmanager", "sqs"];

/// What a policy says of some actions on some resources.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Patterns of actions.
    pub actions: Vec<String>,
    /// Patterns of ARNs.
    pub resources: Vec<String>,
    /// Of whom it speaks, in the policy of a resource. A role's statements speak of the role.
    principals: Option<Principals>,
    conditions: Vec<Condition>,
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It lets calls through that nothing denies.
    Allow,
    /// It refuses calls, whatever allows them.
    Deny,
}

/// Users, roles and accounts. AWS services call nothing on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Principals {
    Everyone,
    These(Vec<String>),
}

/// How a statement names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// By themselves, or as one of all.
    Directly,
    /// By their account, whose own policies decide then.
    ByAccount,
}

impl Statement {
    /// Reads the statements of a policy document, all of whose functions are resolved.
    pub(crate) fn all_of(document: &Value) -> Result<Vec<Self>> {
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => bail!("a policy has no Statement"),
        };
        let read = |(place, statement): (usize, &Value)| {
            let statement = statement.as_object().context("is not a map");
            let statement = statement.and_then(Self::read);
            statement.with_context(|| format!("statement {}", place + 1))
        };
        statements.iter().enumerate().map(read).collect()
    }

    /// A statement that allows these actions on everything.
    pub(crate) fn allowing(actions: Vec<String>) -> Self {
        Statement {
            effect: Effect::Allow,
            actions,
            resources: vec!["*".to_owned()],
            principals: None,
            conditions: Vec::new(),
        }
    }

    fn read(statement: &Map<String, Value>) -> Result<Self> {
        let known = [
            "Action",
            "Condition",
            "Effect",
            "Principal",
            "Resource",
            "Sid",
        ];
        if let Some(other) = statement.keys().find(|key| !known.contains(&key.as_str())) {
            bail!("the local platform does not play {other}");
        }
        let element = |name: &str| {
            let element = statement.get(name);
            element.with_context(|| format!("there is no {name}"))
        };
        let actions = texts(element("Action")?)?;
        let services = actions.iter().filter_map(|action| action.split(':').next());
        let is_played = services
            .into_iter()
            .any(|service| PLAYED.contains(&service));
        Ok(Statement {
            effect: match element("Effect")?.as_str() {
                Some("Allow") => Effect::Allow,
                Some("Deny") => Effect::Deny,
                _ => bail!("Effect is neither Allow nor Deny"),
            },
            actions,
            resources: texts(element("Resource")?)?,
            principals: statement.get("Principal").map(principals).transpose()?,
            conditions: match statement.get("Condition") {
                Some(conditions) if is_played => condition::read(conditions)?,
                _ => Vec::new(),
            },
        })
    }

    /// Whether it speaks of this call.
    pub(super) fn covers(&self, ask: &Ask) -> bool {
        let action = ask.action.to_lowercase();
        let of_action = |pattern: &String| pattern::matches(&pattern.to_lowercase(), &action);
        self.actions.iter().any(of_action)
            && self
                .resources
                .iter()
                .any(|pattern| pattern::matches(pattern, &ask.resource))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(&ask.context))
    }

    /// How it names this caller; `None`: not at all.
    pub(super) fn names(&self, caller: &Principal) -> Option<Naming> {
        let Some(Principals::These(named)) = &self.principals else {
            return Some(Naming::Directly);
        };
        let account = caller.account();
        let of_account =
            |named: &String| named == account || *named == format!("arn:aws:iam::{account}:root");
        if named.contains(&caller.arn) {
            return Some(Naming::Directly);
        }
        named.iter().any(of_account).then_some(Naming::ByAccount)
    }
}

fn principals(element: &Value) -> Result<Principals> {
    let Some(kinds) = element.as_object() else {
        ensure!(element == "*", "Principal {element} is neither * nor a map");
        return Ok(Principals::Everyone);
    };
    let mut named = Vec::new();
    for (kind, principals) in kinds {
        match kind.as_str() {
            "AWS" => named.extend(texts(principals)?),
            "Service" => {}
            other => bail!("the local platform does not play principals of kind {other}"),
        }
    }
    match named.iter().any(|principal| principal == "*") {
        true => Ok(Principals::Everyone),
        false => Ok(Principals::These(named)),
    }
}

/// One text, or a list of them.
pub(super) fn texts(element: &Value) -> Result<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => bail!("{other} is not text"),
    };
    match element {
        Value::Array(items) => items.iter().map(text).collect(),
        one => Ok(vec![text(one)?]),
    }
}

/// Whether an ARN is of this machine's account, or of no account.
pub(super) fn is_of_this_account(principal: &Principal) -> bool {
    principal.account() == ACCOUNT
}
