//! Variables: what the manifests declare and what is given from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::diagnostic::Place;
use eci_core::suggest::nearest;
use eci_core::tables::{VALIDATION, VARIABLE};
use eci_core::{Diagnostic, Diagnostics, Value, codes};

use super::Environment;
use super::types::VariableType;
use crate::expression::{
    Context, Origin, Roots, evaluate_expression, evaluate_node, parse_expression,
};
use crate::manifest::{Block, Data, Node, TableReader};

/// Values of variables as they were given, by name, each with where it came from.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, Given>,
}

/// One value as it was given.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// Why a `NAME=VALUE` is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// There is no `=`.
    #[error("`{text}` gives no variable a value; write it as NAME=VALUE")]
    NoValue {
        /// What was written.
        text: String,
    },
    /// What stands before the `=` cannot name a variable.
    #[error("`{name}` is no name of a variable; names are letters, digits, `_` and `-`")]
    NoName {
        /// What was written.
        name: String,
    },
}

impl Variables {
    /// Gives a variable its value as text: the text itself for a string, an expression such as
    /// `["a", "b"]` for other types. A later value replaces an earlier one. The origin is what
    /// messages call the place it came from: `--var`, `eci.vars.toml`.
    pub fn set(&mut self, name: impl Into<String>, text: &str, origin: impl Into<String>) {
        let given = Given {
            text: text.to_owned(),
            origin: origin.into(),
        };
        self.given.insert(name.into(), given);
    }

    /// Splits `NAME=VALUE` as it stands on a command line.
    ///
    /// # Errors
    ///
    /// There is no `=`, or nothing that can be a name before it.
    pub fn parse_flag(text: &str) -> Result<(String, String), VariableError> {
        let (name, value) = text.split_once('=').ok_or_else(|| VariableError::NoValue {
            text: text.to_owned(),
        })?;
        let name = name.trim();
        match eci_core::address::is_label(name) {
            true => Ok((name.to_owned(), value.to_owned())),
            false => Err(VariableError::NoName {
                name: name.to_owned(),
            }),
        }
    }

    /// The values as they were given, by name. They may be secrets.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().map(|(name, given)| (name, given.text.as_str()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Given)> {
        self.given.iter().map(|(name, given)| (&**name, given))
    }
}

/// Shows names and origins; values may be secrets.
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, given)| (name, &given.origin)))
            .finish()
    }
}

impl Environment {
    /// Gives each declared variable its value and reports those that have none, those that do
    /// not fit and values for variables that are not declared.
    pub(crate) fn set_variables(
        &mut self,
        blocks: &[Arc<Block>],
        given: &Variables,
        diagnostics: &mut Diagnostics,
    ) {
        for block in blocks {
            let value = Declaration::read(self, block, diagnostics).value(
                self,
                given.given.get(&*block.name),
                diagnostics,
            );
            // An unknown value stands for one that was reported.
            let value = value.unwrap_or(Value::Unknown);
            self.variables.insert(block.name.clone(), value);
        }
        for block in blocks {
            let context = Context {
                roots: Roots::Variables("a validation"),
                ..Context::plain(self)
            };
            self.validate(block, context, diagnostics);
        }
        for (name, given) in given.iter() {
            if self.variables.contains_key(name) {
                continue;
            }
            let message = format!(
                "there is no variable `{name}` to give a value ({})",
                given.origin
            );
            let known = self.variables.keys().map(|name| &**name);
            diagnostics.push(Diagnostic::new(codes::UNDECLARED_VARIABLE, message).help(
                match nearest(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("declare it as [variable.{name}]"),
                },
            ));
        }
    }

    /// Reports the rules that the value of a variable breaks.
    pub(super) fn validate(
        &self,
        block: &Block,
        context: Context<'_>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(node) = block.node.get("validation") else {
            return;
        };
        let rules = match &node.data {
            Data::List(rules) => rules.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for rule in rules {
            let mut reader =
                TableReader::new(context, &block.source, rule, &VALIDATION, diagnostics);
            let message = reader.text("error_message").unwrap_or_default();
            if rule.entries().is_some() && rule.get("condition").is_none() {
                let place = reader.place(rule);
                diagnostics.push(
                    Diagnostic::new(codes::MISSING_KEY, "this validation needs `condition`")
                        .at(place, ""),
                );
                continue;
            }
            if reader.truth("condition") == Some(false) {
                let place = rule
                    .get("condition")
                    .map_or(block.place(), |it| reader.place(it));
                let message = format!("the value of `{}` is not valid: {message}", block.name);
                diagnostics.push(Diagnostic::new(codes::VALIDATION, message).at(place, ""));
            }
        }
    }
}

/// `[variable.NAME]`, without its rules.
pub(super) struct Declaration<'a> {
    block: &'a Block,
    /// `None` if it is not given, which takes any value.
    pub(super) ty: Option<VariableType>,
    pub(super) default: Option<(Value, Place)>,
    pub(super) sensitive: bool,
    pub(super) nullable: bool,
}

