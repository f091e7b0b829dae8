//! The endpoints of DynamoDB, SQS and Secrets Manager as clients see them: the services themselves,
//! behind a thin layer that knows who calls.
//!
//! It refuses what the caller may not do, counts the calls, sums what they consume where asked to,
//! can kill the caller for tests, and lets calls meet outages and the faults of a plan. What the
//! database throttles is measured, and what it can take in a second can be limited.

mod caller;
pub mod calls;
pub mod capacity;
pub(crate) mod forward;
pub mod kill;
mod mishap;
pub mod outage;
mod throttles;
pub mod throughput;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use crate::access::{self, Access};
use crate::cloudwatch::CloudWatch;
use crate::faults::{AtCall, Mishaps};
use crate::lambda::Lambda;
use crate::lambda::Sandbox;
use crate::queues::Queues;
use caller::Caller;
use calls::{Call, Calls, Service};
use capacity::{BODY_LIMIT, Meter};
use forward::Forwarder;
use kill::{Kill, Kills, Moment};
use outage::{Outage, Outages, Refused};
use throughput::Throughput;

/// What the endpoints of one platform have in common. Clones share it.
#[derive(Clone)]
pub(crate) struct Gateway {
    access: Arc<Access>,
    lambda: Lambda,
    queues: Queues,
    cloudwatch: CloudWatch,
    mishaps: Option<Arc<Mishaps>>,
    calls: Arc<Calls>,
    kills: Arc<Kills>,
    outages: Arc<Outages>,
    meter: Option<Arc<Meter>>,
    throughput: Option<Arc<Throughput>>,
}

#[derive(Clone)]
enum Backend {
    DynamoDb(Arc<Forwarder>),
    Sqs(Router),
    SecretsManager(Router),
}

impl Gateway {
    /// A layer in front of the services that `lambda`'s sandboxes call. Their messages are from
    /// `queues`.
    pub(crate) fn new(
        access: Access,
        lambda: Lambda,
        queues: Queues,
        cloudwatch: CloudWatch,
        mishaps: Option<Arc<Mishaps>>,
        meters_capacity: bool,
        throughput: Option<Throughput>,
    ) -> Self {
        Gateway {
            access: Arc::new(access),
            lambda,
            queues,
            cloudwatch,
            mishaps,
            calls: Arc::default(),
            kills: Arc::default(),
            outages: Arc::default(),
            meter: meters_capacity.then(Arc::default),
            throughput: throughput.map(Arc::new),
        }
    }

    /// The endpoint of the database that answers at `address`.
    pub(crate) fn dynamodb(&self, address: SocketAddr) -> Router {
        self.router(Backend::DynamoDb(Arc::new(Forwarder::to(address))))
    }

    /// The endpoint of the queue service.
    pub(crate) fn sqs(&self, service: Router) -> Router {
        self.router(Backend::Sqs(service))
    }

    /// The endpoint of the secrets.
    pub(crate) fn secrets_manager(&self, service: Router) -> Router {
        self.router(Backend::SecretsManager(service))
    }

    /// Who may call what.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What the calls of each function consumed, where that is metered.
    pub(crate) fn meter(&self) -> Option<&Meter> {
        self.meter.as_deref()
    }

    /// What the tables and their keys have taken, where that is known.
    pub(crate) fn throughput(&self) -> Option<&Throughput> {
        self.throughput.as_deref()
    }

    /// Kills the sandbox that makes the `nth` call of `function` from now.
    pub(crate) fn kill_at(&self, function: &str, nth: u32, moment: Moment) -> Kill {
        self.kills.arm(function, nth, moment)
    }

