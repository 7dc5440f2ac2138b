//! Variables: what the manifests declare, and the value that each has.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::suggest::nearest;
use eci_core::tables::VARIABLE;
use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::{Origin, Roots, evaluate_expression, parse_expression};
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::visit::Visit;

use super::Environment;
use super::convert::{ConversionError, misspelt};
use super::types::{BadType, VariableType};
use super::values::{InputValue, RawValue, ValueSource, Variables};
use crate::context::Context;
use crate::evaluate::evaluate_node;
use crate::parse::{Block, Node, TableReader};

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
            let whence = self.set_variable(block, given.get(&block.name), &mut own);
            places.insert(block.name.clone(), whence);
            own.0
                .retain(|it| it.code != codes::MISSING_VARIABLE || !given.may_be_missing());
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

    /// Gives one variable its value, and tells where that comes from.
    pub(super) fn set_variable(
        &mut self,
        block: &Block,
        given: Option<&InputValue>,
        diagnostics: &mut Diagnostics,
    ) -> DeclaredIn {
        let declaration = Declaration::read(self, block, diagnostics);
        if declaration.sensitive
            && let Some(written) = given.and_then(|given| given.written.as_ref())
        {
            written.node.hide_in(&written.source);
        }
        let valued = declaration.value(self, given, diagnostics);
        // An unknown value stands for one that was reported, or is given elsewhere.
        let (value, place) = valued.unwrap_or_else(|| match declaration.sensitive {
            true => (Value::Unknown.into_sensitive(), None),
            false => (Value::Unknown, None),
        });
        self.variables.insert(block.name.clone(), value);
        DeclaredIn {
            origin: given.map(|given| given.origin.clone()),
            place,
        }
    }

    /// A value for a variable that is not declared. In the environment it may be meant for
    /// another configuration.
    fn undeclared(&self, name: &str, given: &InputValue) -> Option<Diagnostic> {
        // Its line is not shown: nothing says that it is no secret.
        let from = match &given.written {
            Some(block) => {
                let (line, column) = block.place().position();
                format!("{}:{line}:{column}", given.origin)
            }
            None => given.origin.clone(),
        };
        let message = format!("there is no variable `{name}` to give a value ({from})");
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
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare it as [variable.{name}]"),
        }))
    }
}

/// Where the value of a variable comes from.
pub(super) struct DeclaredIn {
    /// What messages call it; `None` if it is the default.
    pub(super) origin: Option<String>,
    /// Where it is written; nowhere if it is sensitive.
    pub(super) place: Option<Span>,
}

/// `[variable.NAME]`, without its rules.
pub(super) struct Declaration<'a> {
    block: &'a Block,
    /// `None` if it is not given, which takes any value.
    pub(super) ty: Option<VariableType>,
    pub(super) default: Option<Value>,
    pub(super) sensitive: bool,
    pub(super) nullable: bool,
    pub(super) description: Option<String>,
}

