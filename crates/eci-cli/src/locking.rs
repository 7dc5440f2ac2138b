//! Opening and closing of states, and interrupts meanwhile: a lock is released, or reported.

use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::time::Duration;

use eci_engine::{
    Backend, EngineError, LockRequest, OpenOptions, OpenState, RebuiltState, open_state,
    rebuild_state,
};
use eci_state::{StateError, Store as _};
use eci_text::text;
use tokio::task::spawn_blocking;

use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::error_report::print_failure;
use crate::signals::{InterruptListener, Signals};

/// The time after which an interrupted command says that it waits for a store.
const NOTICE_AFTER: Duration = Duration::from_secs(1);

impl Context {
    /// Locks and opens the state, and waits for another run up to a timeout.
    pub(crate) async fn open_state(
        &self,
        state: &Backend,
        timeout: Duration,
        signals: &mut Signals,
    ) -> Result<OpenState, CommandError> {
        let options = self.open_options(timeout);
        let request = options.request.clone();
        let opening = open_state(state, options, Some(self.notices()));
        let interruptible = InterruptibleState {
            context: self,
            state,
            signals,
        };
        let store = interruptible.open(opening, &request).await?;
        self.note_cloud_of(store.snapshot());
        Ok(store)
    }

    /// Does the same as [`Context::open_state`], and rebuilds a damaged state.
    pub(crate) async fn rebuild_state(
        &self,
        state: &Backend,
        timeout: Duration,
        signals: &mut Signals,
    ) -> Result<RebuiltState, CommandError> {
        let options = self.open_options(timeout);
        let request = options.request.clone();
        let rebuilding = rebuild_state(state, options, Some(self.notices()));
        let interruptible = InterruptibleState {
            context: self,
            state,
            signals,
        };
        interruptible.open(rebuilding, &request).await
    }

    /// Locks and opens the state for changes that take no calls of the cloud.
    pub(crate) async fn open_for_change(
        &self,
        state: &StateLocation,
        timeout: Duration,
    ) -> Result<ChangingState, CommandError> {
        let mut signals = Signals::listen()?;
        let store = self.open_state(state, timeout, &mut signals).await?;
        Ok(ChangingState {
            store,
            context: self.clone(),
            place: state.clone(),
            _listener: listen_during_change(self.clone(), (**state).clone(), signals),
        })
    }

    /// Performs work that blocks and only reads.
    ///
    /// An interrupt meanwhile ends the process: nothing is lost.
    pub(crate) fn reading<T, E: Into<CommandError>>(
        &self,
        signals: &mut Signals,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, CommandError> {
        let (context, mut earlier) = (self.clone(), signals.pass_on()?);
        let _listener = InterruptListener::begin(async move {
            earlier.next().await;
            end_interrupted(&context)
        });
        work().map_err(Into::into)
    }

    /// Performs work that blocks and locks a state.
    ///
    /// An interrupt ends the process if no lock was requested by then; otherwise the work is completed, unless
    /// another interrupt comes.
    pub(crate) fn locking<T, E: Into<CommandError>>(
        &self,
        lock: RequestedLock,
        signals: &mut Signals,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, CommandError> {
        let (context, request) = (self.clone(), lock.request.clone());
        let mut earlier = signals.pass_on()?;
        let _listener = InterruptListener::begin(async move {
            earlier.next().await;
            if !lock.request.withdraw() {
                let completing = complete_after_an_interrupt(&context, &lock.state, &mut earlier);
                completing.await;
            }
            end_interrupted(&context)
        });
        match work() {
            Err(_) if request.is_withdrawn() => Err(CommandError::Interrupted),
            done => done.map_err(Into::into),
        }
    }

    /// Ends a run, releases its lock, and returns the result of the command.
    pub(crate) async fn close_state<T>(
        &self,
        state: &StateLocation,
        store: OpenState,
        result: Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        self.remember_place(state, store.snapshot());
        let mut signals = Signals::listen()?;
        let interruptible = InterruptibleState {
            context: self,
            state,
            signals: &mut signals,
        };
        let closing = close(store);
        if let Err(CommandError::Interrupted) = result {
            interruptible.release(closing).await;
            return result;
        }
        let released = interruptible.wait_for_release(closing).await;
        let result = result?;
        released?;
        Ok(result)
    }
}

/// A state that is opened or closed until an interrupt.
struct InterruptibleState<'a> {
    context: &'a Context,
    state: &'a Backend,
    signals: &'a mut Signals,
}

impl InterruptibleState<'_> {
    /// Opens a state.
    ///
    /// After an interrupt, it is not opened any more, and a lock that was requested already is released.
    async fn open<T: Into<OpenState>>(
        self,
        opening: impl Future<Output = Result<T, EngineError>>,
        request: &LockRequest,
    ) -> Result<T, CommandError> {
        let mut opening = pin!(opening);
        tokio::select! {
            biased;
            _ = self.signals.next() => {}
            opened = &mut opening => return Ok(opened?),
        }
        if !request.withdraw() {
            let releasing = async {
                match opening.await {
                    Ok(opened) => close(opened.into()).await,
                    Err(EngineError::State(error)) if request.is_sent() => Err(error),
                    Err(_) => Ok(()),
                }
            };
            self.release(releasing).await;
        }
        Err(CommandError::Interrupted)
    }

