//! Messages about wrong usage.
//!
//! The parser reports mistakes in English, with their parts: here is one sentence for each kind of
//! mistake, in each language.

use std::error::Error as StdError;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use eci_core::address::AddressError;
use eci_render::Style;
use eci_render::style::TextRole;
use eci_text::{Lang, List, Text, text};

use super::{sentences, terraform};
use crate::error::text_of;
use crate::help::framed;

/// Returns the message of wrong usage in the language of the style.
pub(crate) fn message(error: &Error, style: Style) -> String {
    let lang = style.lang();
    let head = style.paint(TextRole::Error, lang.pick("error:", "错误:"));
    let mut all = format!("{head} {}", problem(error).get(lang));
    let helps = helps(error);
    if !helps.is_empty() {
        all.push('\n');
    }
    for help in helps {
        let head = style.paint(TextRole::Help, lang.pick("help:", "帮助:"));
        all.push_str(&format!("\n  {head} {}", help.get(lang)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        all.push_str("\n\n");
        let usage = match lang {
            Lang::En => usage,
            Lang::Zh => framed(&usage),
        };
        all.push_str(usage.trim_end());
    }
    all.push_str(lang.pick(
        "\n\nUse `--help` for more information\n",
        "\n\n使用 `--help` 查看更多信息\n",
    ));
    all
}

/// Returns what is wrong.
fn problem(error: &Error) -> Text {
    let argument = string(error, ContextKind::InvalidArg);
    let number = |kind| match error.get(kind) {
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::ArgumentConflict => conflict(error),
        ErrorKind::NoEquals => text!(
            en: "`{argument}` requires an equal sign before its value",
            zh: "为 `{argument}` 赋值时需要等号",
            argument = argument,
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error),
        ErrorKind::InvalidSubcommand => text!(
            en: "unknown command `{command}`",
            zh: "未知命令 `{command}`",
            command = string(error, ContextKind::InvalidSubcommand),
        ),
        ErrorKind::MissingRequiredArgument => text!(
            en: "missing required arguments:{names}",
            zh: "缺少以下必填参数：{names}",
            names = indented(&strings(error, ContextKind::InvalidArg)),
        ),
        ErrorKind::InvalidUtf8 => text!(
            en: "an argument is not valid UTF-8",
            zh: "参数中有无效的 UTF-8",
        ),
        // Every option with a value has one.
        ErrorKind::TooManyValues => text!(
            en: "`{argument}` accepts no value, found `{value}`",
            zh: "`{argument}` 不接受值，实际为 `{value}`",
            argument = argument,
            value = string(error, ContextKind::InvalidValue),
        ),
        ErrorKind::TooFewValues => text!(
            en: "`{argument}` requires at least {expected} values, found {found}",
            zh: "`{argument}` 至少需要 {expected} 个值，实际为 {found} 个",
            argument = argument,
            expected = number(ContextKind::MinValues),
            found = number(ContextKind::ActualNumValues),
        ),
        ErrorKind::WrongNumberOfValues => text!(
            en: "`{argument}` requires {expected} values, found {found}",
            zh: "`{argument}` 需要 {expected} 个值，实际为 {found} 个",
            argument = argument,
            expected = number(ContextKind::ExpectedNumValues),
            found = number(ContextKind::ActualNumValues),
        ),
        ErrorKind::UnknownArgument => text!(
            en: "unknown argument `{argument}`",
            zh: "未知参数 `{argument}`",
            argument = argument,
        ),
        other => text!(
            en: "invalid usage: {other}",
            zh: "用法错误：{other}",
            other = other.to_string(),
        ),
    }
}

fn conflict(error: &Error) -> Text {
    let named = string(error, ContextKind::InvalidArg);
    let this = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(command)) => {
            text!(en: "the command `{name}`", zh: "命令 `{name}`", name = command)
        }
        _ => text!(en: "the argument `{name}`", zh: "参数 `{name}`", name = named),
    };
    match error.get(ContextKind::PriorArg) {
        Some(ContextValue::String(other)) if named == *other => text!(
            en: "{this} cannot be used multiple times",
            zh: "{this} 不能重复使用",
            this = this,
        ),
        Some(ContextValue::String(other)) => text!(
            en: "{this} cannot be used with `{other}`",
            zh: "{this} 不能与 `{other}` 同时使用",
            this = this,
            other = other,
        ),
        Some(ContextValue::Strings(others)) => text!(
            en: "{this} cannot be used with:{others}",
            zh: "{this} 不能与以下参数同时使用：{others}",
            this = this,
            others = indented(others),
        ),
        _ => text!(
            en: "{this} cannot be used with the other given arguments",
            zh: "{this} 不能与其他已指定的参数同时使用",
            this = this,
        ),
    }
}

