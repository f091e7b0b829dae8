//! What a name of the template stands for on this machine: `Ref`, `Fn::GetAtt` and the pseudo
//! parameters.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use super::role;
use super::scope::{Scope, function_of};
use super::secret;
use super::substitution::{SubPiece, sub_pieces};
use super::value::text_of;
use crate::aws::{self, ACCOUNT, REGION, STACK};

impl Scope<'_> {
    /// The value of `Ref: name`.
    pub(super) fn reference(&self, name: &str) -> Result<Value> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if let Some(value) = pseudo_parameter(name, &self.site.stack) {
            return Ok(value.into());
        }
        let resource = self.resource(name)?;
        let value = match kind_of(resource)? {
            "AWS::CloudWatch::Alarm"
            | "AWS::CloudWatch::Dashboard"
            | "AWS::DynamoDB::Table"
            | "AWS::IAM::Role"
            | "AWS::Logs::LogGroup"
            | "AWS::Serverless::Function" => self.physical_name(name)?,
            "AWS::SQS::Queue" => self.site.queue_url(&self.physical_name(name)?),
            "AWS::SecretsManager::Secret" => secret::arn(&self.physical_name(name)?),
            other => bail!("{name} is an {other}, which the local platform does not play"),
        };
        Ok(value.into())
    }

    /// The value of `Fn::GetAtt: [id, attribute]`.
    pub(super) fn attribute(&self, id: &str, attribute: &str) -> Result<Value> {
        if let Some(function) = id.strip_suffix("Url")
            && attribute == "FunctionUrl"
            && self.resource(function).is_ok()
        {
            return Ok(format!("{}/", self.site.api).into());
        }
        let kind = kind_of(self.resource(id)?)?;
        let name = || self.physical_name(id);
        let value = match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => aws::arn("dynamodb", &format!("table/{}", name()?)),
            ("AWS::IAM::Role", "Arn") => role::arn_of(&name()?),
            ("AWS::Logs::LogGroup", "Arn") => aws::arn("logs", &format!("log-group:{}:*", name()?)),
            ("AWS::SQS::Queue", "Arn") => aws::arn("sqs", &name()?),
            ("AWS::SQS::Queue", "QueueName") => name()?,
            ("AWS::SQS::Queue", "QueueUrl") => self.site.queue_url(&name()?),
            ("AWS::Serverless::Function", "Arn") => aws::function_arn(&name()?),
            (kind, attribute) => {
                bail!("the local platform knows no {attribute} of {id}, an {kind}")
            }
        };
        Ok(value.into())
    }

    /// The name that a resource goes by outside of the template: its own, or one made from the
    /// stack's.
    pub(super) fn physical_name(&self, id: &str) -> Result<String> {
        let resource = self.resource(id)?;
        let stack = &self.site.stack;
        let (property, made) = match kind_of(resource)? {
            "AWS::CloudWatch::Alarm" => ("AlarmName", format!("{stack}-{id}")),
            "AWS::CloudWatch::Dashboard" => ("DashboardName", format!("{stack}-{id}")),
            "AWS::DynamoDB::Table" => ("TableName", format!("{stack}-{id}")),
            "AWS::IAM::Role" => ("RoleName", format!("{stack}-{id}")),
            "AWS::SQS::Queue" => ("QueueName", format!("{stack}-{id}")),
            "AWS::Logs::LogGroup" => ("LogGroupName", format!("{stack}-{id}")),
            "AWS::SecretsManager::Secret" => ("Name", format!("{stack}-{id}")),
            _ => ("FunctionName", short_name(id, resource)?),
        };
        let given = resource.get("Properties").and_then(|all| all.get(property));
        match given.map(|name| self.resolve(name)).transpose()?.flatten() {
            Some(name) => text_of(&name),
            None => Ok(made),
        }
    }

    fn resource(&self, id: &str) -> Result<&Value> {
        let resource = self.document.get("Resources").and_then(|all| all.get(id));
        let resource = resource.with_context(|| format!("unknown reference {id}"))?;
        if let Some(condition) = resource.get("Condition") {
            let holds = self.holds(&text_of(condition)?)?;
            ensure!(
                holds,
                "{id} is referred to, but its condition does not hold"
            );
        }
        Ok(resource)
    }
}

