//! The reason of an action, and the sentence about a step.

use eci_planner::{Action, Reason, Step};
use eci_text::{Lang, List, say};

use crate::actions::action_words;

/// Returns a reason as a clause; empty where the action says it all.
pub(super) fn clause(reason: &Reason, lang: Lang) -> String {
    match reason {
        Reason::New | Reason::Changed | Reason::Destroy | Reason::Imported | Reason::Moved => {
            String::new()
        }
        Reason::Requested => say!(lang, en: "requested by `--replace`", zh: "由 `--replace` 指定"),
        Reason::Removed => {
            say!(lang, en: "declared in `[[removed]]`", zh: "已在 `[[removed]]` 中声明")
        }
        Reason::Missing => say!(lang, en: "it no longer exists in the cloud", zh: "云端已不存在"),
        Reason::TerminalStatus { status } => {
            say!(lang, en: "its status is {status}", zh: "其状态为 {status}", status = status)
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
            by = by.to_string(),
        ),
        Reason::DiskReplaced { volume } => say!(
            lang,
            en: "the disk of {volume} is replaced and must be detached first",
            zh: "{volume} 的云硬盘将替换，需先卸载",
            volume = volume.to_string(),
        ),
        Reason::OtherForm => say!(
            lang,
            en: "the configuration changes how it is managed",
            zh: "配置变更了其管理方式",
        ),
        Reason::DeclaredExisting { by } => say!(
            lang,
            en: "{by} declares it as existing",
            zh: "{by} 将其声明为已有资源",
            by = by.to_string(),
        ),
        Reason::Drifted => say!(lang, en: "it changed outside of eci", zh: "已在 eci 之外发生变更"),
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

/// Returns the sentence about a step: the address, the action, and the reason.
pub(super) fn sentence(step: &Step, lang: Lang) -> String {
    let address = match (step.is_of_predecessor(), &step.id) {
        (true, Some(id)) => say!(
            lang,
            en: "{address} ({id})",
            zh: "{address}（{id}）",
            address = step.address.to_string(),
            id = id,
        ),
        _ => step.address.to_string(),
    };
    let is_plain = step.moved_from.is_none() && step.import.is_none();
    if is_plain && step.action == Action::Replace && step.reason == Some(Reason::Tainted) {
        return if step.create_before_destroy {
            say!(
                lang,
                en: "{address} is tainted, so it must be replaced (create before destroy)",
                zh: "{address}：已标记为污点，必须替换（先创建后销毁）",
                address = address,
            )
        } else {
            say!(
                lang,
                en: "{address} is tainted, so it must be replaced",
                zh: "{address}：已标记为污点，必须替换",
                address = address,
            )
        };
    }
    let predicate = predicate(step, lang);
    let reason = step.reason.as_ref().map(|reason| clause(reason, lang));
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => say!(
            lang,
            en: "{address} {predicate}: {reason}",
            zh: "{address}：{predicate}，{reason}",
            address = address,
            predicate = predicate,
            reason = reason,
        ),
        None => say!(
            lang,
            en: "{address} {predicate}",
            zh: "{address}：{predicate}",
            address = address,
            predicate = predicate,
        ),
    }
}

fn predicate(step: &Step, lang: Lang) -> String {
    if let Some(from) = &step.moved_from {
        let from = from.to_string();
        return match (step.action, then(step)) {
            (Action::NoOp | Action::Move, _) | (_, None) => say!(
                lang,
                en: "will be moved from {from}",
                zh: "将从 {from} 移动到此地址",
                from = from,
            ),
            (_, Some(then)) => say!(
                lang,
                en: "will be moved from {from} and {then}",
                zh: "将从 {from} 移动到此地址并{then}",
                from = from,
                then = lang.pick(then[0], then[1]),
            ),
        };
    }
    if step.import.is_some()
        && step.action != Action::Import
        && let Some(then) = then(step)
    {
        return say!(
            lang,
            en: "will be imported and {then}",
            zh: "将导入并{then}",
            then = lang.pick(then[0], then[1]),
        );
    }
    let fixed = match (step.action, &step.reason) {
        (Action::Create, Some(Reason::Missing)) => ["will be re-created", "将重新创建"],
        (Action::Update, Some(Reason::DeclaredExisting { .. })) => [
            "will no longer be managed and is kept in the cloud",
            "将不再托管，并在云端保留",
        ],
        (Action::Replace, _) if step.create_before_destroy => [
            "must be replaced (create before destroy)",
            "必须替换（先创建后销毁）",
        ],
        (Action::Forget, reason) if *reason != Some(Reason::Missing) => [
            "will be removed from the state and kept in the cloud",
            "将从状态中移除并在云端保留",
        ],
        (action, _) => {
            let will = &action_words(action).will;
            return will.get(lang).to_owned();
        }
    };
    lang.pick(fixed[0], fixed[1]).to_owned()
}

/// Returns what happens to a resource after it was moved or imported, in English and Chinese.
fn then(step: &Step) -> Option<[&'static str; 2]> {
    Some(match step.action {
        Action::Create if step.reason == Some(Reason::Missing) => ["re-created", "重新创建"],
        Action::Create => ["created", "创建"],
        Action::Update => ["updated in place", "原地更新"],
        Action::Replace if step.create_before_destroy => {
            ["replaced (create before destroy)", "替换（先创建后销毁）"]
        }
        Action::Replace => ["replaced", "替换"],
        Action::Delete => ["deleted", "删除"],
        Action::Forget => ["removed from the state", "从状态中移除"],
        Action::NoOp | Action::Import | Action::Move => return None,
    })
}

#[cfg(test)]
mod tests {
    use eci_core::Path;

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
            clause(&reason, Lang::En),
            r#"changes of `vpc_id` and `containers["a"]` force replacement"#
        );
        assert_eq!(
            clause(&reason, Lang::Zh),
            r#"`vpc_id` 和 `containers["a"]` 的变更导致替换"#
        );
        assert_eq!(clause(&Reason::New, Lang::En), "");
    }
}
