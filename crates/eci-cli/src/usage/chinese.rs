//! Wrong usage in Chinese. The parser reports mistakes in English, with their parts: here
//! is one sentence for each kind of mistake.

use std::error::Error as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use eci_render::Style;
use eci_render::style::Part;
use eci_text::Lang;

use super::terraform;
use crate::error::text_of;
use crate::help::framed;

/// Returns the message of wrong usage in Chinese.
pub(crate) fn chinese(error: &Error, style: Style) -> String {
    let mut all = format!("{} {}", style.paint(Part::Error, "错误:"), message(error));
    let tips = tips(error);
    if !tips.is_empty() {
        all.push('\n');
    }
    for tip in tips {
        all.push_str(&format!("\n  {} {tip}", style.paint(Part::Help, "帮助:")));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        all.push_str("\n\n");
        all.push_str(framed(&usage.to_string()).trim_end());
    }
    all.push_str("\n\n使用 `--help` 查看更多信息\n");
    all
}

/// Returns what is wrong.
fn message(error: &Error) -> String {
    let argument = || string(error, ContextKind::InvalidArg);
    let number = |kind| match error.get(kind) {
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::ArgumentConflict => conflict(error),
        ErrorKind::NoEquals => format!("为 `{}` 赋值时需要等号", argument()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error),
        ErrorKind::InvalidSubcommand => {
            format!(
                "未知命令 `{}`",
                string(error, ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingRequiredArgument => {
            format!(
                "缺少以下必填参数：{}",
                indented(&strings(error, ContextKind::InvalidArg))
            )
        }
        ErrorKind::InvalidUtf8 => "参数中有无效的 UTF-8".to_owned(),
        ErrorKind::TooManyValues => {
            let value = string(error, ContextKind::InvalidValue);
            format!("`{}` 的值过多，多余的值为 `{value}`", argument())
        }
        ErrorKind::TooFewValues => format!(
            "`{}` 至少需要 {} 个值，实际为 {} 个",
            argument(),
            number(ContextKind::MinValues),
            number(ContextKind::ActualNumValues),
        ),
        ErrorKind::WrongNumberOfValues => format!(
            "`{}` 需要 {} 个值，实际为 {} 个",
            argument(),
            number(ContextKind::ExpectedNumValues),
            number(ContextKind::ActualNumValues),
        ),
        ErrorKind::UnknownArgument => format!("未知参数 `{}`", argument()),
        other => format!("用法错误：{other}"),
    }
}

fn conflict(error: &Error) -> String {
    let this = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(command)) => format!("命令 `{command}`"),
        _ => format!("参数 `{}`", string(error, ContextKind::InvalidArg)),
    };
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(other)) if this == format!("参数 `{other}`") => {
            format!("{this} 不能重复使用")
        }
        Some(ContextValue::String(other)) => format!("{this} 不能与 `{other}` 同时使用"),
        Some(ContextValue::Strings(others)) => {
            format!("{this} 不能与以下参数同时使用：{}", indented(others))
        }
        _ => format!("{this} 不能与其他已指定的参数同时使用"),
    }
}

fn invalid_value(error: &Error) -> String {
    let value = string(error, ContextKind::InvalidValue);
    let named = string(error, ContextKind::InvalidArg);
    // The variable that the value came from is enough.
    let named = named.split(VARIABLE).next().unwrap_or_default();
    let mut message = if value.is_empty() {
        format!("`{named}` 缺少值")
    } else {
        format!("`{named}` 的值 `{value}` 无效")
    };
    if let Some(cause) = error.source() {
        message.push('：');
        let text = eci_render::localized!(cause; eci_engine::ServiceEndpointError);
        let text = text.unwrap_or_else(|| text_of(cause));
        let text = text.get(Lang::Zh);
        message.push_str(&translated(text, &CAUSES).unwrap_or_else(|| text.to_owned()));
    }
    let possible = strings(error, ContextKind::ValidValue);
    if !possible.is_empty() {
        message.push_str(&format!("\n  [可选值: {}]", possible.join("、")));
    }
    message
}

/// The separator of an environment variable and its option in the English message.
pub(super) const VARIABLE: &str = ", which stands for ";

fn string(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    }
}

