//! A plan as a page to keep beside a pipeline's run.

use eci_executor::Cost;
use eci_planner::{Plan, Step};
use eci_text::html as escaped;

use super::block::sign;
use super::text::{self, counts};
use crate::Style;
use crate::style::{Part, parts};

/// The columns of the details.
const WIDTH: usize = 100;

/// Everything that the page needs: it loads nothing.
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

/// A page of its own: how much it is, a table of what is to be done, and all that
/// [`text()`](text::text) tells.
pub fn html(plan: &Plan, cost: Option<&Cost>, workspace: Option<&str>) -> String {
    let title = match plan.is_empty() {
        true => "no changes".to_owned(),
        false => counts(&plan.summary()).trim_end_matches('.').to_owned(),
    };
    let mut page = head(&title);
    if let Some(workspace) = workspace {
        page.push_str(&format!(
            "<p>Workspace <code>{}</code></p>\n",
            escaped(workspace)
        ));
    }
    let steps = plan.steps().iter();
    let mut changing = steps.filter(|step| step.action.is_change()).peekable();
    if changing.peek().is_some() {
        page.push_str(
            "<table>\n<tr><th></th><th>resource</th><th>action</th><th>because</th><th>place</th>\
             </tr>\n",
        );
        page.extend(changing.map(row));
        page.push_str("</table>\n");
    }
    let style = Style::plain().with_width(WIDTH).with_color(true);
    let details = text::text(plan, cost, style);
    page.push_str(&format!("<pre>\n{}</pre>\n", colored(&details)));
    page.push_str(END);
    page
}

/// Why there is no plan, as a page of its own.
pub fn failed_html(report: &str) -> String {
    let head = head("failed");
    format!("{head}<pre>\n{}</pre>\n{END}", escaped(report))
}

const END: &str = "</body>\n</html>\n";

fn head(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>eci plan: {title}</title>\n<style>\n{LOOK}</style>\n</head>\n<body>\n\
         <h1>eci plan: {title}</h1>\n"
    )
}

fn row(step: &Step) -> String {
    let (sign, part) = sign(step);
    let because = step.reason.as_ref().map(ToString::to_string);
    let place = step.place.as_ref().map(ToString::to_string);
    format!(
        "<tr><td class=\"{}\"><code>{}</code></td><td><code>{}</code></td><td>{}</td><td>{}</td>\
         <td><code>{}</code></td></tr>\n",
        class(part),
        escaped(sign),
        escaped(&step.address.to_string()),
        step.action.name(),
        escaped(&because.unwrap_or_default()),
        escaped(&place.unwrap_or_default()),
    )
}

/// Text with the colours of a terminal, as it looks there.
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

fn class(part: Part) -> &'static str {
    match part {
        Part::Create => "create",
        Part::Update | Part::Warning => "update",
        Part::Delete | Part::Error => "delete",
        Part::Replace => "replace",
        Part::Record | Part::Help => "record",
        Part::Strong => "strong",
        Part::Faint => "faint",
    }
}
