//! The values that can be completed, option by option.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use eci_core::{Address, Code, Subject, codes};
use eci_text::Lang;

use super::names::Names;
use crate::help;

/// The most candidates of one completion; more are of no use, and take long to show.
const MOST: usize = 1000;

/// A set of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// Resources and modules, declared or in the state.
    Addresses,
    /// Resources and modules in the state.
    Recorded,
    /// Container groups, declared or in the state.
    ContainerGroups,
    Codes,
    Outputs,
    /// Names of variables, followed by `=`.
    Variables,
    Workspaces,
}

/// Returns the command with candidates for the values of its options.
pub(super) fn added(command: Command, names: &Arc<Names>) -> Command {
    let name = command.get_name().to_owned();
    described(command, names.lang())
        .mut_subcommands(|subcommand| added(subcommand, names))
        .mut_args(|option| match Values::of(&name, &option) {
            Some(values) => {
                let names = Arc::clone(names);
                option.add(ArgValueCompleter::new(move |current: &OsStr| {
                    values.candidates(&names, current)
                }))
            }
            None => option,
        })
}

/// Returns the command with what its subcommands, options and their values are for in a language.
fn described(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let translated = |text: &StyledStr| help::text(lang, &text.to_string()).to_owned();
    command
        .mut_subcommands(|subcommand| match subcommand.get_about().map(translated) {
            Some(about) => subcommand.about(about),
            None => subcommand,
        })
        .mut_args(|option| {
            let values = option.get_possible_values();
            let option = match option.get_help().map(translated) {
                Some(help) => option.help(help),
                None => option,
            };
            if values.iter().all(|value| value.get_help().is_none()) {
                return option;
            }
            let values = values
                .into_iter()
                .map(|value| match value.get_help().map(translated) {
                    Some(help) => value.help(help),
                    None => value,
                });
            option.value_parser(PossibleValuesParser::new(values))
        })
}

impl Values {
    fn of(command: &str, option: &Arg) -> Option<Values> {
        let is_address = || {
            let of = option.get_value_parser().type_id();
            of == TypeId::of::<Address>() || of == TypeId::of::<Subject>()
        };
        match (command, option.get_id().as_str()) {
            ("explain", "code") => Some(Values::Codes),
            ("output", "name") => Some(Values::Outputs),
            ("select" | "delete", "name") | (_, "workspace") => Some(Values::Workspaces),
            (_, "values") if option.get_long() == Some("var") => Some(Values::Variables),
            ("show", "address") | ("list", "named") | ("mv", "from") | ("rm", "addresses") => {
                Some(Values::Recorded)
            }
            ("events" | "exec" | "logs" | "restart" | "taint" | "untaint", "address") => {
                Some(Values::ContainerGroups)
            }
            _ => is_address().then_some(Values::Addresses),
        }
    }

    fn candidates(self, names: &Names, current: &OsStr) -> Vec<CompletionCandidate> {
        let Some(current) = current.to_str() else {
            return Vec::new();
        };
        let values: BTreeMap<String, Option<String>> = match self {
            Values::Addresses => names.recorded().chain(names.declared()).collect(),
            Values::Recorded => names.recorded().collect(),
            Values::ContainerGroups => {
                let both = names.recorded().chain(names.declared());
                both.filter(|(address, _)| runs_containers(address))
                    .collect()
            }
            Values::Outputs => names.outputs().collect(),
            Values::Variables => names.variables().collect(),
            Values::Workspaces => names.workspaces().collect(),
            Values::Codes => {
                let prefix = current.to_ascii_uppercase();
                let codes = codes::all().filter(|code| code.number.starts_with(&prefix));
                let title = |code: &Code| code.title.get(names.lang()).to_owned();
                return codes
                    .map(|code| candidate(code.number.to_owned(), Some(title(code))))
                    .collect();
            }
        };
        let fitting = values
            .into_iter()
            .filter(|(value, _)| value.starts_with(current));
        fitting
            .take(MOST)
            .map(|(value, help)| candidate(value, help))
            .collect()
    }
}

fn candidate(value: String, help: Option<String>) -> CompletionCandidate {
    CompletionCandidate::new(value).help(help.map(Into::into))
}

fn runs_containers(address: &str) -> bool {
    let address = address.parse::<Address>();
    address.is_ok_and(|address| address.kind().properties().runs_containers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::arguments::Program;

    fn values(path: &[&str], option: &str) -> Option<Values> {
        let mut command = Program::Eci.command_line();
        command.build();
        let mut command = &command;
        for name in path {
            command = command.find_subcommand(name).unwrap();
        }
        let mut options = command.get_arguments();
        let found = options.find(|found| found.get_id() == option).unwrap();
        Values::of(command.get_name(), found)
    }

    #[test]
    fn options_have_the_values_that_they_are_about() {
        for (path, option, expected) in [
            (&["plan"][..], "targets", Values::Addresses),
            (&["apply"], "replace", Values::Addresses),
            (&["destroy"], "exclude", Values::Addresses),
            (&["import"], "address", Values::Addresses),
            (&["plan"], "values", Values::Variables),
            (&["plan"], "workspace", Values::Workspaces),
            (&["state", "show"], "address", Values::Recorded),
            (&["state", "rm"], "addresses", Values::Recorded),
            (&["state", "mv"], "from", Values::Recorded),
            (&["state", "list"], "named", Values::Recorded),
            (&["logs"], "address", Values::ContainerGroups),
            (&["taint"], "address", Values::ContainerGroups),
            (&["workspace", "select"], "name", Values::Workspaces),
            (&["workspace", "delete"], "name", Values::Workspaces),
            (&["explain"], "code", Values::Codes),
            (&["output"], "name", Values::Outputs),
        ] {
            assert_eq!(values(path, option), Some(expected), "{path:?} {option}");
        }
        assert_eq!(values(&["workspace", "new"], "name"), None);
        assert_eq!(values(&["plan"], "out"), None);
    }
}
