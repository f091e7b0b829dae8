//! What a process writes: read as it comes, and by the end of an invocation to its last line, so
//! that what an invocation measures is known when it is over.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::unix::pipe::Receiver;

use super::log::Log;

/// How much is read at once.
const CHUNK: usize = 8 * 1024;

/// The standard output of a process, or its standard error.
pub(super) struct Output {
    pipe: Receiver,
    /// The beginning of a line whose end was not written yet.
    begun: Mutex<Vec<u8>>,
    log: Arc<Log>,
}

impl Output {
    /// What comes out of a pipe, for this log.
    pub(super) fn of(pipe: OwnedFd, log: Arc<Log>) -> io::Result<Self> {
        Ok(Output {
            pipe: Receiver::from_owned_fd(pipe)?,
            begun: Mutex::default(),
            log,
        })
    }

    /// Hands on every line, until no more will come.
    pub(super) async fn follow(&self) {
        while self.pipe.readable().await.is_ok() {
            match self.read(|chunk| self.pipe.try_read(chunk)) {
                Err(nothing_now) if nothing_now.kind() == ErrorKind::WouldBlock => {}
                _ended_or_broken => return,
            }
        }
    }

    /// Hands on every line that was written so far.
    pub(super) fn catch_up(&self) {
        // The system is asked itself: the runtime may not have heard yet that there is something.
        // Whatever is wrong with the pipe, who follows it notices.
        let _ = self.read(|chunk| Ok(rustix::io::read(&self.pipe, chunk)?));
    }

    /// Reads to the end, or until there is nothing now.
    fn read(&self, mut from: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<()> {
        let mut begun = self.begun.lock();
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match from(&mut chunk) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                count => count?,
            };
            if count == 0 {
                self.hand_on(&std::mem::take(&mut *begun));
                return Ok(());
            }
            begun.extend_from_slice(&chunk[..count]);
            while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
                let rest = begun.split_off(end + 1);
                let line = std::mem::replace(&mut *begun, rest);
                self.hand_on(&line[..end]);
            }
        }
    }

    fn hand_on(&self, line: &[u8]) {
        if !line.is_empty() {
            self.log.line(&String::from_utf8_lossy(line));
        }
    }
}
