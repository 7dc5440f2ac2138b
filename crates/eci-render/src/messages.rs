//! Messages for programs, one JSON object a line: the machine-readable output of Terraform.

mod operation;

use std::collections::BTreeMap;

use eci_config::Outline;
use eci_core::{Address, Diagnostic, Diagnostics};
use eci_executor::{ApplyOutcome, FailedOutput, Failure, StopMode, TaskError};
use eci_planner::{Action, Drift, Mode, OutputChange, Plan, Step};
use eci_state::OutputState;
use jiff::Timestamp;
use serde_json::{Map as Object, Value as Json, json};

use super::document::{TERRAFORM, module_of};
use super::failure::{KEEPS_VALUE, explanation, what_failed};
use super::plan::action_reason;
use super::style::Style;
use super::{outputs, report};

pub use operation::OperationProgress;

/// The version of the messages that are written.
const UI: &str = "1.2";

/// One message, without the time at which it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonMessage {
    level: Level,
    text: String,
    ty: &'static str,
    fields: Object<String, Json>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

impl JsonMessage {
    fn new(ty: &'static str, text: impl Into<String>) -> JsonMessage {
        JsonMessage {
            level: Level::Info,
            text: text.into(),
            ty,
            fields: Object::new(),
        }
    }

    fn with(mut self, key: &str, value: impl Into<Json>) -> JsonMessage {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// Changes the commands in its texts, for example to repeat options of the run in them.
    #[must_use]
    pub fn with_commands(mut self, change: impl Fn(&str) -> String) -> JsonMessage {
        self.text = change(&self.text);
        let mut diagnostic = self.fields.get_mut("diagnostic");
        for key in ["summary", "detail"] {
            let text = diagnostic.as_mut().and_then(|it| it.get_mut(key));
            if let Some(Json::String(text)) = text {
                *text = change(text);
            }
        }
        self
    }

    fn at(self, level: Level) -> JsonMessage {
        JsonMessage { level, ..self }
    }

    /// Returns the line that is written at that time.
    pub fn line(mut self, now: Timestamp) -> String {
        let level = match self.level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let fields = &mut self.fields;
        fields.insert("@level".into(), json!(level));
        fields.insert("@message".into(), json!(self.text));
        fields.insert("@module".into(), json!("terraform.ui"));
        fields.insert("@timestamp".into(), json!(format!("{now:.6}")));
        fields.insert("type".into(), json!(self.ty));
        Json::Object(self.fields).to_string()
    }
}

/// Creates the first message.
pub fn version() -> JsonMessage {
    JsonMessage::new("version", format!("eci {}", env!("CARGO_PKG_VERSION")))
        .with("terraform", TERRAFORM)
        .with("ui", UI)
}

/// Creates a message for any text that has no message type.
pub fn log(text: impl Into<String>) -> JsonMessage {
    JsonMessage::new("log", text)
}

/// Creates the message of a diagnostic.
pub fn diagnostic(diagnostic: &Diagnostic) -> JsonMessage {
    diagnostic_message(report::published(diagnostic))
}

/// Creates the messages of diagnostics, as far as they are written, and one about those left out.
pub fn diagnostics(diagnostics: &Diagnostics) -> impl Iterator<Item = JsonMessage> {
    let omitted = report::omitted(diagnostics);
    let last = (omitted > 0).then(|| log(format!("{omitted} more are not shown")));
    report::written(diagnostics).map(diagnostic).chain(last)
}

/// Creates the message of an error without a diagnostic, with its remedy.
pub fn error(summary: &str, detail: Option<&str>) -> JsonMessage {
    diagnostic_message(report::problem(summary, detail))
}

fn diagnostic_message(diagnostic: Object<String, Json>) -> JsonMessage {
    let summary = diagnostic["summary"].as_str().unwrap_or_default();
    let (level, word) = if diagnostic["severity"] == "warning" {
        (Level::Warn, "Warning")
    } else {
        (Level::Error, "Error")
    };
    JsonMessage::new("diagnostic", format!("{word}: {summary}"))
        .at(level)
        .with("diagnostic", Json::Object(diagnostic))
}

/// Creates the messages of a plan.
pub fn plan(plan: &Plan, outline: &Outline) -> Vec<JsonMessage> {
    let mut messages: Vec<JsonMessage> = plan
        .drift()
        .iter()
        .filter(|it| it.matters())
        .map(drift)
        .collect();
    let is_change = |step: &&Step| {
        step.action.is_change() || step.moved_from.is_some() || step.import.is_some()
    };
    let changes = plan.steps().iter().filter(is_change);
    messages.extend(changes.map(|step| planned_change(step, outline)));
    let summary = plan.summary();
    messages.push(change_summary(&Counts {
        add: summary.create + summary.replace,
        change: summary.update,
        import: summary.import,
        remove: summary.delete + summary.replace,
        operation: Operation::Plan,
    }));
    let outputs = plan.outputs();
    if !outputs.is_empty() {
        let planned = outputs
            .iter()
            .map(|change| (change.name.clone(), planned_output(change)));
        let planned: Object<String, Json> = planned.collect();
        messages.push(outputs_message(planned));
    }
    messages
}

fn drift(drift: &Drift) -> JsonMessage {
    let action = if drift.is_missing { "delete" } else { "update" };
    let text = format!("{}: Drift detected ({action})", drift.address);
    let change = json!({ "resource": resource(&drift.address), "action": action });
    JsonMessage::new("resource_drift", text).with("change", change)
}

fn planned_change(step: &Step, outline: &Outline) -> JsonMessage {
    let action = match step.action {
        Action::NoOp if step.moved_from.is_some() => "move",
        Action::NoOp if step.import.is_some() => "import",
        Action::NoOp => "noop",
        Action::Forget => "remove",
        other => other.name(),
    };
    let mut change = json!({ "resource": resource(&step.address), "action": action });
    if let Some(from) = &step.moved_from {
        change["previous_resource"] = resource(from);
    }
    if let Some(id) = &step.import {
        change["importing"] = json!({ "id": id });
    }
    if let Some(reason) = action_reason(step, outline) {
        change["reason"] = json!(match reason {
            "replace_because_tainted" => "tainted",
            "replace_because_cannot_update" => "cannot_update",
            "replace_by_triggers" => "replace_triggered_by",
            "replace_by_request" => "requested",
            deleted => deleted,
        });
    }
    let text = format!("{}: Plan to {action}", step.address);
    JsonMessage::new("planned_change", text).with("change", change)
}

fn planned_output(change: &OutputChange) -> Json {
    let action = match change {
        change if !change.changed => "noop",
        change if change.after.is_null() => "delete",
        change if change.before.is_null() => "create",
        _ => "update",
    };
    let sensitive =
        change.sensitive || change.before.has_sensitive() || change.after.has_sensitive();
    json!({ "sensitive": sensitive, "action": action })
}

/// Creates the message of the outputs after a run; the values of secrets are left out.
pub fn outputs(recorded: &BTreeMap<String, OutputState>) -> JsonMessage {
    let mut outputs = match outputs::json(recorded) {
        Json::Object(outputs) => outputs,
        _ => Object::new(),
    };
    for output in outputs.values_mut().filter_map(Json::as_object_mut) {
        if output.get("sensitive") == Some(&json!(true)) {
            output.remove("value");
        }
    }
    outputs_message(outputs)
}

fn outputs_message(outputs: Object<String, Json>) -> JsonMessage {
    let text = format!("Outputs: {}", outputs.len());
    JsonMessage::new("outputs", text).with("outputs", Json::Object(outputs))
}

/// Creates the messages of the outcome of a run.
pub fn ending(outcome: &ApplyOutcome, mode: Mode) -> Vec<JsonMessage> {
    let failed = outcome.failed.iter().map(failure);
    let outputs = outcome.failed_outputs.iter().map(failed_output);
    let skipped = outcome.skipped.iter().map(|skipped| {
        let detail = format!("Its dependency {} failed.", skipped.cause);
        error(&format!("{} was skipped", skipped.address), Some(&detail))
    });
    let mut messages: Vec<JsonMessage> = failed.chain(outputs).chain(skipped).collect();
    if outcome.stopped != StopMode::Run {
        messages.push(log("Interrupted."));
    }
    let count = |action: &str| outcome.changed.get(action).copied().unwrap_or_default();
    messages.push(change_summary(&Counts {
        add: count("create") + count("replace"),
        change: count("update"),
        import: count("import"),
        remove: count("delete") + count("replace"),
        operation: match (mode, outcome.has_done_all()) {
            (Mode::Destroy, true) => Operation::Destroy,
            (_, true) => Operation::Apply,
            (Mode::Destroy, false) => Operation::PartOfDestroy,
            (_, false) => Operation::PartOfApply,
        },
    }));
    messages
}

fn failure(failure: &Failure) -> JsonMessage {
    let Failure {
        address,
        action,
        problem,
    } = failure;
    let summary = format!("{address} {}", what_failed(*action, problem).en());
    let mut detail = vec![problem.to_string()];
    if let TaskError::NotReady(not_ready) = problem {
        detail.push(explanation(not_ready, Style::plain()));
    }
    if let TaskError::Evaluation(diagnostics) = problem {
        let all = diagnostics.0.iter();
        detail.extend(all.map(|diagnostic| diagnostic.message.to_string()));
    }
    detail.extend(problem.help().map(|help| help.en().to_owned()));
    let mut diagnostic = report::problem(&summary, Some(&detail.join("\n")));
    diagnostic.insert("address".into(), json!(address.to_string()));
    diagnostic_message(diagnostic)
}

fn failed_output(failed: &FailedOutput) -> JsonMessage {
    let summary = format!("output.{} {}", failed.name, KEEPS_VALUE.en());
    error(&summary, Some(&failed.problem.to_string()))
}

/// The numbers of resources concerned.
struct Counts {
    add: usize,
    change: usize,
    import: usize,
    remove: usize,
    operation: Operation,
}

enum Operation {
    Plan,
    Apply,
    Destroy,
    PartOfApply,
    PartOfDestroy,
}

fn change_summary(counts: &Counts) -> JsonMessage {
    let Counts {
        add,
        change,
        import,
        remove,
        operation,
    } = counts;
    let (name, head, ending) = match operation {
        Operation::Plan => (
            "plan",
            "Plan:",
            ["to add", "to change", "to destroy", "to import"],
        ),
        Operation::Apply => ("apply", "Apply complete! Resources:", DONE),
        Operation::Destroy => ("destroy", "Destroy complete! Resources:", DONE),
        Operation::PartOfApply => ("apply", "Apply incomplete! Resources:", DONE),
        Operation::PartOfDestroy => ("destroy", "Destroy incomplete! Resources:", DONE),
    };
    let [added, changed, destroyed, imported] = ending;
    let imports = match import {
        0 => String::new(),
        count => format!("{count} {imported}, "),
    };
    let text = match operation {
        Operation::Destroy | Operation::PartOfDestroy => format!("{head} {remove} {destroyed}."),
        _ => format!("{head} {imports}{add} {added}, {change} {changed}, {remove} {destroyed}."),
    };
    let changes = json!({
        "add": add,
        "change": change,
        "import": import,
        "remove": remove,
        "operation": name,
    });
    JsonMessage::new("change_summary", text).with("changes", changes)
}

const DONE: [&str; 4] = ["added", "changed", "destroyed", "imported"];

fn resource(address: &Address) -> Json {
    let own = Address::new(address.kind(), &**address.label());
    let own = match address.key() {
        Some(key) => own.instance(&**key),
        None => own,
    };
    json!({
        "addr": address.to_string(),
        "module": module_of(address).unwrap_or_default(),
        "resource": own.to_string(),
        "implied_provider": "ctyun",
        "resource_type": address.kind().name(),
        "resource_name": &**address.label(),
        "resource_key": address.key().map(|key| &**key),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_when_and_how_bad() {
        let now = Timestamp::from_second(1_700_000_000).unwrap_or_default();
        let line = error("it broke", Some("fix it")).line(now);
        let message: Json = serde_json::from_str(&line).unwrap_or_default();
        assert_eq!(
            message,
            json!({
                "@level": "error",
                "@message": "Error: it broke",
                "@module": "terraform.ui",
                "@timestamp": "2023-11-14T22:13:20.000000Z",
                "type": "diagnostic",
                "diagnostic": { "severity": "error", "summary": "it broke", "detail": "fix it" },
            })
        );
    }
}
