//! Lists of dispatches that are something in particular, and going on where a page has ended.

use serde_json::Value;
use serde_json::json;

use crate::receiver::Answer;
use crate::run::Run;
use crate::stage::Stage;

/// Ids of a list's dispatches, read page by page as `nextCursor` says; and how many pages there
/// were.
async fn read(stage: &Stage, list: &str, limit: usize) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let join = if list.contains('?') { '&' } else { '?' };
        let path = format!("{list}{join}limit={limit}&cursor={cursor}");
        let (status, page) = stage.api("GET", &path, None).await;
        assert_eq!(status, 200, "{path}: {page}");
        pages += 1;
        let items = page["data"]["items"].as_array().expect("items");
        assert!(items.len() <= limit);
        let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
        ids.extend(items.iter().map(id));
        match page["data"]["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return (ids, pages),
        }
    }
}

/// Two webhooks of seven runs each: of `/bad`, every second dispatch has failed for good.
async fn history() -> (Stage, [String; 2]) {
    let parameters = [
        ("RetryScheduleSeconds", "1"),
        ("HeavyReadsPerMinute", "1000"),
    ];
    let stage = Stage::with(&parameters).await;
    let condition = || json!({"actorId": "actor1"});
    let good = stage
        .webhook(&["SUCCEEDED", "FAILED"], condition(), "/good")
        .await;
    let mut answers = [Answer::Status(200); 7];
    answers[1] = Answer::Status(410);
    stage.receiver.script("/bad", &answers);
    let bad = stage.webhook(&["SUCCEEDED"], condition(), "/bad").await;
    for n in 0..7 {
        let what = if n == 3 { "FAILED" } else { "SUCCEEDED" };
        stage
            .send(&Run::new(&format!("run{n}")).event(what, n))
            .await;
        stage.settled().await;
    }
    (stage, [good, bad])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_to_its_end_by_cursors_in_both_directions() {
    let (stage, [good, bad]) = history().await;
    for list in [
        format!("/v2/webhooks/{good}/dispatches"),
        format!("/v2/webhooks/{bad}/dispatches"),
        "/v2/webhook-dispatches".to_owned(),
    ] {
        let (_, whole) = stage.api("GET", &list, None).await;
        let whole = whole["data"]["items"].as_array().expect("items").clone();
        let mut whole: Vec<_> = whole
            .iter()
            .map(|item| item["id"].as_str().expect("an id"))
            .collect();
        assert!(whole.len() >= 2);
        for limit in [1, 2, 3, 100] {
            let (ids, _) = read(&stage, &list, limit).await;
            assert_eq!(ids, whole, "{list} {limit}");
        }
        whole.reverse();
        let (ids, _) = read(&stage, &format!("{list}?desc=1"), 2).await;
        assert_eq!(ids, whole, "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_what_is_asked_for_and_nothing_else() {
    let (stage, [good, bad]) = history().await;
    let count = async |list: String| read(&stage, &list, 2).await.0.len();
    let of_good = format!("/v2/webhooks/{good}/dispatches");
    let all = "/v2/webhook-dispatches";
    let total = count(all.to_owned()).await;
    for (query, expected) in [
        ("status=SUCCEEDED", 7),
        ("status=FAILED", 0),
        ("status=ACTIVE", 0),
        ("eventType=ACTOR.RUN.FAILED", 1),
        ("eventType=ACTOR.RUN.SUCCEEDED&status=SUCCEEDED", 6),
        ("actorRunId=run2", 1),
        ("actorRunId=unknown", 0),
        ("since=2026-01-09T15:00:02.408Z", 5),
        ("until=2026-01-09T15:00:02.408Z", 2),
        ("since=2026-01-09T15:00:02Z&until=2026-01-09T15:00:04Z", 2),
        ("since=2030-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(
            count(format!("{of_good}?{query}")).await,
            expected,
            "{query}"
        );
        let desc = format!("{of_good}?{query}&desc=1");
        assert_eq!(count(desc).await, expected, "{query}");
    }
    // What waited for a webhook that a 410 has switched off has failed, too.
    let failed = count(format!("/v2/webhooks/{bad}/dispatches?status=FAILED")).await;
    assert!(failed >= 1);
    assert_eq!(count(format!("{all}?status=FAILED")).await, failed);
    assert_eq!(
        count(format!("{all}?status=SUCCEEDED")).await,
        total - failed
    );
    assert_eq!(count(format!("{all}?actorRunId=run0")).await, 2);
    assert_eq!(
        count(format!("{all}?since=2026-01-09T15:00:06Z")).await,
        total - count(format!("{all}?until=2026-01-09T15:00:06Z")).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reads_more_than_it_shows_is_counted() {
    let stage = Stage::with(&[("HeavyReadsPerMinute", "1")]).await;
    let ask = async |query: &str| {
        let path = format!("/v2/webhook-dispatches?{query}");
        stage.api("GET", &path, None).await.0
    };
    for query in ["status=FAILED", "eventType=TEST", "actorRunId=run1"] {
        assert_eq!(
            ask(query).await,
            if query == "status=FAILED" { 200 } else { 429 },
            "{query}"
        );
    }
    for query in [
        "since=2026-01-09T15:00:06Z",
        "limit=5",
        "until=2026-01-09T15:00:06Z",
    ] {
        assert_eq!(ask(query).await, 200, "{query}");
    }
}
