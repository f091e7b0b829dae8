//! Users of the job platform: those of API tokens, and everybody whom it signs a token for.

use std::sync::Arc;

use anyhow::Result;
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::StandIn;
use crate::clock::Clock;
use crate::dynamodb::DynamoDb;
use crate::token;
use crate::user_tokens::UserTokens;

/// Who is whose user, by their tokens.
pub(crate) struct Users {
    pub(crate) database: Arc<DynamoDb>,
    pub(crate) webhooks_table: String,
    pub(crate) tokens: Arc<UserTokens>,
    pub(crate) clock: Arc<Clock>,
}

impl Users {
    /// The user whose token it is.
    pub(super) async fn of(&self, token: &str) -> Result<Option<String>> {
        match self.tokens.user_of(token, self.clock.now()) {
            Some(user) => Ok(Some(user)),
            None => token::user_of(token, &self.database, &self.webhooks_table).await,
        }
    }
}

/// `POST /platform/user-tokens`: a token with these claims, for whoever asks: there is no login
/// here. Those that are not given are those of the local user, for a day.
pub(super) async fn sign(
    State(stand_in): State<Arc<StandIn>>,
    Json(claims): Json<Map<String, Value>>,
) -> Json<Value> {
    let Users { tokens, clock, .. } = &stand_in.users;
    Json(json!({ "token": tokens.sign(token::USER, &claims, clock.now()) }))
}
