//! What a directory of manifests says, as one value.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_core::{Address, Diagnostics, Value};

use crate::changes::{Import, Moved, Removed};
use crate::output::Output;
use crate::resource::Resource;
use crate::settings::ProviderSettings;

/// All that the manifests of one directory say.
#[derive(Debug)]
pub struct Configuration {
    /// The directory.
    pub directory: PathBuf,
    /// `[provider]`.
    pub provider: ProviderSettings,
    /// Where the state lives: `[backend.local]`'s `path` within the directory.
    pub state_path: PathBuf,
    /// Every instance of every resource, in the order of files and tables.
    pub resources: Vec<Arc<Resource>>,
    /// The outputs, in the order of files and tables.
    pub outputs: Vec<Arc<Output>>,
    /// `[[moved]]`: resources that have another address than before, in the order to follow.
    pub moved: Vec<Moved>,
    /// `[[removed]]`: resources that the state no longer cares for.
    pub removed: Vec<Removed>,
    /// `[[import]]`: resources that are there already.
    pub imports: Vec<Import>,
    /// What will work, perhaps not as meant.
    pub warnings: Diagnostics,
    /// The manifests that were read, in name order.
    pub sources: Vec<Arc<Source>>,
    /// SHA-256, in hexadecimal, of all that was read: manifests, files that they name, values
    /// of variables.
    pub digest: String,
    /// The declared variables and the values that they have; those of sensitive ones are marked.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// SHA-256, in hexadecimal, of each file that expressions name, by its path.
    pub files: BTreeMap<String, String>,
    pub(crate) index: HashMap<Address, usize>,
}

impl Configuration {
    /// The resource of that address.
    pub fn resource(&self, address: &Address) -> Option<&Arc<Resource>> {
        self.resources.get(*self.index.get(address)?)
    }
}
