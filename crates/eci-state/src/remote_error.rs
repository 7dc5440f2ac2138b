//! Errors of states in shared stores.

use std::time::Duration;

use eci_core::{Lineage, Serial, truncate};
use eci_text::{In, Lang, Text, messages, text};
use thiserror::Error;

use crate::corruption::{CorruptionKind, ParseError};
use crate::holder::Holder;

/// An error of reading, locking or writing a state in a shared store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// The store failed.
    Device {
        /// The address of the state.
        location: String,
        /// The reason.
        cause: DeviceError,
    },
    /// An object is damaged.
    Damaged {
        /// The address of the state.
        location: String,
        /// The name of the object.
        object: String,
        /// The kind of the damage.
        damage: ObjectDamage,
    },
    /// An object is missing.
    Missing {
        /// The address of the state.
        location: String,
        /// The name of the object.
        object: String,
    },
    /// The store no longer has the last entry that this machine knows: it was rolled back.
    RolledBack {
        /// The address of the state.
        location: String,
        /// The number of the last entry that the store has.
        found: u64,
        /// The number of the last entry that this machine knows.
        known: u64,
    },
    /// Another run has taken the state over.
    Superseded {
        /// The address of the state.
        location: String,
        /// The run, if it is known.
        by: Option<Box<Holder>>,
    },
    /// The lease of this run expires, because the store has not been reached since its last renewal: a
    /// call could take effect after another run has taken the state over.
    LeaseExpired {
        /// The address of the state.
        location: String,
        /// The length of the lease.
        lease: Duration,
        /// The time until it ends, in which it may still be renewed.
        left: Duration,
    },
    /// The store creates an object twice: it has no lock.
    Overwrites {
        /// The address of the state.
        location: String,
    },
    /// The state could not be encrypted.
    NotEncrypted(Box<EncryptionFailure>),
    /// No key decrypts the state.
    NoKey {
        /// The address of the state.
        location: String,
        /// Whether any keys are configured.
        has_readers: bool,
    },
    /// The state has been migrated.
    Migrated {
        /// The address of the state.
        location: String,
        /// The address that it has now.
        to: String,
    },
    /// The state is an unfinished copy of another one.
    Unfinished {
        /// The address of the state.
        location: String,
        /// The address that it was copied from.
        from: String,
    },
    /// Another program has written the state.
    Foreign {
        /// The address of the state.
        location: String,
    },
    /// The state is too large for a server that gets the whole of it each time.
    TooLarge {
        /// The address of the state.
        location: String,
        /// The size in bytes.
        size: usize,
        /// The largest size in bytes.
        largest: usize,
    },
    /// The server does not keep a version of the state.
    VersionNotKept {
        /// The address of the state.
        location: String,
        /// The serial of the version.
        serial: Serial,
    },
    /// An earlier version of the state is damaged.
    VersionDamaged {
        /// The address of the state.
        location: String,
        /// The serial of the version.
        serial: Serial,
        /// The damage.
        damage: ObjectDamage,
    },
    /// Nothing is left of a state that it could be rebuilt from.
    NothingLeft {
        /// The address of the state.
        location: String,
    },
    /// The thread that writes to the store has ended.
    Ended {
        /// The address of the state.
        location: String,
    },
    /// The request for the lock was withdrawn before the state was open.
    ///
    /// No lock is held.
    Withdrawn {
        /// The address of the state.
        location: String,
    },
}

/// The reason why a state could not be encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionFailure {
    /// The address of the state.
    pub location: String,
    /// The reason.
    pub cause: Text,
    /// The remedy.
    pub help: Text,
}

/// An error of an operation on a store.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The store did not answer, is overloaded, or failed: the operation may have taken effect, and may
    /// succeed if it is repeated.
    Unavailable {
        /// The reason, in the words of the store or the connection.
        cause: Text,
    },
    /// The credentials are missing or wrong, or do not permit the operation.
    Denied(Box<Denial>),
    /// The bucket, database, or table does not exist.
    NotFound {
        /// The container that is missing, for example the bucket.
        what: Text,
    },
    /// The store refuses the operation: repeating it does not help.
    Refused {
        /// The reason, in the words of the store.
        cause: Text,
    },
}

/// A store that denied access.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial {
    /// The reason, in the words of the store.
    pub cause: Text,
    /// The remedy, which differs between stores.
    pub help: Text,
}

impl DeviceError {
    /// Returns the error about a store that denied access, with the remedy.
    pub fn denied(cause: Text, help: Text) -> DeviceError {
        DeviceError::Denied(Box::new(Denial { cause, help }))
    }

