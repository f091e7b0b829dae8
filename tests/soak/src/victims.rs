//! Who met which faults.

use std::collections::{BTreeSet, HashMap};

use local::faults::Fault;
use serde::Deserialize;

/// The faults that functions met, by what they worked at: a run, when its events were matched; a
/// dispatch, when it was delivered.
#[derive(Default)]
pub(super) struct Victims(HashMap<String, BTreeSet<Fault>>);

/// As much of an event message or a delivery message as says what it is about.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Message {
    dispatch: Option<String>,
    event_data: EventData,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventData {
    actor_run_id: String,
}

impl Victims {
    /// Those that are named by these messages, which were in the hands of whoever met a fault.
    pub(super) fn of(messages: &HashMap<String, BTreeSet<Fault>>) -> Self {
        let mut victims: HashMap<_, BTreeSet<_>> = HashMap::new();
        for (body, faults) in messages {
            let message: Message = serde_json::from_str(body).unwrap_or_default();
            let id = message.dispatch.unwrap_or(message.event_data.actor_run_id);
            victims.entry(id).or_default().extend(faults);
        }
        Victims(victims)
    }

    /// What was met by all that worked at one of these.
    pub(super) fn faults<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> BTreeSet<Fault> {
        let met = ids.into_iter().filter_map(|id| self.0.get(id));
        met.flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_concerns_the_dispatch_of_its_delivery_message_or_the_run_of_its_event_message() {
        let messages = [
            (
                r#"{"v": "1", "dispatch": "d1", "run": "r1"}"#,
                Fault::LostAnswer,
            ),
            (r#"{"eventData": {"actorRunId": "r2"}}"#, Fault::Duplicate),
            ("no JSON", Fault::Kill),
        ];
        let messages = messages.map(|(body, fault)| (body.to_owned(), BTreeSet::from([fault])));
        let victims = Victims::of(&HashMap::from(messages));
        assert_eq!(victims.faults(["d1"]), BTreeSet::from([Fault::LostAnswer]));
        assert_eq!(victims.faults(["r1"]), BTreeSet::new());
        let both = BTreeSet::from([Fault::LostAnswer, Fault::Duplicate]);
        assert_eq!(victims.faults(["d1", "d2", "r2"]), both);
    }
}
