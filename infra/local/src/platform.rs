//! One platform: everything that the template declares, running on this machine.

mod assembly;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::body::Bytes;
use futures::future::join_all;
use serde_json::{Map, Value};
use sqs::{Depth, NewMessage, Queue};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::interval;

use crate::access::{Access, Denied, Used};
use crate::binaries;
use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::DynamoDb;
use crate::elsewhere::Elsewhere;
use crate::endpoints::Endpoints;
use crate::faults::Mishaps;
use crate::gateway::Gateway;
use crate::gateway::calls::Call;
use crate::gateway::capacity::Capacity;
use crate::gateway::kill::{Kill, Moment};
use crate::gateway::outage::{Outage, Refused};
use crate::gateway::throughput::Hottest;
use crate::lambda::invocation::Outcome;
use crate::lambda::{Function, Lambda};
use crate::options::Options;
use crate::ports::Ports;
use crate::queues::{self, Queues};
use crate::secrets_manager::SecretsManager;
use crate::tasks::Tasks;
use crate::template::{Role, Template};
use crate::token;
use crate::user_tokens::UserTokens;

/// The table of the users' tokens, in the template.
const WEBHOOKS_TABLE: &str = "WebhooksTable";

/// How often time is held up, where it passes slowly.
const TICK: Duration = Duration::from_millis(20);

/// How many messages are taken at a time.
const RECEIVED: usize = 10;

/// A running platform. Dropped, it ends its processes soon; [`stop`](Platform::stop) also waits for
/// them.
pub struct Platform {
    endpoints: Endpoints,
    template: Arc<Template>,
    database: Arc<DynamoDb>,
    queues: Queues,
    secrets: SecretsManager,
    lambda: Lambda,
    gateway: Gateway,
    cloudwatch: CloudWatch,
    user_tokens: Arc<UserTokens>,
    clock: Arc<Clock>,
    clock_moves: bool,
    mishaps: Option<Arc<Mishaps>>,
    data: Option<PathBuf>,
    tasks: Tasks,
}

impl Platform {
    /// Starts everything and returns when it can be used. An error is one line for a human.
    pub async fn start(options: Options) -> Result<Self> {
        let elsewhere = Elsewhere::of(&options)?;
        let ports = Ports::bind(options.port_base).await?;
        let site = elsewhere.settle(ports.site()?);
        let user_tokens = UserTokens::new()?;
        let template = assembly::template(&options, &user_tokens, &site)?;
        let concurrency = assembly::concurrency(&template, options.account_concurrency)?;
        let template = Arc::new(template);
        let functions = template.functions.values();
        let names = functions.map(|function| &function.short_name);
        let binaries = binaries::of_functions(names, &options.executables, options.release).await?;
        if let Some(data) = &options.data {
            std::fs::create_dir_all(data)
                .with_context(|| format!("cannot use {}", data.display()))?;
        }
        let data = options.data.as_deref();
        let database = DynamoDb::start(&template.tables, elsewhere.dynamodb, data).await?;
        let database = Arc::new(database);
        if let Some(table) = template.tables.get(WEBHOOKS_TABLE) {
            token::seed(&database, &table.name).await?;
        }
        let queues = Queues::start(&template.queues, &elsewhere, data).await?;
        let secrets = SecretsManager::start(&template.secrets, assembly::secrets_file(&options))?;
        let mishaps = options.faults.clone().map(Mishaps::new).map(Arc::new);
        let clock = Arc::new(assembly::clock(mishaps.as_deref(), &queues)?);
        let user_token = assembly::user_token(&options, &user_tokens, &clock);
        let endpoints = Endpoints::of(&template, &ports, user_token)?;
        let cloudwatch = assembly::cloudwatch(&template, &queues, &clock);
        let surroundings =
            assembly::surroundings(&endpoints, &clock, &cloudwatch, concurrency, &options)?;
        let lambda = Lambda::new(template.functions.values(), &binaries, &surroundings)?;
        let gateway = Gateway::new(
            Access::of(&template)?,
            lambda.clone(),
            queues.clone(),
            cloudwatch.clone(),
            mishaps.clone(),
            options.meters_capacity,
            assembly::throughput(&template, &clock, &options)?,
        );
        let platform = Platform {
            endpoints,
            template,
            database,
            queues,
            secrets,
            lambda,
            gateway,
            cloudwatch,
            user_tokens: Arc::new(user_tokens),
            clock,
            clock_moves: options.clock_moves,
            mishaps,
            data: options.data,
            tasks: Tasks::default(),
        };
        platform.open(ports)?;
        platform.feed(options.tick)?;
        Ok(platform)
    }

