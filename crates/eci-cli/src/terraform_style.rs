//! Command lines in the style of Terraform: long options with one dash, `-json` and `-no-color`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use crate::usage::is_without_effect;

/// Returns the command line in the form that the parser reads.
///
/// A word with one dash is a long option if the command has one of that name, and otherwise
/// short options. Values of options and everything after `--` stay as they are.
///
/// The command must be built.
pub(crate) fn normalized(arguments: &[OsString], root: &Command) -> Vec<OsString> {
    let (program, words) = arguments.split_at(arguments.len().min(1));
    // `terraform -v` prints the version; after a command, `-v` is short for `--verbose`.
    if root.has_subcommands() && words == ["-v"] {
        return program
            .iter()
            .cloned()
            .chain(["--version".into()])
            .collect();
    }
    let mut position = Position::start(root);
    let read = words.iter().filter_map(|word| position.read(word));
    program.iter().cloned().chain(read).collect()
}

/// The last word of a line that is being typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TypedWord {
    /// The start of a long option with one dash, here with two.
    LongOption(OsString),
    /// A word with one dash with which no option begins.
    Unknown,
    /// Another word.
    Other,
}

/// Returns the meaning of the last word of a line that is being typed.
///
/// The command must be built.
pub(crate) fn last_word(line: &[OsString], root: &Command) -> TypedWord {
    let Some((last, before)) = line.split_last() else {
        return TypedWord::Other;
    };
    let mut position = Position::start(root);
    for word in before.iter().skip(1) {
        position.read(word);
    }
    let text = last.to_str().and_then(|text| text.strip_prefix('-'));
    let text = text.filter(|text| !text.is_empty() && !text.starts_with('-'));
    let (Some(text), false) = (text, position.is_end || position.awaits_value.is_some()) else {
        return TypedWord::Other;
    };
    let command = position.command;
    let is_long = match text.split_once('=') {
        Some((name, _)) => option_named(command, name).is_some(),
        None => {
            let mut names = command.get_arguments().filter_map(Arg::get_long);
            names.any(|name| name.starts_with(text))
        }
    };
    let is_short = are_short_options(text, command);
    if is_long && !(is_short && text.len() == 1) {
        let mut word = OsString::from("-");
        word.push(last);
        TypedWord::LongOption(word)
    } else if is_short {
        TypedWord::Other
    } else {
        TypedWord::Unknown
    }
}

/// Returns whether letters are short options, perhaps with the value of the last one.
fn are_short_options(letters: &str, command: &Command) -> bool {
    for letter in letters.chars() {
        let mut options = command.get_arguments();
        match options.find(|option| option.get_short() == Some(letter)) {
            None => return false,
            Some(option) if option.get_action().takes_values() => return true,
            Some(_) => {}
        }
    }
    true
}

/// A position in a command line.
struct Position<'c> {
    command: &'c Command,
    /// The option whose value is the next word.
    awaits_value: Option<&'c Arg>,
    /// Whether `--` was read.
    is_end: bool,
}

