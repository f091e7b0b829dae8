//! The master keys: read when first needed, and again from time to time, so that a long-lived
//! process learns of new ones.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{DisplayErrorContext, SdkError};
use domain::signature::{MasterKeyError, MasterKeys};
use domain::timestamp::Timestamp;
use tokio::sync::Mutex;

/// How long the keys are cached. A rotation waits longer than this between two steps
/// (`infra/README.md`).
const FRESH: Duration = Duration::from_secs(5 * 60);

/// The secret that holds the master keys. Created once per process.
#[derive(Debug)]
pub struct Keys {
    client: Client,
    secret: String,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    keys: MasterKeys,
    asked_at: Timestamp,
}

/// There are no master keys, so nothing can be signed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeysError {
    /// The secret cannot be read.
    #[error("could not read the master keys: {0}")]
    Call(String),
    /// The secret holds something else.
    #[error("invalid master keys in the secret: {0}")]
    Content(#[from] MasterKeyError),
}

impl Keys {
    /// Keys in the secret with this ARN or name. Makes no call.
    pub fn new(config: &SdkConfig, secret: String) -> Self {
        Self {
            client: Client::new(config),
            secret,
            held: Mutex::new(None),
        }
    }

    /// The keys as they are, or as they were a few minutes ago. Callers that ask during a read wait
    /// for its result. If new keys cannot be read, cached ones stay in use, so that an outage of
    /// the service delays no delivery.
    pub async fn at(&self, now: Timestamp) -> Result<MasterKeys, KeysError> {
        let mut held = self.held.lock().await;
        if let Some(Held { keys, asked_at }) = &*held
            && asked_at.until(now) < FRESH
        {
            return Ok(keys.clone());
        }
        let keys = match (self.fetch().await, &*held) {
            (Ok(keys), _) => keys,
            (Err(error), Some(held)) => {
                tracing::error!(%error, "could not refresh the master keys; the cached ones stay in use");
                held.keys.clone()
            }
            (Err(error), None) => return Err(error),
        };
        *held = Some(Held {
            keys: keys.clone(),
            asked_at: now,
        });
        Ok(keys)
    }

    async fn fetch(&self) -> Result<MasterKeys, KeysError> {
        let request = self.client.get_secret_value().secret_id(&self.secret);
        let answer = request
            .send()
            .await
            .map_err(|error| KeysError::Call(cause_of(error)))?;
        Ok(MasterKeys::parse(
            answer.secret_string().unwrap_or_default(),
        )?)
    }
}

/// Why a call has failed. The response itself, which an error may contain, is left out, because
/// the keys may be in it.
fn cause_of<E, R>(error: SdkError<E, R>) -> String
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.into_source() {
        Ok(source) => DisplayErrorContext(&*source).to_string(),
        Err(error) => error.to_string(),
    }
}
