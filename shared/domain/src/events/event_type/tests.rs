use super::*;

/// They are stored.
#[test]
fn the_bit_of_a_type_never_changes() {
    let bits = [
        ("ACTOR.RUN.CREATED", 1),
        ("ACTOR.RUN.TIMED_OUT", 16),
        ("ACTOR.RUN.RESURRECTED", 32),
        ("ACTOR.BUILD.TIMED_OUT", 1024),
        ("TEST", 2048),
    ];
    for (name, bit) in bits {
        assert_eq!(
            EventType::parse(name).map(EventType::bit),
            Ok(bit),
            "{name}"
        );
    }
}

#[test]
fn the_five_names_of_the_documentation_page_are_known() {
    for name in ["CREATED", "SUCCEEDED", "FAILED", "ABORTED", "TIMEDOUT"] {
        assert!(EventType::parse(&format!("ACTOR.RUN.{name}")).is_ok());
    }
}

#[test]
fn a_webhook_registered_in_one_spelling_waits_for_all_and_shows_its_own() {
    for name in [
        "ACTOR.RUN.TIMEDOUT",
        "ACTOR.RUN.TIMED_OUT",
        "ACTOR.RUN.TIMED-OUT",
    ] {
        let types = EventTypes::parse([name]).unwrap();
        assert_eq!(types.mask(), EventType::RunTimedOut.bit());
        assert_eq!(types.spelling_of(EventType::RunTimedOut), name);
    }
}

#[test]
fn every_status_names_its_event_and_transitional_ones_name_none() {
    let run = |status| EventType::of_status(SubjectKind::Run, status);
    assert_eq!(run("READY"), Some(EventType::RunCreated));
    assert_eq!(run("TIMEDOUT"), run("TIMED-OUT"));
    assert_eq!(run("ABORTING"), None);
    assert_eq!(run("TIMING-OUT"), None);
    assert_eq!(run("EXPLODED"), None);
    let build = EventType::of_status(SubjectKind::Build, "FAILED");
    assert_eq!(build, Some(EventType::BuildFailed));
}

#[test]
fn bits_are_distinct_and_names_come_back() {
    let mut seen = 0u16;
    for (place, kind) in EventType::all().enumerate() {
        for name in kind.names() {
            assert_eq!(EventType::parse(name), Ok(kind));
        }
        assert_eq!(
            (kind.bit(), EventType::of_bit(kind.bit())),
            (1 << place, Some(kind))
        );
        assert_eq!(seen & kind.bit(), 0);
        seen |= kind.bit();
    }
    assert_eq!(seen.count_ones() as usize, EventType::all().count());
}

#[test]
fn no_event_types_and_unknown_ones_are_refused_with_the_name() {
    assert_eq!(EventTypes::parse([]), Err(EventTypesError::Empty));
    let error = EventTypes::parse(["ACTOR.RUN.STARTED"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"ACTOR.RUN.STARTED\""), "{error}");
}
