//! Redrive: dead letters on their way back.

use crate::dead_letters::{DEAD_ARN, give_up, pair};
use crate::served::{Served, code, refusal};

#[tokio::test]
async fn dead_letters_go_back_to_where_they_came_from() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 1).await;
    served.send(&alive, "one").await;
    served.send(&alive, "two").await;
    let old = served.receive(&alive).await;
    served.inside(&alive).expire_visibility();
    assert!(served.receive(&alive).await.is_empty());
    assert_eq!(served.inside(&dead).depth().visible, 2);

    let start = served.client.start_message_move_task().source_arn(DEAD_ARN);
    let handle = start.send().await.unwrap().task_handle;
    assert!(handle.is_some_and(|handle| !handle.is_empty()));
    assert!(served.inside(&dead).depth().is_empty());
    let back = served.receive(&alive).await;
    let bodies: Vec<_> = back.iter().filter_map(|message| message.body()).collect();
    assert_eq!(bodies, ["one", "two"]);
    // They are new messages now: that they were spent is forgotten.
    assert!(
        back.iter()
            .all(|new| old.iter().all(|old| old.message_id != new.message_id))
    );

    let list = served.client.list_message_move_tasks().source_arn(DEAD_ARN);
    let answer = list.send().await.unwrap();
    let task = &answer.results()[0];
    assert_eq!(task.status(), Some("COMPLETED"));
    assert_eq!(task.approximate_number_of_messages_moved(), 2);
    assert_eq!(task.approximate_number_of_messages_to_move(), Some(2));
    assert_eq!(task.destination_arn(), None);
}

#[tokio::test]
async fn dead_letters_can_be_moved_elsewhere() {
    let served = Served::start().await;
    let (alive, _) = pair(&served, 1).await;
    let spare = served.queue("spare", &[]).await;
    served.send(&alive, "poison").await;
    give_up(&served, &alive, 1).await;
    let start = served.client.start_message_move_task().source_arn(DEAD_ARN);
    let start = start.destination_arn("arn:aws:sqs:us-east-1:000000000000:spare");
    start
        .max_number_of_messages_per_second(500)
        .send()
        .await
        .unwrap();
    assert_eq!(served.receive_one(&spare).await.body(), Some("poison"));
}

#[tokio::test]
async fn a_letter_without_a_source_stays_and_the_redrive_says_so() {
    let served = Served::start().await;
    let (_, dead) = pair(&served, 1).await;
    served.send(&dead, "sent here directly").await;
    let start = served.client.start_message_move_task().source_arn(DEAD_ARN);
    start.send().await.unwrap();
    assert_eq!(served.inside(&dead).depth().visible, 1);
    let list = served.client.list_message_move_tasks().source_arn(DEAD_ARN);
    let answer = list.send().await.unwrap();
    assert_eq!(answer.results()[0].status(), Some("FAILED"));
    assert_eq!(
        answer.results()[0].approximate_number_of_messages_moved(),
        0
    );
    assert!(answer.results()[0].failure_reason().is_some());
}

#[tokio::test]
async fn a_redrive_needs_queues_that_are_there_and_a_source_that_is_a_dead_letter_queue() {
    let served = Served::start().await;
    pair(&served, 1).await;
    let start = |source: &str, destination: Option<&str>| {
        let request = served.client.start_message_move_task().source_arn(source);
        request
            .set_destination_arn(destination.map(str::to_owned))
            .send()
    };
    let missing = "arn:aws:sqs:us-east-1:000000000000:missing";
    let alive = "arn:aws:sqs:us-east-1:000000000000:alive";
    assert_eq!(
        code(start(missing, None).await),
        "ResourceNotFoundException"
    );
    assert_eq!(
        code(start(DEAD_ARN, Some(missing)).await),
        "ResourceNotFoundException"
    );
    let (code, text) = refusal(start(alive, None).await);
    assert_eq!(code, "InvalidParameterValue");
    assert_eq!(
        text,
        "Source queue must be configured as a Dead Letter Queue."
    );
}
