//! The state of a configuration: the created resources, their last observed state, and the calls
//! in progress.
//!
//! * [`snapshot`]: the state as one document, and how a record changes it;
//! * [`record`]: the records of the journal: intents, their outcomes, observed states;
//! * [`resource`]: what is known of a resource and of an output;
//! * [`state_view`]: a snapshot with the records since: what every store keeps in memory;
//! * [`remote_error`]: what can go wrong with a state in a shared store;
//! * [`store`]: the one trait behind which a state lives, and one in memory;
//! * [`local`]: the state in a directory: snapshot, journal, backups and lock;
//! * [`durability`]: waiting until records are durable;
//! * [`holder`]: who holds a state;
//! * [`history`]: who wrote which version;
//! * [`cloud`]: which cloud a state belongs to; [`belonging`]: whether that is the cloud of a run;
//! * [`workspaces`]: several states of one configuration;
//! * [`error`]: what can go wrong, and the help for it;
//! * [`atomic_file`]: files that are replaced as a whole;
//! * [`failpoint`]: points at which a crash test makes the process die.
//!
//! A run opens a store, which locks it, and appends records: an intent, flushed, before each
//! call that changes the cloud, and the outcome after it. An append costs the same however
//! large the state is. At its end the run compacts: the snapshot is written with the next
//! serial and a new journal begins. A run that dies in between leaves its journal behind,
//! and the next run that opens the state replays it; intents of unknown outcome stay in
//! [`Snapshot::open_intents`] until a run recovers them.
//!
//! ```
//! use eci_core::{Address, Kind};
//! use eci_state::{Holder, LocalStore, Record, ResourceState, Store};
//!
//! # let directory = tempfile::tempdir()?;
//! # let directory = directory.path().join("state");
//! let mut store = LocalStore::open(&directory, Holder::current_process("eci apply"))?;
//! store.append(&[Record::ResourceUpdated {
//!     address: Address::new(Kind::Eip, "web"),
//!     state: Box::new(ResourceState { id: Some("eip-1".into()), ..ResourceState::default() }),
//! }])?;
//! store.flush().wait()?;
//! drop(store);
//!
//! assert_eq!(LocalStore::read(&directory)?.resources.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod atomic_file;
pub mod belonging;
pub mod cloud;
pub mod durability;
pub mod error;
pub mod failpoint;
pub mod history;
pub mod holder;
pub mod local;
pub mod process_identity;
pub mod record;
pub mod remote_error;
pub mod resource;
pub mod snapshot;
pub mod state_view;
pub mod store;
pub mod workspaces;

mod corruption;
mod integrity_error;
mod moves;
mod secrets;
#[cfg(test)]
mod testing;

pub use belonging::{AnotherCloud, Belonging};
pub use cloud::{CloudDifference, CloudIdentity};
pub use durability::Durability;
pub use error::{CorruptionKind, ParseError, StateError};
pub use history::{Provenance, Version};
pub use holder::{Holder, HolderStatus};
pub use integrity_error::IntegrityError;
pub use local::{
    BACKUPS, Corruption, DirectoryLock, HeldLock, LocalStore, RepairBase, RepairReport,
};
pub use process_identity::ProcessIdentity;

pub use record::{IntentId, IntentKind, IntentOutcome, Record};
pub use remote_error::{Denial, DeviceError, EncryptionFailure, ObjectDamage, RemoteError};
pub use resource::{Names, OutputState, ResourceState};
pub use snapshot::{
    FORMAT, LostRecords, OLDEST_FORMAT, OpenIntent, RemovedResource, Revision, Snapshot,
};
pub use state_view::StateView;
pub use store::{Guard, MemoryStore, Store};
pub use workspaces::{WorkspaceError, WorkspaceName, Workspaces};
