//! Values that differ from run to run, and the names that replace them.
//!
//! | in the text | for |
//! |---|---|
//! | `<web#1>` | the ID of the first created group of the name `web` |
//! | `<web#1.eip>` | the id of its automatic EIP |
//! | `<address>` | an address that the cloud gave |
//! | `<operation>`, `<digest>`, `<uuid>`, `<time>`, `<n> s` | what they say |
//! | `[project]` | the directory of the manifests |

use std::collections::HashMap;
use std::sync::LazyLock;

use eci_sandbox::{ChangeKind, SimulatedCloud};
use regex::Regex;

/// The names of all groups that were ever created.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By id.
    names: HashMap<String, String>,
}

static FILTERS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"\b(10|198)(\.\d{1,3}){3}\b", "<address>"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
        (r"<uuid>\.[0-9a-f]{32}\b", "<operation>"),
        (r"\b[0-9a-f]{64}\b", "<digest>"),
        (r"\b[0-9a-f]{32}\b", "<order>"),
        (r"\bport-[0-9a-z]{10}\b", "<port>"),
        (
            r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?",
            "<time>",
        ),
        (r"\b\d+(\.\d|m\d\d)s\b", "<n>s"),
        (r"http://127\.0\.0\.1:\d+", "<cloud>"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .into()
});

impl Names {
    /// Returns the names in a cloud.
    pub fn of(sandbox: &SimulatedCloud) -> Names {
        let mut names = HashMap::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let ledger = sandbox.audit_log();
        for entry in ledger
            .iter()
            .filter(|entry| entry.change == ChangeKind::Create)
        {
            let name = &entry.name;
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            // The simulated cloud derives it from the id of the group.
            if let Some(letters) = entry.id.strip_prefix("eci-").and_then(|id| id.get(..10)) {
                names.insert(format!("eip-{letters}"), format!("<{name}#{count}.eip>"));
            }
            names.insert(entry.id.clone(), format!("<{name}#{count}>"));
        }
        Names { names }
    }

    /// Returns the name that replaces an ID.
    pub fn name(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    /// Returns a text with names in place of what differs from run to run.
    pub fn mask(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (id, name) in &self.names {
            text = text.replace(id, name);
        }
        for (pattern, name) in FILTERS.iter() {
            text = pattern.replace_all(&text, *name).into_owned();
        }
        text
    }

    /// Returns the other way round: a text with ids in place of their names.
    pub fn unmask(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (id, name) in &self.names {
            text = text.replace(name, id);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_get_their_names_and_names_their_ids() {
        let names = Names {
            names: HashMap::from([("eci-x".to_owned(), "<web#1>".to_owned())]),
        };
        assert_eq!(
            names.mask("created eci-x at 10.0.0.2"),
            "created <web#1> at <address>"
        );
        assert_eq!(names.unmask("import a <web#1>"), "import a eci-x");
    }
}
