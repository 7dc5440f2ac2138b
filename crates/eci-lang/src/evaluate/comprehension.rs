//! The evaluation of a `for`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use eci_core::{Diagnostic, Map, Value, codes};
use eci_text::text;
use hcl_edit::Span;
use hcl_edit::expr::ForExpr;

use super::{Evaluator, Frame, Outcome};
use crate::budget;
use crate::marks::{mark, reveal};

impl Evaluator<'_> {
    pub(super) fn comprehension(&self, loops: &ForExpr, frame: Option<&Frame>) -> Outcome {
        let collection = self.expression(&loops.intro.collection_expr, frame)?;
        let (bare, mut sensitive) = reveal(&collection);
        let mut result = ForResult::new(loops);
        let mut unknown = bare.is_unknown();
        let span = loops.intro.collection_expr.span();
        for (key, value) in self.pairs(bare, span)? {
            let (outer, inner);
            let mut scope = frame;
            if let Some(name) = &loops.intro.key_var {
                outer = Frame::of(name.value(), key, scope);
                scope = Some(&outer);
            }
            inner = Frame::of(loops.intro.value_var.value(), value, scope);
            let scope = Some(&inner);
            if let Some(condition) = &loops.cond {
                let (truth, secret) = self.condition(&condition.expr, scope)?;
                sensitive |= secret;
                match truth {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        unknown = true;
                        continue;
                    }
                }
            }
            let value = self.expression(&loops.value_expr, scope)?;
            let size = match loops.key_expr {
                Some(_) => budget::ONE_ENTRY,
                None => 2 * budget::ONE_VALUE,
            };
            if !budget::charge(size) {
                return Err(self.too_much(loops.value_expr.span()));
            }
            let Some(key_expression) = &loops.key_expr else {
                result.items.push(value);
                continue;
            };
            let key = self.expression(key_expression, scope)?;
            let (key, secret) = reveal(&key);
            sensitive |= secret;
            if key.is_unknown() {
                unknown = true;
                continue;
            }
            let key = self.key_text(key, key_expression.span())?;
            if let Err(key) = result.insert(key, value) {
                let message = if secret {
                    text!(en: "duplicate sensitive key", zh: "敏感的键重复")
                } else {
                    text!(en: "duplicate key `{key}`", zh: "键 `{key}` 重复", key = key)
                };
                let error = self.error(codes::DUPLICATE, message, key_expression.span());
                return Err(Box::new(error.help(text!(
                    en: "add `...` after the value to group values by key",
                    zh: "在值之后添加 `...`，按键对值分组",
                ))));
            }
        }
        let value = if unknown {
            Value::Unknown
        } else {
            result.into_value()
        };
        Ok(mark(value, sensitive))
    }

    /// Returns the keys and values that a `for` iterates over; none where the collection is
    /// unknown.
    pub(crate) fn pairs(
        &self,
        collection: &Value,
        span: Option<Range<usize>>,
    ) -> Result<Vec<(Value, Value)>, Box<Diagnostic>> {
        // Names that are bound to parts of it can hold them many times over.
        if budget::is_too_large([collection]) {
            return Err(self.too_large(span));
        }
        match collection {
            Value::Unknown => Ok(Vec::new()),
            Value::List(items) => Ok((0i64..)
                .zip(items.iter())
                .map(|(at, item)| (Value::from(at), item.clone()))
                .collect()),
            Value::Map(entries) => Ok(entries
                .iter()
                .map(|(key, value)| (Value::String(key.clone()), value.clone()))
                .collect()),
            other => {
                let message = text!(
                    en: "`for` requires a list or a map, found {found}",
                    zh: "`for` 需要列表或映射，实际为{found}",
                    found = other.type_name(),
                );
                let help = match other {
                    Value::Number(_) => text!(
                        en: "use `range(…)` to count up to a number",
                        zh: "使用 `range(…)` 从 0 开始计数",
                    ),
                    Value::String(_) => text!(
                        en: "use `split(\",\", …)` to split a string",
                        zh: "使用 `split(\",\", …)` 拆分字符串",
                    ),
                    Value::Null => text!(
                        en: "provide a list for this case, for example with `coalesce(…, [])`",
                        zh: "为这种情况提供列表，例如 `coalesce(…, [])`",
                    ),
                    _ => text!(en: "use a list or a map", zh: "使用列表或映射"),
                };
                let error = self.error(codes::TYPE_MISMATCH, message, span);
                Err(Box::new(error.help(help)))
            }
        }
    }
}

/// The result of a `for`: a list, a map, or a map of lists.
struct ForResult {
    items: Vec<Value>,
    entries: Option<BTreeMap<Arc<str>, Vec<Value>>>,
    grouping: bool,
}

impl ForResult {
    fn new(loops: &ForExpr) -> ForResult {
        ForResult {
            items: Vec::new(),
            entries: loops.key_expr.as_ref().map(|_| BTreeMap::new()),
            grouping: loops.grouping,
        }
    }

    fn insert(&mut self, key: Arc<str>, value: Value) -> Result<(), Arc<str>> {
        let values = self
            .entries
            .get_or_insert_default()
            .entry(key.clone())
            .or_default();
        if !values.is_empty() && !self.grouping {
            return Err(key);
        }
        values.push(value);
        Ok(())
    }

    fn into_value(self) -> Value {
        let Some(entries) = self.entries else {
            return Value::list(self.items);
        };
        let one = |mut values: Vec<Value>| {
            if self.grouping {
                Value::list(values)
            } else {
                values.pop().unwrap_or_default()
            }
        };
        Value::map(
            entries
                .into_iter()
                .map(|(key, values)| (key, one(values)))
                .collect::<Map>(),
        )
    }
}