fn strings(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::Strings(all)) => all.clone(),
        Some(ContextValue::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

fn indented(names: &[String]) -> String {
    names.iter().map(|name| format!("\n  {name}")).collect()
}

/// Returns what may have been meant.
fn tips(error: &Error) -> Vec<String> {
    let similar = [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ];
    let similar = similar.into_iter().flat_map(|kind| strings(error, kind));
    let mut all: Vec<String> = similar.map(|near| format!("是否应为 `{near}`？")).collect();
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        all.extend(tips.iter().map(|tip| translated_tip(&tip.to_string())));
    }
    all
}

/// An English sentence of the parser or of the standard library in its literal parts, and the
/// Chinese one with `{0}` and `{1}` for the text between them.
struct Sentence {
    en: &'static [&'static str],
    zh: &'static str,
}

const TIPS: [Sentence; 6] = [
    Sentence {
        en: &["to pass '", "' as a value, use '", "'"],
        zh: "如需将 `{0}` 作为值传递，使用 `{1}`",
    },
    Sentence {
        en: &[
            "subcommand '",
            "' exists; to use it, remove the '--' before it",
        ],
        zh: "命令 `{0}` 存在，如需使用，删除其前面的 `--`",
    },
    Sentence {
        en: &["a similar argument exists: '", "'"],
        zh: "是否应为 `{0}`？",
    },
    Sentence {
        en: &["write '", "' after '", "'"],
        zh: "`{0}` 应写在 `{1}` 之后",
    },
    Sentence {
        en: &["write '", "'"],
        zh: "使用 `{0}`",
    },
    Sentence {
        en: &["'", "' exists"],
        zh: "是否应为 `{0}`？",
    },
];

/// The reasons why a value is invalid, other than those that eci finds itself.
const CAUSES: [Sentence; 9] = [
    Sentence {
        en: &["", " is not in ", "..=", ""],
        zh: "应为 {1} 到 {2} 之间的整数",
    },
    Sentence {
        en: &["value was not a boolean"],
        zh: "应为布尔值，例如 `true` 或 `false`",
    },
    Sentence {
        en: &["invalid socket address syntax"],
        zh: "应为 IP 地址和端口，例如 `127.0.0.1:9040`",
    },
    Sentence {
        en: &["invalid float literal"],
        zh: "应为数值",
    },
    Sentence {
        en: &["cannot parse float from empty string"],
        zh: "应为数值，实际为空字符串",
    },
    Sentence {
        en: &["invalid digit found in string"],
        zh: "应为整数",
    },
    Sentence {
        en: &["cannot parse integer from empty string"],
        zh: "应为整数，实际为空字符串",
    },
    Sentence {
        en: &["number too large to fit in target type"],
        zh: "整数过大",
    },
    Sentence {
        en: &["number too small to fit in target type"],
        zh: "整数过小",
    },
];

/// Returns a tip in Chinese; an unknown one stays in English.
fn translated_tip(text: &str) -> String {
    if let Some(tip) = terraform::tip(text) {
        return tip.get(Lang::Zh).to_owned();
    }
    translated(text, &TIPS).unwrap_or_else(|| text.to_owned())
}

