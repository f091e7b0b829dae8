//! A request as Lambda hands it over, read without a copy of a body that is too large: such an
//! event alone is 6 MB, and each reading of it as it is would take as much again.

use std::fmt;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::request::LambdaRequest;
use serde::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::body::LIMIT;

const BODY: &str = "body";
/// The longest text that a body within the limit can have, in base64.
const LONGEST: usize = LIMIT.div_ceil(3) * 4;

/// The event of a function URL.
#[derive(Debug)]
pub struct Event(LambdaRequest);

impl Event {
    /// The request, for the adapter that makes HTTP of it.
    pub fn into_request(self) -> LambdaRequest {
        self.0
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let event = json.deserialize_map(WithoutLongBody)?;
        let request = ApiGatewayV2httpRequest::deserialize(event).map_err(D::Error::custom)?;
        Ok(Self(LambdaRequest::ApiGatewayV2(request)))
    }
}

struct WithoutLongBody;

impl<'de> Visitor<'de> for WithoutLongBody {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the event of a function URL")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut event: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = event.next_key::<String>()? {
            let value = if name == BODY {
                event.next_value_seed(Short)?
            } else {
                event.next_value()?
            };
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

/// A text, or of one that is too long as much as shows that it is.
struct Short;

impl<'de> DeserializeSeed<'de> for Short {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Short {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a body")
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_str(self)
    }

    fn visit_str<E>(self, body: &str) -> Result<Value, E> {
        let is_too_long = body.len() > LONGEST;
        // As base64 or as it is, it has more bytes than are allowed.
        let body = if is_too_long {
            "0".repeat(LONGEST + 4)
        } else {
            body.to_owned()
        };
        Ok(Value::String(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;
    use lambda_http::http::Request;
    use serde_json::json;

    fn body_of(body: Value, is_base64: bool) -> Body {
        let event = json!({
            "version": "2.0", "rawPath": "/v2/webhooks", "rawQueryString": "a=b", "headers": {"host": "api.example"},
            "requestContext": {"http": {"method": "POST", "path": "/v2/webhooks"}, "stage": "$default"},
            "body": body, "isBase64Encoded": is_base64,
        });
        let event: Event = serde_json::from_str(&event.to_string()).unwrap();
        let request: Request<Body> = event.into_request().into();
        assert_eq!(request.uri(), "https://api.example/v2/webhooks?a=b");
        assert_eq!(request.method(), "POST");
        request.into_body()
    }

    #[test]
    fn a_body_within_the_limit_comes_as_it_is() {
        assert!(matches!(body_of(Value::Null, false), Body::Empty));
        for text in ["{}", "\"\\ \u{1F600}", &"x".repeat(LIMIT)] {
            assert_eq!(body_of(json!(text), false).as_ref(), text.as_bytes());
        }
        let longest = "AAAA".repeat(LIMIT.div_ceil(3));
        assert!(body_of(json!(longest), true).as_ref().len() >= LIMIT);
        assert_eq!(body_of(json!("e30="), true).as_ref(), b"{}");
    }

    #[test]
    fn a_body_over_the_limit_stays_over_it_and_takes_no_more_memory() {
        for is_base64 in [false, true] {
            let body = body_of(json!("A".repeat(5_000_000)), is_base64);
            let length = body.as_ref().len();
            assert!(length > LIMIT && length < 2 * LIMIT, "{length}");
        }
    }
}
