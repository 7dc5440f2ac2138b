//! Completion in bash, whose words arrive with their quotes and split at `=`.

use std::ffi::OsString;
use std::io;
use std::path::Path;

use clap::Command;
use clap_complete::engine::complete;
use clap_complete::env::{Bash as Unquoted, EnvCompleter};

/// The adapter for bash.
///
/// That of `clap_complete` passes words and candidates on as they are, so that an address like
/// `container_group.web["a"]` would lose its quotes.
pub(super) struct Bash;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        Unquoted.name()
    }

    fn is(&self, name: &str) -> bool {
        Unquoted.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        Unquoted.write_registration(var, name, bin, completer, buf)
    }

    fn write_complete(
        &self,
        command: &mut Command,
        line: Vec<OsString>,
        directory: Option<&Path>,
        buf: &mut dyn io::Write,
    ) -> io::Result<()> {
        let index = std::env::var("_CLAP_COMPLETE_INDEX").ok();
        let index = index.and_then(|index| index.parse().ok());
        let index = index.unwrap_or(line.len().saturating_sub(1));
        let separator = std::env::var("_CLAP_IFS").unwrap_or_else(|_| "\n".to_owned());
        let line: Vec<String> = line
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let current = CurrentWords::of(&line, index);
        let position = current.words.len().saturating_sub(1);
        let words = current.words.into_iter().map(OsString::from).collect();
        let candidates = complete(command, words, position, directory)?;
        let candidates: Vec<String> = candidates
            .iter()
            .map(|candidate| {
                let text = candidate.get_value().to_string_lossy();
                let text = text.strip_prefix(&current.prefix).unwrap_or(&text);
                if current.is_quoted {
                    text.to_owned()
                } else {
                    quoted(text)
                }
            })
            .collect();
        buf.write_all(candidates.join(&separator).as_bytes())
    }
}

/// Returns the words of a line as the program would receive them: without quotes, and with an option and its
/// value in two words where bash splits them at `=`.
pub(super) fn joined(line: &[String]) -> Vec<String> {
    CurrentWords::of(line, line.len().saturating_sub(1)).words
}

/// The words up to the one that is being typed.
struct CurrentWords {
    words: Vec<String>,
    /// The part of the last word that bash treats as another word.
    prefix: String,
    /// Whether the last word begins with a quote, which bash keeps.
    is_quoted: bool,
}

impl CurrentWords {
    fn of(line: &[String], index: usize) -> CurrentWords {
        let mut words: Vec<String> = Vec::new();
        let mut prefix = String::new();
        let mut follows_equals = false;
        for word in line.iter().take(index.saturating_add(1)) {
            let text = unquoted(word);
            prefix.clear();
            let last = words.last_mut().filter(|_| word == "=" || follows_equals);
            match last {
                // `--target=` is followed by its value, like `--target`.
                Some(last) if word == "=" && last.starts_with('-') => {
                    follows_equals = false;
                    continue;
                }
                Some(last) => {
                    if word != "=" {
                        prefix.clone_from(last);
                    }
                    last.push_str(&text);
                }
                None => words.push(text),
            }
            follows_equals = word == "=";
        }
        // The word that is being typed may be empty, and is then not sent.
        if line.len() <= index {
            words.push(String::new());
        }
        let last = line.get(index).map_or("", String::as_str);
        CurrentWords {
            words,
            prefix,
            is_quoted: last.starts_with(['\'', '"']),
        }
    }
}

/// Returns a word of a shell without its quotes, as far as it is written.
pub(super) fn unquoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut quote: Option<char> = None;
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            ('\\', None | Some('"')) => text.extend(characters.next()),
            (end, Some(begin)) if end == begin => quote = None,
            ('\'' | '"', None) => quote = Some(character),
            _ => text.push(character),
        }
    }
    text
}

/// Returns a text as a word of a shell that continues what is typed already.
fn quoted(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_whitespace() || "\"'\\[](){}<>;&|$`!*?#".contains(character) {
            word.push('\\');
        }
        word.push(character);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[&str]) -> (Vec<String>, String) {
        let line: Vec<String> = line.iter().map(|word| (*word).to_owned()).collect();
        let current = CurrentWords::of(&line, line.len() - 1);
        (current.words, current.prefix)
    }

    #[test]
    fn a_value_after_an_equals_sign_belongs_to_its_option() {
        let (found, prefix) = words(&["eci", "plan", "--target", "=", "eip."]);
        assert_eq!(found, ["eci", "plan", "--target", "eip."]);
        assert_eq!(prefix, "");
        let (found, prefix) = words(&["eci", "plan", "--var", "image", "=", "ng"]);
        assert_eq!(found, ["eci", "plan", "--var", "image=ng"]);
        assert_eq!(prefix, "image=");
    }

    #[test]
    fn quotes_are_removed_and_added() {
        assert_eq!(unquoted(r#"'my web'"#), "my web");
        assert_eq!(unquoted(r#"eip.a\[\"b\"\]"#), r#"eip.a["b"]"#);
        assert_eq!(unquoted(r#""a\"b"#), r#"a"b"#);
        assert_eq!(quoted(r#"eip.a["b c"]"#), r#"eip.a\[\"b\ c\"\]"#);
        assert_eq!(quoted("--target"), "--target");
    }
}
