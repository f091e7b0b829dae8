//! Digests that identities are derived from.

use sha2::{Digest, Sha256};

/// The first 16 bytes of SHA-256 over the parts, each preceded by its length, so that no two lists
/// of parts read alike.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let whole = hasher.finalize();
    std::array::from_fn(|i| whole[i])
}

/// The digest as `width` letters and digits.
pub(crate) fn short(parts: &[&[u8]], width: usize) -> String {
    crate::base62::encode(u128::from_be_bytes(digest(parts)), width)
}
