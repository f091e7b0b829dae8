//! One request and its answer, on one connection.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, split};
use tokio::time::{Instant, timeout_at};

use crate::answer::{Answer, Incoming};
use crate::connection::Connection;

/// How long the rest of an answer is waited for when its status is known: of a refusal it says why,
/// and when to come again. Whoever waits here is missing elsewhere.
const REST: Duration = Duration::from_secs(1);
/// The same of a success, which is all that must be known. A worker that dies before it is on
/// record leaves a delivery that another one repeats, so this is short.
const REST_OF_SUCCESS: Duration = Duration::from_millis(100);
/// How much is read at a time.
const GULP: usize = 8 * 1024;

/// There is no answer.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    pub(crate) cause: Cause,
    /// Whether any byte of the request had left.
    pub(crate) was_sent: bool,
    /// Whether any byte of an answer had come.
    pub(crate) was_begun: bool,
}

/// What ended the wait for an answer.
#[derive(Debug)]
pub(crate) enum Cause {
    /// The time was over.
    Timeout,
    /// The receiver closed the connection.
    Closed,
    /// The connection broke.
    Broken(io::Error),
    /// What came was no HTTP.
    NotHttp,
}

/// Sends a request, and reads its answer while it does: a receiver may have said all it wants
/// before it has read everything.
pub(crate) async fn exchange(
    connection: &mut Connection,
    request: &[u8],
    deadline: Instant,
) -> Result<Answer, NoAnswer> {
    let before = connection.written();
    let mut incoming = Incoming::default();
    let (ended, is_written) = converse(connection, request, &mut incoming, deadline).await;
    let was_begun = incoming.has_begun();
    let Some(mut answer) = incoming.answer() else {
        return Err(NoAnswer {
            cause: ended.err().unwrap_or(Cause::Closed),
            was_sent: connection.written() > before,
            was_begun,
        });
    };
    // What is left of a request would be the start of the next one.
    answer.idle = answer.idle.filter(|_| is_written);
    Ok(answer)
}

/// Writes and reads. How reading ended, and whether all was written.
async fn converse(
    connection: &mut Connection,
    request: &[u8],
    incoming: &mut Incoming,
    deadline: Instant,
) -> (Result<(), Cause>, bool) {
    let (mut reader, mut writer) = split(connection);
    let writing = async {
        writer.write_all(request).await?;
        writer.flush().await
    };
    let reading = read(&mut reader, incoming, deadline);
    tokio::pin!(writing, reading);
    let mut written = None;
    loop {
        tokio::select! {
            biased;
            // Whoever cannot be written to may have said something before: so reading goes on until
            // nothing more comes.
            result = &mut writing, if written.is_none() => written = Some(result),
            ended = &mut reading => {
                // What writing met with came first, and says more.
                let is_written = matches!(written, Some(Ok(())));
                let ended = match (ended, written) {
                    (Err(Cause::Closed), Some(Err(error))) => Err(Cause::Broken(error)),
                    (ended, _) => ended,
                };
                return (ended, is_written);
            }
        }
    }
}

async fn read(
    reader: &mut (impl AsyncRead + Unpin),
    incoming: &mut Incoming,
    deadline: Instant,
) -> Result<(), Cause> {
    let mut limit = deadline;
    let mut gulp = vec![0; GULP];
    while !incoming.is_over() {
        let count = timeout_at(limit, reader.read(&mut gulp)).await;
        let count = count.map_err(|_| Cause::Timeout)?.map_err(Cause::Broken)?;
        if count == 0 {
            incoming.close();
            return Err(Cause::Closed);
        }
        let before = incoming.status();
        let taken = incoming.take(&gulp[..count]);
        taken.map_err(|_| Cause::NotHttp)?;
        if let (None, Some(status)) = (before, incoming.status()) {
            let rest = match status {
                200..=299 => REST_OF_SUCCESS,
                _ => REST,
            };
            limit = deadline.min(Instant::now() + rest);
        }
    }
    Ok(())
}
