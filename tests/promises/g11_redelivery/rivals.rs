//! Workers that are still at an old attempt when the owner asks for another.

use local::gateway::kill::Moment;

use super::{redeliver, the_dispatch};
use crate::receiver::Answer;
use crate::stage::Stage;

/// Two workers made the first attempt, and one of them learns of its success only now. That is not
/// what the owner has asked for.
#[tokio::test(flavor = "multi_thread")]
async fn g11_a_success_from_before_is_not_taken_for_the_redelivery() {
    let stage = Stage::new().await;
    let delivered = stage.race(Answer::Status(200)).await;
    assert_eq!(delivered.status, "SUCCEEDED");

    // It is on record that an attempt is due, but nobody is asked to make it yet: the eighth call
    // would.
    assert!(stage.sweep().await);
    let kill = stage.kill_at("api", 8, Moment::BeforeCall);
    assert_ne!(redeliver(&stage, &delivered.id).await.0, 202);
    kill.fired().await;
    let waiting = stage.dispatches().await.remove(0);
    assert_eq!((waiting.status.as_str(), waiting.attempts), ("ACTIVE", 1));

    stage.receiver.release();
    stage.receiver.wait_for(3).await;
    let again = the_dispatch(&stage).await;
    assert_eq!((again.status.as_str(), again.attempts), ("SUCCEEDED", 2));
}
