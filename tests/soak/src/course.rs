//! The course of a soak: everything is set up, the waves are sent, time passes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use indicatif::{ProgressBar, ProgressStyle};
use local::api_client::Client;
use local::endpoints::EVENT_QUEUE;
use local::faults::Fault;
use local::options::Options;
use local::platform::Platform;
use local::sqs::{Depth, NewMessage};
use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::arguments::SoakArguments;
use super::audit::{self, Findings};
use super::cast::{self, Standing, USERS};
use super::notices::Notices;
use super::notices::audit::Due;
use super::notices::tables::Tables;
use super::receivers::Receivers;
use super::records::{self, Record};
use super::script::{Script, Wave};
use super::settings::with_own_settings;
use super::victims::Victims;
use super::{expected, message};

/// What passes between two waves: longer than any queue hides a message.
const BETWEEN_WAVES: Duration = Duration::from_secs(16 * 60);

/// How long the faults go on after the last wave: until most of what fails has been given up.
const TROUBLE: Duration = hours(4);

/// How long they go on after some of that is sent again.
const MORE_TROUBLE: Duration = hours(2);

/// After so much time what has failed all along is switched off at its next failure, and what waits
/// for dead receivers was given up.
const LONG_FAILURE: Duration = hours(26);

/// What passes at a time when all that is left are retries: a minute of the sweeper's waits for it, and is not lost.
const BETWEEN_RETRIES: Duration = hours(1);

/// After so much more time every retry has been made.
const USUAL_END: Duration = hours(30);

/// After so much time, in two steps, every notice has been sent.
const UNTIL_TOLD: Duration = Duration::from_secs(2 * 60);

/// Whatever has not ended by then never will.
const LAST_END: Duration = hours(24 * 6);

/// The share of events that the job platform sends twice.
const SENT_TWICE: f64 = 0.03;

/// A soak under way.
pub(super) struct Course {
    pub(super) platform: Platform,
    pub(super) script: Script,
    pub(super) receivers: Receivers,
    pub(super) users: Vec<Client>,
    pub(super) standing: Vec<Standing>,
    begin: OffsetDateTime,
    started: Instant,
    sends_twice: bool,
    seed: u64,
    progress: ProgressBar,
    pub(super) repeated_by_platform: AtomicUsize,
    pub(super) redriven: AtomicUsize,
    pub(super) notices: Mutex<Notices>,
    pub(super) due: Mutex<Due>,
}

const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 60 * 60)
}

impl Course {
    /// A platform with users and standing webhooks.
    pub(super) async fn begin(
        options: Options,
        arguments: &SoakArguments,
        seed: u64,
    ) -> Result<Self> {
        let platform = Platform::start(with_own_settings(options, arguments, seed)).await?;
        let mut users = Vec::new();
        for user in USERS {
            let token = format!("token-of-{user}");
            platform.make_token(&token, user).await?;
            users.push(Client::new(platform.endpoints(), &token));
        }
        let script = Script::of(seed, arguments.events as usize);
        let course = Course {
            users,
            receivers: Receivers::listen(seed).await?,
            standing: cast::standing_webhooks(),
            // Nothing happens in the future.
            begin: OffsetDateTime::now_utc() - hours(1),
            started: Instant::now(),
            sends_twice: arguments.faults.contains(Fault::Duplicate),
            seed,
            progress: progress(script.events()),
            repeated_by_platform: AtomicUsize::new(0),
            redriven: AtomicUsize::new(0),
            notices: Mutex::default(),
            due: Mutex::new(Due {
                rejected: script.with_bad_ad_hoc().collect(),
                ..Due::default()
            }),
            platform,
            script,
        };
        course.define_standing_webhooks().await?;
        Ok(course)
    }

