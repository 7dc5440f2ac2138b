//! The examples of the repository, which a newcomer begins with.

mod comments;

use eci_text::Text;

use crate::arguments::Example;

/// A file of an example in the repository.
struct ExampleFile {
    name: &'static str,
    text: &'static str,
}

macro_rules! files {
    ($directory:literal: $($file:literal),+ $(,)?) => {
        &[$(ExampleFile {
            name: $file,
            text: include_str!(concat!("../../../examples/", $directory, "/", $file)),
        }),+]
    };
}

/// A file of an example in all languages.
pub(crate) struct LocalizedFile {
    pub(crate) name: &'static str,
    pub(crate) text: Text,
}

/// Returns the files of an example in all languages.
pub(crate) fn localized(example: Example) -> impl Iterator<Item = LocalizedFile> {
    let all = files(example);
    let own = all.iter().filter(|it| !it.name.ends_with(CHINESE_PAGE));
    own.map(move |&ExampleFile { name, text }| {
        let page = name
            .strip_suffix(".md")
            .map(|stem| format!("{stem}{CHINESE_PAGE}"));
        let page = all.iter().find(|it| Some(it.name) == page.as_deref());
        let chinese = match page {
            Some(page) => page.text.to_owned(),
            None => comments::chinese(text),
        };
        LocalizedFile {
            name,
            text: Text::new(text.to_owned(), chinese),
        }
    })
}

/// The ending of the name of a page in Chinese.
const CHINESE_PAGE: &str = ".zh.md";

/// Returns the files of an example in the repository.
fn files(example: Example) -> &'static [ExampleFile] {
    match example {
        Example::Quickstart => files!("quickstart": "default.conf", "web.eci.toml"),
        Example::WebThreeTier => files!(
            "web-three-tier":
            "app.eci.toml", "data.eci.toml", "provider.eci.toml", "secrets.auto.vars.toml",
            "web.eci.toml",
        ),
        Example::Stateful => files!(
            "stateful":
            "README.md", "README.zh.md", "data.eci.toml", "provider.eci.toml",
            "secrets.auto.vars.toml", "web.eci.toml",
        ),
        Example::Batch => files!("batch": "report.eci.toml"),
        Example::Vendor => files!("vendor": "cg-test.eci.toml"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use clap::ValueEnum as _;
    use eci_text::{Lang, typography};

    use super::*;

    /// Each comment and description of the examples has a translation, and nothing else differs.
    #[test]
    fn every_comment_of_an_example_is_in_chinese_too() {
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for example in Example::value_variants() {
            for LocalizedFile { name, text } in localized(*example) {
                let [english, chinese] = [text.get(Lang::En), text.get(Lang::Zh)];
                let texts = english.lines().filter_map(prose).filter(|it| has_words(it));
                if name.ends_with(".toml") && texts.count() > 0 {
                    assert_ne!(english, chinese, "{name}");
                }
                for line in chinese.lines().filter(|_| name.ends_with(".toml")) {
                    let Some(text) = prose(line) else { continue };
                    assert!(!has_words(text) || text.contains(is_han), "{name}: {line}");
                    let faults = typography::chinese(text);
                    assert!(!has_words(text) || faults.is_empty(), "{line} {faults:?}");
                }
                let without = |text: &str| -> Vec<String> {
                    let lines = text.lines().filter(|line| !line.starts_with('#'));
                    lines.map(|line| data(line).trim_end().to_owned()).collect()
                };
                if name.ends_with(".toml") {
                    assert_eq!(without(english), without(chinese), "{name}");
                }
            }
        }
    }

    /// Returns the comment or the description in a line.
    fn prose(line: &str) -> Option<&str> {
        let comment = line.split_once("# ").map(|(_, comment)| comment);
        comment.or_else(|| line.strip_prefix("description = "))
    }

    /// Returns a line without its comment or description.
    fn data(line: &str) -> &str {
        let end = prose(line).map_or(line.len(), |prose| line.len() - prose.len());
        &line[..end]
    }

    /// Returns whether a text has words: units, names and commands have none.
    fn has_words(text: &str) -> bool {
        let text = text.trim();
        let is_command = text.starts_with("eci ") || text.starts_with('[');
        !is_command && !["Mbps", "GiB", "MB"].contains(&text)
    }

    #[test]
    fn every_file_of_an_example_comes_with_it() {
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        for example in Example::value_variants() {
            let name = example.to_possible_value().unwrap().get_name().to_owned();
            let entries = std::fs::read_dir(all.join(&name)).unwrap();
            let mut there: Vec<String> = entries
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.file_type().unwrap().is_file())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            there.sort();
            let mut embedded: Vec<&str> = files(*example).iter().map(|file| file.name).collect();
            embedded.sort_unstable();
            assert_eq!(embedded, there, "{name}");
        }
    }
}
