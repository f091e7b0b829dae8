use super::*;

#[test]
fn a_message_reads_back_as_itself_and_is_small() {
    let text = r#"{"v":"1","dispatch":"A50PsRbHTn0123456789ab","attempt":2,"user":"u","webhook":"0000000000000000A","adHoc":true,"run":"r","eventAt":"2019-01-09T15:59:56.408Z","event":"0123456789ab"}"#;
    let message = DeliveryMessage::from_json(text).unwrap();
    assert_eq!(message.to_json().unwrap(), text);
    assert_eq!(message.following().attempt, 3);
}

#[test]
fn an_attempt_is_put_off_for_so_long_at_most_and_the_next_one_begins_anew() {
    let text = r#"{"v":"1","dispatch":"A50PsRbHTn0123456789ab","attempt":2,"user":"u","webhook":"0000000000000000A","adHoc":true,"run":"r","eventAt":"2019-01-09T15:59:56.408Z","event":"0123456789ab"}"#;
    let message = DeliveryMessage::from_json(text).unwrap();
    let (begin, longest) = (Timestamp::default(), Duration::from_secs(60));
    let at = |seconds| begin.after(Duration::from_secs(seconds));
    let put_off = message.put_off(begin, longest).unwrap();
    let put_off = DeliveryMessage::from_json(&put_off.to_json().unwrap()).unwrap();
    assert_eq!(put_off.put_off_since, Some(begin));
    assert_eq!(put_off.put_off(at(59), longest), Some(put_off.clone()));
    assert_eq!(put_off.put_off(at(60), longest), None);
    assert_eq!(put_off.following().put_off_since, None);
}

#[test]
fn every_home_and_subject_reads_back_as_itself() {
    let mut messages = Vec::new();
    let run = RunId::parse("r").unwrap();
    let build = BuildId::parse("b").unwrap();
    for (lifetime, subject) in [
        (Lifetime::Standing, SubjectId::Run(run.clone())),
        (Lifetime::Standing, SubjectId::Build(build)),
        (Lifetime::Standing, SubjectId::Test),
        (Lifetime::AdHoc(run.clone()), SubjectId::Run(run.clone())),
        (Lifetime::AdHoc(run), SubjectId::Test),
    ] {
        let message = DeliveryMessage {
            dispatch: DispatchId::parse("A50PsRbHTn0123456789ab").unwrap(),
            user: UserId::parse("u").unwrap(),
            webhook: WebhookId::from_bytes([0; 16]),
            lifetime,
            subject,
            event: EventKey {
                created_at: Timestamp::from_millis(1).unwrap(),
                hash: "0123456789ab".to_owned(),
            },
            attempt: 1,
            put_off_since: None,
        };
        let text = message.to_json().unwrap();
        assert_eq!(DeliveryMessage::from_json(&text).unwrap(), message);
        messages.push(text);
    }
    messages.dedup();
    assert_eq!(messages.len(), 5);
}

#[test]
fn what_is_no_message_is_refused() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"v":"2"}"#,
        r#"{"v":"1","dispatch":"x"}"#,
    ] {
        assert!(DeliveryMessage::from_json(text).is_err(), "{text:?}");
    }
}

#[test]
fn what_names_no_event_is_refused() {
    for hash in ["", "0123456789a", "0123456789#b", &"x".repeat(2000)] {
        let text = format!(
            r#"{{"v":"1","dispatch":"A50PsRbHTn0123456789ab","attempt":1,"user":"u","webhook":"0000000000000000A","adHoc":true,"run":"r","eventAt":"2019-01-09T15:59:56.408Z","event":"{hash}"}}"#
        );
        let refused = DeliveryMessage::from_json(&text);
        assert!(
            matches!(refused, Err(DeliveryMessageError::EventHash(_))),
            "{hash:?}"
        );
    }
}
