//! What an error of TLS says about its receiver. Told by the types of errors, never by their texts.

use std::io;

use domain::outcome::TlsFault;
use rustls::{
    AlertDescription, CertificateError, Error, InvalidMessage, OtherError, PeerIncompatible,
    PeerMisbehaved,
};

/// What was wrong with a handshake that failed so, of a server that may have asked for a client
/// certificate.
pub(crate) fn fault(error: &io::Error, has_asked_for_certificate: bool) -> TlsFault {
    let fault = broken(error).unwrap_or(TlsFault::Closed);
    match fault {
        // It was told that there is none, and did not go on.
        TlsFault::Alert(_) | TlsFault::Closed if has_asked_for_certificate => {
            TlsFault::ClientCertificateWanted
        }
        TlsFault::Alert(code) => of_refusal(code),
        _ => fault,
    }
}

/// What was wrong with TLS, if it was that and not the connection below.
pub(crate) fn broken(error: &io::Error) -> Option<TlsFault> {
    let error: &Error = error.get_ref()?.downcast_ref()?;
    Some(match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::NoCertificatesPresented | Error::UnsupportedNameType => TlsFault::BadCertificate,
        Error::PeerIncompatible(reason) => of_incompatibility(reason),
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            TlsFault::ClientCertificateWanted
        }
        Error::NoApplicationProtocol
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            TlsFault::NoHttp1
        }
        // Of a kind that was offered, and that rustls does not know in TLS 1.2.
        Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm) => {
            TlsFault::NoCommonCipher
        }
        Error::AlertReceived(alert) => TlsFault::Alert((*alert).into()),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::InvalidEmptyPayload,
        ) => TlsFault::NotTls,
        _ => TlsFault::Broken,
    })
}

fn of_certificate(error: &CertificateError) -> TlsFault {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsFault::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFault::OtherName
        }
        CertificateError::UnknownIssuer => TlsFault::UnknownIssuer,
        // That of an authority, which servers have that sign for themselves.
        CertificateError::Other(OtherError(error))
            if matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)) =>
        {
            TlsFault::UnknownIssuer
        }
        _ => TlsFault::BadCertificate,
    }
}

fn of_incompatibility(reason: &PeerIncompatible) -> TlsFault {
    match reason {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => TlsFault::NoCommonVersion,
        _ => TlsFault::NoCommonCipher,
    }
}

/// A server that did not like the first thing that it was told.
fn of_refusal(code: u8) -> TlsFault {
    match AlertDescription::from(code) {
        AlertDescription::ProtocolVersion => TlsFault::NoCommonVersion,
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            TlsFault::NoCommonCipher
        }
        AlertDescription::NoApplicationProtocol => TlsFault::NoHttp1,
        AlertDescription::UnrecognisedName => TlsFault::UnknownName,
        _ => TlsFault::Alert(code),
    }
}
