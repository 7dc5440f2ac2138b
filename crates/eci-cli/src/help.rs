//! The help of the command line, in each language and for the width of the terminal.
//!
//! The parser describes itself in English. Only when help was requested, each text of the description
//! is replaced by that of a table if the language is Chinese; so no other command pays for it. Clap
//! breaks lines at spaces only, also inside a command in backticks, so the texts are broken beforehand.
//! It has fixed words around them: those for default values and possible values are hidden and written
//! into the text, and the headings are replaced in what was rendered.

mod pages;
mod texts;

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use eci_render::style::width;
use eci_render::{Style, wrap};
use eci_text::Lang;

use self::texts::ROWS;

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

/// Headings and words of clap, each at the start of a line.
const FRAME: [[&str; 2]; 5] = [
    ["Usage:", "用法："],
    ["Commands:", "命令："],
    ["Arguments:", "参数："],
    ["Options:", "选项："],
    ["Global options:", "全局选项："],
];

/// Returns the help that a command line requests.
pub(crate) fn help(command: Command, arguments: &[OsString], style: Style) -> String {
    let root = command
        .get_name()
        .strip_prefix("eci-")
        .unwrap_or("")
        .to_owned();
    let columns = style.width();
    let layout = HelpLayout {
        columns,
        lang: style.lang(),
    };
    let command = layout.localized(command, &root, arguments);
    let Err(error) = command.try_get_matches_from(arguments) else {
        return String::new();
    };
    let help = error.render().ansi().to_string();
    let help = match style.lang() {
        Lang::En => help,
        Lang::Zh => framed(&help),
    };
    if style.has_color() {
        help
    } else {
        console::strip_ansi_codes(&help).into_owned()
    }
}

/// Returns a text of the description of the command line in a language.
pub(crate) fn text(lang: Lang, text: &str) -> &str {
    match lang {
        Lang::En => text,
        Lang::Zh => {
            let row = ROWS.iter().find(|row| row.en == text);
            row.map_or(text, |row| row.zh)
        }
    }
}

/// Replaces the headings of clap.
pub(crate) fn framed(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let plain = console::strip_ansi_codes(line);
        let found = FRAME.iter().find(|[en, _]| {
            let rest = plain.strip_prefix(en);
            rest.is_some_and(|rest| rest == "\n" || *en == "Usage:")
        });
        let Some([en, zh]) = found else {
            return line.to_owned();
        };
        let line = line.replacen(en, zh, 1);
        // A full-width colon is not followed by a space, which may come after an escape sequence.
        match line.split_once('：') {
            Some((heading, rest)) => format!("{heading}：{}", rest.replacen(' ', "", 1)),
            None => line,
        }
    });
    lines.collect()
}

