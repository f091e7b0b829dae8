//! API tokens.

use sha2::{Digest, Sha256};

use crate::samples::alice;
use crate::stage::Stage;

#[tokio::test]
async fn a_token_is_found_by_its_digest_and_by_nothing_else() {
    let stage = Stage::new().await;
    let token = stage.platform.endpoints().token.clone();
    let digest = |text: &str| format!("{:x}", Sha256::digest(text));
    let user = stage.store.user_of_token(&digest(&token)).await.unwrap();
    assert_eq!(user.unwrap().as_str(), "localUser00000001");
    let others = [
        token.clone(),
        digest(&token).to_uppercase(),
        digest(&token)[..63].to_owned(),
        digest(&digest(&token)),
        digest(""),
        String::new(),
        alice().to_string(),
        "localUser00000001".to_owned(),
    ];
    for other in others {
        assert_eq!(
            stage.store.user_of_token(&other).await.unwrap(),
            None,
            "{other:?}"
        );
    }
}
