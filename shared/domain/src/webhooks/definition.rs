//! What a user defines about a webhook, however it reaches us: through the API or as an ad hoc
//! webhook of a run.

use crate::action_type::ActionType;
use crate::event_type::EventTypes;
use crate::fields::{FieldError, Fields};
use crate::request_url::RequestUrl;
use crate::target::check_host;
use crate::template::{HeadersTemplate, PayloadTemplate, refuse_half_pairs};

/// What to send, where, and on which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Which events trigger it.
    pub event_types: EventTypes,
    /// What it does.
    pub action_type: ActionType,
    /// Where its requests go.
    pub request_url: RequestUrl,
    /// What its requests carry.
    pub templates: Templates,
    /// Accept any certificate.
    pub ignore_ssl_errors: bool,
    /// Give up after the first failed call.
    pub do_not_retry: bool,
    /// Sign its requests with a private key too: who verifies those signatures has no secret to
    /// keep.
    pub sign_with_ed25519: bool,
}

/// What a webhook sends instead of the default payload, and which headers go with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    /// The payload; without it, the default one.
    pub payload: Option<PayloadTemplate>,
    /// The headers besides the system's.
    pub headers: Option<HeadersTemplate>,
    /// Whether variables inside strings count.
    pub interpolate_strings: bool,
}

impl Definition {
    /// Takes the fields of a definition and leaves the others. What is refused here may be on
    /// record from earlier times, and is readable.
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let names = fields
            .take_texts("eventTypes")?
            .ok_or_else(|| FieldError::new("eventTypes", "is required"))?;
        let event_types = EventTypes::parse(names.iter().map(String::as_str))
            .map_err(|error| FieldError::new("eventTypes", error))?;
        let mut text = |field| fields.take_text(field, 0..=usize::MAX);
        let action_type = text("actionType")?.map(|name| ActionType::parse(&name));
        let action_type = action_type.transpose();
        let action_type = action_type.map_err(|error| FieldError::new("actionType", error))?;
        let url =
            text("requestUrl")?.ok_or_else(|| FieldError::new("requestUrl", "is required"))?;
        let url = RequestUrl::parse(&url).map_err(|error| FieldError::new("requestUrl", error))?;
        check_host(&url).map_err(|error| FieldError::new("requestUrl", error))?;
        let (payload, headers) = (text("payloadTemplate")?, text("headersTemplate")?);
        let mut flag = |field| Ok(fields.take_flag(field)?.unwrap_or(false));
        let interpolate_strings = flag("shouldInterpolateStrings")?;
        Ok(Self {
            event_types,
            action_type: action_type.unwrap_or_default(),
            request_url: url,
            templates: Templates::define(
                payload.as_deref(),
                headers.as_deref(),
                interpolate_strings,
            )?,
            ignore_ssl_errors: flag("ignoreSslErrors")?,
            do_not_retry: flag("doNotRetry")?,
            sign_with_ed25519: flag("shouldSignWithEd25519")?,
        })
    }
}

/// Takes the owner's own name for the creation of a webhook.
pub fn take_idempotency_key(fields: &mut Fields) -> Result<Option<String>, FieldError> {
    fields.take_text("idempotencyKey", 1..=255)
}

impl Templates {
    /// Reads the templates of a webhook that is to be. What could be sent to nobody is refused,
    /// too.
    fn define(
        payload: Option<&str>,
        headers: Option<&str>,
        interpolate_strings: bool,
    ) -> Result<Self, FieldError> {
        let templates = Self::parse(payload, headers, interpolate_strings)?;
        for (field, text) in [("payloadTemplate", payload), ("headersTemplate", headers)] {
            let checked = refuse_half_pairs(text.unwrap_or_default());
            checked.map_err(|error| FieldError::new(field, error))?;
        }
        Ok(templates)
    }

    /// Reads the templates of a webhook; an empty text is none. An error names the field, and the
    /// line and column in it.
    pub fn parse(
        payload: Option<&str>,
        headers: Option<&str>,
        interpolate_strings: bool,
    ) -> Result<Self, FieldError> {
        let payload = payload
            .filter(|text| !text.is_empty())
            .map(|text| PayloadTemplate::parse(text, interpolate_strings))
            .transpose()
            .map_err(|error| FieldError::new("payloadTemplate", error))?;
        let headers = headers
            .filter(|text| !text.is_empty())
            .map(|text| HeadersTemplate::parse(text, interpolate_strings))
            .transpose()
            .map_err(|error| FieldError::new("headersTemplate", error))?;
        Ok(Self {
            payload,
            headers,
            interpolate_strings,
        })
    }

    /// The longest payload that they make of an event whose text has so many bytes.
    pub fn longest_payload(&self, event: usize) -> usize {
        match &self.payload {
            Some(template) => template.longest(event),
            None => event,
        }
    }

    /// How much memory their texts take, in bytes.
    pub fn length(&self) -> usize {
        let payload = self.payload.as_ref().map_or(0, |text| text.source().len());
        payload + self.headers.as_ref().map_or(0, |text| text.source().len())
    }

    /// Templates that were checked when they were defined.
    pub fn stored(
        payload: Option<String>,
        headers: Option<String>,
        interpolate_strings: bool,
    ) -> Self {
        Self {
            payload: payload.map(|text| PayloadTemplate::stored(text, interpolate_strings)),
            headers: headers.map(|text| HeadersTemplate::stored(text, interpolate_strings)),
            interpolate_strings,
        }
    }
}
