//! The POSTs of dispatches beyond their first, by cause.

use std::collections::BTreeSet;

use local::faults::Fault;
use serde::Serialize;

use super::posts::Reception;

/// How many there were.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repeats {
    /// The one before was refused, or not answered.
    pub(super) retry: usize,
    /// It was accepted, and a message about it was handed over twice.
    pub(super) injected_duplicate: usize,
    /// It was accepted, but the answer was lost or came too late, or whoever worked at it met
    /// another fault: the outcome may have been lost.
    pub(super) unknown_outcome: usize,
    /// It was accepted, and nothing went wrong.
    pub(super) without_cause: Vec<String>,
}

impl Repeats {
    /// Adds those of one dispatch, from what became of all its POSTs and from the `faults` that
    /// those who worked at it met.
    pub(super) fn add(
        &mut self,
        receptions: impl IntoIterator<Item = Reception>,
        faults: &BTreeSet<Fault>,
        name: impl Fn() -> String,
    ) {
        let mut receptions = receptions.into_iter();
        let Some(mut before) = receptions.next() else {
            return;
        };
        for reception in receptions {
            match before {
                Reception::Refused => self.retry += 1,
                Reception::AcceptedUnheard => self.unknown_outcome += 1,
                Reception::Accepted if faults.is_empty() => self.without_cause.push(name()),
                Reception::Accepted if faults.contains(&Fault::Duplicate) => {
                    self.injected_duplicate += 1;
                }
                Reception::Accepted => self.unknown_outcome += 1,
            }
            // Once one was accepted and heard, whatever follows should not be there.
            if before != Reception::Accepted {
                before = reception;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use Reception::{Accepted, AcceptedUnheard, Refused};

    use super::*;

    fn of(receptions: &[Reception], faults: &[Fault]) -> Repeats {
        let faults = faults.iter().copied().collect();
        let mut repeats = Repeats::default();
        let receptions = receptions.iter().copied();
        repeats.add(receptions, &faults, || "it".to_owned());
        repeats
    }

    #[test]
    fn what_follows_a_refusal_is_a_retry_and_a_first_post_is_no_repeat() {
        assert_eq!(of(&[], &[]), Repeats::default());
        assert_eq!(of(&[Accepted], &[]), Repeats::default());
        let retries = Repeats {
            retry: 2,
            ..Repeats::default()
        };
        assert_eq!(of(&[Refused, Refused, Accepted], &[]), retries);
    }

    #[test]
    fn after_an_answer_that_nobody_heard_the_outcome_is_unknown() {
        let repeats = Repeats {
            retry: 1,
            unknown_outcome: 1,
            ..Repeats::default()
        };
        assert_eq!(of(&[AcceptedUnheard, Refused, Accepted], &[]), repeats);
    }

    #[test]
    fn after_an_answer_that_was_heard_only_a_fault_explains_a_repeat() {
        let posts = [Accepted, Refused, Accepted];
        let without_cause = vec!["it".to_owned(), "it".to_owned()];
        let expected = [
            (
                &[][..],
                Repeats {
                    without_cause,
                    ..Repeats::default()
                },
            ),
            (
                &[Fault::Kill][..],
                Repeats {
                    unknown_outcome: 2,
                    ..Repeats::default()
                },
            ),
            (
                &[Fault::Kill, Fault::Duplicate][..],
                Repeats {
                    injected_duplicate: 2,
                    ..Repeats::default()
                },
            ),
        ];
        for (faults, repeats) in expected {
            assert_eq!(of(&posts, faults), repeats);
        }
    }
}
