//! What is kept of a webhook's secrets: their versions.

use domain::action_type::ActionType;
use domain::definition::Definition;
use domain::signature::SecretVersions;
use domain::webhook::Webhook;
use store::Replaced;

use crate::samples::{changed, webhook};
use crate::stage::{Stage, WEBHOOKS};

/// A webhook whose secret was rotated, and that signs with Ed25519 too.
fn rotated(webhook: &Webhook) -> Webhook {
    Webhook {
        secret: SecretVersions {
            current: 7,
            previous_until: Some(webhook.created_at),
        },
        definition: Definition {
            sign_with_ed25519: true,
            ..webhook.definition.clone()
        },
        ..changed(webhook)
    }
}

#[tokio::test]
async fn the_versions_of_a_secret_are_kept() {
    let stage = Stage::new().await;
    let before = webhook(1);
    stage.define(&before).await;
    let after = rotated(&before);
    assert_eq!(stage.replace(&before, &after).await, Replaced::Done);
    assert_eq!(stage.found(&after.id).await, Some(after));
}

#[tokio::test]
async fn a_webhook_that_was_stored_before_there_were_secrets_and_actions_has_the_first_ones() {
    let stage = Stage::new().await;
    let defined = rotated(&webhook(1));
    stage.define(&defined).await;
    let sk = format!("W#{}", defined.id);
    for attribute in [
        "secret_version",
        "previous_secret_until",
        "sign_with_ed25519",
        "action",
    ] {
        stage.forget(WEBHOOKS, ("U#alice", &sk), attribute).await;
    }
    let found = stage.found(&defined.id).await.unwrap();
    assert_eq!(found.secret, SecretVersions::default());
    assert!(!found.definition.sign_with_ed25519);
    assert_eq!(found.definition.action_type, ActionType::HttpRequest);
}
