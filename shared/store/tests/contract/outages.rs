//! What of an endpoint fails: what all workers have seen of it comes together, and of many that act
//! on it at once one does.

use domain::endpoint::{Health, MOST_OUTAGES, Outage, Scopes};
use futures::future::join_all;
use store::Failure;

use crate::samples::at;
use crate::subject::{Subject, scopes};

#[tokio::test]
async fn attempts_without_an_answer_are_counted_from_the_first_failure_on() {
    let subject = Subject::new().await;
    assert_eq!(subject.known().await, Health::default());
    for unanswered in 1..=3 {
        let expected = Outage {
            since: Some(at(1)),
            asked_at: Some(at(unanswered)),
            unanswered,
            ..Outage::default()
        };
        assert_eq!(subject.silence(unanswered).await, expected);
        assert_eq!(subject.known().await.outages[&subject.scopes.url], expected);
    }
}

#[tokio::test]
async fn failures_at_once_are_all_counted() {
    let subject = Subject::new().await;
    join_all((0..20).map(|_| subject.silence(1))).await;
    let known = subject.known().await;
    assert_eq!(known.outages[&subject.scopes.url].unanswered, 20);
}

#[tokio::test]
async fn a_failure_to_connect_concerns_all_urls_there_and_its_own_is_on_record_as_asked() {
    let subject = Subject::new().await;
    let Scopes {
        url, connection, ..
    } = &subject.scopes;
    let failed = subject.failure(url, Some(connection));
    let health = subject.fail(&Health::default(), failed, 1).await;
    let asked = Outage {
        since: Some(at(1)),
        asked_at: Some(at(1)),
        ..Outage::default()
    };
    let dead = Outage {
        unanswered: 1,
        ..asked.clone()
    };
    assert_eq!(health.outages.len(), 2);
    assert_eq!(
        (&health.outages[url], &health.outages[connection]),
        (&asked, &dead)
    );
}

#[tokio::test]
async fn an_answer_ends_the_count_and_the_pause_but_not_the_failing() {
    let subject = Subject::new().await;
    let dead = subject.silence(1).await;
    assert!(subject.pause(&dead, 60).await);
    let failed = subject.failure(&subject.scopes.url, None);
    let health = subject.fail(&Health::default(), failed, 2).await;
    let failing = Outage {
        since: Some(at(1)),
        asked_at: Some(at(2)),
        ..Outage::default()
    };
    assert_eq!(health.outages[&subject.scopes.url], failing);
    assert_eq!(subject.known().await, health);
}

#[tokio::test]
async fn what_has_worked_on_the_way_to_a_failure_fails_no_more() {
    let subject = Subject::new().await;
    let Scopes {
        url, connection, ..
    } = &subject.scopes;
    let failed = subject.failure(url, Some(connection));
    let known = subject.fail(&Health::default(), failed, 1).await;
    let later = Failure {
        url,
        dead: Some(url),
        passed: &[connection],
        of: subject.of(),
    };
    let health = subject.fail(&known, later, 2).await;
    assert_eq!(health.outages.keys().collect::<Vec<_>>(), [url]);
}

#[tokio::test]
async fn a_success_ends_every_outage_of_its_own_and_no_other() {
    let subject = Subject::new().await;
    let dead = subject.silence(1).await;
    assert!(subject.pause(&dead, 60).await);
    let bad = scopes("https://example.com/bad").url;
    subject
        .fail(&Health::default(), subject.failure(&bad, Some(&bad)), 2)
        .await;
    subject.succeed(false).await;
    let known = subject.known().await;
    assert_eq!(known.outages.keys().collect::<Vec<_>>(), [&bad]);
    // What fails after that begins anew.
    let again = subject.silence(9).await;
    assert_eq!((again.since, again.unanswered), (Some(at(9)), 1));
}

#[tokio::test]
async fn of_many_who_pause_a_scope_at_once_one_does() {
    let subject = Subject::new().await;
    let mut read = subject.silence(1).await;
    // The first time, and the next one, which is for whoever finds the first one over.
    for pauses in 1..=2 {
        let asked = (1..=20).map(|number| subject.pause(&read, pauses * 100 + number));
        let done = join_all(asked).await;
        let made: Vec<u32> = (1..=20)
            .zip(done)
            .filter(|(_, done)| *done)
            .map(|(number, _)| pauses * 100 + number)
            .collect();
        let [made] = made[..] else {
            panic!("one is made: {made:?}")
        };
        read = Outage {
            paused_until: Some(at(made)),
            pauses,
            ..read
        };
        assert_eq!(subject.known().await.outages[&subject.scopes.url], read);
    }
}

#[tokio::test]
async fn a_pause_that_an_answer_has_ended_is_not_prolonged() {
    let subject = Subject::new().await;
    let dead = subject.silence(1).await;
    assert!(subject.pause(&dead, 60).await);
    let paused = subject.known().await.outages[&subject.scopes.url].clone();
    let failed = subject.failure(&subject.scopes.url, None);
    let alive = subject.fail(&Health::default(), failed, 2).await;
    assert!(!subject.pause(&paused, 180).await);
    assert_eq!(subject.known().await, alive);
}

#[tokio::test]
async fn an_item_holds_so_many_outages_and_forgets_the_one_that_was_asked_longest_ago() {
    let subject = Subject::new().await;
    let mut known = Health::default();
    let url = |number: usize| scopes(&format!("https://example.com/{number}")).url;
    for number in 0..=MOST_OUTAGES {
        let url = url(number);
        let now = u32::try_from(number).unwrap();
        known = subject
            .fail(&known, subject.failure(&url, Some(&url)), now)
            .await;
    }
    assert_eq!(known.outages.len(), MOST_OUTAGES);
    assert!(!known.outages.contains_key(&url(0)));
    assert!(known.outages.contains_key(&url(MOST_OUTAGES)));
    let connection = &subject.scopes.connection;
    let failed = subject.failure(&subject.scopes.url, Some(connection));
    known = subject.fail(&known, failed, 99).await;
    assert!(known.outages.contains_key(connection));
    assert!(known.outages.len() <= MOST_OUTAGES + 1);
}
