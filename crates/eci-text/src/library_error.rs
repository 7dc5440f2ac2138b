//! Errors of libraries in words of eci, as far as their structure is known.
//!
//! A parser or a connection reports its error in English. Where the error states a place and a category, a
//! message has its own sentence in each language; what remains are the words of the library, which are
//! quoted after the sentence and not translated.

use std::error::Error;
use std::fmt;
use std::io;

use serde_json::error::Category;

use crate::{Lang, Localize, Message, Text};

/// The place and the category of a JSON error in each language, and the words of the parser after them.
impl Localize for serde_json::Error {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = (self.line(), self.column());
        if line == 0 {
            // An error of a serializer, or of a value that was not read from a text.
            return fmt::Display::fmt(self, f);
        }
        let displayed = self.to_string();
        let place = format!(" at line {line} column {column}");
        let words = displayed.strip_suffix(&place).unwrap_or(&displayed);
        match (lang, self.classify()) {
            (Lang::En, Category::Eof) => write!(
                f,
                "the JSON ends unexpectedly at line {line}, column {column}"
            ),
            (Lang::Zh, Category::Eof) => write!(f, "JSON 在第 {line} 行第 {column} 列意外结束"),
            (Lang::En, Category::Data) => write!(
                f,
                "unexpected JSON at line {line}, column {column}: {words}"
            ),
            (Lang::Zh, Category::Data) => {
                write!(f, "第 {line} 行第 {column} 列的 JSON 不符合预期：{words}")
            }
            (Lang::En, Category::Syntax | Category::Io) => {
                write!(f, "invalid JSON at line {line}, column {column}: {words}")
            }
            (Lang::Zh, Category::Syntax | Category::Io) => {
                write!(f, "第 {line} 行第 {column} 列的 JSON 无效：{words}")
            }
        }
    }
}

impl Text {
    /// Returns the text of an error of any library: own sentences for errors of the operating system and of
    /// JSON, the words of the library for all others.
    pub fn of_error(error: &(dyn Error + 'static)) -> Text {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            Text::of(error)
        } else if let Some(error) = error.downcast_ref::<serde_json::Error>() {
            Text::of(error)
        } else if let Some(error) = error.downcast_ref::<Message>() {
            Text::of(error)
        } else {
            Text::verbatim(error.to_string())
        }
    }

    /// Returns the text of the innermost cause of an error, which states what happened: the errors around it
    /// repeat what was tried, and may name addresses with credentials.
    pub fn of_root_cause(error: &(dyn Error + 'static)) -> Text {
        let mut cause = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        Text::of_error(cause)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::In;

    fn parse(text: &str) -> serde_json::Error {
        serde_json::from_str::<[u32; 2]>(text).unwrap_err()
    }

    #[test]
    fn a_json_error_has_its_place_and_category_in_each_language() {
        for (text, en, zh) in [
            (
                "[1,",
                "the JSON ends unexpectedly at line 1, column 3",
                "JSON 在第 1 行第 3 列意外结束",
            ),
            (
                "[1,\n]",
                "invalid JSON at line 2, column 1: trailing comma",
                "第 2 行第 1 列的 JSON 无效：trailing comma",
            ),
            (
                "[true, 1]",
                "unexpected JSON at line 1, column 5: invalid type: boolean `true`, expected u32",
                "第 1 行第 5 列的 JSON 不符合预期：invalid type: boolean `true`, expected u32",
            ),
        ] {
            let error = parse(text);
            assert_eq!(In(&error, Lang::En).to_string(), en);
            assert_eq!(In(&error, Lang::Zh).to_string(), zh);
            assert_eq!(Text::of_error(&error).get(Lang::Zh), zh);
        }
    }

    #[test]
    fn a_json_error_without_a_place_has_the_words_of_the_library() {
        let value = serde_json::Value::Bool(true);
        let error = serde_json::from_value::<u32>(value).unwrap_err();
        assert_eq!(In(&error, Lang::Zh).to_string(), error.to_string());
    }

    #[test]
    fn the_root_cause_of_an_error_is_localized() {
        #[derive(Debug)]
        struct SendError(io::Error);

        impl fmt::Display for SendError {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("failed to send to https://user:password@host")
            }
        }

        impl Error for SendError {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }

        let refused = SendError(io::ErrorKind::ConnectionRefused.into());
        let text = Text::of_root_cause(&refused);
        assert_eq!(text.get(Lang::En), "connection refused");
        assert_eq!(text.get(Lang::Zh), "连接被拒绝");
        let other = SendError(io::Error::other("invalid peer certificate"));
        assert_eq!(
            Text::of_root_cause(&other).get(Lang::Zh),
            "invalid peer certificate"
        );
    }
}
