//! Requests that are signed with a known key at a known time.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use delivery::Request;
use domain::ad_hoc::AdHoc;
use domain::dispatch_id::DispatchId;
use domain::id::{RunId, UserId};
use domain::payload::Content;
use domain::signature::MasterKeys;
use domain::template::RenderError;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;

use crate::ID;

/// When every request here is made.
pub(crate) const SECONDS: i64 = 1_700_000_000;

const KEYS: &str = r#"{"current": "a master key of 32 letters or so"}"#;

pub(crate) fn request(content: Content) -> Result<Request, RenderError> {
    let at = at();
    let signer = keys().signer(&webhook(), at);
    Request::new(&DispatchId::parse(ID).unwrap(), content, &signer, at)
}

/// What an independent library makes of a request with this body.
pub(crate) fn signature_of(body: &str) -> String {
    let secret = keys().secret(&webhook()).reveal();
    let library = standardwebhooks::Webhook::new(&secret).unwrap();
    library.sign(ID, SECONDS, body.as_bytes()).unwrap()
}

fn keys() -> MasterKeys {
    MasterKeys::parse(KEYS).unwrap()
}

fn webhook() -> Webhook {
    let defined = r#"[{"eventTypes": ["TEST"], "requestUrl": "https://example.com/"}]"#;
    let defined = AdHoc::decode(&BASE64_STANDARD.encode(defined), 1).definitions;
    let (user, run) = (UserId::parse("u").unwrap(), RunId::parse("r").unwrap());
    Webhook::ad_hoc(&defined[0], &user, &run, at())
}

fn at() -> Timestamp {
    Timestamp::from_millis(SECONDS * 1000).unwrap()
}
