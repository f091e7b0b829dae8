//! What CloudFormation tells of a stack: its `Outputs`, and the names that its resources go by.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::reference::kind_of;
use super::scope::Scope;
use super::value::text_of;

/// One of the template's `Outputs`.
#[derive(Clone, Debug)]
pub struct Output {
    /// What it comes to.
    pub value: String,
    /// What the template says of it.
    pub description: String,
}

/// A resource of the stack.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its logical id.
    pub id: String,
    /// Its type, as CloudFormation names it once SAM has translated the template.
    pub kind: String,
    /// What it is called outside of the template.
    pub name: String,
}

/// Every output whose condition holds, by its key.
pub(super) fn outputs(scope: &Scope<'_>) -> Result<BTreeMap<String, Output>> {
    let declared = scope.document.get("Outputs").and_then(Value::as_object);
    let mut outputs = BTreeMap::new();
    for (key, output) in declared.into_iter().flatten() {
        if let Some(output) = read(scope, output).with_context(|| format!("output {key}"))? {
            outputs.insert(key.clone(), output);
        }
    }
    Ok(outputs)
}

fn read(scope: &Scope<'_>, output: &Value) -> Result<Option<Output>> {
    if let Some(condition) = output.get("Condition").and_then(Value::as_str)
        && !scope.holds(condition)?
    {
        return Ok(None);
    }
    let value = output.get("Value").context("has no Value")?;
    let value = scope.resolve(value)?.context("has AWS::NoValue")?;
    let description = output.get("Description").and_then(Value::as_str);
    Ok(Some(Output {
        value: text_of(&value)?,
        description: description.unwrap_or_default().to_owned(),
    }))
}

/// What is to be told of a resource.
pub(super) fn resource(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Resource> {
    let kind = match kind_of(resource)? {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        kind => kind,
    };
    // Queues go by their URL, and secrets by their ARN; what this machine does not play has no
    // other name than its id.
    let name = match scope.reference(id) {
        Ok(name) => text_of(&name)?,
        Err(_) => format!("{}-{id}", scope.site.stack),
    };
    Ok(Resource {
        id: id.to_owned(),
        kind: kind.to_owned(),
        name,
    })
}
