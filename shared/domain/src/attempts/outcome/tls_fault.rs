//! Why a connection could not be made secure, or did not stay so: what the owner of a receiver has
//! to mend.

use std::fmt;

/// What was wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not begun.
    NotYetValid,
    /// The certificate is of another name.
    OtherName,
    /// The certificate leads to nobody who is trusted.
    UnknownIssuer,
    /// The certificate cannot be checked, or is not for servers.
    BadCertificate,
    /// The receiver speaks only versions that are too old.
    NoCommonVersion,
    /// There is no cipher suite, group or signature that both know.
    NoCommonCipher,
    /// The receiver speaks HTTP/2 alone.
    NoHttp1,
    /// The receiver does not know the name that it was called by.
    UnknownName,
    /// The receiver wants a certificate of its clients.
    ClientCertificateWanted,
    /// What the receiver says is not TLS at all.
    NotTls,
    /// The receiver closed the connection instead.
    Closed,
    /// The time for connecting was over.
    TimedOut,
    /// The receiver refused with this alert.
    Alert(u8),
    /// What the receiver says breaks the rules of TLS.
    Broken,
}

impl TlsFault {}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::OtherName => "its certificate is for another name",
            Self::UnknownIssuer => {
                "its certificate is of an unknown issuer: it signs for itself, or the certificate between it and a known root is not sent along"
            }
            Self::BadCertificate => "its certificate cannot be checked",
            Self::NoCommonVersion => "it speaks neither TLS 1.2 nor TLS 1.3",
            Self::NoCommonCipher => "it has no cipher suite, group or signature in common with us",
            Self::NoHttp1 => "it does not speak HTTP/1.1",
            Self::UnknownName => "it does not know the host name of the request URL",
            Self::ClientCertificateWanted => "it wants a client certificate, and none is sent",
            Self::NotTls => "what it says is not TLS",
            Self::Closed => "it closed the connection",
            Self::TimedOut => "the handshake took too long",
            Self::Alert(code) => return write!(f, "it refused with the TLS alert {code}"),
            Self::Broken => "what it says breaks the rules of TLS",
        })
    }
}
