//! DynamoDB, with the template's tables: dynoxide, embedded, or whatever answers at an address.

mod embedded;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::template::Table;
use crate::wire::{Refusal, Wire};
use embedded::Embedded;

/// A database that answers. An embedded one ends when this is dropped.
pub(crate) struct DynamoDb {
    wire: Wire,
    _embedded: Option<Embedded>,
}

impl DynamoDb {
    /// Makes these tables in the database at `elsewhere`, or else in one that is embedded, in
    /// memory or in the directory `data`.
    pub(crate) async fn start(
        tables: &BTreeMap<String, Table>,
        elsewhere: Option<SocketAddr>,
        data: Option<&Path>,
    ) -> Result<Self> {
        let (address, embedded) = match elsewhere {
            Some(address) => (address, None),
            None => {
                let embedded = Embedded::start(data)?;
                (embedded.address(), Some(embedded))
            }
        };
        let database = DynamoDb {
            wire: Wire::to_dynamodb(address),
            _embedded: embedded,
        };
        for (id, table) in tables {
            let made = database.ensure_table(table).await;
            made.with_context(|| id.clone())?;
        }
        Ok(database)
    }

    /// Where it answers HTTP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.wire.address()
    }

    /// Writes one item, in DynamoDB's own JSON.
    pub(crate) async fn put_item(&self, table: &str, item: Value) -> Result<()> {
        let put = json!({ "TableName": table, "Item": item });
        self.wire.call("PutItem", &put).await?;
        Ok(())
    }

    /// Reads one item, in DynamoDB's own JSON.
    pub(crate) async fn get_item(&self, table: &str, key: Value) -> Result<Option<Value>> {
        let get = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        let answer = self.wire.call("GetItem", &get).await?;
        Ok(answer.get("Item").cloned())
    }

    /// Reads every item of a table, in DynamoDB's own JSON.
    pub(crate) async fn items(&self, table: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": table, "ConsistentRead": true });
        loop {
            let mut answer = self.wire.call("Scan", &scan).await?;
            if let Some(Value::Array(found)) = answer.get_mut("Items").map(Value::take) {
                items.extend(found);
            }
            match answer.get_mut("LastEvaluatedKey").map(Value::take) {
                Some(last @ Value::Object(_)) => scan["ExclusiveStartKey"] = last,
                _ => return Ok(items),
            }
        }
    }

    /// Creates a table, unless it is there from an earlier run.
    async fn ensure_table(&self, table: &Table) -> Result<()> {
        match self.wire.call("CreateTable", &table.create).await {
            Err(error) if Refusal::code_in(&error) == Some("ResourceInUseException") => {
                return Ok(());
            }
            created => created?,
        };
        let Some(attribute) = &table.ttl_attribute else {
            return Ok(());
        };
        let ttl = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        self.wire.call("UpdateTimeToLive", &ttl).await?;
        Ok(())
    }
}
