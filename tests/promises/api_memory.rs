//! No body makes `api` take much memory, whatever it unpacks to and however it is nested.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::stage::{Stage, json_of};

/// The most memory that the function may take.
const MEMORY: u64 = 64_000_000;
/// The most bytes that a body may have, unpacked.
const LIMIT: usize = 512 * 1024;
/// What of it is left for one field.
const MOST: usize = LIMIT - 200;
const JSON: (&str, &str) = ("content-type", "application/json");

/// A name, what it is packed by, and the bytes.
type Hostile = (&'static str, Option<&'static str>, Vec<u8>);

#[tokio::test(flavor = "multi_thread")]
async fn no_body_makes_the_api_take_more_than_64_megabytes() {
    let stage = Stage::new().await;
    let id = stage
        .webhook(&["SUCCEEDED"], json!({"actorId": "actor1"}), "/hook")
        .await;
    let routes = [
        ("POST", "/v2/webhooks".to_owned()),
        ("POST", "/v2/actors/actor1/webhooks".to_owned()),
        ("POST", "/v2/acts/actor1/webhooks".to_owned()),
        ("POST", "/v2/actor-tasks/task1/webhooks".to_owned()),
        ("PUT", format!("/v2/webhooks/{id}")),
        ("POST", format!("/v2/webhooks/{id}/secret/rotate")),
        // These read no body.
        ("POST", format!("/v2/webhooks/{id}/test")),
        ("GET", "/v2/webhooks".to_owned()),
    ];
    let mut log = std::io::stderr();
    for (name, packed_by, body) in hostile() {
        let body = Bytes::from(body);
        for (method, path) in &routes {
            let mut headers = vec![JSON];
            headers.extend(packed_by.map(|encoding| ("content-encoding", encoding)));
            let token = stage.token();
            let answer = stage.ask(&token, method, path, &headers, body.clone());
            let status = answer.await.status().as_u16();
            let is_read = !path.ends_with("/test") && *method != "GET";
            assert!(
                !is_read || matches!(status, 200 | 201 | 400 | 403 | 413 | 415),
                "{name} {path}: {status}"
            );
        }
        let peak = stage.platform.peak_memory("api").expect("a function");
        // Past the harness, which swallows what a test that passes prints.
        let _ = writeln!(
            log,
            "peak memory of api after {name}: {} MB",
            peak / 1_000_000
        );
        assert!(0 < peak && peak < MEMORY, "{name}: {peak} bytes");
    }
    let starts = stage.platform.cold_starts("api").expect("a function");
    assert_eq!(starts.len(), 1, "one process has borne it all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_has_at_most_512_kilobytes_unpacked() {
    let stage = Stage::new().await;
    let most = |length: usize| {
        let start = r#"{"eventTypes":["TEST"],"condition":{"actorId":"a"},"requestUrl":"https://example.com","title":""#;
        let spaces = " ".repeat(length - start.len() - r#""}"#.len());
        format!(r#"{start}"{spaces}}}"#).into_bytes()
    };
    for (encoding, pack) in [
        ("identity", <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>),
        ("gzip", gzip),
        ("br", brotli),
    ] {
        for (length, status) in [(LIMIT, 201), (LIMIT + 1, 413)] {
            let headers = [JSON, ("content-encoding", encoding)];
            let body = pack(&most(length)).into();
            let token = stage.token();
            let answer = stage.ask(&token, "POST", "/v2/webhooks", &headers, body);
            let answer = answer.await;
            let shown = json_of(&answer);
            assert_eq!(answer.status().as_u16(), status, "{encoding}: {shown}");
            if status == 413 {
                let error = json!({"type": "request-too-large", "message": "the body is larger than 524288 bytes"});
                assert_eq!(shown["error"], error);
            }
        }
    }
}

fn hostile() -> Vec<Hostile> {
    let objects = list(r#"{"":0}"#, 9_000_000);
    let long = format!("\"{}\"", "x".repeat(5_500_000));
    let zeros = vec![b'0'; 500_000_000];
    let mut all = vec![
        (
            "small objects, by gzip",
            Some("gzip"),
            gzip(objects.as_bytes()),
        ),
        (
            "small objects, by brotli",
            Some("br"),
            brotli(objects.as_bytes()),
        ),
        ("zeros, by gzip", Some("gzip"), gzip(&zeros)),
        ("zeros, by brotli", Some("br"), brotli(&zeros)),
        ("a long text", None, definition("title", &long).into_bytes()),
        (
            "noise that claims to be gzip",
            Some("gzip"),
            vec![0x1f; 4_300_000],
        ),
        ("what no encoding is", Some("deflate"), vec![7; 4_300_000]),
    ];
    for (name, body) in shapes().into_iter().chain(texts()) {
        all.push((name, Some("gzip"), gzip(body.as_bytes())));
        all.push((name, None, body.into_bytes()));
    }
    all
}

/// As much as the limit allows of what takes most memory when it is read.
fn shapes() -> Vec<(&'static str, String)> {
    let fields: Vec<_> = (0..60_000).map(|n| format!(r#""{n:x}":0"#)).collect();
    let condition = format!("{{{}}}", &fields[..50_000].join(","));
    let objects = list(r#"{"":0}"#, MOST);
    let repeated = format!("{{{}}}", vec![r#""":0"#; MOST / 5].join(","));
    vec![
        ("small objects", objects.clone()),
        ("small objects in a field", definition("stats", &objects)),
        (
            "small objects as event types",
            definition("eventTypes", &objects),
        ),
        (
            "small texts as event types",
            definition("eventTypes", &list(r#""""#, MOST)),
        ),
        ("small lists", definition("eventTypes", &list("[[]]", MOST))),
        ("nested lists", definition("eventTypes", &"[".repeat(MOST))),
        (
            "nested objects",
            definition("condition", &r#"{"":"#.repeat(MOST / 4)),
        ),
        ("many fields", format!("{{{}}}", fields.join(","))),
        (
            "many fields in a field",
            definition("condition", &condition),
        ),
        ("one field again and again", repeated),
    ]
}

/// The same of long values.
fn texts() -> Vec<(&'static str, String)> {
    let quoted = |text: String| format!("\"{text}\"");
    let escapes = quoted(r"\u0001".repeat(MOST / 6));
    let url = quoted(format!("https://example.com/{}", "é".repeat(MOST / 2)));
    let condition = format!(r#"{{"actorId":"{}"}}"#, "x".repeat(MOST));
    vec![
        ("a text of escapes", definition("payloadTemplate", &escapes)),
        ("a long URL", definition("requestUrl", &url)),
        ("a long condition", definition("condition", &condition)),
        ("a long field name", definition(&"x".repeat(MOST), "0")),
        ("a long number", definition("doNotRetry", &"9".repeat(MOST))),
    ]
}

fn definition(field: &str, value: &str) -> String {
    format!(
        r#"{{"eventTypes":["TEST"],"condition":{{"actorId":"a"}},"requestUrl":"https://example.com","{field}":{value}}}"#
    )
}

fn list(item: &str, length: usize) -> String {
    let items = vec![item; length / (item.len() + 1)];
    format!("[{}]", items.join(","))
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).expect("it fits");
    encoder.finish().expect("it fits")
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 4096, 1, 24);
    encoder.write_all(text).expect("it fits");
    drop(encoder);
    packed
}
