//! The last notices of a webhook: what has changed about it, as the platform was told, too.

use axum::extract::State;
use axum::response::Response;
use domain::id::WebhookId;

use crate::caller::{LimitedCaller, within};
use crate::error::ApiError;
use crate::list::{List, part_of};
use crate::paging::Paging;
use crate::path_id::PathId;
use crate::{Api, answer};

/// How many of the last notices are listed. All are read for any page: they are short, and few
/// webhooks have as many.
const LISTED: usize = 1000;

/// `GET /v2/webhooks/{webhookId}/notices`; also of a webhook that is deleted, while its record is
/// kept.
pub(crate) async fn notices(
    State(api): State<Api>,
    LimitedCaller(user, grant): LimitedCaller,
    PathId(id): PathId<WebhookId>,
    Paging(page): Paging,
) -> Result<Response, ApiError> {
    let webhook = api.store.webhook(&user, &id).await?;
    let webhook = webhook.ok_or_else(|| ApiError::not_found("webhook", id.as_str()))?;
    let webhook = within(&grant, webhook)?;
    let mut all = api.store.notices(&user, &webhook.id, LISTED).await?;
    let total = all.len();
    all.reverse();
    answer::data(&List::of(page, total, part_of(all, page))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::notice::Notice;
    use serde_json::{Value, json};
    use store::Page;

    use crate::description::tests::schemas::{assert_described, assert_forbidden};
    use crate::samples::{notice, notices};

    #[test]
    fn every_type_is_written_as_it_is_described() {
        let mut types = Vec::new();
        for notice in notices() {
            let written = serde_json::to_value(&notice).unwrap();
            assert_described("Notice", &written);
            types.push(notice.change.name());
        }
        assert_eq!(types, Notice::TYPES);
        let mut other = serde_json::to_value(notice()).unwrap();
        other["type"] = json!("webhook.other");
        assert_forbidden("Notice", &other);
    }

    #[test]
    fn a_page_of_notices_is_one_of_the_lists_that_apify_has() {
        let page = Page {
            offset: 1,
            limit: 3,
            newest_first: true,
        };
        let all = notices();
        let list = List::of(page, all.len(), part_of(all.clone(), page)).unwrap();
        let list = serde_json::to_value(&list).unwrap();
        assert_described("NoticePage", &list);
        assert_eq!(
            (&list["total"], &list["count"]),
            (&json!(Notice::TYPES.len()), &json!(3))
        );
        let shown = list["items"].as_array().unwrap().iter();
        let shown: Vec<&Value> = shown.map(|notice| &notice["type"]).collect();
        let expected = Notice::TYPES.iter().rev().skip(1).take(3);
        assert!(shown.into_iter().eq(expected), "{list}");
    }
}
