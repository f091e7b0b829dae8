//! Messages that were received too often, and how they leave their queue.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use sqs::Redrive;

use crate::sending::text;
use crate::served::{Served, code};

pub(crate) const DEAD_ARN: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

/// A queue that gives messages up after so many receives, and its dead letter queue.
pub(crate) async fn pair(served: &Served, max_receive_count: u32) -> (String, String) {
    let dead = served
        .queue("dead", &[("MessageRetentionPeriod", "1209600")])
        .await;
    let policy =
        format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":{max_receive_count}}}"#);
    let alive = served.queue("alive", &[("RedrivePolicy", &policy)]).await;
    (alive, dead)
}

/// Receives everything as often as it takes to move it.
pub(crate) async fn give_up(served: &Served, alive: &str, receives: u32) {
    for _ in 0..receives {
        assert!(!served.receive(alive).await.is_empty());
        served.inside(alive).expire_visibility();
    }
    assert!(served.receive(alive).await.is_empty());
}

#[tokio::test]
async fn a_message_moves_to_the_dead_letter_queue_on_the_receive_that_would_be_one_too_many() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 2).await;
    let send = served
        .client
        .send_message()
        .queue_url(&alive)
        .message_body("poison");
    let send = send
        .message_attributes("kind", text("bad"))
        .message_group_id("group");
    let sent = send.send().await.unwrap();
    let before = served.receive_one(&alive).await;
    served.inside(&alive).expire_visibility();
    served.receive_one(&alive).await;
    served.inside(&alive).expire_visibility();
    assert!(served.inside(&dead).depth().is_empty());
    assert!(served.receive(&alive).await.is_empty());
    assert!(served.inside(&alive).depth().is_empty());

    let letter = served.receive_one(&dead).await;
    assert_eq!(letter.message_id(), sent.message_id());
    assert_eq!(letter.body(), Some("poison"));
    assert_eq!(letter.message_attributes(), before.message_attributes());
    assert_eq!(
        letter.md5_of_message_attributes(),
        sent.md5_of_message_attributes()
    );
    let (letter, before) = (letter.attributes().unwrap(), before.attributes().unwrap());
    let source = &letter[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:alive");
    assert_eq!(
        letter[&MessageSystemAttributeName::ApproximateReceiveCount],
        "3"
    );
    for kept in [
        MessageSystemAttributeName::SentTimestamp,
        MessageSystemAttributeName::MessageGroupId,
    ] {
        assert_eq!(letter[&kept], before[&kept]);
    }
}

#[tokio::test]
async fn a_receive_passes_over_spent_messages_and_gets_good_ones() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 1).await;
    served.send(&alive, "poison").await;
    served.receive_one(&alive).await;
    served.inside(&alive).expire_visibility();
    served.send(&alive, "good").await;
    let request = served.client.receive_message().queue_url(&alive);
    let answer = request.max_number_of_messages(1).send().await.unwrap();
    assert_eq!(answer.messages()[0].body(), Some("good"));
    assert_eq!(served.inside(&dead).depth().visible, 1);
}

#[tokio::test]
async fn a_waiting_consumer_of_the_dead_letter_queue_gets_the_letter() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 1).await;
    served.send(&alive, "poison").await;
    let dead = served.inside(&dead);
    let mut waiting = Box::pin(dead.receive(10, Duration::from_secs(20), None));
    assert!(futures::poll!(&mut waiting).is_pending());
    give_up(&served, &alive, 1).await;
    let letters = waiting.await.unwrap();
    assert_eq!(letters[0].dead_letter_source.as_deref(), Some("alive"));
}

#[tokio::test]
async fn a_dead_letter_is_as_old_as_its_message() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 1).await;
    served.send(&alive, "poison").await;
    served.sqs.advance(Duration::from_secs(3 * 24 * 60 * 60));
    give_up(&served, &alive, 1).await;
    served.sqs.advance(Duration::from_secs(10 * 24 * 60 * 60));
    assert_eq!(served.inside(&dead).depth().visible, 1);
    served.sqs.advance(Duration::from_secs(24 * 60 * 60));
    assert!(served.inside(&dead).depth().is_empty());
}

#[tokio::test]
async fn a_dead_letter_queue_knows_its_sources() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 1).await;
    let list = served
        .client
        .list_dead_letter_source_queues()
        .queue_url(&dead);
    assert_eq!(list.send().await.unwrap().queue_urls(), [alive]);
}

