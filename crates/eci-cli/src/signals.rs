//! Ctrl-C, and the same from a supervisor.

use std::future::Future;

use eci_executor::{Stop, Stopped, Urgency};
use tokio::task::AbortHandle;

use crate::answer::say;
use crate::exit::Exit;
use crate::failure::Failure;

/// Listens for interrupts from its making on: one that comes between two waits is not lost.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Signals, Failure> {
        use anyhow::Context as _;
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| signal(kind).context("cannot listen for Ctrl-C");
        Ok(Signals {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Signals, Failure> {
        Ok(Signals {})
    }

    /// Returns at the next interrupt.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Returns at the next interrupt.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Works until it is done or an interrupt comes.
    pub(crate) async fn unless<T, E: Into<Failure>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.next() => Err(Failure::Interrupted),
            done = work => done.map_err(Into::into),
        }
    }

    /// Passes interrupts on to a run, until the handle is dropped.
    pub(crate) fn stop_a_run(self) -> (Stopped, Listening) {
        let (stop, stopped) = Stop::new();
        let task = tokio::spawn(self.press(stop));
        (stopped, Listening(task.abort_handle()))
    }

    async fn press(mut self, stop: Stop) {
        let mut pressed = 0;
        loop {
            self.next().await;
            pressed += 1;
            if pressed > 2 {
                // The run was told twice and does not end. What it did is in its journal.
                std::process::exit(i32::from(Exit::Interrupted.code()));
            }
            // The run itself tells of the first.
            if stop.press() == Urgency::AtOnce {
                say("Stopping at once; the next run finds out what became of what is under way.");
            }
        }
    }
}

/// While this lives, a run hears of interrupts.
#[derive(Debug)]
pub(crate) struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}
