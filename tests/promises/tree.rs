//! The tree is the architecture: dependencies point one way.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// What each of our packages may use of the others.
const ALLOWED: [(&str, &[&str]); 19] = [
    ("domain", &[]),
    ("runtime", &["domain"]),
    ("store", &["domain"]),
    ("queue", &["domain"]),
    ("delivery", &["domain"]),
    ("secrets", &["domain"]),
    ("ingest", &["domain", "runtime", "store", "queue"]),
    (
        "deliver",
        &["domain", "runtime", "store", "queue", "secrets", "delivery"],
    ),
    ("sweep", &["domain", "runtime", "store", "queue"]),
    // What was sent is written where it is sent.
    (
        "api",
        &["domain", "runtime", "store", "queue", "secrets", "delivery"],
    ),
    ("prices", &[]),
    ("sqs", &[]),
    ("local", &["sqs"]),
    ("cargo-local", &[]),
    ("smoke", &["domain", "prices", "runtime", "store"]),
    ("tests", &[]),
    ("bench", &["local", "prices"]),
    ("soak", &["local"]),
    ("model", &[]),
];

/// Outside systems, and the one crate that may talk to each.
const KEEPERS: [(&str, &str); 6] = [
    ("aws-sdk-dynamodb", "store"),
    ("aws-sdk-secretsmanager", "secrets"),
    ("aws-sdk-sqs", "queue"),
    ("reqwest", "delivery"),
    ("tokio-rustls", "delivery"),
    ("hickory-resolver", "delivery"),
];

#[test]
fn dependencies_point_one_way() {
    let packages = packages();
    let names: Vec<_> = packages.keys().cloned().collect();
    for (name, dependencies) in &packages {
        let allowed = ALLOWED.iter().find(|(package, _)| package == name);
        let (_, allowed) =
            allowed.unwrap_or_else(|| panic!("{name} is not in the table of allowed dependencies"));
        for dependency in dependencies
            .iter()
            .filter(|dependency| names.contains(dependency))
        {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn each_outside_system_has_one_crate_that_talks_to_it() {
    for (name, dependencies) in packages()
        .iter()
        .filter(|(name, _)| !["local", "smoke", "tests"].contains(&name.as_str()))
    {
        for (system, keeper) in KEEPERS {
            let talks = dependencies.iter().any(|dependency| dependency == system);
            assert!(
                !talks || name == keeper,
                "{name} must not use {system}: that is for {keeper}"
            );
        }
    }
}

#[test]
fn the_domain_touches_nothing() {
    let outside = [
        "tokio",
        "lambda_runtime",
        "aws-config",
        "hyper",
        "axum",
        "getrandom",
        "tracing",
    ];
    let domain = &packages()["domain"];
    assert!(
        domain
            .iter()
            .all(|dependency| !outside.contains(&dependency.as_str())),
        "{domain:?}"
    );
}

/// Our packages, and what they depend on outside of tests.
fn packages() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output();
    let metadata: Value =
        serde_json::from_slice(&output.expect("cargo runs").stdout).expect("metadata");
    let package = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("a list").iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        let names =
            normal.map(|dependency| dependency["name"].as_str().unwrap_or_default().to_owned());
        (
            package["name"].as_str().unwrap_or_default().to_owned(),
            names.collect(),
        )
    };
    metadata["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(package)
        .collect()
}