    /// Returns the remedy.
    pub fn help(&self) -> Text {
        match self {
            DeviceError::Unavailable { .. } => text!(
                en: "check the address of the store and the connection, and try again",
                zh: "检查存储的地址和网络连接，然后重试",
            ),
            DeviceError::Denied(denial) => denial.help.clone(),
            DeviceError::NotFound { .. } => text!(
                en: "create it, or correct `[backend]` in the manifests",
                zh: "创建该对象，或更正清单中的 `[backend]`",
            ),
            DeviceError::Refused { .. } => text!(
                en: "check `[backend]` in the manifests",
                zh: "检查清单中的 `[backend]`",
            ),
        }
    }

    /// Returns whether repeating the operation may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, DeviceError::Unavailable { .. })
    }
}

/// A kind of damage of an object in a store.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ObjectDamage {
    /// The content is not what was encrypted under this key.
    Altered,
    /// The object is not one that eci has written.
    Syntax(ParseError),
    /// The object has another name inside.
    OtherObject(String),
    /// The object belongs to another state.
    OtherState(Lineage),
    /// The object was written by a newer version.
    NewerFormat(u32),
    /// The object was not written after the one before it.
    OutOfPlace,
    /// The content is damaged although it is what was encrypted.
    Content(CorruptionKind),
}

messages! { RemoteError:
    RemoteError::Device { location, cause } =>
        en("failed to access the state at `{location}`: {cause}"),
        zh("访问位于 `{location}` 的状态失败：{}", In(cause, Lang::Zh));
    RemoteError::Damaged { location, object, damage } =>
        en("the object `{object}` of the state at `{location}` is damaged: {damage}"),
        zh("位于 `{location}` 的状态的对象 `{object}` 已损坏：{}", In(damage, Lang::Zh));
    RemoteError::Missing { location, object } =>
        en("the object `{object}` of the state at `{location}` is missing"),
        zh("位于 `{location}` 的状态缺少对象 `{object}`");
    RemoteError::RolledBack { location, found: 0, known } =>
        en("the state at `{location}` no longer exists, but this machine has used it up to entry {known}"),
        zh("位于 `{location}` 的状态已不存在，而本机曾使用到条目 {known}");
    RemoteError::RolledBack { location, found, known } if found < known =>
        en("the state at `{location}` was rolled back: it ends with entry {found}, but this machine has used it up to entry {known}"),
        zh("位于 `{location}` 的状态被回滚：止于条目 {found}，而本机曾使用到条目 {known}");
    RemoteError::RolledBack { location, known, .. } =>
        en("the state at `{location}` was replaced: entry {known} is not the one that this machine has used"),
        zh("位于 `{location}` 的状态被替换：条目 {known} 不是本机使用过的条目");
    RemoteError::Superseded { location, by: None } =>
        en("another run has taken over the state at `{location}`"),
        zh("其他运行已接管位于 `{location}` 的状态");
    RemoteError::Superseded { location, by: Some(by) } =>
        en("{by} has taken over the state at `{location}`"),
        zh("{} 已接管位于 `{location}` 的状态", In(&**by, Lang::Zh));
    RemoteError::LeaseExpired { location, lease, .. } =>
        en("the state at `{location}` could not be reached to renew the lease of {} s", lease.as_secs()),
        zh("无法访问位于 `{location}` 的状态，{} 秒的租约未能续期", lease.as_secs());
    RemoteError::Overwrites { location } =>
        en("the store at `{location}` overwrites objects although it is requested not to: it cannot lock a state"),
        zh("位于 `{location}` 的存储在要求不覆盖时仍覆盖对象，因此无法锁定状态");
    RemoteError::NotEncrypted(failure) =>
        en("failed to encrypt the state at `{}`: {}", failure.location, failure.cause),
        zh("加密位于 `{}` 的状态失败：{}", failure.location, In(&failure.cause, Lang::Zh));
    RemoteError::NoKey { location, has_readers: false } =>
        en("the state at `{location}` is encrypted, and no key is configured"),
        zh("位于 `{location}` 的状态已加密，但未配置密钥");
    RemoteError::NoKey { location, .. } =>
        en("none of the configured keys decrypts the state at `{location}`"),
        zh("已配置的密钥均无法解密位于 `{location}` 的状态");
    RemoteError::Migrated { location, to } =>
        en("the state at `{location}` was migrated to `{}`", truncate(to)),
        zh("位于 `{location}` 的状态已迁移到 `{}`", truncate(to));
    RemoteError::Unfinished { location, from } =>
        en("the migration of the state from `{}` to `{location}` is not complete", truncate(from)),
        zh("状态从 `{}` 到 `{location}` 的迁移尚未完成", truncate(from));
    RemoteError::Foreign { location } =>
        en("`{location}` contains the state of another program, for example of Terraform"),
        zh("`{location}` 中是其他程序（例如 Terraform）的状态");
    RemoteError::TooLarge { location, size, largest } =>
        en("the state at `{location}` is too large for `[backend.http]`: {}, and the limit is {}", bytes(*size), bytes(*largest)),
        zh("位于 `{location}` 的状态对 `[backend.http]` 过大：{}，上限为 {}", bytes(*size), bytes(*largest));
    RemoteError::VersionDamaged { location, serial, damage } =>
        en("the version {serial} of the state at `{location}` is damaged: {damage}"),
        zh("位于 `{location}` 的状态的版本 {serial} 已损坏：{}", In(damage, Lang::Zh));
    RemoteError::VersionNotKept { location, serial } =>
        en("the server at `{location}` does not keep serial {serial}"),
        zh("位于 `{location}` 的服务器未保留序列号 {serial}");
    RemoteError::NothingLeft { location } =>
        en("no state found in `{location}`"),
        zh("在 `{location}` 中未找到状态");
    RemoteError::Ended { location } =>
        en("internal error: the connection to the state at `{location}` has ended"),
        zh("内部错误：与位于 `{location}` 的状态的连接已结束");
    RemoteError::Withdrawn { location } =>
        en("the request for the lock of the state at `{location}` was withdrawn"),
        zh("已撤回对位于 `{location}` 的状态的加锁请求");
}

