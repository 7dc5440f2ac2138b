//! Sentences of the parser and of the standard library, with the messages of eci in their place.

use std::borrow::Cow;

use eci_text::Text;

/// Returns the help for a tip of the parser, if it is a known one.
pub(super) fn help_of_tip(tip: &str) -> Option<Text> {
    translated(tip, &TIPS)
}

/// Returns the reason why a value is invalid, if it is a known one.
pub(super) fn cause(text: &str) -> Option<Text> {
    translated(text, &CAUSES)
}

/// A sentence of the parser or of the standard library in its literal parts, and the message of eci
/// with `{0}` and `{1}` for the text between them.
struct Sentence {
    parser: &'static [&'static str],
    message: Text,
}

static TIPS: [Sentence; 7] = [
    Sentence {
        parser: &["set '", "' in the environment"],
        message: Text::fixed("set `{0}` in the environment", "设置环境变量 `{0}`"),
    },
    Sentence {
        parser: &["to pass '", "' as a value, use '", "'"],
        message: Text::fixed(
            "use `{1}` to pass `{0}` as a value",
            "如需将 `{0}` 作为值传递，使用 `{1}`",
        ),
    },
    Sentence {
        parser: &[
            "subcommand '",
            "' exists; to use it, remove the '--' before it",
        ],
        message: Text::fixed(
            "remove the `--` before it to run the command `{0}`",
            "命令 `{0}` 存在，如需使用，删除其前面的 `--`",
        ),
    },
    Sentence {
        parser: &["a similar argument exists: '", "'"],
        message: Text::fixed("did you mean `{0}`?", "是否应为 `{0}`？"),
    },
    Sentence {
        parser: &["write '", "' after '", "'"],
        message: Text::fixed("write `{0}` after `{1}`", "`{0}` 应写在 `{1}` 之后"),
    },
    Sentence {
        parser: &["write '", "'"],
        message: Text::fixed("write `{0}`", "使用 `{0}`"),
    },
    Sentence {
        parser: &["'", "' exists"],
        message: Text::fixed("did you mean `{0}`?", "是否应为 `{0}`？"),
    },
];

/// The reasons why a value is invalid, other than those that eci finds itself.
static CAUSES: [Sentence; 9] = [
    Sentence {
        parser: &["", " is not in ", "..=", ""],
        message: Text::fixed(
            "must be an integer from {1} to {2}",
            "应为 {1} 到 {2} 之间的整数",
        ),
    },
    Sentence {
        parser: &["value was not a boolean"],
        message: Text::fixed(
            "must be a boolean, for example `true` or `false`",
            "应为布尔值，例如 `true` 或 `false`",
        ),
    },
    Sentence {
        parser: &["invalid socket address syntax"],
        message: Text::fixed(
            "must be an IP address and a port, for example `127.0.0.1:9040`",
            "应为 IP 地址和端口，例如 `127.0.0.1:9040`",
        ),
    },
    Sentence {
        parser: &["invalid float literal"],
        message: Text::fixed("must be a number", "应为数值"),
    },
    Sentence {
        parser: &["cannot parse float from empty string"],
        message: Text::fixed(
            "must be a number, found an empty string",
            "应为数值，实际为空字符串",
        ),
    },
    Sentence {
        parser: &["invalid digit found in string"],
        message: Text::fixed("must be an integer", "应为整数"),
    },
    Sentence {
        parser: &["cannot parse integer from empty string"],
        message: Text::fixed(
            "must be an integer, found an empty string",
            "应为整数，实际为空字符串",
        ),
    },
    Sentence {
        parser: &["number too large to fit in target type"],
        message: Text::fixed("the integer is too large", "整数过大"),
    },
    Sentence {
        parser: &["number too small to fit in target type"],
        message: Text::fixed("the integer is too small", "整数过小"),
    },
];

/// Returns the message for a sentence, if it is a known one.
fn translated(text: &str, known: &[Sentence]) -> Option<Text> {
    let mut known = known.iter();
    let (message, words) =
        known.find_map(|sentence| Some((&sentence.message, between(text, sentence.parser)?)))?;
    let with_words = |message: Cow<'static, str>| {
        let mut message = message.into_owned();
        for (at, word) in words.iter().enumerate() {
            message = message.replace(&format!("{{{at}}}"), word);
        }
        message.into()
    };
    Some(message.clone().map(with_words))
}

/// Returns what is between the literal parts of a text.
fn between<'t>(text: &'t str, literals: &[&str]) -> Option<Vec<&'t str>> {
    let [first, middle @ .., last] = literals else {
        return (literals == [text]).then(Vec::new);
    };
    let mut rest = text.strip_prefix(first)?.strip_suffix(last)?;
    let mut words = Vec::new();
    for literal in middle {
        let (word, after) = rest.split_once(literal)?;
        words.push(word);
        rest = after;
    }
    words.push(rest);
    Some(words)
}

#[cfg(test)]
mod tests {
    use eci_text::{Lang, typography};

    use super::*;

    #[test]
    fn messages_keep_the_rules_of_chinese() {
        for sentence in TIPS.iter().chain(&CAUSES) {
            assert_eq!(typography::chinese(sentence.message.get(Lang::Zh)), [""; 0]);
        }
    }
}
