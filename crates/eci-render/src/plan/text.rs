//! A plan for people.

use std::borrow::Cow;

use eci_core::kinds::Loss;
use eci_core::parallel::in_parts;
use eci_core::quote::toml_string;
use eci_core::{Address, Value};
use eci_executor::Cost;
use eci_planner::diff::AttributeChange;
use eci_planner::{
    Action, Drift, Mode, OmittedDependent, OutputChange, Plan, PlanOptions, Protection, Rename,
    Step, Summary, probable_renames,
};

use super::block::block;
use super::change::{ValueView, show, type_of};
use super::cost;
use super::links::Links;
use crate::Style;
use crate::style::Part;

/// So many blocks are worth a thread.
const LEAST: usize = 200;

/// The heading of what is taken over from other states.
pub(super) const TAKEN_OVER: &str = "Taken over from another state:";

/// The statement that a plan is partial.
pub(super) const PARTIAL: &str =
    "This plan is partial: it covers only what --target and --exclude select.";
/// The heading of the dependents that a partial plan leaves out.
pub(super) const OMITTED: &str = "It leaves out these dependents of what changes or is excluded:";
/// The number of such dependents that are listed; JSON has all of them.
pub(super) const MOST_DEPENDENTS: usize = 50;

/// What the cloud changed by itself, then what is to be done, block by block in the order in
/// which it would run, what it would cost if that was asked, and how much it is.
pub fn text(plan: &Plan, cost: Option<&Cost>, style: Style) -> String {
    let mut text = details(plan, style);
    if let Some(cost) = cost.filter(|_| !plan.is_empty()) {
        text.push_str(&cost::text(cost, style));
        text.push('\n');
    }
    text.push_str(&partial(plan, style));
    text.push_str(&renames(plan, style));
    text.push_str(&conclusion(plan, style));
    match style.folded(&text) {
        Cow::Owned(folded) => folded,
        Cow::Borrowed(_) => text,
    }
}

/// Says how to keep a container group that was probably only renamed.
pub(super) fn renames(plan: &Plan, style: Style) -> String {
    let hints = probable_renames(plan).into_iter().map(|rename| {
        let Rename { from, to } = rename;
        let quoted = |address: &Address| toml_string(&address.to_string());
        format!(
            "{} {to} has the attributes of {from}. To rename that container group instead of \
             replacing it, add:\n\n  [[moved]]\n  from = {}\n  to = {}\n\n",
            style.paint(Part::Help, "Hint:"),
            quoted(from),
            quoted(to),
        )
    });
    hints.collect()
}

/// Says that a plan is partial, and which dependents of its changes it leaves out.
fn partial(plan: &Plan, style: Style) -> String {
    let Some(scope) = plan.partial() else {
        return String::new();
    };
    let head = style.paint(Part::Warning, PARTIAL);
    let omitted = &scope.omitted_dependents;
    if omitted.is_empty() {
        return format!("{head}\n\n");
    }
    let lines = omitted.iter().take(MOST_DEPENDENTS).map(|omitted| {
        let OmittedDependent {
            address,
            depends_on,
        } = omitted;
        format!("  {address} (depends on {depends_on})\n")
    });
    let mut text = format!("{head} {OMITTED}\n{}", lines.collect::<String>());
    if omitted.len() > MOST_DEPENDENTS {
        let rest = omitted.len() - MOST_DEPENDENTS;
        text.push_str(&format!("  … and {rest} more\n"));
    }
    text + "\n"
}

