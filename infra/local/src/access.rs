//! Who may call what: the template's roles, for its functions, and its queue policies, for
//! everyone, at each call to DynamoDB, SQS and Secrets Manager.
//!
//! Whoever is no function is known by the access key: the ARN of a user or role, or else anything,
//! which stands for an administrator of this machine's account. Signatures are not verified, but
//! must be there.

mod asks;
mod dynamodb;
pub(crate) mod keys;
mod partiql;
mod refusal;
mod sqs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, bail};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use crate::aws::ACCOUNT;
use crate::gateway::calls::Call;
use crate::iam::{Ask, Denial, Principal, Statement, decide};
use crate::template::{Role, Template};
use asks::Resources;

/// What everyone may do on one platform.
pub(crate) struct Access {
    /// By the function's short name.
    roles: BTreeMap<String, Role>,
    /// By the queue's ARN.
    queue_policies: BTreeMap<String, Vec<Statement>>,
    resources: Resources,
    used: Mutex<BTreeSet<Used>>,
    denied: watch::Sender<Vec<Denied>>,
}

/// A permission that a function has made use of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Used {
    /// The function's short name.
    pub function: String,
    /// The action that IAM checked, such as `dynamodb:PutItem`.
    pub action: String,
    /// The ARN of what it was done to.
    pub resource: String,
}

/// A call that a function made and was not allowed to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The function's short name.
    pub function: String,
    /// What it asked for.
    pub ask: Ask,
    /// Why not.
    pub why: Denial,
}

/// Who makes a call: a function of the platform, or anybody else.
struct Caller<'a> {
    principal: Principal,
    /// `None`: somebody else, who may do what their account may.
    role: Option<(&'a str, &'a Role)>,
}

impl Access {
    /// What `template` allows. An error if a function could not even be fed.
    pub(crate) fn of(template: &Template) -> Result<Self> {
        let mut roles = BTreeMap::new();
        for (id, function) in &template.functions {
            let Some(role) = template.role_of(function) else {
                bail!("{id}: its Role is none that the template declares");
            };
            let role = role.clone();
            role.ensure_it_can_feed(function, id)?;
            roles.insert(function.short_name.clone(), role);
        }
        Ok(Access {
            roles,
            queue_policies: template.queue_policies.clone(),
            resources: Resources::of(template),
            used: Mutex::default(),
            denied: watch::Sender::default(),
        })
    }

    /// Whether the call's body has to be looked at, to know whether it may be made.
    pub(crate) fn concerns(&self, call: &Call) -> bool {
        self.roles.contains_key(&call.caller) || asks::may_have_a_policy(call)
    }

    /// Lets a call pass, or answers it as AWS refuses it.
    pub(crate) fn check(&self, call: &Call, body: &[u8]) -> Result<(), Box<Response>> {
        let caller = self.caller(&call.caller);
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        for ask in self.resources.asks_of(call, &body) {
            let ask = ask
                .with("aws:PrincipalArn", vec![caller.principal.arn.clone()])
                .with(
                    "aws:PrincipalAccount",
                    vec![caller.principal.account().to_owned()],
                )
                .with("aws:PrincipalIsAWSService", vec!["false".to_owned()])
                // Nothing leaves the machine, which is as good.
                .with("aws:SecureTransport", vec!["true".to_owned()]);
            let policy = self.queue_policies.get(&ask.resource);
            let own = caller.role.map(|(_, role)| role.statements.as_slice());
            let policy = policy.map(Vec::as_slice).unwrap_or_default();
            match decide(&ask, &caller.principal, own, policy) {
                Ok(()) => self.note_use(&caller, &ask),
                Err(why) => {
                    let refusal = refusal::denied(call.service, &caller.principal, &ask, why);
                    self.note_denial(&caller, ask, why);
                    return Err(Box::new(refusal));
                }
            }
        }
        Ok(())
    }

    /// The permissions that functions have used so far.
    pub(crate) fn used(&self) -> BTreeSet<Used> {
        self.used.lock().clone()
    }

    /// The role of a function.
    pub(crate) fn role(&self, function: &str) -> Option<&Role> {
        self.roles.get(function)
    }

    /// What functions were denied so far.
    pub(crate) fn denied(&self) -> watch::Receiver<Vec<Denied>> {
        self.denied.subscribe()
    }

    fn caller(&self, name: &str) -> Caller<'_> {
        if let Some((function, role)) = self.roles.get_key_value(name) {
            return Caller {
                principal: Principal::of_function(&role.arn, function),
                role: Some((function, role)),
            };
        }
        let principal = match name.starts_with("arn:") {
            true => Principal::by_arn(name),
            false => Principal::by_arn(&format!("arn:aws:iam::{ACCOUNT}:user/{name}")),
        };
        Caller {
            principal,
            role: None,
        }
    }

    fn note_use(&self, caller: &Caller<'_>, ask: &Ask) {
        let Some((function, _)) = caller.role else {
            return;
        };
        let used = Used {
            function: function.to_owned(),
            action: ask.action.clone(),
            resource: ask.resource.clone(),
        };
        self.used.lock().insert(used);
    }

    fn note_denial(&self, caller: &Caller<'_>, ask: Ask, why: Denial) {
        let Some((function, _)) = caller.role else {
            return;
        };
        let denied = Denied {
            function: function.to_owned(),
            ask,
            why,
        };
        tracing::error!("{denied}");
        self.denied.send_modify(|all| all.push(denied));
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Denied { function, ask, why } = self;
        write!(formatter, "{function:<8} was denied {ask}: {why}")
    }
}

/// Answers a request that is not signed at all.
pub(crate) fn ensure_signed(headers: &HeaderMap) -> Result<(), Box<Response>> {
    match headers.contains_key(AUTHORIZATION) {
        true => Ok(()),
        false => Err(Box::new(refusal::unsigned())),
    }
}

#[cfg(test)]
mod tests;
