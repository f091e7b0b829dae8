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

/// What a new table on demand takes in a second, in read and write units, if nothing else is said.
const NEW_ON_DEMAND: (f64, f64) = (12_000.0, 4_000.0);

/// A table to create.
#[derive(Debug)]
pub struct Table {
    /// Its name in DynamoDB.
    pub name: String,
    /// The request that creates it.
    pub create: Value,
    /// The attribute that says when an item expires.
    pub ttl_attribute: Option<String>,
    /// How many read and write units a second it can take when it is new.
    pub warm_throughput: (f64, f64),
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
        let warm = properties.map("WarmThroughput")?;
        let (read, write) = (
            warm.whole_number("ReadUnitsPerSecond")?,
            warm.whole_number("WriteUnitsPerSecond")?,
        );
        let (least_read, least_write) = NEW_ON_DEMAND;
        Ok(Table {
            warm_throughput: (
                read.map_or(least_read, f64::from),
                write.map_or(least_write, f64::from),
            ),
            name,
            create: create.into(),
            ttl_attribute,
        })
    }
}
