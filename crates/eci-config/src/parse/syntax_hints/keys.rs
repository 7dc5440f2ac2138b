//! Hints about keys, headers, and what separates a key from its value.

use eci_core::Diagnostic;
use eci_core::diagnostic::Span;
use eci_text::text;

use super::{SourceLine, SyntaxHints, is_key};

impl SyntaxHints<'_> {
    /// Returns the error of a name or a key without quotes that is not ASCII.
    pub(super) fn bare(&self, line: &SourceLine<'_>) -> Option<Diagnostic> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let at = line.at.start - line.start;
        let (before, after) = line.text.split_at_checked(at)?;
        let start = at - before.len() + before.trim_end_matches(is_part).len();
        let end = at + after.find(|c| !is_part(c)).unwrap_or(after.len());
        let written = line.text.get(start..end)?;
        if written.is_ascii() || !written.chars().all(is_part) {
            return None;
        }
        let range = line.start + start..line.start + end;
        let header = line.text[..start].trim_start().trim_start_matches('[');
        let is_name = line.text.trim_start().starts_with('[') && header.matches('.').count() == 1;
        if !is_name {
            let message = text!(
                en: "the key `{key}` must be quoted, because it is not ASCII",
                zh: "键 `{key}` 包含非 ASCII 字符，必须加引号",
                key = written,
            );
            let (error, place) = (
                self.error(range.clone(), message),
                Span::new(self.source, range),
            );
            let meant = format!("{written:?}");
            return Some(
                error
                    .help(text!(en: "write `{meant}`", zh: "写成 `{meant}`", meant = meant))
                    .edit(place, meant),
            );
        }
        let message = text!(
            en: "invalid name `{name}`: names consist of ASCII letters, digits, `_`, and `-`",
            zh: "名称 `{name}` 无效：名称由 ASCII 字母、数字、`_` 和 `-` 组成",
            name = written,
        );
        let table = header.trim_end_matches('.').trim();
        let is_resource = eci_core::Kind::ALL.iter().any(|kind| kind.name() == table);
        let help = if is_resource {
            text!(
                en: "use an ASCII name, and set the name in the cloud with `name = {name}`",
                zh: "使用 ASCII 名称，并用 `name = {name}` 设置云端的名称",
                name = format!("{written:?}"),
            )
        } else {
            text!(en: "use an ASCII name", zh: "使用 ASCII 名称")
        };
        Some(self.error(range, message).help(help))
    }

    /// Returns the error of a line without `=`, or of one that does not begin with a key.
    pub(super) fn key(&self, line: &SourceLine<'_>) -> Option<Diagnostic> {
        let written = line.text.trim_end();
        if written.starts_with('[') && !written.contains(']') {
            let double = written.starts_with("[[");
            let end = line.start + written.len();
            let close = if double { "]]" } else { "]" };
            let error = self.error(
                line.start..end,
                text!(
                    en: "unclosed table header: missing `{close}`",
                    zh: "表头未闭合：缺少 `{close}`",
                    close = close,
                ),
            );
            let place = Span::new(self.source, end..end);
            return Some(
                error
                    .help(text!(
                        en: "close the header with `{close}`",
                        zh: "用 `{close}` 闭合表头",
                        close = close,
                    ))
                    .edit(place, close),
            );
        }
        let Some(colon) = written.find([':', '：']) else {
            let (key, _) = written
                .trim_start()
                .split_once(' ')
                .filter(|(key, _)| is_key(key))?;
            let at = line.start + (written.len() - written.trim_start().len()) + key.len();
            let error = self.error(
                line.at.clone(),
                text!(
                    en: "expected `=` after `{key}`",
                    zh: "`{key}` 之后应为 `=`",
                    key = key,
                ),
            );
            let place = Span::new(self.source, at..at);
            return Some(
                error
                    .help(text!(
                        en: "write `=` between the key and its value",
                        zh: "在键和值之间写 `=`",
                    ))
                    .edit(place, " ="),
            );
        };
        if !is_key(&written[..colon]) {
            return None;
        }
        let sign = written[colon..].chars().next()?;
        let range = line.start + colon..line.start + colon + sign.len_utf8();
        let space = if written[..colon].ends_with(' ') {
            "="
        } else {
            " ="
        };
        let error = self.error(
            range.clone(),
            text!(
                en: "expected `=` between a key and its value",
                zh: "键和值之间应为 `=`",
            ),
        );
        let place = Span::new(self.source, range);
        Some(
            error
                .help(text!(
                    en: "replace the colon by `=`",
                    zh: "将冒号替换为 `=`",
                ))
                .edit(place, space),
        )
    }
}
