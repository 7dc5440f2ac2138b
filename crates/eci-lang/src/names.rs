//! The names that expressions begin with, and what they mean.

use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Kind, Map, Value, codes};
use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::{Decorated, Ident, Span};

use super::evaluate::Evaluator;
use super::marks::reveal;
use super::operators::as_text;
use super::resolver::{Instances, Namespace, Roots};
use super::schema_types::Shape;

/// What an expression can begin with, once it is found to exist.
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
}

/// The value an expression begins at, its shape, and how many operators it took to name it.
pub(crate) struct Rooted {
    pub(crate) value: Value,
    pub(crate) shape: Shape,
    pub(crate) used: usize,
}

pub(super) type Operators = [Decorated<TraversalOperator>];

/// The words that expressions begin with.
const ROOTS: [&str; 9] = [
    "var",
    "local",
    "each",
    "path",
    "module",
    "eci",
    "eip",
    "volume",
    "container_group",
];

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
            let message = format!("the template is given no `{word}`");
            let error = self.error(codes::UNKNOWN_NAME, message, span);
            let help = format!("give it among the values: {{ {word} = … }}");
            return Err(Box::new(error.help(help)));
        }
        if !ROOTS.contains(&word) {
            return Err(self.unknown_root(word, span));
        }
        if let Some(who) = self.roots.forbids(word) {
            let message = format!("{who} cannot refer to `{word}`");
            let error = self.error(codes::REFERENCE, message, span);
            return Err(Box::new(error.help(format!(
                "{who} comes before that; compute it in [locals], or where it is used"
            ))));
        }
        let Some(TraversalOperator::GetAttr(member)) = operators.first().map(|first| first.value())
        else {
            let message = format!("`{word}` alone is no value");
            let help = format!("write `{word}.` and a name");
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
            let error = self.error(codes::EACH, "`each` is not available here", span);
            return Err(Box::new(error.help(
                "it exists in the attributes of a resource that has `for_each`",
            )));
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
                "there is nothing named `terraform`",
                span,
            );
            return Box::new(error.help("write eci.workspace for the name of the workspace"));
        }
        let meant = if self.resolver.declares_variable(word) {
            Some(format!("var.{word}"))
        } else if self.resolver.declares_local(word) {
            Some(format!("local.{word}"))
        } else {
            nearest(word, ROOTS).map(str::to_owned)
        };
        let otherwise = || {
            "names begin with var, local, each, path, eci, module or the kind of a resource; write `$${` for a literal `${`"
                .to_owned()
        };
        let error = self.error(
            codes::UNKNOWN_NAME,
            format!("there is nothing named `{word}`"),
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
        let (code, declared) = match word {
            "var" => (
                codes::UNKNOWN_VARIABLE,
                format!("declare it as [variable.{member}]"),
            ),
            "local" => (codes::UNKNOWN_LOCAL, "declare it in [locals]".to_owned()),
            "each" => (
                codes::UNKNOWN_NAME,
                "write each.key or each.value".to_owned(),
            ),
            "path" => (codes::UNKNOWN_NAME, "write path.module".to_owned()),
            "eci" => (codes::UNKNOWN_NAME, "write eci.workspace".to_owned()),
            "module" => (
                codes::UNKNOWN_MODULE,
                format!("call it as [module.{member}]"),
            ),
            kind => (
                codes::UNKNOWN_REFERENCE,
                format!("declare it as [{kind}.{member}]"),
            ),
        };
        let near = self.near(word, member);
        let meant = near.map(|near| format!("{word}.{near}"));
        let written = format!("{word}.{member}");
        let error = self.error(code, format!("`{written}` is not declared"), span);
        Box::new(error.near(&written, meant.as_deref(), || declared))
    }

    /// The name nearest to `member` among those that `word.` can be followed by.
    fn near(&self, word: &str, member: &str) -> Option<&str> {
        let namespace = match word {
            "var" => Namespace::Variables,
            "local" => Namespace::Locals,
            "each" => return nearest(member, ["key", "value"]),
            "eci" => return Some("workspace"),
            "module" => Namespace::Modules,
            kind => Namespace::Resources(Kind::from_name(kind)?),
        };
        self.resolver.nearest(namespace, member)
    }

    /// The value that a name begins at.
    pub(crate) fn root(
        &self,
        root: &Decorated<Ident>,
        operators: &Operators,
    ) -> Result<Rooted, Box<Diagnostic>> {
        let resolver = self.resolver;
        let free = |value| Rooted {
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
            Name::Resource(kind, label) => self.resource(kind, label, &operators[1..])?,
        })
    }

    fn resource(
        &self,
        kind: Kind,
        label: &str,
        operators: &Operators,
    ) -> Result<Rooted, Box<Diagnostic>> {
        let unknown = || Rooted {
            value: Value::Unknown,
            shape: Shape::Free,
            used: 1,
        };
        let Some(instances) = self.resolver.resource_instances(kind, label) else {
            return Ok(unknown());
        };
        let look = |address: &Address| {
            let found = self.resolver.resource(address);
            found.unwrap_or(Value::Unknown)
        };
        Ok(match instances {
            // What its keys are is not known yet, or never will be.
            Instances::Pending => unknown(),
            Instances::Single(address) => Rooted {
                value: look(address),
                shape: Shape::Object(kind.schema()),
                used: 1,
            },
            Instances::Keyed(instances) => {
                let all = || {
                    let entries = instances
                        .iter()
                        .map(|(key, address)| (key.clone(), look(address)));
                    Value::map(entries.collect::<Map>())
                };
                let shape = Shape::Instances(kind);
                match operators.first().map(|first| first.value()) {
                    Some(TraversalOperator::Index(index)) => {
                        let Some(key) = self.instance_key(index) else {
                            // Only an index computed by a `for` or from what is unknown.
                            return Ok(Rooted {
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
                        Rooted {
                            value: look(address),
                            shape: Shape::Object(kind.schema()),
                            used: 2,
                        }
                    }
                    _ => Rooted {
                        value: all(),
                        shape,
                        used: 1,
                    },
                }
            }
        })
    }

    /// The key that an index gives without a look at resources or bound names.
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

    /// There is no instance of that key.
    pub(crate) fn no_instance<'k>(
        &self,
        what: &str,
        key: &str,
        keys: impl Iterator<Item = &'k str> + Clone,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        let message = format!("{what} has no instance {key:?}");
        let error = self.error(codes::UNKNOWN_REFERENCE, message, span);
        Box::new(match nearest(key, keys.clone().take(1000)) {
            Some(near) => error.did_you_mean(key, near),
            None if keys.clone().next().is_none() => error.help(
                "it has no instances at all; where that may be, ask for the key in a condition",
            ),
            None => error.help(format!(
                "its keys are {}",
                keys.take(5)
                    .map(|key| format!("{key:?}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        })
    }
}
