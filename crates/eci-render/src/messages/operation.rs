//! The messages about the progress of one operation.

use std::time::Duration;

use eci_core::Address;
use eci_planner::TaskKind;
use serde_json::{Map as Object, Value as Json, json};

use super::{JsonMessage, resource};

/// The progress of an operation on a resource.
#[derive(Clone, Copy, Debug)]
pub struct OperationProgress<'a> {
    /// The resource.
    pub address: &'a Address,
    /// The kind of the operation.
    pub kind: TaskKind,
    /// The cloud's id, where it has one.
    pub id: Option<&'a str>,
}

impl OperationProgress<'_> {
    fn hook(self) -> Object<String, Json> {
        let mut hook = Object::new();
        hook.insert("resource".into(), resource(self.address));
        hook.insert("action".into(), json!(self.action()));
        if let Some(id) = self.id {
            hook.insert("id_key".into(), json!("id"));
            hook.insert("id_value".into(), json!(id));
        }
        hook
    }

    fn action(self) -> &'static str {
        match self.kind {
            TaskKind::Create | TaskKind::Resume => "create",
            TaskKind::Update | TaskKind::Detach | TaskKind::Unbind | TaskKind::Bind => "update",
            TaskKind::Delete => "delete",
            TaskKind::Import => "import",
            TaskKind::Forget => "remove",
            TaskKind::NoOp | TaskKind::Wait => "noop",
        }
    }

    /// Returns the name of the operation as a verb, and as a noun.
    fn words(self) -> [&'static str; 2] {
        match self.kind {
            TaskKind::Create | TaskKind::Resume => ["Creating", "Creation"],
            TaskKind::Update => ["Modifying", "Modifications"],
            TaskKind::Detach => ["Detaching", "Detachment"],
            TaskKind::Unbind => ["Unbinding", "Unbinding"],
            TaskKind::Bind => ["Binding", "Binding"],
            TaskKind::Delete => ["Destroying", "Destruction"],
            TaskKind::Import => ["Importing", "Import"],
            TaskKind::Forget => ["Removing", "Removal"],
            TaskKind::NoOp | TaskKind::Wait => ["Waiting", "Wait"],
        }
    }

    /// Creates the message of a start.
    pub fn start(self) -> JsonMessage {
        let text = format!("{}: {}...", self.address, self.words()[0]);
        JsonMessage::new("apply_start", text).with("hook", Json::Object(self.hook()))
    }

    /// Creates the message that the operation continues in another phase.
    pub fn progress(self, elapsed: Duration, phase: &str) -> JsonMessage {
        let verb = self.words()[0].to_lowercase();
        let seconds = elapsed.as_secs();
        let text = format!(
            "{}: Still {verb}... [{seconds}s elapsed] {phase}",
            self.address
        );
        JsonMessage::new("apply_progress", text).with("hook", self.timed(elapsed))
    }

    /// Creates the message of a completion.
    pub fn complete(self, elapsed: Duration) -> JsonMessage {
        let noun = self.words()[1];
        let id = self.id.map(|id| format!(" [id={id}]")).unwrap_or_default();
        let seconds = elapsed.as_secs();
        let text = format!("{}: {noun} complete after {seconds}s{id}", self.address);
        JsonMessage::new("apply_complete", text).with("hook", self.timed(elapsed))
    }

    /// Creates the message of a failure; a diagnostic follows at the end of the run.
    pub fn errored(self, elapsed: Duration) -> JsonMessage {
        let noun = self.words()[1];
        let seconds = elapsed.as_secs();
        let text = format!("{}: {noun} errored after {seconds}s", self.address);
        JsonMessage::new("apply_errored", text).with("hook", self.timed(elapsed))
    }

    fn timed(self, elapsed: Duration) -> Json {
        let mut hook = self.hook();
        let seconds = (elapsed.as_secs_f64() * 1000.0).round() / 1000.0;
        hook.insert("elapsed_seconds".into(), json!(seconds));
        Json::Object(hook)
    }
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;

    use super::*;

    #[test]
    fn operations_are_reported_with_their_resource_and_duration() {
        let address = Address::new(Kind::Volume, "data").instance("a");
        let work = OperationProgress {
            address: &address,
            kind: TaskKind::Create,
            id: Some("d-1"),
        };
        let message = work.complete(Duration::from_millis(1500));
        assert_eq!(
            message.text,
            "volume.data[\"a\"]: Creation complete after 1s [id=d-1]"
        );
        assert_eq!(
            message.fields["hook"],
            json!({
                "resource": {
                    "addr": "volume.data[\"a\"]",
                    "module": "",
                    "resource": "volume.data[\"a\"]",
                    "implied_provider": "ctyun",
                    "resource_type": "volume",
                    "resource_name": "data",
                    "resource_key": "a",
                },
                "action": "create",
                "id_key": "id",
                "id_value": "d-1",
                "elapsed_seconds": 1.5,
            })
        );
    }
}
