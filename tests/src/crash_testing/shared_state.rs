//! States in stores that several machines share.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use eci_backend::LogBackend;
use eci_state::{Snapshot, StateError};

use crate::store_server::StoreServer;
use crate::{Eci, Project};

/// The lease of each run. A run after one that was killed waits for somewhat more than twice this time.
const LEASE_MS: &str = "2000";

/// The time for which a run waits for its lock.
const LOCK_TIMEOUT: &str = "120s";

/// A server with the states of worlds.
#[derive(Debug)]
pub struct StateServer {
    server: StoreServer,
    states: AtomicUsize,
}

impl StateServer {
    /// Starts PostgreSQL; `None` if it is not installed.
    pub fn postgres() -> Option<StateServer> {
        StoreServer::postgres().map(StateServer::of)
    }

    /// Starts a server of buckets; `None` if it is not installed.
    pub fn bucket() -> Option<StateServer> {
        StoreServer::bucket().map(StateServer::of)
    }

    fn of(server: StoreServer) -> StateServer {
        StateServer {
            server,
            states: AtomicUsize::new(0),
        }
    }

    /// Returns the place of a new state.
    pub fn state(&self) -> SharedState {
        let name = format!("world-{}", self.states.fetch_add(1, Ordering::Relaxed));
        let state = self.server.state_at(&name, self.server.port());
        let machine = || {
            let machine = Project::empty();
            machine.write("backend.eci.toml", &state.manifest);
            machine
        };
        SharedState {
            backend: state.backend(),
            machines: [machine(), machine()],
            variables: state.variables,
            is_second: AtomicBool::new(false),
        }
    }
}

/// A state in such a store, and two machines that have only the manifests, the key and the credentials.
pub struct SharedState {
    backend: LogBackend,
    variables: Vec<(&'static str, String)>,
    machines: [Project; 2],
    /// Whether the next run is on the second machine.
    is_second: AtomicBool,
}

impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState").finish_non_exhaustive()
    }
}

impl SharedState {
    /// Reads the state.
    ///
    /// # Errors
    ///
    /// If it is damaged, or the store does not answer.
    pub fn read(&self) -> Result<Snapshot, StateError> {
        match self.backend.read()? {
            Some(snapshot) => Ok(snapshot),
            None => Snapshot::new_random(),
        }
    }

    /// Writes the manifest on both machines.
    pub fn write(&self, manifest: &str) {
        for machine in &self.machines {
            machine.write("main.eci.toml", manifest);
        }
    }

    /// Returns a command on the machine that did not run the one before.
    pub fn on_other_machine(&self, program: &'static str) -> Eci {
        let is_second = self.is_second.fetch_xor(true, Ordering::Relaxed);
        let machine = &self.machines[usize::from(is_second)];
        let mut eci = Eci::new(program, machine.path())
            .env("ECI_LEASE_MS", LEASE_MS)
            // Without a person, a run takes the lock of one that died.
            .env("CI", "true");
        for (name, value) in &self.variables {
            eci = eci.env(name, value);
        }
        eci
    }

    /// Returns the options with which a run waits for the lock.
    pub fn waiting() -> [&'static str; 2] {
        ["--lock-timeout", LOCK_TIMEOUT]
    }
}