    /// Where everything is.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The queue with that logical id, one of the platform's own. An error if the queues are
    /// elsewhere.
    pub fn queue(&self, id: &str) -> Result<Queue> {
        match self.declared_queue(id)? {
            queues::Queue::Own(queue) => Ok(queue),
            queues::Queue::Elsewhere(_) => bail!("the queue {id} is elsewhere"),
        }
    }

    /// Sends a message to the queue with that logical id, wherever it is.
    pub async fn send(&self, queue: &str, message: NewMessage) -> Result<()> {
        self.declared_queue(queue)?.send(message).await
    }

    /// Takes the messages out of the queue with that logical id, wherever it is, and returns their
    /// bodies: those that are visible now.
    pub async fn take_all(&self, queue: &str) -> Result<Vec<String>> {
        let queue = self.declared_queue(queue)?;
        let mut bodies = Vec::new();
        loop {
            let received = queue.receive(RECEIVED, Duration::ZERO).await?;
            if received.is_empty() {
                return Ok(bodies);
            }
            for taken in received {
                queue.delete(&taken.receipt_handle).await?;
                bodies.push(taken.message.body.clone());
            }
        }
    }

    /// Every item of the table with that logical id, in DynamoDB's own JSON.
    pub async fn items(&self, table: &str) -> Result<Vec<Value>> {
        let declared = self.template.tables.get(table);
        let declared = declared.with_context(|| format!("there is no table {table}"))?;
        self.database.items(&declared.name).await
    }

    /// How many messages the queue with that logical id holds, wherever it is.
    pub async fn depth(&self, queue: &str) -> Result<Depth> {
        self.declared_queue(queue)?.depth().await
    }

    /// The function with that short name.
    pub fn function(&self, name: &str) -> Result<&Arc<Function>> {
        let function = self.lambda.function(name);
        function.with_context(|| format!("there is no function {name}"))
    }

