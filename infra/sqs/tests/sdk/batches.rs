//! Batches: ten entries pass, each fails on its own, and what is wrong with the batch refuses it
//! whole.

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message_batch::{SendMessageBatchError, SendMessageBatchOutput};
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    SendMessageBatchRequestEntry,
};

use crate::served::{Served, code, refusal};

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    let entry = SendMessageBatchRequestEntry::builder().id(id);
    entry.message_body(body).build().unwrap()
}

fn entries(count: usize) -> Vec<SendMessageBatchRequestEntry> {
    (0..count).map(|n| entry(&n.to_string(), "hello")).collect()
}

async fn send(
    served: &Served,
    url: &str,
    entries: Vec<SendMessageBatchRequestEntry>,
) -> Result<SendMessageBatchOutput, SdkError<SendMessageBatchError>> {
    let request = served.client.send_message_batch().queue_url(url);
    request.set_entries(Some(entries)).send().await
}

#[tokio::test]
async fn ten_messages_go_in_one_batch() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let answer = send(&served, &url, entries(10)).await.unwrap();
    assert_eq!(answer.failed().len(), 0);
    let sent: Vec<_> = answer.successful().iter().map(|entry| entry.id()).collect();
    assert_eq!(sent, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let received = served.receive(&url).await;
    for (sent, received) in answer.successful().iter().zip(&received) {
        assert_eq!(Some(sent.message_id()), received.message_id());
        assert_eq!(Some(sent.md5_of_message_body()), received.md5_of_body());
    }
}

#[tokio::test]
async fn a_batch_of_eleven_of_none_or_with_bad_ids_is_refused() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let (code, text) = refusal(send(&served, &url, entries(11)).await);
    assert_eq!(code, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest");
    assert!(text.ends_with("You have sent 11."), "{text}");
    let too_many = send(&served, &url, entries(11)).await.unwrap_err();
    assert!(
        too_many
            .into_service_error()
            .is_too_many_entries_in_batch_request()
    );
    let none = send(&served, &url, Vec::new()).await.unwrap_err();
    assert!(none.into_service_error().is_empty_batch_request());
    let twice = vec![entry("same", "a"), entry("same", "b")];
    let twice = send(&served, &url, twice).await.unwrap_err();
    assert!(twice.into_service_error().is_batch_entry_ids_not_distinct());
    for id in ["", "with space", "with:colon", &"long".repeat(21)] {
        let bad = send(&served, &url, vec![entry(id, "a")]).await.unwrap_err();
        assert!(bad.into_service_error().is_invalid_batch_entry_id(), "{id}");
    }
    assert!(served.inside(&url).depth().is_empty());
}

#[tokio::test]
async fn the_same_rules_hold_for_deleting_and_hiding_in_batches() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let delete = |count: usize| {
        let entry = DeleteMessageBatchRequestEntry::builder().receipt_handle("x");
        let entries = (0..count).map(|n| entry.clone().id(n.to_string()).build().unwrap());
        let request = served.client.delete_message_batch().queue_url(&url);
        request.set_entries(Some(entries.collect())).send()
    };
    let hide = |count: usize| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().receipt_handle("x");
        let entries = (0..count).map(|n| entry.clone().id(n.to_string()).build().unwrap());
        let request = served
            .client
            .change_message_visibility_batch()
            .queue_url(&url);
        request.set_entries(Some(entries.collect())).send()
    };
    let too_many = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
    assert_eq!(code(delete(11).await), too_many);
    assert_eq!(code(hide(11).await), too_many);
    let empty = "AWS.SimpleQueueService.EmptyBatchRequest";
    assert_eq!(code(delete(0).await), empty);
    assert_eq!(code(hide(0).await), empty);
}

#[tokio::test]
async fn a_bad_entry_fails_and_its_neighbours_are_sent() {
    let served = Served::start().await;
    let url = served.queue("q", &[("MaximumMessageSize", "1024")]).await;
    let long = "a".repeat(1025);
    let batch = vec![
        entry("good", "a"),
        entry("bad", "\u{1}"),
        entry("long", &long),
    ];
    let answer = send(&served, &url, batch).await.unwrap();
    assert_eq!(answer.successful().len(), 1);
    let failed: Vec<_> = answer
        .failed()
        .iter()
        .map(|entry| (entry.id(), entry.code()))
        .collect();
    assert_eq!(
        failed,
        [
            ("bad", "InvalidMessageContents"),
            ("long", "InvalidParameterValue")
        ]
    );
    assert!(answer.failed().iter().all(|entry| entry.sender_fault()));
    assert_eq!(served.receive_one(&url).await.body(), Some("a"));
}

#[tokio::test]
async fn messages_are_deleted_and_hidden_in_batches() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    send(&served, &url, entries(4)).await.unwrap();
    let received = served.receive(&url).await;
    let handles: Vec<_> = received
        .iter()
        .map(|message| message.receipt_handle().unwrap())
        .collect();

    let delete = |id: &str, handle: &str| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(id);
        entry.receipt_handle(handle).build().unwrap()
    };
    let request = served.client.delete_message_batch().queue_url(&url);
    let request = request
        .entries(delete("a", handles[0]))
        .entries(delete("b", handles[1]));
    let answer = request
        .entries(delete("c", "garbage"))
        .send()
        .await
        .unwrap();
    let done: Vec<_> = answer.successful().iter().map(|entry| entry.id()).collect();
    assert_eq!(done, ["a", "b"]);
    assert_eq!(answer.failed()[0].id(), "c");
    assert_eq!(answer.failed()[0].code(), "ReceiptHandleIsInvalid");

    let hide = |id: &str, handle: &str, seconds: i32| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(id);
        let entry = entry.receipt_handle(handle).visibility_timeout(seconds);
        entry.build().unwrap()
    };
    let request = served
        .client
        .change_message_visibility_batch()
        .queue_url(&url);
    let request = request
        .entries(hide("a", handles[2], 0))
        .entries(hide("b", handles[3], 43_201));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "a");
    assert_eq!(answer.failed()[0].id(), "b");
    assert_eq!(answer.failed()[0].code(), "InvalidParameterValue");
    let depth = served.inside(&url).depth();
    assert_eq!((depth.visible, depth.in_flight), (1, 1));
}
