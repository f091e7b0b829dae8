//! A receiver on loopback: takes requests off the wire as they are, and does what it was told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::request_url::RequestUrl;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::tls_server;

/// Too often for a limit on silence, too seldom to come to an end.
const DRIP: Duration = Duration::from_millis(10);

/// What follows an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Then {
    /// The next request on the same connection. After an unfinished answer there is none, and this
    /// hangs.
    ReadOn,
    /// A byte now and then, without end.
    Drip,
    Close,
    Reset,
}

/// A request, and the number of the connection it came on.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) connection: usize,
    pub(crate) text: String,
}

impl Received {
    /// Request line, headers in alphabetical order, body.
    pub(crate) fn parts(&self) -> (&str, Vec<&str>, &str) {
        let (head, body) = self.text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap();
        let mut headers: Vec<_> = lines.collect();
        headers.sort_unstable();
        (first, headers, body)
    }
}

/// What is said to the first request, to the second, and so on; the last is said again and again.
struct Script {
    answers: Vec<(Vec<u8>, Then)>,
    next: AtomicUsize,
}

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    requests: UnboundedReceiver<Received>,
}

impl Receiver {
    /// Answers every request with these bytes.
    pub(crate) async fn start(answer: impl AsRef<[u8]>, then: Then) -> Self {
        Self::start_script(&[(answer.as_ref(), then)]).await
    }

    /// Answers the requests one after the other with these.
    pub(crate) async fn start_script(answers: &[(&[u8], Then)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, answers, None)
    }

    /// Answers every request at this address, if the machine has it.
    pub(crate) async fn start_at(address: &str, answer: &str) -> Option<Self> {
        let listener = TcpListener::bind(address).await.ok()?;
        let answers: &[(&[u8], _)] = &[(answer.as_bytes(), Then::ReadOn)];
        Some(Self::listen(listener, answers, None))
    }

    /// The same over TLS, with a certificate that nobody vouches for.
    pub(crate) async fn start_self_signed(answer: impl AsRef<[u8]>, alpn: &[&[u8]]) -> Self {
        let mut config = tls_server::self_signed();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        Self::start_tls(&[(answer.as_ref(), Then::ReadOn)], config).await
    }

    /// The same over this TLS.
    pub(crate) async fn start_tls(answers: &[(&[u8], Then)], config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::listen(listener, answers, Some(acceptor))
    }

    fn listen(listener: TcpListener, answers: &[(&[u8], Then)], tls: Option<TlsAcceptor>) -> Self {
        let answers = answers.iter();
        let script = Arc::new(Script {
            answers: answers.map(|(says, then)| (says.to_vec(), *then)).collect(),
            next: AtomicUsize::new(0),
        });
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (sender, requests) = unbounded_channel();
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (script, seen, tls) = (Arc::clone(&script), sender.clone(), tls.clone());
                tokio::spawn(serve(stream, tls, script, connection, seen));
            }
        });
        Self {
            address,
            scheme,
            requests,
        }
    }

    pub(crate) fn url(&self) -> RequestUrl {
        self.url_of("/")
    }

    pub(crate) fn url_of(&self, path: &str) -> RequestUrl {
        RequestUrl::parse(&format!("{}://{}{path}", self.scheme, self.address)).unwrap()
    }

    /// The next request.
    pub(crate) async fn request(&mut self) -> Received {
        self.requests.recv().await.unwrap()
    }

    /// Whether no further request has come.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

async fn serve(
    mut stream: TcpStream,
    tls: Option<TlsAcceptor>,
    script: Arc<Script>,
    connection: usize,
    seen: UnboundedSender<Received>,
) {
    match tls {
        Some(tls) => {
            if let Ok(mut stream) = tls.accept(stream).await {
                converse(&mut stream, &script, connection, &seen).await;
            }
        }
        None => {
            let then = converse(&mut stream, &script, connection, &seen).await;
            if matches!(then, Some(Then::Reset)) {
                stream.set_zero_linger().unwrap();
            }
        }
    }
}

/// How it ended; nothing if the sender has.
async fn converse(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    script: &Script,
    connection: usize,
    seen: &UnboundedSender<Received>,
) -> Option<Then> {
    while let Some(text) = read_request(stream).await {
        let nth = script.next.fetch_add(1, Ordering::Relaxed);
        let (answer, then) = script.answers.get(nth).or(script.answers.last())?;
        // The test may be over.
        let _ = seen.send(Received { connection, text });
        // The sender may have seen enough and gone.
        let written = stream.write_all(answer).await;
        if matches!(then, Then::Drip) {
            while stream.write_all(b"x").await.is_ok() {
                sleep(DRIP).await;
            }
        }
        if written.is_err() || !matches!(then, Then::ReadOn) {
            return Some(*then);
        }
    }
    None
}

/// One request, head and body; `None` when the sender is gone.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text.into_owned());
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap())
}
