//! What is on record, read past the API.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::Stage;

/// A dispatch, as it is on record.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) attempts: u32,
    pub(crate) reason: Option<String>,
    pub(crate) calls: Vec<HashMap<String, AttributeValue>>,
}

impl Stage {
    /// Every dispatch on record.
    pub(crate) async fn dispatches(&self) -> Vec<Recorded> {
        self.dispatch_items().await.iter().map(recorded).collect()
    }

    pub(crate) async fn dispatch_items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let table = self.platform.endpoints().tables["DispatchesTable"].clone();
        let pages = self
            .dynamodb
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items: Vec<_> = pages.collect::<Result<_, _>>().await.expect("a table");
        let is_dispatch = |item: &HashMap<String, AttributeValue>| {
            item["sk"].as_s().is_ok_and(|sk| sk.starts_with("D#"))
        };
        items.retain(is_dispatch);
        items
    }

    /// Bodies and reasons on the rejected queue.
    pub(crate) async fn rejected(&self) -> Vec<(String, String)> {
        let url = self.platform.endpoints().queues["RejectedQueue"].clone();
        let receive = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_attribute_names("All");
        let answer = receive.send().await.expect("a queue");
        let reason = |message: &aws_sdk_sqs::types::Message| {
            let attributes = message.message_attributes().expect("attributes");
            attributes["Reason"]
                .string_value()
                .unwrap_or_default()
                .to_owned()
        };
        let messages = answer.messages().iter();
        messages
            .map(|message| {
                (
                    message.body().unwrap_or_default().to_owned(),
                    reason(message),
                )
            })
            .collect()
    }
}

fn recorded(item: &HashMap<String, AttributeValue>) -> Recorded {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let calls = item
        .get("calls")
        .and_then(|calls| calls.as_l().ok())
        .cloned()
        .unwrap_or_default();
    Recorded {
        id: text("id").expect("an id"),
        status: text("status").expect("a status"),
        attempts: item["attempts"]
            .as_n()
            .expect("a number")
            .parse()
            .expect("a number"),
        reason: text("reason"),
        calls: calls
            .iter()
            .filter_map(|call| call.as_m().ok().cloned())
            .collect(),
    }
}
