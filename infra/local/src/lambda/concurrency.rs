//! How many invocations run at once: as many as the account may have, of which functions may
//! reserve a part for themselves.

use std::sync::Arc;

use anyhow::{Result, bail};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What Lambda keeps for functions that reserve nothing. An account that has no more than this
/// cannot reserve anything.
const LEAST_UNRESERVED: u32 = 100;

/// Why an invocation is throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// All that the account may run at once does, but for what other functions have reserved.
    Account,
    /// The function runs as often as it has reserved.
    Reserved,
}

/// The concurrency of an account.
pub struct Concurrency {
    /// What no function has reserved.
    unreserved: Arc<Semaphore>,
}

/// The concurrency that one function may use.
pub(super) struct Permits {
    free: Arc<Semaphore>,
    limit: Limit,
}

impl Concurrency {
    /// The concurrency of an account whose functions, by name, have reserved so much. An error is
    /// what Lambda says to the first that reserves too much.
    pub(crate) fn of_account<'a>(
        limit: u32,
        reservations: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Self> {
        let least = LEAST_UNRESERVED.min(limit);
        let mut unreserved = limit;
        for (name, reserved) in reservations {
            unreserved = match unreserved.checked_sub(reserved) {
                Some(left) if left >= least => left,
                _ => bail!(
                    "{name} cannot reserve {reserved} of the account's {limit}: Specified ReservedConcurrentExecutions for function \
                     decreases account's UnreservedConcurrentExecution below its minimum value of [{least}]."
                ),
            };
        }
        Ok(Concurrency {
            unreserved: Arc::new(Semaphore::new(unreserved as usize)),
        })
    }

    /// What a function may use that has reserved so much, if anything.
    pub(super) fn permits(&self, reserved: Option<u32>) -> Permits {
        match reserved {
            Some(reserved) => Permits {
                free: Arc::new(Semaphore::new(reserved as usize)),
                limit: Limit::Reserved,
            },
            None => Permits {
                free: Arc::clone(&self.unreserved),
                limit: Limit::Account,
            },
        }
    }
}

impl Permits {
    /// Leave for one invocation, until it is dropped; or why there is none.
    pub(super) fn take(&self) -> Result<OwnedSemaphorePermit, Limit> {
        let permit = Arc::clone(&self.free).try_acquire_owned();
        permit.map_err(|_| self.limit)
    }
}

impl Limit {
    /// As Lambda names it.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Limit::Account => "ConcurrentInvocationLimitExceeded",
            Limit::Reserved => "ReservedFunctionConcurrentInvocationLimitExceeded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_out_of_the_reach_of_others() {
        let account = Concurrency::of_account(101, [("own", 1)]).unwrap();
        let [own, a, b] = [Some(1), None, None].map(|reserved| account.permits(reserved));
        let of_a: Vec<_> = (0..100).map(|_| a.take().unwrap()).collect();
        assert_eq!(a.take().err(), Some(Limit::Account));
        assert_eq!(b.take().err(), Some(Limit::Account));
        let of_own = own.take().unwrap();
        assert_eq!(own.take().err(), Some(Limit::Reserved));
        drop((of_a, of_own));
        assert!(b.take().is_ok() && own.take().is_ok());
    }

    #[test]
    fn at_least_a_hundred_stay_unreserved() {
        let refusal = |limit, reserved: &[u32]| {
            let reserved = reserved.iter().map(|&count| ("f", count));
            let account = Concurrency::of_account(limit, reserved);
            account.err().map(|error| error.to_string())
        };
        assert_eq!(refusal(1000, &[900]), None);
        assert_eq!(refusal(1000, &[450, 450]), None);
        for (limit, reserved, least) in [
            (1000, &[901][..], 100),
            (1000, &[450, 451], 100),
            (1000, &[2000], 100),
            (100, &[1], 100),
            // A new account.
            (10, &[1], 10),
        ] {
            let refusal = refusal(limit, reserved).unwrap();
            assert!(
                refusal.ends_with(&format!("below its minimum value of [{least}].")),
                "{refusal}"
            );
        }
        // To switch a function off needs nothing.
        assert_eq!(refusal(10, &[0]), None);
    }
}
