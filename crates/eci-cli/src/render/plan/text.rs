//! A plan for people.

use eci_core::Value;
use eci_planner::{Drift, Mode, Options, OutputChange, Plan, Summary};

use super::block::block;
use super::change::{Shown, show, type_of};
use super::links::Links;
use crate::render::Style;
use crate::render::style::Part;

/// What the cloud changed by itself, then what is to be done, block by block in the order in
/// which it would run, and how much it is.
pub fn text(plan: &Plan, style: Style) -> String {
    let mut text = details(plan, style);
    text.push_str(&conclusion(plan, style));
    text
}

/// All but the last line.
pub(crate) fn details(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    if !plan.drift.is_empty() {
        text.push_str(&style.paint(Part::Strong, "The cloud has changed since the last run:"));
        text.push_str("\n\n");
        for drift in &plan.drift {
            text.push_str(&drifted(drift, style));
        }
        text.push('\n');
    }
    let links = Links::new(plan);
    for step in plan.steps.iter().filter(|step| step.action.is_change()) {
        text.push_str(&block(step, &links, style));
        text.push('\n');
    }
    let outputs: Vec<&OutputChange> = plan
        .outputs
        .iter()
        .filter(|output| output.changed)
        .collect();
    if !outputs.is_empty() {
        text.push_str(&style.paint(Part::Strong, "Outputs:"));
        text.push('\n');
        for output in outputs {
            text.push_str(&changed_output(output, style));
        }
        text.push('\n');
    }
    text
}

fn drifted(drift: &Drift, style: Style) -> String {
    if drift.gone {
        let sign = style.paint(Part::Delete, "-");
        return format!("  {sign} {}   (gone)\n", drift.address);
    }
    let sign = style.paint(Part::Update, "~");
    let mut text = format!("  {sign} {}\n", drift.address);
    let schema = drift.address.kind().schema();
    for change in &drift.changes {
        let shown = Shown {
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

fn changed_output(output: &OutputChange, style: Style) -> String {
    let marked = |value: &Value| match output.sensitive && !value.is_null() {
        true => value.clone().into_sensitive(),
        false => value.clone(),
    };
    let shown = Shown {
        name: &output.name,
        before: &marked(&output.before),
        after: &marked(&output.after),
        ty: None,
        note: None,
    };
    let lines = show(&shown, style.width().saturating_sub(2), style);
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn conclusion(plan: &Plan, style: Style) -> String {
    let summary = plan.summary();
    if !plan.is_empty() {
        let head = style.paint(Part::Strong, "Plan:");
        return format!("{head} {}\n", counts(&summary));
    }
    let head = style.paint(Part::Strong, "No changes.");
    if plan.options.mode == Mode::RefreshOnly {
        return match plan.refreshed.len() {
            0 => format!("{head} The state knows what the cloud has.\n"),
            count => {
                let head = style.paint(Part::Strong, "Refresh:");
                format!(
                    "{head} the state will learn what the cloud says of {count} of its resources.\n"
                )
            }
        };
    }
    let Options {
        targets, exclude, ..
    } = &plan.options;
    if !targets.is_empty() || !exclude.is_empty() {
        let unchanged = summary.unchanged;
        return format!("{head} What was picked is as the manifests say; {unchanged} unchanged.\n");
    }
    match summary.unchanged {
        0 => format!("{head} There are no resources.\n"),
        unchanged => {
            format!("{head} Everything is as the manifests say; {unchanged} unchanged.\n")
        }
    }
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
