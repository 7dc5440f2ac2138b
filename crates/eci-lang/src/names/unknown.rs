//! The errors of names that nothing has.

use std::ops::Range;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Kind, codes};
use eci_text::{List, text};

use crate::evaluate::Evaluator;
use crate::resolver::Namespace;

/// The words that expressions begin with.
pub(super) const ROOTS: [&str; 10] = [
    "var",
    "local",
    "each",
    "path",
    "module",
    "eci",
    "state",
    "eip",
    "volume",
    "container_group",
];

/// The most instance keys that are listed in a help.
const MOST_KEYS_SHOWN: usize = 5;

impl Evaluator<'_> {
    pub(super) fn unknown_root(&self, word: &str, span: Option<Range<usize>>) -> Box<Diagnostic> {
        if word == "terraform" {
            let error = self.error(
                codes::UNKNOWN_NAME,
                text!(
                 en: "unknown name `terraform`",
                 zh: "未知名称 `terraform`",
                ),
                span,
            );
            return Box::new(error.help(text!(
                en: "write `eci.workspace` for the name of the workspace",
                zh: "工作区的名称写作 `eci.workspace`",
            )));
        }
        if word == "data" {
            let error = self.error(
                codes::UNKNOWN_NAME,
                text!(en: "unknown name `data`", zh: "未知名称 `data`"),
                span,
            );
            return Box::new(error.help(text!(
                en: "data sources are not supported; write `state.NAME.OUTPUT` for an output of another state, declared as `[state.NAME]`",
                zh: "不支持数据源；其他状态的输出写作 `state.NAME.OUTPUT`，该状态声明为 `[state.NAME]`",
            )));
        }
        let meant = if self.resolver.declares_variable(word) {
            Some(format!("var.{word}"))
        } else if self.resolver.declares_local(word) {
            Some(format!("local.{word}"))
        } else {
            nearest(word, ROOTS).map(str::to_owned)
        };
        let otherwise = || {
            text!(
                en: "start with `var`, `local`, `each`, `path`, `eci`, `module`, `state`, or a resource type; write `$${` for a literal `${`",
                zh: "以 `var`、`local`、`each`、`path`、`eci`、`module`、`state` 或资源类型开头；字面量 `${` 写作 `$${`",
            )
        };
        let error = self.error(
            codes::UNKNOWN_NAME,
            text!(
             en: "unknown name `{word}`",
             zh: "未知名称 `{word}`",
             word = word,
            ),
            span,
        );
        Box::new(error.near(word, meant.as_deref(), otherwise))
    }

    pub(super) fn unknown_member(
        &self,
        word: &str,
        member: &str,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        let near = self.near(word, member);
        let meant = near.map(|near| format!("{word}.{near}"));
        let written = format!("{word}.{member}");
        let unknown = || {
            text!(
                en: "unknown name `{written}`",
                zh: "未知名称 `{written}`",
                written = written,
            )
        };
        let declare = |header: String| {
            text!(
                en: "declare it as `{header}`",
                zh: "声明为 `{header}`",
                header = header,
            )
        };
        let (code, message, help) = match word {
            "var" => (
                codes::UNKNOWN_VARIABLE,
                text!(
                    en: "undeclared variable `{written}`",
                    zh: "变量 `{written}` 未声明",
                    written = written,
                ),
                declare(format!("[variable.{member}]")),
            ),
            "local" => (
                codes::UNKNOWN_LOCAL,
                text!(
                    en: "undeclared local `{written}`",
                    zh: "局部值 `{written}` 未声明",
                    written = written,
                ),
                text!(en: "declare it in `[locals]`", zh: "在 `[locals]` 中声明"),
            ),
            "each" => (
                codes::UNKNOWN_NAME,
                unknown(),
                text!(
                    en: "use `each.key` or `each.value`",
                    zh: "使用 `each.key` 或 `each.value`",
                ),
            ),
            "path" => (
                codes::UNKNOWN_NAME,
                unknown(),
                text!(
                    en: "use `path.module` or `path.root`",
                    zh: "使用 `path.module` 或 `path.root`",
                ),
            ),
            "eci" => (
                codes::UNKNOWN_NAME,
                unknown(),
                text!(en: "use `eci.workspace`", zh: "使用 `eci.workspace`"),
            ),
            "module" => (
                codes::UNKNOWN_MODULE,
                text!(
                    en: "undeclared module `{written}`",
                    zh: "模块 `{written}` 未声明",
                    written = written,
                ),
                declare(format!("[module.{member}]")),
            ),
            "state" => (
                codes::UNKNOWN_NAME,
                text!(
                    en: "undeclared state `{written}`",
                    zh: "状态 `{written}` 未声明",
                    written = written,
                ),
                declare(format!("[state.{member}]")),
            ),
            kind => (
                codes::UNKNOWN_REFERENCE,
                text!(
                    en: "undeclared resource `{written}`",
                    zh: "资源 `{written}` 未声明",
                    written = written,
                ),
                declare(format!("[{kind}.{member}]")),
            ),
        };
        let error = self.error(code, message, span);
        Box::new(error.near(&written, meant.as_deref(), || help))
    }

    /// Returns the name nearest to `member` among those that `word.` can be followed by.
    fn near(&self, word: &str, member: &str) -> Option<&str> {
        let namespace = match word {
            "var" => Namespace::Variables,
            "local" => Namespace::Locals,
            "each" => return nearest(member, ["key", "value"]),
            "eci" => return Some("workspace"),
            "module" => Namespace::Modules,
            "state" => Namespace::States,
            kind => Namespace::Resources(Kind::from_name(kind)?),
        };
        self.resolver.nearest(namespace, member)
    }

    /// Returns the error for a key that no instance has.
    pub(crate) fn no_instance<'k>(
        &self,
        what: &str,
        key: &str,
        keys: impl Iterator<Item = &'k str> + Clone,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        let quoted = |key: &str| format!("{key:?}");
        let message = text!(
            en: "{what} has no instance {key}",
            zh: "{what} 没有实例 {key}",
            what = what,
            key = quoted(key),
        );
        let error = self.error(codes::UNKNOWN_REFERENCE, message, span);
        Box::new(match nearest(key, keys.clone().take(1000)) {
            Some(near) => error.did_you_mean(key, near),
            None if keys.clone().next().is_none() => error.help(text!(
                en: "{what} has no instances; if that is intended, test for the key in a condition",
                zh: "{what} 没有实例；如属预期，先在条件中判断该键是否存在",
                what = what,
            )),
            None if keys.clone().nth(MOST_KEYS_SHOWN).is_some() => error.help(text!(
                en: "its keys include {keys}",
                zh: "其键包括 {keys}",
                keys = List::and(keys.take(MOST_KEYS_SHOWN).map(quoted)),
            )),
            None => error.help(text!(
                en: "its keys are {keys}",
                zh: "其键为 {keys}",
                keys = List::and(keys.map(quoted)),
            )),
        })
    }
}
