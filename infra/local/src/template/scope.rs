//! What a template's functions (`Ref`, `Fn::Sub`, …) come to on this machine.

use std::cell::Cell;
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use super::Site;
use super::substitution::{SubPiece, sub_pieces};
use super::value::{text_of, whole_number_of};

/// Deeper than any honest template: what goes beyond refers to itself.
const DEEPEST: u32 = 100;

/// A template with everything that its functions can refer to.
pub(super) struct Scope<'a> {
    pub(super) document: &'a Value,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) site: &'a Site,
    depth: Cell<u32>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(
        document: &'a Value,
        parameters: BTreeMap<String, Value>,
        site: &'a Site,
    ) -> Self {
        let depth = Cell::new(0);
        Scope {
            document,
            parameters,
            site,
            depth,
        }
    }

    /// The value of every parameter as it would be given: lists with commas.
    pub(super) fn parameter_texts(&self) -> Result<BTreeMap<String, String>> {
        let text = |value: &Value| match value {
            Value::Array(items) => {
                let items = items.iter().map(text_of).collect::<Result<Vec<_>>>()?;
                Ok(items.join(","))
            }
            scalar => text_of(scalar),
        };
        let parameters = self.parameters.iter();
        parameters
            .map(|(name, value)| Ok((name.clone(), text(value)?)))
            .collect()
    }

    /// The value with every function in it carried out. `None` is `AWS::NoValue`: as if it were not
    /// written.
    pub(super) fn resolve(&self, value: &Value) -> Result<Option<Value>> {
        self.depth.set(self.depth.get() + 1);
        ensure!(self.depth.get() < DEEPEST, "a circular reference");
        let resolved = match value {
            Value::Array(items) => self.resolve_items(items).map(|items| Some(items.into())),
            Value::Object(map) => match function_of(map) {
                Some((name, argument)) => self
                    .call(name, argument)
                    .with_context(|| format!("in {name}")),
                None => self.resolve_map(map).map(|map| Some(map.into())),
            },
            plain => Ok(Some(plain.clone())),
        };
        self.depth.set(self.depth.get() - 1);
        resolved
    }

    /// Whether the named condition of the template holds.
    pub(super) fn holds(&self, name: &str) -> Result<bool> {
        let condition = self
            .document
            .get("Conditions")
            .and_then(|all| all.get(name));
        let condition = condition.with_context(|| format!("unknown condition {name}"))?;
        self.truth(condition)
    }

    /// The truth of a condition that is written out.
    pub(super) fn truth(&self, condition: &Value) -> Result<bool> {
        match self.required(condition)? {
            Value::Bool(truth) => Ok(truth),
            other => bail!("{other} is not a condition"),
        }
    }

    fn resolve_items(&self, items: &[Value]) -> Result<Vec<Value>> {
        let resolved = items.iter().map(|item| self.resolve(item));
        resolved.filter_map(Result::transpose).collect()
    }

    fn resolve_map(&self, map: &Map<String, Value>) -> Result<Map<String, Value>> {
        let mut resolved = Map::new();
        for (key, value) in map {
            if let Some(value) = self.resolve(value)? {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(resolved)
    }

    fn required(&self, value: &Value) -> Result<Value> {
        let resolved = self.resolve(value)?;
        resolved.context("AWS::NoValue stands where a value is needed")
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Option<Value>> {
        let value = match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => return Ok(None),
                Some(name) => self.reference(name)?,
                None => bail!("{argument} is not a name"),
            },
            "Condition" => self.holds(&text_of(argument)?)?.into(),
            "Fn::GetAtt" => {
                let [id, attribute] = self.texts(argument)?;
                self.attribute(&id, &attribute)?
            }
            "Fn::If" => {
                let [condition, yes, no] = parts(argument)?;
                let holds = self.holds(&text_of(condition)?)?;
                return self.resolve(if holds { yes } else { no });
            }
            "Fn::Equals" => {
                let [left, right] = self.texts(argument)?;
                (left == right).into()
            }
            "Fn::Not" => {
                let [condition] = parts(argument)?;
                (!self.truth(condition)?).into()
            }
            "Fn::And" => self.truths(argument)?.into_iter().all(|truth| truth).into(),
            "Fn::Or" => self.truths(argument)?.into_iter().any(|truth| truth).into(),
            "Fn::Contains" => self.contains(argument)?.into(),
            "Fn::Join" => self.join(argument)?.into(),
            "Fn::Split" => {
                let [separator, text] = self.texts(argument)?;
                text.split(separator.as_str()).collect()
            }
            "Fn::Select" => self.select(argument)?,
            "Fn::FindInMap" => self.find_in_map(argument)?,
            "Fn::Sub" => self.substitute(argument)?.into(),
            other => bail!("{other} is not known to the local platform"),
        };
        Ok(Some(value))
    }

    fn texts<const N: usize>(&self, argument: &Value) -> Result<[String; N]> {
        let texts = parts::<N>(argument)?
            .iter()
            .map(|part| text_of(&self.required(part)?))
            .collect::<Result<Vec<_>>>()?;
        texts
            .try_into()
            .map_err(|_| anyhow::anyhow!("{argument} does not have {N} parts"))
    }

    fn list(&self, value: &Value) -> Result<Vec<Value>> {
        match self.required(value)? {
            Value::Array(items) => Ok(items),
            other => bail!("{other} is not a list"),
        }
    }

    fn truths(&self, argument: &Value) -> Result<Vec<bool>> {
        let Value::Array(conditions) = argument else {
            bail!("{argument} is not a list");
        };
        conditions.iter().map(|one| self.truth(one)).collect()
    }

    fn contains(&self, argument: &Value) -> Result<bool> {
        let [list, wanted] = parts(argument)?;
        let wanted = text_of(&self.required(wanted)?)?;
        let mut found = false;
        for item in self.list(list)? {
            found |= text_of(&item)? == wanted;
        }
        Ok(found)
    }

    fn join(&self, argument: &Value) -> Result<String> {
        let [separator, items] = parts(argument)?;
        let items = self
            .list(items)?
            .iter()
            .map(text_of)
            .collect::<Result<Vec<_>>>()?;
        Ok(items.join(&text_of(separator)?))
    }

    fn select(&self, argument: &Value) -> Result<Value> {
        let [index, items] = parts(argument)?;
        let index = whole_number_of(&self.required(index)?)?;
        let item = self.list(items)?.into_iter().nth(index as usize);
        item.with_context(|| format!("there is no item {index}"))
    }

    fn find_in_map(&self, argument: &Value) -> Result<Value> {
        let [map, first, second] = self.texts(argument)?;
        self.document
            .pointer(&format!("/Mappings/{map}/{first}/{second}"))
            .cloned()
            .with_context(|| format!("there is no {map}.{first}.{second} in Mappings"))
    }

    fn substitute(&self, argument: &Value) -> Result<String> {
        let nothing = Map::new();
        let (text, own) = match argument {
            Value::String(text) => (text.as_str(), &nothing),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text), Value::Object(own)] => (text.as_str(), own),
                _ => bail!("{argument} is not a text and its variables"),
            },
            other => bail!("{other} is not text"),
        };
        let mut result = String::new();
        for piece in sub_pieces(text) {
            match piece {
                SubPiece::Text(text) => result.push_str(text),
                SubPiece::Variable(name) => {
                    let value = match (own.get(name), name.split_once('.')) {
                        (Some(own), _) => self.required(own)?,
                        (None, Some((id, attribute))) => self.attribute(id, attribute)?,
                        (None, None) => self.reference(name)?,
                    };
                    result.push_str(&text_of(&value)?);
                }
            }
        }
        Ok(result)
    }
}

/// The function that an object stands for, if it stands for one.
pub(super) fn function_of(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    let is_function =
        name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.is_string());
    is_function.then_some((name.as_str(), argument))
}

fn parts<const N: usize>(argument: &Value) -> Result<&[Value; N]> {
    let parts = argument
        .as_array()
        .and_then(|parts| parts.as_slice().try_into().ok());
    parts.with_context(|| format!("{argument} does not have {N} parts"))
}
