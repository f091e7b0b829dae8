//! Over how many partition keys of the database a webhook's dispatches are spread.
//!
//! DynamoDB gives one key 1,000 write units a second. A webhook begins with one key, and gets more
//! when its pace asks for them. Which of them a dispatch lies under must be the same whenever its
//! event comes: so a change holds for the events of a time that has not come yet, and stays on
//! record for good.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The most keys that a webhook has: one digit of an id tells them apart.
pub const MOST_KEYS: u8 = 62;
/// How long before a change holds: longer than clocks differ, and than a worker that has not read
/// of it may take. What an event that is dated further ahead lies under is settled otherwise.
pub const LEAD: Duration = Duration::from_secs(60);
/// From how far ahead an event is dated too far ahead for that.
const AHEAD: Duration = Duration::from_secs(30);
/// To whole periods of this length is rounded up what is put on record of it, so that many such
/// events, of a platform whose clock is wrong, write once.
const HELD: i64 = 10 * 60 * 1000;
/// Of so many dispatches one has its webhook's pace measured, on average.
pub const MEASURED: u32 = 512;

/// Write units that a dispatch takes of its key, first and last: it is claimed, and its attempts
/// are recorded.
const UNITS: f64 = 3.0;
/// Units that a key takes in a second.
const OF_A_KEY: f64 = 1000.0;
/// The load at which a webhook gets more keys, and the load that they are to have then: it may well
/// be that more would come if there were room.
const CROWDED: f64 = 0.4;
const ROOMY: f64 = 0.05;

/// How many keys a webhook has, from when on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// In the order of time. Before the first there is one key.
    steps: Vec<Step>,
    /// Until when the webhook has heard of events dated ahead: later changes do not hold for them.
    ahead: Option<Timestamp>,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// It holds for events from then on.
    pub from: Timestamp,
    /// So many keys.
    pub keys: u8,
}

impl Spread {
    /// That which is on record; keys are never fewer than before.
    pub fn of(steps: Vec<Step>, ahead: Option<Timestamp>) -> Self {
        Self { steps, ahead }
    }

    /// Whether an event of that time has to be put on record ([`Self::ahead`]) before its
    /// dispatches are named: a change that begins to hold before that time could come between it
    /// and its repetition.
    pub fn is_ahead(created_at: Timestamp, now: Timestamp) -> bool {
        created_at > now.after(AHEAD)
    }

    /// What is put on record.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What is put on record of an event of that time.
    pub fn held_until(created_at: Timestamp) -> Timestamp {
        let periods = created_at.as_millis().div_euclid(HELD) + 1;
        Timestamp::from_millis(periods * HELD).unwrap_or(created_at)
    }

    /// Until when events dated ahead are on record.
    pub fn ahead(&self) -> Option<Timestamp> {
        self.ahead
    }

    /// How many keys dispatches of events of that time are spread over.
    pub fn keys_at(&self, created_at: Timestamp) -> u8 {
        let holding = self.steps.iter().rev().find(|step| step.from <= created_at);
        holding.map_or(1, |step| step.keys)
    }

    /// How many keys have to be looked under for all of them.
    pub fn keys(&self) -> u8 {
        self.steps.iter().map(|step| step.keys).max().unwrap_or(1)
    }

    /// What the spread of a webhook has to become that has so many dispatches a second; `None` if
    /// it is well as it is, or if a change is under way.
    pub fn grown(&self, per_second: f64, now: Timestamp) -> Option<Self> {
        let is_under_way = self.steps.last().is_some_and(|last| last.from > now);
        let keys = self.keys();
        let load = per_second * UNITS / OF_A_KEY;
        if is_under_way || keys == MOST_KEYS || load < CROWDED * f64::from(keys) {
            return None;
        }
        let wanted = (load / ROOMY).ceil().min(f64::from(MOST_KEYS)) as u8;
        let from = now.after(LEAD);
        let after_all = |ahead: Timestamp| from.max(ahead.after(Duration::from_millis(1)));
        let mut steps = self.steps.clone();
        steps.push(Step {
            from: self.ahead.map_or(from, after_all),
            keys: wanted.max(keys.saturating_mul(2)).min(MOST_KEYS),
        });
        Some(Self { steps, ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    #[test]
    fn a_webhook_that_is_not_busy_has_one_key() {
        let spread = Spread::default();
        assert_eq!((spread.keys_at(at(0)), spread.keys()), (1, 1));
        assert_eq!(spread.grown(100.0, at(0)), None);
    }

    #[test]
    fn a_busy_webhook_gets_more_keys_for_the_events_of_a_minute_later() {
        let spread = Spread::default().grown(300.0, at(100)).unwrap();
        assert_eq!(spread.keys_at(at(159)), 1);
        assert_eq!(spread.keys_at(at(160)), 18);
        assert_eq!(spread.keys(), 18);
    }

    #[test]
    fn while_a_change_is_under_way_there_is_no_other() {
        let spread = Spread::default().grown(300.0, at(100)).unwrap();
        assert_eq!(spread.grown(5000.0, at(159)), None);
        let grown = spread.grown(5000.0, at(160)).unwrap();
        assert_eq!(grown.keys_at(at(219)), 18);
        assert_eq!(grown.keys_at(at(220)), MOST_KEYS);
        assert_eq!(grown.grown(1e9, at(1000)), None);
    }

    #[test]
    fn one_change_brings_a_webhook_from_one_key_to_five_thousand_events_a_second() {
        // One key lets through what it can take, however many come.
        let grown = Spread::default().grown(OF_A_KEY / UNITS, at(0)).unwrap();
        let of_a_key = 5000.0 * UNITS / f64::from(grown.keys());
        assert!(of_a_key < OF_A_KEY, "{of_a_key} units a second");
    }

    #[test]
    fn a_change_holds_after_every_event_that_was_dated_ahead() {
        let ahead = Spread::of(Vec::new(), Some(at(500)));
        let grown = ahead.grown(300.0, at(100)).unwrap();
        assert_eq!((grown.keys_at(at(500)), grown.keys_at(at(501))), (1, 18));
        assert_eq!(Spread::held_until(at(599)), at(600));
        assert_eq!(Spread::held_until(at(600)), at(1200));
        assert!(Spread::is_ahead(at(131), at(100)) && !Spread::is_ahead(at(130), at(100)));
    }

    proptest! {
        #[test]
        fn whatever_follows_an_event_keeps_its_keys(
            paces in proptest::collection::vec((0.0f64..20_000.0, 0i64..300), 0..8),
            event in 0i64..1000,
            dated_ahead in 0i64..500,
        ) {
            // Handled for the first time when it comes, and again after each change.
            let created_at = at(event + dated_ahead);
            let (mut spread, mut now) = (Spread::default(), 0);
            let mut known = None;
            for (pace, pause) in paces {
                now += pause;
                if now >= event {
                    if Spread::is_ahead(created_at, at(now)) {
                        spread.ahead = spread.ahead.max(Some(Spread::held_until(created_at)));
                    }
                    let keys = *known.get_or_insert(spread.keys_at(created_at));
                    prop_assert_eq!(spread.keys_at(created_at), keys);
                }
                if let Some(grown) = spread.grown(pace, at(now)) {
                    prop_assert!(grown.keys() > spread.keys());
                    spread = grown;
                }
            }
            if let Some(keys) = known {
                prop_assert_eq!(spread.keys_at(created_at), keys);
            }
        }
    }
}
