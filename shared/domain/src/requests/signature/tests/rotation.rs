//! Which keys are live while a secret, or a master, is changed.

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn versions(current: u32, previous_until: Option<i64>) -> SecretVersions {
    SecretVersions {
        current,
        previous_until: previous_until.map(at),
    }
}

#[test]
fn the_secret_before_the_current_one_is_live_until_its_time() {
    for (versions, seconds, expected) in [
        (versions(1, None), 0, &[1][..]),
        (versions(2, None), 0, &[2]),
        (versions(2, Some(10)), 9, &[2, 1]),
        (versions(2, Some(10)), 10, &[2]),
        (versions(7, Some(10)), 0, &[7, 6]),
        // Written by nobody: there is no secret before the first.
        (versions(1, Some(10)), 0, &[1]),
    ] {
        let live: Vec<_> = versions.live(at(seconds)).collect();
        assert_eq!(live, expected, "{versions:?} at {seconds}");
    }
}

#[test]
fn no_secret_dies_before_its_time_unless_all_of_them_must() {
    let first = SecretVersions::default();
    let second = first.rotated(at(0), DAY).unwrap();
    assert_eq!(second, versions(2, Some(86_400)));
    assert_eq!(second.rotated(at(86_399), DAY), Err(StillLive(at(86_400))));
    assert_eq!(
        second.rotated(at(86_400), DAY),
        Ok(versions(3, Some(172_800)))
    );
    assert_eq!(second.rotated(at(1), Duration::ZERO), Ok(versions(3, None)));
    assert_eq!(first.rotated(at(1), Duration::ZERO), Ok(versions(2, None)));
}

/// While both a webhook's secret and the master are changed, whoever has any of the four keys can
/// verify.
#[test]
fn every_live_combination_signs_and_no_other() {
    let mut webhook = webhook("U1", 'w', 2);
    webhook.secret = versions(2, Some(10));
    for other in ["next", "previous"] {
        let masters = masters(&[("current", MASTER), (other, ANOTHER)]);
        for (seconds, live, dead) in [(0, 4, 2), (10, 2, 4)] {
            let signer = masters.signer(&webhook, at(seconds));
            let signature = signer.sign(&dispatch(), at(seconds), b"body");
            assert_eq!(signature.matches("v1,").count(), live);
            assert_eq!(signature.matches("v1a,").count(), live);
            let takers = [
                (MASTER, 3),
                (MASTER, 2),
                (ANOTHER, 2),
                (MASTER, 1),
                (ANOTHER, 1),
                (ANOTHER, 3),
            ];
            let taken = takers.map(|(master, version)| {
                let holder = super::masters(&[("current", master)]);
                let webhook = super::webhook("U1", 'w', version);
                let taken = is_taken(
                    &holder.secret(&webhook),
                    &signature,
                    dispatch().as_str(),
                    seconds,
                    b"body",
                );
                let message = message(dispatch().as_str(), seconds, b"body");
                let key = holder.public_key(&webhook).to_string();
                assert_eq!(is_taken_by_key(&key, &signature, &message), taken);
                taken
            });
            let previous = live == 4;
            assert_eq!(taken, [false, true, true, previous, previous, false]);
            assert_eq!(taken.iter().filter(|taken| !**taken).count(), dead);
        }
    }
}

#[test]
fn the_secret_that_is_shown_signs_first() {
    let mut webhook = webhook("U1", 'w', 2);
    webhook.secret = versions(2, Some(10));
    let masters = masters(&[("current", MASTER), ("previous", ANOTHER)]);
    let signature = masters
        .signer(&webhook, at(0))
        .sign(&dispatch(), at(0), b"");
    let first = signature.split(' ').next().unwrap();
    assert!(is_taken(
        &masters.secret(&webhook),
        first,
        dispatch().as_str(),
        0,
        b""
    ));
}
