//! DynamoDB: dynoxide, embedded, with the template's tables.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use dynoxide::Database;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::template::Table;

/// How often expired items are removed. AWS takes up to days; here every item is looked at.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// A running database; it ends when this is dropped.
pub(crate) struct DynamoDb {
    database: Database,
    address: SocketAddr,
    _running: oneshot::Sender<()>,
}

impl DynamoDb {
    /// Opens the database, in memory or in the directory `data`, with these tables, and serves it on a loopback port.
    pub(crate) fn start(tables: &BTreeMap<String, Table>, data: Option<&Path>) -> Result<Self> {
        let database = open(data)?;
        for (id, table) in tables {
            ensure_table(&database, table).with_context(|| id.clone())?;
        }
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (running, stopped) = oneshot::channel();
        let served = database.clone();
        // A thread of its own: its handlers block, one at a time, under one lock.
        std::thread::Builder::new()
            .name("dynamodb".to_owned())
            .spawn(move || serve(listener, served, stopped))?;
        Ok(DynamoDb {
            database,
            address,
            _running: running,
        })
    }

    /// Where it answers HTTP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Writes one item, in DynamoDB's own JSON.
    pub(crate) fn put_item(&self, table: &str, item: Value) -> Result<()> {
        let put = request(json!({ "TableName": table, "Item": item }))?;
        self.database.put_item(put)?;
        Ok(())
    }

    /// Reads one item, in DynamoDB's own JSON.
    pub(crate) fn get_item(&self, table: &str, key: Value) -> Result<Option<Value>> {
        let get = request(json!({ "TableName": table, "Key": key, "ConsistentRead": true }))?;
        let answer = serde_json::to_value(self.database.get_item(get)?)?;
        Ok(answer.get("Item").cloned())
    }
}

/// Creates a table, unless it is there from an earlier run.
fn ensure_table(database: &Database, table: &Table) -> Result<()> {
    if database.get_table_metadata(&table.name)?.is_some() {
        return Ok(());
    }
    let create = request(table.create.clone())?;
    database.create_table(create)?;
    let Some(attribute) = &table.ttl_attribute else {
        return Ok(());
    };
    let ttl = json!({
        "TableName": table.name,
        "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
    });
    database.update_time_to_live(request(ttl)?)?;
    Ok(())
}

fn open(data: Option<&Path>) -> Result<Database> {
    let Some(directory) = data else {
        return Ok(Database::memory()?);
    };
    let file = directory.join("dynamodb.sqlite");
    let path = file.to_str().context("the path of --data is not Unicode")?;
    Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))
}

fn request<T: DeserializeOwned>(json: Value) -> Result<T> {
    Ok(serde_json::from_value(json)?)
}

fn serve(listener: std::net::TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        tracing::error!("cannot start the database's thread");
        return;
    };
    runtime.block_on(async {
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = dynoxide::server::serve_on(listener, database.clone()) => {}
            () = sweep(&database) => {}
            _ = stopped => {}
        }
    });
}

async fn sweep(database: &Database) {
    let mut timer = tokio::time::interval(SWEEP);
    loop {
        timer.tick().await;
        let database = database.clone();
        // On a thread of its own, where it gives way to the handlers after every page.
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            tracing::error!("cannot remove expired items: {error}");
        }
    }
}