    /// Lets a call pass that its maker may make, with its body in hand.
    async fn admit(&self, call: &Call, request: Request) -> Result<Request, Box<Response>> {
        access::ensure_signed(request.headers())?;
        if !self.access.concerns(call) {
            return Ok(request);
        }
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return Err(Box::new(StatusCode::PAYLOAD_TOO_LARGE.into_response()));
        };
        self.access.check(call, &body)?;
        Ok(Request::from_parts(head, Body::from(body)))
    }

    /// Refuses these calls for as long as the outage lasts.
    pub(crate) fn refuse(&self, refused: Refused) -> Outage {
        self.outages.begin(refused)
    }

    fn router(&self, backend: Backend) -> Router {
        Router::new()
            .fallback(pass)
            .with_state((self.clone(), backend))
    }

    async fn carry_out(&self, call: &Call, request: Request, backend: Backend) -> Response {
        match &self.throughput {
            Some(throughput) if call.service == Service::DynamoDb => {
                let metered = async |request| self.carry_out_metered(call, request, backend).await;
                throughput.carry_out(call, request, metered).await
            }
            _ => self.carry_out_metered(call, request, backend).await,
        }
    }

    async fn carry_out_metered(&self, call: &Call, request: Request, backend: Backend) -> Response {
        match &self.meter {
            Some(meter) if call.service == Service::DynamoDb => {
                meter.carry_out(call, request, backend).await
            }
            _ => backend.carry_out(request).await,
        }
    }

    /// What a call comes to, whatever it meets.
    async fn answer(
        &self,
        caller: &Caller,
        call: &Call,
        request: Request,
        backend: Backend,
    ) -> Response {
        if let Some(refusal) = self.outages.at(call) {
            return self
                .meet(AtCall::Refuse(refusal), caller, call, request, backend)
                .await;
        }
        match self.mishap_at(caller, call, request.headers()) {
            Some(met) => self.meet(met, caller, call, request, backend).await,
            None => self.carry_out(call, request, backend).await,
        }
    }

    /// The same, with what is measured of it.
    async fn answer_measured(
        &self,
        caller: &Caller,
        call: &Call,
        request: Request,
        backend: Backend,
    ) -> Response {
        if call.service != Service::DynamoDb {
            return self.answer(caller, call, request, backend).await;
        }
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let request = Request::from_parts(head, Body::from(body.clone()));
        let response = self.answer(caller, call, request, backend).await;
        throttles::measure(&self.cloudwatch, call, &body, response).await
    }

    /// Kills the caller, and then does that. Whatever the caller still sends is not carried out.
    async fn kill(&self, caller: &Caller, then: impl FnOnce() + Send + 'static) -> Response {
        self.kills.fence(caller);
        let sandbox = self.sandbox(caller);
        // A task of its own: this one ends with the caller's connection.
        tokio::spawn(async move {
            if let Some(sandbox) = sandbox {
                sandbox.end().await;
            }
            then();
        });
        no_answer().await
    }

    fn sandbox(&self, caller: &Caller) -> Option<Arc<Sandbox>> {
        self.lambda.function(&caller.name)?.sandbox(caller.number?)
    }
}

impl Backend {
    fn service(&self) -> Service {
        match self {
            Backend::DynamoDb(_) => Service::DynamoDb,
            Backend::Sqs(_) => Service::Sqs,
            Backend::SecretsManager(_) => Service::SecretsManager,
        }
    }

    async fn carry_out(self, request: Request) -> Response {
        match self {
            Backend::DynamoDb(database) => database.carry_out(request).await,
            Backend::Sqs(service) | Backend::SecretsManager(service) => {
                match service.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        }
    }
}

async fn pass(State((gateway, backend)): State<(Gateway, Backend)>, request: Request) -> Response {
    let caller = Caller::of(request.headers());
    if gateway.kills.is_fenced(&caller) {
        return no_answer().await;
    }
    let call = Call::of(&caller, backend.service(), request.headers());
    // Secrets are asked for beside the work, at no certain place in it.
    let kill = match call.service {
        Service::DynamoDb | Service::Sqs => gateway.kills.due_at_call_by(&caller),
        Service::SecretsManager => None,
    };
    if let Some(kill) = &kill
        && kill.moment == Moment::BeforeCall
    {
        let kill = Arc::clone(kill);
        return gateway.kill(&caller, move || kill.mark_fired()).await;
    }
    let request = match gateway.admit(&call, request).await {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    gateway.calls.add(&call);
    let answered = gateway.answer_measured(&caller, &call, request, backend);
    let response = answered.await;
    match kill {
        Some(kill) => gateway.kill(&caller, move || kill.mark_fired()).await,
        None => response,
    }
}

/// What a dead process gets: its connection is closed already.
async fn no_answer() -> Response {
    std::future::pending().await
}
