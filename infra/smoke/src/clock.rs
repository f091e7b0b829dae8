//! The stack's time. In AWS it is everybody's. A `cargo local` that was started with
//! `--clock-moves` lets its time be moved on, so that nobody has to wait a quarter of an hour for a
//! retry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use crate::web;

/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(250);

/// On a clock that moves, how long to look before time is moved on.
const ROUND: Duration = Duration::from_secs(30);

/// How far it is moved then: longer than a queue hides a message or holds one back.
const STEP: Duration = Duration::from_secs(16 * 60);

/// How often it is moved before nothing is waited for any more.
const STEPS: u32 = 4;

/// The time, as the stack has it.
pub(crate) struct Clock {
    control: Option<(reqwest::Client, String)>,
    ahead_millis: AtomicU64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ahead {
    ahead_millis: u64,
}

impl Clock {
    /// The clock at this address, or everybody's.
    pub(crate) async fn at(http: &reqwest::Client, url: Option<String>) -> Result<Self> {
        let clock = Clock {
            control: url.map(|url| (http.clone(), url)),
            ahead_millis: AtomicU64::new(0),
        };
        // It may have been moved before.
        clock.advance(Duration::ZERO).await?;
        Ok(clock)
    }

    /// Whether [`pass`](Clock::pass) takes no time.
    pub(crate) fn moves(&self) -> bool {
        self.control.is_some()
    }

    /// The time now.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.ahead()
    }

    /// How far it is ahead of this machine's.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_millis.load(Ordering::Relaxed))
    }

    /// Lets so much time pass.
    pub(crate) async fn pass(&self, time: Duration) -> Result<()> {
        match self.moves() {
            true => self.advance(time).await,
            false => {
                sleep(time).await;
                Ok(())
            }
        }
    }

    /// Looks again and again until there is something to see, for as long as the patience lasts. On
    /// a clock that moves, patience is a matter of steps: in each of them, what a queue hides or
    /// holds back comes out.
    pub(crate) async fn until<T>(
        &self,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        for step in 0.. {
            let begin = Instant::now();
            let round = if self.moves() { ROUND } else { patience };
            loop {
                if let Some(seen) = look().await? {
                    return Ok(Some(seen));
                }
                if begin.elapsed() >= round {
                    break;
                }
                sleep(LOOK).await;
            }
            if !self.moves() || step == STEPS {
                break;
            }
            self.advance(STEP).await?;
        }
        Ok(None)
    }

    async fn advance(&self, by: Duration) -> Result<()> {
        let Some((http, url)) = &self.control else {
            return Ok(());
        };
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let failed = || format!("the clock at {url} cannot be moved");
        let advance = json!({ "advanceMillis": by });
        let answer = web::ask(http, Method::POST, url, None, Some(&advance)).await;
        let answer = answer.with_context(failed)?;
        ensure!(answer.is_success(), "{}: HTTP {}", failed(), answer.status);
        let ahead: Ahead = serde_json::from_value(answer.body).with_context(failed)?;
        self.ahead_millis
            .store(ahead.ahead_millis, Ordering::Relaxed);
        Ok(())
    }
}
