//! The walk over an expression.

mod comprehension;

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use eci_core::{Code, Diagnostic, Map, Number, Value, codes};
use eci_text::{Text, text};
use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, Object, ObjectKey, UnaryOp,
};
use hcl_edit::{Formatted, Span};

use super::budget;
use super::marks::{mark, reveal};
use super::operators::{self, OperandError};
use super::resolver::{Resolver, Roots};
use super::template::{Origin, Template};
use super::unify;

/// The value of an expression, or its error.
pub(crate) type Outcome = Result<Value, Box<Diagnostic>>;

/// The bindings of a frame.
pub(crate) enum Bound<'a> {
    /// One name, by a `for`.
    Name(&'a str, Value),
    /// Every key of a table, in a template that is given it.
    Table(&'a Map),
}

/// Names that are bound, and those around them.
pub(crate) struct Frame<'a> {
    pub(crate) bound: Bound<'a>,
    pub(crate) outer: Option<&'a Frame<'a>>,
}

impl<'a> Frame<'a> {
    /// Returns a frame with one name.
    pub(crate) fn of(name: &'a str, value: Value, outer: Option<&'a Frame<'a>>) -> Frame<'a> {
        Frame {
            bound: Bound::Name(name, value),
            outer,
        }
    }

    /// Returns the innermost value bound to that name.
    pub(crate) fn find(frame: Option<&'a Frame<'a>>, name: &str) -> Option<&'a Value> {
        let mut next = frame;
        while let Some(frame) = next {
            let found = match &frame.bound {
                Bound::Name(bound, value) => (*bound == name).then_some(value),
                Bound::Table(entries) => entries.get(name),
            };
            if found.is_some() {
                return found;
            }
            next = frame.outer;
        }
        None
    }
}

/// The result of an expression whose failure becomes a value.
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    /// Whether it used a sensitive value.
    pub(crate) used_sensitive: bool,
}

/// Evaluates the expressions of one string.
pub(crate) struct Evaluator<'a> {
    pub(crate) resolver: &'a dyn Resolver,
    pub(crate) roots: Roots,
    pub(crate) origin: &'a Origin,
    watch: Cell<Watch>,
}

/// Whether an argument of `can` or `try` is being evaluated, and whether that used a sensitive value.
#[derive(Clone, Copy, PartialEq)]
enum Watch {
    Off,
    NothingSensitive,
    Sensitive,
}

/// Returns the value of a template.
///
/// Its size is not checked: a caller that puts values of templates together passes the whole to
/// [`check_size`].
///
/// # Errors
///
/// The value cannot be computed; the error is at its place in the template.
pub fn evaluate_template(
    resolver: &dyn Resolver,
    template: &Template,
) -> Result<Value, Box<Diagnostic>> {
    let evaluator = Evaluator::new(resolver, &template.origin);
    budget::within(resolver.budget(), || {
        evaluator.template(&template.tree, None)
    })
}

/// Returns the value of a text that is an expression as a whole.
///
/// # Errors
///
/// The value cannot be computed; the error is at its place in the text.
pub fn evaluate_expression(
    resolver: &dyn Resolver,
    origin: &Origin,
    expression: &Expression,
) -> Result<Value, Box<Diagnostic>> {
    let evaluator = Evaluator::new(resolver, origin);
    let value = budget::within(resolver.budget(), || evaluator.expression(expression, None))?;
    check_size(&value, resolver, origin)?;
    Ok(value)
}

/// Checks that a value is not larger than one may be: what holds a value many times looks small and
/// is not.
///
/// # Errors
///
/// It is too large; the error is at the origin.
pub fn check_size(
    value: &Value,
    resolver: &dyn Resolver,
    origin: &Origin,
) -> Result<(), Box<Diagnostic>> {
    if budget::is_too_large([value]) {
        return Err(Evaluator::new(resolver, origin).too_large(None));
    }
    Ok(())
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(resolver: &'a dyn Resolver, origin: &'a Origin) -> Evaluator<'a> {
        Evaluator {
            resolver,
            roots: resolver.roots(),
            origin,
            watch: Cell::new(Watch::Off),
        }
    }

    /// Returns an evaluator of a template that sees nothing but the names that it is given.
    pub(crate) fn bound(resolver: &'a dyn Resolver, origin: &'a Origin) -> Evaluator<'a> {
        Evaluator {
            roots: Roots::Bound,
            ..Evaluator::new(resolver, origin)
        }
    }
}

