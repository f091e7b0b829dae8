//! A function with a wrong environment does not start, and says everything that is wrong in one
//! line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use local::binaries::{self, Target};

#[tokio::test(flavor = "multi_thread")]
async fn a_function_with_a_bad_environment_stops_with_one_line_that_lists_all_of_it() {
    let names = ["ingest", "deliver", "sweep", "api"];
    let targets = names.map(|name| Target::Binary(name.to_owned()));
    let binaries: BTreeMap<Target, PathBuf> = binaries::build(targets.into(), false)
        .await
        .expect("they build");
    for (name, bad, missing) in [
        (
            "ingest",
            ("RECORD_DAYS", "a month"),
            ["STACK_NAME", "EVENT_QUEUE_URL"],
        ),
        (
            "deliver",
            ("RETRY_SCHEDULE_SECONDS", "1m"),
            ["STACK_NAME", "REQUEST_TIMEOUT_SECONDS"],
        ),
        (
            "sweep",
            ("REDELIVERIES_PER_MINUTE", "0"),
            ["STACK_NAME", "DELIVERY_QUEUE_URL"],
        ),
        (
            "api",
            ("WEBHOOKS_PER_USER", "-1"),
            ["EVENT_QUEUE_URL", "HEAVY_READS_PER_MINUTE"],
        ),
    ] {
        let binary = &binaries[&Target::Binary(name.to_owned())];
        let output = Command::new(binary)
            .env_clear()
            .env(bad.0, bad.1)
            .output()
            .expect("it runs");
        assert!(!output.status.success(), "{name} has started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        assert!(
            said.contains(&format!("{} {:?}: ", bad.0, bad.1)),
            "{name}: {said}"
        );
        assert!(
            missing
                .iter()
                .all(|name| said.contains(&format!("{name} is missing"))),
            "{name}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_is_none_is_named_by_both_who_need_it() {
    let names = ["deliver", "api"];
    let targets = names.map(|name| Target::Binary(name.to_owned()));
    let built = binaries::build(targets.clone().into(), false).await;
    let built = built.expect("they build");
    for target in &targets {
        for (origin, complaint) in [
            ("http://api.example.com", "must be an https origin"),
            (
                "https://api.example.com/v2",
                "must be an origin and nothing else",
            ),
            ("api.example.com", "must be an origin such as"),
        ] {
            let output = Command::new(&built[target])
                .env_clear()
                .env("PLATFORM_API_ORIGIN", origin)
                .output()
                .expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                !output.status.success() && said.lines().count() == 1,
                "{said}"
            );
            let complaint = format!("PLATFORM_API_ORIGIN {origin:?}: {complaint}");
            assert!(said.contains(&complaint), "{said}");
        }
    }
}

/// A private key in the wrong place must not end up in a log, too.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_the_platform_that_are_none_are_named_and_not_shown() {
    let target = Target::Binary("api".to_owned());
    let built = binaries::build([target.clone()].into(), false).await;
    let built = built.expect("it builds");
    let private =
        r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "abc", "d": "hush"}]}"#;
    let public = r#"{"keys": [{"kty": "RSA", "kid": "1", "n": "AQAB", "e": "AQAB"}]}"#;
    for (keys, complaint) in [
        (
            private,
            "TOKEN_KEYS: keys[0]: must be a public key, and has the private member \"d\"",
        ),
        (
            public,
            "TOKEN_KEYS: keys[0]: an RSA key must have 2048 to 8192 bits",
        ),
        (
            "https://platform.example/jwks",
            "TOKEN_KEYS: is no JSON: line 1, column 1",
        ),
    ] {
        let output = Command::new(&built[&target])
            .env_clear()
            .env("TOKEN_KEYS", keys)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.lines().count() == 1,
            "{said}"
        );
        assert!(said.contains(complaint) && !said.contains("hush"), "{said}");
    }
}
