//! States in a database or a bucket, for programs and for the process of the test.

use std::sync::Arc;

use eci_backend::{LogBackend, LogDevice, ReaderKey, SecretKey};

use crate::servers::{Bucket as _, Postgres, SeaweedFs};

/// The key of all states: none is derived from a passphrase, which takes time.
const KEY: &str = "6d0a1f0f0b7f4ab4c6a3e1d2b5948776655443322110ffeeddccbbaa99887766";

/// A server with states.
#[derive(Debug)]
pub enum StoreServer {
    /// PostgreSQL.
    Postgres(Postgres),
    /// A server of buckets.
    Bucket(SeaweedFs),
}

/// A state on such a server.
#[derive(Debug)]
pub struct StoredState {
    /// The device.
    pub device: Arc<dyn LogDevice>,
    /// The tables of the backend and its key.
    pub manifest: String,
    /// The variables of programs that use it.
    pub variables: Vec<(&'static str, String)>,
}

impl StoreServer {
    /// Starts PostgreSQL; `None` if it is not installed.
    pub fn postgres() -> Option<StoreServer> {
        Postgres::start().map(StoreServer::Postgres)
    }

    /// Starts a server of buckets; `None` if it is not installed.
    pub fn bucket() -> Option<StoreServer> {
        SeaweedFs::start().map(StoreServer::Bucket)
    }

    /// Returns the port of the server.
    pub fn port(&self) -> u16 {
        match self {
            StoreServer::Postgres(server) => server.port(),
            StoreServer::Bucket(server) => server.port(),
        }
    }

    /// Returns a state, which programs reach at this port.
    pub fn state_at(&self, name: &str, port: u16) -> StoredState {
        let (device, table, mut variables): (Arc<dyn LogDevice>, _, _) = match self {
            StoreServer::Postgres(server) => (
                Arc::new(server.device(name)),
                server.table(name),
                server.variables_at(port),
            ),
            StoreServer::Bucket(server) => (
                Arc::new(server.device(name)),
                server.table_at(name, port),
                server.variables(),
            ),
        };
        variables.push(("ECI_STATE_KEY", KEY.to_owned()));
        StoredState {
            device,
            manifest: format!("{table}\n[[encryption.key]]\nkey_env = \"ECI_STATE_KEY\"\n"),
            variables,
        }
    }
}

impl StoredState {
    /// Returns the backend.
    ///
    /// # Panics
    ///
    /// If the key is not valid.
    pub fn backend(&self) -> LogBackend {
        let key = SecretKey::parse(KEY).unwrap();
        LogBackend::new(Arc::clone(&self.device), vec![ReaderKey::Key(key)])
    }
}
