//! Opening of a state in a shared store for a run.

use std::thread;
use std::time::Duration;

use eci_state::{RemoteError, StateError};
use tokio::sync::mpsc::unbounded_channel;

use crate::acquire::AcquiredLock;
use crate::background::BackgroundWork;
use crate::blocking::on_thread;
use crate::device::ObjectId;
use crate::entry::LogId;
use crate::load::LoadedState;
use crate::lock_request::{LockRequest, withdrawn};
use crate::lock_waiting::LockWaiting;
use crate::log_backend::LogBackend;
use crate::open_options::{LockWait, OpenOptions};
use crate::salvage::{Salvage, SalvagedState};
use crate::store::LogStore;
use crate::write_loop::WriteLoop as _;
use crate::writer::LogWriter;

impl LogBackend {
    /// Locks the state and reads it.
    ///
    /// A state that does not exist is created.
    ///
    /// Blocks until then.
    ///
    /// # Errors
    /// If another run holds the lock for longer than the timeout, the store does not answer, no key
    /// decrypts the state, or it is damaged.
    pub fn open(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<LogStore, StateError> {
        on_thread(|| self.open_here(options, waiting))
    }

    fn open_here(
        &self,
        options: OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>),
    ) -> Result<LogStore, StateError> {
        let runtime = self.log.runtime()?;
        let mut lock_waiting = LockWaiting::new(&options);
        // The store is checked while the state is read, and before anything is written.
        let (probe, known, mut loaded) = runtime.block_on(async {
            tokio::join!(self.probe(), self.log.known_entry(), self.log.load())
        });
        let mut probe = probe?;
        let known = known?;
        let acquired = loop {
            let acquiring = self.try_acquire(loaded?, &options, known.as_ref());
            let removing = async {
                if let Some(object) = probe.take() {
                    self.log.remove_probe(object).await;
                }
            };
            let (acquired, ()) = runtime.block_on(async { tokio::join!(acquiring, removing) });
            match acquired {
                Ok(Some(acquired)) => break acquired,
                // Another run was faster.
                Ok(None) => {}
                Err(error) => lock_waiting.wait_out(error, &mut waiting)?,
            }
            if options.request.is_withdrawn() {
                return Err(withdrawn(self.log.location()));
            }
            loaded = runtime.block_on(self.log.load());
        };
        let is_pending = !acquired.loaded.view.snapshot().open_intents.is_empty();
        let quiet = if is_pending {
            runtime.block_on(self.until_quiet(&acquired.loaded))?
        } else {
            Duration::ZERO
        };
        let request = options.request.clone();
        let store = self.begin(runtime, acquired, options)?;
        wait_until_quiet(quiet, &store, &request, &mut waiting);
        self.unless_withdrawn(store, &request)
    }

    /// Ends a run that got the lock although its request was withdrawn meanwhile.
    fn unless_withdrawn(
        &self,
        store: LogStore,
        request: &LockRequest,
    ) -> Result<LogStore, StateError> {
        if !request.is_withdrawn() {
            return Ok(store);
        }
        store.close()?;
        request.end();
        Err(withdrawn(self.log.location()))
    }

    /// Checks the store, unless a lock of the operating system decides which run has the state.
    async fn probe(&self) -> Result<Option<ObjectId>, StateError> {
        if self.system_lock.is_some() {
            return Ok(None);
        }
        self.log.probe().await.map(Some)
    }

    /// Returns the time for which calls of a run that lost the lock may still take effect.
    async fn until_quiet(&self, loaded: &LoadedState) -> Result<Duration, StateError> {
        if self.system_lock.is_some() {
            return Ok(Duration::ZERO);
        }
        let Some(left) = &loaded.unreleased else {
            return Ok(Duration::ZERO);
        };
        let idle = self.log.since(left.last).await?;
        Ok((left.reach + self.timing.margin).saturating_sub(idle))
    }

