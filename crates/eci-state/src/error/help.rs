//! Remedies for the errors of a state.

use std::path::Path;
use std::time::Duration;

use eci_core::truncate;
use eci_text::{Text, text};

use super::StateError;
use crate::holder::{Holder, HolderStatus};

impl StateError {
    /// Returns the remedy.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            StateError::Unreadable { .. } => text!(
                en: "check its permissions, or use `--state` to select another directory",
                zh: "检查文件权限，或使用 `--state` 指定其他目录",
            ),
            StateError::NotWritable { .. } => text!(
                en: "check its permissions and the free disk space, or use `--state` to select another directory",
                zh: "检查文件权限和可用存储空间，或使用 `--state` 指定其他目录",
            ),
            StateError::Damaged { backups, .. } => text!(
                en: "run `eci state recover` to rebuild the state from the newest backup in `{backups}`, \
                     the journal, and the cloud",
                zh: "执行 `eci state recover`，根据 `{backups}` 中最新的备份、预写日志和云端重建状态",
                backups = backups.display(),
            ),
            StateError::NewerFormat { .. } => text!(
                en: "use the version of eci that wrote the file, or a newer one",
                zh: "使用写入该文件的 eci 版本或更新的版本",
            ),
            StateError::KnownFileDamaged { path, .. } => text!(
                en: "restore the file from a backup; without one, check that `[backend]` names the right place and that its \
                     store was not rolled back, then delete `{path}`",
                zh: "从备份还原该文件；如果没有备份，确认 `[backend]` 指向正确的位置且其存储未被回滚，然后删除 `{path}`",
                path = path.display(),
            ),
            StateError::JournalDamaged { .. } => text!(
                en: "run `eci state recover` to rebuild the state from the other lines and the cloud",
                zh: "执行 `eci state recover`，根据其余行和云端重建状态",
            ),
            StateError::JournalMissing { .. } => text!(
                en: "run `eci state recover` to rebuild the state from the remaining files and the cloud",
                zh: "执行 `eci state recover`，根据现有文件和云端重建状态",
            ),
            StateError::JournalReplaced { .. } => text!(
                en: "restore the journal of the last run, or run `eci state recover` to rebuild the state \
                     from the remaining files and the cloud",
                zh: "还原上次运行的预写日志，或执行 `eci state recover`，根据现有文件和云端重建状态",
            ),
            StateError::JournalOfAnotherState { .. } => text!(
                en: "restore the state snapshot that belongs to the journal, or run `eci state recover` \
                     to set the journal aside",
                zh: "还原与该预写日志对应的状态快照，或执行 `eci state recover` 将该预写日志移到一旁保存",
            ),
            StateError::JournalAhead { .. } => text!(
                en: "restore the later state snapshot, or run `eci state recover` to rebuild the state \
                     from the remaining files and the cloud",
                zh: "还原较新的状态快照，或执行 `eci state recover`，根据现有文件和云端重建状态",
            ),
            StateError::JournalWithoutSnapshot { backups, .. } => text!(
                en: "restore the state snapshot, or run `eci state recover` to rebuild it from `{backups}`, \
                     the journal, and the cloud",
                zh: "还原状态快照，或执行 `eci state recover`，根据 `{backups}`、预写日志和云端重建",
                backups = backups.display(),
            ),
            StateError::SnapshotMissing { .. } => text!(
                en: "restore the state snapshot, or run `eci state recover` to rebuild it from the newest \
                     backup and the cloud",
                zh: "还原状态快照，或执行 `eci state recover`，根据最新的备份和云端重建",
            ),
            StateError::NothingLeft { .. } => text!(
                en: "restore a copy of `state.json`, or use `--state` to create a new state and `eci import` \
                     to import the existing resources",
                zh: "还原 `state.json` 的副本，或使用 `--state` 创建新的状态并通过 `eci import` 导入已有资源",
            ),
            StateError::LockHeld { .. } => text!(
                en: "wait for that run to finish, or use `--lock-timeout 10m`",
                zh: "等待该运行结束，或使用 `--lock-timeout 10m`",
            ),
            StateError::TakenOver { path } => after_loss_of(path),
            StateError::Unlockable { .. } => text!(
                en: "use `--state` to select a directory on a file system that supports locks",
                zh: "使用 `--state` 指定支持锁的文件系统上的目录",
            ),
            StateError::NotSerializable { .. } | StateError::InvalidRecord(_) => text!(
                en: "this is a bug in eci; please report it",
                zh: "这是 eci 的缺陷，请反馈",
            ),
            StateError::RemoteLockHeld {
                holder, expires_in, ..
            } if holder.status() == HolderStatus::Ended => after_the_end_of(holder, *expires_in),
            StateError::RemoteLockHeld {
                expires_in: Some(left),
                ..
            } => text!(
                en: "wait for that run to finish, or use `--lock-timeout 10m`; if it has ended, its lock expires in {seconds} s",
                zh: "等待该运行结束，或使用 `--lock-timeout 10m`；如果该运行已结束，其锁将在 {seconds} 秒后到期",
                seconds = left.as_secs() + 1,
            ),
            StateError::RemoteLockHeld { holder, .. } => text!(
                en: "wait for that run to finish, or use `--lock-timeout 10m`; if it is certain that it has ended, \
                     run `eci force-unlock {id}`",
                zh: "等待该运行结束，或使用 `--lock-timeout 10m`；如果确定该运行已结束，执行 `eci force-unlock {id}`",
                id = holder.id,
            ),
            StateError::Encrypted { .. } => text!(
                en: "add the `[[encryption.key]]` of the state to a manifest, or run `eci init --migrate FILE`, with a \
                     file that contains it, to decrypt the state",
                zh: "在清单中添加该状态的 `[[encryption.key]]`，或执行 `eci init --migrate FILE`（FILE 为包含该密钥的文件）解密状态",
            ),
            StateError::NotEncrypted { .. } => text!(
                en: "run `eci init --migrate` to encrypt the state, or remove `[[encryption.key]]` (for other states, \
                     set `encryption.key` in `[state.NAME]`)",
                zh: "执行 `eci init --migrate` 加密状态，或移除 `[[encryption.key]]`（其他状态的密钥在 `[state.NAME]` 的 `encryption.key` 中设置）",
            ),
            StateError::Remote(error) => return Some(error.help()),
            StateError::NoRandomness { .. } => text!(
                en: "make `/dev/urandom` or `getrandom(2)` available",
                zh: "使 `/dev/urandom` 或 `getrandom(2)` 可用",
            ),
        })
    }
}

