//! Tips that name the whole command that was meant.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue};
use clap::{Command, Error};
use eci_core::{Address, Kind, quote::shell_word};
use eci_format::FileKind;

use super::terraform;
use crate::arguments::Program;

/// Returns the tip for an unknown argument of a command, without one that has a single dash.
pub(super) fn for_argument(
    unknown: &str,
    command: &Command,
    words: &[Cow<'_, str>],
    arguments: &[OsString],
) -> Option<String> {
    if unknown.parse::<Address>().is_ok() && has_option(command, "target") {
        return Some(format!("write '--target {}'", shell_word(unknown)));
    }
    let is_exec = command.get_name() == "exec";
    if !is_exec && is_command(unknown) && !command.has_subcommands() {
        return Some(format!("write 'eci {unknown}{}'", cloud_option(words)));
    }
    for_variable(unknown, command, words)
        .or_else(|| for_exec(unknown, command, arguments))
        .or_else(|| for_path(unknown, command, words))
        .or_else(|| {
            let name = unknown.strip_prefix("--")?.trim_start_matches('-');
            let tip = terraform::option_tip(command.get_name(), name)?;
            Some(tip.en().to_owned())
        })
}

/// Returns the tip for an unknown option with a single dash.
pub(super) fn for_single_dash(name: &str, command: &Command) -> Option<String> {
    let terraform = terraform::option_tip(command.get_name(), name);
    let terraform = terraform.map(|tip| tip.en().to_owned());
    terraform.or_else(|| meant(command, name))
}

/// Returns whether a word is a command of `eci` that runs without arguments.
pub(crate) fn is_command(word: &str) -> bool {
    let eci = Program::Eci.command_line();
    let command = eci.find_subcommand(word);
    command.is_some_and(|command| {
        !command.has_subcommands() && !command.get_arguments().any(clap::Arg::is_required_set)
    })
}

/// Returns the tip for a variable on the command line of a command that has none: the settings of the backend may use it.
fn for_variable(unknown: &str, command: &Command, words: &[Cow<'_, str>]) -> Option<String> {
    if unknown != "--var" || has_option(command, "var") || !has_option(command, "chdir") {
        return None;
    }
    let at = words.iter().position(|word| word.starts_with("--var"))?;
    let assignment = match words[at].strip_prefix("--var=") {
        Some(assignment) => assignment,
        None => words.get(at + 1).map_or("", |next| next),
    };
    let (name, value) = assignment.split_once('=').unwrap_or(("NAME", "VALUE"));
    Some(format!(
        "set 'ECI_VAR_{name}={}' in the environment",
        shell_word(value)
    ))
}

/// Returns the tip for a command that a container should execute, without `--` before it.
fn for_exec(unknown: &str, command: &Command, arguments: &[OsString]) -> Option<String> {
    if command.get_name() != "exec" || unknown.starts_with('-') {
        return None;
    }
    let words = arguments.iter().skip(1).map(|word| word.to_string_lossy());
    let mut words: Vec<_> = words.filter(|word| *word != "--").collect();
    let at = words.iter().position(|word| *word == unknown)?;
    // What follows is the command, but for what can only be meant for eci.
    let mut own = Vec::new();
    let mut rest = Vec::new();
    let mut following = words.split_off(at).into_iter();
    while let Some(word) = following.next() {
        let name = word.strip_prefix("--").unwrap_or_default();
        let (name, has_value) = match name.split_once('=') {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        let mut options = command.get_arguments();
        let option = options.find(|option| option.get_long() == Some(name));
        let takes_value = option.is_some_and(|option| option.get_action().takes_values());
        if option.is_none() {
            rest.push(word);
            continue;
        }
        own.push(word);
        if takes_value && !has_value {
            own.extend(following.next());
        }
    }
    words.extend(own);
    words.push("--".into());
    words.extend(rest);
    let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
    Some(format!("write 'eci {}'", words.join(" ")))
}

/// Returns the tip for a directory or a file where a command reads the configuration directory.
fn for_path(unknown: &str, command: &Command, words: &[Cow<'_, str>]) -> Option<String> {
    let path = Path::new(unknown);
    let name = command.get_name();
    let name = name.strip_prefix("eci-").unwrap_or(name);
    if unknown.starts_with('-') || !has_option(command, "chdir") {
        return None;
    }
    let cloud = cloud_option(words);
    let is_here = |directory: &Path| directory == Path::new("") || directory == Path::new(".");
    let directory = match FileKind::of(unknown) {
        Some(FileKind::Variables) if has_option(command, "var-file") => {
            let file = shell_word(unknown);
            return Some(format!("write 'eci {name}{cloud} --var-file {file}'"));
        }
        Some(FileKind::Manifest) => path.parent()?,
        _ if path.is_dir() || unknown.ends_with('/') => path,
        _ => return None,
    };
    Some(if is_here(directory) {
        format!("write 'eci {name}{cloud}'")
    } else {
        let directory = shell_word(&directory.to_string_lossy());
        format!("write 'eci {name}{cloud} -C {directory}'")
    })
}

/// Returns the option of the simulated cloud if a command line has it: without it, a suggested command
/// would reach another cloud.
fn cloud_option(words: &[Cow<'_, str>]) -> &'static str {
    if words.iter().any(|word| word == "--sandbox") {
        " --sandbox"
    } else {
        ""
    }
}

/// Returns the tip for `eci import ID`, or for an ID before its address.
pub(super) fn import_of_id(error: &Error, arguments: &[OsString]) -> Option<String> {
    let Some(ContextValue::String(id)) = error.get(ContextKind::InvalidValue) else {
        return None;
    };
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let command = arguments.get(1)?.to_str()?;
    if command != "import" || !argument.contains("ADDR") || id.contains('.') {
        return None;
    }
    let at = arguments.iter().position(|word| *word == **id)?;
    let next = arguments.get(at + 1).and_then(|word| word.to_str());
    let address = match next {
        Some(next) if next.parse::<Address>().is_ok() => next.to_owned(),
        Some(next) if !next.starts_with('-') => return None,
        _ => {
            let has_id = |kind: &Kind| {
                let prefix = kind.properties().id_prefix;
                prefix.map_or_else(|| is_uuid(id), |prefix| id.starts_with(prefix))
            };
            let kind = Kind::ALL.into_iter().find(has_id)?;
            format!("{}.NAME", kind.name())
        }
    };
    let (address, id) = (shell_word(&address), shell_word(id));
    Some(format!("write 'eci import {address} {id}'"))
}

/// Returns whether a text has the form of the IDs of disks.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// Returns a tip for the name of an unknown option.
fn meant(command: &Command, name: &str) -> Option<String> {
    // Options of the command have their place after it.
    if has_option(command, name) {
        return Some(format!("write '--{name}' after '{}'", command.get_name()));
    }
    let known = || command.get_arguments().filter_map(clap::Arg::get_long);
    let mut begun = known().filter(|known| known.starts_with(name));
    let near = match (begun.next(), begun.next()) {
        (Some(only), None) => only,
        _ => eci_core::suggest::nearest(name, known())?,
    };
    Some(format!("a similar argument exists: '--{near}'"))
}

fn has_option(command: &Command, name: &str) -> bool {
    let mut options = command.get_arguments();
    options.any(|option| option.get_long() == Some(name))
}
