//! `AWS::IAM::Role`, for functions, and `AWS::SQS::QueuePolicy`.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Function;
use super::properties::Properties;
use super::queue::name_in;
use super::scope::Scope;
use super::value::text_of;
use crate::aws::{ACCOUNT, arn};
use crate::iam::{Ask, Effect, Principal, Statement, decide};

/// What Lambda itself does with a function's role, for each queue that feeds the function.
const FEEDING: [&str; 3] = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/// What Lambda itself does with a function's role, for each function.
const LOGGING: [&str; 2] = ["CreateLogStream", "PutLogEvents"];

/// What a function may do.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The statements of all its policies.
    pub statements: Vec<Statement>,
}

impl Role {
    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let properties = Properties::of(scope, resource)?;
        for property in ["ManagedPolicyArns", "PermissionsBoundary"] {
            let is_empty = properties
                .value(property)?
                .is_none_or(|value| value == json!([]));
            ensure!(is_empty, "the local platform does not play {property}");
        }
        let trust = properties.value("AssumeRolePolicyDocument")?;
        let trust = trust.context("AssumeRolePolicyDocument is missing")?;
        ensure!(
            trust.to_string().contains("lambda.amazonaws.com"),
            "the role defined for the function cannot be assumed by Lambda"
        );
        let policies = properties.value("Policies")?.unwrap_or_default();
        let mut statements = Vec::new();
        for policy in policies.as_array().into_iter().flatten() {
            let read = Statement::all_of(&policy["PolicyDocument"]);
            statements.extend(read.with_context(|| format!("policy {}", policy["PolicyName"]))?);
        }
        Ok(Role {
            arn: arn_of(&scope.physical_name(id)?),
            statements,
        })
    }

    /// The pairs of an action and a resource that its statements allow, as they are written.
    pub fn allowances(&self) -> impl Iterator<Item = (&str, &str)> {
        let statements = self.statements.iter();
        let allowing = statements.filter(|statement| statement.effect == Effect::Allow);
        allowing.flat_map(|statement| {
            let actions = statement.actions.iter();
            actions.flat_map(|action| {
                let resources = statement.resources.iter();
                resources.map(move |resource| (action.as_str(), resource.as_str()))
            })
        })
    }

    /// Lambda asks this when a mapping is made, and refuses to make it.
    pub(crate) fn ensure_it_can_feed(&self, function: &Function, id: &str) -> Result<()> {
        for source in &function.sources {
            let queue = arn("sqs", &source.queue);
            for action in FEEDING {
                ensure!(
                    self.allows(&format!("sqs:{action}"), &queue),
                    "{id}: The provided execution role does not have permissions to call {action} on SQS ({queue})"
                );
            }
        }
        Ok(())
    }

    /// Whether the function's log lines are kept. Without the permission they are lost, and nobody
    /// is told.
    pub(crate) fn can_log(&self, log_group: &str) -> bool {
        let stream = arn("logs", &format!("log-group:{log_group}:log-stream:local"));
        let mut actions = LOGGING.iter();
        actions.all(|action| self.allows(&format!("logs:{action}"), &stream))
    }

    fn allows(&self, action: &str, resource: &str) -> bool {
        let caller = Principal::by_arn(&self.arn);
        decide(
            &Ask::new(action, resource),
            &caller,
            Some(&self.statements),
            &[],
        )
        .is_ok()
    }
}

/// The role that SAM makes for a function that has none.
pub(super) fn made_by_sam(id: &str) -> Role {
    let logging = LOGGING.map(|action| format!("logs:{action}"));
    let feeding = FEEDING.map(|action| format!("sqs:{action}"));
    Role {
        arn: arn_of(&format!("{id}Role")),
        statements: vec![Statement::allowing(
            logging.into_iter().chain(feeding).collect(),
        )],
    }
}

/// The statements of a queue policy, and the ARNs of the queues that it is for.
pub(super) fn read_queue_policy(
    scope: &Scope<'_>,
    resource: &Value,
) -> Result<(Vec<String>, Vec<Statement>)> {
    let properties = Properties::of(scope, resource)?;
    let queues = properties.value("Queues")?.unwrap_or_default();
    let queues = queues.as_array().into_iter().flatten();
    let queues = queues.map(|url| {
        let url = text_of(url)?;
        Ok(arn("sqs", &name_in(url.rsplit('/').next().unwrap_or(&url))))
    });
    let document = properties.value("PolicyDocument")?;
    let statements = Statement::all_of(&document.context("PolicyDocument is missing")?)?;
    Ok((queues.collect::<Result<_>>()?, statements))
}

/// The ARN of a role of this machine's account.
pub(super) fn arn_of(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{role}")
}
