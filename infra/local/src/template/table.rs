//! `AWS::DynamoDB::Table`.

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use super::properties::Properties;
use super::scope::Scope;

/// The properties that `CreateTable` takes as they stand.
const OF_CREATE_TABLE: &[&str] = &[
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
];

/// A table to create.
#[derive(Debug)]
pub struct Table {
    /// Its name in DynamoDB.
    pub name: String,
    /// The request that creates it.
    pub create: Value,
    /// The attribute that says when an item expires.
    pub ttl_attribute: Option<String>,
}

impl Table {
    /// The attribute that is the partition key.
    pub(crate) fn partition_key(&self) -> Option<&str> {
        let keys = self.create["KeySchema"].as_array()?;
        let partition = keys.iter().find(|key| key["KeyType"] == "HASH")?;
        partition["AttributeName"].as_str()
    }

    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let properties = Properties::of(scope, resource)?;
        let name = scope.physical_name(id)?;
        let mut create = Map::from_iter([("TableName".to_owned(), name.clone().into())]);
        for property in OF_CREATE_TABLE {
            let value = properties.value(property)?;
            create.extend(value.map(|value| ((*property).to_owned(), value)));
        }
        create.get("KeySchema").context("KeySchema is missing")?;
        let ttl = properties.map("TimeToLiveSpecification")?;
        let ttl_attribute = match ttl.flag("Enabled")? {
            Some(true) => ttl.text("AttributeName")?,
            _ => None,
        };
        Ok(Table {
            name,
            create: create.into(),
            ttl_attribute,
        })
    }
}
