//! Ad hoc webhooks that the API defines, for a run that has started.

use domain::condition::Condition;
use domain::webhook::{Label, Webhook, WebhookState};
use store::{Created, Firing, Limits};

use crate::samples::{ad_hoc, alice, dispatch, event, id, run, webhook};
use crate::stage::Stage;

#[tokio::test]
async fn an_ad_hoc_webhook_is_found_by_its_id_and_matched_but_is_in_no_list() {
    let stage = Stage::new().await;
    let labelled = Webhook {
        label: Label {
            title: Some("title".to_owned()),
            ..Label::default()
        },
        ..ad_hoc(1, 7)
    };
    let disabled = Webhook {
        state: WebhookState::Disabled,
        ..ad_hoc(2, 7)
    };
    for webhook in [labelled, disabled] {
        stage.define(&webhook).await;
        assert_eq!(stage.found(&webhook.id).await, Some(webhook));
    }
    assert_eq!(stage.triggered(&event(7)).await, [id(1)]);
    assert_eq!(stage.waiting(&event(7)).await.len(), 2);
    assert!(stage.waiting(&event(8)).await.is_empty());
    assert_eq!(stage.listed(&alice()).await.len(), 2);
}

#[tokio::test]
async fn an_ad_hoc_webhook_of_the_api_fires_once_and_joins_those_that_came_with_the_run() {
    let stage = Stage::new().await;
    let (created, registered) = (ad_hoc(1, 7), ad_hoc(2, 7));
    stage.define(&created).await;
    stage.register(&[&registered]).await;
    assert_eq!(stage.triggered(&event(7)).await, [id(1), id(2)]);
    let fired = dispatch(&created, &event(7));
    assert_eq!(stage.fire(&fired).await, Firing::Ours);
    let other = dispatch(&created, &event(8));
    assert_eq!(stage.fire(&other).await, Firing::Another);
}

#[tokio::test]
async fn a_run_has_no_more_ad_hoc_webhooks_than_allowed() {
    let stage = Stage::new().await;
    let limits = Limits {
        standing_per_user: 0,
        ad_hoc_per_run: 2,
    };
    // Neither a standing webhook for the same run counts, nor an ad hoc one of another run.
    let of_the_run = Webhook {
        condition: Condition::Run(run(7)),
        ..webhook(8)
    };
    for other in [of_the_run, ad_hoc(9, 8), ad_hoc(10, 8)] {
        stage.define(&other).await;
    }
    // One that came with the run does.
    stage.register(&[&ad_hoc(1, 7)]).await;
    let create = async |number| {
        let webhook = ad_hoc(number, 7);
        stage.store.create_webhook(&webhook, limits).await.unwrap()
    };
    assert_eq!(create(2).await, Created::New);
    assert_eq!(create(3).await, Created::TooMany);
    assert_eq!(stage.found(&id(3)).await, None);
    assert_eq!(stage.triggered(&event(7)).await, [id(1), id(2), id(8)]);
}
