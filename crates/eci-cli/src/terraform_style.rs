//! Command lines in the style of Terraform: long options with one dash, `-json` and `-no-color`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// Returns the command line in the form that the parser reads.
///
/// A word with one dash is a long option if the command has one of that name, and otherwise
/// short options. Values of options and everything after `--` stay as they are.
///
/// The command must be built.
pub(crate) fn normalized(arguments: &[OsString], root: &Command) -> Vec<OsString> {
    let mut command = root;
    let mut awaits_value: Option<&Arg> = None;
    let mut words = arguments.iter();
    let mut normalized: Vec<OsString> = words.next().cloned().into_iter().collect();
    for word in words.by_ref() {
        let option = awaits_value.take();
        if option.is_some_and(Arg::is_allow_hyphen_values_set) {
            normalized.push(word.clone());
            continue;
        }
        if word == "--" {
            normalized.push(word.clone());
            break;
        }
        let Some(word) = with_two_dashes(word, command) else {
            continue;
        };
        awaits_value = option_without_value(&word, command);
        let is_free = option.is_none() && awaits_value.is_none();
        if is_free && let Some(chosen) = command.find_subcommand(&word) {
            command = chosen;
        }
        normalized.push(word);
    }
    normalized.extend(words.cloned());
    normalized
}

/// Returns the word as the parser knows it; nothing for a flag that is set to false.
fn with_two_dashes(word: &OsStr, command: &Command) -> Option<OsString> {
    let unchanged = || Some(word.to_owned());
    let Some(given) = Given::read(word) else {
        return unchanged();
    };
    if let Some(same) = given.spelled_out(command) {
        return match given.value {
            None | Some("true") => Some(same.into()),
            Some("false") if !given.has_two_dashes => None,
            Some(_) => unchanged(),
        };
    }
    if given.has_two_dashes {
        return unchanged();
    }
    let Some(option) = option_named(command, given.name) else {
        return unchanged();
    };
    // Flags have values in Terraform: `-auto-approve=true`.
    let takes_value = option.get_action().takes_values();
    match given.value {
        Some("true") if !takes_value => Some(format!("--{}", given.name).into()),
        Some("false") if !takes_value => None,
        _ => {
            let mut words = OsString::from("-");
            words.push(word);
            Some(words)
        }
    }
}

/// A long option as it is written, perhaps with one dash.
struct Given<'w> {
    has_two_dashes: bool,
    name: &'w str,
    /// The value after `=`, if it is text.
    value: Option<&'w str>,
}

impl<'w> Given<'w> {
    fn read(word: &'w OsStr) -> Option<Given<'w>> {
        let bytes = word.as_encoded_bytes();
        let (has_two_dashes, rest) = match bytes.strip_prefix(b"--") {
            Some(rest) => (true, rest),
            None => (false, bytes.strip_prefix(b"-")?),
        };
        let end = rest.iter().position(|byte| *byte == b'=');
        let (name, value) = match end {
            Some(end) => (&rest[..end], rest.get(end + 1..)),
            None => (rest, None),
        };
        let name = str::from_utf8(name).ok()?;
        (name.len() > 1).then_some(Given {
            has_two_dashes,
            name,
            value: value.map(|value| str::from_utf8(value).unwrap_or_default()),
        })
    }

    /// Returns the long forms of `--json` and `--no-color`.
    fn spelled_out(&self, command: &Command) -> Option<&'static str> {
        match self.name {
            "json" => {
                let format = option_named(command, "format")?;
                let formats = format.get_possible_values();
                let has = |name: &str| formats.iter().any(|value| value.get_name() == name);
                if has("events") {
                    // `terraform plan -json` prints messages; the document is that of
                    // `terraform show -json`.
                    Some("--format=events")
                } else {
                    has("json").then_some("--format=json")
                }
            }
            "no-color" => option_named(command, "color").map(|_| "--color=never"),
            _ => None,
        }
    }
}

