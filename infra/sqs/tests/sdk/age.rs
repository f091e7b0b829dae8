//! The age of a queue, as its metric `ApproximateAgeOfOldestMessage` has it.

use std::time::Duration;

use sqs::NewMessage;

use crate::dead_letters::{give_up, pair};
use crate::served::Served;

const MINUTE: Duration = Duration::from_secs(60);

/// Real time passes, too, but no test takes a minute.
fn is(age: Option<Duration>, expected: Duration) -> bool {
    age.is_some_and(|age| (expected..expected + MINUTE).contains(&age))
}

#[tokio::test]
async fn the_oldest_message_counts_from_when_it_was_sent() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let queue = served.inside(&url);
    assert_eq!(queue.age_of_oldest(), None);
    served.send(&url, "old").await;
    served.sqs.advance(10 * MINUTE);
    served.send(&url, "young").await;
    assert!(is(queue.age_of_oldest(), 10 * MINUTE));
    let old = served.receive(&url).await.remove(0);
    assert_eq!(old.body(), Some("old"));
    assert!(is(queue.age_of_oldest(), 10 * MINUTE), "it is in flight");
    queue.delete(old.receipt_handle().unwrap()).unwrap();
    served.sqs.advance(MINUTE);
    assert!(is(queue.age_of_oldest(), MINUTE));
}

#[tokio::test]
async fn a_delayed_message_counts() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let delayed = NewMessage {
        body: "late".to_owned(),
        delay: Some(15 * MINUTE),
        ..NewMessage::default()
    };
    served.inside(&url).send(delayed).unwrap();
    served.sqs.advance(5 * MINUTE);
    assert!(is(served.inside(&url).age_of_oldest(), 5 * MINUTE));
}

#[tokio::test]
async fn a_message_that_was_received_three_times_does_not_count() {
    let served = Served::start().await;
    let (alive, _) = pair(&served, 5).await;
    let queue = served.inside(&alive);
    served.send(&alive, "poison").await;
    served.sqs.advance(10 * MINUTE);
    for _ in 0..2 {
        served.receive_one(&alive).await;
        queue.expire_visibility();
    }
    assert!(is(queue.age_of_oldest(), 10 * MINUTE));
    served.receive_one(&alive).await;
    assert_eq!(queue.age_of_oldest(), None);
    queue.expire_visibility();
    assert_eq!(queue.age_of_oldest(), None);
    served.send(&alive, "good").await;
    served.sqs.advance(MINUTE);
    assert!(is(queue.age_of_oldest(), MINUTE));
}

#[tokio::test]
async fn a_dead_letter_counts_from_when_it_died() {
    let served = Served::start().await;
    let (alive, dead) = pair(&served, 4).await;
    let delayed = NewMessage {
        body: "sent first, dies last".to_owned(),
        delay: Some(15 * MINUTE),
        ..NewMessage::default()
    };
    served.inside(&alive).send(delayed).unwrap();
    served.sqs.advance(5 * MINUTE);
    served.send(&alive, "sent last, dies first").await;
    give_up(&served, &alive, 4).await;
    assert!(is(served.inside(&dead).age_of_oldest(), Duration::ZERO));
    served.sqs.advance(10 * MINUTE);
    give_up(&served, &alive, 4).await;
    assert_eq!(served.inside(&dead).depth().visible, 2);
    assert!(is(served.inside(&dead).age_of_oldest(), 10 * MINUTE));
}

#[tokio::test]
async fn a_queue_that_is_gone_has_no_age() {
    let served = Served::start().await;
    let url = served.queue("q", &[]).await;
    let queue = served.inside(&url);
    served.send(&url, "lost").await;
    served.sqs.delete_queue("q").unwrap();
    assert_eq!(queue.age_of_oldest(), None);
}