/// The language and the width of a help.
#[derive(Clone, Copy)]
struct HelpLayout {
    columns: usize,
    lang: Lang,
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
        self::text(self.lang, text)
    }

    /// Returns the description of a command with texts of the language, broken into lines, and of those
    /// below it that a command line names. `path` is the command without the program.
    fn localized(self, mut command: Command, path: &str, arguments: &[OsString]) -> Command {
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
fn possible_values(argument: &Arg) -> Vec<PossibleValue> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use eci_sandbox::ApiBehavior;
    use eci_text::typography;

    use super::pages::{BEHAVIORS, PAGES};
    use super::*;
    use crate::arguments::Program;

    fn built(program: Program) -> Command {
        let mut command = program.command_line();
        command.build();
        command
    }

    /// Collects every text of a command and of those below it.
    fn collect(
        command: &Command,
        path: &str,
        texts: &mut BTreeSet<String>,
        pages: &mut BTreeSet<String>,
    ) {
        texts.extend(command.get_about().map(ToString::to_string));
        assert_eq!(command.get_long_about(), None, "{path}");
        for argument in command.get_arguments().filter(|it| !it.is_hide_set()) {
            let help = argument
                .get_help()
                .unwrap_or_else(|| panic!("{path}: {argument}"));
            texts.insert(help.to_string());
            texts.extend(argument.get_long_help().map(ToString::to_string));
            let values = possible_values(argument);
            texts.extend(
                values
                    .iter()
                    .filter_map(PossibleValue::get_help)
                    .map(ToString::to_string),
            );
        }
        if let Some(page) = command.get_after_help() {
            pages.insert(path.to_owned());
            let chinese = pages::of(path).unwrap_or_else(|| panic!("{path} has no Chinese page"));
            assert_eq!(examples(&page.to_string()), examples(&chinese), "{path}");
        }
        for sub in command.get_subcommands() {
            let below = format!("{path} {}", sub.get_name());
            collect(sub, below.trim_start(), texts, pages);
        }
    }

    /// Returns the commands of the examples of a page, without their meanings.
    fn examples(page: &str) -> Vec<String> {
        let lines = page.lines().filter(|line| line.starts_with("  "));
        let commands = lines.map(|line| {
            let line = line.trim_start();
            line.split("   ")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        });
        let is_command =
            |line: &String| line.is_ascii() && !line.contains(' ') || line.contains("eci");
        commands.filter(is_command).collect()
    }

    #[test]
    fn every_text_of_the_command_line_has_a_row_and_every_row_a_text() {
        let mut texts = BTreeSet::new();
        let mut pages = BTreeSet::new();
        for program in Program::ALL {
            let root = program.name().strip_prefix("eci-").unwrap_or("");
            collect(&built(program), root, &mut texts, &mut pages);
        }
        let rows: BTreeSet<String> = ROWS.iter().map(|row| row.en.to_owned()).collect();
        assert_eq!(rows.len(), ROWS.len(), "a row appears twice");
        let missing: Vec<_> = texts.difference(&rows).collect();
        assert!(missing.is_empty(), "without a row: {missing:#?}");
        let unused: Vec<_> = rows.difference(&texts).collect();
        assert!(unused.is_empty(), "rows without a text: {unused:#?}");
        let mut known: BTreeSet<String> =
            PAGES.iter().map(|page| page.command.to_owned()).collect();
        known.insert("sandbox serve".to_owned());
        assert_eq!(pages, known);
    }

    #[test]
    fn texts_keep_the_rules_of_chinese() {
        let rows = ROWS.iter().map(|row| row.zh);
        let pages = PAGES.iter().flat_map(|page| page.text.lines());
        let meanings = BEHAVIORS.iter().map(|behavior| behavior.meaning);
        let serve = pages::of("sandbox serve").unwrap();
        let lines = rows.chain(pages).chain(meanings).chain(serve.lines());
        let problems = lines.flat_map(|line| {
            // Aligned columns are no sentence, and the form of defaults is that of the parser.
            let parts = line.trim_start().split("   ").map(str::trim);
            let parts = parts.map(|part| part.replace("默认值: ", ""));
            parts
                .flat_map(|part| typography::chinese(&part))
                .collect::<Vec<_>>()
        });
        assert_eq!(problems.collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn every_behavior_of_the_simulated_cloud_has_a_meaning() {
        let names = ApiBehavior::TABLE.map(|behavior| behavior.name);
        assert_eq!(BEHAVIORS.map(|behavior| behavior.name), names);
    }

    /// Returns the help of a command line, without colors.
    fn plain(line: &str, style: Style) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let program = Program::called(&arguments);
        help(built(program), &arguments, style)
    }

    fn style(lang: Lang, columns: usize) -> Style {
        Style::plain().with_lang(lang).with_width(columns)
    }

    /// Calls a function for the description of each program, with each of its command lines that
    /// requests help.
    fn for_each_request(mut check: impl FnMut(&Command, &str)) {
        fn collect(command: &Command, path: &str, all: &mut Vec<String>) {
            all.extend(["-h", "--help"].map(|form| format!("{path} {form}")));
            let subs = command.get_subcommands();
            for sub in subs.filter(|it| it.get_name() != "help") {
                collect(sub, &format!("{path} {}", sub.get_name()), all);
            }
        }
        for program in Program::ALL {
            let command = built(program);
            let mut all = Vec::new();
            collect(&command, program.name(), &mut all);
            for line in all {
                check(&command, &line);
            }
        }
    }

    const ENGLISH: [&str; 5] = ["Usage:", "Options:", "default:", "ossible values", "Print "];
    const CHINESE: [&str; 5] = ["用法：", "选项：", "默认值", "可选值", "显示"];

    fn check_all(lang: Lang) {
        let (own, other) = match lang {
            Lang::En => (ENGLISH, CHINESE),
            Lang::Zh => (CHINESE, ENGLISH),
        };
        for_each_request(|command, line| {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            for columns in [50, 80, 120] {
                let text = help(command.clone(), &arguments, style(lang, columns));
                assert!(text.contains(own[0]), "{text}");
                for word in other {
                    assert!(!text.contains(word), "{line}: {word}\n{text}");
                }
                // A command is copied: it is not broken in an example, nor in backticks.
                let is_command =
                    |line: &&str| line.starts_with("  eci") && !line.trim_start().contains("   ");
                for shown in text.lines().filter(|line| !is_command(line)) {
                    let place = format!("{line}, {columns} columns: {shown}");
                    assert!(width(shown) <= columns, "{place}");
                    assert_eq!(shown.matches('`').count() % 2, 0, "{place}");
                }
            }
        });
    }

    #[test]
    fn the_help_of_every_command_fits() {
        check_all(Lang::En);
    }

    #[test]
    fn the_help_of_every_command_is_in_chinese_and_fits() {
        check_all(Lang::Zh);
    }

    #[test]
    fn the_help_has_one_form_in_each_language() {
        insta::assert_snapshot!("eci_80", plain("eci --help", style(Lang::Zh, 80)));
        insta::assert_snapshot!("restart_100", plain("eci restart -h", style(Lang::Zh, 100)));
        insta::assert_snapshot!("eci_plan_en_50", plain("eci plan -h", style(Lang::En, 50)));
        insta::assert_snapshot!("eci_plan_en_80", plain("eci plan -h", style(Lang::En, 80)));
        insta::assert_snapshot!("eci_plan_60", plain("eci-plan --help", style(Lang::Zh, 60)));
    }
}
