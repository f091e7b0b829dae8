//! The description against the routes: what the one has, the other has.

use axum::http::{StatusCode, header};
use axum::routing::MethodFilter;
use serde_json::{Map, Value, json};

use super::*;
use crate::routes::table;
use crate::routes::tests::ask;

mod event_types;
mod notices;
pub(crate) mod schemas;

/// The methods that a description can have, and the router's word for each.
const METHODS: [(&str, MethodFilter); 8] = [
    ("get", MethodFilter::GET),
    ("put", MethodFilter::PUT),
    ("post", MethodFilter::POST),
    ("delete", MethodFilter::DELETE),
    ("options", MethodFilter::OPTIONS),
    ("head", MethodFilter::HEAD),
    ("patch", MethodFilter::PATCH),
    ("trace", MethodFilter::TRACE),
];

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).unwrap()
}

/// Each path, and its operations by method.
fn paths() -> Map<String, Value> {
    let description = description();
    description["paths"].as_object().unwrap().clone()
}

/// A path with something in the place of its id.
pub(crate) fn filled_in(path: &str) -> String {
    let segment = |segment: &str| {
        let is_parameter = segment.starts_with('{');
        if is_parameter { "x" } else { segment }.to_owned()
    };
    let segments: Vec<_> = path.split('/').map(segment).collect();
    segments.join("/")
}

pub(crate) fn name(method: MethodFilter) -> &'static str {
    let mut methods = METHODS.iter();
    methods.find(|(_, known)| *known == method).unwrap().0
}

#[test]
fn what_is_routed_is_described_and_what_is_described_is_routed() {
    let mut routed: Vec<_> = table()
        .into_iter()
        .map(|(method, path, ..)| (path.to_owned(), name(method).to_owned()))
        .collect();
    let operations = |(path, item): (String, Value)| {
        let methods: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        methods
            .into_iter()
            .map(move |method| (path.clone(), method))
    };
    let mut described: Vec<_> = paths().into_iter().flat_map(operations).collect();
    routed.sort();
    described.sort();
    assert_eq!(described, routed);
}

#[test]
fn every_operation_is_described_with_the_scope_that_its_route_needs() {
    let paths = paths();
    for (method, path, scope, _) in table() {
        let expected = match scope {
            Some(scope) => json!([{"bearer": [scope.name()]}, {"token": [scope.name()]}]),
            None => json!([]),
        };
        let described = &paths[path][name(method)]["security"];
        assert_eq!(*described, expected, "{} {path}", name(method));
    }
}

#[tokio::test]
async fn what_is_described_asks_for_a_token_unless_it_says_otherwise() {
    for (path, item) in paths() {
        for (method, operation) in item.as_object().unwrap() {
            let for_everybody = operation["security"] == Value::Array(Vec::new());
            let expected = match for_everybody {
                true => StatusCode::OK,
                false => StatusCode::UNAUTHORIZED,
            };
            let (status, ..) = ask(&method.to_uppercase(), &filled_in(&path)).await;
            assert_eq!(status, expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_described_is_not_allowed() {
    for (path, item) in paths() {
        let has = |method: &str| item.get(method).is_some();
        let allowed = |method: &str| has(method) || (method == "head" && has("get"));
        for (method, _) in METHODS.iter().filter(|(method, _)| !allowed(method)) {
            let (status, headers, _) = ask(&method.to_uppercase(), &filled_in(&path)).await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            let listed = headers[header::ALLOW].to_str().unwrap().to_lowercase();
            let (mut listed, mut expected): (Vec<_>, Vec<_>) = (
                listed.split(',').collect(),
                METHODS
                    .iter()
                    .map(|(method, _)| *method)
                    .filter(|method| allowed(method))
                    .collect(),
            );
            listed.sort();
            expected.sort();
            assert_eq!(listed, expected, "{path}");
        }
    }
}

#[tokio::test]
async fn the_description_is_served_as_it_is() {
    let (status, headers, body) = ask("GET", "/v2/openapi.json").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "application/json; charset=utf-8"
    );
    assert!(body == DESCRIPTION);
}

#[test]
fn every_parameter_of_a_path_is_described_with_it() {
    for (path, item) in paths() {
        let names = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        for name in names {
            let wanted = format!("#/components/parameters/{name}");
            for (method, operation) in item.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().unwrap();
                let found = parameters
                    .iter()
                    .any(|parameter| parameter["$ref"] == *wanted);
                assert!(found, "{method} {path}: {name}");
            }
        }
    }
}
