//! `Rules`: what a template demands of its parameters together.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::scope::Scope;

/// Holds every assertion of the template's `Rules`.
pub(super) fn check(scope: &Scope<'_>) -> Result<()> {
    let rules = scope.document.get("Rules").and_then(Value::as_object);
    for (name, rule) in rules.into_iter().flatten() {
        check_one(scope, rule).with_context(|| format!("rule {name}"))?;
    }
    Ok(())
}

fn check_one(scope: &Scope<'_>, rule: &Value) -> Result<()> {
    if let Some(condition) = rule.get("RuleCondition")
        && !scope.truth(condition)?
    {
        return Ok(());
    }
    let assertions = rule.get("Assertions").and_then(Value::as_array);
    for assertion in assertions.context("Assertions are missing")? {
        let condition = assertion.get("Assert").context("Assert is missing")?;
        if !scope.truth(condition)? {
            let description = assertion.get("AssertDescription").and_then(Value::as_str);
            bail!("{}", description.unwrap_or("does not hold"));
        }
    }
    Ok(())
}
