//! A plan as text.

use std::borrow::Cow;

use eci_core::kinds::Loss;
use eci_core::parallel::in_parts;
use eci_core::quote::toml_string;
use eci_core::{Address, Value};
use eci_executor::Cost;
use eci_planner::diff::AttributeChange;
use eci_planner::{
    Action, Drift, OmittedDependent, OutputChange, Plan, Protection, Rename, Step, probable_renames,
};
use eci_text::{Lang, Text, say};

use super::block::block;
use super::change::{ValueView, show, type_of};
use super::cost;
use super::links::Links;
use super::summary::{comparison, conclusion};
use crate::Style;
use crate::style::TextRole;

/// The least number of blocks that are worth a thread.
const LEAST: usize = 200;

/// The heading of resources that are imported although another state has them, or had them.
pub(super) static TAKEN_OVER: Text =
    Text::fixed("Imported from another state:", "从其他状态导入：");

/// The statement that a plan is partial.
pub(super) static PARTIAL: Text = Text::fixed(
    "This plan is partial: it covers only the resources selected by `--target` and `--exclude`.",
    "此计划为部分计划，仅包含 `--target` 和 `--exclude` 选定的资源。",
);
/// The heading of the dependents that a partial plan leaves out.
pub(super) static OMITTED: Text = Text::fixed(
    "It omits these dependents of changed or excluded resources:",
    "未包含以下资源，它们依赖有变更或已排除的资源：",
);
/// The number of such dependents that are listed; JSON has all of them.
pub(super) const MOST_DEPENDENTS: usize = 50;

/// Returns a plan as text: drift, then the actions in the order in which they would run, the cost
/// if there is one, and the summary.
pub fn text(plan: &Plan, cost: Option<&Cost>, style: Style) -> String {
    let mut text = details(plan, style);
    if let Some(cost) = cost {
        text.push_str(&cost::text(cost, style));
        text.push('\n');
    }
    text.push_str(&partial(plan, style));
    text.push_str(&renames(plan, style));
    text.push_str(&conclusion(plan, style));
    folded(text, style)
}

/// Returns the drift that a refresh-only plan found, where the plan is not applied.
pub fn drift_text(plan: &Plan, style: Style) -> String {
    let mut text = details(plan, style);
    text.push_str(&comparison(plan, style));
    folded(text, style)
}

fn folded(text: String, style: Style) -> String {
    match style.folded(&text) {
        Cow::Owned(folded) => folded,
        Cow::Borrowed(_) => text,
    }
}

/// Returns how to keep each container group that was probably only renamed.
pub(super) fn renames(plan: &Plan, style: Style) -> String {
    let hints = probable_renames(plan).into_iter().map(|rename| {
        let Rename { from, to } = rename;
        let quoted = |address: &Address| toml_string(&address.to_string());
        let sentence = say!(
            style.lang(),
            en: "{hint} {to} has the attributes of {from}. To rename that container group instead of \
                 replacing it, add:",
            zh: "{hint}{to} 的属性与 {from} 相同。如需重命名该容器组而不替换，添加：",
            hint = style.paint(TextRole::Help, style.lang().pick("Hint:", "提示：")),
            to = to.to_string(),
            from = from.to_string(),
        );
        format!(
            "{sentence}\n\n  [[moved]]\n  from = {}\n  to = {}\n\n",
            quoted(from),
            quoted(to),
        )
    });
    hints.collect()
}

/// Returns the statement that a plan is partial, and the dependents of its changes that it omits.
fn partial(plan: &Plan, style: Style) -> String {
    let Some(scope) = plan.partial() else {
        return String::new();
    };
    let lang = style.lang();
    let head = style.paint(TextRole::Warning, PARTIAL.get(lang));
    let omitted = &scope.omitted_dependents;
    if omitted.is_empty() {
        return format!("{head}\n\n");
    }
    let lines = omitted.iter().take(MOST_DEPENDENTS).map(|omitted| {
        let OmittedDependent {
            address,
            depends_on,
        } = omitted;
        say!(
            lang,
            en: "  {address} (depends on {other})\n",
            zh: "  {address}（依赖 {other}）\n",
            address = address.to_string(),
            other = depends_on.to_string(),
        )
    });
    let lines: String = lines.collect();
    let mut text = format!("{head}{}{}\n{lines}", lang.pick(" ", ""), OMITTED.get(lang));
    if omitted.len() > MOST_DEPENDENTS {
        let rest = omitted.len() - MOST_DEPENDENTS;
        text.push_str(&say!(
            lang,
            en: "  … and {rest} more\n",
            zh: "  另有 {rest} 个\n",
            rest = rest,
        ));
    }
    text + "\n"
}

