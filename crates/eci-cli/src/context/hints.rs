//! Commands in hints, with the global options that the user gave: a command that is copied from
//! a hint has to reach the same configuration, state and cloud.

use std::path::Path;

use eci_core::quote::shell_word;
use eci_sandbox::Speed;

use crate::arguments::GlobalArgs;

/// The beginning of a command in a hint.
const START: &str = "`eci ";

/// Commands whose second word is a command as well.
const NESTED: [&str; 2] = ["state", "workspace"];

/// Commands that no global option changes.
const INDEPENDENT: [&str; 6] = [
    "completions",
    "explain",
    "lsp",
    "sandbox",
    "schema",
    "version",
];

/// Commands that use the configuration alone.
const OF_CONFIGURATION: [&str; 3] = ["fmt", "init", "validate"];

/// A global option as it is repeated.
struct RepeatedOption {
    flag: &'static str,
    value: Option<String>,
    /// An environment variable that says the same in the same shell.
    variable: Option<&'static str>,
}

impl RepeatedOption {
    fn is_in_environment(&self) -> bool {
        let variable = self.variable.and_then(|name| std::env::var(name).ok());
        variable.is_some() && variable.as_deref() == self.value.as_deref()
    }

    fn words(&self) -> String {
        match &self.value {
            Some(value) => format!(" {} {value}", self.flag),
            None => format!(" {}", self.flag),
        }
    }
}

fn given(globals: &GlobalArgs) -> Vec<RepeatedOption> {
    let option = |flag, value| RepeatedOption {
        flag,
        value: Some(value),
        variable: None,
    };
    let mut all = Vec::new();
    if let Some(directory) = &globals.directory {
        all.push(option("-C", in_shell(directory)));
    }
    if let Some(state) = &globals.state {
        all.push(option("--state", in_shell(state)));
    }
    let backend = globals.backend.iter();
    all.extend(backend.map(|setting| option("--backend", shell_word(setting))));
    if let Some(workspace) = &globals.workspace {
        all.push(RepeatedOption {
            variable: Some("ECI_WORKSPACE"),
            ..option("--workspace", shell_word(workspace))
        });
    }
    if globals.sandbox {
        all.push(RepeatedOption {
            flag: "--sandbox",
            value: None,
            variable: None,
        });
    }
    if let Some(speed) = globals.sandbox_speed.filter(|_| globals.sandbox) {
        let speed = match speed {
            Speed::Instant => "instant".to_owned(),
            Speed::Times(times) => times.to_string(),
        };
        all.push(RepeatedOption {
            variable: Some("ECI_SANDBOX_SPEED"),
            ..option("--sandbox-speed", speed)
        });
    }
    let endpoints = globals.endpoints.iter();
    all.extend(endpoints.map(|flag| option("--endpoint", shell_word(&flag.to_string()))));
    all.retain(|given| !given.is_in_environment());
    all
}

/// Adds the global options of this run to every command in a text.
pub(super) fn repeated(globals: &GlobalArgs, text: &str) -> String {
    let given = given(globals);
    if given.is_empty() || !text.contains(START) {
        return text.to_owned();
    }
    let mut parts = text.split(START);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (command, rest) = part.split_at(part.find('`').unwrap_or(part.len()));
        whole.push_str(START);
        whole.push_str(&with_options(command, &given));
        whole.push_str(rest);
    }
    whole
}

/// Returns a path as one word of a shell, for commands that are to be copied.
pub(crate) fn in_shell(path: &Path) -> String {
    shell_word(&path.to_string_lossy())
}

/// Adds to a command, without `eci`, those options that it does not have itself, after its name.
fn with_options(command: &str, given: &[RepeatedOption]) -> String {
    let words: Vec<&str> = command.split(' ').collect();
    let first = words.first().copied().unwrap_or_default();
    let names = if NESTED.contains(&first) {
        words.len().min(2)
    } else {
        1
    };
    if INDEPENDENT.contains(&first) {
        return command.to_owned();
    }
    // With `-C` it is about another configuration in the same cloud.
    let is_elsewhere = words.contains(&"-C");
    // Each workspace is migrated separately.
    let is_migration = words.contains(&"--migrate");
    let of_configuration = OF_CONFIGURATION.contains(&first);
    let options = given.iter().filter(|option| {
        let fits = match option.flag {
            "-C" => true,
            flag if is_elsewhere => flag == "--endpoint" && first != "state",
            "--workspace" if is_migration => true,
            "--workspace" => !of_configuration && first != "workspace",
            _ => !of_configuration,
        };
        fits && !words.contains(&option.flag)
    });
    let options: String = options.map(RepeatedOption::words).collect();
    let (name, arguments) = words.split_at(names);
    let mut whole = name.join(" ") + &options;
    for word in arguments {
        whole.push(' ');
        whole.push_str(word);
    }
    whole
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::Eci;

    fn hint(line: &str, text: &str) -> String {
        let eci = Eci::try_parse_from(line.split(' ')).unwrap();
        repeated(&eci.globals, text)
    }

    #[test]
    fn a_command_in_a_hint_has_the_global_options_of_the_run() {
        let line = "eci plan -C web --sandbox --sandbox-speed instant --state s --workspace blue";
        let options = "-C web --state s --workspace blue --sandbox --sandbox-speed instant";
        assert_eq!(
            hint(line, "run `eci apply x.eciplan` to apply it"),
            format!("run `eci apply {options} x.eciplan` to apply it")
        );
        assert_eq!(
            hint(line, "`eci state rm eip.a`, then `eci apply`"),
            format!("`eci state rm {options} eip.a`, then `eci apply {options}`")
        );
    }

    #[test]
    fn a_command_in_a_hint_has_the_endpoint_of_the_run() {
        let line = "eci plan --endpoint eci=http://localhost:1";
        assert_eq!(
            hint(line, "run `eci apply`"),
            "run `eci apply --endpoint eci=http://localhost:1`"
        );
    }

    #[test]
    fn a_command_in_a_hint_has_each_option_once_and_only_where_it_matters() {
        let line = "eci plan -C web --sandbox --workspace blue";
        for (text, expected) in [
            ("`eci explain E0202`", "`eci explain E0202`"),
            ("`eci init`", "`eci init -C web`"),
            (
                "`eci init --migrate`",
                "`eci init -C web --workspace blue --migrate`",
            ),
            ("`eci plan -C other`", "`eci plan -C other`"),
            (
                "`eci state rm -C DIR ADDRESS`",
                "`eci state rm -C DIR ADDRESS`",
            ),
            (
                "`eci workspace new NAME`",
                "`eci workspace new -C web --sandbox NAME`",
            ),
            (
                "`eci destroy --sandbox`",
                "`eci destroy -C web --workspace blue --sandbox`",
            ),
            (
                "执行 `eci apply` 进行恢复，或使用 `eci init`。",
                "执行 `eci apply -C web --workspace blue --sandbox` 进行恢复，或使用 `eci init -C web`。",
            ),
            ("`eci ", "`eci  -C web --workspace blue --sandbox"),
            ("`web` is new", "`web` is new"),
        ] {
            assert_eq!(hint(line, text), expected);
        }
        assert_eq!(hint("eci plan", "`eci apply`"), "`eci apply`");
    }
}
