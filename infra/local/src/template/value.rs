//! Reading resolved values: CloudFormation takes `30`, `"30"` and `true`, `"true"` for the same.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A scalar as text.
pub(super) fn text_of(value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => bail!("{other} is not text"),
    }
}

/// A whole number, however it was written.
pub(super) fn whole_number_of(value: &Value) -> Result<u32> {
    let text = text_of(value)?;
    text.parse()
        .with_context(|| format!("{text:?} is not a whole number"))
}

/// True or false, however it was written.
pub(super) fn flag_of(value: &Value) -> Result<bool> {
    let text = text_of(value)?;
    text.parse()
        .with_context(|| format!("{text:?} is neither true nor false"))
}
