//! The programs by their names, and their command lines.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::{Eci, EciApply, EciPlan};

/// A program, which is a name of the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// `eci`, with every command.
    Eci,
    /// `eci-plan …`, which is `eci plan …`.
    Plan,
    /// `eci-apply …`, which is `eci apply …`.
    Apply,
}

impl Program {
    /// Every program.
    pub(crate) const ALL: [Program; 3] = [Program::Eci, Program::Plan, Program::Apply];

    /// Returns the name of the program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Program::Eci => "eci",
            Program::Plan => "eci-plan",
            Program::Apply => "eci-apply",
        }
    }

    /// Returns the program that a command line calls, by the first of its words; `eci` under
    /// every other name, for example that of a versioned copy.
    pub(crate) fn called(arguments: &[OsString]) -> Program {
        let name = arguments
            .first()
            .and_then(|name| Path::new(name).file_stem());
        let mut programs = Program::ALL.into_iter();
        let called = programs.find(|program| name.is_some_and(|name| name == program.name()));
        called.unwrap_or(Program::Eci)
    }

    /// Returns the description of the command line.
    pub(crate) fn command_line(self) -> Command {
        match self {
            Program::Eci => command_line::<Eci>(),
            Program::Plan => command_line::<EciPlan>(),
            Program::Apply => command_line::<EciApply>(),
        }
    }
}

/// Returns the description of a command line, with the aliases of other options.
pub(crate) fn command_line<T: CommandFactory>() -> Command {
    with_short_forms(T::command())
}

/// Adds `--json` wherever `--format json` is possible.
///
/// The parser never sees it: `terraform_style` replaces it before. It is described here for the
/// help, for completion and for suggestions.
fn with_short_forms(command: Command) -> Command {
    let command = command.mut_subcommands(with_short_forms);
    let has = |name: &str| {
        let mut options = command.get_arguments();
        let format = options.find(|option| option.get_long() == Some("format"));
        format.is_some_and(|format| {
            let values = format.get_possible_values();
            values.iter().any(|value| value.get_name() == name)
        })
    };
    let same = if has("events") {
        "Same as `--format events`"
    } else if has("json") {
        "Same as `--format json`"
    } else {
        return command;
    };
    let json = Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help_heading(None::<&str>)
        .help(same);
    command.arg(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_selects_the_program() {
        let called = |name: &str| Program::called(&[OsString::from(name)]);
        assert_eq!(called("eci-plan"), Program::Plan);
        assert_eq!(called("/usr/bin/eci-apply"), Program::Apply);
        assert_eq!(called("eci-apply.exe"), Program::Apply);
        for name in [
            "eci",
            "./eci",
            "eci-planner",
            "eci-failpoints",
            "eci-0.1",
            "",
        ] {
            assert_eq!(called(name), Program::Eci, "{name}");
        }
        assert_eq!(Program::called(&[]), Program::Eci);
    }
}
