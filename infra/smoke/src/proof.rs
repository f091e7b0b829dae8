//! One proof, from the first look at the stack to the last.

use std::sync::Arc;

use anyhow::{Error, Result, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use store::Store;
use time::OffsetDateTime;

use crate::account::Account;
use crate::clock::Clock;
use crate::command::Arguments;
use crate::course::{Course, PATIENCE, id_of};
use crate::ledger::Ledger;
use crate::made::Made;
use crate::manner::Manner;
use crate::platform::{Platform, event_type};
use crate::receiver::{self, Deployed, Here, Receiver};
use crate::record::Record;
use crate::refusal::refusal;
use crate::report::{Report, say};
use crate::stack::Stack;
use crate::steps::parking::BACK;
use crate::user::ApiRefusal;
use crate::watch::Sight;
use crate::web;

/// The length of what tells this run of the command from others.
const TAG: usize = 8;

/// Runs a proof. What it makes is noted in `made`.
pub(crate) async fn run(arguments: &Arguments, clock: Option<String>, made: &Made) -> Result<()> {
    let since = OffsetDateTime::now_utc();
    let tag: String = (0..TAG).map(|_| fastrand::lowercase()).collect();
    let report = Report::default();
    let account = Arc::new(Account::connect(arguments.region.clone()).await?);
    let function_urls = arguments.function_urls.as_ref();
    let stack = Stack::find(&account, &arguments.stack, function_urls).await?;
    report.step(&format!("The stack {} in {}", stack.name, account.region));
    let http = web::client()?;
    let clock = Clock::at(&http, clock).await?;
    let before = Sight::now(&account, &stack).await?;
    report.note(format!("its API is at {}", stack.api));
    for complaint in before.complaints() {
        report.note(format!("beforehand: {complaint}"));
    }
    let store = Store::new(&account.config, stack.tables.clone());
    let [main, troubled] = [format!("smoke{tag}"), format!("smoke{tag}b")];
    let main = made.user(&main, &stack, &store, &http).await?;
    let troubled = made.user(&troubled, &stack, &store, &http).await?;
    report.note(format!("its users are {} and {}", main.id, troubled.id));
    let receiver = receiver_for(arguments, &account, &stack, &tag, &http, made).await?;
    let course = Course {
        platform: Platform::new(account.sqs.clone(), stack.event_queue.clone()),
        ledger: Ledger::default(),
        account: &account,
        stack: &stack,
        receiver: &receiver,
        clock: &clock,
        report: &report,
        main: &main,
        troubled: &troubled,
        tag: &tag,
    };
    course.reach_the_receiver().await?;
    course.take(arguments).await?;
    course.sum_up(&before, since).await?;
    let (checks, broken) = report.counts();
    ensure!(broken == 0, "{broken} of {checks} checks do not hold");
    say(&format!("\nAll {checks} checks hold."));
    Ok(())
}

async fn receiver_for(
    arguments: &Arguments,
    account: &Arc<Account>,
    stack: &Stack,
    tag: &str,
    http: &Client,
    made: &Made,
) -> Result<Receiver> {
    if let Some(url) = &arguments.receiver {
        return Ok(Receiver::Theirs(url.clone()));
    }
    if stack.is_here() && !arguments.deploy_receiver {
        return Ok(Receiver::Here(Here::listen(tag).await?));
    }
    let name = receiver::stack_name(&stack.name, tag);
    say(&format!(
        "   the stack {name} is created for the receiver …"
    ));
    made.note_receiver(account, &name);
    let function_urls = arguments.function_urls.as_ref();
    let deployed = Deployed::deploy(account, &name, tag, function_urls, http).await?;
    Ok(Receiver::Deployed(deployed))
}

impl Course<'_> {
    /// The steps in their order.
    async fn take(&self, arguments: &Arguments) -> Result<()> {
        // Without a look at what arrives, nothing can be said of a receiver that does not accept.
        let troubled = match self.receiver.arrivals() {
            Some(_) => Some(self.begin_trouble().await?),
            None => None,
        };
        if let Some(troubled) = &troubled {
            self.retries_are_parked(&troubled.comes_back).await?;
        }
        self.main_job().await?;
        self.race().await?;
        self.users_are_separate().await?;
        if let Some(troubled) = &troubled {
            self.end_trouble(troubled).await?;
        }
        self.redeliver_what_was_delivered().await?;
        if let Some(troubled) = &troubled {
            self.redeliver_what_has_failed(&troubled.refuses).await?;
        }
        self.rotate_a_secret().await?;
        self.keep_up_a_load(arguments.soak(), arguments.pace)
            .await?;
        match &troubled {
            Some(troubled) if self.clock.moves() || arguments.soak() >= BACK => {
                self.parked_retries_come_back(&troubled.comes_back).await
            }
            Some(_) => {
                let minutes = BACK.as_secs() / 60;
                self.report.note(format!(
                    "to see the parked retries come back, say --minutes {minutes}; now they end with their webhook"
                ));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A test delivery: whether the stack can call the receiver at all.
    async fn reach_the_receiver(&self) -> Result<()> {
        self.report.step("A test delivery to the receiver");
        let label = self.label("trial");
        let url = self.receiver.url(Manner::Accept, &label);
        let definition = json!({
            "eventTypes": [event_type("SUCCEEDED")],
            "condition": { "actorId": format!("{}trial", self.tag) },
        });
        let defined = self
            .define(self.main, (&label, Manner::Accept), definition)
            .await;
        let webhook = defined.map_err(|error| refused_url(error, &url))?;
        let path = format!("/v2/webhooks/{}/test", id_of(&webhook)?);
        self.main.post(&path, &Value::Null).await?;
        let was_called = |records: &[Record]| records.iter().any(|one| !one.calls.is_empty());
        let records = self
            .until_recorded(self.main, &webhook, PATIENCE, was_called)
            .await?;
        let call = records.first().and_then(|record| record.calls.first());
        let call = call.ok_or_else(|| {
            Error::msg("a test delivery was not made within a minute: read the log of deliver")
        })?;
        match (call.response_status, &call.error_message) {
            (Some(200..=299), _) => {
                self.report.note(format!("{url} accepts"));
                Ok(())
            }
            (status, message) => Err(refusal(format!(
                "the receiver at {url} cannot be reached by the stack, or does not accept: {}; name one that is public and answers every POST with a 2xx",
                match (status, message) {
                    (Some(status), _) => format!("it answers {status}"),
                    (None, message) => message.clone().unwrap_or_default(),
                }
            ))),
        }
    }
}

/// The API refuses a URL that does not lead to a public address.
fn refused_url(error: Error, url: &str) -> Error {
    match error.downcast_ref::<ApiRefusal>() {
        Some(ApiRefusal {
            status: 400,
            message,
            ..
        }) => refusal(format!(
            "the stack does not take the receiver at {url}: {message}; name one that is public"
        )),
        _ => error,
    }
}
