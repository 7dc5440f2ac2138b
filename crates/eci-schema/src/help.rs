//! Help about one key.

use eci_core::schema::{Availability, Check, Field};
use eci_text::{Lang, List, say};

/// Returns what an editor shows of one key, in sentences: its description, whether it must be set, its
/// default, whether it is a secret.
pub fn field_help(field: &Field, lang: Lang) -> String {
    let mut text = sentence(field.doc.get(lang), lang);
    let notes = [
        required(field, lang),
        default(field, lang),
        alternatives(field, lang),
        (field.presence == Availability::OptionalComputed)
            .then(|| say!(lang, en: "If omitted, the cloud chooses.", zh: "未设置时由云端选择。")),
        field
            .sensitive
            .then(|| say!(lang, en: "A secret.", zh: "属于机密信息。")),
        field
            .literal_only
            .then(|| say!(lang, en: "Cannot be an expression.", zh: "不能是表达式。")),
        field.variant.map(|variant| {
            say!(
                lang,
                en: "For `type = \"{variant}\"`.",
                zh: "用于 `type = \"{variant}\"`。",
                variant = variant,
            )
        }),
    ];
    let checks = field.checks.iter();
    let checks = checks.map(|check| Some(sentence(&describe(*check, lang), lang)));
    for note in notes.into_iter().chain(checks).flatten() {
        text.push_str(lang.pick(" ", ""));
        text.push_str(&note);
    }
    text
}

/// Returns a text as a sentence: in English with a capital letter, and with a full stop.
pub(crate) fn sentence(text: &str, lang: Lang) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase());
    let text: String = first.into_iter().flatten().chain(characters).collect();
    if text.ends_with(['.', '!', '?', '。', '？']) {
        text
    } else {
        format!("{text}{}", lang.pick(".", "。"))
    }
}

fn required(field: &Field, lang: Lang) -> Option<String> {
    let is_required = field.presence == Availability::Required;
    (is_required && field.default.is_none() && field.default_from.is_none())
        .then(|| say!(lang, en: "Required.", zh: "必填。"))
}

fn default(field: &Field, lang: Lang) -> Option<String> {
    let default = field.default.or(field.api_default)?;
    Some(say!(lang, en: "Default: `{default}`.", zh: "默认值：`{default}`。", default = default))
}

fn alternatives(field: &Field, lang: Lang) -> Option<String> {
    let others = field.default_from.filter(|others| !others.is_empty())?;
    Some(say!(
        lang,
        en: "Alternatively, set {others}.",
        zh: "也可以设置 {others}。",
        others = in_backticks(others),
    ))
}

/// Returns names within backticks, in a list.
pub(crate) fn in_backticks(names: &[&str]) -> List<String> {
    List::and(names.iter().map(|name| format!("`{name}`")))
}

/// Returns what a check requires, in a few words.
pub(crate) fn describe(check: Check, lang: Lang) -> String {
    match check {
        Check::DnsLabel => say!(
            lang,
            en: "1 to 63 characters a-z, 0-9 and `-`, starting and ending with a letter or digit",
            zh: "1 到 63 个 a-z、0-9 和 `-`，以字母或数字开头和结尾",
        ),
        Check::AbsolutePath => say!(lang, en: "starts with `/`", zh: "以 `/` 开头"),
        Check::NotEmpty => say!(lang, en: "not empty", zh: "不能为空"),
        Check::IpAddress => say!(lang, en: "an IP address", zh: "IP 地址"),
        Check::HostPath => say!(
            lang,
            en: "a host and a path, for example `10.0.0.2:/share`",
            zh: "主机和路径，例如 `10.0.0.2:/share`",
        ),
        Check::ImageName => say!(
            lang,
            en: "`[HOST[:PORT]/]PATH[:TAG][@DIGEST]` (assumed)",
            zh: "`[HOST[:PORT]/]PATH[:TAG][@DIGEST]`（推定）",
        ),
        Check::EnvNames => say!(
            lang,
            en: "keys of letters, digits, `_`, `-` and `.`, not starting with a digit (assumed)",
            zh: "键由字母、数字、`_`、`-` 和 `.` 组成，不以数字开头（推定）",
        ),
        Check::AtLeastOne => say!(lang, en: "at least 1", zh: "至少 1 个"),
        Check::AtMost(most) | Check::AtMostTags(most) => {
            say!(lang, en: "at most {most}", zh: "最多 {most} 个", most = most)
        }
        Check::ProbablyAtMost(most) => say!(
            lang,
            en: "at most {most} (assumed)",
            zh: "最多 {most} 个（推定）",
            most = most,
        ),
        Check::NamespacedSysctlKeys => say!(
            lang,
            en: "`kernel.shm*`, `kernel.msg*`, `kernel.sem`, `fs.mqueue.*` and `net.*` except `net.core.rmem_max`",
            zh: "`kernel.shm*`、`kernel.msg*`、`kernel.sem`、`fs.mqueue.*` 以及 `net.core.rmem_max` 之外的 `net.*`",
        ),
        Check::EipName => say!(
            lang,
            en: "2 to 32 letters, digits, `_`, `-` and Chinese characters, starting with a letter or a \
                 Chinese character",
            zh: "2 到 32 个字母、数字、`_`、`-` 或汉字，以字母或汉字开头",
        ),
        Check::DiskName => say!(
            lang,
            en: "2 to 63 letters, digits, `_` and `-`, starting with a letter",
            zh: "2 到 63 个字母、数字、`_` 或 `-`，以字母开头",
        ),
        Check::ProbablySoldUpTo(most) => say!(
            lang,
            en: "probably not offered above {most}",
            zh: "超过 {most} 可能不在售",
            most = most,
        ),
        Check::TwoDecimals => say!(lang, en: "an amount with two decimals", zh: "带两位小数的金额"),
        Check::LabelLengths => say!(
            lang,
            en: "keys and values of 1 to 32 characters",
            zh: "键和值为 1 到 32 个字符",
        ),
        Check::TagLengths => say!(
            lang,
            en: "keys of 1 to {key} characters, values of at most {value}",
            zh: "键为 1 到 {key} 个字符，值最多 {value} 个字符",
            key = Check::LONGEST_TAG_KEY,
            value = Check::LONGEST_TAG_VALUE,
        ),
    }
}

#[cfg(test)]
mod tests {
    use eci_core::tables::ManifestShape;

    use super::*;

    fn help(path: &str, lang: Lang) -> Option<String> {
        let shape = path
            .split('/')
            .fold(ManifestShape::root(), |shape, key| shape.child(key, None));
        shape.field().map(|field| field_help(field, lang))
    }

    #[test]
    fn a_key_is_explained_in_sentences() {
        for (path, expected) in [
            ("container_group/web/vpc_id", "The ID of the VPC. Required."),
            (
                "container_group/web/restart_policy",
                "When to restart containers that have exited. Default: `\"Always\"`.",
            ),
            (
                "volume/data/credential",
                "`access_key:secret_key` in base64. Alternatively, set `access_key` and `secret_key`. A secret. For `type = \"ZosVolume\"`.",
            ),
            (
                "moved/from",
                "The old address. Required. Cannot be an expression.",
            ),
        ] {
            assert_eq!(help(path, Lang::En).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(
            help("container_group/web/restart_policy", Lang::Zh).as_deref(),
            Some("何时重启已退出的容器。默认值：`\"Always\"`。")
        );
    }
}
