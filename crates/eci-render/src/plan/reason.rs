//! The reason of an action, and the sentence about a step.

use eci_planner::{Action, Reason, Step};
use eci_text::{In, Lang, say};

use crate::actions::action_words;

/// Returns a reason as a clause; empty where the action says it all.
pub(super) fn clause(reason: &Reason, lang: Lang) -> String {
    In(reason, lang).to_string()
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
