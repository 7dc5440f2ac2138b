//! The texts of a help, broken into lines for the width of the terminal.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use eci_render::style::width;
use eci_render::wrap;
use eci_text::Lang;

use super::{pages, texts};

/// The columns that clap leaves before an option, its short form included, and after it.
const AROUND_OPTION: usize = 8;

/// The columns before the text of an option on a separate line.
const INDENT: usize = 10;

/// The columns around a positional argument, and around the name in a list of commands.
const AROUND_NAME: usize = 4;

/// The least columns that a text gets, however narrow the terminal is.
const NARROWEST: usize = 20;

/// The least columns of what is said of an example next to it.
const LEAST_MEANING: usize = 36;

/// The rest of clap's template of a help.
const AFTER_ABOUT: &str = "\n{usage-heading} {usage}\n\n{all-args}{after-help}";

/// The language and the width of a help.
#[derive(Clone, Copy)]
pub(super) struct HelpLayout {
    pub(super) columns: usize,
    pub(super) lang: Lang,
}

/// Arguments under one heading, whose texts begin in the same column.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct HelpSection {
    is_positional: bool,
    heading: Option<String>,
}

/// The place of the texts of a section.
#[derive(Clone, Copy)]
struct Place {
    /// Whether texts are on separate lines in the short help too.
    is_below: bool,
    /// The columns of a text in the short help.
    columns: usize,
}

impl HelpSection {
    fn of(argument: &Arg) -> HelpSection {
        HelpSection {
            is_positional: argument.is_positional(),
            heading: argument.get_help_heading().map(str::to_owned),
        }
    }
}

impl HelpLayout {
    /// Returns a text of the description in the language of the page; the text itself where there is
    /// none, which a test excludes.
    fn text(self, text: &str) -> &str {
        texts::text(self.lang, text)
    }

    /// Returns the description of a command with texts of the language, broken into lines, and of those
    /// below it that a command line names. `path` is the command without the program.
    pub(super) fn localized(
        self,
        mut command: Command,
        path: &str,
        arguments: &[OsString],
    ) -> Command {
        if let Some(about) = command.get_about().map(ToString::to_string) {
            let about = broken(self.text(&about), self.columns);
            // The description itself is that of the list of the command above, which has less room.
            command = command.help_template(format!("{about}\n{AFTER_ABOUT}"));
        }
        if let Some(page) = command.get_after_help().map(ToString::to_string) {
            let page = match self.lang {
                Lang::En => page,
                Lang::Zh => pages::of(path).unwrap_or(page),
            };
            command = command.after_help(self.page(&page));
        }
        // All lines are broken already; clap would break commands in examples.
        let command = command.term_width(0);
        let places = self.places(&command);
        let names = command.get_subcommands().map(|it| width(it.get_name()));
        let list = room(self.columns, names.max().unwrap_or(0) + AROUND_NAME);
        command
            .mut_args(|argument| match places.get(&HelpSection::of(&argument)) {
                Some(place) => self.described(argument, *place),
                None => argument,
            })
            .mut_subcommands(|sub| {
                let below = format!("{path} {}", sub.get_name());
                let about = sub.get_about().map(ToString::to_string);
                let sub = if arguments.iter().any(|argument| argument == sub.get_name()) {
                    self.localized(sub, below.trim_start(), arguments)
                } else {
                    sub
                };
                match about {
                    Some(about) => sub.about(broken(self.text(&about), list)),
                    None => sub,
                }
            })
    }

