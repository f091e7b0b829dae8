//! A function's process: started, listened to, killed, accounted for.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::{Notify, watch};

use super::log::Log;
use super::memory::Memory;
use super::output::Output;
use super::{cpu, environment};
use crate::clock;
use crate::tasks::Tasks;

/// How many files and connections Lambda lets a sandbox have open at once.
const OPEN_FILES: u64 = 1024;

/// A process that runs or has ended.
pub(super) struct Process {
    pid: u32,
    outputs: Vec<Output>,
    memory: Memory,
    is_killed: AtomicBool,
    kill: Notify,
    /// `Some` once it has ended.
    end: watch::Sender<Option<End>>,
}

/// How a process ended, and what it took.
#[derive(Clone, Copy)]
struct End {
    status: Option<ExitStatus>,
    cpu: Duration,
}

/// What a process is made from.
pub(super) struct Program<'a> {
    pub(super) binary: &'a Path,
    pub(super) function: &'a str,
    pub(super) number: u32,
    pub(super) environment: &'a BTreeMap<String, String>,
    /// The file that it reads its time from.
    pub(super) clock: Option<&'a Path>,
    pub(super) memory_megabytes: u32,
    pub(super) runtime_api: SocketAddr,
}

impl Process {
    /// Starts a process, whose lines go to `log`. It ends with `tasks` at the latest.
    pub(super) fn start(
        program: &Program<'_>,
        log: &Arc<Log>,
        tasks: &Tasks,
    ) -> io::Result<Arc<Self>> {
        let own = environment::of_sandbox(program.function, program.number, program.runtime_api);
        let mut child = Command::new(program.binary)
            .env_clear()
            .envs(program.environment)
            .envs(own)
            .envs(program.clock.map(|file| (clock::VARIABLE, file)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C in the terminal is for the platform, which then ends its sandboxes in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        limit_open_files(pid)?;
        let stdout = child.stdout.take().map(ChildStdout::into_owned_fd);
        let stderr = child.stderr.take().map(ChildStderr::into_owned_fd);
        let pipes = [stdout.transpose()?, stderr.transpose()?];
        let outputs = pipes.into_iter().flatten();
        let outputs = outputs.map(|pipe| Output::of(pipe, Arc::clone(log)));
        let process = Arc::new(Process {
            pid,
            outputs: outputs.collect::<io::Result<_>>()?,
            memory: Memory::of(pid, program.memory_megabytes),
            is_killed: AtomicBool::new(false),
            kill: Notify::new(),
            end: watch::Sender::default(),
        });
        tasks.spawn(Arc::clone(&process).attend(child));
        Ok(process)
    }

    /// Kills the process, if it still runs.
    pub(super) fn kill(&self) {
        self.is_killed.store(true, Ordering::Release);
        self.kill.notify_one();
    }

    /// Whether it is to die, or dead of it. What it says meanwhile counts for nothing.
    pub(super) fn is_killed(&self) -> bool {
        self.is_killed.load(Ordering::Acquire)
    }

    /// Stops the process where it stands.
    pub(super) fn stand_still(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a stopped process go on.
    pub(super) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        // Its number may be another's once it has ended.
        if let Some(pid) = number_of(self.pid).filter(|_| self.end.borrow().is_none()) {
            // It may have ended this instant, which is as good.
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits until the process has ended and all that it wrote was read.
    pub(super) async fn ended(&self) -> Option<ExitStatus> {
        let mut end = self.end.subscribe();
        let end = end.wait_for(Option::is_some).await;
        end.ok().and_then(|end| end.as_ref()?.status)
    }

    /// The processor time it took so far, or in all.
    pub(super) fn cpu(&self) -> Duration {
        let end = *self.end.borrow();
        end.map_or_else(|| cpu::of_process(self.pid), |end| end.cpu)
    }

    /// The memory that it takes.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Lets its log have everything that it has written so far.
    pub(super) fn catch_up(&self) {
        self.outputs.iter().for_each(Output::catch_up);
    }

    async fn attend(self: Arc<Self>, mut child: Child) {
        let lines = futures::future::join_all(self.outputs.iter().map(Output::follow));
        tokio::pin!(lines);
        tokio::select! {
            _ = &mut lines => {}
            () = self.kill.notified() => {
                // It may have ended by itself this instant, which is as good.
                let _ = child.start_kill();
                lines.await;
            }
        }
        // Its output has ended, so the process has; until it is waited for, the system still knows
        // what it took.
        let cpu = cpu::of_process(self.pid);
        let status = tokio::select! {
            status = child.wait() => status.ok(),
            () = self.kill.notified() => {
                let _ = child.start_kill();
                child.wait().await.ok()
            }
        };
        self.end.send_replace(Some(End { status, cpu }));
    }
}

/// A process that has just begun has opened next to nothing yet.
fn limit_open_files(pid: u32) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(OPEN_FILES),
        maximum: Some(OPEN_FILES),
    };
    // Without a number it would be this process that is limited.
    let Some(pid) = number_of(pid) else {
        return Ok(());
    };
    match prlimit(Some(pid), Resource::Nofile, limit) {
        // It has ended already, which others will notice; or this machine allows less anyway.
        Ok(_) | Err(Errno::SRCH | Errno::PERM) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn number_of(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}
