//! The loop of the thread that writes what a run records, whatever the store is.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use eci_state::{Durability, RemoteError, StateError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::timing::LockTiming;
use crate::write_error::WriteError;

/// A writer of the records of one run.
pub(crate) trait WriteLoop: Sized {
    /// A request of the run.
    type Command;

    /// Returns the times of the lock.
    fn timing(&self) -> LockTiming;

    /// Performs a command; returns whether it was the last one.
    async fn perform(&mut self, command: Self::Command) -> bool;

    /// Returns whether there are records to be written.
    fn is_due(&self) -> bool;

    /// Returns whether somebody waits for them.
    fn is_awaited(&self) -> bool;

    /// Writes all records so far at once, and reports to those who wait for them.
    async fn write_records(&mut self);

    /// Renews the lease.
    ///
    /// A failure is reported by the next command that depends on it.
    async fn renew(&mut self);

    /// Performs commands until the end of the run.
    ///
    /// What arrives while records are being written is written together afterwards.
    async fn run(mut self, mut commands: UnboundedReceiver<Self::Command>) {
        let LockTiming { renewal, delay, .. } = self.timing();
        let mut next_renewal = Instant::now() + renewal;
        let mut overdue: Option<Instant> = None;
        loop {
            let due = overdue.map_or(next_renewal, |overdue| overdue.min(next_renewal));
            tokio::select! {
                biased;
                command = commands.recv() => {
                    // A run that was dropped without an end leaves its lock.
                    let Some(command) = command else { return };
                    if self.perform(command).await {
                        return;
                    }
                    while let Ok(command) = commands.try_recv() {
                        if self.perform(command).await {
                            return;
                        }
                    }
                    if self.is_awaited() {
                        self.write_records().await;
                        next_renewal = Instant::now() + renewal;
                    }
                    overdue = match overdue {
                        _ if !self.is_due() => None,
                        None => Some(Instant::now() + delay),
                        overdue => overdue,
                    };
                }
                () = sleep_until(due) => {
                    if self.is_due() {
                        self.write_records().await;
                    } else {
                        self.renew().await;
                    }
                    overdue = None;
                    next_renewal = Instant::now() + renewal;
                }
            }
        }
    }
}

/// Returns the end of a write that the thread reports.
pub(crate) fn durability(
    location: String,
    answer: oneshot::Receiver<Result<(), WriteError>>,
) -> Durability {
    Durability::pending(async move {
        match answer.await {
            Ok(written) => written.map_err(|error| error.at(location)),
            Err(_) => Err(RemoteError::Ended { location }.into()),
        }
    })
}

/// A thread that is ending, and its last answer.
pub(crate) struct EndingThread {
    pub(crate) thread: JoinHandle<()>,
    pub(crate) answer: mpsc::Receiver<Result<(), WriteError>>,
    /// The longest time to wait for the answer.
    pub(crate) timeout: Duration,
    /// The address of the state.
    pub(crate) location: String,
}

impl EndingThread {
    /// Waits until the thread has ended.
    pub(crate) fn wait(self) -> Result<(), StateError> {
        let location = self.location;
        match self.answer.recv_timeout(self.timeout) {
            Ok(Ok(())) => {
                // It has nothing more to do.
                let _ = self.thread.join();
                Ok(())
            }
            Ok(Err(error)) => Err(error.at(location)),
            Err(_) => Err(RemoteError::Ended { location }.into()),
        }
    }
}