    /// Plays the script to its end, and looks what became of it.
    pub(super) async fn run(&self) -> Result<Findings> {
        let mut dice = Rng::with_seed(self.seed);
        for wave in &self.script.waves {
            tokio::try_join!(self.send(wave, &mut dice), self.define_late_webhooks(wave))?;
            self.platform.at_rest().await;
            self.pass(BETWEEN_WAVES).await?;
        }
        self.let_pass("trouble goes on", TROUBLE, BETWEEN_WAVES)
            .await?;
        self.receivers.heal();
        self.visit().await?;
        self.let_pass("trouble goes on", MORE_TROUBLE, BETWEEN_WAVES)
            .await?;
        if let Some(mishaps) = self.platform.mishaps() {
            mishaps.end();
        }
        // What a dying process held comes back first.
        self.pass(BETWEEN_WAVES).await?;
        self.redrive().await?;
        self.let_pass("retries are made", LONG_FAILURE, BETWEEN_RETRIES)
            .await?;
        for _ in 0..2 {
            self.visit().await?;
            self.let_pass(
                "what failed is sent again",
                BETWEEN_RETRIES,
                BETWEEN_RETRIES,
            )
            .await?;
        }
        self.let_pass("retries are made", USUAL_END, BETWEEN_RETRIES)
            .await?;
        let mut passed = USUAL_END;
        loop {
            self.progress.set_message("reading the records");
            let records = records::by_label(&self.users).await?;
            self.note_exhausted(&records);
            let mut findings = self.audit(records);
            if findings.stuck.is_empty() || passed >= LAST_END {
                self.let_pass("notices are sent", 2 * UNTIL_TOLD, UNTIL_TOLD)
                    .await?;
                let tables = Tables::read(&self.platform).await?;
                findings.add_notices(&self.notices.lock(), &self.due.lock(), &tables);
                self.progress.finish_and_clear();
                return Ok(findings);
            }
            self.let_pass("some have not ended", hours(24), BETWEEN_RETRIES)
                .await?;
            passed += hours(24);
        }
    }

    /// How long it took.
    pub(super) fn took(&self) -> Duration {
        self.started.elapsed()
    }

    /// How many messages wait in queues that must be empty in the end.
    pub(super) async fn left_in_queues(&self) -> Result<Vec<(String, usize)>> {
        let mut left = Vec::new();
        for id in self.platform.endpoints().queues.keys() {
            let Depth {
                visible,
                delayed,
                in_flight,
            } = self.platform.depth(id).await?;
            let messages = visible + delayed + in_flight;
            if messages > 0 {
                left.push((id.clone(), messages));
            }
        }
        Ok(left)
    }

    pub(super) async fn end(self) -> Result<()> {
        self.receivers.close().await;
        self.platform.stop().await
    }

    fn audit(&self, records: HashMap<String, Vec<Record>>) -> Findings {
        let expected = expected::all(&self.script, &self.standing, self.begin);
        let posts = self.receivers.posts().by_label();
        let victims = self.platform.mishaps().map(|mishaps| mishaps.victims());
        let victims = Victims::of(&victims.unwrap_or_default());
        audit::findings(&expected, posts, records, &victims)
    }

    async fn send(&self, wave: &Wave, dice: &mut Rng) -> Result<()> {
        self.progress.set_message("events are sent");
        for (run, event) in &wave.events {
            let run = &self.script.runs[*run];
            let body = message::of(run, run.events[*event], self.begin, &self.receivers);
            let copies = match self.sends_twice && dice.f64() < SENT_TWICE {
                true => 2,
                false => 1,
            };
            for _ in 0..copies {
                let body = body.clone();
                let message = NewMessage {
                    body,
                    ..NewMessage::default()
                };
                self.platform.send(EVENT_QUEUE, message).await?;
            }
            self.repeated_by_platform
                .fetch_add(copies - 1, Ordering::Relaxed);
            self.progress.inc(1);
        }
        Ok(())
    }

    /// Lets much time pass, a step at a time.
    async fn let_pass(&self, what: &str, time: Duration, step: Duration) -> Result<()> {
        let steps = time.as_secs().div_ceil(step.as_secs());
        for number in 1..=steps {
            let posts = self.receivers.posts().count();
            self.progress
                .set_message(format!("{what}: {number}/{steps}, {posts} POSTs"));
            self.pass(step).await?;
        }
        Ok(())
    }

    async fn pass(&self, time: Duration) -> Result<()> {
        self.platform.advance(time)?;
        // Killed, it does the rest the next time.
        self.platform.invoke("sweep", "{}").await?;
        self.platform.at_rest().await;
        for body in self.platform.take_all("NoticeQueue").await? {
            self.notices.lock().take(&body);
        }
        Ok(())
    }

    /// Sends every dead letter back to its queue, as an operator does once the trouble is over.
    async fn redrive(&self) -> Result<()> {
        for (id, count) in self.left_in_queues().await? {
            if id.ends_with("DeadLetterQueue") {
                self.platform.queue(&id)?.redrive()?;
                self.redriven.fetch_add(count, Ordering::Relaxed);
            }
        }
        self.platform.at_rest().await;
        Ok(())
    }
}

fn progress(events: usize) -> ProgressBar {
    let progress = ProgressBar::new(events as u64);
    let style = ProgressStyle::with_template("[{elapsed}] {bar:30} {pos}/{len} events, {msg}");
    if let Ok(style) = style {
        progress.set_style(style);
    }
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}
