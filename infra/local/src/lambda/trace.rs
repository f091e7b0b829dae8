//! The trace header that goes with an invocation, and Lambda's detection of loops, which reads it.
//!
//! The header says how often a chain of requests has come by which function:
//! `Lineage=a87bd80c:1|68fd508a:5`. A function's SDK sends it on with every call, SQS keeps it with
//! the message, and the next invocation goes on counting. Lambda does not begin the seventeenth
//! invocation of a function in one chain, unless the function says `RecursiveLoop: Allow`.
//!
//! What becomes of a batch whose messages have come different ways, AWS does not say. Here each
//! function has been passed as often as by the message that has passed it most: no batch is let
//! further than any of its messages would be alone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

/// How often a chain of requests may come by one function.
const MOST_PASSES: u32 = 16;

/// The field of the header that counts.
const LINEAGE: &str = "Lineage=";

/// The chain of requests that an invocation is part of.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    root: String,
    /// How often it has come by each function, by a digest of the function's name.
    passes: BTreeMap<String, u32>,
}

impl Trace {
    /// The beginning of a chain.
    pub(crate) fn new() -> Self {
        let random = Uuid::new_v4().simple().to_string();
        let seconds = OffsetDateTime::now_utc().unix_timestamp();
        Trace {
            root: format!("1-{seconds:08x}-{}", &random[..24]),
            passes: BTreeMap::new(),
        }
    }

    /// The chain that messages with these headers bring.
    pub(crate) fn of<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut trace = Trace::new();
        for header in headers {
            let fields = header.split(';').map(str::trim);
            let lineage = fields.clone().find_map(|field| field.strip_prefix(LINEAGE));
            let entries = lineage.into_iter().flat_map(|lineage| lineage.split('|'));
            for (function, passes) in entries.filter_map(|entry| entry.split_once(':')) {
                let most = trace.passes.entry(function.to_owned()).or_default();
                *most = (*most).max(passes.parse().unwrap_or_default());
            }
            if let Some(root) = fields.clone().find_map(|field| field.strip_prefix("Root=")) {
                trace.root = root.to_owned();
            }
        }
        trace
    }

    /// Comes by a function once more. False: it has been there too often.
    pub(crate) fn pass(&mut self, function: &str) -> bool {
        let passes = self.passes.entry(digest(function)).or_default();
        *passes += 1;
        *passes <= MOST_PASSES
    }

    /// The header of an invocation in this chain.
    pub(crate) fn header(&self) -> String {
        let parent = &Uuid::new_v4().simple().to_string()[..16];
        let passes = self.passes.iter();
        let lineage: Vec<_> = passes
            .map(|(function, passes)| format!("{function}:{passes}"))
            .collect();
        let root = &self.root;
        let lineage = lineage.join("|");
        format!("Root={root};Parent={parent};Sampled=0;{LINEAGE}{lineage}")
    }
}

fn digest(function: &str) -> String {
    let digest = format!("{:x}", Sha256::digest(function));
    digest[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventeenth_pass_by_a_function_is_one_too_many() {
        let mut header = Trace::new().header();
        for _ in 0..16 {
            let mut trace = Trace::of([header.as_str()]);
            assert!(trace.pass("round") && trace.pass("beside"));
            header = trace.header();
        }
        let mut trace = Trace::of([header.as_str()]);
        assert!(!trace.pass("round"));
        assert!(trace.pass("elsewhere"));
    }

    #[test]
    fn a_batch_has_come_as_far_as_the_furthest_of_its_messages() {
        let (mut once, mut twice) = (Trace::new(), Trace::new());
        once.pass("f");
        twice.pass("f");
        twice.pass("f");
        let headers = [twice.header(), once.header(), "no trace; at all".to_owned()];
        let batch = Trace::of(headers.iter().map(String::as_str));
        assert_eq!(batch.passes[&digest("f")], 2);
        assert_eq!(batch.root, once.root);
    }
}
