//! The request of an attempt: rendered, signed, and with what only some requests carry.

use delivery::Request;
use domain::action_type::ActionType;
use domain::delivery_message::DeliveryMessage;
use domain::event::Event;
use domain::outcome::Obstacle;
use domain::payload::{self, Content, ContentError};
use domain::platform_api::ChainTooLong;
use domain::signature::MasterKeys;
use domain::timestamp::Timestamp;
use domain::webhook::Webhook;

use crate::Deliver;
use crate::report::Failure;

impl Deliver {
    /// The request of an attempt; or why there is none. Here actions part ways.
    pub(crate) fn request(
        &self,
        message: &DeliveryMessage,
        webhook: &Webhook,
        event: &Event,
        keys: &MasterKeys,
        now: Timestamp,
    ) -> Result<Result<Request, Obstacle>, Failure> {
        match webhook.definition.action_type {
            ActionType::HttpRequest => self.http_request(message, webhook, event, keys, now),
        }
    }

    fn http_request(
        &self,
        message: &DeliveryMessage,
        webhook: &Webhook,
        event: &Event,
        keys: &MasterKeys,
        now: Timestamp,
    ) -> Result<Result<Request, Obstacle>, Failure> {
        let dispatch = &message.dispatch;
        let content = match payload::content(webhook, event) {
            Ok(content) => content,
            Err(ContentError::Template(error)) => return Ok(Err(Obstacle::Unrenderable(error))),
            Err(ContentError::Json(error)) => return Err(error.into()),
        };
        let credential = match self.credential(message, webhook, event, &content, keys, now) {
            Ok(credential) => credential.transpose()?,
            Err(ChainTooLong) => return Ok(Err(Obstacle::ChainTooLong)),
        };
        let request = Request::new(dispatch, content, &keys.signer(webhook, now), now);
        let mut request = match request {
            Ok(request) => request,
            Err(error) => return Ok(Err(Obstacle::Unrenderable(error))),
        };
        if let Some(trace) = &event.trace {
            request = request.traced(&trace.of_attempt(dispatch, message.attempt));
        }
        if let Some(credential) = credential {
            request = request.with_credential(&credential);
        }
        Ok(Ok(request))
    }

    /// A credential, if the request starts something at the platform's API. Nothing is derived or
    /// signed for any other.
    fn credential(
        &self,
        message: &DeliveryMessage,
        webhook: &Webhook,
        event: &Event,
        content: &Content,
        keys: &MasterKeys,
        now: Timestamp,
    ) -> Result<Option<serde_json::Result<String>>, ChainTooLong> {
        let Some(platform) = &self.config.platform_api else {
            return Ok(None);
        };
        let depth = platform.depth(&webhook.definition, &content.headers, event)?;
        Ok(depth.map(|depth| {
            let issuer = &self.config.stack;
            let claims = platform.claims(issuer, webhook, &message.dispatch, depth, now);
            keys.platform_key().sign(&claims)
        }))
    }
}
