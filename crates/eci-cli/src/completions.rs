//! Shell completion: for each completion, the shell runs `COMPLETE=bash eci -- eci plan --ta`.
//!
//! **Invariant:** a completion only reads local files. It takes no lock, so that it never delays a
//! run, sends nothing, and prints nothing but candidates: everything else would end up in the
//! middle of the line that is being typed. If a file cannot be read, there are fewer
//! candidates.

mod bash;
mod candidates;
mod names;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

use crate::arguments::Program;
use crate::terraform_style::{self, TypedWord};

/// The environment variable with which a shell requests candidates.
const VARIABLE: &str = "COMPLETE";

const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Returns the shell that requests candidates or its script, if one does.
///
/// Any other value of the variable belongs to someone else.
pub(crate) fn requesting_shell() -> Option<&'static dyn EnvCompleter> {
    shell(Path::new(&std::env::var_os(VARIABLE)?))
}

/// Returns the shell of a name or path.
fn shell(path: &Path) -> Option<&'static dyn EnvCompleter> {
    let name = path.file_stem()?.to_str()?;
    SHELLS.0.iter().copied().find(|shell| shell.is(name))
}

/// Prints what a shell requests.
pub(crate) fn respond(shell: &dyn EnvCompleter, arguments: &[OsString]) -> ExitCode {
    // The terminal belongs to the shell, which shows the line that is being typed.
    std::panic::set_hook(Box::new(|_| std::process::exit(1)));
    let mut words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    let response = match words.next() {
        Some(program) => {
            let line = [program].into_iter().chain(words).cloned().collect();
            complete(shell, line)
        }
        None => script(shell, &completer(arguments)),
    };
    let written = response.and_then(|response| io::stdout().write_all(&response));
    if written.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Returns the script that registers completion in a shell.
pub(crate) fn registration(name: &str) -> io::Result<String> {
    let shell = shell(Path::new(name)).ok_or(io::ErrorKind::Unsupported)?;
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let script = script(shell, &completer(&arguments))?;
    String::from_utf8(script).map_err(io::Error::other)
}

/// Returns the program that a script calls: by its name if it was found in `PATH`.
fn completer(arguments: &[OsString]) -> String {
    let called = arguments.first().map_or(Path::new("eci"), Path::new);
    if called.components().count() <= 1 {
        return called.to_string_lossy().into_owned();
    }
    let path = std::path::absolute(called).unwrap_or_else(|_| called.to_owned());
    path.to_string_lossy().into_owned()
}

fn script(shell: &dyn EnvCompleter, completer: &str) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    for program in Program::ALL {
        let name = program.name();
        shell.write_registration(VARIABLE, name, name, completer, &mut script)?;
    }
    Ok(script)
}

fn complete(shell: &dyn EnvCompleter, line: Vec<OsString>) -> io::Result<Vec<u8>> {
    let mut command = Program::called(&line).command_line();
    command.build();
    let words = shell_words(shell, &line);
    let names = names::Names::of(&terraform_style::normalized(&words, &command));
    let last = terraform_style::last_word(&line, &command);
    let mut line = with_two_dashes(line, &command);
    if let (TypedWord::LongOption(word), Some(typed)) = (&last, line.last_mut()) {
        typed.clone_from(word);
    }
    if last == TypedWord::Unknown {
        // The parser would offer it with short options at its end.
        return Ok(Vec::new());
    }
    let mut command = candidates::added(command, &Arc::new(names));
    let directory = std::env::current_dir().ok();
    let mut response = Vec::new();
    shell.write_complete(&mut command, line, directory.as_deref(), &mut response)?;
    if matches!(last, TypedWord::LongOption(_)) {
        response = with_one_dash(&response);
    }
    Ok(response)
}

/// Returns candidates as the word that they complete is written: with one dash.
fn with_one_dash(response: &[u8]) -> Vec<u8> {
    let separator = std::env::var("_CLAP_IFS").ok();
    let separator = separator.and_then(|text| text.bytes().next());
    let separator = separator.unwrap_or(b'\n');
    let candidates = response.split_inclusive(|byte| *byte == separator);
    let candidates = candidates.flat_map(|candidate| {
        let is_option = candidate.starts_with(b"--");
        if is_option {
            &candidate[1..]
        } else {
            candidate
        }
    });
    candidates.copied().collect()
}

/// Returns the line with long options as the parser writes them, but for the last word, which may
/// be unfinished.
fn with_two_dashes(line: Vec<OsString>, command: &clap::Command) -> Vec<OsString> {
    let Some((last, before)) = line.split_last() else {
        return line;
    };
    let mut normalized = terraform_style::normalized(before, command);
    // Shells name the word to complete by its number.
    if normalized.len() != before.len() {
        return line;
    }
    normalized.push(last.clone());
    normalized
}

/// Returns the words as the program would receive them; bash sends them with their quotes.
fn shell_words(shell: &dyn EnvCompleter, line: &[OsString]) -> Vec<OsString> {
    if shell.name() != "bash" {
        return line.to_owned();
    }
    let words = line.iter().map(|word| word.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    bash::joined(&words).into_iter().map(Into::into).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script_for_all_programs() {
        use clap::ValueEnum as _;

        for shell in clap_complete::Shell::value_variants() {
            let script = registration(&shell.to_string()).unwrap();
            for name in ["eci", "eci-plan", "eci-apply"] {
                assert!(script.contains(name), "{shell}: {script}");
            }
            assert!(script.contains("COMPLETE"), "{shell}: {script}");
        }
    }

    #[test]
    fn bash_sends_the_value_of_an_option_as_a_separate_word() {
        let line = ["eci", "--chdir", "=", "my\\ web", "plan", "--target", "="].map(OsString::from);
        assert_eq!(
            shell_words(&bash::Bash, &line),
            ["eci", "--chdir", "my web", "plan", "--target"].map(OsString::from)
        );
    }

    #[test]
    fn the_variable_of_another_program_is_ignored() {
        for value in ["1", "yes", "", "/bin/tcsh"] {
            assert!(shell(Path::new(value)).is_none(), "{value}");
        }
        assert!(shell(Path::new("/bin/zsh")).is_some());
    }
}
