//! The only source of random numbers.

/// The operating system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("no random numbers: {0}")]
pub struct NoChance(#[from] getrandom::Error);

/// Random bytes that nobody can guess: for ids and secrets.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A number from 0 to 1, to spread retries with. Without a source of random numbers it is 0.5, so
/// that retries go on.
pub fn jitter() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
