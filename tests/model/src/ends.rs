//! Whether everything that can happen comes to an end.
//!
//! The checker looks at one state at a time. It can tell that a state in which nothing is left to
//! do is a good one, but not that such a state is always reached: a protocol that goes in circles
//! forever has no last state to look at. So this walks the whole graph of a model once more and
//! looks for a cycle. If there is none, every path ends, and what holds in all final states holds
//! in the end, whatever happens.

use std::collections::HashMap;
use std::hash::Hash;

use stateright::Model;

/// How far the walk has come with a state.
#[derive(PartialEq, Eq)]
enum Visit {
    /// It lies on the way that is being walked.
    Open,
    /// All that follows from it has been walked.
    Done,
}

/// Whether no state of the model can be reached from itself.
pub fn everything_ends<M: Model>(model: &M) -> bool
where
    M::State: Clone + Eq + Hash,
{
    let mut visits: HashMap<M::State, Visit> = HashMap::new();
    model
        .init_states()
        .into_iter()
        .all(|state| ends(model, state, &mut visits))
}

fn ends<M: Model>(model: &M, from: M::State, visits: &mut HashMap<M::State, Visit>) -> bool
where
    M::State: Clone + Eq + Hash,
{
    if visits.contains_key(&from) {
        return true;
    }
    visits.insert(from.clone(), Visit::Open);
    let following = model.next_states(&from);
    let mut way = vec![(from, following)];
    while let Some((_, following)) = way.last_mut() {
        let Some(next) = following.pop() else {
            visits.extend(way.pop().map(|(state, _)| (state, Visit::Done)));
            continue;
        };
        match visits.get(&next) {
            Some(Visit::Open) => return false,
            Some(Visit::Done) => {}
            None => {
                visits.insert(next.clone(), Visit::Open);
                let following = model.next_states(&next);
                way.push((next, following));
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up to a number, then stays or begins again.
    struct Counter {
        begins_again: bool,
    }

    impl Model for Counter {
        type State = u8;
        type Action = u8;

        fn init_states(&self) -> Vec<u8> {
            vec![0]
        }

        fn actions(&self, state: &u8, actions: &mut Vec<u8>) {
            match state {
                0..3 => actions.extend([state + 1, state + 2]),
                _ if self.begins_again => actions.push(0),
                _ => {}
            }
        }

        fn next_state(&self, _: &u8, action: u8) -> Option<u8> {
            Some(action)
        }
    }

    #[test]
    fn ways_that_meet_are_no_circle() {
        assert!(everything_ends(&Counter {
            begins_again: false
        }));
    }

    #[test]
    fn a_circle_is_found() {
        assert!(!everything_ends(&Counter { begins_again: true }));
    }
}
