//! What is wrong with a receiver's TLS, and when it came.

use domain::outcome::{Outcome, TlsFault, Trouble, Verdict};
use domain::request_url::RequestUrl;
use rcgen::{CertificateParams, date_time_ymd};
use rustls::server::Acceptor;
use rustls::version::{TLS12, TLS13};
use rustls::{NamedGroup, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::unbounded_channel;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

use crate::receiver::{Receiver, Then};
use crate::{AMPLE, OK, answered, callee, request, sender, tls_server};

const GOOD: (&[u8], Then) = (OK.as_bytes(), Then::ReadOn);

/// How a handshake ends in which the receiver says this and goes.
async fn handshake_with(says: &'static [u8]) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(says).await.unwrap();
    });
    let url = RequestUrl::parse(&url).unwrap();
    sender()
        .send(callee(&url, false), request(), AMPLE)
        .await
        .outcome
}

#[tokio::test]
async fn an_owner_reads_what_is_wrong_with_a_handshake() {
    for (says, fault) in [
        (&b""[..], TlsFault::Closed),
        // Alerts: protocol version, handshake failure, insufficient security, internal error.
        (b"\x15\x03\x01\0\x02\x02\x46", TlsFault::NoCommonVersion),
        (b"\x15\x03\x03\0\x02\x02\x28", TlsFault::NoCommonCipher),
        (b"\x15\x03\x03\0\x02\x02\x47", TlsFault::NoCommonCipher),
        (b"\x15\x03\x03\0\x02\x02\x50", TlsFault::Alert(80)),
        // No application protocol, unrecognised name.
        (b"\x15\x03\x03\0\x02\x02\x78", TlsFault::NoHttp1),
        (b"\x15\x03\x03\0\x02\x02\x70", TlsFault::UnknownName),
        // SSL 3.0, and others that do not know what was said to them.
        (b"\x15\x03\x00\0\x02\x02\x46", TlsFault::NoCommonVersion),
        (b"HTTP/1.1 400 Bad\r\n\r\n", TlsFault::NotTls),
        (b"SSH-2.0-OpenSSH_9.9\r\n", TlsFault::NotTls),
        (b"220 mail ESMTP\r\n", TlsFault::NotTls),
        (b"\0\0\0\0\0\0\0\0", TlsFault::NotTls),
    ] {
        let outcome = handshake_with(says).await;
        assert_eq!(
            outcome,
            Outcome::Unanswered(Trouble::Tls(fault)),
            "{says:?}"
        );
        assert_eq!(outcome.verdict(), Verdict::RetryLater);
    }
}

/// A hello of a server that knows no more than this version.
#[tokio::test]
async fn versions_that_are_too_old_are_refused_even_if_errors_are_ignored() {
    for version in [b"\x03\0", b"\x03\x01", b"\x03\x02"] {
        let mut hello = Vec::from(*version);
        hello.extend([7; 32]);
        hello.extend(b"\0\0\x2f\0");
        let mut record = vec![22, version[0], version[1], 0, hello.len() as u8 + 4];
        record.extend([2, 0, 0, hello.len() as u8]);
        record.extend(hello);
        for ignore_ssl_errors in [false, true] {
            let receiver = said_to_hello(record.clone()).await;
            let outcome = sender()
                .send(callee(&receiver, ignore_ssl_errors), request(), AMPLE)
                .await
                .outcome;
            let expected = Outcome::Unanswered(Trouble::Tls(TlsFault::NoCommonVersion));
            assert_eq!(outcome, expected, "{version:?}");
        }
    }
}

async fn said_to_hello(says: Vec<u8>) -> RequestUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(&says).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    RequestUrl::parse(&url).unwrap()
}

