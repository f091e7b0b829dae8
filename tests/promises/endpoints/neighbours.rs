//! What fails on a host is left alone, and nothing else: its neighbours there are called as ever.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::run::{Run, ad_hoc};
use crate::stage::Stage;

/// Attempts in a row without an answer that make something dead.
const DEAD_AFTER: usize = 10;

/// Sends a run's event to each of these URLs, as a batch of the slow lane: nothing depends on trust
/// there.
async fn send(stage: &Stage, name: &str, urls: &[String]) {
    let webhooks: Vec<Value> = urls.iter().map(|url| ad_hoc(&["CREATED"], url)).collect();
    send_webhooks(stage, name, &webhooks).await;
}

async fn send_webhooks(stage: &Stage, name: &str, webhooks: &[Value]) {
    let events: Vec<_> = webhooks
        .iter()
        .enumerate()
        .map(|(n, webhook)| Run::new(&format!("{name}{n}")).created_with(&json!([webhook])))
        .collect();
    assert!(stage.ingest(&events).await.is_empty());
    let messages = stage.delivery_messages(webhooks.len()).await;
    assert!(stage.deliver_slowly(&messages).await.is_empty());
}

/// How many of all dispatches were attempted.
async fn attempted(stage: &Stage) -> usize {
    let dispatches = stage.dispatches().await;
    dispatches.iter().filter(|one| one.attempts > 0).count()
}

async fn stage() -> Stage {
    Stage::with(&[
        ("DeliveriesEnabled", "false"),
        ("RetryScheduleSeconds", "600"),
    ])
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_gives_no_answer_does_not_silence_its_neighbours_on_the_host() {
    let stage = stage().await;
    let server = Moody::start().await;
    let bad = server.url("/bad?secret=1");
    send(&stage, "died", &vec![bad.clone(); DEAD_AFTER]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER);

    send(&stage, "paused", &[bad, server.url("/bad?secret=2")]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER, "it is left alone");
    let neighbours = ["/good", "/bad/too", "/"].map(|path| server.url(path));
    send(&stage, "good", &neighbours).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER + neighbours.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_connection_can_be_made_all_paths_are_left_alone_and_other_ports_are_not() {
    let stage = stage().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let authority = closed.local_addr().expect("an address");
    drop(closed);
    let gone = |path: &str| format!("http://{authority}{path}");
    let tried: Vec<String> = (0..DEAD_AFTER).map(|n| gone(&format!("/{n}"))).collect();
    send(&stage, "died", &tried).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER);

    send(&stage, "paused", &[gone("/other")]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER, "it is left alone");
    send(&stage, "good", &[stage.receiver.url("/good")]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_accepted_concerns_those_that_check_it() {
    let stage = stage().await;
    let server = Moody::start().await;
    let strict = |path: &str| ad_hoc(&["CREATED"], &server.secure_url(path));
    let lax = |path: &str| {
        let mut webhook = strict(path);
        webhook["ignoreSslErrors"] = json!(true);
        webhook
    };
    let tried: Vec<Value> = (0..DEAD_AFTER).map(|n| strict(&format!("/{n}"))).collect();
    send_webhooks(&stage, "died", &tried).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER);

    send_webhooks(&stage, "paused", &[strict("/other")]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER, "it is left alone");
    send_webhooks(&stage, "lax", &[lax("/0"), lax("/other")]).await;
    assert_eq!(attempted(&stage).await, DEAD_AFTER + 2);
}

/// `EndpointDead` is said of what was asked: a webhook that has waited behind others of its host is
/// asked before it is given up.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_that_a_url_has_not_answered_that_was_never_asked() {
    let schedule = [
        ("DeliveriesEnabled", "false"),
        ("RetryScheduleSeconds", "600"),
        ("DisableAfterDays", "1"),
    ];
    let stage = Stage::with(&schedule).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let authority = closed.local_addr().expect("an address");
    drop(closed);
    let tried: Vec<String> = (0..DEAD_AFTER)
        .map(|n| format!("http://{authority}/{n}"))
        .collect();
    send(&stage, "died", &tried).await;
    let other = ad_hoc(&["CREATED"], &format!("http://{authority}/other"));
    let event = Run::new("waits").created_with(&json!([other]));
    assert!(stage.ingest(&[event]).await.is_empty());
    let [message] = &stage.delivery_messages(1).await[..] else {
        panic!("one message")
    };
    // It has waited since before all of that.
    let mut waited: Value = serde_json::from_str(message).expect("a message");
    waited["putOffSince"] = json!("2019-12-12T07:34:14.202Z");
    assert!(stage.deliver_slowly(&[waited.to_string()]).await.is_empty());
    assert_eq!(attempted(&stage).await, DEAD_AFTER + 1);
    let dispatches = stage.dispatches().await;
    assert!(
        dispatches.iter().all(|one| one.status == "ACTIVE"),
        "{dispatches:?}"
    );
}

/// A server that drops the connection of whoever asks for `/bad`, and answers all others; also over
/// TLS, with a certificate of nobody's.
struct Moody {
    plain: SocketAddr,
    secure: SocketAddr,
}

impl Moody {
    async fn start() -> Self {
        let own =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("a server");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let [plain, secure] = [listener().await, listener().await];
        let addresses = [&plain, &secure].map(|at| at.local_addr().expect("an address"));
        tokio::spawn(async move {
            while let Ok((stream, _)) = plain.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = secure.accept().await {
                let handshake = acceptor.accept(stream);
                tokio::spawn(async move {
                    if let Ok(stream) = handshake.await {
                        answer(stream).await;
                    }
                });
            }
        });
        let [plain, secure] = addresses;
        Self { plain, secure }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.plain)
    }

    fn secure_url(&self, path: &str) -> String {
        format!("https://{}{path}", self.secure)
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a free port")
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut request = vec![0; 64 * 1024];
    let length = stream.read(&mut request).await.unwrap_or_default();
    let is_bad = request[..length].starts_with(b"POST /bad?")
        || request[..length].starts_with(b"POST /bad ");
    if is_bad {
        return;
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    // Until the other side has it.
    let _ = stream.read(&mut request).await;
}
