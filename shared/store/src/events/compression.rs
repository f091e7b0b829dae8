//! Small events: zstd with a dictionary made of a typical event, because a run's keys are half of
//! its bytes.
//!
//! A 2 KB run event becomes about a quarter of that: one write unit instead of two or three. Every
//! item says which dictionary it was written with; old dictionaries stay here, so old items stay
//! readable.

use std::cell::RefCell;
use std::io;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// The dictionary that new events are written with.
pub(crate) const CURRENT: u8 = 1;
const DICTIONARY_1: &[u8] = include_bytes!("compression/dictionary_1.json");
const LEVEL: i32 = 3;
/// No event is larger: a message of the event queue has at most 1 MiB, and what we add to it is
/// short.
const LARGEST: usize = 2 * 1024 * 1024;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_1));

thread_local! {
    /// Kept from one event to the next. To make one, zstd asks the processor what it can do, and on
    /// a virtual machine that is a call of the hypervisor.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses with the current dictionary.
pub(crate) fn compress(text: &str) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept.take() {
            Some(compressor) => compressor,
            None => Compressor::with_prepared_dictionary(&ENCODER)?,
        };
        kept.insert(compressor).compress(text.as_bytes())
    })
}

/// How many bytes come out of what was compressed, by its first bytes.
pub(crate) fn length(data: &[u8]) -> usize {
    let length = zstd::zstd_safe::get_frame_content_size(data).ok().flatten();
    length.map_or(LARGEST, |length| usize::try_from(length).unwrap_or(LARGEST))
}

/// Restores what was compressed with this dictionary.
pub(crate) fn decompress(dictionary: u8, data: &[u8]) -> io::Result<String> {
    if dictionary != CURRENT {
        return Err(io::Error::other(format!(
            "dictionary {dictionary} is unknown"
        )));
    }
    let text = DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept.take() {
            Some(decompressor) => decompressor,
            None => Decompressor::with_prepared_dictionary(&DECODER)?,
        };
        let length = length(data).min(LARGEST);
        kept.insert(decompressor).decompress(data, length)
    })?;
    String::from_utf8(text).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_comes_back() {
        for text in ["", "{}", "é\u{0}", &"x".repeat(1024 * 1024)] {
            let compressed = compress(text).unwrap();
            assert_eq!(length(&compressed), text.len());
            assert_eq!(decompress(CURRENT, &compressed).unwrap(), text);
        }
    }

    #[test]
    fn a_typical_run_event_fits_into_one_write_unit() {
        let message = include_str!("../../../../infra/events/messages/succeeded.json");
        let kept = domain::event_message::parse(message, 0)
            .unwrap()
            .event
            .to_message()
            .unwrap();
        let compressed = compress(&kept).unwrap().len();
        assert!(
            kept.len() > 1500 && compressed < 800,
            "{} bytes became {compressed}",
            kept.len()
        );
    }

    #[test]
    fn an_unknown_dictionary_and_broken_data_are_errors() {
        assert!(decompress(99, &[]).is_err());
        assert!(decompress(CURRENT, b"not zstd").is_err());
    }
}
