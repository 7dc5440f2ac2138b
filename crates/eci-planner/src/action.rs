//! Actions on a resource, and their reasons.

use std::fmt;

use eci_core::{Address, Path};
use eci_text::{FixedText, Lang, List, Localize, say};
use serde::{Deserialize, Serialize};

/// The action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// No change.
    NoOp,
    /// The creation of the object.
    Create,
    /// An update in place.
    Update,
    /// The deletion of the object and the creation of another one.
    Replace,
    /// The deletion of the object.
    Delete,
    /// The recording of an existing object in the state.
    Import,
    /// Its address changes, and nothing else.
    Move,
    /// The removal from the state; the object stays in the cloud.
    Forget,
}

impl Action {
    /// Returns whether anything is done at all.
    pub fn is_change(self) -> bool {
        self != Action::NoOp
    }

    /// Returns the noun for people.
    pub fn noun(self) -> FixedText {
        match self {
            Action::NoOp => FixedText::new("no change", "无变更"),
            Action::Create => FixedText::new("create", "创建"),
            Action::Update => FixedText::new("update", "更新"),
            Action::Replace => FixedText::new("replacement", "替换"),
            Action::Delete => FixedText::new("delete", "删除"),
            Action::Import => FixedText::new("import", "导入"),
            Action::Move => FixedText::new("move", "移动"),
            Action::Forget => FixedText::new("removal", "移除"),
        }
    }

    /// Returns the name in output for programs.
    pub fn name(self) -> &'static str {
        match self {
            Action::NoOp => "no-op",
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Import => "import",
            Action::Move => "move",
            Action::Forget => "forget",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The reason for an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The configuration has it, the state has not.
    New,
    /// The object that was created no longer exists in the cloud.
    Missing,
    /// The object ended in a status that is final.
    TerminalStatus {
        /// The status.
        status: String,
    },
    /// The object was created and did not become ready, or the user requests another one.
    Tainted,
    /// These attributes differ, and the cloud cannot change them in place.
    CannotChange {
        /// The attributes.
        attributes: Vec<Path>,
    },
    /// Its `replace_triggered_by` names a resource that changes.
    Triggered {
        /// The resource that is replaced.
        by: Address,
    },
    /// The disk that it mounts is replaced, and has to be free for that.
    DiskReplaced {
        /// The volume with that disk.
        volume: Address,
    },
    /// The resource changes between managed and existing or automatic.
    OwnershipChanged,
    /// The configuration declares it as an existing one: it is kept, and no longer managed.
    DeclaredExisting {
        /// The resource that does.
        by: Address,
    },
    /// The configuration changed.
    Changed,
    /// The actual state differs from the last-applied value.
    Drifted,
    /// The outcome of an earlier change is unknown, and the cloud does not report what it has.
    Uncertain,
    /// The object was imported and does not carry the operation tag of this state yet.
    Untagged,
    /// The configuration no longer has it.
    NoConfiguration,
    /// Another object has taken its place.
    Replaced,
    /// An earlier run was about to order it, and the outcome of that is unknown.
    Resumed,
    /// An earlier run was about to create it, and that may still take effect.
    Awaited,
    /// The plan destroys all resources.
    Destroy,
    /// The command line requests its replacement.
    Requested,
    /// An `[[import]]` names it.
    Imported,
    /// A `[[moved]]` names it.
    Moved,
    /// A `[[removed]]` names it.
    Removed,
}

impl Reason {
    /// Returns the reason as a clause; empty where the action says it all.
    fn clause(&self, lang: Lang) -> String {
        match self {
            Reason::New | Reason::Changed | Reason::Destroy | Reason::Imported | Reason::Moved => {
                String::new()
            }
            Reason::Requested => {
                say!(lang, en: "requested by `--replace`", zh: "由 `--replace` 指定")
            }
            Reason::Removed => {
                say!(lang, en: "declared in `[[removed]]`", zh: "已在 `[[removed]]` 中声明")
            }
            Reason::Missing => {
                say!(lang, en: "it no longer exists in the cloud", zh: "云端已不存在")
            }
            Reason::TerminalStatus { status } => {
                say!(lang, en: "its status is {status}", zh: "其运行状态为 {status}", status = status)
            }
            Reason::Tainted => say!(lang, en: "it is tainted", zh: "已标记为污点"),
            Reason::CannotChange { attributes } => {
                let named = attributes.iter().map(|path| format!("`{path}`"));
                let named = List::and(named);
                if attributes.len() == 1 {
                    say!(
                        lang,
                        en: "a change of {named} forces replacement",
                        zh: "{named} 的变更导致替换",
                        named = named,
                    )
                } else {
                    say!(
                        lang,
                        en: "changes of {named} force replacement",
                        zh: "{named} 的变更导致替换",
                        named = named,
                    )
                }
            }
            Reason::Triggered { by } => say!(
                lang,
                en: "`replace_triggered_by` refers to {by}, which changes",
                zh: "`replace_triggered_by` 引用的 {by} 有变更",
                by = by,
            ),
            Reason::DiskReplaced { volume } => say!(
                lang,
                en: "the disk of {volume} is replaced and must be detached first",
                zh: "{volume} 的云硬盘将替换，需先卸载",
                volume = volume,
            ),
            Reason::OwnershipChanged => say!(
                lang,
                en: "the configuration changes how it is managed",
                zh: "配置变更了其管理方式",
            ),
            Reason::DeclaredExisting { by } => say!(
                lang,
                en: "{by} declares it as existing",
                zh: "{by} 将其声明为已有资源",
                by = by,
            ),
            Reason::Drifted => {
                say!(lang, en: "it changed outside of eci", zh: "已在 eci 之外发生变更")
            }
            Reason::Uncertain => say!(
                lang,
                en: "the outcome of an earlier change is unknown",
                zh: "先前变更的结果未知",
            ),
            Reason::Replaced => say!(lang, en: "it has been replaced", zh: "已替换为新资源"),
            Reason::Resumed => say!(
                lang,
                en: "the order of an earlier run is resumed; nothing is ordered twice",
                zh: "将继续先前运行的订单，不会重复下单",
            ),
            Reason::Awaited => say!(
                lang,
                en: "an earlier run may have created it; eci looks for it first",
                zh: "先前的运行可能已创建该资源，将先查找",
            ),
            Reason::Untagged => say!(
                lang,
                en: "the operation tag of this state is added",
                zh: "将添加此状态的操作标签",
            ),
            Reason::NoConfiguration => {
                say!(lang, en: "it is not in the configuration", zh: "配置中已没有该资源")
            }
        }
    }

    /// Returns whether the action alone says it all.
    pub(crate) fn is_implied(&self) -> bool {
        self.clause(Lang::En).is_empty()
    }
}

impl Localize for Reason {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clause(lang))
    }
}

/// The clause in English; empty where the action says it all.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_that_force_replacement_are_listed() {
        let reason = Reason::CannotChange {
            attributes: vec![
                Path::root().name("vpc_id"),
                Path::root().name("containers").key("a"),
            ],
        };
        assert_eq!(
            reason.clause(Lang::En),
            r#"changes of `vpc_id` and `containers["a"]` force replacement"#
        );
        assert_eq!(
            reason.clause(Lang::Zh),
            r#"`vpc_id` 和 `containers["a"]` 的变更导致替换"#
        );
        assert_eq!(Reason::New.to_string(), "");
    }
}
