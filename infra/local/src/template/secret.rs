//! `AWS::SecretsManager::Secret`.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value};

use super::properties::Properties;
use super::scope::Scope;
use crate::aws;

/// The length of a generated text where none is asked for.
const LENGTH: u32 = 32;

/// A secret to generate.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its name in Secrets Manager.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What is known of it beforehand.
    pub template: Map<String, Value>,
    /// The member that is generated.
    pub key: String,
    /// How many letters and digits that has.
    pub length: usize,
}

impl Secret {
    pub(super) fn read(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Self> {
        let generate = Properties::of(scope, resource)?.map("GenerateSecretString")?;
        let plain = generate.flag("ExcludePunctuation")?.unwrap_or(false);
        ensure!(
            plain,
            "the local platform generates only secrets with ExcludePunctuation: true"
        );
        let needed = |name: &str| {
            let text = generate.text(name)?;
            text.with_context(|| format!("GenerateSecretString has no {name}"))
        };
        let template = serde_json::from_str(&needed("SecretStringTemplate")?);
        let name = scope.physical_name(id)?;
        Ok(Secret {
            arn: arn(&name),
            name,
            template: template.context("SecretStringTemplate is not a JSON object")?,
            key: needed("GenerateStringKey")?,
            length: generate.whole_number("PasswordLength")?.unwrap_or(LENGTH) as usize,
        })
    }
}

/// In AWS six random characters end it, so that a secret of the same name made later is another.
pub(super) fn arn(name: &str) -> String {
    aws::arn("secretsmanager", &format!("secret:{name}-local1"))
}