#[tokio::test]
async fn an_owner_reads_what_is_wrong_with_a_certificate() {
    let made = |from, to| {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let mut of_authority = made(2000, 4000);
    of_authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    for (params, fault) in [
        (made(2000, 2001), TlsFault::Expired),
        (made(3000, 4000), TlsFault::NotYetValid),
        (made(2000, 4000), TlsFault::UnknownIssuer),
        (of_authority, TlsFault::UnknownIssuer),
    ] {
        let config = tls_server::signed_by_itself(params);
        let receiver = Receiver::start_tls(&[GOOD], config).await;
        let (sender, url) = (sender(), receiver.url());
        let outcome = sender
            .send(callee(&url, false), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, Outcome::Unanswered(Trouble::Tls(fault)));
        let outcome = sender
            .send(callee(&url, true), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome, answered(200, None), "{fault:?}");
    }
}

#[tokio::test]
async fn any_certificate_and_any_key_is_taken_if_errors_are_ignored() {
    let pss_keys = [0x0809, 0x080a, 0x080b].map(SignatureScheme::Unknown);
    let curves = [0x081a, 0x081b, 0x081c].map(SignatureScheme::Unknown);
    let schemes = [
        SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureScheme::ECDSA_NISTP384_SHA384,
        SignatureScheme::ECDSA_NISTP521_SHA512,
        SignatureScheme::ED25519,
        SignatureScheme::ED448,
        SignatureScheme::RSA_PSS_SHA256,
        SignatureScheme::RSA_PSS_SHA512,
    ];
    for scheme in schemes.into_iter().chain(pss_keys).chain(curves) {
        for certificate in [&b"no certificate at all"[..], b"\x30\x00", b""] {
            let config = tls_server::odd(certificate, scheme);
            let receiver = Receiver::start_tls(&[GOOD], config).await;
            let (sender, url) = (sender(), receiver.url());
            let outcome = sender
                .send(callee(&url, true), request(), AMPLE)
                .await
                .outcome;
            assert_eq!(outcome, answered(200, None), "{scheme:?}");
            let outcome = sender
                .send(callee(&url, false), request(), AMPLE)
                .await
                .outcome;
            assert!(
                matches!(outcome, Outcome::Unanswered(Trouble::Tls(_))),
                "{scheme:?}: {outcome:?}"
            );
        }
    }
}

/// In TLS 1.2 a server shows no key on a curve that was not offered.
#[tokio::test]
async fn whoever_refuses_is_offered_any_curve_if_errors_are_ignored_and_only_then() {
    // P-521, P-224, secp256k1 and the Brainpool curves, after those that keys are exchanged on.
    let curves = [25, 21, 22, 26, 27, 28].map(NamedGroup::from);
    for (ignore_ssl_errors, expected) in [(true, &[false, true][..]), (false, &[false])] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let (said, mut offers) = unbounded_channel();
        let receiver = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
                let mut hello = hello.await.unwrap();
                let offered = hello.client_hello().named_groups().unwrap().to_vec();
                said.send(offered).unwrap();
                let refusal = b"\x15\x03\x03\0\x02\x02\x28";
                hello.io.write_all(refusal).await.unwrap();
            }
        });
        let url = RequestUrl::parse(&url).unwrap();
        let outcome = sender()
            .send(callee(&url, ignore_ssl_errors), request(), AMPLE)
            .await
            .outcome;
        let fault = Trouble::Tls(TlsFault::NoCommonCipher);
        assert_eq!(outcome, Outcome::Unanswered(fault));
        receiver.abort();
        let mut of_any_curve = Vec::new();
        while let Some(offered) = offers.recv().await {
            of_any_curve.push(offered.ends_with(&curves));
        }
        assert_eq!(of_any_curve, expected);
    }
}

/// In TLS 1.3 the refusal comes when the request has been written; nobody has read it all the same.
#[tokio::test]
async fn a_receiver_that_wants_a_client_certificate_is_told_apart() {
    for version in [&TLS12, &TLS13] {
        let config = tls_server::wants_client_certificate(version);
        let mut receiver = Receiver::start_tls(&[GOOD], config).await;
        let outcome = sender()
            .send(callee(&receiver.url(), true), request(), AMPLE)
            .await
            .outcome;
        let wanted = Trouble::Tls(TlsFault::ClientCertificateWanted);
        assert_eq!(outcome, Outcome::Unanswered(wanted), "{version:?}");
        assert_eq!(outcome.verdict(), Verdict::RetryLater);
        assert!(receiver.is_idle());
    }
}

/// What a receiver does on the wire when it has read the request within TLS: nobody can know what
/// it makes of it.
#[tokio::test]
async fn tls_that_breaks_when_the_request_was_read_says_nothing_of_certificates() {
    for (says, expected) in [
        (&b"HTTP/1.1 500 No\r\n\r\n"[..], Some(TlsFault::NotTls)),
        (b"\x15\x03\x03\0\x02\x02\x28", None),
        (b"\x15\x03\x03\0\x02\x02\x74", None),
        (b"\x17\x03\x03\0\x20abcdefghijklmnopqrstuvwxyz012345", None),
        (b"\x16\x03\x03\0\x04\0\0\0\0", None),
        (b"", None),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(std::sync::Arc::new(tls_server::self_signed()));
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = acceptor.accept(stream).await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await.unwrap();
            let (mut below, _) = stream.into_inner();
            below.write_all(says).await.unwrap();
            let _ = below.shutdown().await;
            let _ = below.read_to_end(&mut Vec::new()).await;
        });
        let url = RequestUrl::parse(&url).unwrap();
        let outcome = sender()
            .send(callee(&url, true), request(), AMPLE)
            .await
            .outcome;
        assert_eq!(outcome.verdict(), Verdict::Unknown, "{says:?}: {outcome:?}");
        if let Some(fault) = expected {
            assert_eq!(outcome, Outcome::Unanswered(Trouble::BrokenTls(fault)));
        }
        let message = outcome.error_message().unwrap();
        assert!(!message.contains("certificate"), "{says:?}: {message}");
    }
}
