//! Which lane an endpoint has earned: what all workers have seen of it comes together.

use domain::endpoint::{Allowance, Health, Lane, Way};
use futures::future::{join, join_all};
use store::Noted;

use crate::samples::at;
use crate::subject::Subject;

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
