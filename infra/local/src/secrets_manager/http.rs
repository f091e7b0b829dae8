//! The HTTP face: JSON in, JSON out (`awsJson1.1`).

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Current, SecretsManager};

pub(super) fn router(service: SecretsManager) -> Router {
    Router::new().fallback(serve).with_state(service)
}

async fn serve(State(service): State<SecretsManager>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target");
    let target = target.and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("secretsmanager."));
    let Ok(request) = serde_json::from_slice::<Value>(&body) else {
        return refuse("SerializationException", "The body is not JSON.");
    };
    match operation {
        Some("GetSecretValue") => get(&service, &request),
        Some("PutSecretValue") => put(&service, &request),
        _ => refuse(
            "UnknownOperationException",
            "The local platform plays GetSecretValue and PutSecretValue.",
        ),
    }
}

fn get(service: &SecretsManager, request: &Value) -> Response {
    let asks_for_current = |member: &str, current: &str| {
        let asked = request[member].as_str();
        asked.is_none_or(|asked| asked == current)
    };
    let found = service.get(text(request, "SecretId"));
    match found {
        Some(Current { secret, text })
            if asks_for_current("VersionStage", "AWSCURRENT")
                && asks_for_current("VersionId", &version_of(&text)) =>
        {
            respond(
                StatusCode::OK,
                &json!({
                    "ARN": secret.arn,
                    "Name": secret.name,
                    "SecretString": text,
                    "VersionId": version_of(&text),
                    "VersionStages": ["AWSCURRENT"],
                }),
            )
        }
        _ => refuse_unknown(),
    }
}

fn put(service: &SecretsManager, request: &Value) -> Response {
    let Some(value) = request["SecretString"].as_str() else {
        let message = "You must provide SecretString; the local platform keeps no binary secrets.";
        return refuse("InvalidRequestException", message);
    };
    match service.put(text(request, "SecretId"), value.to_owned()) {
        Some(Ok(secret)) => respond(
            StatusCode::OK,
            &json!({
                "ARN": secret.arn,
                "Name": secret.name,
                "VersionId": version_of(value),
                "VersionStages": ["AWSCURRENT"],
            }),
        ),
        Some(Err(error)) => refuse("InternalServiceError", &format!("{error:#}")),
        None => refuse_unknown(),
    }
}

/// The same for the same value, across restarts too.
fn version_of(text: &str) -> String {
    let digest = Sha256::digest(text);
    Uuid::from_bytes(std::array::from_fn(|i| digest[i])).to_string()
}

fn text<'a>(request: &'a Value, member: &str) -> &'a str {
    request[member].as_str().unwrap_or_default()
}

fn refuse_unknown() -> Response {
    refuse(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    )
}

fn refuse(code: &str, message: &str) -> Response {
    let status = match code {
        "InternalServiceError" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    respond(status, &json!({ "__type": code, "Message": message }))
}

fn respond(status: StatusCode, answer: &Value) -> Response {
    let headers = [
        (
            CONTENT_TYPE.as_str(),
            "application/x-amz-json-1.1".to_owned(),
        ),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, answer.to_string()).into_response()
}
