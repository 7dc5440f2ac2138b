//! Why a run cannot go on.

use std::path::PathBuf;

use eci_api::{CallError, ClientError};
use eci_config::{ValuesFileError, VariableError};
use eci_core::Diagnostics;
use eci_executor::{ApplyError, RecoverError};
use eci_planner::SavedError;
use eci_state::{CloudIdentity, StateError};

use crate::credentials::CredentialsError;

/// Why a [`Provider`](crate::Provider) cannot be connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There are no usable credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// No region is given.
    #[error("no region is given")]
    NoRegion,
    /// The client cannot be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Another process uses the directory of the sandbox.
    #[error("another run uses the sandbox in {}", path.display())]
    SandboxInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The sandbox cannot be started.
    #[cfg(feature = "sandbox")]
    #[error(transparent)]
    Sandbox(eci_sandbox::StartError),
}

impl ConnectError {
    /// Returns the fix, where the message does not already hold it.
    pub fn help(&self) -> Option<String> {
        match self {
            ConnectError::NoRegion => Some(format!(
                "write `region_id = \"…\"` under [provider], or set {}",
                crate::REGION_VARIABLE
            )),
            ConnectError::SandboxInUse { .. } => {
                Some("wait until it has ended, or plan beside it with --refresh=false".to_owned())
            }
            ConnectError::Client(error) => error.help().map(|help| help.en().to_owned()),
            _ => None,
        }
    }
}

#[cfg(feature = "sandbox")]
impl From<eci_sandbox::StartError> for ConnectError {
    fn from(error: eci_sandbox::StartError) -> ConnectError {
        use eci_sandbox::{OpenError, StartError, StorageError};
        match error {
            StartError::Open(OpenError::Storage(StorageError::InUse { path })) => {
                ConnectError::SandboxInUse { path }
            }
            error => ConnectError::Sandbox(error),
        }
    }
}

/// A state whose resources another cloud has.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloudMismatch {
    /// The state belongs to another cloud.
    #[error(
        "the state in `{}` belongs to {recorded}, and this run is about {current}",
        state.display()
    )]
    Other {
        /// The directory of the state.
        state: PathBuf,
        /// The cloud of the state.
        recorded: Box<CloudIdentity>,
        /// The cloud of the run.
        current: Box<CloudIdentity>,
        /// One fix for each difference.
        fixes: Vec<String>,
    },
    /// A state of an earlier version belongs to the real cloud, and the run is about the sandbox.
    #[error(
        "the container groups of the state in `{}` are not in the sandbox",
        state.display()
    )]
    NotInSandbox {
        /// The directory of the state.
        state: PathBuf,
    },
    /// A state of an earlier version belongs to the sandbox, and the run is about the real cloud.
    #[error("the container groups of the state in `{}` are in the sandbox", state.display())]
    InSandbox {
        /// The directory of the state.
        state: PathBuf,
    },
}

impl CloudMismatch {
    /// Returns the fix.
    pub fn help(&self) -> String {
        match self {
            CloudMismatch::Other { fixes, .. } => fixes.join("; "),
            CloudMismatch::NotInSandbox { .. } => {
                "leave out --sandbox, or keep a state for the sandbox elsewhere with --state"
                    .to_owned()
            }
            CloudMismatch::InSandbox { .. } => {
                "go on with --sandbox; or end it with `eci destroy --sandbox`; or keep the real \
                 cloud's state elsewhere with --state"
                    .to_owned()
            }
        }
    }
}

/// Why a run cannot go on. A failure of single resources is part of an
/// [`Outcome`](crate::Outcome) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The configuration is not valid, by itself or in the light of the state and the cloud.
    #[error(transparent)]
    Configuration(#[from] Diagnostics),
    /// The value of a variable cannot be used.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A file of values of variables cannot be used.
    #[error(transparent)]
    ValuesFile(#[from] ValuesFileError),
    /// An environment variable that gives the value of a variable is not UTF-8.
    #[error("the value of {variable} is not UTF-8")]
    NotUtf8 {
        /// The environment variable.
        variable: String,
        /// The variable of the configuration.
        name: String,
    },
    /// The cloud cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state cannot be locked, read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The state belongs to another cloud.
    #[error(transparent)]
    Mismatch(#[from] CloudMismatch),
    /// The operations of an earlier run cannot be recovered.
    #[error(transparent)]
    Recover(RecoverError),
    /// A plan cannot be applied to this state.
    #[error(transparent)]
    Apply(ApplyError),
    /// A saved plan cannot be applied.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// The cloud has most of the state no longer.
    #[error(
        "most of the state seems to be gone: {cloud} has {missing} of its {known} resources no \
         longer: {named}"
    )]
    MostlyMissing {
        /// The cloud.
        cloud: String,
        /// The number of missing resources.
        missing: usize,
        /// The number of resources in the state.
        known: usize,
        /// The first of the missing resources.
        named: String,
    },
    /// Records of the state were lost, and the cloud has what they may have been about.
    #[error("records of this state were lost, and the cloud has what it may have created: {named}")]
    LostRecords {
        /// The resources.
        named: String,
    },
    /// The run was asked to stop before its first change.
    #[error("the run was stopped before it changed anything")]
    Stopped,
    /// A task of this process failed.
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

impl EngineError {
    /// Returns the fix, where the message does not already hold it.
    pub fn help(&self) -> Option<String> {
        match self {
            EngineError::NotUtf8 { variable, name } => Some(format!(
                "give `{name}` with --var-file, or unset {variable}"
            )),
            EngineError::Connect(error) => error.help(),
            EngineError::ValuesFile(error) => Some(error.help().en().to_owned()),
            EngineError::Call(error) => error.help().map(|help| help.en().to_owned()),
            EngineError::State(error) => error.help().map(|help| help.en().to_owned()),
            EngineError::Recover(error) => error.help().map(|help| help.en().to_owned()),
            EngineError::Apply(error) => error.help().map(|help| help.en().to_owned()),
            EngineError::Mismatch(error) => Some(error.help()),
            EngineError::Saved(error) => Some(error.help().en().to_owned()),
            EngineError::MostlyMissing { .. } => Some(
                "check that the credentials are those of the account that has them; if they were \
                 really deleted, go on with --allow-missing"
                    .to_owned(),
            ),
            EngineError::LostRecords { .. } => Some(
                "adopt those that the configuration declares with `eci orphans --adopt ADDR=ID`, \
                 or an EIP that this does not list with `eci import ADDR ID`; delete the others \
                 with `eci orphans --delete`, or give the EIP of the manifest another name"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl From<RecoverError> for EngineError {
    fn from(error: RecoverError) -> EngineError {
        match error {
            RecoverError::Call(error) => error.into(),
            RecoverError::State(error) => error.into(),
            error => EngineError::Recover(error),
        }
    }
}

impl From<ApplyError> for EngineError {
    fn from(error: ApplyError) -> EngineError {
        match error {
            ApplyError::State(error) => error.into(),
            error => EngineError::Apply(error),
        }
    }
}
