//! The receivers: one server for each temper, and an address at which there is none.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use fastrand::Rng;
use futures::stream::{self, StreamExt};
use local::tasks::Tasks;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep;

use super::hook::Temper;
use super::posts::{Post, Posts, Reception};

/// Longer than an endpoint may take without coming under suspicion.
const SLOW: Duration = Duration::from_millis(1200);

/// Long enough for what was written to leave.
const FLUSH: Duration = Duration::from_millis(20);

/// Longer than a sender waits, with the settings of a soak.
const TOO_SLOW: Duration = Duration::from_secs(5);

/// All of them.
pub(super) struct Receivers {
    addresses: HashMap<Temper, SocketAddr>,
    posts: Arc<Posts>,
    are_healed: Arc<AtomicBool>,
    tasks: Tasks,
    /// Holds the address at which nobody listens.
    _dead: TcpSocket,
}

struct Server {
    temper: Temper,
    posts: Arc<Posts>,
    are_healed: Arc<AtomicBool>,
    dice: Mutex<Rng>,
}

/// What a receiver does about a POST.
enum Answer {
    Status(StatusCode),
    /// Not before that many seconds.
    ComeBack(u32),
    /// It accepts, but not at once.
    Late,
    /// It accepts, and says so when nobody waits for it any more.
    TooLate,
    /// It accepts, and its answer is lost.
    Lost,
    /// It breaks off before it has answered.
    HangUp,
    /// It breaks off in the middle of its answer, behind that status.
    BreakOff(StatusCode),
    Nothing,
}

/// As much of a payload as says what it is about.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    event_type: String,
    created_at: String,
    event_data: EventData,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct EventData {
    actor_run_id: String,
}

impl Receivers {
    pub(super) async fn listen(seed: u64) -> Result<Self> {
        // Bound, but not listening: whoever connects is refused, and nobody else gets the address.
        let dead = TcpSocket::new_v4()?;
        dead.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let mut receivers = Receivers {
            addresses: HashMap::from([(Temper::Dead, dead.local_addr()?)]),
            posts: Arc::default(),
            are_healed: Arc::default(),
            tasks: Tasks::default(),
            _dead: dead,
        };
        let served = [
            Temper::Good,
            Temper::Flaky,
            Temper::Hanging,
            Temper::Refusing,
            Temper::Gone,
            Temper::Healing,
            Temper::Waking,
        ];
        for (temper, seed) in served.into_iter().zip(seed..) {
            receivers.serve(temper, seed).await?;
        }
        Ok(receivers)
    }

    async fn serve(&mut self, temper: Temper, seed: u64) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.context("no receiver can listen")?;
        self.addresses.insert(temper, listener.local_addr()?);
        let server = Arc::new(Server {
            temper,
            posts: Arc::clone(&self.posts),
            are_healed: Arc::clone(&self.are_healed),
            dice: Mutex::new(Rng::with_seed(seed)),
        });
        let router = Router::new().fallback(receive).with_state(server);
        self.tasks.spawn(async move {
            // It never fails: a listener that cannot accept is tried again.
            let _ = axum::serve(listener, router).await;
        });
        Ok(())
    }

    /// Where a webhook of that label is called.
    pub(super) fn url(&self, temper: Temper, label: &str) -> String {
        format!("http://{}/{label}", self.addresses[&temper])
    }

    /// From now on those accept that are to be healed.
    pub(super) fn heal(&self) {
        self.are_healed.store(true, Ordering::Relaxed);
    }

    /// What they saw.
    pub(super) fn posts(&self) -> &Posts {
        &self.posts
    }

    pub(super) async fn close(&self) {
        self.tasks.end().await;
    }
}

async fn receive(
    State(server): State<Arc<Server>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let payload: Payload = serde_json::from_slice(&body).unwrap_or_default();
    let dispatch = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let answer = server.answer();
    // On the books before it is said: from here on the sender may know.
    server.posts.add(Post {
        label: uri.path().trim_start_matches('/').to_owned(),
        dispatch: dispatch.unwrap_or_default().to_owned(),
        run: payload.event_data.actor_run_id,
        event_type: payload.event_type,
        created_at: payload.created_at,
        reception: answer.reception(),
    });
    answer.give().await
}

impl Server {
    fn answer(&self) -> Answer {
        match self.temper {
            Temper::Good => Answer::Status(StatusCode::OK),
            Temper::Flaky => flaky(&mut self.dice.lock()),
            Temper::Hanging | Temper::Dead => Answer::Nothing,
            Temper::Healing | Temper::Waking if self.are_healed.load(Ordering::Relaxed) => {
                Answer::Status(StatusCode::OK)
            }
            Temper::Waking => Answer::HangUp,
            Temper::Refusing | Temper::Healing => Answer::Status(StatusCode::INTERNAL_SERVER_ERROR),
            Temper::Gone => Answer::Status(StatusCode::GONE),
        }
    }
}

fn flaky(dice: &mut Rng) -> Answer {
    match dice.f64() {
        ..0.15 => Answer::Status(StatusCode::INTERNAL_SERVER_ERROR),
        ..0.2 => Answer::Status(StatusCode::NOT_FOUND),
        ..0.25 => Answer::Status(StatusCode::FOUND),
        ..0.3 => Answer::ComeBack(90),
        ..0.33 => Answer::BreakOff(StatusCode::BAD_GATEWAY),
        ..0.36 => Answer::Lost,
        ..0.38 => Answer::Late,
        ..0.39 => Answer::TooLate,
        ..0.42 => Answer::BreakOff(StatusCode::OK),
        _ => Answer::Status(StatusCode::NO_CONTENT),
    }
}

impl Answer {
    fn reception(&self) -> Reception {
        match self {
            // The status line is final, whatever comes after it.
            Answer::Status(status) | Answer::BreakOff(status) if status.is_success() => {
                Reception::Accepted
            }
            Answer::Late => Reception::Accepted,
            Answer::TooLate | Answer::Lost => Reception::AcceptedUnheard,
            Answer::Status(_)
            | Answer::ComeBack(_)
            | Answer::HangUp
            | Answer::BreakOff(_)
            | Answer::Nothing => Reception::Refused,
        }
    }

    async fn give(self) -> Response {
        match self {
            Answer::Status(status) => status.into_response(),
            Answer::ComeBack(seconds) => {
                let retry_after = [("retry-after", seconds.to_string())];
                (StatusCode::SERVICE_UNAVAILABLE, retry_after).into_response()
            }
            Answer::Late => {
                sleep(SLOW).await;
                StatusCode::OK.into_response()
            }
            Answer::TooLate => {
                sleep(TOO_SLOW).await;
                StatusCode::OK.into_response()
            }
            // A head whose body fails at once never leaves.
            Answer::Lost | Answer::HangUp => {
                Body::from_stream(stream::once(broken_off())).into_response()
            }
            Answer::BreakOff(status) => {
                let begin = async { Ok(Bytes::from_static(b"it begins")) };
                let end = async {
                    // Until the beginning has left.
                    sleep(FLUSH).await;
                    broken_off().await
                };
                let body = stream::once(begin).chain(stream::once(end));
                (status, Body::from_stream(body)).into_response()
            }
            Answer::Nothing => std::future::pending().await,
        }
    }
}

async fn broken_off() -> Result<Bytes, std::io::Error> {
    Err(std::io::Error::other("broken off"))
}