fn option_named<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let mut options = command.get_arguments();
    options.find(|option| option.get_long() == Some(name))
}

/// Returns the option of a word that leaves its value to the next word.
fn option_without_value<'c>(word: &OsStr, command: &'c Command) -> Option<&'c Arg> {
    let text = word.to_str()?;
    let option = if let Some(name) = text.strip_prefix("--") {
        option_named(command, name)?
    } else {
        let short = |letter: char| {
            let mut options = command.get_arguments();
            options.find(|option| option.get_short() == Some(letter))
        };
        let mut letters = text.strip_prefix('-')?.chars();
        let option = letters.find_map(|letter| match short(letter) {
            Some(option) if !option.get_action().takes_values() => None,
            other => Some(other),
        })??;
        if letters.next().is_some() {
            return None;
        }
        option
    };
    let values = option.get_num_args()?;
    let is_needed = values.min_values() > 0 && !option.is_require_equals_set();
    is_needed.then_some(option)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Eci, EciPlan, command_line};

    fn of(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let mut command = if line.starts_with("eci-plan") {
            command_line::<EciPlan>()
        } else {
            command_line::<Eci>()
        };
        command.build();
        let words = normalized(&words, &command);
        let words = words.iter().map(|word| word.to_string_lossy());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_long_option_may_have_one_dash() {
        for (written, meant) in [
            ("eci apply -auto-approve", "eci apply --auto-approve"),
            (
                "eci -chdir=web plan -out=x.eciplan",
                "eci --chdir=web plan --out=x.eciplan",
            ),
            ("eci -chdir web plan", "eci --chdir web plan"),
            (
                "eci plan -var a=b -var-file=v.toml",
                "eci plan --var a=b --var-file=v.toml",
            ),
            (
                "eci-plan -target eip.a -detailed-exitcode",
                "eci-plan --target eip.a --detailed-exitcode",
            ),
            (
                "eci-plan -refresh=false -input=0",
                "eci-plan --refresh=false --input=0",
            ),
            (
                "eci apply -lock-timeout=5m -parallelism=3",
                "eci apply --lock-timeout=5m --parallelism=3",
            ),
            (
                "eci plan -lock-timeout=5m -parallelism=3",
                "eci plan --lock-timeout=5m --parallelism=3",
            ),
            (
                "eci apply -destroy -replace=eip.a",
                "eci apply --destroy --replace=eip.a",
            ),
            ("eci apply -auto-approve=true", "eci apply --auto-approve"),
            ("eci apply -auto-approve=false x", "eci apply x"),
            ("eci -version", "eci --version"),
            ("eci plan -help", "eci plan --help"),
        ] {
            assert_eq!(of(written), meant);
        }
    }

    #[test]
    fn the_format_for_programs_has_a_short_form() {
        for (written, meant) in [
            ("eci plan -json", "eci plan --format=events"),
            ("eci plan --json", "eci plan --format=events"),
            (
                "eci show -json x.eciplan",
                "eci show --format=json x.eciplan",
            ),
            ("eci state list --json", "eci state list --format=json"),
            ("eci apply -json=true", "eci apply --format=json"),
            ("eci output -json=false", "eci output"),
            (
                "eci plan -no-color --no-color",
                "eci plan --color=never --color=never",
            ),
        ] {
            assert_eq!(of(written), meant);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for line in [
            "eci -C web -v plan",
            "eci -Cjson plan -vvq",
            "eci logs container_group.web -fp --tail -5",
            "eci console -e -json -e -var",
            "eci console -ve -json",
            "eci exec container_group.a -- run -json -var",
            "eci plan --out -",
            "eci fmt -",
            "eci plan -x -unknown -1 -10",
            "eci fmt -json",
            "eci plan --auto-approve=true",
            "eci plan --json=false",
            // A value that has the name of a command does not select it.
            "eci -C show state -auto-approve",
        ] {
            assert_eq!(of(line), line);
        }
    }
}
