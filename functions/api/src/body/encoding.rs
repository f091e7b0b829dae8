//! How a body is packed on its way (`Content-Encoding`): Apify's clients send gzip or brotli.

use std::io::Read;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::bufread::MultiGzDecoder;

use crate::error::ApiError;

/// A way of packing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoding {
    /// Not at all.
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// What the headers say. A body that was packed several times is refused: no client sends one,
    /// and each layer is a bomb's chance.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let named: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let named = named.join(", ").trim().to_ascii_lowercase();
        match named.as_str() {
            "" | "identity" => Ok(Self::Identity),
            "gzip" => Ok(Self::Gzip),
            "br" => Ok(Self::Brotli),
            _ => Err(ApiError::ContentEncoding(named)),
        }
    }

    /// The body as it was before it was packed: complete, nothing behind it, and never more than
    /// `limit` bytes, however many it claims.
    pub(crate) fn unpack(self, packed: Vec<u8>, limit: usize) -> Result<Vec<u8>, ApiError> {
        match self {
            Self::Identity => Ok(packed),
            Self::Gzip => gzip(&packed, limit),
            Self::Brotli => brotli(&packed, limit),
        }
    }
}

fn gzip(packed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    let one_too_many = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(packed)
        .take(one_too_many)
        .read_to_end(&mut unpacked)
        .map_err(|_| broken("gzip"))?;
    if unpacked.len() > limit {
        return Err(ApiError::RequestTooLarge(limit));
    }
    Ok(unpacked)
}

fn brotli(packed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
    // Strict: a "large window", which the crate's own readers accept, may ask for a gigabyte of
    // memory in two bytes.
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut unpacked = vec![0; limit];
    let (mut left, mut read, mut room, mut written) = (packed.len(), 0, limit, 0);
    let result = BrotliDecompressStream(
        &mut left,
        &mut read,
        packed,
        &mut room,
        &mut written,
        &mut unpacked,
        &mut 0,
        &mut state,
    );
    match result {
        BrotliResult::ResultSuccess if left == 0 => {
            unpacked.truncate(written);
            Ok(unpacked)
        }
        BrotliResult::NeedsMoreOutput => Err(ApiError::RequestTooLarge(limit)),
        BrotliResult::ResultSuccess
        | BrotliResult::NeedsMoreInput
        | BrotliResult::ResultFailure => Err(broken("br")),
    }
}

fn broken(encoding: &str) -> ApiError {
    ApiError::InvalidRequest(format!(
        "the body is not what its content encoding {encoding:?} promises"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    const LIMIT: usize = 100_000;

    fn packed_by_gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn packed_by_brotli(text: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut packed, 4096, 2, 16);
        encoder.write_all(text).unwrap();
        drop(encoder);
        packed
    }

    /// A text in both encodings.
    fn packed(text: &[u8]) -> [(Encoding, Vec<u8>); 2] {
        [
            (Encoding::Gzip, packed_by_gzip(text)),
            (Encoding::Brotli, packed_by_brotli(text)),
        ]
    }

    fn refusal(encoding: Encoding, packed: Vec<u8>) -> String {
        encoding.unpack(packed, LIMIT).unwrap_err().to_string()
    }

    fn named(values: &[&str]) -> Result<Encoding, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        Encoding::of(&headers)
    }

    #[test]
    fn one_known_encoding_is_accepted_in_any_case() {
        for values in [
            &[][..],
            &[""],
            &["identity"],
            &["gzip"],
            &["GZIP"],
            &[" Br "],
        ] {
            assert!(named(values).is_ok(), "{values:?}");
        }
        for values in [
            &["gzip, br"][..],
            &["gzip", "br"],
            &["gzip", "gzip"],
            &["identity, gzip"],
            &["deflate"],
            &["zstd"],
            &["x"],
        ] {
            let shown = values.join(", ");
            let message = format!("the content encoding {shown:?} is not supported");
            assert_eq!(named(values).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_body_may_have_as_many_bytes_as_allowed_and_not_one_more() {
        for (encoding, packed) in packed(&vec![b'x'; LIMIT]) {
            assert_eq!(encoding.unpack(packed, LIMIT).unwrap().len(), LIMIT);
        }
        for (encoding, packed) in packed(&vec![b'x'; LIMIT + 1]) {
            let message = "the body is larger than 100000 bytes";
            assert_eq!(refusal(encoding, packed), message);
        }
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_allowed() {
        for (encoding, packed) in packed(&vec![0; 100 * LIMIT]) {
            assert!(packed.len() < LIMIT, "{} bytes", packed.len());
            let error = encoding.unpack(packed, LIMIT).unwrap_err();
            assert!(matches!(error, ApiError::RequestTooLarge(LIMIT)));
        }
    }

    #[test]
    fn a_gzip_of_several_members_is_their_texts_in_a_row() {
        let members = [packed_by_gzip(b"{\"a\":"), packed_by_gzip(b"1}")].concat();
        let unpacked = Encoding::Gzip.unpack(members, LIMIT).unwrap();
        assert_eq!(unpacked, b"{\"a\":1}");
    }

    #[test]
    fn what_is_cut_off_or_followed_by_something_else_is_refused() {
        for (encoding, whole) in packed(br#"{"a": "something to pack"}"#) {
            for length in 1..whole.len() {
                let message = refusal(encoding, whole[..length].to_vec());
                assert!(message.starts_with("the body is not what its content encoding"));
            }
            for garbage in [&b"x"[..], &[0], &[0x1f, 0x8b]] {
                refusal(encoding, [&whole, garbage].concat());
            }
        }
    }

    #[test]
    fn a_wrong_checksum_is_noticed() {
        let mut packed = packed_by_gzip(b"{}");
        let place = packed.len() - 8;
        packed[place] ^= 1;
        let message = "the body is not what its content encoding \"gzip\" promises";
        assert_eq!(refusal(Encoding::Gzip, packed), message);
    }

    #[test]
    fn a_window_of_a_gigabyte_is_not_even_tried() {
        let params = brotli::enc::BrotliEncoderParams {
            large_window: true,
            lgwin: 30,
            ..Default::default()
        };
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut &b"{}"[..], &mut packed, &params).unwrap();
        let message = "the body is not what its content encoding \"br\" promises";
        assert_eq!(refusal(Encoding::Brotli, packed), message);
    }

    proptest! {
        #[test]
        fn every_body_comes_out_as_it_went_in(text: Vec<u8>) {
            for (encoding, packed) in packed(&text) {
                prop_assert_eq!(encoding.unpack(packed, LIMIT).unwrap(), &*text);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(text: Vec<u8>, place: usize, byte: u8) {
            for (encoding, mut packed) in packed(&text) {
                let _ = encoding.unpack(text.clone(), LIMIT);
                let place = place % packed.len();
                packed[place] = byte;
                let _ = encoding.unpack(packed, LIMIT);
            }
        }
    }
}
