//! The variables of a module: their values are the inputs of the table that calls it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::{Code, Diagnostic, Diagnostics, Value, codes};
use eci_lang::{EachValue, Reference, Roots, references_of};
use eci_text::{Text, text};

use super::context::Context;
use super::declaration::Declaration;
use super::eval_stack::{EvalFrame, EvalTarget};
use super::node::evaluate_node;
use crate::environment::{Environment, Input, InputRules, Modules};
use crate::parse::Block;
use crate::variables::{ChangedNumber, VariableType, changed_number};

/// A part of the value of an input, in the module that declares the variable.
#[derive(Clone, Copy)]
struct InputPart<'a> {
    environment: &'a Environment,
    path: &'a eci_core::Path,
}

impl Environment {
    /// Sets the values of the variables of a module: those that depend on no resource at once,
    /// the others whenever they are requested.
    pub(crate) fn set_inputs(
        &mut self,
        variables: &[Arc<Block>],
        modules: &Modules,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(by) = self.called.as_ref().map(|called| called.by) else {
            return;
        };
        let context = Context {
            modules: Some(modules),
            ..Context::plain(modules.get(by))
        };
        let each = self
            .called
            .as_ref()
            .and_then(|called| called.each(&context));
        let context = Context {
            each: each.as_ref(),
            ..context
        };
        for block in variables {
            let rules = InputRules::read(self, block, diagnostics);
            let references = self.input_references(&block.name, &context, diagnostics);
            let refers = references.iter().cloned();
            if modules.is_computed(by, refers) || self.may_have_unknown_each(each.as_ref()) {
                let input = Input { rules, references };
                self.inputs.insert(block.name.clone(), input);
                self.variables.insert(block.name.clone(), Value::Unknown);
                continue;
            }
            let value = match self.input_node(&block.name) {
                Some(node) => {
                    let mut own = Diagnostics::default();
                    let value = evaluate_node(&context, node, &mut own);
                    let failed = own.has_errors();
                    diagnostics.0.append(&mut own.0);
                    if failed {
                        Ok(Value::Unknown)
                    } else {
                        rules.fit(self, value)
                    }
                }
                None => rules.fit(self, Value::Unknown),
            };
            // An unknown value replaces one that was reported.
            let value = value.unwrap_or_else(|error| {
                diagnostics.push(*error);
                Value::Unknown
            });
            self.variables.insert(block.name.clone(), value);
        }
        for block in variables {
            if !self.inputs.contains_key(&block.name) {
                let context = Context::plain(self);
                diagnostics.0.extend(self.breaches(block, context).0);
            }
        }
    }

    /// Returns the references of all inputs, now that the instances of all resources are known.
    pub(crate) fn input_references_now(
        &self,
        modules: &Modules,
        diagnostics: &mut Diagnostics,
    ) -> BTreeMap<Arc<str>, BTreeSet<Reference>> {
        let Some(called) = &self.called else {
            return BTreeMap::new();
        };
        let context = Context {
            modules: Some(modules),
            ..Context::plain(modules.get(called.by))
        };
        let each = called.each(&context);
        let context = Context {
            each: each.as_ref(),
            ..context
        };
        let names = self.inputs.keys();
        names
            .map(|name| {
                let references = self.input_references(name, &context, diagnostics);
                (name.clone(), references)
            })
            .collect()
    }

    /// Reports what is wrong with those variables, used or not.
    ///
    /// The context is that of the module.
    pub(crate) fn check_inputs(&self, context: &Context<'_>, diagnostics: &mut Diagnostics) {
        for name in self.inputs.keys() {
            if let Err(found) = self.variable_value(name, context) {
                diagnostics.push(*found);
            }
        }
    }

    /// Computes the value of a variable in a context.
    pub(crate) fn variable_value(
        &self,
        name: &str,
        context: &Context<'_>,
    ) -> Result<Value, Box<Diagnostic>> {
        let Some(input) = self.inputs.get(name) else {
            return Ok(self.variables.get(name).cloned().unwrap_or_default());
        };
        let (Some(modules), Some(called)) = (context.modules, &self.called) else {
            return Ok(Value::Unknown);
        };
        let Some(node) = self.input_node(name) else {
            return Ok(Value::Unknown);
        };
        let link = EvalFrame::enter(modules, self.id, EvalTarget::Variable(name), context.chain)?;
        let outside = Context {
            environment: modules.get(called.by),
            each: None,
            roots: context.roots.beyond(),
            chain: Some(&link),
            ..*context
        };
        let each = called.each(&outside);
        let outside = Context {
            each: each.as_ref(),
            ..outside
        };
        let mut diagnostics = Diagnostics::default();
        let value = evaluate_node(&outside, node, &mut diagnostics);
        if let Some(first) = diagnostics.0.into_iter().next() {
            return Err(Box::new(first));
        }
        let value = input.rules.fit(self, value)?;
        if matches!(context.roots, Roots::Variables(_)) || value.has_unknown() {
            return Ok(value);
        }
        let inside = Context {
            environment: self,
            ..*context
        };
        match self
            .breaches(&input.rules.block, inside)
            .0
            .into_iter()
            .next()
        {
            Some(first) => Err(Box::new(first)),
            None => Ok(value),
        }
    }

    /// Returns the violations of the validation rules of a variable, each at the input.
    fn breaches(&self, block: &Block, context: Context<'_>) -> Diagnostics {
        let mut found = Diagnostics::default();
        self.validate(block, context, None, &mut found);
        let Some(place) = self.input_place(&block.name) else {
            return found;
        };
        for breach in found.0.iter_mut().filter(|it| it.code == codes::VALIDATION) {
            if let Some(mut rule) = breach.primary.take() {
                rule.text = text!(en: "condition is false", zh: "条件不成立");
                breach.secondary.push(rule);
                breach.primary = Some(eci_core::diagnostic::Label {
                    place: place.clone(),
                    text: text!(en: "value set here", zh: "在此处设置值"),
                });
            }
        }
        found
    }

