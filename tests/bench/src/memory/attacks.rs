//! The worst that users can send, kind by kind.

use std::io::Write;

use anyhow::Result;
use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request as HttpRequest;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use local::endpoints::Endpoints;
use local::token;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A large event, with room for the rest of its message.
const LARGE: usize = 1_000_000;
/// The longest template.
const TEMPLATE: usize = 64 * 1024;

/// What is done to the platform.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) requests: Vec<Request>,
    pub(super) events: Vec<String>,
}

/// A request to the API, whose answer does not matter.
pub(super) struct Request {
    path: &'static str,
    encoding: Option<&'static str>,
    body: Vec<u8>,
}

/// All of them.
pub(super) async fn all() -> Result<Vec<Attack>> {
    let (answering, hanging) = (answering().await?, hanging().await?);
    let with_events = |name, events| Attack {
        name,
        requests: Vec::new(),
        events,
    };
    let one = |url: &str| json!([ad_hoc(url, 0)]);
    let large_to = |name: &str, url: &str| -> Vec<String> {
        let event = |n| event(&format!("{name}{n}"), &random(LARGE), &one(url));
        (0..100).map(event).collect()
    };
    Ok(vec![
        with_events(
            "100 events of 1 MB, answered",
            large_to("answered", &answering),
        ),
        with_events(
            "100 events of 1 MB, to an endpoint that hangs",
            large_to("hung", &hanging),
        ),
        with_events(
            "100 events of 1 MB that compress to nothing",
            (0..100)
                .map(|n| event(&format!("small{n}"), &"x".repeat(LARGE), &one(&answering)))
                .collect(),
        ),
        with_events(
            "10 events of 1 MB with 20 ad hoc webhooks each, to an endpoint that hangs",
            (0..10)
                .map(|n| {
                    let webhooks: Vec<Value> = (0..20).map(|n| ad_hoc(&hanging, n)).collect();
                    event(&format!("many{n}"), &random(LARGE), &json!(webhooks))
                })
                .collect(),
        ),
        with_events(
            "10 events with the largest templates, 4 each",
            templates(&answering),
        ),
        with_events(
            "10 events with definitions that are lists of empty names",
            empty_names(),
        ),
        with_events(
            "10 events with a resource of many small members",
            members(&answering),
        ),
        Attack {
            name: "requests to the API that unpack to much, or nest deeply",
            requests: bodies()?,
            events: Vec::new(),
        },
    ])
}

fn templates(url: &str) -> Vec<String> {
    let places = |end: usize| {
        let mut text = String::new();
        let mut place = 0;
        while text.len() < end && place < 1000 {
            text += &format!("{{{{resource.{place}}}}}");
            place += 1;
        }
        text
    };
    let payload = format!(
        "[\"{}\",{}0]",
        places(TEMPLATE / 2),
        "0,".repeat((TEMPLATE / 2 - 16) / 2)
    );
    let headers = format!("{{\"X-A\":\"{}\"}}", places(30_000));
    let definition = |n: usize| {
        let mut definition = ad_hoc(url, n);
        definition["payloadTemplate"] = json!(payload);
        definition["headersTemplate"] = json!(headers);
        definition["shouldInterpolateStrings"] = json!(true);
        definition
    };
    let all: Vec<Value> = (0..4).map(definition).collect();
    let event = |n| event(&format!("templates{n}"), "", &json!(all));
    (0..10).map(event).collect()
}

fn empty_names() -> Vec<String> {
    let lists = format!("[{}0]", "{\"\":0},".repeat(60_000));
    let event = |n| {
        let mut event: Value =
            serde_json::from_str(&event(&format!("empty{n}"), "", &json!([]))).unwrap_or_default();
        event["webhooks"] = json!(BASE64_STANDARD.encode(&lists));
        event.to_string()
    };
    (0..10).map(event).collect()
}

