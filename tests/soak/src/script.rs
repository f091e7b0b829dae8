//! What happens: runs, their events, and the ad hoc webhooks on them, made up from the seed.
//! Nothing here is done yet.

use std::time::Duration;

use fastrand::Rng;

use super::cast::{self, USERS};
use super::hook::{EventType, Hook, Temper};

/// How many events are sent before time passes.
const WAVE: usize = 1500;

/// A run, as its job platform knows it.
#[derive(Debug)]
pub(super) struct Run {
    /// `soakRun` and digits: it can be found in any text.
    pub(super) id: String,
    pub(super) user: usize,
    pub(super) actor: usize,
    /// Whether it was started through the actor's task.
    pub(super) has_task: bool,
    /// Defined when it was started.
    pub(super) ad_hoc: Vec<Hook>,
    /// Whether one more was, which comes to nothing.
    pub(super) has_bad_ad_hoc: bool,
    /// Defined through the API, some time after.
    pub(super) late: Vec<Hook>,
    pub(super) events: Vec<Event>,
}

/// A transition of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Event {
    pub(super) event_type: EventType,
    /// After the beginning of everything.
    pub(super) at: Duration,
}

/// What happens before time passes, by the places of runs and of their events.
#[derive(Debug, Default)]
pub(super) struct Wave {
    /// In the order in which they are sent.
    pub(super) events: Vec<(usize, usize)>,
    /// The runs whose late webhooks are defined meanwhile.
    pub(super) late: Vec<usize>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) runs: Vec<Run>,
    pub(super) waves: Vec<Wave>,
}

impl Script {
    /// As many runs as have `events` events.
    pub(super) fn of(seed: u64, events: usize) -> Self {
        let mut dice = Rng::with_seed(seed);
        let (mut runs, mut left) = (Vec::new(), events);
        let mut waves = Vec::new();
        let mut sent = 0;
        while left > 0 {
            let mut run = Run::make_up(&mut dice, runs.len());
            run.events.truncate(left);
            left -= run.events.len();
            deal(&run, runs.len(), &mut waves, sent / WAVE, &mut dice);
            sent += run.events.len();
            runs.push(run);
        }
        for wave in &mut waves {
            dice.shuffle(&mut wave.events);
        }
        Script { runs, waves }
    }

    /// The ids of the runs with an ad hoc webhook that comes to nothing.
    pub(super) fn with_bad_ad_hoc(&self) -> impl Iterator<Item = String> {
        let runs = self.runs.iter().filter(|run| run.has_bad_ad_hoc);
        runs.map(|run| run.id.clone())
    }

    /// How many events there are.
    pub(super) fn events(&self) -> usize {
        self.runs.iter().map(|run| run.events.len()).sum()
    }
}

/// Puts what a run has into the wave in which it begins, and some of it into later ones.
fn deal(run: &Run, place: usize, waves: &mut Vec<Wave>, first: usize, dice: &mut Rng) {
    let mut number = first;
    for event in 0..run.events.len() {
        number += usize::from(event > 0 && dice.f64() < 0.3);
        wave(waves, number).events.push((place, event));
    }
    if !run.late.is_empty() {
        // Some before the run has ended, some after.
        let number = first + dice.usize(..3);
        wave(waves, number).late.push(place);
    }
}

fn wave(waves: &mut Vec<Wave>, number: usize) -> &mut Wave {
    if waves.len() <= number {
        waves.resize_with(number + 1, Wave::default);
    }
    &mut waves[number]
}

impl Run {
    fn make_up(dice: &mut Rng, number: usize) -> Self {
        let id = format!("soakRun{number:08}");
        let count = match dice.f64() {
            ..0.45 => 0,
            ..0.85 => 1,
            _ => 2,
        };
        let ad_hoc = (0..count)
            .map(|place| ad_hoc_webhook(dice, format!("{id}x{place}")))
            .collect();
        let late = match dice.f64() < 0.08 {
            true => vec![ad_hoc_webhook(dice, format!("{id}xLate"))],
            false => Vec::new(),
        };
        let actor = cast::actor_by(dice.f64());
        Run {
            user: dice.usize(..USERS.len()),
            has_task: actor < 2 && dice.f64() < 0.4,
            actor,
            ad_hoc,
            has_bad_ad_hoc: dice.f64() < 0.05,
            late,
            events: events(dice, number),
            id,
        }
    }
}

/// A run is created and ends. Some are resurrected, and end once more.
fn events(dice: &mut Rng, number: usize) -> Vec<Event> {
    let mut event_types = vec![EventType::Created, end(dice)];
    if dice.f64() < 0.1 {
        event_types.extend([EventType::Resurrected, end(dice)]);
    }
    let begin = Duration::from_millis(10) * u32::try_from(number).unwrap_or(u32::MAX);
    let event = |(place, event_type)| Event {
        event_type,
        at: begin + Duration::from_secs(1) * place,
    };
    (0..).zip(event_types).map(event).collect()
}

fn end(dice: &mut Rng) -> EventType {
    match dice.f64() {
        ..0.7 => EventType::Succeeded,
        ..0.85 => EventType::Failed,
        ..0.93 => EventType::Aborted,
        _ => EventType::TimedOut,
    }
}

fn ad_hoc_webhook(dice: &mut Rng, label: String) -> Hook {
    let event_types = match dice.f64() {
        ..0.2 => vec![EventType::Created],
        ..0.5 => vec![EventType::Succeeded],
        ..0.9 => EventType::ENDS.to_vec(),
        _ => EventType::ALL.to_vec(),
    };
    let temper = match dice.f64() {
        ..0.78 => Temper::Good,
        ..0.93 => Temper::Flaky,
        ..0.95 => Temper::Hanging,
        ..0.97 => Temper::Refusing,
        ..0.98 => Temper::Gone,
        _ => Temper::Dead,
    };
    Hook {
        label,
        event_types,
        temper,
        do_not_retry: dice.f64() < 0.15,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_makes_one_script() {
        let text = |seed| format!("{:?}", Script::of(seed, 1000));
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    #[test]
    fn every_event_and_every_late_webhook_is_in_one_wave() {
        let script = Script::of(3, 5001);
        assert_eq!(script.events(), 5001);
        let sent: Vec<_> = script.waves.iter().flat_map(|wave| &wave.events).collect();
        assert_eq!(sent.len(), 5001);
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 5001);
        let late = script.waves.iter().flat_map(|wave| &wave.late).count();
        let with_late = script.runs.iter().filter(|run| !run.late.is_empty());
        assert_eq!(late, with_late.count());
        assert!(late > 0);
    }

    #[test]
    fn some_runs_end_before_they_are_created() {
        let script = Script::of(3, 1000);
        let is_early = |wave: &Wave| {
            let mut seen = HashSet::new();
            wave.events.iter().any(|(run, event)| {
                seen.insert((*run, *event));
                *event == 1 && !seen.contains(&(*run, 0))
            })
        };
        assert!(script.waves.iter().any(is_early));
    }
}