    /// Waits for the release of a lock after an interrupt, up to the next one.
    async fn release(self, releasing: impl Future<Output = Result<(), StateError>>) {
        let mut releasing = pin!(releasing);
        let released = tokio::time::timeout(NOTICE_AFTER, &mut releasing).await;
        let released = match released {
            Ok(released) => released.is_ok(),
            Err(_) => {
                self.context.say(&text!(
                    en: "Releasing the lock of the state. Press Ctrl-C again to stop immediately.",
                    zh: "正在释放状态锁。再次按 Ctrl-C 立即停止。",
                ));
                tokio::select! {
                    released = releasing => released.is_ok(),
                    _ = self.signals.next() => false,
                }
            }
        };
        if !released {
            warn_of_lock(self.context, self.state);
        }
    }

    /// Waits for the release of a lock up to an interrupt.
    async fn wait_for_release(
        self,
        releasing: impl Future<Output = Result<(), StateError>>,
    ) -> Result<(), CommandError> {
        tokio::select! {
            released = releasing => Ok(released?),
            _ = self.signals.next() => {
                warn_of_lock(self.context, self.state);
                Err(CommandError::Interrupted)
            }
        }
    }
}

/// Ends a run on a thread on which that may block.
async fn close(store: OpenState) -> Result<(), StateError> {
    match spawn_blocking(move || store.close()).await {
        Ok(closed) => closed,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Lets a change of a state be completed after an interrupt, until the handle is dropped.
fn listen_during_change(
    context: Context,
    state: Backend,
    mut signals: Signals,
) -> InterruptListener {
    InterruptListener::begin(async move {
        signals.next().await;
        complete_after_an_interrupt(&context, &state, &mut signals).await;
        end_interrupted(&context)
    })
}

/// Waits for another interrupt while a change of a state is completed.
async fn complete_after_an_interrupt(context: &Context, state: &Backend, signals: &mut Signals) {
    context.say(&text!(
        en: "Completing the change of the state. Press Ctrl-C again to stop immediately.",
        zh: "正在完成状态的变更。再次按 Ctrl-C 立即停止。",
    ));
    signals.next().await;
    warn_of_lock(context, state);
}

/// Ends the process after an interrupt.
fn end_interrupted(context: &Context) -> ! {
    let exit = print_failure(&CommandError::Interrupted, context);
    std::process::exit(i32::from(exit.code()))
}

/// The lock that work requests.
pub(crate) struct RequestedLock {
    state: Backend,
    request: LockRequest,
}

impl RequestedLock {
    /// Returns the lock of a state that is opened with these options.
    pub(crate) fn new(state: &Backend, options: &OpenOptions) -> RequestedLock {
        RequestedLock {
            state: state.clone(),
            request: options.request.clone(),
        }
    }
}

/// Warns of a lock that was not released.
///
/// In a directory, it ends with this process.
fn warn_of_lock(context: &Context, state: &Backend) {
    if state.directory().is_some() {
        return;
    }
    context.say(&text!(
        en: "warning: the lock of the state at `{location}` may remain\n\
             help: if the next command finds the state locked, run the `eci force-unlock` that it suggests",
        zh: "警告: 位于 `{location}` 的状态的锁可能未释放\n\
             帮助: 如果下一个命令发现状态已锁定，执行其建议的 `eci force-unlock` 命令",
        location = state.location(),
    ));
}

/// A state that is open for a change without calls of the cloud.
///
/// An interrupt lets the change be completed, and the next one ends the process.
pub(crate) struct ChangingState {
    // Dropped first: that releases the lock.
    store: OpenState,
    context: Context,
    place: StateLocation,
    _listener: InterruptListener,
}

impl ChangingState {
    /// Ends the change and releases the lock.
    pub(crate) fn close(self) -> Result<(), CommandError> {
        self.context
            .remember_place(&self.place, self.store.snapshot());
        Ok(self.store.close()?)
    }
}

impl Deref for ChangingState {
    type Target = OpenState;

    fn deref(&self) -> &OpenState {
        &self.store
    }
}

impl DerefMut for ChangingState {
    fn deref_mut(&mut self) -> &mut OpenState {
        &mut self.store
    }
}
