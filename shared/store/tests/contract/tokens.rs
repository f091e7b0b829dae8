//! API tokens.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::api_token::{ApiToken, Terms, TokenId};
use domain::grant::Scope;
use domain::id::UserId;
use store::{Holder, Token};

use crate::samples::{alice, at, bob};
use crate::stage::{Stage, WEBHOOKS};

/// The secret of that number.
fn secret(number: u8) -> ApiToken {
    ApiToken::from_bytes([number; 32])
}

/// The token of that number, made that many seconds after the beginning.
fn token(number: u8) -> Token {
    Token {
        id: secret(number).id(),
        created_at: at(u32::from(number)),
        note: None,
        terms: Terms::default(),
    }
}

impl Stage {
    async fn create_token(&self, user: &UserId, token: &Token) {
        self.store.create_token(user, token).await.unwrap();
    }

    async fn tokens(&self, user: &UserId) -> Vec<Token> {
        self.store.tokens(user).await.unwrap()
    }

    async fn revoke_token(&self, token: &Token) -> Option<UserId> {
        self.store.revoke_token(&token.id).await.unwrap()
    }

    async fn user_of(&self, token: &Token) -> Option<UserId> {
        Some(self.holder_of(&token.id).await?.user)
    }

    async fn holder_of(&self, id: &TokenId) -> Option<Holder> {
        self.store.holder_of_token(id).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_digest_and_by_nothing_else() {
    let stage = Stage::new().await;
    stage.create_token(&alice(), &token(1)).await;
    assert_eq!(stage.user_of(&token(1)).await, Some(alice()));
    let text = secret(1).reveal().to_owned();
    let others = [
        text.to_uppercase(),
        text[1..].to_owned(),
        format!("{text} "),
        token(1).id.to_string(),
        alice().to_string(),
        String::new(),
    ];
    for other in others {
        let holder = stage.holder_of(&TokenId::of(&other)).await;
        assert_eq!(holder, None, "{other:?}");
    }
}

#[tokio::test]
async fn the_token_that_a_platform_starts_with_is_one_of_its_users_tokens() {
    let stage = Stage::new().await;
    let user = UserId::parse("localUser00000001").unwrap();
    let ready = TokenId::of(&stage.platform.endpoints().token);
    let terms = Terms::default();
    assert_eq!(
        stage.holder_of(&ready).await,
        Some(Holder {
            user: user.clone(),
            terms
        })
    );
    let tokens = stage.tokens(&user).await;
    assert!(
        matches!(&tokens[..], [token] if token.id == ready),
        "{tokens:?}"
    );
}

#[tokio::test]
async fn a_user_has_as_many_tokens_as_are_made_and_sees_only_their_own() {
    let stage = Stage::new().await;
    let noted = Token {
        note: Some("for CI".to_owned()),
        ..token(2)
    };
    for (user, token) in [(alice(), &noted), (bob(), &token(3)), (alice(), &token(1))] {
        stage.create_token(&user, token).await;
    }
    assert_eq!(stage.tokens(&alice()).await, [token(1), noted]);
    assert_eq!(stage.tokens(&bob()).await, [token(3)]);
    assert_eq!(stage.user_of(&token(1)).await, Some(alice()));
    assert_eq!(stage.user_of(&token(2)).await, Some(alice()));
    assert_eq!(stage.user_of(&token(3)).await, Some(bob()));
}

#[tokio::test]
async fn a_revoked_token_is_gone_at_once_and_the_others_stay() {
    let stage = Stage::new().await;
    for number in [1, 2] {
        stage.create_token(&alice(), &token(number)).await;
    }
    assert_eq!(stage.revoke_token(&token(1)).await, Some(alice()));
    assert_eq!(stage.user_of(&token(1)).await, None);
    assert_eq!(stage.user_of(&token(2)).await, Some(alice()));
    assert_eq!(stage.tokens(&alice()).await, [token(2)]);
    // Again, it is one that never was.
    assert_eq!(stage.revoke_token(&token(1)).await, None);
}

#[tokio::test]
async fn a_token_that_is_there_is_never_given_to_another_user() {
    let stage = Stage::new().await;
    stage.create_token(&alice(), &token(1)).await;
    let refused = stage.store.create_token(&bob(), &token(1)).await;
    assert!(refused.is_err());
    assert_eq!(stage.user_of(&token(1)).await, Some(alice()));
    assert_eq!(stage.tokens(&bob()).await, []);
}

#[tokio::test]
async fn nothing_that_is_stored_shows_a_token() {
    let stage = Stage::new().await;
    stage.create_token(&alice(), &token(1)).await;
    let by_digest = stage.items(WEBHOOKS, &format!("T#{}", token(1).id)).await;
    let of_user = stage.items(WEBHOOKS, "U#alice").await;
    assert_eq!((by_digest.len(), of_user.len()), (1, 1));
    let stored = format!("{by_digest:?}{of_user:?}");
    assert!(!stored.contains(secret(1).reveal()), "{stored}");
}

#[tokio::test]
async fn a_token_keeps_what_it_allows_and_until_when() {
    let stage = Stage::new().await;
    for (number, scope, expires_at) in [
        (1, None, None),
        (2, Some(Scope::Read), None),
        (3, Some(Scope::Write), Some(at(99))),
        (4, None, Some(at(1))),
    ] {
        let terms = Terms { scope, expires_at };
        let token = Token {
            terms,
            ..token(number)
        };
        stage.create_token(&alice(), &token).await;
        let user = alice();
        let holder = stage.holder_of(&token.id).await;
        assert_eq!(holder, Some(Holder { user, terms }));
        assert_eq!(stage.tokens(&alice()).await.last(), Some(&token));
    }
}

/// A later version may know more scopes than this one.
#[tokio::test]
async fn a_scope_that_is_not_known_is_never_taken_for_no_limit() {
    let stage = Stage::new().await;
    let terms = Terms {
        scope: Some(Scope::Read),
        expires_at: None,
    };
    let token = Token { terms, ..token(1) };
    stage.create_token(&alice(), &token).await;
    let key = format!("T#{}", token.id);
    let admin = AttributeValue::S("webhooks:admin".to_owned());
    stage.change(WEBHOOKS, (&key, "T"), "scope", admin).await;
    assert!(stage.store.holder_of_token(&token.id).await.is_err());
}
