//! Variables: what the manifests declare, and the value that each has.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::suggest::{did_you_mean, nearest};
use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_text::{Text, text};

use super::context::Context;
use super::declaration::Declaration;
use crate::environment::Environment;
use crate::parse::Block;
use crate::variables::{InputValue, ValueOrigin, ValueSource, Variables};

impl Environment {
    /// Gives each declared variable its value and reports those that have none, those that do
    /// not fit, those that their validations refuse, and values for variables that are not
    /// declared.
    pub(crate) fn set_variables(
        &mut self,
        blocks: &[Arc<Block>],
        given: &Variables,
        diagnostics: &mut Diagnostics,
    ) {
        let mut places = BTreeMap::new();
        for block in blocks {
            let mut own = Diagnostics::default();
            let provenance = self.set_variable(block, given.get(&block.name), &mut own);
            places.insert(block.name.clone(), provenance);
            own.0
                .retain(|it| it.code != codes::MISSING_VARIABLE || !given.may_be_missing());
            if let Some(other) = in_other_case(&block.name, given) {
                for missing in own.0.iter_mut() {
                    if missing.code == codes::MISSING_VARIABLE {
                        missing.help = Some(named_in_other_case(&block.name, other));
                    }
                }
            }
            diagnostics.0.append(&mut own.0);
        }
        for block in blocks {
            let context = Context::plain(self);
            self.validate(block, context, places.get(&block.name), diagnostics);
        }
        for (name, given) in given.iter() {
            if !self.variables.contains_key(name)
                && let Some(diagnostic) = self.undeclared(name, given)
            {
                diagnostics.push(diagnostic);
            }
        }
    }

    /// Sets the value of one variable, and returns its origin.
    pub(crate) fn set_variable(
        &mut self,
        block: &Block,
        given: Option<&InputValue>,
        diagnostics: &mut Diagnostics,
    ) -> ValueProvenance {
        let declaration = Declaration::read(self, block, diagnostics);
        if declaration.sensitive
            && let Some(written) = given.and_then(|given| given.written.as_ref())
        {
            written.node.hide_in(&written.source);
        }
        let valued = declaration.value(self, given, diagnostics);
        // An unknown value replaces one that was reported, or is given elsewhere.
        let (value, place) = valued.unwrap_or_else(|| {
            if declaration.sensitive {
                (Value::Unknown.into_sensitive(), None)
            } else {
                (Value::Unknown, None)
            }
        });
        self.variables.insert(block.name.clone(), value);
        ValueProvenance {
            origin: given.map(|given| given.origin.clone()),
            place,
        }
    }

    /// Reports a value for a variable that is not declared.
    ///
    /// In the environment it may be meant for another configuration.
    fn undeclared(&self, name: &str, given: &InputValue) -> Option<Diagnostic> {
        // Its line is not shown: it may be a secret.
        let origin = match &given.written {
            Some(block) => {
                let (line, column) = block.place().position();
                let file = given.origin.source_name();
                ValueOrigin::Named(format!("{file}:{line}:{column}"))
            }
            None => given.origin.clone(),
        };
        let message = text!(
            en: "value for undeclared variable `{name}` from {origin}",
            zh: "为未声明的变量 `{name}` 设置了值（来自{origin}）",
            name = name,
            origin = origin,
        );
        let diagnostic = match given.rank {
            ValueSource::Environment => return None,
            ValueSource::File | ValueSource::VarFile => {
                Diagnostic::new(codes::UNUSED_VALUE, message)
            }
            ValueSource::CliArg | ValueSource::Prompt => {
                Diagnostic::new(codes::UNDECLARED_VARIABLE, message)
            }
        };
        let known = self.variables.keys().map(|name| &**name);
        Some(diagnostic.help(match nearest(name, known) {
            Some(near) => did_you_mean(near),
            None => text!(
                en: "declare it as `[variable.{name}]`",
                zh: "声明为 `[variable.{name}]`",
                name = name,
            ),
        }))
    }
}

/// Returns the name in the environment that differs from that of a variable only in its case.
fn in_other_case<'a>(name: &str, given: &'a Variables) -> Option<&'a str> {
    let mut others = given.iter().filter(|(other, value)| {
        let is_environment = value.rank == ValueSource::Environment;
        is_environment && *other != name && other.eq_ignore_ascii_case(name)
    });
    others.next().map(|(other, _)| other)
}

/// Returns the help for a variable whose name in the environment is written in another case.
fn named_in_other_case(name: &str, other: &str) -> Text {
    text!(
        en: "rename `ECI_VAR_{other}` to `ECI_VAR_{name}`: names of variables are case-sensitive",
        zh: "将 `ECI_VAR_{other}` 改为 `ECI_VAR_{name}`：变量名称区分大小写",
        other = other,
        name = name,
    )
}

/// The origin of the value of a variable.
pub(crate) struct ValueProvenance {
    /// The source of the value; `None` if it is the default.
    pub(super) origin: Option<ValueOrigin>,
    /// The place of the value; `None` if it is sensitive.
    pub(super) place: Option<Span>,
}