impl Evaluator<'_> {
    /// Evaluates an expression whose failure becomes a value, and returns whether it used a
    /// sensitive value: its failure then discloses information about that value.
    pub(crate) fn attempt(&self, expression: &Expression, frame: Option<&Frame>) -> Attempt {
        let outer = self.watch.replace(Watch::NothingSensitive);
        let outcome = self.expression(expression, frame);
        let used_sensitive = self.watch.get() == Watch::Sensitive;
        // What this one used, those around it used too.
        self.watch.set(match outer {
            Watch::NothingSensitive if used_sensitive => Watch::Sensitive,
            outer => outer,
        });
        Attempt {
            outcome,
            used_sensitive,
        }
    }

    /// Records that an expression used this value and all its parts.
    fn used(&self, value: &Value) {
        if self.watch.get() == Watch::NothingSensitive {
            // A value may be used often, and looking through it is work.
            budget::look_through([value]);
            if value.has_sensitive() {
                self.watch.set(Watch::Sensitive);
            }
        }
    }

    /// Records that an expression took a part of this value: sensitive other parts do not count.
    pub(crate) fn entered(&self, value: &Value) {
        if self.watch.get() == Watch::NothingSensitive && reveal(value).1 {
            self.watch.set(Watch::Sensitive);
        }
    }

    /// Returns an error at a part of the string.
    pub(crate) fn error(
        &self,
        code: &'static Code,
        message: Text,
        part: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(code, message).at(self.origin.place(part)))
    }

    /// Returns a number as it is written: the parser's own value may be rounded, also to an
    /// integer.
    fn literal_number(&self, number: &Formatted<hcl_edit::Number>) -> Outcome {
        let written = match number.as_repr() {
            // A sign may be separate.
            Some(written) if written.contains(char::is_whitespace) => {
                Cow::from(written.replace(char::is_whitespace, ""))
            }
            Some(written) => Cow::from(&**written),
            None => Cow::from(number.value().to_string()),
        };
        Number::read(&written).map(Value::Number).map_err(|error| {
            let message = Text::of(&error);
            let diagnostic = self.error(codes::BAD_NUMBER, message, number.span());
            match error.help() {
                Some(help) => Box::new(diagnostic.help(help)),
                None => diagnostic,
            }
        })
    }

    /// Returns the error for work that takes too long.
    pub(crate) fn too_much(&self, part: Option<Range<usize>>) -> Box<Diagnostic> {
        let error = budget::exhausted().at(self.origin.place(part));
        self.resolver.budget().record(&error);
        Box::new(error)
    }

    /// Returns the error for a value that is too large.
    pub(crate) fn too_large(&self, part: Option<Range<usize>>) -> Box<Diagnostic> {
        let message = text!(
            en: "value exceeds the limit of {limit} MiB",
            zh: "值超出 {limit} MiB 的上限",
            limit = budget::LARGEST_VALUE >> 20,
        );
        let error = self.error(codes::TOO_LARGE, message, part);
        Box::new(error.help(text!(
            en: "store large files outside of the manifests, for example in an image",
            zh: "将大文件存放在清单之外，例如镜像中",
        )))
    }

    /// Returns the value of an expression.
    pub(crate) fn expression(&self, expression: &Expression, frame: Option<&Frame>) -> Outcome {
        if !budget::spend(1) {
            return Err(self.too_much(expression.span()));
        }
        match expression {
            Expression::Null(_) => Ok(Value::Null),
            Expression::Bool(truth) => Ok(Value::Bool(*truth.value())),
            Expression::Number(number) => self.literal_number(number),
            Expression::String(text) => Ok(Value::from(text.value().as_str())),
            Expression::Array(items) => {
                let items: Result<Vec<Value>, _> = items
                    .iter()
                    .map(|item| self.expression(item, frame))
                    .collect();
                let items = items?;
                if !budget::charge(budget::ONE_LIST + items.len() * budget::ONE_VALUE) {
                    return Err(self.too_much(expression.span()));
                }
                Ok(Value::list(items))
            }
            Expression::Object(object) => self.object(object, frame),
            Expression::StringTemplate(template) => self.quoted(template, frame),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, frame),
            Expression::Parenthesis(inner) => self.expression(inner.inner(), frame),
            Expression::Variable(name) => match Frame::find(frame, name.value()) {
                Some(value) => Ok(value.clone()),
                None => Ok(self.root(name, &[])?.value),
            }
            .inspect(|value| self.used(value)),
            Expression::Conditional(conditional) => self.conditional(conditional, frame),
            Expression::FuncCall(call) => {
                let value = self.call(call, frame);
                value.inspect(|value| self.used(value))
            }
            Expression::Traversal(traversal) => {
                let value = self.traversal(traversal, frame);
                value.inspect(|value| self.used(value))
            }
            Expression::UnaryOp(operation) => self.unary(operation, frame),
            Expression::BinaryOp(operation) => self.binary(operation, frame),
            Expression::ForExpr(loops) => self.comprehension(loops, frame),
        }
    }

    fn object(&self, object: &Object, frame: Option<&Frame>) -> Outcome {
        let mut entries = Map::new();
        let mut sensitive = false;
        let mut unknown = false;
        for (key, value) in object.iter() {
            let value = self.expression(value.expr(), frame)?;
            let (key, span) = match key {
                ObjectKey::Ident(name) => (Value::from(name.value().as_str()), name.span()),
                ObjectKey::Expression(expression) => {
                    (self.expression(expression, frame)?, expression.span())
                }
            };
            let (key, secret) = reveal(&key);
            sensitive |= secret;
            match key {
                Value::Unknown => unknown = true,
                key => {
                    if !budget::charge(budget::ONE_ENTRY) {
                        return Err(self.too_much(span));
                    }
                    entries.insert(self.key_text(key, span)?, value);
                }
            }
        }
        let value = if unknown {
            Value::Unknown
        } else {
            Value::map(entries)
        };
        Ok(mark(value, sensitive))
    }

    /// Returns the text of a key of a table.
    fn key_text(
        &self,
        key: &Value,
        span: Option<Range<usize>>,
    ) -> Result<Arc<str>, Box<Diagnostic>> {
        operators::as_text(key).ok_or_else(|| {
            let message = text!(
                en: "map key must be a string, found {found}",
                zh: "映射的键必须是字符串，实际为{found}",
                found = key.type_name(),
            );
            self.error(codes::TYPE_MISMATCH, message, span)
        })
    }

    /// Returns a condition: true, false, or `None` while it is unknown; and whether it is
    /// sensitive.
    pub(crate) fn condition(
        &self,
        expression: &Expression,
        frame: Option<&Frame>,
    ) -> Result<(Option<bool>, bool), Box<Diagnostic>> {
        let value = self.expression(expression, frame)?;
        let (bare, sensitive) = reveal(&value);
        if let Value::Unknown = bare {
            return Ok((None, sensitive));
        }
        match operators::as_truth(bare) {
            Some(truth) => Ok((Some(truth), sensitive)),
            None => {
                let message = text!(
                    en: "condition must be a boolean, found {found}",
                    zh: "条件必须是布尔值，实际为{found}",
                    found = bare.type_name(),
                );
                let error = self.error(codes::TYPE_MISMATCH, message, expression.span());
                Err(Box::new(error.help(operators::COMPARE)))
            }
        }
    }

    fn operand(&self, problem: OperandError, span: Option<Range<usize>>) -> Box<Diagnostic> {
        let error = self.error(codes::OPERAND, problem.message, span);
        Box::new(error.help(problem.help))
    }

    fn conditional(&self, conditional: &Conditional, frame: Option<&Frame>) -> Outcome {
        let (truth, sensitive) = self.condition(&conditional.cond_expr, frame)?;
        let value = match truth {
            Some(true) => self.branch(&conditional.true_expr, &conditional.false_expr, frame)?,
            Some(false) => self.branch(&conditional.false_expr, &conditional.true_expr, frame)?,
            None => {
                // Either may become the value. One that fails may be guarded by the condition.
                let secret = [&conditional.true_expr, &conditional.false_expr]
                    .into_iter()
                    .any(|branch| {
                        self.expression(branch, frame)
                            .is_ok_and(|value| value.has_sensitive())
                    });
                mark(Value::Unknown, secret)
            }
        };
        Ok(mark(value, sensitive))
    }

    /// Returns the value of the branch that is taken, in the type that both have in common.
    fn branch(&self, taken: &Expression, other: &Expression, frame: Option<&Frame>) -> Outcome {
        let value = self.expression(taken, frame)?;
        // The other may be wrong in a way from which the condition guards it.
        let Ok(other) = self.expression(other, frame) else {
            return Ok(value);
        };
        if budget::is_too_large([&value, &other]) {
            return Err(self.too_large(taken.span()));
        }
        unify::chosen(&value, &other).ok_or_else(|| {
            let message = text!(
                en: "both results of a condition must have the same type, found {one} and {other}",
                zh: "条件表达式的两个结果必须是同一类型，实际为{one}和{other}",
                one = reveal(&value).0.type_name(),
                other = reveal(&other).0.type_name(),
            );
            self.error(codes::TYPE_MISMATCH, message, taken.span())
        })
    }

    fn unary(&self, operation: &UnaryOp, frame: Option<&Frame>) -> Outcome {
        let value = self.expression(&operation.expr, frame)?;
        operators::unary(*operation.operator.value(), &value)
            .map_err(|problem| self.operand(problem, operation.expr.span()))
    }

    fn binary(&self, operation: &BinaryOp, frame: Option<&Frame>) -> Outcome {
        let operator = *operation.operator.value();
        let left = self.expression(&operation.lhs_expr, frame)?;
        // The right side is unchanged where the left one decides, so that it may be guarded.
        let (bare, sensitive) = reveal(&left);
        match (operator, operators::as_truth(bare)) {
            (BinaryOperator::And, Some(false)) => return Ok(mark(Value::Bool(false), sensitive)),
            (BinaryOperator::Or, Some(true)) => return Ok(mark(Value::Bool(true), sensitive)),
            _ => {}
        }
        let right = self.expression(&operation.rhs_expr, frame)?;
        if !budget::look_through([&left, &right]) {
            return Err(self.too_much(operation.span()));
        }
        operators::binary(operator, &left, &right).map_err(|fault| {
            let span = match fault.side {
                operators::Side::Left => operation.lhs_expr.span(),
                operators::Side::Right => operation.rhs_expr.span(),
            };
            self.operand(fault.problem, span)
        })
    }
}