/// The type of a resource.
pub(super) fn kind_of(resource: &Value) -> Result<&str> {
    let kind = resource.get("Type").and_then(Value::as_str);
    kind.context("a resource has no Type")
}

/// A function's package and binary: the last segment of its `CodeUri`.
pub(super) fn short_name(id: &str, function: &Value) -> Result<String> {
    let uri = function
        .pointer("/Properties/CodeUri")
        .and_then(Value::as_str);
    let uri = uri.with_context(|| format!("{id} has no CodeUri that is a path"))?;
    let name = uri.trim_end_matches('/').rsplit('/').next();
    Ok(name.unwrap_or(uri).to_owned())
}

/// Refuses names that nothing in the template explains, wherever they stand.
pub(super) fn refuse_unknown(document: &Value) -> Result<()> {
    for part in ["Conditions", "Globals", "Outputs", "Resources", "Rules"] {
        for (name, value) in document
            .get(part)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let place = || format!("{part}: {name}");
            refuse_unknown_in(document, value).with_context(place)?;
        }
    }
    Ok(())
}

fn refuse_unknown_in(document: &Value, value: &Value) -> Result<()> {
    match value {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| refuse_unknown_in(document, item)),
        Value::Object(map) => {
            if let Some((function, argument)) = function_of(map) {
                refuse_unknown_call(document, function, argument)?;
            }
            map.values()
                .try_for_each(|value| refuse_unknown_in(document, value))
        }
        _ => Ok(()),
    }
}

fn refuse_unknown_call(document: &Value, function: &str, argument: &Value) -> Result<()> {
    let first = argument.as_str().or_else(|| argument.get(0)?.as_str());
    match (function, first) {
        ("Ref" | "Fn::GetAtt", Some(name)) => ensure_explained(document, name),
        ("Fn::If" | "Condition", Some(name)) => {
            let known = document.pointer(&format!("/Conditions/{name}")).is_some();
            ensure!(known, "unknown condition {name}");
            Ok(())
        }
        ("Fn::Sub", Some(text)) => {
            let variables = argument.get(1).and_then(Value::as_object);
            let is_own =
                |name: &str| variables.is_some_and(|own: &Map<_, _>| own.contains_key(name));
            sub_pieces(text)
                .into_iter()
                .try_for_each(|piece| match piece {
                    SubPiece::Variable(name) if !is_own(name) => {
                        ensure_explained(document, name.split('.').next().unwrap_or(name))
                    }
                    _ => Ok(()),
                })
        }
        _ => Ok(()),
    }
}

fn ensure_explained(document: &Value, name: &str) -> Result<()> {
    let resources = document.get("Resources").and_then(Value::as_object);
    // SAM makes resources of its own beside a function, named after it: its role, its URL, its
    // permissions.
    let made_by_sam = resources.into_iter().flatten().any(|(id, resource)| {
        name.starts_with(id.as_str())
            && kind_of(resource).is_ok_and(|kind| kind.contains("Serverless"))
    });
    let known = name == "AWS::NoValue"
        || pseudo_parameter(name, STACK).is_some()
        || ["Parameters", "Resources"]
            .iter()
            .any(|part| document[part].get(name).is_some());
    ensure!(known || made_by_sam, "unknown reference {name}");
    Ok(())
}

fn pseudo_parameter(name: &str, stack: &str) -> Option<String> {
    let value = match name {
        "AWS::AccountId" => ACCOUNT.to_owned(),
        "AWS::Partition" => "aws".to_owned(),
        "AWS::Region" => REGION.to_owned(),
        "AWS::StackId" => aws::arn("cloudformation", &format!("stack/{stack}/local")),
        "AWS::StackName" => stack.to_owned(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        _ => return None,
    };
    Some(value)
}
