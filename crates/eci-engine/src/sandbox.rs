//! The simulated cloud in this process.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use eci_api::{ClientConfig, Credentials, Endpoints};
use eci_core::regular::{self, LARGEST_TEXT};
use eci_executor::PollInterval;
use eci_sandbox::{Config, SandboxServer, Speed};
use eci_state::atomic_file;
use uuid::Uuid;

use crate::error::ConnectError;

/// The access key of the sandbox's account, and its secret key.
pub const SANDBOX_KEY: &str = "sandbox";

/// The first and the longest pause between two reads of a resource of the sandbox, which has
/// nothing else to do.
pub const SANDBOX_POLL: PollInterval = PollInterval {
    initial: Duration::from_millis(30),
    max: Duration::from_millis(200),
};

/// The options of a simulated cloud that is started with a connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SandboxOptions {
    /// The directory that keeps the simulated cloud; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// The speed at which container groups start.
    ///
    /// The default is slow enough to be watched.
    pub speed: Speed,
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        SandboxOptions {
            data: None,
            speed: Speed::Times(4.0),
        }
    }
}

/// Returns the region of the sandbox where none is given.
pub(crate) fn default_region() -> String {
    let mut regions = Config::default().regions;
    regions.drain(..).next().unwrap_or_default()
}

/// The file with the ID of a simulated cloud, in the directory that keeps it.
const ID: &str = "id";

/// Returns whether a directory keeps a simulated cloud.
pub fn has_simulated_cloud(data: &Path) -> bool {
    fs::read_dir(data).is_ok_and(|mut files| files.next().is_some())
}

/// Returns the ID of the simulated cloud that a directory keeps; `None` if it has none yet.
pub(crate) fn id_in(data: &Path) -> Option<String> {
    let text = regular::read_to_string(&data.join(ID), LARGEST_TEXT).ok()?;
    let id = text.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Returns the ID of the simulated cloud that a directory keeps, and creates it first if it has none.
pub(crate) fn id_created_in(data: &Path) -> io::Result<String> {
    if let Some(id) = id_in(data) {
        return Ok(id);
    }
    fs::create_dir_all(data)?;
    let (path, id) = (data.join(ID), Uuid::new_v4().to_string());
    let content = format!("{id}\n");
    match atomic_file::create_private(&path, content.as_bytes()) {
        // Another run has created it at the same time, or it is empty.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match id_in(data) {
            Some(id) => Ok(id),
            None => atomic_file::replace_private(&path, content.as_bytes()).map(|()| id),
        },
        created => created.map(|()| id),
    }
}

/// Starts a simulated cloud, and returns it with the way to reach it.
pub(crate) async fn start(
    sandbox: &SandboxOptions,
    region: Option<String>,
) -> Result<(SandboxServer, ClientConfig), ConnectError> {
    let mut config = Config {
        data: sandbox.data.clone(),
        speed: sandbox.speed,
        ..Config::default()
    };
    // Real manifests name a real region, of whose zones nothing is known.
    config.regions.extend(region.clone());
    config.zones.clear();
    let running = eci_sandbox::SimulatedCloud::start(config).await?;
    let client = reach(&running, region.unwrap_or_else(default_region));
    Ok((running, client))
}

/// Returns how a client reaches a running sandbox.
fn reach(running: &SandboxServer, region: String) -> ClientConfig {
    ClientConfig {
        endpoints: Endpoints::all_at(running.endpoint()),
        ..ClientConfig::new(Credentials::new(SANDBOX_KEY, SANDBOX_KEY), region)
    }
}
