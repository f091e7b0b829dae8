//! How many invocations a mapping may have under way: Lambda begins with few, and adds to them
//! while there is more to do.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What Lambda begins with.
const FIRST: usize = 5;

/// One more after each of these: 300 a minute.
const STEP: Duration = Duration::from_millis(200);

/// The pace of one mapping.
pub(super) struct Pace {
    maximum: usize,
    /// Since when there has been more to do than was allowed at first.
    busy_since: Option<Instant>,
}

impl Pace {
    pub(super) fn up_to(maximum: usize) -> Self {
        Pace {
            maximum,
            busy_since: None,
        }
    }

    /// Waits until one more invocation is allowed.
    pub(super) async fn room_beside(&mut self, under_way: &mut JoinSet<()>) {
        while under_way.try_join_next().is_some() {}
        if under_way.is_empty() {
            self.busy_since = None;
        }
        loop {
            let busy = self
                .busy_since
                .map_or(Duration::ZERO, |since| since.elapsed());
            let allowed = allowed_after(busy).min(self.maximum);
            if under_way.len() < allowed {
                return;
            }
            self.busy_since.get_or_insert_with(Instant::now);
            tokio::select! {
                _ = under_way.join_next() => {}
                () = sleep_until(Instant::now() + STEP), if allowed < self.maximum => {}
            }
        }
    }
}

fn allowed_after(busy: Duration) -> usize {
    let steps = busy.as_millis() / STEP.as_millis();
    FIRST.saturating_add(usize::try_from(steps).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_mapping_is_allowed_five_more_each_second() {
        assert_eq!(allowed_after(Duration::ZERO), 5);
        assert_eq!(allowed_after(Duration::from_secs(1)), 10);
        assert_eq!(allowed_after(Duration::from_secs(60)), 305);
    }

    #[tokio::test]
    async fn one_at_a_time_is_never_more() {
        let mut pace = Pace::up_to(1);
        let mut under_way = JoinSet::new();
        pace.room_beside(&mut under_way).await;
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        under_way.spawn(async { drop(ended.await) });
        {
            let mut room = std::pin::pin!(pace.room_beside(&mut under_way));
            assert!(futures::poll!(room.as_mut()).is_pending());
            drop(end);
            room.await;
        }
        assert!(under_way.is_empty());
    }
}
