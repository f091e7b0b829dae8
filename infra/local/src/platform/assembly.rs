//! How a platform is put together: what its doors lead to, what feeds its functions, and what these
//! find around them.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::serve::ListenerExt;
use parking_lot::Mutex;
use serde_json::Map;
use tokio::net::TcpListener;

use super::{Platform, WEBHOOKS_TABLE};
use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::control_plane::ControlPlane;
use crate::endpoints::{EVENT_QUEUE, Endpoints};
use crate::faults::Mishaps;
use crate::gateway::throughput::Throughput;
use crate::lambda::Surroundings;
use crate::lambda::concurrency::Concurrency;
use crate::lambda::log::Destination;
use crate::mapping::Mapping;
use crate::options::Options;
use crate::ports::Ports;
use crate::queues::Queues;
use crate::stand_in::{StandIn, Users, Verifier};
use crate::template::{Site, Template};
use crate::user_tokens::UserTokens;
use crate::{function_url, schedule, token};

/// The variable that lets deliveries reach what is not public. Functions know it, and no template
/// sets it.
const ALLOWED_TARGETS: &str = "ALLOWED_TARGETS";

/// The parameter that says where the API of the job platform is.
const PLATFORM_API: &str = "PlatformApiOrigin";

impl Platform {
    /// Opens the doors.
    pub(super) fn open(&self, ports: Ports) -> Result<()> {
        let database = self.gateway.dynamodb(self.database.address());
        self.serve(ports.dynamodb, database);
        self.serve(ports.sqs, self.gateway.sqs(self.queues.router()));
        let secrets = self.gateway.secrets_manager(self.secrets.router());
        self.serve(ports.secrets_manager, secrets);
        self.serve(ports.lambda, self.lambda.router());
        self.serve(ports.control_plane, self.control_plane());
        self.serve(ports.api, self.api()?);
        Ok(())
    }

    fn control_plane(&self) -> Router {
        let clock = self.clock_moves.then(|| Arc::clone(&self.clock));
        let (template, lambda) = (Arc::clone(&self.template), self.lambda.clone());
        ControlPlane::new(template, lambda, self.cloudwatch.clone(), clock).router()
    }

    fn api(&self) -> Result<Router> {
        let mut with_url = self
            .lambda
            .functions()
            .filter(|function| function.settings().has_url);
        let router = with_url
            .next()
            .map(|function| function_url::router(Arc::clone(function)));
        if with_url.next().is_some() {
            bail!("the local platform plays one function URL, and the template has more");
        }
        let function = router.unwrap_or_default();
        // Without a queue for its events and a table of its users there is nothing to stand in for.
        let (Ok(event_queue), Some(webhooks)) = (
            self.declared_queue(EVENT_QUEUE),
            self.template.tables.get(WEBHOOKS_TABLE),
        ) else {
            return Ok(function);
        };
        let users = Users {
            database: Arc::clone(&self.database),
            webhooks_table: webhooks.name.clone(),
            tokens: Arc::clone(&self.user_tokens),
            clock: Arc::clone(&self.clock),
        };
        let verifier = Verifier::new(self.endpoints.api.clone());
        let stand_in = StandIn::new(users, verifier, event_queue, self.tasks.clone());
        Ok(stand_in.router(function))
    }

    fn serve(&self, listener: TcpListener, router: Router) {
        let listener = listener.tap_io(|connection| {
            // A small answer should not wait for more; where it has to, nothing is lost.
            let _ = connection.set_nodelay(true);
        });
        self.tasks.spawn(async move {
            // It never fails: a listener that cannot accept is tried again.
            let _ = axum::serve(listener, router).await;
        });
    }

    /// Lets queues and schedules feed the functions, and time pass for the alarms.
    pub(super) fn feed(&self, tick: Option<Duration>) -> Result<()> {
        self.tasks.spawn(self.cloudwatch.clone().run());
        for function in self.lambda.functions() {
            for source in &function.settings().sources {
                let mapping = Mapping {
                    queue: self.queues.queue(&source.queue)?,
                    function: Arc::clone(function),
                    source: source.clone(),
                    visibility: self.template.visibility_of(&source.queue),
                    mishaps: self.mishaps.clone(),
                };
                self.tasks.spawn(mapping.run());
            }
            for due in &function.settings().schedules {
                let due = schedule::run(Arc::clone(function), due.clone(), tick);
                self.tasks.spawn(due);
            }
        }
        Ok(())
    }
}

