//! What is known of endpoints: what all workers have seen of one comes together, and of many that act on it at once one does.

use std::slice;

use domain::endpoint::{
    Allowance, Endpoint, Health, Lane, MOST_OUTAGES, Outage, ScopeId, Scopes, Way,
};
use domain::request_url::RequestUrl;
use futures::future::{join, join_all};
use store::{Failure, Noted};

use crate::samples::{alice, at};
use crate::stage::Stage;

/// What is tried at `https://example.com/`, and what is known of it.
struct Subject {
    stage: Stage,
    endpoint: Endpoint,
    scopes: Scopes,
}

impl Subject {
    async fn new() -> Self {
        Self {
            stage: Stage::new().await,
            endpoint: Endpoint {
                user: alice(),
                host: "example.com".to_owned(),
            },
            scopes: scopes("https://example.com/"),
        }
    }

    async fn known(&self) -> Health {
        let endpoints = slice::from_ref(&self.endpoint);
        let (mut healths, _) = self.stage.store.healths(endpoints, &[]).await.unwrap();
        healths.remove(&self.endpoint).unwrap_or_default()
    }

    /// An attempt to which the URL gave no answer.
    async fn silence(&self, now: u32) -> Outage {
        let url = &self.scopes.url;
        let health = self
            .fail(&Health::default(), failure(url, Some(url)), now)
            .await;
        health.outages[url].clone()
    }

    async fn fail(&self, known: &Health, failure: Failure<'_>, now: u32) -> Health {
        let store = &self.stage.store;
        let noted = store
            .note_failure(&self.endpoint, known, failure, at(now))
            .await;
        noted.unwrap()
    }

    async fn succeed(&self, is_slow: bool) {
        let scopes: Vec<&ScopeId> = self.scopes.all().collect();
        let store = &self.stage.store;
        let noted = store
            .note_success(&self.endpoint, &scopes, is_slow, at(5))
            .await;
        noted.unwrap();
    }

    async fn pause(&self, read: &Outage, until: u32) -> bool {
        let url = &self.scopes.url;
        let store = &self.stage.store;
        let paused = store
            .pause(&self.endpoint, url, read, at(until), at(5))
            .await;
        paused.unwrap()
    }

    async fn be_slow(&self, until: u32, now: u32) -> Noted {
        let noted = self
            .stage
            .store
            .note_slow(&self.endpoint, at(until), at(now));
        noted.await.unwrap()
    }

    async fn trust(&self, until: u32) {
        let noted = self
            .stage
            .store
            .note_trust(&self.endpoint, at(until), at(1));
        noted.await.unwrap();
    }
}

fn scopes(url: &str) -> Scopes {
    Scopes::of(&RequestUrl::parse(url).unwrap(), true)
}

fn failure<'s>(url: &'s ScopeId, dead: Option<&'s ScopeId>) -> Failure<'s> {
    Failure {
        url,
        dead,
        passed: &[],
    }
}

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
    let failed = failure(url, Some(connection));
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
    let failed = failure(&subject.scopes.url, None);
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
    let failed = failure(url, Some(connection));
    let known = subject.fail(&Health::default(), failed, 1).await;
    let later = Failure {
        url,
        dead: Some(url),
        passed: &[connection],
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
        .fail(&Health::default(), failure(&bad, Some(&bad)), 2)
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
    let failed = failure(&subject.scopes.url, None);
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
        known = subject.fail(&known, failure(&url, Some(&url)), now).await;
    }
    assert_eq!(known.outages.len(), MOST_OUTAGES);
    assert!(!known.outages.contains_key(&url(0)));
    assert!(known.outages.contains_key(&url(MOST_OUTAGES)));
    let connection = &subject.scopes.connection;
    let failed = failure(&subject.scopes.url, Some(connection));
    known = subject.fail(&known, failed, 99).await;
    assert!(known.outages.contains_key(connection));
    assert!(known.outages.len() <= MOST_OUTAGES + 1);
}

#[tokio::test]
async fn a_slow_endpoint_stays_slow_until_a_success_was_quick() {
    let subject = Subject::new().await;
    subject.silence(1).await;
    assert_eq!(subject.be_slow(60, 2).await, Noted::First);
    assert_eq!(subject.be_slow(3600, 3).await, Noted::Again);
    subject.succeed(true).await;
    let expected = Health {
        slow_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(subject.known().await, expected);
    assert_eq!(subject.be_slow(9000, 3600).await, Noted::First);
    subject.succeed(false).await;
    assert_eq!(subject.known().await, Health::default());
}

#[tokio::test]
async fn of_many_who_note_at_once_that_an_endpoint_is_slow_one_is_the_first() {
    let subject = Subject::new().await;
    let noted = join_all((0..20).map(|_| subject.be_slow(60, 2))).await;
    let first = noted.iter().filter(|noted| **noted == Noted::First);
    assert_eq!(first.count(), 1);
}

#[tokio::test]
async fn trust_and_a_failure_at_the_same_time_are_both_kept() {
    let subject = Subject::new().await;
    for _ in 0..20 {
        join(subject.trust(3600), subject.silence(1)).await;
        let known = subject.known().await;
        assert_eq!(known.trusted_until, Some(at(3600)));
        assert!(known.outages.contains_key(&subject.scopes.url));
        subject.succeed(false).await;
    }
}

#[tokio::test]
async fn trust_that_is_noted_late_does_not_make_a_slow_endpoint_quick() {
    let subject = Subject::new().await;
    let _ = subject.be_slow(60, 2).await;
    subject.trust(3600).await;
    let known = subject.known().await;
    let way = known.way(&subject.scopes, &Allowance::default(), Lane::Fast, at(59));
    assert_eq!(way, Way::SlowLane);
}

#[tokio::test]
async fn an_endpoint_is_trusted_until_it_is_slow() {
    let subject = Subject::new().await;
    subject.trust(3600).await;
    subject.succeed(false).await;
    let trusted = Health {
        trusted_until: Some(at(3600)),
        ..Health::default()
    };
    assert_eq!(subject.known().await, trusted);
    let _ = subject.be_slow(60, 2).await;
    let slow = Health {
        slow_until: Some(at(60)),
        ..Health::default()
    };
    assert_eq!(subject.known().await, slow);
}
