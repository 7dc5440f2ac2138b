//! The help of the command line in Chinese.
//!
//! The parser describes itself in English. Only when help was requested, and the language is
//! Chinese, each text of the description is replaced by that of a table; so no other command pays for
//! it. Clap breaks lines at spaces only, so the texts are broken beforehand, and it has fixed words
//! around them: those for default values and possible values are hidden and written into the text, and
//! the headings are replaced in what was rendered.

mod pages;
mod texts;

use std::ffi::OsString;

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use eci_render::style::width;
use eci_render::{Style, wrap};

use self::texts::ROWS;

/// The columns that clap leaves before an option, its short form included, and after it.
const AROUND_OPTION: usize = 8;

/// The columns before the text of an option on a separate line.
const INDENT: usize = 10;

/// The columns around the name in a list of commands.
const AROUND_COMMAND: usize = 4;

/// The least columns that a text gets, however narrow the terminal is.
const NARROWEST: usize = 20;

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
    let command = translated(command, &root, columns).term_width(columns);
    let Err(error) = command.try_get_matches_from(arguments) else {
        return String::new();
    };
    let help = framed(&error.render().ansi().to_string());
    if style.has_color() {
        help
    } else {
        console::strip_ansi_codes(&help).into_owned()
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

/// Returns the Chinese of a text of the description; the text itself where there is none, which a test
/// excludes.
fn chinese(text: &str) -> &str {
    let row = ROWS.iter().find(|row| row.en == text);
    row.map_or(text, |row| row.zh)
}

/// Returns the description of a command with Chinese texts. `path` is the command without the program.
fn translated(mut command: Command, path: &str, columns: usize) -> Command {
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(chinese(&about).to_owned());
    }
    if command.get_after_help().is_some()
        && let Some(page) = pages::of(path)
    {
        command = command.after_help(broken(&page, columns));
    }
    let options = command.get_arguments().filter(|it| !it.is_positional());
    let longest = options.map(|it| width(&it.to_string())).max().unwrap_or(0);
    // As clap does, texts have lines of their own where there is little room beside the options.
    let is_narrow = columns < longest + AROUND_OPTION + NARROWEST;
    let command = command.next_line_help(is_narrow);
    let short = if is_narrow {
        room(columns, INDENT)
    } else {
        room(columns, longest + AROUND_OPTION)
    };
    let names = command.get_subcommands().map(|it| width(it.get_name()));
    let list = room(columns, names.max().unwrap_or(0) + AROUND_COMMAND);
    command
        .mut_args(|argument| translated_argument(argument, short, room(columns, INDENT)))
        .mut_subcommands(|sub| {
            let below = format!("{path} {}", sub.get_name());
            let sub = translated(sub, below.trim_start(), columns);
            let about = sub.get_about().map(ToString::to_string);
            match about {
                Some(about) => sub.about(broken(&about, list)),
                None => sub,
            }
        })
}

fn room(columns: usize, taken: usize) -> usize {
    columns.saturating_sub(taken).max(NARROWEST)
}

/// Returns the description of an argument with Chinese texts, in lines of `short` columns for `-h`, and
/// of `long` columns for `--help`.
fn translated_argument(argument: Arg, short: usize, long: usize) -> Arg {
    let Some(help) = argument.get_help().map(ToString::to_string) else {
        return argument;
    };
    let details = argument.get_long_help().map(ToString::to_string);
    let summary = chinese(&help).to_owned();
    let details = details.map_or_else(|| summary.clone(), |it| chinese(&it).to_owned());
    let default = default_value(&argument);
    let values = possible_values(&argument);
    let listed = listed(&values, long);
    let mut in_short = summary;
    if let Some(default) = &default {
        in_short = format!("{in_short} [默认值: {default}]");
    }
    if !values.is_empty() {
        let names: Vec<_> = values.iter().map(PossibleValue::get_name).collect();
        in_short = format!("{in_short} [可选值: {}]", names.join("、"));
    }
    let in_long = match (&default, listed) {
        (_, Some(list)) => {
            let end = default.map(|it| format!("\n\n[默认值: {it}]"));
            format!(
                "{}\n\n可选值：\n{list}{}",
                broken(&details, long),
                end.unwrap_or_default()
            )
        }
        (None, None) if values.is_empty() => broken(&details, long),
        _ => {
            let rest = in_short.strip_prefix(chinese(&help)).unwrap_or_default();
            let rest = broken(rest.trim_start(), long);
            format!("{}\n\n{rest}", broken(&details, long))
        }
    };
    argument
        .help(broken(&in_short, short))
        .long_help(in_long)
        .hide_default_value(true)
        .hide_possible_values(true)
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

/// Returns the possible values with what they mean, if any of them has a text.
fn listed(values: &[PossibleValue], columns: usize) -> Option<String> {
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
        let meaning = broken(chinese(&meaning), room(columns, indent));
        let meaning = meaning.replace('\n', &format!("\n{}", " ".repeat(indent)));
        format!("{name}{padding}{meaning}")
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// Returns a text in lines of at most that many columns; commands in examples are not broken.
fn broken(text: &str, columns: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if width(line) <= columns {
            return line.to_owned();
        }
        match content.split_once("   ") {
            Some((example, meaning)) if indent > 0 => format!(
                "{}{example}\n{}",
                " ".repeat(indent),
                indented(meaning.trim_start(), indent + 4, columns)
            ),
            None if indent > 0 && content.starts_with("eci ") => line.to_owned(),
            _ => indented(content, indent, columns),
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

    /// Every text of a command and of those below it.
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

    /// The commands of the examples of a page, without what is said of them.
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

    /// The help of a command line, without colors.
    fn plain(line: &str, columns: usize) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let program = Program::called(&arguments);
        help(
            built(program),
            &arguments,
            Style::plain().with_width(columns),
        )
    }

    #[test]
    fn the_help_of_every_command_is_in_chinese_and_fits() {
        fn paths(command: &Command, path: &str, all: &mut Vec<String>) {
            all.push(path.to_owned());
            for sub in command
                .get_subcommands()
                .filter(|it| it.get_name() != "help")
            {
                paths(sub, &format!("{path} {}", sub.get_name()), all);
            }
        }
        for program in Program::ALL {
            let mut all = Vec::new();
            paths(&built(program), program.name(), &mut all);
            for path in all {
                for (flag, columns) in ["-h", "--help"]
                    .into_iter()
                    .flat_map(|flag| [50, 100].map(|columns| (flag, columns)))
                {
                    let text = plain(&format!("{path} {flag}"), columns);
                    assert!(text.contains("用法："), "{text}");
                    for english in ["Usage:", "Options:", "default:", "ossible values", "Print "] {
                        assert!(!text.contains(english), "{path} {flag}: {english}\n{text}");
                    }
                    // Commands in examples are not broken: they are copied.
                    let is_command = |line: &&str| line.starts_with("  eci") && line.is_ascii();
                    for line in text.lines().filter(|line| !is_command(line)) {
                        assert!(width(line) <= columns, "{path} {flag} {columns}: {line}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_help_has_the_form_of_the_english_one() {
        insta::assert_snapshot!("eci_80", plain("eci --help", 80));
        insta::assert_snapshot!("restart_100", plain("eci restart -h", 100));
        insta::assert_snapshot!("eci_plan_60", plain("eci-plan --help", 60));
    }
}
