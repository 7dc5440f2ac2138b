//! The words for actions: one table for plans, progress and outcomes.

use eci_planner::{Action, TaskKind};
use eci_text::Text;

/// The forms of one action.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionWords {
    /// The action in a plan: `will be created`.
    pub will: Text,
    /// The action in progress: `creating`.
    pub doing: Text,
    /// The completed action: `created`.
    pub done: Text,
    /// The failed action: `create failed`.
    pub failed: Text,
    /// The action as a noun: `create`.
    pub noun: Text,
}

macro_rules! words {
    ($($name:ident: $will:literal / $will_zh:literal, $doing:literal / $doing_zh:literal,
       $done:literal / $done_zh:literal, $failed:literal / $failed_zh:literal,
       $noun:literal / $noun_zh:literal;)*) => {
        $(static $name: ActionWords = ActionWords {
            will: Text::fixed($will, $will_zh),
            doing: Text::fixed($doing, $doing_zh),
            done: Text::fixed($done, $done_zh),
            failed: Text::fixed($failed, $failed_zh),
            noun: Text::fixed($noun, $noun_zh),
        };)*

        #[cfg(test)]
        const ALL: &[&ActionWords] = &[$(&$name),*];
    };
}

words! {
    UNCHANGED: "is unchanged" / "未变更", "checking" / "正在检查",
        "unchanged" / "未变更", "check failed" / "检查失败", "no change" / "无变更";
    CREATE: "will be created" / "将创建", "creating" / "正在创建",
        "created" / "已创建", "create failed" / "创建失败", "create" / "创建";
    RESUME: "will be created" / "将创建",
        "resuming the order of an earlier run" / "正在继续先前运行的订单",
        "created" / "已创建", "create failed" / "创建失败", "create" / "创建";
    UPDATE: "will be updated in place" / "将原地更新", "updating" / "正在更新",
        "updated" / "已更新", "update failed" / "更新失败", "update" / "更新";
    REPLACE: "must be replaced" / "必须替换", "replacing" / "正在替换",
        "replaced" / "已替换", "replace failed" / "替换失败", "replacement" / "替换";
    DELETE: "will be deleted" / "将删除", "deleting" / "正在删除",
        "deleted" / "已删除", "delete failed" / "删除失败", "delete" / "删除";
    IMPORT: "will be imported" / "将导入", "importing" / "正在导入",
        "imported" / "已导入", "import failed" / "导入失败", "import" / "导入";
    MOVE: "will be moved" / "将移动", "moving" / "正在移动",
        "moved" / "已移动", "move failed" / "移动失败", "move" / "移动";
    FORGET: "will be removed from the state" / "将从状态中移除",
        "removing from the state" / "正在从状态中移除",
        "removed from the state" / "已从状态中移除", "removal failed" / "移除失败", "removal" / "移除";
    WAIT: "eci will wait until it is ready" / "将等待就绪", "waiting until ready" / "正在等待就绪",
        "ready" / "已就绪", "not ready" / "未就绪", "wait" / "等待";
    BIND: "will be bound" / "将绑定", "binding EIP" / "正在绑定弹性 IP",
        "EIP bound" / "已绑定弹性 IP", "bind failed" / "绑定失败", "bind" / "绑定";
    UNBIND: "will be unbound" / "将解绑", "unbinding EIP" / "正在解绑弹性 IP",
        "EIP unbound" / "已解绑弹性 IP", "unbind failed" / "解绑失败", "unbind" / "解绑";
    DETACH: "will be detached" / "将卸载", "detaching what other resources need" / "正在卸载其他资源所需的对象",
        "detached" / "已卸载", "detach failed" / "卸载失败", "detach" / "卸载";
}

/// Returns the words for an action of a plan.
pub fn action_words(action: Action) -> &'static ActionWords {
    match action {
        Action::NoOp => &UNCHANGED,
        Action::Create => &CREATE,
        Action::Update => &UPDATE,
        Action::Replace => &REPLACE,
        Action::Delete => &DELETE,
        Action::Import => &IMPORT,
        Action::Move => &MOVE,
        Action::Forget => &FORGET,
    }
}

/// Returns the words for a task of a run.
pub fn task_words(kind: TaskKind) -> &'static ActionWords {
    match kind {
        // A resource that stays as it is has a task that people see only if it has a new address.
        TaskKind::NoOp => &MOVE,
        TaskKind::Wait => &WAIT,
        TaskKind::Create => &CREATE,
        TaskKind::Resume => &RESUME,
        TaskKind::Update => &UPDATE,
        TaskKind::Detach => &DETACH,
        TaskKind::Unbind => &UNBIND,
        TaskKind::Bind => &BIND,
        TaskKind::Delete => &DELETE,
        TaskKind::Import => &IMPORT,
        TaskKind::Forget => &FORGET,
    }
}

#[cfg(test)]
mod tests {
    use eci_text::Lang;

    use super::*;
    use crate::typography;

    #[test]
    fn every_form_is_in_both_languages() {
        for words in ALL {
            let ActionWords {
                will,
                doing,
                done,
                failed,
                noun,
            } = words;
            for form in [will, doing, done, failed, noun] {
                assert_ne!(form.en(), form.get(Lang::Zh));
                typography::check(form.get(Lang::Zh));
            }
        }
    }
}