    /// Every function.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.lambda.functions()
    }

    /// Invokes a function and waits for what comes of it.
    pub async fn invoke(&self, function: &str, payload: impl Into<Bytes>) -> Result<Outcome> {
        Ok(self.function(function)?.invoke(payload.into()).await)
    }

    /// A token of this user that the stand-in for the job platform has signed, with these claims on
    /// top.
    pub fn user_token(&self, user: &str, claims: &Map<String, Value>) -> String {
        self.user_tokens.sign(user, claims, self.clock.now())
    }

    /// Makes time pass at once, on the queues, for alarms, and for functions. For functions only if
    /// the platform was told that its clock moves.
    pub fn advance(&self, by: Duration) -> Result<()> {
        self.cloudwatch.advance(by)
    }

    /// From now on time passes on the platform so many times more slowly than on this machine, for
    /// queues, for what the database takes in a second, and for functions whose clock moves: their
    /// work takes as long as it takes, and so is as many times faster. How many times can change.
    /// It begins a day ahead, to have time to give.
    pub fn slow_down(&self, times: Arc<AtomicU32>) -> Result<()> {
        self.advance(Duration::from_secs(24 * 60 * 60))?;
        let cloudwatch = self.cloudwatch.clone();
        self.tasks.spawn(async move {
            let mut ticks = interval(TICK);
            let mut last = ticks.tick().await;
            loop {
                let now = ticks.tick().await;
                let times = f64::from(times.load(Ordering::Relaxed).max(1));
                let held_up = (now - last).mul_f64(1.0 - 1.0 / times);
                last = now;
                if let Err(error) = cloudwatch.retreat(held_up) {
                    tracing::error!("time cannot be held up: {error:#}");
                    return;
                }
            }
        });
        Ok(())
    }

    /// The platform's time.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// What is measured, and the alarms that watch it.
    pub fn cloudwatch(&self) -> &CloudWatch {
        &self.cloudwatch
    }

    /// Whether [`advance`](Platform::advance) moves the clocks of functions, too.
    pub fn clock_moves(&self) -> bool {
        self.clock_moves
    }

    /// How often each operation was called so far, and by whom.
    pub fn calls(&self) -> BTreeMap<Call, u64> {
        self.gateway.calls().counts()
    }

    /// The permissions that functions have used so far.
    pub fn used_permissions(&self) -> BTreeSet<Used> {
        self.gateway.access().used()
    }

    /// The role of a function.
    pub fn role(&self, function: &str) -> Result<&Role> {
        let role = self.gateway.access().role(function);
        role.with_context(|| format!("there is no function {function}"))
    }

    /// The calls of functions that their roles, or the policies of queues, did not allow.
    pub fn denied(&self) -> watch::Receiver<Vec<Denied>> {
        self.gateway.access().denied()
    }

    /// What comes of `work`, unless a function is denied a call meanwhile: the error says which
    /// function, and what.
    pub async fn unless_denied<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut denied = self.denied();
        tokio::select! {
            biased;
            Ok(denied) = denied.wait_for(|denied| !denied.is_empty()) => match denied.first() {
                Some(denied) => bail!("{denied}"),
                None => bail!("a function was denied a call"),
            },
            done = work => done,
        }
    }

    /// The capacity that each caller consumed so far; nothing unless it is metered.
    pub fn consumed(&self) -> BTreeMap<String, Capacity> {
        self.gateway
            .meter()
            .map(|meter| meter.consumed())
            .unwrap_or_default()
    }

    /// The partition key of a table that has taken most of what it can take; nothing unless
    /// capacity is metered or limited.
    pub fn hottest_key(&self) -> Option<Hottest> {
        self.gateway.throughput()?.hottest()
    }

    /// Kills the process of `function` that makes its `nth` call to DynamoDB or SQS from now, the
    /// first being 1.
    pub fn kill_at(&self, function: &str, nth: u32, moment: Moment) -> Kill {
        self.gateway.kill_at(function, nth, moment)
    }

    /// Has a service refuse these calls of a function until the outage is dropped.
    pub fn refuse(&self, refused: Refused) -> Outage {
        self.gateway.refuse(refused)
    }

    /// What goes wrong on purpose, if anything does.
    pub fn mishaps(&self) -> Option<&Mishaps> {
        self.mishaps.as_deref()
    }

    /// Makes a new API token of a user.
    pub async fn make_token(&self, token: &str, user: &str) -> Result<()> {
        let table = self.template.tables.get(WEBHOOKS_TABLE);
        let table = table.with_context(|| format!("there is no table {WEBHOOKS_TABLE}"))?;
        token::make(token, user, &self.database, &table.name).await
    }

    /// The processor time, user and system, of all processes that a function ever had.
    pub fn cpu(&self, function: &str) -> Result<Duration> {
        Ok(self.function(function)?.cpu())
    }

    /// The most bytes that any running process of a function ever had in memory at once.
    pub fn peak_memory(&self, function: &str) -> Result<u64> {
        Ok(self.function(function)?.peak_memory())
    }

    /// From the start of a function's process to its first `next`, for each process so far.
    pub fn cold_starts(&self, function: &str) -> Result<Vec<Duration>> {
        Ok(self.function(function)?.cold_starts())
    }

    /// Waits until no invocation is under way, whatever the queues hold.
    pub async fn idle(&self) {
        // The other side lives as long as the platform.
        let _ = self
            .lambda
            .activity()
            .subscribe()
            .wait_for(|running| *running == 0)
            .await;
    }

    /// Waits until there is nothing to do now: no message that a function could be handed, and no
    /// invocation under way. Messages may still be delayed, or hidden after a function has failed
    /// them.
    pub async fn at_rest(&self) {
        self.until(|depth| depth.visible == 0).await;
    }

    /// Waits until there is nothing to do: no message in the queues that feed functions, delayed or
    /// in flight included, and no invocation under way.
    pub async fn settled(&self) {
        // A message is only deleted after what follows it was sent, so queues that are empty one
        // after another stay so.
        self.until(Depth::is_empty).await;
    }

    /// Stops everything, waits until no process is left, and keeps what is to be kept.
    pub async fn stop(self) -> Result<()> {
        self.tasks.end().await;
        self.lambda.stop().await;
        match &self.data {
            Some(data) => self.queues.save(data),
            None => Ok(()),
        }
    }

    /// Waits until the queues that feed functions are like that, and no invocation is under way.
    async fn until(&self, is_done: fn(&Depth) -> bool) {
        let queues: Vec<_> = self.fed_queues().collect();
        loop {
            join_all(queues.iter().map(|queue| queue.until(is_done))).await;
            self.idle().await;
            let depths = join_all(queues.iter().map(queues::Queue::depth)).await;
            let are_done = depths.iter().all(|depth| depth.as_ref().is_ok_and(is_done));
            if are_done && self.lambda.activity().running() == 0 {
                return;
            }
        }
    }

    fn declared_queue(&self, id: &str) -> Result<queues::Queue> {
        let queue = self.template.queues.get(id);
        let queue = queue.with_context(|| format!("there is no queue {id}"))?;
        self.queues.queue(&queue.name)
    }

    fn fed_queues(&self) -> impl Iterator<Item = queues::Queue> {
        let functions = self.lambda.functions();
        let sources = functions.flat_map(|function| &function.settings().sources);
        sources.filter_map(|source| self.queues.queue(&source.queue).ok())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.tasks.abort();
        self.lambda.abort();
    }
}
