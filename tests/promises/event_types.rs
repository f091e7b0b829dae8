//! The sample of every event type, which `functions/api/src/description/tests/event_types.rs` asks
//! for, goes all the way from the event queue to a receiver.

use std::collections::BTreeSet;
use std::fs;

use local::binaries::checkout;
use serde_json::{Value, json};

use crate::stage::Stage;

fn samples() -> Vec<Value> {
    let directory = checkout().join("infra/events/messages");
    let files = fs::read_dir(directory).expect("a directory");
    let read = |file: fs::DirEntry| fs::read_to_string(file.path()).expect("a text");
    files
        .map(|file| serde_json::from_str(&read(file.expect("a file"))).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_of_every_event_type_reaches_a_webhook_that_waits_for_it() {
    let stage = Stage::new().await;
    let samples = samples();
    let types: BTreeSet<_> = samples
        .iter()
        .map(|sample| &sample["eventType"])
        .map(Value::to_string)
        .collect();
    for sample in &samples {
        let definition = json!({
            "eventTypes": [sample["eventType"]], "requestUrl": stage.receiver.url("/hook"),
            "condition": {"actorId": sample["eventData"]["actorId"]},
        });
        let (status, made) = stage.api("POST", "/v2/webhooks", Some(&definition)).await;
        assert_eq!(status, 201, "{made}");
        let mut sample = sample.clone();
        // What comes with a run is another matter.
        sample
            .as_object_mut()
            .expect("an object")
            .remove("webhooks");
        stage.send(&sample).await;
    }
    stage.receiver.wait_for(samples.len()).await;
    stage.settled().await;
    let received = stage.receiver.received_at("/hook");
    let found: BTreeSet<_> = received
        .iter()
        .map(|post| post.json()["eventType"].to_string())
        .collect();
    assert_eq!((found, received.len()), (types, samples.len()));
    let path = "/v2/webhook-dispatches?status=SUCCEEDED&limit=100";
    let (_, page) = stage.api("GET", path, None).await;
    assert_eq!(page["data"]["count"], samples.len(), "{page}");
}
