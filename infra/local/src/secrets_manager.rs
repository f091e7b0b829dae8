//! Secrets Manager: the template's secrets, generated when they are first needed, and kept in a
//! file if there is one.

mod http;
mod kept;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use parking_lot::Mutex;
use uuid::Uuid;

use crate::template::Secret;
use kept::Kept;

/// The service. Clones share it.
#[derive(Clone)]
pub(crate) struct SecretsManager {
    secrets: Arc<Vec<Secret>>,
    kept: Arc<Mutex<Kept>>,
}

/// A secret as it is now.
struct Current {
    secret: Secret,
    text: String,
}

impl SecretsManager {
    /// The service with these secrets. Their values are in `file`, which is made where it is
    /// missing; without one, in memory.
    pub(crate) fn start(secrets: &BTreeMap<String, Secret>, file: Option<PathBuf>) -> Result<Self> {
        let mut kept = Kept::open(file)?;
        for secret in secrets.values() {
            if kept.text(&secret.name).is_none() {
                kept.put(&secret.name, generated(secret))?;
            }
        }
        Ok(SecretsManager {
            secrets: Arc::new(secrets.values().cloned().collect()),
            kept: Arc::new(Mutex::new(kept)),
        })
    }

    /// The endpoint.
    pub(crate) fn router(&self) -> Router {
        http::router(self.clone())
    }

    /// The secret with this ARN or name.
    fn get(&self, id: &str) -> Option<Current> {
        let secret = self.find(id)?;
        let text = self.kept.lock().text(&secret.name)?.to_owned();
        Some(Current {
            secret: secret.clone(),
            text,
        })
    }

    /// Gives a secret another value. `None`: there is no such secret.
    fn put(&self, id: &str, text: String) -> Option<Result<Secret>> {
        let secret = self.find(id)?;
        let put = self.kept.lock().put(&secret.name, text);
        Some(put.map(|()| secret.clone()))
    }

    fn find(&self, id: &str) -> Option<&Secret> {
        let mut secrets = self.secrets.iter();
        secrets.find(|secret| secret.arn == id || secret.name == id)
    }
}

/// Letters and digits that nobody can guess, within what the template says around them.
fn generated(secret: &Secret) -> String {
    let random = std::iter::repeat_with(|| Uuid::new_v4().simple().to_string());
    let mut text = String::new();
    text.extend(random.take(secret.length.div_ceil(32)));
    text.truncate(secret.length);
    let mut members = secret.template.clone();
    members.insert(secret.key.clone(), text.into());
    serde_json::Value::from(members).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value, json};

    fn secrets() -> BTreeMap<String, Secret> {
        let secret = Secret {
            name: "name".into(),
            arn: "arn".into(),
            template: Map::from_iter([("a".to_owned(), json!(1))]),
            key: "current".into(),
            length: 70,
        };
        BTreeMap::from([("Id".to_owned(), secret)])
    }

    fn text(service: &SecretsManager) -> String {
        service.get("arn").unwrap().text
    }

    #[test]
    fn a_secret_is_generated_as_the_template_says() {
        let first = text(&SecretsManager::start(&secrets(), None).unwrap());
        let value: Value = serde_json::from_str(&first).unwrap();
        let key = value["current"].as_str().unwrap();
        assert_eq!((key.len(), &value["a"]), (70, &json!(1)));
        assert!(key.chars().all(|c| c.is_ascii_alphanumeric()));
        let second = text(&SecretsManager::start(&secrets(), None).unwrap());
        assert_ne!(first, second);
    }

    #[test]
    fn a_file_keeps_what_was_generated_and_what_was_put() {
        let directory = tempfile::tempdir().unwrap();
        let start = || {
            let file = Some(directory.path().join("new/secrets.json"));
            SecretsManager::start(&secrets(), file).unwrap()
        };
        let generated = text(&start());
        assert_eq!(text(&start()), generated);
        start().put("name", "another".into()).unwrap().unwrap();
        assert_eq!(text(&start()), "another");
    }

    #[test]
    fn what_the_template_does_not_declare_is_not_there() {
        let service = SecretsManager::start(&secrets(), None).unwrap();
        assert!(service.get("other").is_none());
        assert!(service.put("other", String::new()).is_none());
    }
}
