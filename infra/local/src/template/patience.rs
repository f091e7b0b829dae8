//! `EventInvokeConfig`: how often Lambda tries an event of an asynchronous invocation.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::properties::Properties;

/// How long Lambda goes on with an event that a function does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often one that failed is tried again.
    pub retries: u32,
    /// How old it becomes.
    pub maximum_age: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            retries: 2,
            maximum_age: Duration::from_secs(6 * 60 * 60),
        }
    }
}

impl Patience {
    pub(super) fn read(properties: &Properties<'_>) -> Result<Self> {
        let mut patience = Patience::default();
        let config = properties.map("EventInvokeConfig")?;
        if let Some(retries) = config.whole_number("MaximumRetryAttempts")? {
            ensure!(
                retries <= 2,
                "MaximumRetryAttempts is {retries}; Lambda takes 0 to 2"
            );
            patience.retries = retries;
        }
        if let Some(age) = config.whole_number("MaximumEventAgeInSeconds")? {
            ensure!(
                (60..=21_600).contains(&age),
                "MaximumEventAgeInSeconds is {age}; Lambda takes 60 to 21600"
            );
            patience.maximum_age = Duration::from_secs(age.into());
        }
        Ok(patience)
    }
}
