//! Queues as a whole: made, found, listed, emptied, deleted.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use axum::body::Body;
use axum::http::Request;
use sqs::{ErrorCode, QueueAttributes, Sqs};
use tower::ServiceExt;

use crate::served::{Served, code, refusal};

#[tokio::test]
async fn a_queue_is_created_once_and_a_different_one_of_the_same_name_is_refused() {
    let served = Served::start().await;
    let url = served.queue("q", &[("DelaySeconds", "7")]).await;
    assert_eq!(served.queue("q", &[("DelaySeconds", "7")]).await, url);
    assert_eq!(served.queue("q", &[]).await, url);
    let create = served.client.create_queue().queue_name("q");
    let create = create.attributes(QueueAttributeName::DelaySeconds, "8");
    let (code, text) = refusal(create.send().await);
    assert_eq!(code, "QueueAlreadyExists");
    assert!(
        text.ends_with("a different value for attribute DelaySeconds"),
        "{text}"
    );
}

#[tokio::test]
async fn a_queue_without_a_proper_name_is_refused() {
    let served = Served::start().await;
    let create = |name: &str| served.client.create_queue().queue_name(name).send();
    for name in ["", "with space", "with/slash", &"q".repeat(81)] {
        assert_eq!(
            code(create(name).await),
            "InvalidParameterValue",
            "{name:?}"
        );
    }
    let (code, text) = refusal(create("orders.fifo").await);
    assert_eq!(code, "AWS.SimpleQueueService.UnsupportedOperation");
    assert!(text.contains("Only standard queues"), "{text}");
    create(&"q".repeat(80)).await.unwrap();
}

#[tokio::test]
async fn queues_are_found_by_name_and_listed_by_prefix_in_pages() {
    let served = Served::start().await;
    let mut urls = Vec::new();
    for name in ["a-1", "a-2", "a-3", "b-1"] {
        urls.push(served.queue(name, &[]).await);
    }
    let get = served.client.get_queue_url().queue_name("a-2");
    assert_eq!(
        get.send().await.unwrap().queue_url(),
        Some(urls[1].as_str())
    );
    let list = || served.client.list_queues();
    assert_eq!(list().send().await.unwrap().queue_urls(), urls);
    let page = list()
        .queue_name_prefix("a-")
        .max_results(2)
        .send()
        .await
        .unwrap();
    assert_eq!(page.queue_urls(), &urls[..2]);
    let rest = list()
        .queue_name_prefix("a-")
        .set_next_token(page.next_token);
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.queue_urls(), &urls[2..3]);
    assert_eq!(rest.next_token(), None);
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_not_found_by_any_operation() {
    let served = Served::start().await;
    let url = served.queue("gone", &[]).await;
    let mut waiting = Box::pin({
        let queue = served.inside(&url);
        async move { queue.receive(1, Duration::from_secs(20), None).await }
    });
    assert!(futures::poll!(&mut waiting).is_pending());
    served
        .client
        .delete_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        waiting.await.unwrap_err().code(),
        ErrorCode::QueueDoesNotExist
    );

    let missing = "AWS.SimpleQueueService.NonExistentQueue";
    let client = &served.client;
    let (found, text) = refusal(client.get_queue_url().queue_name("gone").send().await);
    assert_eq!(
        (found.as_str(), text.as_str()),
        (missing, "The specified queue does not exist.")
    );
    let send = client
        .send_message()
        .queue_url(&url)
        .message_body("a")
        .send()
        .await;
    assert!(
        send.as_ref()
            .unwrap_err()
            .as_service_error()
            .unwrap()
            .is_queue_does_not_exist()
    );
    assert_eq!(code(send), missing);
    assert_eq!(
        code(client.receive_message().queue_url(&url).send().await),
        missing
    );
    assert_eq!(
        code(client.purge_queue().queue_url(&url).send().await),
        missing
    );
    assert_eq!(
        code(client.delete_queue().queue_url(&url).send().await),
        missing
    );
    assert_eq!(
        code(client.get_queue_attributes().queue_url(&url).send().await),
        missing
    );
    let delete = client.delete_message().queue_url(&url).receipt_handle("a");
    assert_eq!(code(delete.send().await), missing);
}

#[tokio::test]
async fn a_queue_url_with_another_host_names_the_same_queue() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    for other in [
        "http://127.0.0.1:4402/000000000000/q",
        "http://localhost:1/000000000000/q",
        "https://sqs.us-east-1.amazonaws.com/000000000000/q",
        "q",
    ] {
        served.send(other, "hello").await;
    }
    assert_eq!(served.inside(&url).depth().visible, 4);
    let strange = "http://127.0.0.1:4402/111111111111/q";
    let send = served
        .client
        .send_message()
        .queue_url(strange)
        .message_body("a");
    assert_eq!(
        code(send.send().await),
        "AWS.SimpleQueueService.NonExistentQueue"
    );
}

#[tokio::test]
async fn a_purge_deletes_everything_and_is_allowed_once_a_minute() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let send = |delay: i32| {
        let request = served.client.send_message().queue_url(&url);
        request.message_body("hello").delay_seconds(delay).send()
    };
    send(0).await.unwrap();
    served.receive_one(&url).await;
    send(0).await.unwrap();
    send(60).await.unwrap();
    let purge = || served.client.purge_queue().queue_url(&url).send();
    purge().await.unwrap();
    assert!(served.inside(&url).depth().is_empty());
    let error = purge().await.unwrap_err().into_service_error();
    assert!(error.is_purge_queue_in_progress());
    served.sqs.advance(Duration::from_secs(60));
    purge().await.unwrap();
}

#[tokio::test]
async fn what_is_no_sqs_request_is_refused_as_aws_refuses_it() {
    let router = Sqs::new().router();
    let post = |target: &str, body: &str| {
        let request = Request::post("/").header("x-amz-target", target);
        router
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).unwrap())
    };
    for (target, body, expected) in [
        (
            "AmazonSQS.Nonsense",
            "{}",
            "UnknownOperationException;Sender",
        ),
        (
            "Other.SendMessage",
            "{}",
            "UnknownOperationException;Sender",
        ),
        (
            "AmazonSQS.SendMessage",
            "no json",
            "SerializationException;Sender",
        ),
        (
            "AmazonSQS.SendMessage",
            r#"{"QueueUrl":1}"#,
            "SerializationException;Sender",
        ),
        ("AmazonSQS.SendMessage", "{}", "MissingParameter;Sender"),
    ] {
        let answer = post(target, body).await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.headers()["x-amzn-query-error"], expected);
        assert_eq!(
            answer.headers()["content-type"],
            "application/x-amz-json-1.0"
        );
        assert!(answer.headers().contains_key("x-amzn-requestid"));
    }
}

#[tokio::test]
async fn a_queue_made_in_process_obeys_the_same_rules() {
    let served = Served::start().await;
    let attributes = QueueAttributes {
        delay: Duration::from_secs(901),
        ..QueueAttributes::default()
    };
    let refused = served.sqs.create_queue("q", attributes).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::InvalidAttributeValue);
    let queue = served
        .sqs
        .create_queue("q", QueueAttributes::default())
        .unwrap();
    assert_eq!(queue.url(&served.endpoint), served.queue("q", &[]).await);
}
