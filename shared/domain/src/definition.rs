//! What a user defines about a webhook, however it reaches us: through the API or as an ad hoc webhook of a run.

use crate::event_type::EventTypes;
use crate::fields::{FieldError, Fields};
use crate::request_url::RequestUrl;

/// What to send, where, and on which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Which events trigger it.
    pub event_types: EventTypes,
    /// Where its requests go.
    pub request_url: RequestUrl,
    /// Accept any certificate.
    pub ignore_ssl_errors: bool,
    /// Give up after the first failed call.
    pub do_not_retry: bool,
}

impl Definition {
    /// Takes the fields of a definition (contract §1.3 and §5) and leaves the others.
    pub fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        refuse_templates(fields)?;
        let names = fields
            .take_texts("eventTypes")?
            .ok_or_else(|| FieldError::new("eventTypes", "is required"))?;
        let event_types = EventTypes::parse(names.iter().map(String::as_str))
            .map_err(|error| FieldError::new("eventTypes", error))?;
        let url = fields
            .take_text("requestUrl", 0..=usize::MAX)?
            .ok_or_else(|| FieldError::new("requestUrl", "is required"))?;
        Ok(Self {
            event_types,
            request_url: RequestUrl::parse(&url)
                .map_err(|error| FieldError::new("requestUrl", error))?,
            ignore_ssl_errors: fields.take_flag("ignoreSslErrors")?.unwrap_or(false),
            do_not_retry: fields.take_flag("doNotRetry")?.unwrap_or(false),
        })
    }
}

/// A template that would be ignored would send a payload that its owner did not ask for: better to refuse it. Empty ones mean "none".
fn refuse_templates(fields: &mut Fields) -> Result<(), FieldError> {
    for field in ["payloadTemplate", "headersTemplate"] {
        if fields
            .take_text(field, 0..=usize::MAX)?
            .is_some_and(|template| !template.is_empty())
        {
            return Err(FieldError::new(
                field,
                "templates are not supported; leave it out to send the default payload",
            ));
        }
    }
    if fields.take_flag("shouldInterpolateStrings")? == Some(true) {
        return Err(FieldError::new(
            "shouldInterpolateStrings",
            "templates are not supported",
        ));
    }
    Ok(())
}