/// Returns a size in whole units.
fn bytes(size: usize) -> String {
    match size {
        0..0x40_0000 => format!("{} KiB", size.div_ceil(1 << 10)),
        _ => format!("{} MiB", size.div_ceil(1 << 20)),
    }
}

messages! { DeviceError:
    DeviceError::Unavailable { cause } =>
        en("the store is unavailable: {}", truncate(cause)),
        zh("存储不可用：{}", truncate(In(cause, Lang::Zh)));
    DeviceError::Denied(denial) =>
        en("the store denied access: {}", truncate(&denial.cause)),
        zh("存储拒绝访问：{}", truncate(In(&denial.cause, Lang::Zh)));
    DeviceError::NotFound { what } =>
        en("{what} does not exist"),
        zh("{}不存在", In(what, Lang::Zh));
    DeviceError::Refused { cause } =>
        en("the store refused the request: {}", truncate(cause)),
        zh("存储拒绝了请求：{}", truncate(In(cause, Lang::Zh)));
}

messages! { ObjectDamage:
    ObjectDamage::Altered =>
        en("its content was altered, or it was encrypted with another key"),
        zh("其内容已被改动，或使用了其他密钥加密");
    ObjectDamage::Syntax(cause) =>
        en("it is not an object that eci has written: {cause}"),
        zh("不是 eci 写入的对象：{}", In(cause, Lang::Zh));
    ObjectDamage::OtherObject(name) =>
        en("it contains the object `{}`", truncate(name)),
        zh("其中是对象 `{}`", truncate(name));
    ObjectDamage::OtherState(lineage) =>
        en("it belongs to the state with lineage {}", truncate(lineage)),
        zh("属于谱系 ID 为 {} 的状态", truncate(lineage));
    ObjectDamage::NewerFormat(found) =>
        en("it has format {found}, which this version of eci does not support"),
        zh("其格式版本为 {found}，此版本的 eci 不支持");
    ObjectDamage::OutOfPlace =>
        en("it does not follow the entry before it"),
        zh("与前一个条目不连续");
    ObjectDamage::Content(cause) =>
        en("{cause}"),
        zh("{}", In(cause, Lang::Zh));
}

