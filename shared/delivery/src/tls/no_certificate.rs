//! No client certificate is ever sent; but that one was wanted explains what comes after.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

tokio::task_local! {
    static ASKED: Arc<AtomicBool>;
}

/// Whether the server of one handshake has asked for a certificate. All handshakes share what
/// answers it, because a session is resumed only by the configuration that it was made with; so the
/// question is noted for the task that is at it.
#[derive(Default)]
pub(crate) struct Asked(Arc<AtomicBool>);

impl Asked {
    /// Makes a handshake, and notes the question.
    pub(crate) async fn noted<T>(&self, handshake: impl Future<Output = T>) -> T {
        ASKED.scope(Arc::clone(&self.0), handshake).await
    }

    pub(crate) fn for_certificate(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Has no certificate.
#[derive(Debug)]
pub(super) struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let _ = ASKED.try_with(|asked| asked.store(true, Ordering::Relaxed));
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}
