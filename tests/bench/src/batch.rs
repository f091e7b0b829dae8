//! A batch of messages as Lambda hands it to a function.

use serde_json::{Value, json};

/// The payload of an invocation that brings these messages from this queue.
pub(super) fn of(bodies: &[&String], queue_arn: &str) -> String {
    let record = |(place, body): (usize, &&String)| {
        json!({
            "messageId": format!("message-{place}"),
            "receiptHandle": "handle",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795000000000",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1795000000001",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": "us-east-1",
        })
    };
    let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
    json!({ "Records": records }).to_string()
}
