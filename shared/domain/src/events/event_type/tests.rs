use super::*;

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
}

#[test]
fn bits_are_distinct_and_names_come_back() {
    let mut seen = 0u16;
    for (kind, _) in NAMES {
        assert_eq!(EventType::parse(kind.name()), Ok(kind));
        seen |= kind.bit();
    }
    assert_eq!(seen.count_ones(), 12);
}

#[test]
fn no_event_types_and_unknown_ones_are_refused_with_the_name() {
    assert_eq!(EventTypes::parse([]), Err(EventTypesError::Empty));
    let error = EventTypes::parse(["ACTOR.RUN.STARTED"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"ACTOR.RUN.STARTED\""), "{error}");
}