/// Returns all of a plan but the summary.
pub(crate) fn details(plan: &Plan, style: Style) -> String {
    let lang = style.lang();
    let mut text = String::new();
    let head = lang.pick(
        "Drift: these resources changed outside of eci:",
        "漂移：以下资源在 eci 之外发生了变更：",
    );
    let drift = plan.drift().iter().filter(|drift| drift.matters());
    text.push_str(&drifts(
        head,
        drift.map(|drift| (drift, &drift.changes)),
        style,
    ));
    if style.has_details() {
        let head = lang.pick("Ignored drift:", "已忽略的漂移：");
        let drift = plan.drift().iter();
        let drift = drift.filter(|drift| !drift.ignored.is_empty());
        text.push_str(&drifts(
            head,
            drift.map(|drift| (drift, &drift.ignored)),
            style,
        ));
    }
    let links = Links::new(plan);
    let changes: Vec<&Step> = plan
        .steps()
        .iter()
        .filter(|step| step.action.is_change())
        .collect();
    let parts = in_parts(&changes, LEAST, |part| {
        let blocks = part.iter().map(|step| block(step, &links, style) + "\n");
        blocks.collect::<String>()
    });
    text.extend(parts);
    text.push_str(&taken_over(plan, style));
    text.push_str(&waiting(plan, style));
    text.push_str(&protections(plan, style));
    text.push_str(&losses(plan, style));
    let outputs: Vec<&OutputChange> = plan
        .outputs()
        .iter()
        .filter(|output| output.is_displayed())
        .collect();
    if !outputs.is_empty() {
        text.push_str(&style.paint(
            TextRole::Strong,
            lang.pick("Changes to outputs:", "输出变更："),
        ));
        text.push('\n');
        for output in outputs {
            text.push_str(&output_block(output, style));
        }
        text.push('\n');
    }
    text
}

/// Returns the unchanged resources that are not confirmed as ready.
fn waiting(plan: &Plan, style: Style) -> String {
    let lines: String = plan
        .waiting()
        .map(|step| format!("  {}\n", step.address))
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let head = style.lang().pick(
        "Not confirmed as ready by the last run; eci will wait for:",
        "上次运行未能确认就绪，将等待以下资源：",
    );
    format!("{}\n{lines}\n", style.paint(TextRole::Strong, head))
}

/// Returns the resources that are imported although another state has them, or had them.
fn taken_over(plan: &Plan, style: Style) -> String {
    let lines: String = taken_over_lines(plan, style.lang())
        .map(|line| format!("  {}\n", eci_text::line(&line)))
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let head = style.paint(TextRole::Warning, TAKEN_OVER.get(style.lang()));
    format!("{head}\n{lines}\n")
}

/// Returns one line for each resource that is imported from another state.
pub(super) fn taken_over_lines(plan: &Plan, lang: Lang) -> impl Iterator<Item = String> {
    plan.steps().iter().filter_map(move |step| {
        let mark = step.taken_over()?;
        Some(say!(
            lang,
            en: "{address}: {id}, from {owner}",
            zh: "{address}：{id}，来自{owner}",
            address = step.address.to_string(),
            id = step.import.as_deref().unwrap_or_default(),
            owner = mark.owner(),
        ))
    })
}

/// Returns the destroy protections that the state will record.
fn protections(plan: &Plan, style: Style) -> String {
    let protections = plan.protections().iter();
    let lines: String = protections
        .map(|protection| {
            let Protection {
                address,
                prevent_destroy,
                ..
            } = protection;
            let colon = style.lang().pick(": ", "：");
            format!("  {address}{colon}prevent_destroy = {prevent_destroy}\n")
        })
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let head = style.lang().pick("The state will record:", "状态将记录：");
    format!("{}\n{lines}\n", style.paint(TextRole::Strong, head))
}

/// Returns what a plan loses for good: data on disks, and IP addresses.
fn losses(plan: &Plan, style: Style) -> String {
    let lang = style.lang();
    let mut text = String::new();
    for (loss, head) in [
        (Loss::Data, lang.pick("Data loss:", "数据丢失：")),
        (
            Loss::Address,
            lang.pick("EIPs that will be released:", "将释放的弹性 IP："),
        ),
    ] {
        let loses = |step: &&Step| step.address.kind().properties().loss == Some(loss);
        let steps = plan.losses().filter(loses);
        let mut lines: Vec<String> = steps.map(|step| lost(step, lang)).collect();
        if loss == Loss::Address {
            let automatic = plan.released_with_groups();
            lines.extend(automatic.map(|(step, address)| automatic_eip(step, address, lang)));
        }
        if lines.is_empty() {
            continue;
        }
        text.push_str(&style.paint(TextRole::Strong, head));
        text.push('\n');
        for line in lines {
            let sign = style.paint(TextRole::Delete, "-");
            // The IP addresses are those of the cloud.
            text.push_str(&format!("  {sign} {}\n", eci_text::line(&line)));
        }
        text.push('\n');
    }
    text
}

