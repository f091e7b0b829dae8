//! `infra/template.yaml`, read as CloudFormation and SAM read it: the one list of tables, queues,
//! functions and settings.

mod alarm;
mod document;
mod function;
mod limits;
mod outputs;
mod parameters;
mod patience;
mod properties;
mod queue;
mod reference;
mod role;
mod rules;
mod scope;
mod secret;
mod substitution;
mod table;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

pub use alarm::Alarm;
pub use function::{Function, QueueSource, Schedule};
pub use outputs::{Output, Resource};
pub use patience::Patience;
pub use queue::Queue;
pub use role::Role;
pub use secret::Secret;
pub use table::Table;

use crate::cloudwatch;
use crate::iam::Statement;
use reference::kind_of;
use scope::Scope;

/// What a template declares, resolved for this machine; each under its logical id.
#[derive(Debug)]
pub struct Template {
    /// DynamoDB tables.
    pub tables: BTreeMap<String, Table>,
    /// SQS queues.
    pub queues: BTreeMap<String, Queue>,
    /// Secrets in Secrets Manager.
    pub secrets: BTreeMap<String, Secret>,
    /// Lambda functions.
    pub functions: BTreeMap<String, Function>,
    /// IAM roles.
    pub roles: BTreeMap<String, Role>,
    /// Policies of queues, by the queue's ARN.
    pub(crate) queue_policies: BTreeMap<String, Vec<Statement>>,
    /// Alarms in CloudWatch.
    pub alarms: BTreeMap<String, Alarm>,
    /// The value of every parameter.
    pub parameters: BTreeMap<String, String>,
    /// What the stack shows of itself, by key.
    pub outputs: BTreeMap<String, Output>,
    /// Every resource whose condition holds, whether or not this machine plays it.
    pub resources: Vec<Resource>,
}

/// Where this machine serves what the template's references lead to, and what names begin with.
#[derive(Clone, Debug)]
pub struct Site {
    /// The name of the stack.
    pub stack: String,
    /// The address of the function URL.
    pub api: String,
    /// The address of the queue service.
    pub sqs: String,
}

/// Types that only matter in AWS: nothing on one machine acts on them.
const ONLY_IN_AWS: &[&str] = &[
    "AWS::CloudWatch::Dashboard",
    "AWS::KMS::",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::SNS::",
];

impl Template {
    /// Reads the template at `path` with these parameters. An error is one line that names the
    /// fault.
    pub fn load(path: &Path, parameters: &BTreeMap<String, String>, site: &Site) -> Result<Self> {
        Self::load_on(path, parameters, &BTreeMap::new(), site)
    }

    /// The same on a platform that gives parameters a default of its own, where the template has
    /// such parameters.
    pub(crate) fn load_on(
        path: &Path,
        parameters: &BTreeMap<String, String>,
        own: &BTreeMap<String, String>,
        site: &Site,
    ) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the template {}", path.display()))?;
        Self::parse(&text, parameters, own, site).with_context(|| path.display().to_string())
    }

    fn parse(
        text: &str,
        parameters: &BTreeMap<String, String>,
        own: &BTreeMap<String, String>,
        site: &Site,
    ) -> Result<Self> {
        let document = document::parse(text)?;
        let parameters = parameters::settle(&document, parameters, own)?;
        reference::refuse_unknown(&document)?;
        let scope = Scope::new(&document, parameters, site);
        rules::check(&scope)?;
        let mut template = Template {
            tables: BTreeMap::new(),
            queues: BTreeMap::new(),
            secrets: BTreeMap::new(),
            functions: BTreeMap::new(),
            roles: BTreeMap::new(),
            queue_policies: BTreeMap::new(),
            alarms: BTreeMap::new(),
            parameters: scope.parameter_texts()?,
            outputs: outputs::outputs(&scope)?,
            resources: Vec::new(),
        };
        let resources = document.get("Resources").and_then(Value::as_object);
        for (id, resource) in resources.context("there are no Resources")? {
            template
                .add(&scope, id, resource)
                .with_context(|| id.clone())?;
        }
        template.check_limits()?;
        template.see_who_can_log();
        for (id, alarm) in &template.alarms {
            // An alarm that can never go on must not look as if all were well.
            cloudwatch::check_known(&alarm.metric, &template).with_context(|| id.clone())?;
        }
        Ok(template)
    }

    fn see_who_can_log(&mut self) {
        for function in self.functions.values_mut() {
            let mut roles = self.roles.values();
            let role = roles.find(|role| role.arn == function.role);
            function.keeps_log = role.is_some_and(|role| role.can_log(&function.log_group));
        }
    }

    /// The role that a function assumes; `None` if it names one that the template does not declare.
    pub fn role_of(&self, function: &Function) -> Option<&Role> {
        let mut roles = self.roles.values();
        roles.find(|role| role.arn == function.role)
    }

    fn add(&mut self, scope: &Scope<'_>, id: &str, resource: &Value) -> Result<()> {
        if let Some(condition) = resource.get("Condition").and_then(Value::as_str)
            && !scope.holds(condition)?
        {
            return Ok(());
        }
        self.resources.push(outputs::resource(scope, id, resource)?);
        match kind_of(resource)? {
            "AWS::DynamoDB::Table" => {
                let table = Table::read(scope, id, resource)?;
                self.tables.insert(id.to_owned(), table);
            }
            "AWS::SQS::Queue" => {
                let queue = Queue::read(scope, id, resource)?;
                self.queues.insert(id.to_owned(), queue);
            }
            "AWS::SecretsManager::Secret" => {
                let secret = Secret::read(scope, id, resource)?;
                self.secrets.insert(id.to_owned(), secret);
            }
            "AWS::Serverless::Function" => {
                let function = Function::read(scope, id, resource)?;
                let made = role::made_by_sam(id);
                if function.role == made.arn {
                    self.roles.insert(format!("{id}Role"), made);
                }
                self.functions.insert(id.to_owned(), function);
            }
            "AWS::IAM::Role" => {
                let role = Role::read(scope, id, resource)?;
                self.roles.insert(id.to_owned(), role);
            }
            "AWS::SQS::QueuePolicy" => {
                let (queues, statements) = role::read_queue_policy(scope, resource)?;
                for queue in queues {
                    let of_queue = self.queue_policies.entry(queue).or_default();
                    of_queue.extend(statements.iter().cloned());
                }
            }
            "AWS::CloudWatch::Alarm" => {
                let alarm = Alarm::read(scope, id, resource)?;
                self.alarms.insert(id.to_owned(), alarm);
            }
            kind if ONLY_IN_AWS.iter().any(|prefix| kind.starts_with(prefix)) => {}
            other => bail!("is an {other}, which the local platform does not play"),
        }
        Ok(())
    }
}

impl Site {
    pub(crate) fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.sqs, crate::aws::ACCOUNT)
    }
}

#[cfg(test)]
mod tests;
