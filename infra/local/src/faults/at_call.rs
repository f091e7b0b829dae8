//! What a function's call to DynamoDB or SQS meets.

use std::time::Duration;

use axum::http::HeaderMap;
use fastrand::Rng;

use super::{AtCall, Fault, Mishaps, Refusal};
use crate::gateway::calls::{Call, Service};
use crate::gateway::kill::Moment;

/// The share of refusals and lost answers that every attempt of a call meets, so that the function
/// itself hears of it.
const STUBBORN: f64 = 0.3;

/// The share of late calls for which nobody waits any more when they are carried out: an attempt is
/// given up after 5 seconds.
const TOO_LATE: f64 = 0.01;

/// How late a call is otherwise, at most.
const LATE: Duration = Duration::from_millis(200);

/// How much rarer faults are at a query: a sweep asks hundreds of buckets, and at the usual chance
/// none would ever come to its end.
const QUERIES: f64 = 0.1;

/// Operations on several items or messages, of which some can be left undone.
const DIVISIBLE: [&str; 4] = [
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "SendMessageBatch",
];

/// Writes that a transaction can be in the way of.
const COLLIDING: [&str; 4] = ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"];

impl Mishaps {
    /// What the attempt of a call by a function meets, if anything. `held` are the bodies of the
    /// messages that the caller works at.
    pub(crate) fn at_call(
        &self,
        call: &Call,
        headers: &HeaderMap,
        held: impl FnOnce() -> Vec<String>,
    ) -> Option<AtCall> {
        let is_spared = self
            .plan
            .function
            .as_ref()
            .is_some_and(|function| *function != call.caller);
        if is_spared || call.service == Service::SecretsManager {
            return None;
        }
        let id = text(headers, "amz-sdk-invocation-id");
        if let Some(again) = self.stubborn.lock().get(id) {
            return Some(*again);
        }
        // Of the attempts of one call only the first is left to chance: more would never be in a
        // row.
        if !text(headers, "amz-sdk-request").starts_with("attempt=1") {
            return None;
        }
        let place = format!("{} {}", call.caller, call.operation);
        let (fault, met, is_stubborn) = self
            .dice
            .roll(&place, |dice| self.choose(&call.operation, dice))?;
        if is_stubborn {
            self.stubborn.lock().insert(id.to_owned(), met);
        }
        self.trail.lock().add(fault, held());
        Some(met)
    }

    fn choose(&self, operation: &str, dice: &mut Rng) -> Option<(Fault, AtCall, bool)> {
        let possible = [
            Fault::Throttle,
            Fault::Error,
            Fault::LostAnswer,
            Fault::Latency,
            Fault::Conflict,
            Fault::Partial,
            Fault::Kill,
            Fault::Freeze,
        ];
        let share = match operation {
            "Query" => QUERIES,
            _ => 1.0,
        };
        // All are asked, so that leaving one out does not change what the others do.
        let chosen = possible.map(|fault| dice.f64() < self.chance(fault) * share);
        let detail = dice.u64(..);
        let mut chosen = possible
            .into_iter()
            .zip(chosen)
            .filter_map(|(fault, is_chosen)| is_chosen.then_some(fault));
        let fault = chosen.find(|fault| self.may_happen(*fault) && concerns(*fault, operation))?;
        let mut dice = Rng::with_seed(detail);
        let is_stubborn = dice.f64() < STUBBORN;
        let met = met(fault, &mut dice);
        let is_stubborn = is_stubborn && matches!(met, AtCall::Refuse(_) | AtCall::LoseAnswer);
        Some((fault, met, is_stubborn))
    }
}

fn concerns(fault: Fault, operation: &str) -> bool {
    match fault {
        Fault::Conflict => COLLIDING.contains(&operation),
        Fault::Partial => DIVISIBLE.contains(&operation),
        _ => true,
    }
}

