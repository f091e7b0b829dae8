//! Bodies as clients pack them: large ones come in gzip or brotli, and some clients pack the small
//! ones, too.

use std::io::Read;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode};
use brotli_decompressor::Decompressor;
use flate2::read::GzDecoder;

use super::INPUT_LIMIT;
use super::refusal::Refusal;

/// How much of a brotli stream is read at once.
const BUFFER: usize = 4096;

/// A body as it was before it was packed.
pub(super) fn unpacked(encoding: Option<&HeaderValue>, body: Bytes) -> Result<Bytes, Refusal> {
    let encoding = encoding.map_or(&b"identity"[..], HeaderValue::as_bytes);
    match encoding {
        b"identity" => Ok(body),
        b"gzip" => read(GzDecoder::new(&body[..])),
        b"br" => read(Decompressor::new(&body[..], BUFFER)),
        other => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-content-encoding",
            format!(
                "the content encoding {:?} is not supported",
                String::from_utf8_lossy(other)
            ),
        )),
    }
}

fn read(stream: impl Read) -> Result<Bytes, Refusal> {
    let mut body = Vec::new();
    let one_too_many = INPUT_LIMIT as u64 + 1;
    let read = stream.take(one_too_many).read_to_end(&mut body);
    read.map_err(|error| {
        let message = format!("the body cannot be unpacked: {error}");
        Refusal::new(StatusCode::BAD_REQUEST, "invalid-request", message)
    })?;
    if body.len() > INPUT_LIMIT {
        return Err(Refusal::too_large(format!(
            "the body is larger than {INPUT_LIMIT} bytes"
        )));
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    /// The text "hello", packed.
    const GZIP: &[u8] =
        b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xcbH\xcd\xc9\xc9\x07\0\x86\xa6\x106\x05\0\0\0";
    const BROTLI: &[u8] = b"\x0b\x02\x80hello\x03";

    #[test]
    fn a_packed_body_is_unpacked_and_a_broken_one_refused() {
        let unpacked = |encoding, body: &'static [u8]| {
            let encoding = HeaderValue::from_static(encoding);
            unpacked(Some(&encoding), Bytes::from_static(body))
        };
        let hello = Ok(Bytes::from_static(b"hello"));
        assert_eq!(unpacked("gzip", GZIP), hello);
        assert_eq!(unpacked("br", BROTLI), hello);
        assert_eq!(unpacked("identity", b"hello"), hello);
        for (encoding, status) in [("gzip", 400), ("br", 400), ("zstd", 415)] {
            let refusal = unpacked(encoding, b"hello").unwrap_err();
            assert_eq!(refusal.into_response().status(), status, "{encoding}");
        }
    }
}
