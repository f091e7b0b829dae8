//! CloudFormation: form fields in, XML out (AWS's query protocol).

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use time::format_description::well_known::Rfc3339;
use url::form_urlencoded;
use uuid::Uuid;

use super::xml::{element, list, text};
use super::{ControlPlane, Stack};
use crate::aws::{self, STACK};

const NAMESPACE: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";

/// A stack that was made once, and has not been changed.
const STATUS: &str = "CREATE_COMPLETE";

pub(super) fn answer(plane: &ControlPlane, body: &[u8]) -> Response {
    let form: HashMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let operation = form.get("Action").map(String::as_str).unwrap_or_default();
    let name = form.get("StackName").map(String::as_str);
    if let Some(other) = name.filter(|name| ![STACK, &stack_id()].contains(name)) {
        let message = format!("Stack with id {other} does not exist");
        return refuse("ValidationError", &message);
    }
    match (operation, name) {
        ("DescribeStacks", _) => respond(operation, plane.stack.described()),
        ("ListStackResources", Some(_)) => respond(operation, plane.stack.resources()),
        ("ListStackResources", None) => refuse("ValidationError", "StackName is missing"),
        _ => refuse(
            "InvalidAction",
            "The local platform plays DescribeStacks and ListStackResources.",
        ),
    }
}

fn stack_id() -> String {
    aws::arn("cloudformation", &format!("stack/{STACK}/local"))
}

impl Stack {
    fn described(&self) -> String {
        let parameters =
            self.template.parameters.iter().map(|(name, value)| {
                vec![text("ParameterKey", name), text("ParameterValue", value)]
            });
        let outputs = self.template.outputs.iter().map(|(key, output)| {
            vec![
                text("OutputKey", key),
                text("OutputValue", &output.value),
                text("Description", &output.description),
            ]
        });
        let stack = vec![
            text("StackId", &stack_id()),
            text("StackName", STACK),
            text("CreationTime", &self.created()),
            text("StackStatus", STATUS),
            list("Parameters", parameters),
            list("Outputs", outputs),
        ];
        list("Stacks", [stack])
    }

    fn resources(&self) -> String {
        let resources = self.template.resources.iter().map(|resource| {
            vec![
                text("LogicalResourceId", &resource.id),
                text("PhysicalResourceId", &resource.name),
                text("ResourceType", &resource.kind),
                text("LastUpdatedTimestamp", &self.created()),
                text("ResourceStatus", STATUS),
            ]
        });
        list("StackResourceSummaries", resources)
    }

    fn created(&self) -> String {
        // Any time can be written so.
        self.created.format(&Rfc3339).unwrap_or_default()
    }
}

fn respond(operation: &str, result: String) -> Response {
    let result = element(&format!("{operation}Result"), [result]);
    let body = format!(
        r#"<{operation}Response xmlns="{NAMESPACE}">{result}{}</{operation}Response>"#,
        element("ResponseMetadata", [request_id()])
    );
    (StatusCode::OK, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn refuse(code: &str, message: &str) -> Response {
    let error = [
        text("Type", "Sender"),
        text("Code", code),
        text("Message", message),
    ];
    let body = format!(
        r#"<ErrorResponse xmlns="{NAMESPACE}">{}{}</ErrorResponse>"#,
        element("Error", error),
        request_id()
    );
    (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn request_id() -> String {
    text("RequestId", &Uuid::new_v4().to_string())
}
