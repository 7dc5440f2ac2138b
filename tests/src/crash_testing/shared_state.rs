//! States in stores that several machines share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use eci_backend::{LogBackend, LogDevice, ReaderKey, SecretKey};
use eci_state::{Snapshot, StateError};

use crate::servers::{Bucket as _, Postgres, SeaweedFs};
use crate::{Eci, Project};

/// The lease of each run. A run after one that was killed waits for somewhat more than twice this time.
const LEASE_MS: &str = "2000";

/// The time for which a run waits for its lock.
const LOCK_TIMEOUT: &str = "120s";

/// The key of all states.
const KEY: &str = "6d0a1f0f0b7f4ab4c6a3e1d2b5948776655443322110ffeeddccbbaa99887766";

/// A server with states.
#[derive(Debug)]
pub struct StateServer {
    kind: ServerKind,
    states: AtomicUsize,
}

#[derive(Debug)]
enum ServerKind {
    Postgres(Postgres),
    Bucket(SeaweedFs),
}

impl StateServer {
    /// Starts PostgreSQL; `None` if it is not installed.
    pub fn postgres() -> Option<StateServer> {
        Some(StateServer::of(ServerKind::Postgres(Postgres::start()?)))
    }

    /// Starts a server of buckets; `None` if it is not installed.
    pub fn bucket() -> Option<StateServer> {
        Some(StateServer::of(ServerKind::Bucket(SeaweedFs::start()?)))
    }

    fn of(kind: ServerKind) -> StateServer {
        StateServer {
            kind,
            states: AtomicUsize::new(0),
        }
    }

    /// Returns the place of a new state.
    ///
    /// # Panics
    ///
    /// If the client of the server cannot be created.
    pub fn state(&self) -> SharedState {
        let name = format!("world-{}", self.states.fetch_add(1, Ordering::Relaxed));
        let (device, table, variables): (Arc<dyn LogDevice>, _, _) = match &self.kind {
            ServerKind::Postgres(server) => (
                Arc::new(server.device(&name)),
                format!("[backend.postgres]\nschema = \"eci\"\nname = {name:?}\n"),
                vec![("ECI_STATE_URL", server.url())],
            ),
            ServerKind::Bucket(server) => {
                let settings = server.settings(&name);
                let (bucket, endpoint) = (&settings.bucket, &settings.endpoint);
                (
                    Arc::new(server.device(&name)),
                    format!(
                        "[backend.s3]\nbucket = {bucket:?}\nprefix = {name:?}\nendpoint = {endpoint:?}\n"
                    ),
                    vec![
                        ("AWS_ACCESS_KEY_ID", settings.access_key),
                        ("AWS_SECRET_ACCESS_KEY", "sk".to_owned()),
                    ],
                )
            }
        };
        let key = SecretKey::parse(KEY).unwrap();
        let machine = || {
            let machine = Project::empty();
            machine.write(
                "backend.eci.toml",
                &format!("{table}\n[[encryption.key]]\nkey_env = \"ECI_STATE_KEY\"\n"),
            );
            machine
        };
        SharedState {
            backend: LogBackend::new(device, vec![ReaderKey::Key(key)]),
            variables,
            machines: [machine(), machine()],
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
            .env("ECI_STATE_KEY", KEY)
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