/// All but the last line.
pub(crate) fn details(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    let head = "Drift: these resources changed outside of eci since the last run:";
    let drift = plan.drift().iter().filter(|drift| drift.matters());
    text.push_str(&drifts(
        head,
        drift.map(|drift| (drift, &drift.changes)),
        style,
    ));
    if style.has_details() {
        let head = "Ignored drift:";
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
        .filter(|output| output.is_told())
        .collect();
    if !outputs.is_empty() {
        text.push_str(&style.paint(Part::Strong, "Outputs:"));
        text.push('\n');
        for output in outputs {
            text.push_str(&told_output(output, style));
        }
        text.push('\n');
    }
    text
}

/// What stays as it is and is not known to be ready.
fn waiting(plan: &Plan, style: Style) -> String {
    let lines: String = plan
        .waiting()
        .map(|step| format!("  {}\n", step.address))
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let head = "Not confirmed as ready by the last run; eci will wait for:";
    format!("{}\n{lines}\n", style.paint(Part::Strong, head))
}

/// What is imported although another state has it, or had it.
fn taken_over(plan: &Plan, style: Style) -> String {
    let lines: String = taken_over_lines(plan)
        .map(|line| format!("  {}\n", eci_text::line(&line)))
        .collect();
    match lines.is_empty() {
        true => lines,
        false => format!("{}\n{lines}\n", style.paint(Part::Warning, TAKEN_OVER)),
    }
}

/// One line for each resource that is taken over from another state.
pub(super) fn taken_over_lines(plan: &Plan) -> impl Iterator<Item = String> {
    plan.steps().iter().filter_map(|step| {
        let mark = step.taken_over()?;
        let id = step.import.as_deref().unwrap_or_default();
        let address = &step.address;
        Some(format!(
            "{address}: {id}, from the state {}",
            mark.lineage()
        ))
    })
}

/// The protections that the state records, beside which nothing is done.
fn protections(plan: &Plan, style: Style) -> String {
    let protections = plan.protections().iter();
    let lines: String = protections
        .map(|protection| {
            let Protection {
                address,
                prevent_destroy,
                ..
            } = protection;
            format!("  {address}: prevent_destroy = {prevent_destroy}\n")
        })
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let head = "The state will record:";
    format!("{}\n{lines}\n", style.paint(Part::Strong, head))
}

/// What cannot be had back: data on disks, and public addresses.
fn losses(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    for (loss, head) in [
        (Loss::Data, "Data loss:"),
        (Loss::Address, "EIPs that will be released:"),
    ] {
        let steps: Vec<&Step> = plan
            .losses()
            .filter(|step| step.address.kind().properties().loss == Some(loss))
            .collect();
        let mut lines: Vec<String> = steps
            .iter()
            .map(|step| format!("{}: {}", step.address, lost(step)))
            .collect();
        if loss == Loss::Address {
            let automatic = plan.released_with_groups();
            lines.extend(automatic.map(|(step, address)| {
                let address = address.unwrap_or("its address");
                format!("{}: {address}, its automatic EIP", step.address)
            }));
        }
        if lines.is_empty() {
            continue;
        }
        text.push_str(&style.paint(Part::Strong, head));
        text.push('\n');
        for line in lines {
            let sign = style.paint(Part::Delete, "-");
            // The addresses are the cloud's.
            text.push_str(&format!("  {sign} {}\n", eci_text::line(&line)));
        }
        text.push('\n');
    }
    text
}

fn lost(step: &Step) -> String {
    let state = step.state.as_deref();
    let size = || {
        let disk = state?.observed.get("disk").or(state?.applied.get("disk"))?;
        disk.get("size")?.as_number()
    };
    let address = || state?.observed.get("address")?.as_str();
    let holds_data = step.address.kind().properties().holds_data();
    let what = match (holds_data, size(), address()) {
        (true, Some(size), _) => format!("all data on its disk of {size} GB"),
        (true, None, _) => "all data on its disk".to_owned(),
        (false, _, Some(address)) => address.to_owned(),
        (false, _, None) => "its address".to_owned(),
    };
    match (step.action, holds_data) {
        (Action::Replace, true) => format!("{what}; the new disk is empty"),
        (Action::Replace, false) => format!("{what}; the new EIP has a different address"),
        _ => what,
    }
}

fn drifts<'a>(
    head: &str,
    drift: impl Iterator<Item = (&'a Drift, &'a Vec<AttributeChange>)>,
    style: Style,
) -> String {
    let told: String = drift
        .map(|(drift, changes)| drifted(drift, changes, style))
        .collect();
    match told.is_empty() {
        true => told,
        false => format!("{}\n\n{told}\n", style.paint(Part::Strong, head)),
    }
}

