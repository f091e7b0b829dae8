//! Why there can be no proof.

/// Something that whoever runs the command has to change first: one sentence that says what. The
/// exit code is 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) String);

/// An error that is a [`Refusal`].
pub(crate) fn refusal(sentence: impl Into<String>) -> anyhow::Error {
    Refusal(sentence.into()).into()
}
