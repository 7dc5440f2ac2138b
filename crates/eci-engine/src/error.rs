//! Errors that end a run.

use std::fmt;
use std::path::PathBuf;

use eci_api::{CallError, ClientError};
use eci_config::{ValuesFileError, VariableError};
use eci_core::Diagnostics;
use eci_executor::{ApplyError, RecoverError};
use eci_planner::SavedError;
use eci_state::{CloudIdentity, StateError};
use eci_text::{In, Lang, Localize, Text, messages, text};

use crate::credentials::{CredentialsError, REGION_VARIABLE};
use crate::import_error::ImportError;
use crate::pending::PendingOperation;
use crate::rebuild_error::RebuildError;

/// An error of connecting a [`Provider`](crate::Provider).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Usable credentials were not found.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// No region is given.
    #[error("no region is set")]
    NoRegion,
    /// The client cannot be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The directory of the sandbox is in use by another process.
    #[error("another run is using the sandbox in `{}`", path.display())]
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
    pub fn help(&self) -> Option<Text> {
        match self {
            ConnectError::Credentials(error) => Some(error.help()),
            ConnectError::NoRegion => Some(text!(
                en: "set `region_id` in `[provider]`, or set `{variable}`",
                zh: "在 `[provider]` 中设置 `region_id`，或设置 `{variable}`",
                variable = REGION_VARIABLE,
            )),
            ConnectError::SandboxInUse { .. } => Some(text!(
                en: "wait for that run to finish",
                zh: "等待该运行结束",
            )),
            ConnectError::Client(error) => error.help(),
            #[cfg(feature = "sandbox")]
            ConnectError::Sandbox(error) => error.help(),
        }
    }
}

impl Localize for ConnectError {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (lang, self) {
            (Lang::Zh, ConnectError::Credentials(error)) => error.fmt_in(lang, f),
            (Lang::Zh, ConnectError::Client(error)) => error.fmt_in(lang, f),
            (Lang::Zh, ConnectError::NoRegion) => f.write_str("未设置区域"),
            (Lang::Zh, ConnectError::SandboxInUse { path }) => {
                write!(f, "其他运行正在使用 `{}` 中的沙箱", path.display())
            }
            #[cfg(feature = "sandbox")]
            (Lang::Zh, ConnectError::Sandbox(error)) => error.fmt_in(lang, f),
            (Lang::En, _) => fmt::Display::fmt(self, f),
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
    Other {
        /// The address of the state.
        state: String,
        /// The cloud of the state.
        recorded: Box<CloudIdentity>,
        /// The cloud of the run.
        current: Box<CloudIdentity>,
        /// One fix for each difference.
        fixes: Vec<Text>,
    },
    /// A state of an earlier version belongs to the real cloud, and the run is about the sandbox.
    NotInSandbox {
        /// The address of the state.
        state: String,
    },
    /// A state of an earlier version belongs to the sandbox, and the run is about the real cloud.
    InSandbox {
        /// The address of the state.
        state: String,
    },
    /// The resources of a shared state are in the sandbox of another machine.
    OtherSandbox {
        /// The address of the state.
        state: String,
        /// The directory of the sandbox of this machine, which is another one or does not exist.
        data: String,
    },
}

messages! { CloudMismatch:
    CloudMismatch::Other { state, recorded, current, .. } =>
        en("the state in `{}` belongs to {recorded}, but this run uses {current}", state),
        zh("`{}` 中的状态属于{}，而本次运行使用{}", state,
            In(recorded, Lang::Zh), In(current, Lang::Zh));
    CloudMismatch::NotInSandbox { state } =>
        en("the container groups of the state in `{}` are not in the sandbox", state),
        zh("`{}` 中的状态的容器组不在沙箱中", state);
    CloudMismatch::InSandbox { state } =>
        en("the container groups of the state in `{}` are in the sandbox", state),
        zh("`{}` 中的状态的容器组在沙箱中", state);
    CloudMismatch::OtherSandbox { state, data } =>
        en("the resources of the state in `{}` are in the sandbox of another machine, not in `{data}`", state),
        zh("`{}` 中的状态的资源位于其他机器的沙箱中，而不在 `{data}` 中", state);
}

impl CloudMismatch {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            CloudMismatch::Other { fixes, .. } => {
                let [en, zh] = Lang::ALL.map(|lang| {
                    let fixes: Vec<&str> = fixes.iter().map(|fix| fix.get(lang)).collect();
                    fixes.join(lang.pick("; ", "；"))
                });
                Text::new(en, zh)
            }
            CloudMismatch::NotInSandbox { .. } => not_in_sandbox(),
            CloudMismatch::InSandbox { .. } => in_sandbox(),
            CloudMismatch::OtherSandbox { .. } => text!(
                en: "use `--sandbox` on the machine that created them, let all machines use one `eci sandbox serve`, or use \
                     `--state` to store a state for the sandbox in a directory",
                zh: "在创建这些资源的机器上使用 `--sandbox`，或让所有机器使用同一个 `eci sandbox serve`，或使用 `--state` 将沙箱的状态存放在目录中",
            ),
        }
    }
}

/// Returns the fix for a run in the sandbox with a state of the real cloud.
pub(crate) fn not_in_sandbox() -> Text {
    text!(
        en: "omit `--sandbox`, or use `--state` to store a state for the sandbox in another directory",
        zh: "去掉 `--sandbox`，或使用 `--state` 将沙箱的状态存放在其他目录",
    )
}