fn drifted(drift: &Drift, changes: &[AttributeChange], style: Style) -> String {
    if drift.gone {
        let sign = style.paint(Part::Delete, "-");
        return format!("  {sign} {}   (deleted outside of eci)\n", drift.address);
    }
    let sign = style.paint(Part::Update, "~");
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

fn told_output(output: &OutputChange, style: Style) -> String {
    if output.failed {
        let sign = style.paint(Part::Error, "!");
        return format!(
            "  {sign} {}   (cannot be evaluated; keeps its value)\n",
            output.name
        );
    }
    let marked = |value: &Value| match output.sensitive && !value.is_null() {
        true => value.clone().into_sensitive(),
        false => value.clone(),
    };
    let was_sensitive = !output.sensitive && output.after.has_sensitive();
    let after = marked(&output.after);
    // Whether the value itself differs is not told, either.
    let before = match was_sensitive {
        true => after.clone(),
        false => marked(&output.before),
    };
    let shown = ValueView {
        name: &output.name,
        before: &before,
        after: &after,
        ty: None,
        note: was_sensitive.then_some("no longer sensitive: shown once this is applied"),
    };
    let lines = show(&shown, style.width().saturating_sub(2), style);
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn conclusion(plan: &Plan, style: Style) -> String {
    let summary = plan.summary();
    if let Some(recorded) = recorded(plan) {
        let head = style.paint(Part::Strong, "Refresh:");
        return format!(
            "{head} {recorded} to update in the state; nothing changes in the cloud.\n"
        );
    }
    if !plan.is_empty() {
        let head = style.paint(Part::Strong, "Plan:");
        return format!("{head} {}\n", counts(&summary));
    }
    if let Some(resources) = protected(plan) {
        let head = style.paint(Part::Strong, "Plan:");
        return format!(
            "{head} {resources} to update in the state; nothing changes in the cloud.\n"
        );
    }
    let head = style.paint(Part::Strong, "No changes.");
    if plan.options().mode == Mode::RefreshOnly {
        return format!("{head} The state matches the actual resources.\n");
    }
    let PlanOptions {
        targets, exclude, ..
    } = plan.options();
    if !targets.is_empty() || !exclude.is_empty() {
        let unchanged = summary.unchanged;
        return format!(
            "{head} The selected resources match the configuration; {unchanged} unchanged.\n"
        );
    }
    match summary.unchanged {
        0 => format!("{head} There are no resources.\n"),
        unchanged => {
            format!("{head} The infrastructure matches the configuration; {unchanged} unchanged.\n")
        }
    }
}

/// `2 resources`: those whose protection the state records, if there are any.
pub(super) fn protected(plan: &Plan) -> Option<String> {
    match plan.protections().len() {
        0 => None,
        1 => Some("1 resource".to_owned()),
        count => Some(format!("{count} resources")),
    }
}

/// `2 resources and 1 output`: what a refresh that moves nothing records, if anything.
fn recorded(plan: &Plan) -> Option<String> {
    let mut steps = plan.steps().iter();
    if plan.options().mode != Mode::RefreshOnly || steps.any(|step| step.action.is_change()) {
        return None;
    }
    let outputs = plan.outputs().iter().filter(|output| output.changed);
    let counts = [
        (plan.refreshed().len(), "resource"),
        (outputs.count(), "output"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counts
        .map(|(count, noun)| match count {
            1 => format!("1 {noun}"),
            _ => format!("{count} {noun}s"),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// `1 to create, 0 to update, 1 to replace, 0 to delete; 4 unchanged.`; what is rare is told
/// only where there is some.
pub(crate) fn counts(summary: &Summary) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        import,
        moved,
        forget,
        unchanged,
    } = summary;
    let mut text =
        format!("{create} to create, {update} to update, {replace} to replace, {delete} to delete");
    for (count, what) in [(import, "import"), (moved, "move"), (forget, "forget")] {
        if *count > 0 {
            text.push_str(&format!(", {count} to {what}"));
        }
    }
    format!("{text}; {unchanged} unchanged.")
}