impl<'a> Declaration<'a> {
    pub(super) fn read(
        environment: &Environment,
        block: &'a Block,
        diagnostics: &mut Diagnostics,
    ) -> Declaration<'a> {
        let context = Context {
            roots: Roots::Nothing("a variable"),
            ..Context::plain(environment)
        };
        let mut reader =
            TableReader::new(context, &block.source, &block.node, &VARIABLE, diagnostics);
        let sensitive = reader.truth("sensitive").unwrap_or(false);
        let nullable = reader.truth("nullable").unwrap_or(true);
        reader.text("description");
        let ty = block.node.get("type").and_then(|node| {
            read_type(block, node)
                .map_err(|diagnostic| diagnostics.push(*diagnostic))
                .ok()
        });
        let default = block.node.get("default").map(|node| {
            let value = evaluate_node(&context, node, diagnostics);
            (value, block.at(&node.range))
        });
        Declaration {
            block,
            ty,
            default,
            sensitive,
            nullable,
        }
    }

    /// The value it has; `None` if something is wrong, which is then reported.
    fn value(
        &self,
        environment: &Environment,
        given: Option<&Given>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let any = VariableType::Any;
        let ty = self.ty.as_ref().unwrap_or(&any);
        let name = &self.block.name;
        let mut given = match given {
            Some(given) => Some(self.parse(environment, given, diagnostics)?),
            None => None,
        };
        if !self.nullable && given.as_ref().is_some_and(Value::is_null) {
            given = None;
        }
        let (value, place, from) = match (given, &self.default) {
            (Some(value), _) => (value, self.block.place(), "the value given for"),
            (None, Some((value, place))) => (value.clone(), place.clone(), "the default of"),
            (None, None) => {
                let message = format!("the variable `{name}` has no value");
                diagnostics.push(
                    Diagnostic::new(codes::MISSING_VARIABLE, message)
                        .at(self.block.place(), "")
                        .help(format!("give it with --var {name}=…, or a default here")),
                );
                return None;
            }
        };
        if !self.nullable && value.is_null() {
            let message = format!("the variable `{name}` must not be null");
            diagnostics.push(Diagnostic::new(codes::NULL_VARIABLE, message).at(place, ""));
            return None;
        }
        match ty.convert(&value) {
            Ok(value) if self.sensitive => Some(value.into_sensitive()),
            Ok(value) => Some(value),
            Err(misfit) => {
                let message = format!("{from} `{name}` does not fit: {misfit}");
                diagnostics.push(Diagnostic::new(codes::TYPE_MISMATCH, message).at(place, ""));
                None
            }
        }
    }

    /// The value that a text from outside writes: the text itself where a string is wanted.
    fn parse(
        &self,
        environment: &Environment,
        given: &Given,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let is_text = match (&self.ty, &self.default) {
            (Some(ty), _) => *ty == VariableType::String,
            (None, Some((default, _))) => default.as_str().is_some() || default.is_null(),
            (None, None) => true,
        };
        if is_text {
            return Some(Value::from(given.text.as_str()));
        }
        let context = Context {
            roots: Roots::Nothing("a value from outside"),
            ..Context::plain(environment)
        };
        let source = format!("{} {}", given.origin, self.block.name);
        let shown = if self.sensitive {
            ""
        } else {
            given.text.as_str()
        };
        let origin = Origin::outside(&source, shown);
        let parsed = parse_expression(&given.text, &origin)
            .and_then(|expression| evaluate_expression(&context, &origin, &expression));
        match parsed {
            Ok(value) => Some(value),
            // What an expression cannot be, such as `10.0.0.1`, may still be meant as text.
            Err(_) if self.ty.is_none() => Some(Value::from(given.text.as_str())),
            Err(mut diagnostic) => {
                if self.sensitive {
                    diagnostic.message = "this is no valid expression".to_owned();
                }
                diagnostics.push(diagnostic.help(match &self.ty {
                    Some(ty) => format!("`{}` takes {ty}", self.block.name),
                    None => format!("`{}` takes an expression", self.block.name),
                }));
                None
            }
        }
    }
}

fn read_type(block: &Block, node: &Node) -> Result<VariableType, Box<Diagnostic>> {
    let error = |message: String| {
        Box::new(Diagnostic::new(codes::VARIABLE_TYPE, message).at(block.at(&node.range), ""))
    };
    let Some(text) = node.literal_text() else {
        return Err(error(format!(
            "a type is a string such as \"list(string)\", found {}",
            node.type_name()
        )));
    };
    let origin = Origin::new(text, &block.source, &node.range);
    let expression = parse_expression(text, &origin)?;
    VariableType::from_expression(&expression).map_err(error)
}
