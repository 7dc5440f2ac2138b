//! A plan as a comment of a pull request.

use eci_executor::Cost;
use eci_planner::{Drift, Plan, Step};
use eci_text::{Lang, markdown as cell, markdown_code as code, say};

use super::block::sign;
use super::cost;
use super::limits::{MOST_DETAILS, MOST_ROWS, more};
use super::reason::clause;
use super::summary::counts;
use super::text::{
    MOST_DEPENDENTS, OMITTED, PARTIAL, TAKEN_OVER, details, renames, taken_over_lines,
};
use crate::Style;
use crate::actions::action_words;
use crate::nouns::RESOURCE;
use crate::style::{TextRole, without_color};

/// Returns a plan as Markdown: a table of actions, the cost if there is one, and the folded details.
pub fn markdown(plan: &Plan, cost: Option<&Cost>, lang: Lang) -> String {
    let has_details = plan.drift().iter().any(Drift::matters)
        || !plan.protections().is_empty()
        || plan.waiting().next().is_some();
    if plan.is_empty() && !has_details {
        let mut text = say!(
            lang,
            en: "{head}{partial}{resources} unchanged.\n",
            zh: "{head}{partial}{resources}未变更。\n",
            head = heading(plan, lang),
            partial = partial(plan, lang),
            resources = RESOURCE.count(plan.summary().unchanged),
        );
        if let Some(cost) = cost {
            text.push('\n');
            text.push_str(&cost::markdown(cost, lang));
        }
        return text;
    }
    let mut text = heading(plan, lang);
    text.push_str(&partial(plan, lang));
    let taken_over: String = taken_over_lines(plan, lang)
        .map(|line| format!("- {}\n", cell(&line)))
        .collect();
    if !taken_over.is_empty() {
        let head = TAKEN_OVER.get(lang);
        text.push_str(&format!("**{head}**\n\n{taken_over}\n"));
    }
    let changing: Vec<&Step> = plan
        .steps()
        .iter()
        .filter(|step| step.action.is_change())
        .collect();
    if !changing.is_empty() {
        text.push_str(lang.pick(
            "| | resource | action | reason | location |\n|---|---|---|---|---|\n",
            "| | 资源 | 操作 | 原因 | 位置 |\n|---|---|---|---|---|\n",
        ));
        for step in changing.iter().take(MOST_ROWS) {
            text.push_str(&row(step, lang));
        }
        text.push('\n');
        if changing.len() > MOST_ROWS {
            let rest = changing.len() - MOST_ROWS;
            text.push_str(&more(rest, lang));
        }
    }
    if let Some(cost) = cost {
        text.push_str(&cost::markdown(cost, lang));
        text.push('\n');
    }
    let details_word = lang.pick("Details", "详细信息");
    text.push_str(&format!("<details><summary>{details_word}</summary>\n\n"));
    let style = Style::plain()
        .with_width(WIDTH)
        .with_color(true)
        .with_lang(lang);
    text.push_str(&fenced(
        &(details(plan, style) + &renames(plan, style)),
        lang,
    ));
    text.push_str("\n</details>\n");
    text
}

fn heading(plan: &Plan, lang: Lang) -> String {
    let protections = plan.protections().len();
    if !plan.is_empty() {
        say!(
            lang,
            en: "### eci plan: {counts}\n\n",
            zh: "### eci plan：{counts}\n\n",
            counts = counts(&plan.summary(), lang),
        )
    } else if protections > 0 {
        say!(
            lang,
            en: "### eci plan: {resources} to update in the state\n\n",
            zh: "### eci plan：更新状态中的 {resources}\n\n",
            resources = RESOURCE.count(protections),
        )
    } else {
        say!(lang, en: "### eci plan: no changes\n\n", zh: "### eci plan：无变更\n\n")
    }
}

/// Returns the errors that prevented a plan as Markdown.
pub fn failed_markdown(report: &str, lang: Lang) -> String {
    let body = shortened(report.trim_end().lines().map(str::to_owned), lang);
    let fence = fence(&body);
    let head = lang.pick("### eci plan: failed", "### eci plan：失败");
    format!("{head}\n\n{fence}text\n{body}{fence}\n")
}

/// Returns the statement that a plan is partial, and the dependents of its changes that it omits.
fn partial(plan: &Plan, lang: Lang) -> String {
    let Some(scope) = plan.partial() else {
        return String::new();
    };
    let head = PARTIAL.get(lang);
    let omitted = &scope.omitted_dependents;
    if omitted.is_empty() {
        return format!("**{head}**\n\n");
    }
    let lines = omitted.iter().take(MOST_DEPENDENTS).map(|omitted| {
        say!(
            lang,
            en: "- {address} (depends on {other})\n",
            zh: "- {address}（依赖 {other}）\n",
            address = code(&omitted.address.to_string()),
            other = code(&omitted.depends_on.to_string()),
        )
    });
    let lines: String = lines.collect();
    let rest = match omitted.len().saturating_sub(MOST_DEPENDENTS) {
        0 => String::new(),
        rest => say!(lang, en: "- … and {rest} more\n", zh: "- 另有 {rest} 个\n", rest = rest),
    };
    format!("**{head}** {}\n\n{lines}{rest}\n", OMITTED.get(lang))
}

/// The width of the details.
const WIDTH: usize = 100;

fn row(step: &Step, lang: Lang) -> String {
    let reason = step.reason.as_ref().map(|reason| clause(reason, lang));
    let place = step.place.as_ref().map(ToString::to_string);
    format!(
        "| {} | {} | {} | {} | {} |\n",
        code(sign(step).0),
        code(&step.address.to_string()),
        action_words(step.action).noun.get(lang),
        cell(&reason.unwrap_or_default()),
        code(&place.unwrap_or_default()),
    )
}

/// Returns the text as a diff, which has its own colors: signs go to the first column.
fn fenced(text: &str, lang: Lang) -> String {
    let body = shortened(text.trim_end().lines().map(signed), lang);
    let fence = fence(&body);
    format!("{fence}diff\n{body}{fence}\n")
}

/// Returns the lines, as far as a comment takes them.
fn shortened(lines: impl Iterator<Item = String>, lang: Lang) -> String {
    let mut body = String::new();
    for line in lines {
        if body.len() + line.len() > MOST_DETAILS {
            body.push_str(lang.pick(
                "  … the rest is omitted here; see `eci plan`\n",
                "  其余内容已省略，见 `eci plan` 的输出\n",
            ));
            break;
        }
        body.push_str(&line);
        body.push('\n');
    }
    body
}

/// Returns a fence that the text does not contain.
fn fence(body: &str) -> String {
    let mut fence = "```".to_owned();
    while body.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// Returns a line with its sign in the first column.
///
/// Only a sign of a plan has a color: a line of a file can start with `-` as well.
fn signed(line: &str) -> String {
    let first = match line.trim_start() {
        rest if TextRole::Create.begins(rest) => '+',
        rest if TextRole::Delete.begins(rest) => '-',
        rest if TextRole::Update.begins(rest) || TextRole::Replace.begins(rest) => '!',
        _ => ' ',
    };
    let text = without_color(line);
    format!("{first}{text}").trim_end().to_owned()
}