impl<'a> Declaration<'a> {
    pub(super) fn read(
        environment: &Environment,
        block: &'a Block,
        diagnostics: &mut Diagnostics,
    ) -> Declaration<'a> {
        let context = plain(environment, "a variable");
        let mut reader =
            TableReader::new(context, &block.source, &block.node, &VARIABLE, diagnostics);
        let sensitive = reader.truth("sensitive").unwrap_or(false);
        let nullable = reader.truth("nullable").unwrap_or(true);
        let description = reader.text("description");
        let ty = block.node.get("type").and_then(|node| {
            read_type(environment, block, node)
                .map_err(|diagnostic| diagnostics.push(*diagnostic))
                .ok()
        });
        let default = block.node.get("default");
        Declaration {
            block,
            ty,
            default: default.map(|node| evaluate_node(&context, node, diagnostics)),
            sensitive,
            nullable,
            description,
        }
    }

    /// Whether it needs no value from outside.
    pub(super) fn has_default(&self) -> bool {
        self.default
            .as_ref()
            .is_some_and(|default| self.nullable || !default.is_null())
    }

    /// The value it has, and where that is written unless it is sensitive; `None` if something
    /// is wrong, which is then reported.
    fn value(
        &self,
        environment: &Environment,
        given: Option<&InputValue>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Value, Option<Span>)> {
        let mut given = match given {
            Some(given) => Some((self.parse(environment, given, diagnostics)?, given)),
            None => None,
        };
        if !self.nullable && given.as_ref().is_some_and(|(value, _)| value.is_null()) {
            given = None;
        }
        let Some(value) = given
            .as_ref()
            .map(|(value, _)| value)
            .or(self.default.as_ref())
        else {
            diagnostics.push(self.missing());
            return None;
        };
        let given = given.as_ref().map(|(_, given)| *given);
        if !self.nullable && value.is_null() {
            let message = format!("the variable `{}` must not be null", self.block.name);
            let place = self.default_place(&eci_core::Path::root());
            diagnostics.push(
                Diagnostic::new(codes::NULL_VARIABLE, message)
                    .primary(place, "")
                    .help("give it a default that is not null, or none"),
            );
            return None;
        }
        let any = VariableType::Any;
        let ty = self.ty.as_ref().unwrap_or(&any);
        let root = eci_core::Path::root();
        let converted = ty.convert(value);
        let place = || self.default_place(&root);
        if !environment.files.budget().charge(1, place) {
            return None;
        }
        match converted {
            Ok(converted) => {
                self.tell_misspelt(ty, (value, given), diagnostics);
                let place = match given {
                    Some(given) => self.shown_place(given, &root),
                    None => Some(self.default_place(&root)),
                };
                Some(match self.sensitive {
                    true => (converted.into_sensitive(), None),
                    false => (converted, place),
                })
            }
            Err(misfit) => {
                diagnostics.push(self.misfit(&misfit, given));
                None
            }
        }
    }

    fn missing(&self) -> Diagnostic {
        let name = &self.block.name;
        let message = format!("the variable `{name}` has no value");
        let way = match self.sensitive {
            true => format!("give it in ECI_VAR_{name} or with --var-file"),
            false => format!("give it with --var {name}=…, in ECI_VAR_{name} or in eci.vars.toml"),
        };
        Diagnostic::new(codes::MISSING_VARIABLE, message)
            .primary(self.block.place(), "")
            .help(format!("{way}; or write a default here"))
    }

    /// A value does not fit the type.
    fn misfit(&self, misfit: &ConversionError, given: Option<&InputValue>) -> Diagnostic {
        let name = &self.block.name;
        let what = match given {
            Some(given) => format!("the value that {} gives `{name}`", given.origin),
            None => format!("the default of `{name}`"),
        };
        // Names and types of parts say something about a secret.
        let why = match self.sensitive {
            true => match &self.ty {
                Some(ty) => format!("expected {ty}"),
                None => "its type is another one".to_owned(),
            },
            false => misfit.to_string(),
        };
        let diagnostic =
            Diagnostic::new(codes::TYPE_MISMATCH, format!("{what} does not fit: {why}"));
        let place = match given {
            Some(given) => self.shown_place(given, &misfit.path),
            None => Some(self.default_place(&misfit.path)),
        };
        let declared = match self.block.node.get("type") {
            Some(node) => self.block.at(&node.range),
            None => self.block.place(),
        };
        match place {
            Some(place) => diagnostic
                .primary(place, "")
                .secondary(declared, "declared here"),
            None => diagnostic.primary(declared, "declared here"),
        }
    }

    /// Warns of names that the type does not have and that look like one that it has.
    fn tell_misspelt(
        &self,
        ty: &VariableType,
        (value, given): (&Value, Option<&InputValue>),
        diagnostics: &mut Diagnostics,
    ) {
        if self.sensitive {
            return;
        }
        for (path, near) in misspelt(ty, value) {
            let message = format!(
                "`{path}` is left out: the type of `{}` has no such name",
                self.block.name
            );
            let place = match given {
                Some(given) => self.shown_place(given, &path),
                None => Some(self.default_place(&path)),
            };
            diagnostics.push(Diagnostic {
                primary: place.map(|place| eci_core::diagnostic::Label {
                    place,
                    text: String::new().into(),
                }),
                ..Diagnostic::new(codes::LEFT_OUT, message).help(format!("did you mean `{near}`?"))
            });
        }
    }

    /// Where a part of the default is written.
    fn default_place(&self, path: &eci_core::Path) -> Span {
        match self.block.node.get("default") {
            Some(node) if self.sensitive => self.block.at(&node.range),
            Some(node) => self.block.at(&node.part(path).range),
            None => self.block.place(),
        }
    }

    /// Where a part of a given value is written, if that may be told.
    fn shown_place(&self, given: &InputValue, path: &eci_core::Path) -> Option<Span> {
        match (&given.written, &given.value) {
            // Its text is hidden.
            (Some(block), _) if self.sensitive => Some(block.place()),
            (Some(block), _) => Some(block.at(&block.node.part(path).range)),
            _ if self.sensitive => None,
            (None, RawValue::Text(text)) => Some(self.outside(given, text).place(None)),
            (None, RawValue::Value(_)) => None,
        }
    }

    fn outside(&self, given: &InputValue, text: &str) -> Origin {
        let name = &self.block.name;
        let source = match given.rank {
            ValueSource::Environment => given.origin.clone(),
            _ => format!("{} {name}", given.origin),
        };
        Origin::outside(&source, text)
    }

    /// The value that was given: of a text, what it writes.
    fn parse(
        &self,
        environment: &Environment,
        given: &InputValue,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let text = match &given.value {
            RawValue::Value(value) => return Some(value.clone()),
            RawValue::Text(text) => text,
        };
        let is_text = match (&self.ty, &self.default) {
            (Some(ty), _) => ty.is_scalar(),
            (None, Some(default)) => default.as_str().is_some() || default.is_null(),
            (None, None) => true,
        };
        if is_text {
            return Some(Value::from(text.as_str()));
        }
        let origin = self.outside(given, text);
        match literal(environment, text, &origin) {
            Ok(value) => Some(value),
            // What an expression cannot be, such as `10.0.0.1`, may still be meant as text.
            Err(_) if self.ty.is_none() => Some(Value::from(text.as_str())),
            Err(diagnostic) => {
                diagnostics.push(self.no_literal(*diagnostic, given));
                None
            }
        }
    }

    /// A text is no literal.
    fn no_literal(&self, mut diagnostic: Diagnostic, given: &InputValue) -> Diagnostic {
        let name = &self.block.name;
        if self.sensitive {
            let message = format!(
                "the value that {} gives `{name}` is no valid expression",
                given.origin
            );
            diagnostic = Diagnostic::new(codes::SYNTAX, message).primary(self.block.place(), "");
        }
        let takes = match &self.ty {
            Some(ty) => format!("`{name}` takes {ty}"),
            None => format!("`{name}` takes an expression"),
        };
        diagnostic.help(match &self.ty {
            Some(VariableType::List(_) | VariableType::Set(_) | VariableType::Tuple(_)) => {
                format!("{takes}, such as [\"a\", \"b\"]")
            }
            Some(VariableType::Map(_) | VariableType::Object(_)) => {
                format!("{takes}, such as {{ a = \"b\" }}")
            }
            _ => takes,
        })
    }
}

