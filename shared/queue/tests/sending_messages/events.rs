//! Putting events back.

use domain::event::Event;
use domain::event_message::parse;

use crate::stage::Stage;

/// The largest message that a queue takes.
const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn more_events_than_one_call_takes_all_come_back_as_themselves() {
    let stage = Stage::new().await;
    // What a careless copy loses: the order of keys, digits of numbers, escapes.
    let resource = r#"{"z":1.10,"a":12345678901234567890,"e":1E400,"s":"\u00e9 é \u0000 <&>"}"#;
    let mut events: Vec<Event> = (1..=23).map(|number| event(number, resource)).collect();
    events.push(build_event());
    let results = stage.event_queue().put_back(&events).await;
    assert!(
        results.len() == 24 && results.iter().all(Result::is_ok),
        "{results:?}"
    );
    assert_eq!(arrived(&stage).await, texts(&events));
}

#[tokio::test]
async fn events_that_are_too_much_for_one_call_all_come_back() {
    let stage = Stage::new().await;
    let events: Vec<Event> = (1..=5).map(|number| sized(number, 400_000)).collect();
    let results = stage.event_queue().put_back(&events).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(arrived(&stage).await == texts(&events));
}

#[tokio::test]
async fn an_event_that_is_too_large_for_the_queue_fails_alone() {
    let stage = Stage::new().await;
    let events = [
        sized(1, 10),
        sized(2, MEBIBYTE),
        sized(3, MEBIBYTE - 1000),
        sized(4, 10),
    ];
    let results = stage.event_queue().put_back(&events).await;
    let [Ok(()), Err(_), Ok(()), Ok(())] = &results[..] else {
        panic!("{results:?}")
    };
    let [first, _, third, fourth] = events;
    assert!(arrived(&stage).await == texts(&[first, third, fourth]));
}

#[tokio::test]
async fn no_events_are_no_call() {
    let stage = Stage::new().await;
    assert!(stage.event_queue().put_back(&[]).await.is_empty());
    assert!(stage.depth("EventQueue").await.is_empty());
}

/// The success of the run of that number.
fn event(number: u32, resource: &str) -> Event {
    let message = format!(
        r#"{{"eventType":"ACTOR.RUN.SUCCEEDED","createdAt":"2026-01-02T03:04:05.678Z","userId":"alice","eventId":"e \"{number}\"",
            "eventData":{{"actorId":"actor","actorTaskId":"task","actorRunId":"run{number}"}},"resource":{resource}}}"#
    );
    parse(&message, 0).unwrap().event
}

fn build_event() -> Event {
    let message = r#"{"eventType":"ACTOR.BUILD.FAILED","createdAt":"2026-01-02T03:04:05Z","userId":"alice",
        "eventData":{"actorId":"actor","actorBuildId":"build"},"resource":{}}"#;
    parse(message, 0).unwrap().event
}

/// An event whose resource has that many characters and a few more.
fn sized(number: u32, characters: usize) -> Event {
    let noise = "x".repeat(characters);
    event(number, &format!(r#"{{"noise":"{noise}"}}"#))
}

/// All that the events on the queue are, in an order of their own.
async fn arrived(stage: &Stage) -> Vec<String> {
    let received = stage.received("EventQueue").await;
    let mut events = Vec::new();
    for received in &received {
        let arrival = parse(received.body().unwrap(), 0).unwrap();
        assert!(arrival.ad_hoc.definitions.is_empty());
        events.push(arrival.event);
    }
    texts(&events)
}

/// The events, as comparable text: all that they are, and their identity.
fn texts(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| format!("{} {}", event.to_message().unwrap(), event.key().hash);
    let mut texts: Vec<_> = events.iter().map(text).collect();
    texts.sort();
    texts
}
