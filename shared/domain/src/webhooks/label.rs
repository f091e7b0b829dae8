//! What an owner says about a webhook.

/// Texts and marks for people and other programs; they change nothing about what is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// A short name.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Set by Apify's own integrations.
    pub is_apify_integration: bool,
}
