//! API tokens. Only digests are stored: who reads the table cannot call the API.
//!
//! A token has two items, which come and go together: one under its digest, which the API looks up
//! at each call, and one with its user, for lists.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::api_token::{Terms, TokenId};
use domain::grant::Scope;
use domain::id::UserId;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::key::{self, Key, TOKEN};
use crate::table::query::all_items;
use crate::table::transaction::{Transaction, delete};

/// What is on record of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is known by.
    pub id: TokenId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it is for, in its maker's words.
    pub note: Option<String>,
    /// What it allows, and until when.
    pub terms: Terms,
}

/// Whose token it is, and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The user in whose name it acts.
    pub user: UserId,
    /// What it allows, and until when.
    pub terms: Terms,
}

#[derive(Serialize, Deserialize)]
struct TokenItem {
    pk: String,
    sk: String,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    terms: TermsItem,
}

/// Both items of a token have these. Those of earlier times have neither, as those of a token that
/// allows everything, for ever.
#[derive(Serialize, Deserialize)]
struct TermsItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl From<Terms> for TermsItem {
    fn from(terms: Terms) -> Self {
        Self {
            scope: terms.scope.map(|scope| scope.name().to_owned()),
            expires_at: terms.expires_at,
        }
    }
}

impl TryFrom<TermsItem> for Terms {
    type Error = StoreError;

    fn try_from(item: TermsItem) -> Result<Self, StoreError> {
        // A scope that is not known must not be taken for none.
        let scope = item.scope.as_deref().map(Scope::parse).transpose();
        Ok(Self {
            scope: scope.map_err(StoreError::item("token"))?,
            expires_at: item.expires_at,
        })
    }
}

impl Store {
    /// Makes a new token known as this user's: the API takes it from now on.
    pub async fn create_token(&self, user: &UserId, token: &Token) -> Result<(), StoreError> {
        let terms: Item = serde_dynamo::to_item(TermsItem::from(token.terms))
            .map_err(StoreError::item("token"))?;
        let mut owner = Key::token(&token.id).attributes();
        owner.extend(terms);
        owner.insert("user".to_owned(), AttributeValue::S(user.to_string()));
        let changes = vec![self.put_new(owner)?, self.put_new(write(user, token)?)?];
        match self.transact("create a token", changes).await? {
            Transaction::Done => Ok(()),
            Transaction::Refused => Err(StoreError::item("token")(format!(
                "{} exists already",
                token.id
            ))),
        }
    }

    /// A user's tokens, the oldest first.
    pub async fn tokens(&self, user: &UserId) -> Result<Vec<Token>, StoreError> {
        let items = self.query_prefix(&self.tables.webhooks, &key::user(user), TOKEN);
        let items = all_items(items, "list tokens").await?;
        let mut tokens = items.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        tokens.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(tokens)
    }

    /// Ends a token, and says whose it was; `None` if there is no such token. The API refuses it
    /// from now on.
    pub async fn revoke_token(&self, id: &TokenId) -> Result<Option<UserId>, StoreError> {
        let Some(Holder { user, .. }) = self.holder_of_token(id).await? else {
            return Ok(None);
        };
        let table = self.tables.webhooks.as_str();
        let changes = vec![
            delete(table, &Key::token(id))?,
            delete(table, &Key::token_of_user(&user, id))?,
        ];
        // A deletion without a condition cannot be refused.
        let _ = self.transact("revoke a token", changes).await?;
        Ok(Some(user))
    }

    /// Whose token it is and what it allows, also of one that has expired.
    ///
    /// No secret is compared anywhere: the token's digest is looked up as a key. Whoever tries
    /// tokens cannot choose their digests, so the time that a look-up takes tells nothing about the
    /// tokens that there are.
    pub async fn holder_of_token(&self, id: &TokenId) -> Result<Option<Holder>, StoreError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.tables.webhooks)
            .set_key(Some(Key::token(id).attributes()))
            // A revoked token must not work for a moment longer.
            .consistent_read(true)
            .send();
        let Some(item) = get.await.map_err(StoreError::call("read a token"))?.item else {
            return Ok(None);
        };
        let user = UserId::parse(attribute::text(&item, "user")?);
        let user = user.map_err(StoreError::item("token"))?;
        let terms: TermsItem = serde_dynamo::from_item(item).map_err(StoreError::item("token"))?;
        let terms = Terms::try_from(terms)?;
        Ok(Some(Holder { user, terms }))
    }
}

fn write(user: &UserId, token: &Token) -> Result<Item, StoreError> {
    let Key { pk, sk } = Key::token_of_user(user, &token.id);
    let item = TokenItem {
        pk,
        sk,
        created_at: token.created_at,
        note: token.note.clone(),
        terms: token.terms.into(),
    };
    serde_dynamo::to_item(item).map_err(StoreError::item("token"))
}

fn read(item: Item) -> Result<Token, StoreError> {
    let item: TokenItem = serde_dynamo::from_item(item).map_err(StoreError::item("token"))?;
    let id = item.sk.strip_prefix(TOKEN).unwrap_or_default();
    Ok(Token {
        id: TokenId::parse(id).map_err(StoreError::item("token"))?,
        created_at: item.created_at,
        note: item.note,
        terms: item.terms.try_into()?,
    })
}