/// The context of what may refer to nothing.
pub(super) fn plain<'a>(environment: &'a Environment, who: &'static str) -> Context<'a> {
    Context {
        roots: Roots::Nothing(who),
        ..Context::plain(environment)
    }
}

/// The value of a text that refers to nothing and calls nothing.
fn literal(
    environment: &Environment,
    text: &str,
    origin: &Origin,
) -> Result<Value, Box<Diagnostic>> {
    let who = "a value from outside";
    let expression = parse_expression(text, origin)?;
    is_literal(&expression, origin, who)?;
    evaluate_expression(&plain(environment, who), origin, &expression)
}

/// Refuses functions, which [`Roots`] says nothing of.
fn is_literal(expression: &Expression, origin: &Origin, who: &str) -> Result<(), Box<Diagnostic>> {
    /// Where a function is called, once one is found.
    struct Calls(Option<Option<Range<usize>>>);
    impl Visit for Calls {
        fn visit_func_call(&mut self, call: &FuncCall) {
            self.0.get_or_insert(call.name.name.span());
        }
    }
    let mut calls = Calls(None);
    calls.visit_expr(expression);
    match calls.0 {
        None => Ok(()),
        Some(span) => {
            let message = format!("{who} cannot call a function");
            Err(Box::new(
                Diagnostic::new(codes::REFERENCE, message).primary(origin.place(span), ""),
            ))
        }
    }
}

fn read_type(
    environment: &Environment,
    block: &Block,
    node: &Node,
) -> Result<VariableType, Box<Diagnostic>> {
    let Some(text) = node.literal_text() else {
        let message = format!(
            "a type is a string such as \"list(string)\", found {}",
            node.type_name()
        );
        let diagnostic = Diagnostic::new(codes::VARIABLE_TYPE, message);
        return Err(Box::new(diagnostic.primary(block.at(&node.range), "")));
    };
    let origin = Origin::new(text, &block.source, &node.range);
    // It is read for each instance of a module.
    let budget = environment.files.budget();
    if !budget.charge(text.len(), || origin.place(None)) {
        return Ok(VariableType::Any);
    }
    let expression = parse_expression(text, &origin)?;
    let who = "a type";
    let evaluate = |default: &Expression| {
        is_literal(default, &origin, who)?;
        evaluate_expression(&plain(environment, who), &origin, default)
    };
    VariableType::from_expression(&expression, &evaluate).map_err(|bad| match bad {
        BadType::Written {
            message,
            help,
            part,
        } => {
            let diagnostic = Diagnostic::new(codes::VARIABLE_TYPE, message);
            let diagnostic = diagnostic.primary(origin.place(part), "");
            Box::new(match help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            })
        }
        BadType::Default(diagnostic) => diagnostic,
    })
}
