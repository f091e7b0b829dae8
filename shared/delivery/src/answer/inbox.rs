//! Bytes that have come and are not yet understood.

/// A queue of bytes that gives out lines.
#[derive(Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// How many of them are done with.
    done: usize,
}

impl Inbox {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.done);
        self.done = 0;
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes[self.done..]
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.done = self.bytes.len().min(self.done + count);
    }

    /// The next line, without what ends it: a line feed, even alone (RFC 9112, section 2.2).
    pub(super) fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.rest().iter().position(|&byte| byte == b'\n')?;
        let line = &self.rest()[..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.skip(end + 1);
        Some(line)
    }
}