fn met(fault: Fault, dice: &mut Rng) -> AtCall {
    let moment = match dice.bool() {
        true => Moment::BeforeCall,
        false => Moment::AfterCall,
    };
    match fault {
        Fault::Throttle => AtCall::Refuse(Refusal::Throttled),
        Fault::Error => AtCall::Refuse(Refusal::Failed),
        Fault::Conflict => AtCall::Refuse(Refusal::InConflict),
        Fault::LostAnswer => AtCall::LoseAnswer,
        Fault::Partial => AtCall::Divide(dice.u64(..)),
        Fault::Kill => AtCall::Kill(moment),
        Fault::Freeze => AtCall::Freeze(moment, seconds(1.0 + 2.0 * dice.f64())),
        _ if dice.f64() < TOO_LATE => AtCall::Delay(seconds(5.5)),
        _ => AtCall::Delay(LATE.mul_f64(dice.f64())),
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Faults, Plan};

    fn mishaps(faults: Faults) -> Mishaps {
        Mishaps::new(Plan {
            seed: 7,
            faults,
            factor: 1.0,
            function: None,
        })
    }

    fn call(operation: &str) -> Call {
        Call {
            caller: "ingest".to_owned(),
            service: Service::DynamoDb,
            operation: operation.to_owned(),
        }
    }

    fn attempt(id: u32, attempt: u32) -> HeaderMap {
        let headers = [
            ("amz-sdk-invocation-id", id.to_string()),
            ("amz-sdk-request", format!("attempt={attempt}; max=4")),
        ];
        let header =
            |(name, value): (&'static str, String)| (name.parse().unwrap(), value.parse().unwrap());
        headers.into_iter().map(header).collect()
    }

    fn at_calls(mishaps: &Mishaps, operation: &str, count: u32) -> Vec<Option<AtCall>> {
        (0..count)
            .map(|id| mishaps.at_call(&call(operation), &attempt(id, 1), Vec::new))
            .collect()
    }

    #[test]
    fn the_nth_call_meets_the_same_fault_in_every_run() {
        let once = at_calls(&mishaps(Faults::all()), "PutItem", 2000);
        assert_eq!(once, at_calls(&mishaps(Faults::all()), "PutItem", 2000));
        assert_ne!(once, at_calls(&mishaps(Faults::all()), "UpdateItem", 2000));
    }

    #[test]
    fn leaving_a_fault_out_takes_nothing_else_away() {
        let all = at_calls(&mishaps(Faults::all()), "PutItem", 2000);
        let kills = at_calls(
            &mishaps([Fault::Kill].into_iter().collect()),
            "PutItem",
            2000,
        );
        let is_kill = |met: &&Option<AtCall>| matches!(met, Some(AtCall::Kill(_)));
        assert!(kills.iter().filter(is_kill).count() > 0);
        for (all, kill) in all.iter().zip(&kills) {
            assert!(all.is_some() || kill.is_none());
        }
    }

    #[test]
    fn a_stubborn_fault_meets_every_attempt_of_its_call_and_no_other_does() {
        let mishaps = mishaps([Fault::Error].into_iter().collect());
        let mut stubborn = 0;
        for id in 0..2000 {
            let first = mishaps.at_call(&call("PutItem"), &attempt(id, 1), Vec::new);
            let second = mishaps.at_call(&call("PutItem"), &attempt(id, 2), Vec::new);
            assert!(second.is_none() || second == first);
            stubborn += usize::from(second.is_some());
        }
        assert!(stubborn > 0);
    }

    #[test]
    fn what_cannot_be_divided_or_collide_does_not() {
        let mishaps = mishaps([Fault::Partial, Fault::Conflict].into_iter().collect());
        assert!(
            at_calls(&mishaps, "Query", 2000)
                .iter()
                .all(Option::is_none)
        );
        assert!(
            at_calls(&mishaps, "PutItem", 2000)
                .iter()
                .any(Option::is_some)
        );
    }

    #[test]
    fn a_function_that_is_not_meant_is_spared() {
        for (function, is_spared) in [("sweep", true), ("ingest", false)] {
            let mishaps = Mishaps::new(Plan {
                seed: 7,
                faults: Faults::all(),
                factor: 6.0,
                function: Some(function.to_owned()),
            });
            let met = at_calls(&mishaps, "PutItem", 200);
            assert_eq!(met.iter().all(Option::is_none), is_spared, "{function}");
        }
    }

    #[test]
    fn once_they_are_over_nothing_happens() {
        let mishaps = mishaps(Faults::all());
        mishaps.end();
        assert!(
            at_calls(&mishaps, "PutItem", 2000)
                .iter()
                .all(Option::is_none)
        );
    }
}
