//! Finding the dispatches of a page: of all there are, or of those that are something in
//! particular.

use domain::dispatch::Dispatch;
use domain::dispatch_id::DispatchId;
use domain::grant::Grant;
use domain::id::{UserId, WebhookId};
use domain::rate::Counted;
use domain::webhook::Webhook;
use serde::Serialize;
use store::{DispatchPage, FoundDispatches, Page, Search};

use crate::Api;
use crate::caller::within;
use crate::error::ApiError;
use crate::list::List;

/// The dispatches of a page, and what is known of the list.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) items: Vec<Dispatch>,
    pub(crate) total: usize,
    /// Where the page ends, unless the list ends with it.
    pub(crate) next: Option<DispatchId>,
}

impl Found {
    fn of_page(page: Page, found: DispatchPage) -> Self {
        // Counts can be too low.
        let is_full = found.items.len() >= page.limit;
        let has_more = is_full || found.total > page.offset.saturating_add(found.items.len());
        let last = found.items.last().filter(|_| has_more);
        Self {
            next: last.map(|dispatch| dispatch.id.clone()),
            total: found.total,
            items: found.items,
        }
    }

    /// Nobody has counted what was searched for: there are those that were found, and one more
    /// while there may be more.
    fn of_search(page: Page, found: FoundDispatches) -> Self {
        let seen = page.offset.saturating_add(found.items.len());
        Self {
            total: seen.saturating_add(usize::from(found.more_after.is_some())),
            next: found.more_after,
            items: found.items,
        }
    }

    /// The page as it is answered.
    pub(crate) fn page(
        &self,
        page: Page,
        views: impl IntoIterator<Item = impl Serialize>,
    ) -> Result<List, ApiError> {
        let list = List::of(page, self.total, views)?;
        let last = match list.count() {
            // What found no room comes with the next page.
            count if count < self.items.len() => {
                count.checked_sub(1).map(|last| &self.items[last].id)
            }
            _ => self.next.as_ref(),
        };
        let cursor = last.map(ToString::to_string);
        Ok(list.going_on_at(cursor))
    }
}

/// Of a webhook of this user, also a deleted one.
pub(crate) async fn of_webhook(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    id: &WebhookId,
    search: Option<Search>,
    page: Page,
) -> Result<(Webhook, Found), ApiError> {
    let found = api.store.webhook_and_count(user, id).await?;
    let (webhook, counted) = found.ok_or_else(|| ApiError::not_found("webhook", id.as_str()))?;
    let webhook = within(grant, webhook)?;
    let found = match search {
        None => {
            let found = api.store.dispatches_of_webhook(&webhook, counted, page);
            Found::of_page(page, found.await?)
        }
        Some(search) => {
            count(api, user, &search).await?;
            let found = api.store.search_webhook(&webhook, &search, page).await?;
            Found::of_search(page, found)
        }
    };
    Ok((webhook, found))
}

/// Of all webhooks of this user that the token covers.
pub(crate) async fn of_user(
    api: &Api,
    (user, grant): (&UserId, &Grant),
    search: Option<Search>,
    page: Page,
) -> Result<Found, ApiError> {
    Ok(match search {
        None => {
            let found = api.store.dispatches_of_user(user, grant.page(), page);
            Found::of_page(page, found.await?)
        }
        Some(search) => {
            count(api, user, &search).await?;
            let found = api.store.search_user(user, grant.page(), &search, page);
            Found::of_search(page, found.await?)
        }
    })
}

/// What is looked at and not shown is counted; a range of time, or a cursor, costs nothing.
async fn count(api: &Api, user: &UserId, search: &Search) -> Result<(), ApiError> {
    match search.filter.is_empty() {
        true => Ok(()),
        false => api.count(user, Counted::HeavyReads).await,
    }
}
