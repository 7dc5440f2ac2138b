//! Sentences in English within the output of a command in Chinese.

use std::sync::LazyLock;

use regex::Regex;

/// Words that are never translated: those of the operating system, of libraries, of the cloud and of
/// containers.
const FOREIGN: [&str; 5] = [
    "(os error ",
    "：connection closed before message completed",
    " 调用失败：422 Invalid：",
    " starting from ",
    "ready to serve",
];

/// Parts of a line that are quoted, or data: strings, code, comments, paths.
static DATA: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"`[^`]*`|"[^"]*"|'[^']*'|<[^>]*>"#).unwrap());

/// Words of a sentence, one after the other: names have other characters, and statuses are
/// capitalized.
static SENTENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(^|[^\w.-])([a-z]{2,},? ){2,}[a-z]{2,}($|[^\w.-])").unwrap());

/// Returns the lines of an output in Chinese that have a sentence in English.
///
/// Commands, quotations of manifests and JSON are not translated.
pub fn untranslated(output: &str) -> impl Iterator<Item = &str> {
    output.lines().filter(|line| {
        let line = line.trim_start();
        let is_quoted = line.starts_with("$ ") || line.starts_with(['{', '}', '"', '|']);
        let has_gutter = line
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with(" |");
        let is_foreign = FOREIGN.iter().any(|words| line.contains(words));
        let words = DATA.replace_all(line, "\"");
        !is_quoted && !has_gutter && !is_foreign && SENTENCE.is_match(&words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_found_and_data_are_not() {
        let all = "\
$ eci plan that is a command
错误：读取 `a b c d` 失败
12 | name = a quoted line of a manifest
错误：读取 `nofile` 失败：No such file or directory (os error 2)
  - cpu = 1 -> 2
container_group.web：creating the disk first
";
        let found: Vec<&str> = untranslated(all).collect();
        assert_eq!(found, ["container_group.web：creating the disk first"]);
    }
}
