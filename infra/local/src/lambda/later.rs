//! Asynchronous invocations: an event waits in a queue of Lambda's own, until the function has
//! taken it or failed it too often.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::oneshot;

use super::function::Function;
use super::invocation::Outcome;
use crate::template::Patience;

/// A failed event waits this long before it is tried again, and twice as long the next time.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// A throttled event waits this long, then twice as long each time.
const AFTER_THROTTLE: Duration = Duration::from_secs(1);

/// But never longer than this.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What has become of an event so far.
#[derive(Default)]
struct Past {
    failures: u32,
    throttles: u32,
    /// Since it was accepted, as far as it waited.
    age: Duration,
}

/// Has the function take an event, however often that has to be tried. `attempted` hears when the
/// first try is over.
pub(super) async fn carry_out(
    function: Arc<Function>,
    event: Bytes,
    attempted: oneshot::Sender<()>,
) {
    let (mut past, mut attempted) = (Past::default(), Some(attempted));
    loop {
        let running = function.activity().begin();
        let outcome = function.invoke(event.clone()).await;
        if let Some(attempted) = attempted.take() {
            // Who waited may have gone.
            let _ = attempted.send(());
        }
        if let Outcome::Answered(_) = outcome {
            return;
        }
        let settings = function.settings();
        let Some(pause) = past.pause_after(&outcome, &settings.patience) else {
            let name = &settings.short_name;
            tracing::error!("{name:<8} an event is dropped: Lambda tries it no more");
            return;
        };
        let passed = function.clock().pass(pause);
        // Whoever moves the clock when nothing runs finds the event waiting.
        drop(running);
        passed.await;
    }
}

impl Past {
    /// How long an event waits that was not taken. `None`: it is given up.
    fn pause_after(&mut self, outcome: &Outcome, patience: &Patience) -> Option<Duration> {
        let pause = match outcome {
            Outcome::Throttled(_) => {
                let pause = AFTER_THROTTLE
                    .saturating_mul(1 << self.throttles.min(16))
                    .min(LONGEST);
                self.throttles += 1;
                pause
            }
            _ if self.failures == patience.retries => return None,
            _ => {
                self.failures += 1;
                AFTER_FAILURE * self.failures
            }
        };
        self.age += pause;
        (self.age <= patience.maximum_age).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::concurrency::Limit;

    fn failed() -> Outcome {
        Outcome::Failed(Bytes::new())
    }

    fn pauses(outcomes: impl IntoIterator<Item = Outcome>, patience: &Patience) -> Vec<u64> {
        let mut past = Past::default();
        let pauses = outcomes
            .into_iter()
            .map_while(|outcome| past.pause_after(&outcome, patience));
        pauses.map(|pause| pause.as_secs()).collect()
    }

    #[test]
    fn an_event_that_fails_is_tried_twice_more() {
        let failures = || std::iter::repeat_with(failed).take(9);
        assert_eq!(pauses(failures(), &Patience::default()), [60, 120]);
        let none = Patience {
            retries: 0,
            ..Patience::default()
        };
        assert!(pauses(failures(), &none).is_empty());
    }

    #[test]
    fn an_event_that_is_throttled_is_tried_for_six_hours() {
        let throttles = std::iter::repeat_with(|| Outcome::Throttled(Limit::Account));
        let pauses = pauses(throttles.take(1000), &Patience::default());
        assert_eq!(pauses[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        let hours = pauses.iter().sum::<u64>() as f64 / 3600.0;
        assert!((5.9..=6.0).contains(&hours), "{hours}");
    }

    #[test]
    fn throttles_and_failures_are_counted_apart() {
        let throttled = || Outcome::Throttled(Limit::Reserved);
        let outcomes = [
            throttled(),
            failed(),
            throttled(),
            failed(),
            throttled(),
            failed(),
        ];
        assert_eq!(pauses(outcomes, &Patience::default()), [1, 60, 2, 120, 4]);
    }

    #[test]
    fn no_event_becomes_older_than_it_may() {
        let patience = Patience {
            retries: 2,
            maximum_age: Duration::from_secs(90),
        };
        assert_eq!(pauses([failed(), failed()], &patience), [60]);
    }
}