impl<'c> Position<'c> {
    fn start(root: &'c Command) -> Position<'c> {
        Position {
            command: root,
            awaits_value: None,
            is_end: false,
        }
    }

    /// Reads a word, and returns it as the parser knows it; nothing for a word without effect.
    fn read(&mut self, word: &OsStr) -> Option<OsString> {
        let option = self.awaits_value.take();
        if self.is_end || option.is_some_and(Arg::is_allow_hyphen_values_set) {
            return Some(word.to_owned());
        }
        if word == "--" {
            self.is_end = true;
            return Some(word.to_owned());
        }
        let word = with_two_dashes(word, self.command)?;
        self.awaits_value = option_without_value(&word, self.command);
        let is_free = option.is_none() && self.awaits_value.is_none();
        if is_free && let Some(chosen) = self.command.find_subcommand(&word) {
            self.command = chosen;
        }
        Some(word)
    }
}

/// Returns the word as the parser knows it; nothing for a flag that is set to false, and for an option of
/// Terraform that changes nothing here.
fn with_two_dashes(word: &OsStr, command: &Command) -> Option<OsString> {
    let unchanged = || Some(word.to_owned());
    let Some(given) = LongOption::read(word) else {
        return unchanged();
    };
    if let Some(same) = given.spelled_out(command) {
        return match given.value {
            None | Some("true") => Some(same.into()),
            Some("false") if !given.has_two_dashes => None,
            Some(_) => unchanged(),
        };
    }
    if is_without_effect(command.get_name(), given.name, given.value) {
        return None;
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
struct LongOption<'w> {
    has_two_dashes: bool,
    name: &'w str,
    /// The value after `=`, if it is text.
    value: Option<&'w str>,
}

impl<'w> LongOption<'w> {
    fn read(word: &'w OsStr) -> Option<LongOption<'w>> {
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
        (name.len() > 1).then_some(LongOption {
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
    options.find(|option| {
        let aliases = option.get_all_aliases().unwrap_or_default();
        option.get_long() == Some(name) || aliases.contains(&name)
    })
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
            (
                "eci plan -backend-config=prefix=a",
                "eci plan --backend-config=prefix=a",
            ),
            ("eci -version", "eci --version"),
            ("eci -v", "eci --version"),
            ("eci plan -help", "eci plan --help"),
        ] {
            assert_eq!(of(written), meant);
        }
    }

    #[test]
    fn options_of_terraform_without_effect_are_dropped() {
        for (written, meant) in [
            ("eci apply -lock=true x", "eci apply x"),
            ("eci plan -lock=false", "eci plan"),
            ("eci-plan -compact-warnings", "eci-plan"),
            ("eci destroy --compact-warnings", "eci destroy"),
            (
                "eci state mv -backup=- eip.a eip.b",
                "eci state mv eip.a eip.b",
            ),
            ("eci init -upgrade -backend=false", "eci init"),
            ("eci init -backend=true", "eci init"),
            (
                "eci init --migrate --backend prefix=x",
                "eci init --migrate --backend prefix=x",
            ),
            (
                "eci init -backend prefix=x -upgrade",
                "eci init --backend prefix=x",
            ),
            ("eci force-unlock -force 1", "eci force-unlock 1"),
            // These have an effect.
            ("eci apply -lock=false", "eci apply -lock=false"),
            ("eci apply -backup=x", "eci apply -backup=x"),
            ("eci fmt -recursive", "eci fmt -recursive"),
            ("eci fmt -list=true", "eci fmt"),
            ("eci fmt -list=false", "eci fmt -list=false"),
            (
                "eci workspace delete -force x",
                "eci workspace delete --force x",
            ),
            (
                "eci exec eip.a -- init -upgrade",
                "eci exec eip.a -- init -upgrade",
            ),
        ] {
            assert_eq!(of(written), meant);
        }
    }

    #[test]
    fn a_last_word_with_one_dash_begins_a_long_option_or_short_ones() {
        let last = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let mut command = command_line::<Eci>();
            command.build();
            last_word(&words, &command)
        };
        let long = |word: &str| TypedWord::LongOption(word.into());
        assert_eq!(last("eci plan -target="), long("--target="));
        assert_eq!(last("eci plan -var=im"), long("--var=im"));
        assert_eq!(last("eci apply -au"), long("--au"));
        assert_eq!(last("eci apply -a"), long("--a"));
        for line in [
            "eci plan -",
            "eci plan -v",
            "eci -vq",
            "eci -Cweb",
            "eci plan -- -au",
        ] {
            assert_eq!(last(line), TypedWord::Other, "{line}");
        }
        for line in ["eci plan -xyz", "eci plan -bogus=", "eci plan -x"] {
            assert_eq!(last(line), TypedWord::Unknown, "{line}");
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
