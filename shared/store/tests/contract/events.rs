//! Keeping events, and reading those of a run.

use domain::event::{Event, Subject, SubjectId};
use domain::event_type::EventType;
use domain::id::{ActorId, BuildId};

use crate::samples::{alice, at, event, large_event, run, texts};
use crate::stage::{DISPATCHES, Stage};

#[tokio::test]
async fn a_kept_event_comes_back_as_it_was() {
    let stage = Stage::new().await;
    let plain = event(1);
    let named = Event {
        platform_id: Some("transition \"7\"".to_owned()),
        created_at: at(2),
        ..event(1)
    };
    stage.keep(&[&plain, &named]).await;
    assert_eq!(events_of_run(&stage, 1).await, texts([&plain, &named]));
}

#[tokio::test]
async fn an_event_that_is_kept_twice_is_kept_once() {
    let stage = Stage::new().await;
    let event = event(1);
    for events in [&[&event][..], &[&event, &event]] {
        stage.keep(events).await;
    }
    assert_eq!(events_of_run(&stage, 1).await, texts([&event]));
}

#[tokio::test]
async fn an_event_that_needs_several_items_comes_back_as_it_was() {
    let stage = Stage::new().await;
    let large = large_event(1, 1_000_000);
    stage.keep(&[&large]).await;
    let items = stage.items(DISPATCHES, "U#alice#R#run1").await.len();
    assert!(items > 1, "it went into one item");
    assert_eq!(events_of_run(&stage, 1).await, texts([&large]));
}

#[tokio::test]
async fn an_event_that_has_lost_a_piece_counts_as_expired() {
    let stage = Stage::new().await;
    let large = large_event(1, 1_000_000);
    let whole = Event {
        created_at: at(9),
        ..event(1)
    };
    stage.keep(&[&large, &whole]).await;
    let items = stage.items(DISPATCHES, "U#alice#R#run1").await;
    let keys = items.iter().map(|item| item["sk"].as_s().unwrap());
    let piece = keys.filter(|sk| !sk.starts_with("E#")).max().unwrap();
    stage.remove(DISPATCHES, ("U#alice#R#run1", piece)).await;
    assert_eq!(events_of_run(&stage, 1).await, texts([&whole]));
}

#[tokio::test]
async fn more_events_than_one_call_takes_are_all_kept() {
    let stage = Stage::new().await;
    let events: Vec<Event> = (1..=60).map(event).collect();
    stage.keep(&events.iter().collect::<Vec<_>>()).await;
    for number in [1, 25, 26, 60] {
        assert_eq!(events_of_run(&stage, number).await, texts([&event(number)]));
    }
}

#[tokio::test]
async fn the_events_of_a_run_are_its_own_and_the_oldest_comes_first() {
    let stage = Stage::new().await;
    let of_run = |seconds, kind| Event {
        created_at: at(seconds),
        kind,
        ..event(1)
    };
    let created = of_run(5, EventType::RunCreated);
    let failed = of_run(50, EventType::RunFailed);
    let resurrected = of_run(50_000_000, EventType::RunResurrected);
    let build = build_named_like_run(1);
    // The second event's run has a name that begins with the first's.
    let others = [event(11), event(2), build.clone()];
    let all = [
        &resurrected,
        &others[0],
        &failed,
        &others[1],
        &created,
        &others[2],
    ];
    stage.keep(&all).await;
    assert_eq!(
        events_of_run(&stage, 1).await,
        texts([&created, &failed, &resurrected])
    );
    let of_build = stage
        .store
        .kept_events(&alice(), &build.subject.id())
        .await
        .unwrap();
    assert_eq!(texts(&of_build), texts([&build]));
    assert!(events_of_run(&stage, 3).await.is_empty());
}

fn build_named_like_run(number: u32) -> Event {
    Event {
        kind: EventType::BuildSucceeded,
        subject: Subject::Build {
            actor_id: ActorId::parse("actor").unwrap(),
            actor_build_id: BuildId::parse(run(number).as_str()).unwrap(),
        },
        ..event(number)
    }
}

async fn events_of_run(stage: &Stage, number: u32) -> Vec<String> {
    let subject = SubjectId::Run(run(number));
    texts(&stage.store.kept_events(&alice(), &subject).await.unwrap())
}
