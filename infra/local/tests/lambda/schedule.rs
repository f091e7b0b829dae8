//! Functions that run by the clock.

use std::time::Duration;

use local::options::Options;
use local::platform::Platform;

use crate::fixture::{options, told};

#[tokio::test]
async fn a_schedule_invokes_its_function_at_every_tick() {
    let options = Options {
        tick: Some(Duration::from_millis(50)),
        ..options().await
    };
    let platform = Platform::start(options).await.unwrap();
    let (first, second) = (told(&platform).await, told(&platform).await);
    for event in [&first, &second] {
        assert_eq!(
            (&event["detail-type"], &event["source"]),
            (&"Scheduled Event".into(), &"aws.events".into())
        );
        assert_eq!(
            event["resources"][0],
            "arn:aws:events:us-east-1:000000000000:rule/Often"
        );
    }
    assert_ne!(first["id"], second["id"]);
}