    /// Returns whether the elements of `for_each` of the call may become known only later.
    fn may_have_unknown_each(&self, each: Option<&EachValue>) -> bool {
        let is_computed = self
            .called
            .as_ref()
            .is_some_and(|called| !called.references.is_empty());
        is_computed && each.is_some()
    }

    fn input_references(
        &self,
        name: &str,
        context: &Context<'_>,
        diagnostics: &mut Diagnostics,
    ) -> BTreeSet<Reference> {
        let mut found = Vec::new();
        if let Some(node) = self.input_node(name) {
            node.templates(&mut |template| {
                references_of(template, context, &mut found, diagnostics);
            });
        }
        found.into_iter().collect()
    }
}

/// The part of a declaration that an error points to.
enum DeclarationPart {
    /// Its header.
    Table,
    /// Its type.
    Type,
}

impl InputRules {
    fn read(
        environment: &Environment,
        block: &Arc<Block>,
        diagnostics: &mut Diagnostics,
    ) -> InputRules {
        let declaration = Declaration::read(environment, block, diagnostics);
        InputRules {
            block: block.clone(),
            ty: declaration.ty.unwrap_or(VariableType::Any),
            default: declaration.default,
            sensitive: declaration.sensitive,
            nullable: declaration.nullable,
        }
    }

    /// Returns the value for the module: the default in the place of none, of the right type,
    /// marked if it is to be.
    fn fit(&self, environment: &Environment, given: Value) -> Result<Value, Box<Diagnostic>> {
        let name = &self.block.name;
        let is_given = environment.input_node(name).is_some();
        let takes_default = !is_given || (!self.nullable && given.is_null());
        let default = self.default.as_ref().filter(|_| takes_default);
        let is_default = default.is_some();
        let value = default.cloned().unwrap_or(given);
        if !self.nullable && value.is_null() {
            let message = text!(
                en: "input `{name}` must not be null",
                zh: "输入 `{name}` 不能为空值（null）",
                name = name,
            );
            return Err(self.error(
                InputPart {
                    environment,
                    path: &eci_core::Path::root(),
                },
                codes::NULL_VARIABLE,
                message,
                DeclarationPart::Table,
            ));
        }
        if let Some(changed) = self.changed_number(environment) {
            return Err(changed);
        }
        let converted = self.ty.convert(&value);
        let budget = environment.files.budget();
        if !budget.charge(1, || self.block.place()) {
            return Ok(Value::Unknown);
        }
        match converted {
            Ok(value) if self.sensitive => Ok(value.into_sensitive()),
            Ok(value) => Ok(value),
            Err(misfit) => {
                // Names and types of parts reveal a part of a secret.
                let (why, path) = if self.sensitive {
                    let why = text!(en: "expected {ty}", zh: "应为{ty}", ty = self.ty);
                    (why, &eci_core::Path::root())
                } else {
                    let why = Text::of(&misfit);
                    (why, &misfit.path)
                };
                let message = if is_default {
                    text!(
                        en: "invalid default of variable `{name}`: {why}",
                        zh: "变量 `{name}` 的默认值无效：{why}",
                        name = name,
                        why = why,
                    )
                } else {
                    text!(
                        en: "invalid value of input `{name}`: {why}",
                        zh: "输入 `{name}` 的值无效：{why}",
                        name = name,
                        why = why,
                    )
                };
                Err(self.error(
                    InputPart { environment, path },
                    codes::TYPE_MISMATCH,
                    message,
                    DeclarationPart::Type,
                ))
            }
        }
    }

    /// Returns the error about a number that would become a string with another text.
    fn changed_number(&self, environment: &Environment) -> Option<Box<Diagnostic>> {
        let name = &self.block.name;
        let called = environment.called.as_ref().filter(|_| !self.sensitive)?;
        let node = environment.input_node(name)?;
        let ChangedNumber { error, written } =
            changed_number(&self.ty, node, &called.block.source)?;
        let message = text!(
            en: "invalid value of input `{name}`: {why}",
            zh: "输入 `{name}` 的值无效：{why}",
            name = name,
            why = Text::of(&error),
        );
        let part = InputPart {
            environment,
            path: &error.path,
        };
        let error = self.error(part, codes::TYPE_MISMATCH, message, DeclarationPart::Type);
        Some(Box::new(error.help(text!(
            en: "write `{meant}`",
            zh: "写成 `{meant}`",
            meant = format!("{written:?}"),
        ))))
    }

    /// Returns an error about a part of the value.
    fn error(
        &self,
        part: InputPart<'_>,
        code: &'static Code,
        message: Text,
        declared: DeclarationPart,
    ) -> Box<Diagnostic> {
        let InputPart { environment, path } = part;
        let (declared, label) = match (declared, self.block.node.get("type")) {
            (DeclarationPart::Type, Some(node)) => (
                self.block.at(&node.range),
                text!(en: "type of the variable", zh: "变量的类型"),
            ),
            (DeclarationPart::Type, None) | (DeclarationPart::Table, _) => (
                self.block.place(),
                text!(en: "declared here", zh: "在此处声明"),
            ),
        };
        let error = Diagnostic::new(code, message);
        let name = &self.block.name;
        let default = self.block.node.get("default");
        let place = match (environment.input_node(name), default) {
            (None, Some(default)) => Some(self.block.at(&default.part(path).range)),
            _ => environment.input_part_place(name, path),
        };
        let error = match place {
            Some(place) => error.at(place),
            None => error,
        };
        Box::new(error.secondary(declared, label))
    }
}
