//! The properties of a resource, resolved one at a time as they are asked for: what only matters in
//! AWS is never looked at.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::scope::Scope;
use super::value::{flag_of, text_of, whole_number_of};

/// A resource's `Properties`, or a map within.
pub(super) struct Properties<'a> {
    scope: &'a Scope<'a>,
    values: Map<String, Value>,
}

impl<'a> Properties<'a> {
    /// The `Properties` of `resource`.
    pub(super) fn of(scope: &'a Scope<'a>, resource: &Value) -> Result<Self> {
        let values = match resource.get("Properties") {
            None => Map::new(),
            Some(Value::Object(values)) => values.clone(),
            Some(other) => bail!("Properties are {other}"),
        };
        Ok(Properties { scope, values })
    }

    /// The same with `defaults` beneath, as SAM merges its `Globals`: maps are merged, lists
    /// joined, anything else is overridden.
    pub(super) fn over(mut self, defaults: Option<&Value>) -> Self {
        if let Some(Value::Object(defaults)) = defaults {
            merge_beneath(&mut self.values, defaults);
        }
        self
    }

    /// The names of all properties.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn value(&self, name: &str) -> Result<Option<Value>> {
        let value = self.values.get(name);
        let resolved = value.map(|value| self.scope.resolve(value)).transpose();
        Ok(resolved.with_context(|| name.to_owned())?.flatten())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        self.read(name, text_of)
    }

    pub(super) fn whole_number(&self, name: &str) -> Result<Option<u32>> {
        self.read(name, whole_number_of)
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.read(name, flag_of)
    }

    /// The map under `name`; empty where there is none.
    pub(super) fn map(&self, name: &str) -> Result<Properties<'a>> {
        let values = self.read(name, |value| match value {
            Value::Object(values) => Ok(values.clone()),
            other => bail!("{other} is not a map"),
        })?;
        Ok(Properties {
            scope: self.scope,
            values: values.unwrap_or_default(),
        })
    }

    /// Every entry as text.
    pub(super) fn texts(&self) -> Result<Vec<(String, String)>> {
        let mut texts = Vec::new();
        for name in self.values.keys() {
            texts.extend(self.text(name)?.map(|text| (name.clone(), text)));
        }
        Ok(texts)
    }

    /// Every entry as the map that it is.
    pub(super) fn maps(&self) -> Result<Vec<(String, Properties<'a>)>> {
        let names = self.values.keys();
        names
            .map(|name| Ok((name.clone(), self.map(name)?)))
            .collect()
    }

    fn read<T>(&self, name: &str, read: fn(&Value) -> Result<T>) -> Result<Option<T>> {
        let value = self.value(name)?;
        let read = value.as_ref().map(read).transpose();
        read.with_context(|| name.to_owned())
    }
}

fn merge_beneath(values: &mut Map<String, Value>, defaults: &Map<String, Value>) {
    for (name, default) in defaults {
        match (values.get_mut(name), default) {
            (None, default) => {
                values.insert(name.clone(), default.clone());
            }
            (Some(Value::Object(own)), Value::Object(default)) => merge_beneath(own, default),
            (Some(Value::Array(own)), Value::Array(default)) => {
                own.splice(0..0, default.iter().cloned());
            }
            _ => {}
        }
    }
}
