//! The names that expressions begin with, and what they mean.

mod unknown;

use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Kind, Map, Value, codes};
use eci_text::text;
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span};

use super::evaluate::Evaluator;
use super::marks::reveal;
use super::operators::as_text;
use super::resolver::{Instances, Roots, StateOutputs};
use super::schema_types::Shape;
use unknown::ROOTS;

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
}
