//! Wrong usage that is right in other tools.

mod message;
mod near_names;
mod sentences;
mod terraform;
mod tips;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use eci_text::Text;

pub(crate) use message::message;
pub(crate) use terraform::is_without_effect;
pub(crate) use tips::is_command;

/// Names the whole option where one with one dash is unknown, and what was meant where an address
/// is given alone. Shows the usage of the command, and suggests only names that are near.
pub(crate) fn explained(mut error: Error, mut command: Command, arguments: &[OsString]) -> Error {
    command.build();
    if let Some(command) = failed_command(&error, &mut command) {
        with_tip_for_command(&mut error, command);
        // The parser shows what is present, to which belongs what comes from the environment.
        let usage = command.render_usage();
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
        near_names::suggest(&mut error, command);
    }
    near_names::remove_distant(&mut error);
    if matches!(error.get(ContextKind::Suggested), Some(ContextValue::StyledStrs(tips)) if tips.is_empty())
    {
        // It would be shown as empty lines.
        error.remove(ContextKind::Suggested);
    }
    if let Some(tip) = terraform_command(&error) {
        error.remove(ContextKind::SuggestedSubcommand);
        with_tip(&mut error, tip.en().to_owned());
        return error;
    }
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            match tips::import_of_id(&error, arguments) {
                Some(tip) => with_tip(&mut error, tip),
                None => name_variable(&mut error, &command, arguments),
            }
        }
        ErrorKind::UnknownArgument => explain_argument(&mut error, &command, arguments),
        _ => {}
    }
    error
}

/// Names an unknown argument as it was written, with a tip for what was meant.
fn explain_argument(error: &mut Error, command: &Command, arguments: &[OsString]) {
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy());
    let words: Vec<_> = words.take_while(|word| word != "--").collect();
    let chosen = chosen(command, words.iter().map(AsRef::as_ref));
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    // The parser takes an option with one dash for short ones, and names a letter of it.
    let option = words.iter().find_map(|word| single_dash(word, unknown));
    let (written, tip) = match option {
        Some(name) => (format!("-{name}"), tips::for_single_dash(name, chosen)),
        None => match tips::for_argument(unknown, chosen, &words, arguments) {
            Some(tip) => (unknown.clone(), Some(tip)),
            None => return,
        },
    };
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::InvalidArg, ContextValue::String(written));
    error.remove(ContextKind::Suggested);
    if let Some(tip) = tip {
        with_tip(error, tip);
    }
}

/// Returns the tip for a command of Terraform in the place of a command of eci.
fn terraform_command(error: &Error) -> Option<&'static Text> {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    // Groups of commands have others.
    let is_of_program = usage.to_string().starts_with("Usage: eci [");
    is_of_program
        .then(|| terraform::command_tip(unknown))
        .flatten()
}

/// Names the other form of a command whose arguments are missing.
fn with_tip_for_command(error: &mut Error, command: &Command) {
    let misses_all = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) => missing.iter().any(|name| name == "<ADDR>"),
        _ => false,
    };
    let is_import = command.get_name() == "import";
    if is_import && misses_all && error.kind() == ErrorKind::MissingRequiredArgument {
        with_tip(error, terraform::import_tip().en().to_owned());
    }
}

/// Adds a tip.
///
/// An empty list of tips would be shown as empty lines.
fn with_tip(error: &mut Error, tip: String) {
    let tips = vec![StyledStr::from(tip)];
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
}

/// Returns the command line that requests the help of the command of an error.
pub(crate) fn help_request(error: &Error) -> Vec<OsString> {
    let Some(ContextValue::String(names)) = error.get(ContextKind::InvalidSubcommand) else {
        return vec!["eci".into(), "-h".into()];
    };
    let names = names.split_whitespace().map(OsString::from);
    names.chain(["-h".into()]).collect()
}

/// Returns the command whose usage an error shows.
fn failed_command<'c>(error: &Error, command: &'c mut Command) -> Option<&'c mut Command> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    let names = usage.trim_start_matches("Usage:").split_whitespace();
    let names = names.skip(1).take_while(|word| {
        let first = word.chars().next();
        first.is_some_and(char::is_alphanumeric)
    });
    let mut found = command;
    for name in names {
        found = found.find_subcommand_mut(name)?;
    }
    Some(found)
}