fn automatic_eip(step: &Step, address: Option<&str>, lang: Lang) -> String {
    let group = step.address.to_string();
    match address {
        Some(address) => say!(
            lang,
            en: "{group}: {address}, its automatic EIP",
            zh: "{group}：{address}，自动创建的弹性 IP",
            group = group,
            address = address,
        ),
        None => say!(
            lang,
            en: "{group}: its automatic EIP",
            zh: "{group}：自动创建的弹性 IP",
            group = group,
        ),
    }
}

fn lost(step: &Step, lang: Lang) -> String {
    let state = step.state.as_deref();
    let is_replaced = step.action == Action::Replace;
    let resource = step.address.to_string();
    if step.address.kind().properties().holds_data() {
        let size = state.and_then(|state| {
            let disk = state.observed.get("disk").or(state.applied.get("disk"))?;
            disk.get("size")?.as_number()
        });
        let data = match size {
            Some(size) => say!(
                lang,
                en: "all data on its {size} GB disk",
                zh: "{size} GB 云硬盘上的全部数据",
                size = size.to_string(),
            ),
            None => say!(lang, en: "all data on its disk", zh: "云硬盘上的全部数据"),
        };
        return if is_replaced {
            say!(
                lang,
                en: "{resource}: {data}; the new disk is empty",
                zh: "{resource}：{data}，新云硬盘为空",
                resource = resource,
                data = data,
            )
        } else {
            say!(
                lang,
                en: "{resource}: {data}",
                zh: "{resource}：{data}",
                resource = resource,
                data = data,
            )
        };
    }
    let address = state.and_then(|state| state.observed.get("address")?.as_str());
    let address = address.unwrap_or(lang.pick("its IP address", "其 IP 地址"));
    if is_replaced {
        say!(
            lang,
            en: "{resource}: {address}; the new EIP has a different address",
            zh: "{resource}：{address}，新弹性 IP 的地址不同",
            resource = resource,
            address = address,
        )
    } else {
        say!(
            lang,
            en: "{resource}: {address}",
            zh: "{resource}：{address}",
            resource = resource,
            address = address,
        )
    }
}

fn drifts<'a>(
    head: &str,
    drift: impl Iterator<Item = (&'a Drift, &'a Vec<AttributeChange>)>,
    style: Style,
) -> String {
    let blocks: String = drift
        .map(|(drift, changes)| drifted(drift, changes, style))
        .collect();
    if blocks.is_empty() {
        return blocks;
    }
    format!("{}\n\n{blocks}\n", style.paint(TextRole::Strong, head))
}

fn drifted(drift: &Drift, changes: &[AttributeChange], style: Style) -> String {
    if drift.is_missing {
        let sign = style.paint(TextRole::Delete, "-");
        let note = style
            .lang()
            .pick("   (deleted outside of eci)", "（已在 eci 之外被删除）");
        return format!("  {sign} {}{note}\n", drift.address);
    }
    let sign = style.paint(TextRole::Update, "~");
    let mut text = format!("  {sign} {}\n", drift.address);
    let schema = drift.address.kind().schema();
    for change in changes {
        let shown = ValueView {
            name: &change.path.to_string(),
            before: &change.before,
            after: &change.after,
            ty: type_of(schema, &change.path),
            note: None,
        };
        for line in show(&shown, style.width().saturating_sub(6), style) {
            text.push_str(&format!("      {line}\n"));
        }
    }
    text
}

fn output_block(output: &OutputChange, style: Style) -> String {
    if output.failed {
        let sign = style.paint(TextRole::Error, "!");
        let note = style.lang().pick(
            "   (cannot be evaluated; keeps its value)",
            "（无法求值，保留原值）",
        );
        return format!("  {sign} {}{note}\n", output.name);
    }
    let marked = |value: &Value| {
        if output.sensitive && !value.is_null() {
            value.clone().into_sensitive()
        } else {
            value.clone()
        }
    };
    let was_sensitive = !output.sensitive && output.after.has_sensitive();
    let after = marked(&output.after);
    // Whether the value itself changes is not shown, either.
    let before = if was_sensitive {
        after.clone()
    } else {
        marked(&output.before)
    };
    let note = style.lang().pick(
        "no longer sensitive; shown after apply",
        "不再敏感，应用后显示",
    );
    let shown = ValueView {
        name: &output.name,
        before: &before,
        after: &after,
        ty: None,
        note: was_sensitive.then_some(note),
    };
    let lines = show(&shown, style.width().saturating_sub(2), style);
    lines.iter().map(|line| format!("  {line}\n")).collect()
}