/// Returns the remedy for the lock of a run that has ended on this machine.
fn after_the_end_of(holder: &Holder, expires_in: Option<Duration>) -> Text {
    let id = truncate(&holder.id);
    match expires_in {
        Some(left) => text!(
            en: "run `eci force-unlock {id}` to remove the lock, or wait: it expires in {seconds} s",
            zh: "执行 `eci force-unlock {id}` 解除锁，或等待其在 {seconds} 秒后到期",
            id = id,
            seconds = left.as_secs() + 1,
        ),
        None => text!(
            en: "run `eci force-unlock {id}` to remove the lock",
            zh: "执行 `eci force-unlock {id}` 解除锁",
            id = id,
        ),
    }
}

/// Returns the remedy for a run whose file of the state was removed or replaced.
fn after_loss_of(path: &Path) -> Text {
    // Of snapshot and journal, what is missing is lost unless another run has read it before.
    if path.ends_with("lock") {
        text!(
            en: "wait for the other run to finish, then run `eci apply` to recover the operations of this one",
            zh: "等待其他运行结束，然后执行 `eci apply` 恢复本次运行的操作",
        )
    } else {
        text!(
            en: "wait for the other run to finish, restore the file or run `eci state recover` to rebuild \
                 the state, then run `eci apply`",
            zh: "等待其他运行结束，还原该文件或执行 `eci state recover` 重建状态，然后执行 `eci apply`",
        )
    }
}
