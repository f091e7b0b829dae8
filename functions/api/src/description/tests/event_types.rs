//! Every place that has to know of an event type, for each that there is: whoever adds one is led
//! from here to the next place. `tests/promises/event_types.rs` then takes its sample all the way.

use std::fs;
use std::path::Path;

use domain::event_message::{parse, parse_kept};
use domain::event_type::{EventType, SubjectKind};
use serde_json::{Value, json};

use super::description;
use crate::console::words_of;

/// A page of the project.
pub(super) fn page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(path).unwrap()
}

/// The rows of a page's table that begin so.
fn row(page: &str, field: &str) -> String {
    let is_row = |line: &&str| line.starts_with(&format!("| `{field}` |"));
    page.lines().find(is_row).unwrap().to_owned()
}

/// What stands behind the subject in a name.
fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap()
}

#[test]
fn the_description_lists_every_name() {
    let names: Vec<_> = EventType::all().flat_map(EventType::names).collect();
    let listed = &description()["components"]["schemas"]["EventType"]["enum"];
    assert_eq!(*listed, json!(names));
}

#[test]
fn the_console_has_words_for_every_type_and_offers_each_that_has_a_subject() {
    for kind in EventType::all() {
        let found = words_of(kind);
        assert_eq!(found.is_some(), kind.subject().is_some(), "{kind}");
    }
}

#[test]
fn the_pages_for_users_and_for_the_platform_name_every_type() {
    let pages = [
        ("functions/api/README.md", "eventTypes"),
        ("functions/ingest/README.md", "eventType"),
    ];
    for (path, field) in pages {
        let row = row(&page(path), field);
        for kind in EventType::all().filter(|kind| kind.subject().is_some()) {
            let part = format!("`{}`", last_part(kind.name()));
            assert!(row.contains(&part), "{path} does not name {kind}");
        }
    }
}

/// What a run or build that was just seen with a status means is what its sample says.
#[test]
fn every_type_has_a_sample_message_that_is_read_as_one() {
    for kind in EventType::all() {
        let Some(subject) = kind.subject() else {
            continue;
        };
        let sample = match subject {
            SubjectKind::Run => last_part(kind.name()).to_owned(),
            SubjectKind::Build => format!("build-{}", last_part(kind.name())),
        };
        let path = format!(
            "infra/events/messages/{}.json",
            sample.to_lowercase().replace('_', "")
        );
        let message = page(&path);
        let event = parse(&message, 20).unwrap().event;
        assert_eq!(event.kind, kind, "{path}");
        let kept = parse_kept(&event.to_message().unwrap()).unwrap();
        assert_eq!((kept.kind, kept.key()), (kind, event.key()), "{path}");
        let mut unnamed: Value = serde_json::from_str(&message).unwrap();
        unnamed["eventType"] = Value::Null;
        let status = unnamed["resource"]["status"].as_str().unwrap();
        if let Some(expected) = EventType::of_status(subject, status) {
            assert_eq!(
                parse(&unnamed.to_string(), 20).unwrap().event.kind,
                expected
            );
        }
    }
}
