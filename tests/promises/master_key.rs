//! The master key, as an operator reads and changes it.

use aws_sdk_secretsmanager::Client;
use serde_json::Value;

use crate::stage::{Stage, config};

/// What is in the secret.
pub(crate) async fn read(stage: &Stage) -> Value {
    let get = client(stage).get_secret_value().secret_id(arn(stage));
    let answer = get.send().await.expect("a secret");
    serde_json::from_str(answer.secret_string().expect("a text")).expect("JSON")
}

/// Gives the secret another value.
pub(crate) async fn put(stage: &Stage, value: &Value) {
    let put = client(stage).put_secret_value().secret_id(arn(stage));
    let put = put.secret_string(value.to_string());
    put.send().await.expect("the secret takes it");
}

fn arn(stage: &Stage) -> &str {
    &stage.platform.endpoints().secrets["MasterKey"]
}

fn client(stage: &Stage) -> Client {
    Client::new(&config(&stage.platform.endpoints().secrets_manager))
}