/// Returns the Chinese form of a sentence, if it is a known one.
fn translated(text: &str, known: &[Sentence]) -> Option<String> {
    let mut known = known.iter();
    let (zh, words) =
        known.find_map(|sentence| Some((sentence.zh, between(text, sentence.en)?)))?;
    let mut translated = zh.to_owned();
    for (at, word) in words.into_iter().enumerate() {
        translated = translated.replace(&format!("{{{at}}}"), word);
    }
    Some(translated)
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
#[allow(clippy::unwrap_used)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser as _;
    use eci_text::typography;

    use super::*;
    use crate::arguments::{Eci, Program};
    use crate::usage::explained;

    fn of(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Eci::try_parse_from(&words).unwrap_err();
        let error = explained(error, Program::Eci.command_line(), &words);
        chinese(&error, Style::plain())
    }

    #[test]
    fn every_mistake_has_a_sentence_in_chinese() {
        for (line, message, tip) in [
            (
                "eci plan --targt eip.a",
                "未知参数 `--targt`",
                "是否应为 `--target`？",
            ),
            ("eci frobnicate", "未知命令 `frobnicate`", ""),
            ("eci aply", "未知命令 `aply`", "是否应为 `apply`？"),
            (
                "eci -auto-approve apply",
                "未知参数 `-auto-approve`",
                "`--auto-approve` 应写在 `apply` 之后",
            ),
            ("eci plan -bogus", "未知参数 `-bogus`", ""),
            (
                "eci apply -lock=false",
                "未知参数 `-lock`",
                "使用 `--lock-timeout` 等待锁",
            ),
            ("eci plan apply", "未知参数 `apply`", "使用 `eci apply`"),
            ("eci get", "未知命令 `get`", "模块是本地目录"),
            (
                "eci import",
                "缺少以下必填参数：\n  <ADDR>\n  <ID>",
                "使用 `--all --write <DIR>`",
            ),
            (
                "eci apply -au",
                "未知参数 `-au`",
                "是否应为 `--auto-approve`？",
            ),
            (
                "eci apply -auto-aprove",
                "未知参数 `-auto-aprove`",
                "是否应为 `--auto-approve`？",
            ),
            (
                "eci destroy container_group.web",
                "未知参数 `container_group.web`",
                "使用 `--target container_group.web`",
            ),
            (
                "eci fmt --frob",
                "未知参数 `--frob`",
                "如需将 `--frob` 作为值传递，使用 `-- --frob`",
            ),
            (
                "eci plan --format xml",
                "`--format <FORM>` 的值 `xml` 无效\n  [可选值: text、json、events、markdown、html]",
                "",
            ),
            (
                "eci plan --format mrkdown",
                "`--format <FORM>` 的值 `mrkdown` 无效",
                "是否应为 `markdown`？",
            ),
            ("eci plan --out", "`--out <FILE>` 缺少值", ""),
            ("eci plan --input nope", "未知参数 `nope`", ""),
            ("eci state rm", "缺少以下必填参数：\n  <ADDR>...", ""),
            ("eci output --raw", "缺少以下必填参数：\n  <NAME>", ""),
            (
                "eci orphans --adopt container_group.web=eci-1 --delete",
                "参数 `--adopt <ADDR=ID>` 不能与 `--delete` 同时使用",
                "",
            ),
            (
                "eci plan --out a --out b",
                "参数 `--out <FILE>` 不能重复使用",
                "",
            ),
            (
                "eci apply --parallelism 0",
                "`--parallelism <N>` 的值 `0` 无效：应为 1 到 1000 之间的整数",
                "",
            ),
            (
                "eci apply --parallelism many",
                "`--parallelism <N>` 的值 `many` 无效：应为整数",
                "",
            ),
            (
                "eci apply --parallelism 99999999999999999999",
                "`--parallelism <N>` 的值 `99999999999999999999` 无效：整数过大",
                "",
            ),
            (
                "eci logs container_group.web --tail=-99999999999",
                "`--tail <N>` 的值 `-99999999999` 无效：应为 0 到 4294967295 之间的整数",
                "",
            ),
            (
                "eci sandbox serve --listen here",
                "`--listen <ADDR>` 的值 `here` 无效：应为 IP 地址和端口，例如 `127.0.0.1:9040`",
                "",
            ),
            (
                "eci sandbox serve --rate-limit fast",
                "`--rate-limit <N>` 的值 `fast` 无效：应为数值",
                "",
            ),
            (
                "eci plan --input=nope",
                "`ECI_INPUT` 的值 `nope` 无效：应为布尔值",
                "",
            ),
        ] {
            // As if the value came from the environment.
            let shown = if message.starts_with("`ECI_") {
                let words = ["eci", "plan", "--input=nope"].map(OsString::from);
                let error = Eci::try_parse_from(&words).unwrap_err();
                chinese(
                    &explained(error, Program::Eci.command_line(), &words[..2]),
                    Style::plain(),
                )
            } else {
                of(line)
            };
            assert!(
                shown.starts_with(&format!("错误: {message}")),
                "{line}\n{shown}"
            );
            assert!(shown.contains(tip), "{line}\n{shown}");
            assert!(!shown.contains("Usage"), "{shown}");
        }
    }

    #[test]
    fn messages_keep_the_rules_of_chinese() {
        for line in [
            "eci plan --out",
            "eci frobnicate",
            "eci plan --targt eip.a",
            "eci state rm",
        ] {
            for line in of(line).lines().filter(|line| !line.starts_with("错误: ")) {
                let line = line.replace("帮助: ", "");
                assert_eq!(typography::chinese(line.trim()), [""; 0]);
            }
        }
        for sentence in TIPS.iter().chain(&CAUSES) {
            assert_eq!(typography::chinese(sentence.zh), [""; 0]);
        }
    }
}
