//! How long a received message stays hidden, and what its handle can still do.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::Message;

use crate::served::{Served, code, refusal};

async fn delete(served: &Served, url: &str, message: &Message) {
    let request = served.client.delete_message().queue_url(url);
    let request = request.set_receipt_handle(message.receipt_handle.clone());
    request.send().await.unwrap();
}

#[tokio::test]
async fn a_message_comes_back_with_a_new_handle_when_its_visibility_is_over() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let start = Instant::now();
    let request = served.client.receive_message().queue_url(&url);
    let first = request
        .visibility_timeout(1)
        .send()
        .await
        .unwrap()
        .messages
        .unwrap()
        .remove(0);
    let request = served.client.receive_message().queue_url(&url);
    let answer = request.wait_time_seconds(20).send().await.unwrap();
    assert!(
        start.elapsed() >= Duration::from_millis(990),
        "{:?}",
        start.elapsed()
    );
    let again = &answer.messages()[0];
    assert_eq!(again.message_id(), first.message_id());
    assert_ne!(again.receipt_handle(), first.receipt_handle());
}

#[tokio::test]
async fn the_queue_says_how_long_a_message_stays_hidden() {
    let served = Served::start().await;
    let url = served.queue("q", &[("VisibilityTimeout", "900")]).await;
    served.send(&url, "hello").await;
    served.receive_one(&url).await;
    served.sqs.advance(Duration::from_secs(800));
    assert!(served.receive(&url).await.is_empty());
    served.sqs.advance(Duration::from_secs(100));
    served.receive_one(&url).await;
}

#[tokio::test]
async fn a_visibility_of_43_200_seconds_passes_and_43_201_do_not() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let receive = |seconds: i32| {
        let request = served.client.receive_message().queue_url(&url);
        request.visibility_timeout(seconds).send()
    };
    assert_eq!(code(receive(43_201).await), "InvalidParameterValue");
    let received = receive(43_200).await.unwrap().messages.unwrap().remove(0);
    let change = |seconds: i32| {
        let request = served.client.change_message_visibility().queue_url(&url);
        let request = request.set_receipt_handle(received.receipt_handle.clone());
        request.visibility_timeout(seconds).send()
    };
    change(43_100).await.unwrap();
    for refused in [43_201, -1] {
        assert_eq!(code(change(refused).await), "InvalidParameterValue");
    }
    let attribute = aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
    let set = |seconds: &str| {
        let request = served.client.set_queue_attributes().queue_url(&url);
        request.attributes(attribute.clone(), seconds).send()
    };
    set("43200").await.unwrap();
    assert_eq!(code(set("43201").await), "InvalidAttributeValue");
}

#[tokio::test]
async fn a_message_stays_hidden_for_twelve_hours_in_all_at_most() {
    let served = Served::start().await;
    let url = served.queue("q", &[("VisibilityTimeout", "43200")]).await;
    served.send(&url, "hello").await;
    let received = served.receive_one(&url).await;
    served.sqs.advance(Duration::from_secs(43_000));
    let change = |seconds: i32| {
        let request = served.client.change_message_visibility().queue_url(&url);
        let request = request.set_receipt_handle(received.receipt_handle.clone());
        request.visibility_timeout(seconds).send()
    };
    change(100).await.unwrap();
    let (code, text) = refusal(change(300).await);
    assert_eq!(code, "InvalidParameterValue");
    assert!(
        text.ends_with("is beyond the limit [43200 seconds]"),
        "{text}"
    );
}

#[tokio::test]
async fn visibility_can_be_shortened_prolonged_and_ended() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let change = |message: &Message, seconds: i32| {
        let request = served.client.change_message_visibility().queue_url(&url);
        let request = request.set_receipt_handle(message.receipt_handle.clone());
        request.visibility_timeout(seconds).send()
    };
    let message = served.receive_one(&url).await;
    change(&message, 600).await.unwrap();
    served.sqs.advance(Duration::from_secs(500));
    assert!(served.receive(&url).await.is_empty());
    change(&message, 100).await.unwrap();
    served.sqs.advance(Duration::from_secs(100));
    let message = served.receive_one(&url).await;
    change(&message, 0).await.unwrap();
    served.receive_one(&url).await;
}

#[tokio::test]
async fn a_garbage_handle_or_one_of_another_queue_is_refused() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let other = served.queue("other", &[]).await;
    served.send(&other, "hello").await;
    let foreign = served.receive_one(&other).await.receipt_handle.unwrap();
    for handle in ["garbage", "Z2FyYmFnZQ==", &foreign] {
        let delete = served.client.delete_message().queue_url(&url);
        let error = delete.receipt_handle(handle).send().await.unwrap_err();
        assert!(
            error
                .as_service_error()
                .unwrap()
                .is_receipt_handle_is_invalid()
        );
        let (code, text) = refusal(Err::<(), _>(error));
        assert_eq!(code, "ReceiptHandleIsInvalid");
        assert_eq!(
            text,
            format!("The input receipt handle \"{handle}\" is not a valid receipt handle.")
        );
        let change = served.client.change_message_visibility().queue_url(&url);
        let change = change.receipt_handle(handle).visibility_timeout(1);
        let error = change.send().await.unwrap_err().into_service_error();
        assert!(error.is_receipt_handle_is_invalid());
    }
}

#[tokio::test]
async fn an_old_handle_deletes_its_message_until_it_is_received_again() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let queue = served.inside(&url);
    served.send(&url, "visible again").await;
    let message = served.receive_one(&url).await;
    queue.expire_visibility();
    delete(&served, &url, &message).await;
    assert!(queue.depth().is_empty());

    served.send(&url, "received again").await;
    let first = served.receive_one(&url).await;
    queue.expire_visibility();
    let second = served.receive_one(&url).await;
    delete(&served, &url, &first).await;
    assert_eq!(queue.depth().in_flight, 1);
    delete(&served, &url, &second).await;
    assert!(queue.depth().is_empty());
}

#[tokio::test]
async fn deleting_twice_is_fine_and_hiding_what_is_deleted_is_not() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let message = served.receive_one(&url).await;
    delete(&served, &url, &message).await;
    delete(&served, &url, &message).await;
    let change = served.client.change_message_visibility().queue_url(&url);
    let change = change.set_receipt_handle(message.receipt_handle.clone());
    let (code, text) = refusal(change.visibility_timeout(1).send().await);
    assert_eq!(code, "InvalidParameterValue");
    let reason = "Message does not exist or is not available for visibility timeout change.";
    assert!(text.ends_with(reason), "{text}");
}

#[tokio::test]
async fn hiding_a_message_that_is_visible_again_changes_nothing() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    served.send(&url, "hello").await;
    let message = served.receive_one(&url).await;
    served.inside(&url).expire_visibility();
    let change = served.client.change_message_visibility().queue_url(&url);
    let change = change.set_receipt_handle(message.receipt_handle.clone());
    change.visibility_timeout(60).send().await.unwrap();
    assert_eq!(served.inside(&url).depth().visible, 1);
}
