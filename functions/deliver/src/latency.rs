//! How long an event took to reach a receiver. Pure.

use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::Dispatch;
use domain::endpoint::Lane;
use domain::event::SubjectId;
use domain::timestamp::Timestamp;

/// From the moment at which the event and its webhook were both there to this POST, if that says
/// something about us: it is the first, its owner has not asked for it, and its endpoint was not
/// put off or sent to the slow lane, where it waits through its own fault.
pub(crate) fn event_to_post(
    message: &DeliveryMessage,
    before: Option<&Dispatch>,
    lane: Lane,
    both_there: Timestamp,
    post: Timestamp,
) -> Option<Duration> {
    let is_ours = lane == Lane::Fast
        && message.attempt == 1
        && message.put_off_since.is_none()
        && message.subject != SubjectId::Test
        && before.is_none_or(|dispatch| dispatch.redelivery.is_none());
    is_ours.then(|| both_there.until(post))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis).unwrap()
    }

    fn message() -> DeliveryMessage {
        let text = r#"{"v":"1","dispatch":"A50PsRbHTn0123456789ab","attempt":1,"user":"u","webhook":"0000000000000000A",
            "adHoc":true,"run":"r","eventAt":"2019-01-09T15:59:56.408Z","event":"0123456789ab"}"#;
        DeliveryMessage::from_json(text).unwrap()
    }

    fn latency(message: &DeliveryMessage, lane: Lane) -> Option<Duration> {
        event_to_post(message, None, lane, at(0), at(250))
    }

    #[test]
    fn the_first_post_of_an_event_tells_how_long_it_took() {
        let latency = latency(&message(), Lane::Fast);
        assert_eq!(latency, Some(Duration::from_millis(250)));
    }

    #[test]
    fn a_clock_that_is_behind_makes_no_latency_negative() {
        let latency = event_to_post(&message(), None, Lane::Fast, at(0), at(-250));
        assert_eq!(latency, Some(Duration::ZERO));
    }

    #[test]
    fn what_waits_through_no_fault_of_ours_is_not_counted() {
        let retry = message().following();
        let put_off = message().put_off(at(0), Duration::from_secs(60)).unwrap();
        let test = DeliveryMessage {
            subject: SubjectId::Test,
            ..message()
        };
        for message in [retry, put_off, test] {
            assert_eq!(latency(&message, Lane::Fast), None);
        }
        assert_eq!(latency(&message(), Lane::Slow), None);
    }
}
