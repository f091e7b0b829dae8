//! What is kept of the creation of a run, and what is told of a run's events without what they
//! carry.

use domain::event::{Event, SubjectId};
use domain::event_type::EventType;
use domain::late::Happened;
use store::Kept;

use crate::samples::{alice, at, event, large_event, run, texts, until};
use crate::stage::{DISPATCHES, Stage};

/// The creation of Alice's run 1, told at this second with so many characters that nothing
/// compresses much.
fn creation(seconds: u32, characters: usize) -> Event {
    Event {
        kind: EventType::RunCreated,
        created_at: at(seconds),
        ..large_event(1, characters)
    }
}

async fn kept(stage: &Stage) -> Vec<String> {
    let subject = SubjectId::Run(run(1));
    texts(&stage.store.kept_events(&alice(), &subject).await.unwrap())
}

/// The words that count once this event is kept.
async fn keep(stage: &Stage, event: &Event) -> Vec<String> {
    match stage.store.keep(&[event], until()).await.remove(0).unwrap() {
        Kept::AsItCame => texts([event]),
        Kept::Before(known) => texts([&*known]),
    }
}

#[tokio::test]
async fn a_creation_is_kept_once_in_the_words_that_came_first() {
    let sizes = [(10, 20), (1_000_000, 900_000), (10, 900_000), (900_000, 10)];
    for (first, second) in sizes {
        let stage = Stage::new().await;
        let (first, second) = (creation(5, first), creation(3, second));
        for event in [&first, &second, &first, &second] {
            assert!(keep(&stage, event).await == texts([&first]));
        }
        assert!(kept(&stage).await == texts([&first]));
    }
}

#[tokio::test]
async fn of_two_creations_that_are_kept_together_one_counts_for_both() {
    let stage = Stage::new().await;
    let both = [creation(5, 700_000), creation(3, 800_000)];
    stage.keep(&[&both[0], &both[1]]).await;
    let counts = kept(&stage).await;
    assert_eq!(counts.len(), 1);
    for event in &both {
        assert!(keep(&stage, event).await == counts);
    }
}

#[tokio::test]
async fn what_has_happened_is_told_without_what_the_events_carry() {
    let stage = Stage::new().await;
    let failed = Event {
        kind: EventType::RunFailed,
        created_at: at(9),
        platform_id: Some("id".to_owned()),
        ..large_event(1, 500_000)
    };
    let events = [creation(5, 500_000), event(1), failed];
    let [created, succeeded, failed] = &events;
    stage.keep(&[failed, created, &event(2), succeeded]).await;
    let subject = SubjectId::Run(run(1));
    let expected = events.each_ref().map(Happened::of);
    let key = succeeded.key();
    let sk = format!("E#{}#{}", key.created_at.as_millis(), key.hash);
    for version in ["this", "an older one, which said nothing of itself"] {
        let happened = stage.store.happened(&alice(), &subject).await.unwrap();
        assert_eq!(happened, expected, "{version}");
        stage
            .forget(DISPATCHES, ("U#alice#R#run1", &sk), "kind")
            .await;
    }
    let wanted = [&expected[2], &expected[0]];
    let found = stage.store.kept_among(&alice(), &subject, &wanted).await;
    assert!(texts(&found.unwrap()) == texts([created, failed]));
}