    /// Starts the writer of a run that has the lock.
    fn begin(
        &self,
        runtime: tokio::runtime::Runtime,
        acquired: AcquiredLock,
        options: OpenOptions,
    ) -> Result<LogStore, StateError> {
        let AcquiredLock {
            loaded,
            hold,
            lease,
            is_new,
        } = acquired;
        let obsolete = loaded.obsolete;
        let mut head = loaded.head;
        head.log.get_or_insert_with(LogId::random);
        let previous_holder = loaded.unreleased.as_ref().map(|it| it.holder.clone());
        let (commands, received) = unbounded_channel();
        let mut writer = LogWriter {
            log: self.log.clone(),
            keys: loaded.keys.clone(),
            head,
            hold: hold.clone(),
            lease: lease.clone(),
            timing: self.timing,
            serial: loaded.view.snapshot().serial,
            background: BackgroundWork::default(),
            records: Vec::new(),
            waiting: Vec::new(),
            failed: None,
        };
        let thread = thread::Builder::new()
            .name("eci-state".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let log = writer.log.clone();
                    writer.background.spawn(async move {
                        log.prune(obsolete).await;
                        Ok(())
                    });
                    writer.run(received).await;
                });
            })
            .map_err(|error| self.log.refused(&error))?;
        Ok(LogStore {
            log: self.log.clone(),
            keys: loaded.keys,
            view: loaded.view,
            lease,
            hold: Box::new(hold),
            provenance: options.provenance,
            commands,
            thread: Some(thread),
            previous_holder,
            is_new,
            has_version: false,
            directory: None,
        })
    }

    /// Rebuilds a damaged state from the newest readable snapshot and the readable entries after it, and
    /// locks it. An undamaged state is only locked. Damaged objects stay where they are, and are
    /// not read again.
    ///
    /// # Errors
    /// If another run holds the lock for longer than the timeout, the store does not answer, or no key decrypts
    /// the state.
    pub fn rebuild(
        &self,
        options: OpenOptions,
        waiting: impl FnMut(LockWait<'_>) + Send,
    ) -> Result<(LogStore, Salvage), StateError> {
        on_thread(|| self.rebuild_here(options, waiting))
    }

    fn rebuild_here(
        &self,
        options: OpenOptions,
        mut waiting: impl FnMut(LockWait<'_>),
    ) -> Result<(LogStore, Salvage), StateError> {
        let runtime = self.log.runtime()?;
        let mut lock_waiting = LockWaiting::new(&options);
        loop {
            let salvaged = runtime.block_on(self.log.salvage_known())?;
            let Some(SalvagedState { loaded, report }) = salvaged else {
                // From now on, a new state can be created there.
                self.log.forget();
                let location = self.log.location();
                return Err(RemoteError::NothingLeft { location }.into());
            };
            let acquired = match runtime.block_on(self.lock(loaded, &options)) {
                Ok(Some(acquired)) => acquired,
                // Another run was faster.
                Ok(None) => continue,
                Err(error) => {
                    lock_waiting.wait_out(error, &mut waiting)?;
                    continue;
                }
            };
            // A damaged entry may have been the intent of a call.
            let quiet = runtime.block_on(self.until_quiet(&acquired.loaded))?;
            let request = options.request.clone();
            let mut store = self.begin(runtime, acquired, options)?;
            if !report.is_sound() {
                store.write_rebuilt(&report)?;
            }
            wait_until_quiet(quiet, &store, &request, &mut waiting);
            let store = self.unless_withdrawn(store, &request)?;
            return Ok((store, report));
        }
    }
}

/// Waits until no call of a run that lost the lock can take effect any more.
///
/// The lease is renewed meanwhile.
fn wait_until_quiet(
    time: Duration,
    store: &LogStore,
    request: &LockRequest,
    waiting: &mut impl FnMut(LockWait<'_>),
) {
    if !time.is_zero() {
        let left = store.previous_holder();
        waiting(LockWait::Quiet { time, left });
        request.sleep(time);
    }
}
