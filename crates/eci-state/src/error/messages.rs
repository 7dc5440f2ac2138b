//! Messages of the errors of a state.

use eci_core::{Address, truncate};
use eci_text::{In, Lang, List, Text, Verbatim, messages};

use super::StateError;
use crate::corruption::LINE;
use crate::holder::HolderStatus;

messages! { StateError:
    StateError::Unreadable { path, cause } =>
        en("failed to read `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("读取 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    StateError::NotWritable { path, cause } =>
        en("failed to write `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("写入 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    StateError::Damaged { path, damage, .. } =>
        en("the state snapshot `{}` is damaged: {damage}", path.display()),
        zh("状态快照 `{}` 已损坏：{}", path.display(), In(damage, Lang::Zh));
    StateError::NewerFormat { path, found, known } =>
        en("`{}` has format {found}; this version of eci supports formats up to {known}", path.display()),
        zh("`{}` 的格式版本为 {found}，此版本的 eci 最高支持 {known}", path.display());
    StateError::KnownFileDamaged { path, damage } =>
        en("the file `{}` is damaged: {damage}", path.display()),
        zh("文件 `{}` 已损坏：{}", path.display(), In(damage, Lang::Zh));
    StateError::JournalDamaged { path, line, damage, about } =>
        en("line {line} of the journal `{}` is damaged{}: {damage}",
            path.display(), affected(about, Lang::En)),
        zh("预写日志 `{}` 的第 {line} 行已损坏{}：{}",
            path.display(), affected(about, Lang::Zh), In(damage, Lang::Zh));
    StateError::JournalMissing { path, lines: 0 } =>
        en("the journal `{}` is damaged: an unfinished run wrote to it, and its header is missing", path.display()),
        zh("预写日志 `{}` 已损坏：有未结束的运行写入过记录，而文件头已丢失", path.display());
    StateError::JournalMissing { path, lines } =>
        en("the journal `{}` is damaged: {} had been written, and its header is missing",
            path.display(), LINE.count(*lines as usize)),
        zh("预写日志 `{}` 已损坏：曾写入 {}，而文件头已丢失",
            path.display(), In(&LINE.count(*lines as usize), Lang::Zh));
    StateError::JournalReplaced { path } =>
        en("the journal `{}` is not the one that the last run wrote to", path.display()),
        zh("预写日志 `{}` 不是上次运行写入的预写日志", path.display());
    StateError::JournalOfAnotherState { path, found, expected } =>
        en("the journal `{}` has lineage {}, but the state snapshot has lineage {}",
            path.display(), truncate(found), truncate(expected)),
        zh("预写日志 `{}` 的谱系 ID 为 {}，而状态快照的谱系 ID 为 {}",
            path.display(), truncate(found), truncate(expected));
    StateError::JournalAhead { path, found, expected } =>
        en("the journal `{}` extends serial {found}, but the state snapshot was restored to the earlier serial {expected}",
            path.display()),
        zh("预写日志 `{}` 基于序列号 {found}，而状态快照已还原到更早的序列号 {expected}", path.display());
    StateError::JournalWithoutSnapshot { path, snapshot, .. } =>
        en("the journal `{}` exists, but the state snapshot `{}` is missing", path.display(), snapshot.display()),
        zh("存在预写日志 `{}`，但缺少状态快照 `{}`", path.display(), snapshot.display());
    StateError::SnapshotMissing { snapshot, backups } =>
        en("the state snapshot `{}` is missing, but there are backups in `{}`", snapshot.display(), backups.display()),
        zh("缺少状态快照 `{}`，但 `{}` 中有备份", snapshot.display(), backups.display());
    StateError::NothingLeft { directory } =>
        en("cannot rebuild the state: no readable state snapshot, backup, or journal in `{}`", directory.display()),
        zh("无法重建状态：`{}` 中没有可读的状态快照、备份或预写日志", directory.display());
    StateError::LockHeld { path, holder: None } =>
        en("the state is locked by another run (`{}`)", path.display()),
        zh("状态已被其他运行锁定（`{}`）", path.display());
    StateError::LockHeld { holder: Some(holder), .. } if holder.status() == HolderStatus::Ended =>
        en("the state is locked by {holder}; that process has ended, but a process that it started, \
            or a process on another machine, still holds the lock"),
        zh("状态已被 `{}` 锁定（{}）；该进程已结束，但由其启动的进程或其他机器上的进程仍持有锁",
            truncate(&holder.command), In(&holder.details(), Lang::Zh));
    StateError::LockHeld { holder: Some(holder), .. } =>
        en("the state is locked by {holder}"),
        zh("状态已被 `{}` 锁定（{}）", truncate(&holder.command), In(&holder.details(), Lang::Zh));
    StateError::TakenOver { path } =>
        en("`{}` was removed, moved, or replaced during this run: another run may be using the state, \
            so nothing was overwritten", path.display()),
        zh("`{}` 在本次运行期间被移除、移动或替换：其他运行可能正在使用该状态，因此未覆盖任何内容", path.display());
    StateError::Unlockable { path, cause } =>
        en("failed to lock `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("锁定 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    StateError::NotSerializable { what, cause } =>
        en("internal error: failed to serialize {what}: {cause}"),
        zh("内部错误：{}无法序列化：{}", In(what, Lang::Zh), In(cause, Lang::Zh));
    StateError::InvalidRecord(cause) =>
        en("internal error: a record contradicts the state: {}", truncate(cause)),
        zh("内部错误：记录与状态矛盾：{}", truncate(In(cause, Lang::Zh)));
    StateError::RemoteLockHeld { location, holder, .. } if holder.status() == HolderStatus::Ended =>
        en("the state at `{location}` is locked by {holder}; that process has ended"),
        zh("位于 `{location}` 的状态已被 `{}` 锁定（{}）；该进程已结束",
            truncate(&holder.command), In(&holder.details(), Lang::Zh));
    StateError::RemoteLockHeld { location, holder, .. } =>
        en("the state at `{location}` is locked by {holder}"),
        zh("位于 `{location}` 的状态已被 `{}` 锁定（{}）",
            truncate(&holder.command), In(&holder.details(), Lang::Zh));
    StateError::Encrypted { directory } =>
        en("the state in `{}` is encrypted, but the manifests have no `[[encryption.key]]`", directory.display()),
        zh("`{}` 中的状态已加密，但清单中没有 `[[encryption.key]]`", directory.display());
    StateError::NotEncrypted { directory } =>
        en("the state in `{}` is not encrypted, but the manifests have `[[encryption.key]]`", directory.display()),
        zh("`{}` 中的状态未加密，但清单中有 `[[encryption.key]]`", directory.display());
    StateError::Remote(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    StateError::NoRandomness { cause } =>
        en("failed to create a state: the operating system provides no random numbers: {cause}"),
        zh("创建状态失败：操作系统未提供随机数：{cause}");
}

/// Returns the resources that damage is about, in parentheses; empty where none can be read.
pub(crate) fn affected(about: &[Address], lang: Lang) -> String {
    if about.is_empty() {
        return String::new();
    }
    let names = Text::of(&List::and(about.iter().map(Verbatim)));
    let names = truncate(names.get(lang));
    lang.pick(
        format!(" (resources: {names})"),
        format!("（资源：{names}）"),
    )
}
