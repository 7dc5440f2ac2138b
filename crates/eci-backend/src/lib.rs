//! Shared states: one fenced, encrypted log on every store.
//!
//! A store has numbered objects that are created once and never changed. The writer that creates entry
//! *n* holds the lock at that point; a writer whose entry exists already has been superseded and stops
//! *before* its next call to the cloud, because the intent of that call was not stored. Lock, journal and
//! fence are one mechanism, without overwrites and without conditional deletes.
//!
//! * [`backend`]: a state, wherever it is: what commands and runs use;
//! * [`device`]: what a store must be able to do;
//! * [`devices`]: the stores;
//! * [`log_backend`]: a state in such a store;
//! * [`open`], [`open_options`]: how a run gets the lock;
//! * [`outage`]: notices about a store that does not answer;
//! * [`store`]: the state during a run;
//! * [`http_backend`]: states on servers that keep whole documents;
//! * [`encrypted_directory`]: encrypted states in directories;
//! * [`workspaces`]: several states of one configuration;
//! * [`migration`]: the migration of a state to another backend;
//! * [`keyring`], [`seal`]: encryption;
//! * [`plans`]: saved plans of pipelines.
//!
//! ```
//! use std::sync::Arc;
//!
//! use eci_backend::{LogBackend, MemoryDevice, OpenOptions, ReaderKey, SecretKey};
//! use eci_state::{Holder, Store};
//!
//! let key = ReaderKey::Key(SecretKey::new([7; 32]));
//! let backend = LogBackend::new(Arc::new(MemoryDevice::default()), vec![key]);
//! let options = OpenOptions::new(Holder::current_process("eci apply"));
//! let store = backend.open(options, |_| {})?;
//! assert!(store.snapshot().resources.is_empty());
//! store.close()?;
//! # Ok::<(), eci_state::StateError>(())
//! ```

pub mod backend;
pub mod device;
pub mod devices;
pub mod encrypted_directory;
pub mod http_backend;
pub mod keyring;
pub mod log_backend;
pub mod migration;
pub mod open;
pub mod open_options;
mod open_state;
pub mod outage;
pub mod plans;
pub mod seal;
pub mod store;
pub mod timing;
pub mod workspaces;

mod acquire;
mod background;
mod blocking;
mod conversion;
mod entry;
mod files;
mod key_store;
mod keys;
mod known_file;
mod known_heads;
mod known_places;
mod lease;
mod load;
mod location;
mod lock_request;
mod lock_waiting;
mod locked_directory;
mod log;
mod migration_error;
mod probe;
mod prune;
mod rollback;
mod salvage;
mod seal_error;
mod snapshot_object;
#[cfg(test)]
mod testing;
mod unfinished_migration;
mod versions;
mod write_error;
mod write_loop;
mod writer;

pub use backend::Backend;
pub use device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
pub use devices::{
    DirectoryDevice, MemoryDevice, PostgresDevice, PostgresSettings, S3Credentials, S3Device,
    S3Dialect, S3Settings,
};
pub use encrypted_directory::EncryptedDirectory;
pub use entry::Hold;
pub use http_backend::backend::{HttpBackend, LARGEST_DOCUMENT};
pub use http_backend::client::{HttpSettings, is_gitlab};
pub use http_backend::store::HttpStore;
pub use keyring::ReaderKey;
pub use known_heads::KnownHeads;
pub use known_places::{KnownPlace, KnownPlaces};
pub use lock_request::LockRequest;
pub use log_backend::LogBackend;
pub use migration::{Places, migrate};
pub use migration_error::{Migration, MigrationError};
pub use open_options::{LockWait, OpenOptions};
pub use open_state::OpenState;
pub use outage::{Outage, OutageListener};
pub use plans::StoredPlan;
pub use salvage::Salvage;
pub use seal::{KeyId, SecretKey};
pub use seal_error::SealError;
pub use store::LogStore;
pub use timing::LockTiming;
pub use workspaces::WorkspaceSet;
