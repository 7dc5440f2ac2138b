//! A plan as a comment of a pull request.

use eci_executor::Cost;
use eci_planner::{Drift, Plan, Step};
use eci_text::{markdown as cell, markdown_code as code};

use super::block::sign;
use super::cost;
use super::limits::{MOST_DETAILS, MOST_ROWS};
use super::text::{
    MOST_DEPENDENTS, OMITTED, PARTIAL, TAKEN_OVER, counts, details, protected, renames,
    taken_over_lines,
};
use crate::Style;
use crate::style::{Part, without_color};

/// A table of what is to be done, one of what it would cost if that was asked, the details
/// folded.
pub fn markdown(plan: &Plan, cost: Option<&Cost>) -> String {
    let has_details = plan.drift().iter().any(Drift::matters)
        || !plan.protections().is_empty()
        || plan.waiting().next().is_some();
    if plan.is_empty() && !has_details {
        let unchanged = plan.summary().unchanged;
        let partial = partial(plan);
        return format!("### eci plan: no changes\n\n{partial}{unchanged} unchanged.\n");
    }
    let mut text = match (plan.is_empty(), protected(plan)) {
        (true, Some(resources)) => format!("### eci plan: {resources} to update in the state\n\n"),
        (true, None) => "### eci plan: no changes\n\n".to_owned(),
        (false, _) => format!(
            "### eci plan: {}\n\n",
            counts(&plan.summary()).trim_end_matches('.')
        ),
    };
    text.push_str(&partial(plan));
    let taken_over: String = taken_over_lines(plan)
        .map(|line| format!("- {}\n", cell(&line)))
        .collect();
    if !taken_over.is_empty() {
        text.push_str(&format!("**{TAKEN_OVER}**\n\n{taken_over}\n"));
    }
    let changing: Vec<&Step> = plan
        .steps()
        .iter()
        .filter(|step| step.action.is_change())
        .collect();
    if !changing.is_empty() {
        text.push_str("| | resource | action | because | place |\n|---|---|---|---|---|\n");
        for step in changing.iter().take(MOST_ROWS) {
            text.push_str(&row(step));
        }
        text.push('\n');
        if changing.len() > MOST_ROWS {
            let rest = changing.len() - MOST_ROWS;
            text.push_str(&format!("… and {rest} more.\n\n"));
        }
    }
    if let Some(cost) = cost.filter(|_| !plan.is_empty()) {
        text.push_str(&cost::markdown(cost));
        text.push('\n');
    }
    text.push_str("<details><summary>Details</summary>\n\n");
    let style = Style::plain().with_width(WIDTH).with_color(true);
    text.push_str(&fenced(&(details(plan, style) + &renames(plan, style))));
    text.push_str("\n</details>\n");
    text
}

/// Why there is no plan, as a comment of a pull request.
pub fn failed_markdown(report: &str) -> String {
    let body = shortened(report.trim_end().lines().map(str::to_owned));
    let fence = fence(&body);
    format!("### eci plan: failed\n\n{fence}text\n{body}{fence}\n")
}

/// Says that a plan is partial, and which dependents of its changes it leaves out.
fn partial(plan: &Plan) -> String {
    let Some(scope) = plan.partial() else {
        return String::new();
    };
    let omitted = &scope.omitted_dependents;
    if omitted.is_empty() {
        return format!("**{PARTIAL}**\n\n");
    }
    let lines = omitted.iter().take(MOST_DEPENDENTS).map(|omitted| {
        let address = code(&omitted.address.to_string());
        let depends_on = code(&omitted.depends_on.to_string());
        format!("- {address} (depends on {depends_on})\n")
    });
    let lines: String = lines.collect();
    let rest = match omitted.len().saturating_sub(MOST_DEPENDENTS) {
        0 => String::new(),
        rest => format!("- … and {rest} more\n"),
    };
    format!("**{PARTIAL}** {OMITTED}\n\n{lines}{rest}\n")
}

/// The columns of the details.
const WIDTH: usize = 100;

fn row(step: &Step) -> String {
    let because = step
        .reason
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let place = step
        .place
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    format!(
        "| {} | {} | {} | {} | {} |\n",
        code(sign(step).0),
        code(&step.address.to_string()),
        step.action.name(),
        cell(&because),
        code(&place),
    )
}

/// Returns the text as a diff, which has its own colors: signs go to the first column.
fn fenced(text: &str) -> String {
    let body = shortened(text.trim_end().lines().map(signed));
    let fence = fence(&body);
    format!("{fence}diff\n{body}{fence}\n")
}

/// The lines, as far as a comment takes them.
fn shortened(lines: impl Iterator<Item = String>) -> String {
    let mut body = String::new();
    for line in lines {
        if body.len() + line.len() > MOST_DETAILS {
            body.push_str("  … the rest is left out here: see `eci plan`\n");
            break;
        }
        body.push_str(&line);
        body.push('\n');
    }
    body
}

/// A fence that the text does not have.
fn fence(body: &str) -> String {
    let mut fence = "```".to_owned();
    while body.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// Only a sign of ours has a colour: a line of a file may begin with `-` as well.
fn signed(line: &str) -> String {
    let first = match line.trim_start() {
        rest if Part::Create.begins(rest) => '+',
        rest if Part::Delete.begins(rest) => '-',
        rest if Part::Update.begins(rest) || Part::Replace.begins(rest) => '!',
        _ => ' ',
    };
    let text = without_color(line);
    format!("{first}{text}").trim_end().to_owned()
}
