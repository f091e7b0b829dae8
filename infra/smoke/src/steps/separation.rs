//! Who may see what: nobody without a token, and no user what is another's.

use anyhow::Result;
use domain::api_token::{ApiToken, Terms};
use reqwest::Method;
use serde_json::{Value, json};
use store::{Store, Token};

use crate::account::store_failed;
use crate::course::{Course, id_of};

impl Course<'_> {
    /// Asks for what one user has, as another and as nobody.
    pub(crate) async fn users_are_separate(&self) -> Result<()> {
        self.report.step("Who may see what");
        let webhooks = self.main.list("/v2/webhooks").await?;
        let dispatches = self.main.list("/v2/webhook-dispatches").await?;
        let mut seen = Vec::new();
        for (kind, items) in [("webhooks", &webhooks), ("webhook-dispatches", &dispatches)] {
            let Some(item) = items.first() else {
                continue;
            };
            let path = format!("/v2/{kind}/{}", id_of(item)?);
            seen.extend(self.seen_by_nobody(&path).await?);
            seen.extend(self.seen_by_the_other(&path).await?);
        }
        seen.extend(self.in_lists_of_the_other(&webhooks).await?);
        self.report.check_none(
            "without a token, or with another user's, nothing is seen or changed",
            &seen,
        );
        self.revoked_token_is_refused().await
    }

    /// A token works until it is revoked, and not a moment longer.
    async fn revoked_token_is_refused(&self) -> Result<()> {
        let store = Store::new(&self.account.config, self.stack.tables.clone());
        let secret = ApiToken::from_bytes(runtime::chance::bytes()?);
        let token = Token {
            id: secret.id(),
            created_at: runtime::clock::now(),
            note: Some("cargo smoke, to be revoked at once".to_owned()),
            terms: Terms::default(),
        };
        let created = store.create_token(&self.main.id, &token).await;
        created.map_err(store_failed)?;
        let before = self
            .main
            .ask_as(Some(secret.reveal()), "/v2/webhooks")
            .await;
        // Whatever was answered, it has to go.
        let revoked = store.revoke_token(&token.id).await;
        revoked.map_err(store_failed)?;
        let before = before?.status;
        let after = self
            .main
            .ask_as(Some(secret.reveal()), "/v2/webhooks")
            .await?;
        self.report.check(
            "a token works until it is revoked",
            match (before, after.status) {
                (200, 401) => Ok(()),
                (before, after) => Err(format!("HTTP {before} before, and HTTP {after} after")),
            },
        );
        Ok(())
    }

    async fn seen_by_nobody(&self, path: &str) -> Result<Vec<String>> {
        let mut seen = Vec::new();
        for token in [None, Some("runhooks_api_nobody"), Some("")] {
            let status = self.main.ask_as(token, path).await?.status;
            if status != 401 {
                seen.push(format!(
                    "GET {path} with the token {token:?}: HTTP {status}"
                ));
            }
        }
        Ok(seen)
    }

    async fn seen_by_the_other(&self, path: &str) -> Result<Vec<String>> {
        let change = json!({ "description": "theirs" });
        let mut requests = vec![(Method::GET, path.to_owned(), None)];
        match path.starts_with("/v2/webhooks/") {
            true => requests.extend([
                (Method::GET, format!("{path}/secret"), None),
                (Method::PUT, path.to_owned(), Some(&change)),
                (Method::DELETE, path.to_owned(), None),
            ]),
            false => requests.push((Method::POST, format!("{path}/redeliver"), None)),
        }
        let mut seen = Vec::new();
        for (method, path, body) in requests {
            let status = self.troubled.ask(method.clone(), &path, body).await?.status;
            if status != 404 {
                seen.push(format!("{method} {path} by another user: HTTP {status}"));
            }
        }
        Ok(seen)
    }

    async fn in_lists_of_the_other(&self, webhooks: &[Value]) -> Result<Vec<String>> {
        let theirs = self.troubled.list("/v2/webhooks").await?;
        let seen = theirs
            .iter()
            .filter(|one| webhooks.iter().any(|webhook| webhook["id"] == one["id"]));
        Ok(seen
            .map(|one| format!("webhook {} in another user's list", one["id"]))
            .collect())
    }
}