/// Names the environment variable that an invalid value came from: the command line has no such
/// option.
fn name_variable(error: &mut Error, command: &Command, arguments: &[OsString]) {
    let Some(ContextValue::String(invalid)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let mut options = command.get_arguments().filter_map(|option| {
        let flag = format!("--{}", option.get_long()?);
        let variable = option.get_env()?.to_string_lossy().into_owned();
        Some((flag, variable))
    });
    let option = options.find(|(flag, _)| {
        let rest = invalid.strip_prefix(flag.as_str());
        rest.is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-')
        })
    });
    let Some((flag, variable)) = option else {
        return;
    };
    let is_given = arguments.iter().any(|word| {
        let word = word.to_string_lossy();
        word.split('=').next() == Some(flag.as_str())
    });
    if !is_given {
        let named = format!("{variable}{}{flag}", message::VARIABLE);
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
}

/// Returns the command of a command line.
fn chosen<'c, 'w>(command: &'c Command, words: impl Iterator<Item = &'w str>) -> &'c Command {
    words.fold(command, |command, word| {
        command.find_subcommand(word).unwrap_or(command)
    })
}

/// Returns the name of a word with one dash, if the unknown option is a letter of it.
fn single_dash<'w>(word: &'w str, unknown: &str) -> Option<&'w str> {
    let name = word.strip_prefix('-')?.split('=').next()?;
    let letter = unknown.strip_prefix('-')?;
    let is_name = !name.starts_with('-') && name.len() > 1;
    (is_name && name.contains(letter)).then_some(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};
    use eci_render::Style;

    use super::*;
    use crate::arguments::{Eci, Program};

    fn explanation(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Eci::try_parse_from(&words).unwrap_err();
        message(&explained(error, Eci::command(), &words), Style::plain())
    }

    #[test]
    fn an_unknown_option_with_one_dash_is_named_whole() {
        for (line, named, tip) in [
            (
                "eci apply -auto-aprove",
                "`-auto-aprove`",
                "`--auto-approve`",
            ),
            (
                "eci -auto-approve apply",
                "`-auto-approve`",
                "write `--auto-approve` after `apply`",
            ),
            ("eci plan -bogus", "`-bogus`", ""),
            ("eci apply -au", "`-au`", "`--auto-approve`"),
            ("eci plan -ou=x", "`-ou`", "`--out`"),
            ("eci apply -lock=false", "`-lock`", "`--lock-timeout`"),
            ("eci apply --lock=false", "`--lock`", "`--lock-timeout`"),
            ("eci fmt -write=false", "`-write`", "`--check --diff`"),
            ("eci fmt -recursive", "`-recursive`", "each directory"),
            ("eci fmt -list=false", "`-list`", "omit it"),
            ("eci init -reconfigure", "`-reconfigure`", "`--migrate`"),
            ("eci init -migrate-state", "`-migrate-state`", "`--migrate`"),
            (
                "eci workspace select -or-create x",
                "`-or-create`",
                "`eci workspace new`",
            ),
            (
                "eci taint -allow-missing x",
                "`-allow-missing`",
                "`eci state list`",
            ),
            ("eci state rm -dry-run x", "`-dry-run`", "`eci state list`"),
            (
                "eci state list --var env=prod",
                "`--var`",
                "set `ECI_VAR_env=prod` in the environment",
            ),
            (
                "eci state list --var=env=prod",
                "`--var`",
                "set `ECI_VAR_env=prod` in the environment",
            ),
            ("eci graph -type=plan", "`-type`", "omit it"),
            (
                "eci plan -generate-config-out=x",
                "`-generate-config-out`",
                "`eci import --all`",
            ),
            ("eci destroy -force", "`-force`", "`--auto-approve`"),
            (
                "eci plan -auto-approve",
                "`-auto-approve`",
                "`eci apply --auto-approve`",
            ),
            ("eci plan -concise", "`-concise`", "`--quiet`"),
            ("eci plan apply", "`apply`", "write `eci apply`"),
            (
                "eci plan --sandbox apply",
                "`apply`",
                "write `eci apply --sandbox`",
            ),
            ("eci apply -state-out=x", "`-state-out`", "`--state`"),
            ("eci state list -id=x", "`-id`", "`eci state pull`"),
            ("eci graph -draw-cycles", "`-draw-cycles`", "`eci validate`"),
            ("eci console -plan", "`-plan`", "`eci plan`"),
            ("eci import -config=x", "`-config`", "`-C`"),
            ("eci plan . --sandbox", "`.`", "write `eci plan --sandbox`"),
            (
                "eci destroy container_group.web",
                "`container_group.web`",
                "write `--target container_group.web`",
            ),
            (
                "eci exec container_group.web --sandbox env",
                "`env`",
                "write `eci exec container_group.web --sandbox -- env`",
            ),
            (
                "eci exec container_group.web ls -l --sandbox --container nginx",
                "`ls`",
                "write `eci exec container_group.web --sandbox --container nginx -- ls -l`",
            ),
            ("eci plan ./dir/", "`./dir/`", "write `eci plan -C ./dir/`"),
            ("eci validate .", "`.`", "write `eci validate`"),
            (
                "eci plan envs/web.eci.toml",
                "`envs/web.eci.toml`",
                "write `eci plan -C envs`",
            ),
            (
                "eci plan a.vars.toml",
                "`a.vars.toml`",
                "write `eci plan --var-file a.vars.toml`",
            ),
        ] {
            let message = explanation(line);
            let start = format!("error: unknown argument {named}\n");
            assert!(message.starts_with(&start), "{line}\n{message}");
            assert!(message.contains(tip), "{line}\n{message}");
            assert!(!message.contains("as a value"), "{line}\n{message}");
            assert!(!message.contains("\n\n\n"), "{line}\n{message}");
        }
    }

    #[test]
    fn an_import_without_address_names_the_whole_command() {
        for (line, command) in [
            ("eci import eci-123", "container_group.NAME eci-123"),
            (
                "eci import eip-5sdasd2gfh --sandbox",
                "eip.NAME eip-5sdasd2gfh",
            ),
            (
                "eci import eci-123 container_group.a",
                "container_group.a eci-123",
            ),
        ] {
            let message = explanation(line);
            let help = format!("\n\n  help: write `eci import {command}`\n");
            assert!(message.contains(&help), "{message}");
            assert!(!message.contains("did you mean"), "{message}");
        }
        assert!(explanation("eci import web eci-123").contains("did you mean"));
    }

    #[test]
    fn a_command_of_terraform_has_a_tip() {
        for (line, tip) in [
            ("eci get", "nothing is downloaded"),
            ("eci login", "CTYUN_AK"),
            ("eci providers", "nothing to install"),
            ("eci test", "--sandbox"),
            ("eci import", "`--all --write <DIR>`"),
        ] {
            let message = explanation(line);
            assert!(message.contains(tip), "{line}\n{message}");
            assert!(!message.contains("\n\n\n"), "{line}\n{message}");
        }
        assert!(explanation("eci import").contains("\n       eci import [OPTIONS] --all"));
        assert!(!explanation("eci import eip.a").contains("help:"));
        assert!(!explanation("eci state test").contains("--sandbox"));
        let words = ["eci-plan", "plan"].map(OsString::from);
        let error = crate::arguments::EciPlan::try_parse_from(&words).unwrap_err();
        let error = explained(error, Program::Plan.command_line(), &words);
        let message = message(&error, Style::plain());
        assert!(message.contains("write `eci plan`"), "{message}");
    }

    #[test]
    fn an_invalid_value_from_the_environment_names_its_variable() {
        for (flag, variable) in [
            ("--input=nope", "ECI_INPUT"),
            ("--sandbox-speed=-1", "ECI_SANDBOX_SPEED"),
        ] {
            let words = ["eci", "plan", flag].map(OsString::from);
            let error = || Eci::try_parse_from(&words).unwrap_err();
            // Without the option, the same value has another origin.
            let explained = |words| explained(error(), Eci::command(), words);
            let message = super::message(&explained(&words[..2]), Style::plain());
            assert!(message.contains(variable), "{message}");
            let message = super::message(&explained(&words), Style::plain());
            assert!(!message.contains(variable), "{message}");
        }
    }

    #[test]
    fn only_names_that_are_near_are_suggested() {
        for (line, suggestion) in [
            ("eci plan --targt eip.a", Some("`--target`")),
            ("eci plan --port 1", None),
            ("eci apply --frobnicate", None),
            ("eci sandbox serve --port 1", None),
            ("eci aply", Some("`apply`")),
            ("eci prat", None),
            ("eci plan --format mrkdown", Some("`markdown`")),
            ("eci plan --format texture", None),
        ] {
            let message = explanation(line);
            assert_eq!(
                message.contains("did you mean"),
                suggestion.is_some(),
                "{message}"
            );
            assert!(
                message.contains(suggestion.unwrap_or_default()),
                "{message}"
            );
        }
    }

    #[test]
    fn the_usage_is_that_of_the_command_whatever_is_set() {
        for (line, usage) in [
            (
                "eci state rm --workspace x --sandbox-speed 1 --input=false",
                "Usage: eci state rm [OPTIONS] <ADDR>...",
            ),
            ("eci plan --targt x", "Usage: eci plan [OPTIONS]"),
            ("eci frobnicate", "Usage: eci [OPTIONS] <COMMAND>"),
            (
                "eci -C plan validate --frob",
                "Usage: eci validate [OPTIONS]",
            ),
        ] {
            let message = explanation(line);
            assert!(message.lines().any(|line| line == usage), "{message}");
        }
    }
}
