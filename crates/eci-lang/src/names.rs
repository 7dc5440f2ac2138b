//! The names that expressions begin with, and what they mean.

use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Kind, Map, Value, codes};
use eci_text::{List, text};
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span};

use super::evaluate::Evaluator;
use super::marks::reveal;
use super::operators::as_text;
use super::resolver::{Instances, Namespace, Roots, StateOutputs};
use super::schema_types::Shape;

/// A known name at the start of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    Variable(&'a str),
    Local(&'a str),
    EachKey,
    EachValue,
    /// `path.module`
    ModuleDirectory,
    /// `path.root`
    RootDirectory,
    /// `eci.workspace`
    Workspace,
    Resource(Kind, &'a str),
    Module(&'a str),
    /// `state.NAME`: the outputs of another configuration.
    State(&'a str),
}

/// The value an expression begins at, its shape, and how many operators it took to name it.
pub(crate) struct RootValue {
    pub(crate) value: Value,
    pub(crate) shape: Shape,
    pub(crate) used: usize,
}

pub(super) type Operators = [Decorated<TraversalOperator>];

/// The words that expressions begin with.
const ROOTS: [&str; 10] = [
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
    /// Finds what a name and the operators behind it mean.
    pub(crate) fn name<'t>(
        &self,
        root: &'t Decorated<Ident>,
        operators: &'t Operators,
    ) -> Result<Name<'t>, Box<Diagnostic>> {
        let word = root.value().as_str();
        let span = root.span();
        if self.roots == Roots::Bound {
            let message = text!(
                en: "no value for `{word}` was passed to the template",
                zh: "未向模板传入 `{word}` 的值",
                word = word,
            );
            let error = self.error(codes::UNKNOWN_NAME, message, span);
            let help = text!(
                en: "add it to the map of values: `{{ {word} = … }}`",
                zh: "添加到值的映射中：`{{ {word} = … }}`",
                word = word,
            );
            return Err(Box::new(error.help(help)));
        }
        if !ROOTS.contains(&word) {
            return Err(self.unknown_root(word, span));
        }
        if let Some(who) = self.roots.forbids(word) {
            let message = text!(
                en: "`{word}` cannot be used in {who}",
                zh: "{who}中不能使用 `{word}`",
                word = word,
                who = who,
            );
            let error = self.error(codes::REFERENCE, message, span);
            return Err(Box::new(error.help(self.roots.help())));
        }
        let Some(TraversalOperator::GetAttr(member)) = operators.first().map(|first| first.value())
        else {
            let message = text!(
                en: "incomplete reference `{word}`",
                zh: "引用 `{word}` 不完整",
                word = word,
            );
            let help = text!(
                en: "add a name, for example `{word}.NAME`",
                zh: "补充名称，例如 `{word}.NAME`",
                word = word,
            );
            return Err(Box::new(
                self.error(codes::REFERENCE, message, span).help(help),
            ));
        };
        let span = span
            .zip(member.span())
            .map(|(root, member)| root.start..member.end);
        let resolver = self.resolver;
        let member = member.value().as_str();
        match word {
            "var" if resolver.declares_variable(member) => Ok(Name::Variable(member)),
            "local" if resolver.declares_local(member) => Ok(Name::Local(member)),
            "each" => self.each(member, span),
            "path" if member == "module" => Ok(Name::ModuleDirectory),
            "path" if member == "root" => Ok(Name::RootDirectory),
            "eci" if member == "workspace" => Ok(Name::Workspace),
            "module" if resolver.module(member).is_some() => Ok(Name::Module(member)),
            "state" if resolver.state(member).is_some() => Ok(Name::State(member)),
            _ => match Kind::from_name(word) {
                Some(kind) if resolver.resource_instances(kind, member).is_some() => {
                    Ok(Name::Resource(kind, member))
                }
                _ => Err(self.unknown_member(word, member, span)),
            },
        }
    }

    fn each<'t>(
        &self,
        member: &'t str,
        span: Option<Range<usize>>,
    ) -> Result<Name<'t>, Box<Diagnostic>> {
        if self.resolver.each().is_none() {
            let message = text!(
                en: "`each` is used outside of a table with `for_each`",
                zh: "`each` 用在了没有 `for_each` 的表中",
            );
            let error = self.error(codes::EACH, message, span);
            return Err(Box::new(error.help(text!(
                en: "use it in the attributes of a resource or the inputs of a module call with `for_each`",
                zh: "仅在带 `for_each` 的资源属性或模块调用输入中使用",
            ))));
        }
        match member {
            "key" => Ok(Name::EachKey),
            "value" => Ok(Name::EachValue),
            _ => Err(self.unknown_member("each", member, span)),
        }
    }

    fn unknown_root(&self, word: &str, span: Option<Range<usize>>) -> Box<Diagnostic> {
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

    fn unknown_member(
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

    /// Returns the value that a name begins at.
    pub(crate) fn root(
        &self,
        root: &Decorated<Ident>,
        operators: &Operators,
    ) -> Result<RootValue, Box<Diagnostic>> {
        let resolver = self.resolver;
        let free = |value| RootValue {
            value,
            shape: Shape::Free,
            used: 1,
        };
        Ok(match self.name(root, operators)? {
            Name::Variable(name) => free(resolver.variable(name)?),
            Name::Local(name) => free(resolver.local(name)?),
            Name::EachKey => free(match resolver.each() {
                Some(each) => each.key.clone(),
                None => Value::Unknown,
            }),
            Name::EachValue => free(match resolver.each() {
                Some(each) => each.value.clone(),
                None => Value::Unknown,
            }),
            Name::ModuleDirectory => free(Value::from(resolver.module_directory())),
            Name::RootDirectory => free(Value::from(".")),
            Name::Workspace => free(Value::from(resolver.workspace())),
            Name::Module(name) => self.module(name, &operators[1..])?,
            Name::State(name) => self.state(name, &operators[1..])?,
            Name::Resource(kind, label) => self.resource(kind, label, &operators[1..])?,
        })
    }

    /// Returns an output of another configuration.
    fn state(&self, name: &str, operators: &Operators) -> Result<RootValue, Box<Diagnostic>> {
        let root = |value, used| RootValue {
            value,
            shape: Shape::Free,
            used,
        };
        let Some(StateOutputs::Known { values, sensitive }) = self.resolver.state(name) else {
            return Ok(root(Value::Unknown, 1));
        };
        let first = operators.first().map(|first| first.value());
        let Some(TraversalOperator::GetAttr(output)) = first else {
            let entries = values
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()));
            return Ok(root(Value::map(entries.collect::<Map>()), 1));
        };
        let (output, span) = (output.value().as_str(), output.span());
        if let Some(value) = values.get(output) {
            return Ok(root(value.clone(), 2));
        }
        let written = format!("state.{name}.{output}");
        if sensitive.contains(output) {
            let message = text!(
                en: "`{written}` is sensitive: its state has only a digest of it",
                zh: "`{written}` 为敏感值：其状态中仅保存摘要",
                written = written,
            );
            let help = text!(
                en: "pass the value in a sensitive variable",
                zh: "通过敏感变量传入该值",
            );
            return Err(Box::new(
                self.error(codes::REFERENCE, message, span).help(help),
            ));
        }
        let message = text!(
            en: "the state `state.{name}` has no output `{output}`",
            zh: "状态 `state.{name}` 没有输出 `{output}`",
            name = name,
            output = output,
        );
        let near = nearest(output, values.keys().map(|name| &**name));
        let near = near.map(|near| format!("state.{name}.{near}"));
        let error = self.error(codes::UNKNOWN_NAME, message, span);
        Err(Box::new(error.near(&written, near.as_deref(), || {
            text!(
                en: "declare `[output.{output}]` in that configuration, and apply it",
                zh: "在该配置中声明 `[output.{output}]` 并应用",
                output = output,
            )
        })))
    }

    fn resource(
        &self,
        kind: Kind,
        label: &str,
        operators: &Operators,
    ) -> Result<RootValue, Box<Diagnostic>> {
        let unknown = || RootValue {
            value: Value::Unknown,
            shape: Shape::Free,
            used: 1,
        };
        let Some(instances) = self.resolver.resource_instances(kind, label) else {
            return Ok(unknown());
        };
        let value_of = |address: &Address| {
            let found = self.resolver.resource(address);
            found.unwrap_or(Value::Unknown)
        };
        Ok(match instances {
            // What its keys are is unknown, or never will be.
            Instances::Pending => unknown(),
            Instances::Single(address) => RootValue {
                value: value_of(address),
                shape: Shape::Object(kind.schema()),
                used: 1,
            },
            Instances::Keyed(instances) => {
                let all = || {
                    let entries = instances
                        .iter()
                        .map(|(key, address)| (key.clone(), value_of(address)));
                    Value::map(entries.collect::<Map>())
                };
                let shape = Shape::Instances(kind);
                match operators.first().map(|first| first.value()) {
                    Some(TraversalOperator::Index(index)) => {
                        let Some(key) = self.instance_key(index) else {
                            // Only an index computed by a `for` or from what is unknown.
                            return Ok(RootValue {
                                value: all(),
                                shape,
                                used: 1,
                            });
                        };
                        let address = instances.get(&*key).ok_or_else(|| {
                            let keys = instances.keys().map(|key| &**key);
                            let what = format!("{kind}.{label}");
                            self.no_instance(&what, &key, keys, index.span())
                        })?;
                        RootValue {
                            value: value_of(address),
                            shape: Shape::Object(kind.schema()),
                            used: 2,
                        }
                    }
                    _ => RootValue {
                        value: all(),
                        shape,
                        used: 1,
                    },
                }
            }
        })
    }

    /// Returns the key that an index gives without resources or bound names.
    pub(crate) fn instance_key(&self, index: &Expression) -> Option<Arc<str>> {
        let bare = self.resolver.without_resources();
        let resolver = bare.as_deref().unwrap_or(self.resolver);
        let evaluator = Evaluator::new(resolver, self.origin);
        let value = evaluator.expression(index, None).ok()?;
        match reveal(&value) {
            (bare, false) => as_text(bare),
            _ => None,
        }
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