fn invalid_value(error: &Error) -> Text {
    let value = string(error, ContextKind::InvalidValue);
    let named = string(error, ContextKind::InvalidArg);
    // The variable that the value came from is enough.
    let named = named.split(VARIABLE).next().unwrap_or_default();
    let message = if value.is_empty() {
        text!(
            en: "missing value of `{named}`",
            zh: "`{named}` 缺少值",
            named = named,
        )
    } else {
        text!(
            en: "invalid value `{value}` for `{named}`",
            zh: "`{named}` 的值 `{value}` 无效",
            value = value,
            named = named,
        )
    };
    let message = match error.source().map(cause) {
        Some(cause) => text!(
            en: "{message}: {cause}",
            zh: "{message}：{cause}",
            message = message,
            cause = cause,
        ),
        None => message,
    };
    let possible = strings(error, ContextKind::ValidValue);
    if possible.is_empty() {
        return message;
    }
    let possible = Text::new(possible.join(", "), possible.join("、"));
    text!(
        en: "{message}\n  [possible values: {possible}]",
        zh: "{message}\n  [可选值: {possible}]",
        message = message,
        possible = possible,
    )
}

/// Returns the reason why a value is invalid.
fn cause(cause: &(dyn StdError + 'static)) -> Text {
    // The message about the value names it already.
    if let Some(error) = cause.downcast_ref::<AddressError>() {
        return error.reason().clone();
    }
    if cause.is::<eci_sandbox::SpeedError>() {
        return text!(
            en: "must be `instant` or a number greater than 0",
            zh: "应为 `instant` 或大于 0 的数值",
        );
    }
    let text = eci_render::localized!(cause; eci_engine::ServiceEndpointError);
    let text = text.unwrap_or_else(|| text_of(cause));
    sentences::cause(text.en()).unwrap_or(text)
}

/// The separator of an environment variable and its option in a value of the parser.
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

/// Returns what to do: first what may have been meant.
fn helps(error: &Error) -> Vec<Text> {
    let cause = error.source();
    let cause = cause.and_then(|cause| cause.downcast_ref::<eci_engine::ServiceEndpointError>());
    let mut all: Vec<Text> = cause.and_then(|cause| cause.help()).into_iter().collect();
    for kind in [
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
    ] {
        let near = strings(error, kind);
        if !near.is_empty() {
            let near = List::or(near.into_iter().map(|near| format!("`{near}`")));
            all.push(text!(en: "did you mean {near}?", zh: "是否应为 {near}？", near = near));
        }
    }
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) {
        all.extend(tips.iter().map(|tip| help_of_tip(&tip.to_string())));
    }
    if string(error, ContextKind::InvalidArg).starts_with("--from ")
        && string(error, ContextKind::InvalidValue) == "gitops"
    {
        all.push(GITOPS);
    }
    if error.kind() == ErrorKind::TooManyValues {
        all.push(without_value(error));
    }
    // A tip names the whole command.
    let mut cause = error.source().filter(|_| all.is_empty());
    while let Some(error) = cause {
        all.extend(
            error
                .downcast_ref::<AddressError>()
                .and_then(AddressError::help),
        );
        cause = error.source();
    }
    all
}

/// Returns the help for a flag with a value.
fn without_value(error: &Error) -> Text {
    let argument = string(error, ContextKind::InvalidArg);
    if string(error, ContextKind::InvalidValue) == "false" {
        text!(en: "omit `{argument}`", zh: "去掉 `{argument}`", argument = argument)
    } else {
        text!(
            en: "write `{argument}` without a value",
            zh: "使用 `{argument}`，不带值",
            argument = argument,
        )
    }
}