/// Returns the fix for a run in the real cloud with a state of the sandbox.
pub(crate) fn in_sandbox() -> Text {
    text!(
        en: "use `--sandbox`; or run `eci destroy --sandbox` to delete its resources; or use `--state` to \
             store a state for the real cloud in another directory",
        zh: "使用 `--sandbox`；或执行 `eci destroy --sandbox` 删除其资源；或使用 `--state` 将真实云的状态存放在其他目录",
    )
}

/// An error that ends a run.
///
/// A failure of single resources is part of an [`ApplyOutcome`](crate::ApplyOutcome) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The configuration is not valid, by itself or in the light of the state and the cloud.
    #[error(transparent)]
    Configuration(#[from] Diagnostics),
    /// The value of a variable cannot be used.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A variable file cannot be used.
    #[error(transparent)]
    ValuesFile(#[from] ValuesFileError),
    /// An environment variable that gives the value of a variable is not UTF-8.
    #[error("the value of `{variable}` is not valid UTF-8")]
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
    /// Resources cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// An operation of an earlier run on a resource that would be changed in the state is pending.
    #[error(transparent)]
    Pending(#[from] PendingOperation),
    /// A damaged state cannot be rebuilt.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// The cloud has most of the state no longer.
    #[error(
        "most resources of the state no longer exist: {missing} of {known} were not found in {cloud}: \
         {named}"
    )]
    MostlyMissing {
        /// The cloud, as a part of a sentence.
        cloud: Text,
        /// The number of missing resources.
        missing: usize,
        /// The number of resources in the state.
        known: usize,
        /// The first of the missing resources.
        named: Text,
    },
    /// The state was rebuilt or restored, and the cloud has what it may have created and does not record.
    #[error("the state may have created these resources and does not record them: {named}")]
    LostRecords {
        /// The resources.
        named: Text,
    },
    /// The run was stopped before its first change.
    #[error("the run was stopped before it changed anything")]
    Stopped,
    /// A task of this process failed.
    #[error(transparent)]
    Task(#[from] tokio::task::JoinError),
}

impl EngineError {
    /// Returns the fix, where the message does not already hold it.
    pub fn help(&self) -> Option<Text> {
        match self {
            EngineError::NotUtf8 { variable, name } => Some(text!(
                en: "set `{name}` with `--var-file`, or unset `{variable}`",
                zh: "使用 `--var-file` 设置 `{name}`，或取消设置 `{variable}`",
                name = name,
                variable = variable,
            )),
            EngineError::Connect(error) => error.help(),
            EngineError::ValuesFile(error) => Some(error.help()),
            EngineError::Call(error) => error.help(),
            EngineError::State(error) => error.help(),
            EngineError::Recover(error) => error.help(),
            EngineError::Apply(error) => error.help(),
            EngineError::Mismatch(error) => Some(error.help()),
            EngineError::Saved(error) => Some(error.help()),
            EngineError::Import(error) => Some(error.help()),
            EngineError::Pending(error) => Some(error.help()),
            EngineError::Rebuild(error) => Some(error.help()),
            EngineError::MostlyMissing { .. } => Some(text!(
                en: "check that the credentials belong to the account that owns the resources; if they were \
                     deleted, use `--allow-missing`",
                zh: "检查凭证是否属于拥有这些资源的账号；如果资源确已删除，使用 `--allow-missing`",
            )),
            EngineError::LostRecords { .. } => Some(text!(
                en: "adopt those that the configuration declares with `eci orphans --adopt ADDR=ID`, or \
                     import an EIP that is not listed there with `eci import ADDR ID`; delete the others \
                     with `eci orphans --delete`, or change the name of the EIP in the manifest",
                zh: "使用 `eci orphans --adopt ADDR=ID` 接管配置中已声明的资源，未列出的弹性 IP 使用 `eci import ADDR ID` 导入；其余资源使用 `eci orphans --delete` 删除，或更改清单中弹性 IP 的名称",
            )),
            _ => None,
        }
    }
}

impl Localize for EngineError {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if lang == Lang::En {
            return fmt::Display::fmt(self, f);
        }
        match self {
            EngineError::NotUtf8 { variable, .. } => {
                write!(f, "`{variable}` 的值不是有效的 UTF-8")
            }
            EngineError::Variable(error) => error.fmt_in(lang, f),
            EngineError::ValuesFile(error) => error.fmt_in(lang, f),
            EngineError::Connect(error) => error.fmt_in(lang, f),
            EngineError::Call(error) => error.fmt_in(lang, f),
            EngineError::State(error) => error.fmt_in(lang, f),
            EngineError::Mismatch(error) => error.fmt_in(lang, f),
            EngineError::Recover(error) => error.fmt_in(lang, f),
            EngineError::Apply(error) => error.fmt_in(lang, f),
            EngineError::Saved(error) => error.fmt_in(lang, f),
            EngineError::Import(error) => error.fmt_in(lang, f),
            EngineError::Pending(error) => error.fmt_in(lang, f),
            EngineError::Rebuild(error) => error.fmt_in(lang, f),
            EngineError::MostlyMissing {
                cloud,
                missing,
                known,
                named,
            } => write!(
                f,
                "状态中的大部分资源已不存在：{known} 个资源中有 {missing} 个未在{}中找到：{}",
                cloud.get(lang),
                named.get(lang)
            ),
            EngineError::LostRecords { named } => {
                let named = named.get(lang);
                write!(f, "以下资源可能由该状态创建，但状态中没有其记录：{named}")
            }
            EngineError::Stopped => f.write_str("运行在任何变更之前已停止"),
            // Other errors have their messages themselves.
            _ => fmt::Display::fmt(self, f),
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