fn members(url: &str) -> Vec<String> {
    let small = format!("{{{}\"a\":0}}", "\"\":[],".repeat(80_000));
    let event = |n| {
        let mut definition = ad_hoc(url, 0);
        definition["payloadTemplate"] = json!("{\"a\": \"{{resource}}\"}");
        definition["shouldInterpolateStrings"] = json!(true);
        let event = event(&format!("members{n}"), "FILLER", &json!([definition]));
        event.replace("\"FILLER\"", &small)
    };
    (0..10).map(event).collect()
}

fn bodies() -> Result<Vec<Request>> {
    let pairs = format!("[{}0]", "{\"\":0},".repeat(1_200_000));
    let names: Vec<String> = (0..400_000).map(|n| format!("\"{n}\":0")).collect();
    let texts = [
        pairs.clone(),
        format!("{{\"eventTypes\":{pairs}}}"),
        format!("{{\"eventTypes\":[{}\"\"]}}", "\"\",".repeat(2_500_000)),
        format!("{{{}}}", names.join(",")),
        format!("{{\"condition\":{{{}}}}}", names.join(",")),
        format!("{{\"payloadTemplate\":\"{}\"}}", "x".repeat(9_000_000)),
        format!("{}{}", "[".repeat(4_000_000), "]".repeat(4_000_000)),
        format!("{{\"requestUrl\":\"http://{}/\"}}", "a.".repeat(4_000_000)),
    ];
    let mut requests = Vec::new();
    for text in texts {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(text.as_bytes())?;
        let packed = packed.finish()?;
        for path in ["/v2/webhooks", "/v2/webhooks/aaaaaaaaaaaaaaaaa/test"] {
            requests.push(Request {
                path,
                encoding: Some("gzip"),
                body: packed.clone(),
            });
        }
        let plain = text.len() < 5_500_000;
        requests.extend(plain.then(|| Request {
            path: "/v2/webhooks",
            encoding: None,
            body: text.into_bytes(),
        }));
    }
    Ok(requests)
}

impl Request {
    pub(super) async fn send(&self, endpoints: &Endpoints) -> Result<()> {
        let mut request = HttpRequest::post(format!("{}{}", endpoints.api, self.path))
            .header("authorization", format!("Bearer {}", endpoints.token))
            .header("content-type", "application/json");
        if let Some(encoding) = self.encoding {
            request = request.header("content-encoding", encoding);
        }
        let request = request.body(Full::new(Bytes::from(self.body.clone())))?;
        let http = Client::builder(TokioExecutor::new()).build_http();
        let answer = http.request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let start = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
        anyhow::ensure!(
            !status.is_server_error(),
            "the API answered {status}: {start}"
        );
        Ok(())
    }
}

/// A run's start, with so much in its resource.
fn event(run: &str, filler: &str, webhooks: &Value) -> String {
    json!({
        "eventType": "ACTOR.RUN.CREATED",
        "createdAt": "2026-01-09T15:00:00.000Z",
        "userId": token::USER,
        "eventData": {"actorId": "actor1", "actorRunId": run},
        "resource": {"id": run, "actId": "actor1", "userId": token::USER, "filler": filler},
        "webhooks": BASE64_STANDARD.encode(webhooks.to_string()),
    })
    .to_string()
}

fn ad_hoc(url: &str, n: usize) -> Value {
    json!({"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": format!("{url}/{n}")})
}

/// Text that no compression makes small.
fn random(length: usize) -> String {
    let mut dice = fastrand::Rng::with_seed(length as u64);
    std::iter::repeat_with(|| dice.alphanumeric())
        .take(length)
        .collect()
}

/// A receiver that reads and answers.
async fn answering() -> Result<String> {
    listen(true).await
}

/// A receiver that reads, and never answers.
async fn hanging() -> Result<String> {
    listen(false).await
}

async fn listen(answers: bool) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let receive = move |body: axum::body::Body| async move {
        // Read and forgotten.
        let mut body = body;
        while let Some(Ok(_)) = body.frame().await {}
        if !answers {
            std::future::pending::<()>().await;
        }
    };
    let router = axum::Router::new().fallback(receive);
    tokio::spawn(async move {
        // It never fails: a listener that cannot accept is tried again.
        let _ = axum::serve(listener, router).await;
    });
    Ok(url)
}