    /// Returns a page of notes and examples in lines that fit.
    fn page(self, page: &str) -> String {
        let meanings = page.lines().filter_map(|line| {
            let (example, _) = line.strip_prefix("  ")?.split_once("   ")?;
            let meaning = line[2 + example.len()..].trim_start();
            Some((line.len() - meaning.len(), width(line) > self.columns))
        });
        let column = meanings.clone().map(|(column, _)| column).max();
        let column = column.unwrap_or(0);
        let fits = !meanings.clone().any(|(_, is_wide)| is_wide);
        let is_aligned = fits || column + LEAST_MEANING <= self.columns;
        let lines = page.split('\n').map(|line| {
            let content = line.trim_start();
            let indent = line.len() - content.len();
            match content.split_once("   ") {
                Some((example, meaning)) if indent > 0 => {
                    let meaning = meaning.trim_start();
                    let example = format!("{}{example}", " ".repeat(indent));
                    let below = indented(meaning, indent + 4, self.columns);
                    let column = line.len() - meaning.len();
                    let aligned = indented(meaning, column, self.columns);
                    if is_aligned && width(example.as_str()) < column {
                        format!("{}{}", &line[..column], aligned.trim_start())
                    } else {
                        format!("{example}\n{below}")
                    }
                }
                // A command is copied.
                None if indent > 0 && content.starts_with("eci ") => line.to_owned(),
                _ => broken(line, self.columns),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns where the texts of each section of a command begin.
    ///
    /// As clap does, the texts of a section are below its arguments where these take more than two fifths
    /// of the width.
    fn places(self, command: &Command) -> BTreeMap<HelpSection, Place> {
        let mut places = BTreeMap::new();
        for argument in command.get_arguments().filter(|it| !it.is_hide_set()) {
            let taken = width(&argument.to_string())
                + if argument.is_positional() {
                    AROUND_NAME
                } else {
                    AROUND_OPTION
                };
            let place = places.entry(HelpSection::of(argument)).or_insert(taken);
            *place = taken.max(*place);
        }
        let places = places.into_iter().map(|(section, taken)| {
            let is_below = taken * 5 > self.columns * 2;
            let taken = if is_below { INDENT } else { taken };
            let columns = room(self.columns, taken);
            (section, Place { is_below, columns })
        });
        places.collect()
    }

    /// Returns the description of an argument with texts of the language, in lines that fit its place.
    fn described(self, argument: Arg, place: Place) -> Arg {
        let Some(help) = argument.get_help().map(ToString::to_string) else {
            return argument;
        };
        let long = room(self.columns, INDENT);
        let details = argument.get_long_help().map(ToString::to_string);
        let summary = self.text(&help).to_owned();
        let details = details.map_or_else(|| summary.clone(), |it| self.text(&it).to_owned());
        let default = default_value(&argument).map(|it| match self.lang {
            Lang::En => format!("[default: {it}]"),
            Lang::Zh => format!("[默认值: {it}]"),
        });
        let values = possible_values(&argument);
        let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        let possible = (!names.is_empty()).then(|| match self.lang {
            Lang::En => format!("[possible values: {}]", names.join(", ")),
            Lang::Zh => format!("[可选值: {}]", names.join("、")),
        });
        let rest: Vec<&str> = default
            .iter()
            .chain(&possible)
            .map(String::as_str)
            .collect();
        let in_short = format!("{summary} {}", rest.join(" "));
        let mut in_long = broken(&details, long);
        match self.listed(&values, long) {
            Some(list) => {
                let heading = self.lang.pick("Possible values:", "可选值：");
                in_long.push_str(&format!("\n\n{heading}\n{list}"));
                let end = default.map(|it| format!("\n\n{it}"));
                in_long.push_str(&end.unwrap_or_default());
            }
            None if rest.is_empty() => {}
            None => in_long.push_str(&format!("\n\n{}", broken(&rest.join(" "), long))),
        }
        argument
            .help(broken(in_short.trim_end(), place.columns))
            .long_help(in_long)
            .next_line_help(place.is_below)
            .hide_default_value(true)
            .hide_possible_values(true)
    }

    /// Returns the possible values with what they mean, if any of them has a text.
    fn listed(self, values: &[PossibleValue], columns: usize) -> Option<String> {
        values.iter().find_map(PossibleValue::get_help)?;
        let longest = values.iter().map(|it| width(it.get_name())).max()?;
        let indent = longest + 4;
        let lines = values.iter().map(|value| {
            let name = format!("- {}:", value.get_name());
            let padding = " ".repeat(indent - width(&name));
            let meaning = value
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let meaning = broken(self.text(&meaning), room(columns, indent));
            let meaning = meaning.replace('\n', &format!("\n{}", " ".repeat(indent)));
            format!("{name}{padding}{meaning}")
        });
        Some(lines.collect::<Vec<_>>().join("\n"))
    }
}

fn room(columns: usize, taken: usize) -> usize {
    columns.saturating_sub(taken).max(NARROWEST)
}

/// Returns the default value of an argument, if the help shows it.
fn default_value(argument: &Arg) -> Option<String> {
    if argument.is_hide_default_value_set() || !argument.get_action().takes_values() {
        return None;
    }
    let default = argument.get_default_values().first()?;
    Some(default.to_string_lossy().into_owned())
}

/// Returns the possible values of an argument, if the help shows them.
pub(super) fn possible_values(argument: &Arg) -> Vec<PossibleValue> {
    if argument.is_hide_possible_values_set() || !argument.get_action().takes_values() {
        return Vec::new();
    }
    let values = argument.get_possible_values().into_iter();
    values.filter(|value| !value.is_hide_set()).collect()
}

/// Returns a text in lines of at most that many columns, which keep their indents.
fn broken(text: &str, columns: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if width(line) <= columns {
            line.to_owned()
        } else {
            indented(content, indent, columns)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns a text in indented lines.
fn indented(text: &str, indent: usize, columns: usize) -> String {
    let lines = wrap(text, room(columns, indent)).into_iter();
    let lines = lines.map(|line| format!("{}{line}", " ".repeat(indent)));
    lines.collect::<Vec<_>>().join("\n")
}
