//! Ctrl-C, and the same from a supervisor or from a terminal that goes.

use std::future::Future;

use eci_executor::{StopHandle, StopMode};
use eci_text::{Lang, Message, text};
use tokio::task::AbortHandle;

use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::screen;
use crate::stdio::print_stderr;

/// The reason why a command has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopSignal {
    /// Someone at the keyboard, or a supervisor.
    Interrupt,
    /// The terminal was closed.
    ///
    /// Its shell and the system both report it, so that twice means no more than once.
    HangUp,
}

/// Listens for interrupts from its creation on: one that comes between two waits is not lost.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    /// `None` if the parent process wants it to outlive the terminal, as `nohup` does.
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Signals, CommandError> {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| {
            signal(kind).map_err(|error| {
                CommandError::plain(Message::new(text!(
                    en: "failed to listen for Ctrl-C: {cause}",
                    zh: "监听 Ctrl-C 失败：{cause}",
                    cause = error,
                )))
            })
        };
        let hang_up = if hang_up_is_ignored() {
            None
        } else {
            Some(on(SignalKind::hangup())?)
        };
        Ok(Signals {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hang_up,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Signals, CommandError> {
        Ok(Signals {})
    }

    /// Returns at the next interrupt.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> StopSignal {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => StopSignal::Interrupt,
            _ = self.terminate.recv() => StopSignal::Interrupt,
            _ = hang_up => StopSignal::HangUp,
        }
    }

    /// Returns at the next interrupt.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> StopSignal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        StopSignal::Interrupt
    }

    /// Works until it is done or an interrupt comes.
    pub(crate) async fn unless<T, E: Into<CommandError>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CommandError> {
        tokio::select! {
            biased;
            _ = self.next() => Err(CommandError::Interrupted),
            done = work => done.map_err(Into::into),
        }
    }

    /// Passes the interrupts since the beginning on to another listener, which also receives later ones.
    pub(crate) fn pass_on(&mut self) -> Result<Signals, CommandError> {
        Ok(std::mem::replace(self, Signals::listen()?))
    }

    /// Passes interrupts on to a run, until the handle is dropped.
    pub(crate) fn stop_a_run(self, lang: Lang) -> (StopHandle, InterruptListener) {
        let stop = StopHandle::new();
        let listener = InterruptListener::begin(self.pass_to(stop.clone(), lang));
        (stop, listener)
    }

    async fn pass_to(mut self, stop: StopHandle, lang: Lang) {
        let mut count = 0;
        loop {
            if self.next().await == StopSignal::HangUp && count > 0 {
                continue;
            }
            count += 1;
            if count > 2 {
                // The run was interrupted twice and does not end. What it did is in its journal.
                screen::end();
                std::process::exit(i32::from(ExitStatus::Interrupted.code()));
            }
            // The run itself reports the first.
            if stop.request_stop() == StopMode::Immediate {
                print_stderr(lang.pick("Stopping immediately.", "正在立即停止。"));
            }
        }
    }
}

/// Returns whether this process was started to ignore hang-ups: the system remembers, as
/// long as no handler is set. Where that is unknown, it was not.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    static IGNORED: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignores_hang_up(&status)
    });
    *IGNORED
}

/// Returns whether the first signal, which reports that the terminal has closed, is among those
/// ignored.
#[cfg(unix)]
fn ignores_hang_up(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

/// A task that listens for interrupts, until this is dropped.
#[derive(Debug)]
pub(crate) struct InterruptListener(AbortHandle);

impl InterruptListener {
    /// Begins to listen.
    pub(crate) fn begin<T: Send + 'static>(
        listener: impl Future<Output = T> + Send + 'static,
    ) -> InterruptListener {
        InterruptListener(tokio::spawn(listener).abort_handle())
    }
}

impl Drop for InterruptListener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_under_nohup_outlives_its_terminal() {
        assert!(ignores_hang_up("Name:\teci\nSigIgn:\t0000000000001001\n"));
        assert!(!ignores_hang_up("Name:\teci\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hang_up(""));
    }
}
