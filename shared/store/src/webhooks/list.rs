//! Lists of webhooks: standing ones and ad hoc ones that have not fired, in the order of time, page
//! by page.

use domain::condition::Condition;
use domain::id::UserId;
use domain::webhook::{Webhook, WebhookState};

use super::activity::Activity;
use super::entry::Entry;
use super::item;
use crate::Store;
use crate::dispatches::page::{LARGEST_PAGE, Page};
use crate::error::StoreError;

/// How many webhooks are read at once: definitions of the longest templates, for all of them, are
/// as much as a page may have.
const AT_ONCE: usize = 50;

/// A part of a list of webhooks.
#[derive(Clone, Debug, Default)]
pub struct WebhookPage {
    /// How many there are in all. Ad hoc ones that have fired may count until a list comes upon
    /// them.
    pub total: usize,
    /// Those that were asked for, and what they have done.
    pub items: Vec<(Webhook, Activity)>,
}

impl Store {
    /// A user's webhooks, the oldest first or the newest: the standing ones, all or those of a
    /// condition, and among all also the ad hoc ones that have not fired.
    pub async fn webhook_page(
        &self,
        user: &UserId,
        condition: Option<&Condition>,
        page: Page,
    ) -> Result<WebhookPage, StoreError> {
        let mut entries = self.listed(user, condition).await?;
        if page.newest_first {
            entries.reverse();
        }
        let mut found = WebhookPage {
            total: entries.len(),
            items: Vec::new(),
        };
        let (mut stale, mut bytes) = (Vec::new(), 0);
        let mut rest = entries.get(page.offset..).unwrap_or_default();
        while !rest.is_empty() && found.items.len() < page.limit && bytes < LARGEST_PAGE {
            // Exactly what is wanted at first; more at once while there is so much to be passed
            // over.
            let wanted = page.limit - found.items.len();
            let at_once = if stale.is_empty() {
                wanted.min(AT_ONCE)
            } else {
                AT_ONCE
            };
            let (part, behind) = rest.split_at(at_once.min(rest.len()));
            rest = behind;
            let (shown, passed) = self.shown(user, part).await?;
            stale.extend(passed);
            bytes += shown
                .iter()
                .map(|(webhook, _)| length(webhook))
                .sum::<usize>();
            found.items.extend(shown.into_iter().take(wanted));
        }
        found.total -= stale.len();
        let stale = stale.iter().map(|entry| entry.key(user)).collect();
        self.batch_delete(&self.tables.webhooks, stale).await?;
        Ok(found)
    }

    /// How many standing webhooks a user has.
    pub async fn standing_count(&self, user: &UserId) -> Result<usize, StoreError> {
        Ok(self.standing_entries(user).await?.len())
    }

    /// Everything that a list may show, the oldest first.
    async fn listed(
        &self,
        user: &UserId,
        condition: Option<&Condition>,
    ) -> Result<Vec<Entry>, StoreError> {
        let Some(condition) = condition else {
            let (mut entries, ad_hoc) =
                futures::try_join!(self.standing_entries(user), self.ad_hoc_entries(user))?;
            entries.extend(ad_hoc);
            entries.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
            return Ok(entries);
        };
        let mut entries = self.standing_entries(user).await?;
        entries.retain(|entry| entry.condition == *condition);
        Ok(entries)
    }

    /// The webhooks of these entries, and the entries that no longer stand for what is to be shown.
    async fn shown<'a>(
        &self,
        user: &UserId,
        entries: &'a [Entry],
    ) -> Result<(Vec<(Webhook, Activity)>, Vec<&'a Entry>), StoreError> {
        let table = self.tables.webhooks.as_str();
        let keys = entries.iter().map(|entry| (table, entry.definition(user)));
        let mut items = self.batch_get(keys.collect()).await?;
        let (mut webhooks, mut passed) = (Vec::with_capacity(entries.len()), Vec::new());
        for entry in entries {
            let item = items.remove(&entry.definition(user));
            match item.map(item::read).transpose()? {
                // One whose registration was repeated has an entry for each time.
                Some(webhook) if webhook.created_at == entry.created_at => {
                    webhooks.push((entry, webhook));
                }
                _ => passed.push(entry),
            }
        }
        let (entries, webhooks): (Vec<_>, Vec<_>) = webhooks.into_iter().unzip();
        let mut activity = self.activity(&webhooks).await?;
        let mut shown = Vec::with_capacity(webhooks.len());
        for (entry, webhook) in entries.into_iter().zip(webhooks) {
            let done = activity.remove(&webhook.id).unwrap_or_default();
            if is_shown(&webhook, &done) {
                shown.push((webhook, done));
            } else {
                passed.push(entry);
            }
        }
        Ok((shown, passed))
    }
}

fn is_shown(webhook: &Webhook, done: &Activity) -> bool {
    let has_fired = webhook.lifetime.is_ad_hoc() && done.total_dispatches > 0;
    webhook.state != WebhookState::Removed && !has_fired
}

/// About how many bytes a webhook has in an answer, and never more.
fn length(webhook: &Webhook) -> usize {
    let definition = &webhook.definition;
    definition.templates.length() + definition.request_url.as_str().len()
}
