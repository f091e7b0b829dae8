//! What users do through the API.

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Stage;

impl Stage {
    /// Defines a standing webhook through the API, and returns its id.
    pub(crate) async fn webhook(
        &self,
        event_types: &[&str],
        condition: Value,
        path: &str,
    ) -> String {
        let event_types: Vec<_> = event_types
            .iter()
            .map(|what| format!("ACTOR.RUN.{what}"))
            .collect();
        let definition = json!({"eventTypes": event_types, "condition": condition, "requestUrl": self.receiver.url(path)});
        let (status, answer) = self.api("POST", "/v2/webhooks", Some(&definition)).await;
        assert_eq!(status, 201, "{answer}");
        answer["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// The API token of the local user.
    pub(crate) fn token(&self) -> String {
        self.platform.endpoints().token.clone()
    }

    /// A token of this user that the job platform has signed, with these claims on top.
    pub(crate) fn user_token(&self, user: &str, claims: Value) -> String {
        let claims = claims.as_object().expect("claims");
        self.platform.user_token(user, claims)
    }

    /// A new API token of another user.
    pub(crate) async fn token_of(&self, user: &str) -> String {
        let token = format!("token-of-{user}");
        let digest = format!("{:x}", Sha256::digest(&token));
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.platform.endpoints().tables["WebhooksTable"])
            .item("pk", AttributeValue::S(format!("T#{digest}")))
            .item("sk", AttributeValue::S("T".to_owned()))
            .item("user", AttributeValue::S(user.to_owned()));
        put.send().await.expect("the table takes it");
        token
    }

    /// Calls the API as the local user.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.api_as(&self.token(), method, path, body).await
    }

    pub(crate) async fn api_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let headers = [("content-type", "application/json")];
        let answer = self.ask(token, method, path, &headers, body.into()).await;
        (answer.status().as_u16(), json_of(&answer))
    }

    /// Sends the API a request with these headers beside that of the token, and these bytes.
    pub(crate) async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Response<Bytes> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.platform.endpoints().api))
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Response::from_parts(head, body)
    }
}

/// The JSON of an answer; null where there is none.
pub(crate) fn json_of(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}
