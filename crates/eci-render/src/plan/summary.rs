//! The last line of a plan.

use eci_planner::{Mode, Plan, PlannerOptions, Summary};
use eci_text::{Count, Lang, List, say};

use crate::Style;
use crate::nouns::{OUTPUT, RESOURCE};
use crate::style::TextRole;

/// Returns the summary of a plan: its counts, or that it has no changes.
pub(super) fn conclusion(plan: &Plan, style: Style) -> String {
    let lang = style.lang();
    let summary = plan.summary();
    if let Some(recorded) = recorded(plan) {
        return say!(
            lang,
            en: "{head} {recorded} will be updated in the state. Nothing changes in the cloud.\n",
            zh: "{head}将更新状态中的 {recorded}，云端不会变更。\n",
            head = style.paint(TextRole::Strong, lang.pick("Refresh:", "刷新：")),
            recorded = recorded,
        );
    }
    let head = style.paint(TextRole::Strong, lang.pick("Plan:", "计划："));
    if !plan.is_empty() {
        return say!(
            lang,
            en: "{head} {counts}.\n",
            zh: "{head}{counts}。\n",
            head = head,
            counts = counts(&summary, lang),
        );
    }
    let protections = plan.protections().len();
    if protections > 0 {
        return say!(
            lang,
            en: "{head} {resources} will be updated in the state. Nothing changes in the cloud.\n",
            zh: "{head}将更新状态中的 {resources}，云端不会变更。\n",
            head = head,
            resources = RESOURCE.count(protections),
        );
    }
    let head = style.paint(TextRole::Strong, lang.pick("No changes.", "无变更。"));
    if plan.options().mode == Mode::RefreshOnly {
        return say!(
            lang,
            en: "{head} The state matches the actual resources.\n",
            zh: "{head}状态与实际资源一致。\n",
            head = head,
        );
    }
    let PlannerOptions {
        targets, exclude, ..
    } = plan.options();
    if !targets.is_empty() || !exclude.is_empty() {
        return say!(
            lang,
            en: "{head} The selected resources match the configuration ({count} unchanged).\n",
            zh: "{head}所选资源与配置一致（{count} 个未变更）。\n",
            head = head,
            count = summary.unchanged,
        );
    }
    if summary.unchanged == 0 && plan.options().mode == Mode::Destroy {
        return say!(
            lang,
            en: "{head} The state contains no resources.\n",
            zh: "{head}状态中没有资源。\n",
            head = head,
        );
    }
    if summary.unchanged == 0 {
        return say!(
            lang,
            en: "{head} There are no resources in the configuration or the state.\n",
            zh: "{head}配置和状态中都没有资源。\n",
            head = head,
        );
    }
    say!(
        lang,
        en: "{head} The infrastructure matches the configuration ({resources} unchanged).\n",
        zh: "{head}基础设施与配置一致（{resources}未变更）。\n",
        head = head,
        resources = RESOURCE.count(summary.unchanged),
    )
}

/// Returns the summary of a refresh-only plan that is not applied.
pub(super) fn comparison(plan: &Plan, style: Style) -> String {
    let Some(recorded) = recorded(plan) else {
        return conclusion(plan, style);
    };
    let lang = style.lang();
    say!(
        lang,
        en: "{head} {recorded} in the state would be updated by `eci refresh`. Nothing was changed.\n",
        zh: "{head}`eci refresh` 将更新状态中的 {recorded}，当前未做任何变更。\n",
        head = style.paint(TextRole::Strong, lang.pick("Drift:", "漂移：")),
        recorded = recorded,
    )
}

/// Returns what a refresh without changes of resource addresses records, if anything: `2 resources and
/// 1 output`.
fn recorded(plan: &Plan) -> Option<List<Count>> {
    let mut steps = plan.steps().iter();
    if plan.options().mode != Mode::RefreshOnly || steps.any(|step| step.action.is_change()) {
        return None;
    }
    let outputs = plan.outputs().iter().filter(|output| output.changed);
    let mut counts = Vec::new();
    for (count, noun) in [
        (plan.refreshed().len(), RESOURCE),
        (outputs.count(), OUTPUT),
    ] {
        if count > 0 {
            counts.push(noun.count(count));
        }
    }
    if counts.is_empty() {
        return None;
    }
    Some(List::and(counts))
}

/// Returns the counts of a plan: `1 to create, 0 to update, 1 to replace, 0 to delete, 4 unchanged`.
/// Rare actions are counted only where there are some.
pub(super) fn counts(summary: &Summary, lang: Lang) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        import,
        moved,
        forget,
        unchanged,
    } = *summary;
    let mut text = say!(
        lang,
        en: "{create} to create, {update} to update, {replace} to replace, {delete} to delete",
        zh: "创建 {create} 个，更新 {update} 个，替换 {replace} 个，删除 {delete} 个",
        create = create,
        update = update,
        replace = replace,
        delete = delete,
    );
    if import > 0 {
        text += &say!(lang, en: ", {n} to import", zh: "，导入 {n} 个", n = import);
    }
    if moved > 0 {
        text += &say!(lang, en: ", {n} to move", zh: "，移动 {n} 个", n = moved);
    }
    if forget > 0 {
        text += &say!(
            lang,
            en: ", {n} to remove from the state",
            zh: "，从状态中移除 {n} 个",
            n = forget,
        );
    }
    text + &say!(lang, en: ", {n} unchanged", zh: "，未变更 {n} 个", n = unchanged)
}