impl RemoteError {
    /// Returns the remedy.
    pub fn help(&self) -> Text {
        match self {
            RemoteError::Device { cause, .. } => cause.help(),
            RemoteError::Damaged {
                damage: ObjectDamage::NewerFormat(_),
                ..
            } => text!(
                en: "use the version of eci that wrote the object, or a newer one",
                zh: "使用写入该对象的 eci 版本或更新的版本",
            ),
            RemoteError::Damaged { object, .. } | RemoteError::Missing { object, .. }
                if object.starts_with("keys/") =>
            {
                text!(
                    en: "restore the object from a backup of the store: without it, nothing of the state can be decrypted",
                    zh: "从存储的备份还原该对象：没有该对象，状态无法解密",
                )
            }
            RemoteError::Damaged { .. } | RemoteError::Missing { .. } => text!(
                en: "restore the object from a backup of the store, or run `eci state recover` to rebuild the \
                     state from the remaining objects and the cloud",
                zh: "从存储的备份还原该对象，或执行 `eci state recover`，根据其余对象和云端重建状态",
            ),
            RemoteError::RolledBack { found: 0, .. } => text!(
                en: "restore the state from a backup of the store; if it was deleted on purpose, run `eci state recover`, \
                     after which the next run starts with an empty state",
                zh: "从存储的备份还原状态；如果是有意删除，执行 `eci state recover`，之后的运行将从空状态开始",
            ),
            RemoteError::RolledBack { .. } => text!(
                en: "restore the missing entries from a backup of the store, or run `eci state recover` to accept the \
                     state as it is and to find in the cloud what it does not record",
                zh: "从存储的备份还原缺少的条目，或执行 `eci state recover`，接受状态的现状，并在云端查找其未记录的资源",
            ),
            RemoteError::Superseded { .. } => text!(
                en: "wait for the other run to finish, then run `eci apply` to recover the operations of this one",
                zh: "等待其他运行结束，然后执行 `eci apply` 恢复本次运行的操作",
            ),
            RemoteError::LeaseExpired { .. } => text!(
                en: "check the connection to the store, then run `eci apply` to recover the operations of this run",
                zh: "检查与存储的连接，然后执行 `eci apply` 恢复本次运行的操作",
            ),
            RemoteError::Overwrites { .. } => text!(
                en: "use a bucket whose versioning was never enabled (eci keeps earlier versions itself), set `dialect`, or use \
                     `[backend.postgres]`",
                zh: "使用从未启用版本控制的存储桶（eci 自行保留先前的版本）、设置 `dialect`，或使用 `[backend.postgres]`",
            ),
            RemoteError::NotEncrypted(failure) => failure.help.clone(),
            RemoteError::NoKey {
                has_readers: false, ..
            } => text!(
                en: "add `[[encryption.key]]` with `passphrase_env` or `key_env` next to `[backend]`",
                zh: "在 `[backend]` 旁添加包含 `passphrase_env` 或 `key_env` 的 `[[encryption.key]]`",
            ),
            RemoteError::NoKey { .. } => text!(
                en: "set the passphrase or key with which the state was encrypted",
                zh: "设置加密该状态时使用的口令或密钥",
            ),
            RemoteError::Migrated { .. } => text!(
                en: "update `[backend]` in the manifests",
                zh: "更新清单中的 `[backend]`",
            ),
            RemoteError::Unfinished { .. } => text!(
                en: "run `eci init --migrate` again with the same old place to complete it",
                zh: "使用相同的旧位置再次执行 `eci init --migrate` 以完成迁移",
            ),
            RemoteError::Foreign { .. } => text!(
                en: "set another `address` in `[backend.http]`",
                zh: "在 `[backend.http]` 中设置其他 `address`",
            ),
            RemoteError::TooLarge { .. } => text!(
                en: "migrate the state to `[backend.s3]` or `[backend.postgres]` with `eci init --migrate`, or split the \
                     configuration",
                zh: "使用 `eci init --migrate` 将状态迁移到 `[backend.s3]` 或 `[backend.postgres]`，或拆分配置",
            ),
            RemoteError::VersionDamaged { .. } => text!(
                en: "choose another version that `eci state history` lists; the current state is not affected",
                zh: "选择 `eci state history` 列出的其他版本；当前状态不受影响",
            ),
            RemoteError::VersionNotKept { .. } => text!(
                en: "run `eci state history` to list the versions; only GitLab keeps earlier ones",
                zh: "执行 `eci state history` 列出各个版本；只有 GitLab 保留先前的版本",
            ),
            RemoteError::NothingLeft { .. } => text!(
                en: "restore the objects from a backup of the store, or `eci import` the existing resources",
                zh: "从存储的备份还原对象，或使用 `eci import` 导入已有资源",
            ),
            RemoteError::Ended { .. } => text!(
                en: "this is a bug in eci; please report it",
                zh: "这是 eci 的缺陷，请反馈",
            ),
            RemoteError::Withdrawn { .. } => {
                text!(en: "run the command again", zh: "重新执行该命令")
            }
        }
    }

    /// Returns whether the state exists and is damaged, so that it can be rebuilt.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            RemoteError::Damaged { .. } | RemoteError::Missing { .. }
        )
    }
}