/// The help for an example that consists of several directories.
const GITOPS: Text = Text::fixed(
    "copy `examples/gitops` of the repository: it has a directory for each environment",
    "复制仓库中的 `examples/gitops`，其中每个环境各有一个目录",
);

/// Returns a tip of the parser as a help; an unknown one stays in English.
fn help_of_tip(tip: &str) -> Text {
    if let Some(help) = terraform::tip(tip) {
        return help.clone();
    }
    sentences::help_of_tip(tip).unwrap_or_else(|| Text::verbatim(tip.to_owned()))
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
        in_language(line, Lang::Zh)
    }

    fn in_language(line: &str, lang: Lang) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = Eci::try_parse_from(&words).unwrap_err();
        let error = explained(error, Program::Eci.command_line(), &words);
        message(&error, Style::plain().with_lang(lang))
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
                "eci explain E0202 --json",
                "未知参数 `--json`",
                "去掉该选项：说明只有文本格式",
            ),
            (
                "eci destroy container_group.web",
                "未知参数 `container_group.web`",
                "使用 `--target container_group.web`",
            ),
            ("eci fmt --frob", "未知参数 `--frob`", ""),
            (
                "eci apply --auto-approve=false",
                "`--auto-approve` 不接受值，实际为 `false`",
                "去掉 `--auto-approve`",
            ),
            ("eci help aply", "未知命令 `aply`", "是否应为 `apply`？"),
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
                "eci plan --sandbox --sandbox-speed fast",
                "`--sandbox-speed <SPEED>` 的值 `fast` 无效：应为 `instant` 或大于 0 的数值",
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
                let error = explained(error, Program::Eci.command_line(), &words[..2]);
                super::message(&error, Style::plain().with_lang(Lang::Zh))
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
    fn a_mistake_has_one_sentence_and_its_remedy_in_each_language() {
        for (line, en, zh) in [
            (
                "eci plann",
                "error: unknown command `plann`\n\n  help: did you mean `plan`?\n\nUsage: eci ",
                "错误: 未知命令 `plann`\n\n  帮助: 是否应为 `plan`？\n\n用法：eci ",
            ),
            (
                "eci logs web",
                "error: invalid value `web` for `<ADDR>`: missing resource type\n\n  help: did you mean \
                 `container_group.web`?\n\n",
                "错误: `<ADDR>` 的值 `web` 无效：缺少资源类型\n\n  帮助: 是否应为 \
                 `container_group.web`？\n\n",
            ),
            (
                "eci orphans --adopt web=eci-1",
                "error: invalid value `web=eci-1` for `--adopt <ADDR=ID>`: invalid address `web`: \
                 missing resource type\n\n  help: did you mean `container_group.web`?\n\n",
                "错误: `--adopt <ADDR=ID>` 的值 `web=eci-1` 无效：地址 `web` 无效：缺少资源类型\n\n  \
                 帮助: 是否应为 `container_group.web`？\n\n",
            ),
            (
                "eci init --from gitops",
                "error: invalid value `gitops` for `--from <EXAMPLE>`\n  [possible values: quickstart, \
                 web-three-tier, stateful, batch, vendor]\n\n  help: copy `examples/gitops` of the \
                 repository",
                "错误: `--from <EXAMPLE>` 的值 `gitops` 无效\n  [可选值: \
                 quickstart、web-three-tier、stateful、batch、vendor]\n\n  帮助: 复制仓库中的 \
                 `examples/gitops`，",
            ),
            (
                "eci apply --parallelism 0",
                "error: invalid value `0` for `--parallelism <N>`: must be an integer from 1 to 1000\n\n",
                "错误: `--parallelism <N>` 的值 `0` 无效：应为 1 到 1000 之间的整数\n\n",
            ),
        ] {
            for (lang, start) in [(Lang::En, en), (Lang::Zh, zh)] {
                let shown = in_language(line, lang);
                assert!(shown.starts_with(start), "{line}\n{shown}");
                assert!(!shown.contains("tip:"), "{shown}");
            }
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
    }
}