#[tokio::test]
async fn a_bad_redrive_policy_is_refused() {
    let served = Served::start().await;
    let (alive, _) = pair(&served, 1).await;
    let set = |policy: &str| {
        let request = served.client.set_queue_attributes().queue_url(&alive);
        request
            .attributes(QueueAttributeName::RedrivePolicy, policy)
            .send()
    };
    let missing = "arn:aws:sqs:us-east-1:000000000000:missing";
    for policy in [
        "no json",
        "{}",
        &format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}"}}"#),
        &format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":0}}"#),
        &format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":1001}}"#),
        &format!(r#"{{"deadLetterTargetArn":"{missing}","maxReceiveCount":3}}"#),
        r#"{"deadLetterTargetArn":"dummy","maxReceiveCount":3}"#,
    ] {
        assert_eq!(code(set(policy).await), "InvalidParameterValue", "{policy}");
    }
    let fine = format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":"1000"}}"#);
    set(&fine).await.unwrap();
    assert_eq!(
        served
            .inside(&alive)
            .attributes()
            .unwrap()
            .redrive
            .unwrap()
            .max_receive_count,
        1000
    );
    set("").await.unwrap();
    assert_eq!(served.inside(&alive).attributes().unwrap().redrive, None);
}

#[tokio::test]
async fn a_queue_takes_the_messages_of_those_that_its_redrive_allow_policy_allows() {
    let served = Served::start().await;
    let (_, dead) = pair(&served, 1).await;
    let other = served.queue("other", &[]).await;
    let set = |url: &str, name: QueueAttributeName, policy: String| {
        let request = served.client.set_queue_attributes().queue_url(url);
        request.attributes(name, policy).send()
    };
    let policy = || format!(r#"{{"deadLetterTargetArn":"{DEAD_ARN}","maxReceiveCount":1}}"#);
    // A queue that is not there yet can be allowed, so that either of the two can be made first.
    for (allow, is_allowed) in [
        (r#"{"redrivePermission":"denyAll"}"#, false),
        (
            r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:alive"]}"#,
            false,
        ),
        (
            r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:later","arn:aws:sqs:us-east-1:000000000000:other"]}"#,
            true,
        ),
        (r#"{"redrivePermission":"allowAll"}"#, true),
        ("", true),
    ] {
        let set_allow = set(
            &dead,
            QueueAttributeName::RedriveAllowPolicy,
            allow.to_owned(),
        );
        set_allow.await.unwrap();
        let answer = set(&other, QueueAttributeName::RedrivePolicy, policy()).await;
        match is_allowed {
            true => assert!(answer.is_ok(), "{allow}"),
            false => assert_eq!(code(answer), "InvalidParameterValue", "{allow}"),
        }
    }
}

#[tokio::test]
async fn a_bad_redrive_allow_policy_is_refused() {
    let served = Served::start().await;
    let (_, dead) = pair(&served, 1).await;
    let eleven = format!(r#"["{}"]"#, [DEAD_ARN; 11].join(r#"",""#));
    for policy in [
        "no json",
        "{}",
        r#"{"redrivePermission":"some"}"#,
        r#"{"redrivePermission":"byQueue"}"#,
        r#"{"redrivePermission":"byQueue","sourceQueueArns":[]}"#,
        r#"{"redrivePermission":"byQueue","sourceQueueArns":["dead"]}"#,
        &format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":{eleven}}}"#),
        &format!(r#"{{"redrivePermission":"denyAll","sourceQueueArns":["{DEAD_ARN}"]}}"#),
    ] {
        let request = served.client.set_queue_attributes().queue_url(&dead);
        let set = request.attributes(QueueAttributeName::RedriveAllowPolicy, policy);
        assert_eq!(code(set.send().await), "InvalidParameterValue", "{policy}");
    }
}

#[tokio::test]
async fn a_dead_letter_queue_with_a_redrive_of_its_own_counts_only_its_own_receives() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 2).await;
    let buried = served.queue("buried", &[]).await;
    let mut attributes = served.inside(&dead).attributes().unwrap();
    attributes.redrive = Some(Redrive {
        dead_letter_queue: "buried".to_owned(),
        max_receive_count: 1,
    });
    served.inside(&dead).set_attributes(attributes).unwrap();
    served.send(&alive, "poison").await;
    give_up(&served, &alive, 2).await;
    give_up(&served, &dead, 1).await;
    assert_eq!(served.receive_one(&buried).await.body(), Some("poison"));
}