/// The template as this platform plays it: it trusts the tokens that the stand-in for the job
/// platform signs, unless it was told whose; and it starts runs there, unless it was told where.
pub(super) fn template(
    options: &Options,
    user_tokens: &UserTokens,
    site: &Site,
) -> Result<Template> {
    let mut own = user_tokens.parameters(&options.parameters);
    own.insert(PLATFORM_API.to_owned(), site.api.clone());
    Template::load_on(&options.template, &options.parameters, &own, site)
}

/// A token of the local user, if such tokens are trusted.
pub(super) fn user_token(
    options: &Options,
    user_tokens: &UserTokens,
    clock: &Clock,
) -> Option<String> {
    let is_trusted = !user_tokens.parameters(&options.parameters).is_empty();
    is_trusted.then(|| user_tokens.sign(token::USER, &Map::new(), clock.now()))
}

/// The clocks of the functions; with faults, they and the queues' clock differ.
pub(super) fn clock(mishaps: Option<&Mishaps>, queues: &Queues) -> Result<Clock> {
    let Some(mishaps) = mishaps else {
        return Clock::with(vec![Duration::ZERO]);
    };
    queues.advance(mishaps.queues_ahead())?;
    Clock::with(mishaps.skews())
}

/// Where generated secrets are kept, if anywhere.
pub(super) fn secrets_file(options: &Options) -> Option<PathBuf> {
    let among_the_data = || Some(options.data.as_ref()?.join("secrets.json"));
    options.secrets.clone().or_else(among_the_data)
}

/// What measures everything, with the template's alarms.
pub(super) fn cloudwatch(template: &Template, queues: &Queues, clock: &Arc<Clock>) -> CloudWatch {
    let names = template.queues.values().map(|queue| queue.name.clone());
    let alarms = template.alarms.values().cloned();
    CloudWatch::new(alarms, queues, names, Arc::clone(clock))
}

/// What the tables can take, where that is limited or metered.
pub(super) fn throughput(
    template: &Template,
    clock: &Arc<Clock>,
    options: &Options,
) -> Result<Option<Throughput>> {
    let is_known = options.limits_throughput || options.meters_capacity;
    let throughput = || Throughput::of(template, Arc::clone(clock), options.limits_throughput);
    is_known.then(throughput).transpose()
}

/// The concurrency of the account, if its functions reserve no more of it than Lambda lets them.
pub(super) fn concurrency(template: &Template, limit: u32) -> Result<Concurrency> {
    let functions = template.functions.values();
    let reservations = functions.filter_map(|function| {
        let reserved = function.reserved_concurrency?;
        Some((function.short_name.as_str(), reserved))
    });
    Concurrency::of_account(limit, reservations)
}

/// What the functions find around them.
pub(super) fn surroundings(
    endpoints: &Endpoints,
    clock: &Arc<Clock>,
    cloudwatch: &CloudWatch,
    concurrency: Concurrency,
    options: &Options,
) -> Result<Surroundings> {
    let mut environment = options.environment.clone();
    for (name, url) in [
        ("AWS_ENDPOINT_URL_DYNAMODB", &endpoints.dynamodb),
        ("AWS_ENDPOINT_URL_SQS", &endpoints.sqs),
        (
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            &endpoints.secrets_manager,
        ),
    ] {
        environment.insert(name.to_owned(), url.clone());
    }
    if !options.allowed_targets.is_empty() {
        let networks = options.allowed_targets.iter().map(ToString::to_string);
        let networks: Vec<_> = networks.collect();
        environment.insert(ALLOWED_TARGETS.to_owned(), networks.join(","));
    }
    Ok(Surroundings {
        environment,
        log: destination(options)?,
        cloudwatch: cloudwatch.clone(),
        clocks: match options.clock_moves {
            true => clock.files(),
            false => Vec::new(),
        },
        clock: Arc::clone(clock),
        concurrency,
    })
}

fn destination(options: &Options) -> Result<Destination> {
    let Some(path) = &options.log_file else {
        return Ok(match options.quiet {
            true => Destination::TerminalOnFailure,
            false => Destination::Terminal,
        });
    };
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Destination::File(Arc::new(Mutex::new(file))))
}
