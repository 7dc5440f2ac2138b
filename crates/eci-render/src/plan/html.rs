//! A plan as a web page, for example an artifact of a pipeline.

use eci_executor::Cost;
use eci_planner::{Plan, Step};
use eci_text::{Lang, html as escaped, say};

use super::block::sign;
use super::reason::clause;
use super::summary::counts;
use super::text;
use crate::Style;
use crate::actions::action_words;
use crate::style::{TextRole, parts};

/// The width of the details.
const WIDTH: usize = 100;

/// The style sheet: the page loads nothing.
const LOOK: &str = "\
:root { color-scheme: light dark; --create: #1a7f37; --update: #9a6700; --delete: #cf222e;
  --replace: #8250df; --record: #1b7c83; --faint: #6e7781; }
@media (prefers-color-scheme: dark) { :root { --create: #3fb950; --update: #d29922;
  --delete: #f85149; --replace: #bc8cff; --record: #39c5cf; --faint: #8b949e; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: .3rem .6rem; text-align: left;
  vertical-align: top; }
pre { font: 13px/1.45 ui-monospace, monospace; overflow-x: auto; }
code { font: 13px ui-monospace, monospace; }
.create { color: var(--create); } .update { color: var(--update); }
.delete { color: var(--delete); } .replace { color: var(--replace); }
.record { color: var(--record); } .faint { color: var(--faint); } .strong { font-weight: 600; }
";

/// Returns a plan as a page: its summary, a table of actions, and all that [`text()`](text::text)
/// shows.
pub fn html(plan: &Plan, cost: Option<&Cost>, workspace: Option<&str>, lang: Lang) -> String {
    let mut page = if plan.is_empty() {
        head(lang.pick("no changes", "无变更"), lang)
    } else {
        head(&counts(&plan.summary(), lang), lang)
    };
    if let Some(workspace) = workspace {
        let word = lang.pick("Workspace", "工作区");
        page.push_str(&format!(
            "<p>{word} <code>{}</code></p>\n",
            escaped(workspace)
        ));
    }
    let steps = plan.steps().iter();
    let mut changing = steps.filter(|step| step.action.is_change()).peekable();
    if changing.peek().is_some() {
        page.push_str(lang.pick(
            "<table>\n<tr><th></th><th>resource</th><th>action</th><th>reason</th><th>location</th>\
             </tr>\n",
            "<table>\n<tr><th></th><th>资源</th><th>操作</th><th>原因</th><th>位置</th></tr>\n",
        ));
        page.extend(changing.map(|step| row(step, lang)));
        page.push_str("</table>\n");
    }
    let style = Style::plain()
        .with_width(WIDTH)
        .with_color(true)
        .with_lang(lang);
    let details = text::text(plan, cost, style);
    page.push_str(&format!("<pre>\n{}</pre>\n", colored(&details)));
    page.push_str(END);
    page
}

/// Returns the errors that prevented a plan as a page.
pub fn failed_html(report: &str, lang: Lang) -> String {
    let head = head(lang.pick("failed", "失败"), lang);
    format!("{head}<pre>\n{}</pre>\n{END}", escaped(report))
}

const END: &str = "</body>\n</html>\n";

fn head(title: &str, lang: Lang) -> String {
    let title = say!(lang, en: "eci plan: {title}", zh: "eci plan：{title}", title = title);
    let tag = lang.pick("en", "zh-CN");
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{LOOK}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n"
    )
}

fn row(step: &Step, lang: Lang) -> String {
    let (sign, part) = sign(step);
    let reason = step.reason.as_ref().map(|reason| clause(reason, lang));
    let place = step.place.as_ref().map(ToString::to_string);
    format!(
        "<tr><td class=\"{}\"><code>{}</code></td><td><code>{}</code></td><td>{}</td><td>{}</td>\
         <td><code>{}</code></td></tr>\n",
        class(part),
        escaped(sign),
        escaped(&step.address.to_string()),
        action_words(step.action).noun.get(lang),
        escaped(&reason.unwrap_or_default()),
        escaped(&place.unwrap_or_default()),
    )
}

/// Returns text with the colors of a terminal as HTML.
fn colored(text: &str) -> String {
    let mut page = String::with_capacity(text.len() * 5 / 4);
    for (part, text) in parts(text) {
        match part {
            Some(part) => page.push_str(&format!(
                "<span class=\"{}\">{}</span>",
                class(part),
                escaped(text)
            )),
            None => page.push_str(&escaped(text)),
        }
    }
    page
}

fn class(part: TextRole) -> &'static str {
    match part {
        TextRole::Create => "create",
        TextRole::Update | TextRole::Warning => "update",
        TextRole::Delete | TextRole::Error => "delete",
        TextRole::Replace => "replace",
        TextRole::Record | TextRole::Help => "record",
        TextRole::Strong => "strong",
        TextRole::Faint => "faint",
    }
}
