//! The help of the command line, in each language and for the width of the terminal.
//!
//! The parser describes itself in English. Only when help was requested, each text of the description
//! is replaced by that of a table if the language is Chinese; so no other command pays for it. Clap
//! breaks lines at spaces only, also inside a command in backticks, so the texts are broken beforehand.
//! It has fixed words around them: those for default values and possible values are hidden and written
//! into the text, and the headings are replaced in what was rendered.

mod layout;
mod pages;
mod texts;

use std::ffi::OsString;

use clap::Command;
use eci_render::Style;
use eci_text::Lang;

use layout::HelpLayout;

pub(crate) use texts::text;

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use clap::builder::PossibleValue;
    use eci_render::style::width;
    use eci_sandbox::ApiBehavior;
    use eci_text::typography;

    use super::layout::possible_values;
    use super::pages::{BEHAVIORS, PAGES};
    use super::texts::ROWS;
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
