//! Attributes, indices and splats.

use std::ops::Range;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Map, Value, codes};
use eci_text::text;
use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::evaluate::{Evaluator, Frame, Outcome};
use super::marks::{mark, reveal};
use super::names::{Operators, RootValue};
use super::nouns::ELEMENT;
use super::operators::{as_number, as_text};
use super::schema_types::{Shape, absent};

impl Evaluator<'_> {
    /// Evaluates a traversal, for example `x.a[0][*].b`.
    pub(crate) fn traversal(&self, traversal: &Traversal, frame: Option<&Frame>) -> Outcome {
        let root = match &traversal.expr {
            Expression::Variable(name) if Frame::find(frame, name.value()).is_none() => {
                self.root(name, &traversal.operators)?
            }
            other => RootValue {
                value: self.expression(other, frame)?,
                shape: Shape::Free,
                used: 0,
            },
        };
        let operators = &traversal.operators[root.used..];
        self.operators(root.value, root.shape, operators, frame)
    }

    fn operators(
        &self,
        mut value: Value,
        mut shape: Shape,
        operators: &Operators,
        frame: Option<&Frame>,
    ) -> Outcome {
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            let span = operator.span();
            rest = after;
            self.entered(&value);
            (value, shape) = match operator.value() {
                TraversalOperator::GetAttr(name) => {
                    self.attribute(&value, shape, name.value(), name.span())?
                }
                TraversalOperator::Index(index) => {
                    let key = self.expression(index, frame)?;
                    self.index(&value, shape, &key, index.span())?
                }
                TraversalOperator::LegacyIndex(index) => {
                    let key = i64::try_from(*index.value()).unwrap_or(i64::MAX);
                    self.index(&value, shape, &Value::from(key), span)?
                }
                TraversalOperator::FullSplat(_) => {
                    let value = self.splat(&value, shape, rest, frame)?;
                    rest = &[];
                    (value, Shape::Free)
                }
                TraversalOperator::AttrSplat(_) => {
                    let attributes = rest
                        .iter()
                        .take_while(|next| {
                            matches!(
                                next.value(),
                                TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_)
                            )
                        })
                        .count();
                    let (inner, after) = rest.split_at(attributes);
                    let value = self.splat(&value, shape, inner, frame)?;
                    rest = after;
                    (value, Shape::Free)
                }
            };
        }
        Ok(value)
    }

    /// Evaluates `x[*]` and the accesses after it for each element: a list has its elements, null
    /// none, and anything else is its own only element.
    fn splat(
        &self,
        value: &Value,
        shape: Shape,
        operators: &Operators,
        frame: Option<&Frame>,
    ) -> Outcome {
        let (bare, sensitive) = reveal(value);
        let items: &[Value] = match bare {
            Value::Unknown => return Ok(mark(Value::Unknown, sensitive)),
            Value::Null => &[],
            Value::List(items) => items,
            other => std::slice::from_ref(other),
        };
        let shape = match bare {
            Value::List(_) => shape.element(),
            _ => shape,
        };
        let items: Result<Vec<Value>, _> = items
            .iter()
            .map(|item| self.operators(item.clone(), shape, operators, frame))
            .collect();
        Ok(mark(Value::list(items?), sensitive))
    }

    fn attribute(
        &self,
        value: &Value,
        shape: Shape,
        name: &str,
        span: Option<Range<usize>>,
    ) -> Result<(Value, Shape), Box<Diagnostic>> {
        let (next, field) = shape.attribute(name).map_err(|misfit| {
            let error = self.error(
                codes::UNKNOWN_ATTRIBUTE,
                misfit.message.clone(),
                span.clone(),
            );
            Box::new(misfit.with_remedy(name, *error))
        })?;
        let (bare, sensitive) = reveal(value);
        let found = match bare {
            Value::Unknown => Value::Unknown,
            Value::Map(entries) => match (entries.get(name), field, shape.object()) {
                (Some(found), _, _) => found.clone(),
                (None, Some(_), Some(object)) => absent(object, name, entries),
                _ => return Err(self.no_key(name, entries, span)),
            },
            // An absent table has absent attributes.
            Value::Null if field.is_some() => Value::Null,
            other => {
                let message = text!(
                    en: "{found} has no attribute `{name}`",
                    zh: "{found}没有属性 `{name}`",
                    found = other.type_name(),
                    name = name,
                );
                return Err(self.error(codes::UNKNOWN_ATTRIBUTE, message, span));
            }
        };
        // A digest is all that a state keeps of a secret: enough to compare, not to compute with.
        let found = match found {
            Value::Digest(_) => Value::Unknown.into_sensitive(),
            found => found,
        };
        let secret = sensitive || field.is_some_and(|field| field.sensitive && !found.is_null());
        Ok((mark(found, secret), next))
    }

    fn no_key(&self, name: &str, entries: &Map, span: Option<Range<usize>>) -> Box<Diagnostic> {
        let error = self.error(
            codes::UNKNOWN_ATTRIBUTE,
            text!(
             en: "the map has no key `{name}`",
             zh: "映射没有键 `{name}`",
             name = name,
            ),
            span,
        );
        match nearest(name, entries.keys().take(1000).map(|key| &**key)) {
            Some(near) => Box::new(error.did_you_mean(name, near)),
            None => error,
        }
    }

    /// Returns the error of an index, which names the index unless it is sensitive.
    fn hushed(
        &self,
        secret: bool,
        error: Box<Diagnostic>,
        span: Option<Range<usize>>,
    ) -> Box<Diagnostic> {
        if secret {
            self.error(
                codes::INDEX,
                text!(
                 en: "no element found at a sensitive index",
                 zh: "在敏感的索引处未找到元素",
                ),
                span,
            )
        } else {
            error
        }
    }

    fn index(
        &self,
        value: &Value,
        shape: Shape,
        key: &Value,
        span: Option<Range<usize>>,
    ) -> Result<(Value, Shape), Box<Diagnostic>> {
        let (bare_key, key_secret) = reveal(key);
        let (bare, sensitive) = reveal(value);
        let secret = sensitive || key_secret;
        let found = match (bare, bare_key) {
            (_, Value::String(name)) if shape.object().is_some() => {
                let (found, next) = self
                    .attribute(value, shape, name, span.clone())
                    .map_err(|error| self.hushed(key_secret, error, span))?;
                return Ok((mark(found, key_secret), next));
            }
            (Value::Unknown, _) | (_, Value::Unknown) => Value::Unknown,
            (Value::List(items), key) => {
                let at = as_number(key).and_then(eci_core::Number::as_i64);
                let found = at
                    .and_then(|at| usize::try_from(at).ok())
                    .and_then(|at| items.get(at));
                match (found, at) {
                    (Some(found), _) => found.clone(),
                    (None, Some(at)) => {
                        let message = text!(
                            en: "index {at} is out of range: the list has {elements}",
                            zh: "索引 {at} 超出范围：列表有 {elements}",
                            at = at,
                            elements = ELEMENT.count(items.len()),
                        );
                        let error = self.error(codes::INDEX, message, span.clone());
                        return Err(self.hushed(key_secret, error, span));
                    }
                    (None, None) => {
                        let message = text!(
                            en: "list index must be a non-negative integer, found {found}",
                            zh: "列表的索引必须是非负整数，实际为{found}",
                            found = key.type_name(),
                        );
                        return Err(self.error(codes::INDEX, message, span));
                    }
                }
            }
            (Value::Map(entries), key) => {
                let Some(key) = as_text(key) else {
                    let message = text!(
                        en: "map key must be a string, found {found}",
                        zh: "映射的键必须是字符串，实际为{found}",
                        found = key.type_name(),
                    );
                    return Err(self.error(codes::INDEX, message, span));
                };
                match entries.get(&key) {
                    Some(found) => found.clone(),
                    None => {
                        let error = self.no_key(&key, entries, span.clone());
                        return Err(self.hushed(key_secret, error, span));
                    }
                }
            }
            (other, _) => {
                let message = text!(
                    en: "{found} cannot be indexed",
                    zh: "{found}不支持索引",
                    found = other.type_name(),
                );
                return Err(self.error(codes::INDEX, message, span));
            }
        };
        Ok((mark(found, secret), shape.element()))
    }
}
