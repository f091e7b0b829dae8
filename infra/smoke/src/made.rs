//! What a proof has made, and its removal.

use std::sync::Arc;

use anyhow::{Error, Result, bail};
use domain::api_token::Terms;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use reqwest::Client;
use reqwest::Method;
use runtime::clock;
use store::{Store, Token};

use crate::account::{Account, store_failed};
use crate::receiver;
use crate::report::say;
use crate::stack::Stack;
use crate::user::User;

/// What a token is for, for whoever finds one.
const NOTE: &str = "cargo smoke";

/// How many webhooks are deleted at the same time.
const AT_ONCE: usize = 8;

/// Everything that has to go in the end. It is noted before it is made.
#[derive(Default)]
pub(crate) struct Made(Mutex<Things>);

#[derive(Clone, Default)]
struct Things {
    users: Vec<(Arc<User>, Store)>,
    receiver: Option<(Arc<Account>, String)>,
}

impl Made {
    /// Makes a user with a token.
    pub(crate) async fn user(
        &self,
        name: &str,
        stack: &Stack,
        store: &Store,
        http: &Client,
    ) -> Result<Arc<User>> {
        let user = Arc::new(User::new(name, &stack.api, http)?);
        self.0.lock().users.push((Arc::clone(&user), store.clone()));
        let token = Token {
            id: user.token_id(),
            created_at: clock::now(),
            note: Some(NOTE.to_owned()),
            terms: Terms::default(),
        };
        match store.create_token(&user.id, &token).await {
            Ok(()) => Ok(user),
            Err(error) => {
                // It is not there: the two halves of a token come together.
                self.0.lock().users.pop();
                Err(store_failed(error))
            }
        }
    }

    /// Notes a stack that is about to be created.
    pub(crate) fn note_receiver(&self, account: &Arc<Account>, name: &str) {
        self.0.lock().receiver = Some((Arc::clone(account), name.to_owned()));
    }

    /// What is there, for whoever has to remove it by hand.
    pub(crate) fn names(&self) -> String {
        let things = self.0.lock();
        let users = things.users.iter();
        let users = users.map(|(user, _)| format!("a token of {}", user.id));
        let receiver = things.receiver.iter();
        let receiver = receiver.map(|(_, name)| format!("the stack {name}"));
        users.chain(receiver).collect::<Vec<_>>().join(", ")
    }

    /// Removes all of it, and goes on where something resists.
    pub(crate) async fn remove(&self) -> Result<()> {
        let things = self.0.lock().clone();
        let mut left = Vec::new();
        for (user, store) in things.users {
            if user.has_asked() {
                left.extend(delete_webhooks(&user).await.err());
            }
            let revoked = store.revoke_token(&user.token_id()).await;
            match revoked {
                Ok(_) => self.0.lock().users.retain(|(other, _)| other.id != user.id),
                Err(error) => left.push(error.into()),
            }
        }
        if let Some((account, name)) = things.receiver {
            say(&format!("\nThe stack {name} is deleted …"));
            match receiver::remove(&account, &name).await {
                Ok(()) => self.0.lock().receiver = None,
                Err(error) => left.push(error),
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        let errors: Vec<_> = left
            .iter()
            .map(|error: &Error| format!("{error:#}"))
            .collect();
        match self.names() {
            names if names.is_empty() => bail!("webhooks are left behind: {}", errors.join("; ")),
            names => bail!("left behind: {names}: {}", errors.join("; ")),
        }
    }
}

/// Standing webhooks are in the list, and ad hoc webhooks in what was dispatched.
async fn delete_webhooks(user: &User) -> Result<()> {
    let standing = user.list("/v2/webhooks").await?;
    let dispatched = user.list("/v2/webhook-dispatches").await?;
    let standing = standing.iter().map(|webhook| &webhook["id"]);
    let ad_hoc = dispatched
        .iter()
        .filter(|dispatch| dispatch["webhook"]["isAdHoc"] == true)
        .map(|dispatch| &dispatch["webhookId"]);
    let ids = standing.chain(ad_hoc).filter_map(|id| id.as_str());
    let deleted = ids.map(|id| async move {
        let path = format!("/v2/webhooks/{id}");
        let answer = user.ask(Method::DELETE, &path, None).await?;
        match answer.status {
            // It may be gone already.
            200..=299 | 404 => Ok(()),
            status => bail!("DELETE {path}: HTTP {status}"),
        }
    });
    let deleted: Vec<Result<()>> = stream::iter(deleted)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    deleted.into_iter().collect()
}
