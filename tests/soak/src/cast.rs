//! Who plays: users, their actors and tasks, and the standing webhooks on them.

use serde_json::{Value, json};

use super::hook::{EventType, Hook, Temper};

/// The users; each has the same actors and tasks, under ids of their own.
pub(super) const USERS: [&str; 3] = ["soakUser1", "soakUser2", "soakUser3"];

/// The actors of a user. The first two, which have a task each, are busy.
const ACTORS: usize = 4;

/// A template that makes the same of an event as no template does, in another order.
const TEMPLATE: &str = r#"{"resource": {{resource}}, "eventData": {{eventData}}, "eventType": {{eventType}}, "createdAt": {{createdAt}}}"#;

/// What the runs of a standing webhook's condition are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Actor(String),
    Task(String),
}

/// A standing webhook and its owner.
pub(super) struct Standing {
    pub(super) user: usize,
    pub(super) condition: Condition,
    pub(super) hook: Hook,
    pub(super) payload_template: Option<&'static str>,
}

impl Condition {
    pub(super) fn to_json(&self) -> Value {
        match self {
            Condition::Actor(id) => json!({ "actorId": id }),
            Condition::Task(id) => json!({ "actorTaskId": id }),
        }
    }
}

/// The id of a user's actor.
pub(super) fn actor(user: usize, actor: usize) -> String {
    format!("soakActor{user}x{actor}")
}

/// The id of the task that an actor of a user has.
pub(super) fn task(user: usize, actor: usize) -> String {
    format!("soakTask{user}x{actor}")
}

/// The actor of the next run, by a number from 0 to 1. Those whose receivers never accept run
/// seldom: each of their dispatches takes days.
pub(super) fn actor_by(chance: f64) -> usize {
    let bounds = [0.47, 0.94, 0.97, 1.0];
    let place = bounds.iter().position(|bound| chance < *bound);
    place.unwrap_or(ACTORS - 1)
}

/// All standing webhooks of all users.
pub(super) fn standing_webhooks() -> Vec<Standing> {
    (0..USERS.len()).flat_map(webhooks_of).collect()
}

fn webhooks_of(user: usize) -> Vec<Standing> {
    use EventType::{Created, Failed, Succeeded};
    let actor = |number| Condition::Actor(actor(user, number));
    let task = |number| Condition::Task(task(user, number));
    let all = EventType::ALL.to_vec();
    let ends = EventType::ENDS.to_vec();
    let parts = [
        (actor(0), all.clone(), Temper::Good),
        (actor(0), vec![Succeeded, Failed], Temper::Flaky),
        (task(0), vec![Created, Succeeded], Temper::Good),
        (actor(1), ends.clone(), Temper::Flaky),
        (task(1), all.clone(), Temper::Good),
        (actor(2), all.clone(), Temper::Good),
        (actor(2), vec![Succeeded], Temper::Hanging),
        (actor(2), ends.clone(), Temper::Healing),
        (actor(2), ends.clone(), Temper::Gone),
        (actor(3), ends.clone(), Temper::Refusing),
        (actor(3), all, Temper::Waking),
        (actor(3), vec![Succeeded], Temper::Dead),
    ];
    let webhook = |(number, (condition, event_types, temper))| Standing {
        user,
        payload_template: matches!(condition, Condition::Task(_)).then_some(TEMPLATE),
        condition,
        hook: Hook {
            label: format!("standing{user}x{number}"),
            event_types,
            temper,
            do_not_retry: false,
        },
    };
    parts.into_iter().enumerate().map(webhook).collect()
}
