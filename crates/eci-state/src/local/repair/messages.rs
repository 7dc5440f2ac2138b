//! Messages about a state that is rebuilt.

use eci_core::truncate;
use eci_text::{In, Lang, messages};

use super::{Corruption, RepairBase};
use crate::error::{LINE, affected};

messages! { Corruption:
    Corruption::Snapshot { path, damage } =>
        en("`{}` is damaged: {damage}", path.display()),
        zh("`{}` 已损坏：{}", path.display(), In(damage, Lang::Zh));
    Corruption::NoSnapshot { path } =>
        en("`{}` is missing", path.display()),
        zh("缺少 `{}`", path.display());
    Corruption::Line { path, line, damage, about } =>
        en("line {line} of `{}` is damaged{}: {damage}", path.display(), affected(about, Lang::En)),
        zh("`{}` 的第 {line} 行已损坏{}：{}",
            path.display(), affected(about, Lang::Zh), In(damage, Lang::Zh));
    Corruption::NoJournal { path, lines: 0 } =>
        en("`{}` is damaged: an unfinished run wrote to it, and its header is missing", path.display()),
        zh("`{}` 已损坏：有未结束的运行写入过记录，而文件头已丢失", path.display());
    Corruption::NoJournal { path, lines } =>
        en("`{}` is damaged: {} had been written, and its header is missing",
            path.display(), LINE.count(*lines as usize)),
        zh("`{}` 已损坏：曾写入 {}，而文件头已丢失",
            path.display(), In(&LINE.count(*lines as usize), Lang::Zh));
    Corruption::AnotherJournal { path } =>
        en("`{}` is not the journal that the last run wrote to", path.display()),
        zh("`{}` 不是上次运行写入的预写日志", path.display());
    Corruption::Gap { path, found, expected } =>
        en("`{}` extends serial {found}, but the newest readable state snapshot has serial {expected}: \
            the changes in between are unknown", path.display()),
        zh("`{}` 基于序列号 {found}，而可读的最新状态快照的序列号为 {expected}：其间的变更未知", path.display());
    Corruption::Foreign { path, found, expected } =>
        en("`{}` has lineage {}, but the state snapshot has lineage {}",
            path.display(), truncate(found), truncate(expected)),
        zh("`{}` 的谱系 ID 为 {}，而状态快照的谱系 ID 为 {}",
            path.display(), truncate(found), truncate(expected));
}

// As part of a sentence.
messages! { RepairBase:
    RepairBase::Snapshot => en("the state snapshot"), zh("状态快照");
    RepairBase::Backup(path) => en("the backup `{}`", path.display()), zh("备份 `{}`", path.display());
    RepairBase::Nothing => en("an empty state snapshot"), zh("空的状态快照");
}
