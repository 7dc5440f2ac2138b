//! Keys that a table does not support, with those that were probably meant.

use std::sync::Arc;

use eci_text::{List, text};

use super::{Misspelling, Normalizer};
use crate::codes;
use crate::path::PathCursor;
use crate::schema::{Field, Object, in_backticks};
use crate::suggest::{already_set, nearest, use_with_type};
use crate::value::{Map, Value};

/// The most keys that a message lists.
const MOST_LISTED: usize = 40;

impl Normalizer {
    /// Returns whether one of the violations from this one on is a misspelled key that means this
    /// field: that it is missing is not a further error.
    pub(super) fn is_meant(&self, field: &Field, from: usize) -> bool {
        let meant = self.violations[from..]
            .iter()
            .filter_map(|it| it.meant.as_ref());
        let mut keys = meant.map(|(_, meant)| meant);
        keys.any(|meant| meant == field.name)
    }

    pub(super) fn unknown_keys(
        &mut self,
        object: &'static Object,
        given: &Map,
        path: &PathCursor<'_>,
    ) {
        for key in given.keys() {
            match object.field(key, given) {
                Some(field) if field.is_writable() => {}
                Some(_) => self.report(
                    &path.name(key),
                    codes::READ_ONLY,
                    text!(
                        en: "`{key}` is a read-only attribute",
                        zh: "`{key}` 是只读属性",
                        key = key,
                    ),
                    Some(text!(
                        en: "remove it; expressions of other tables can refer to it",
                        zh: "删除该键；其他表的表达式可以引用",
                    )),
                ),
                None => self.unknown_key(object, key, given, path),
            }
        }
    }

    pub(super) fn unknown_key(
        &mut self,
        object: &'static Object,
        key: &Arc<str>,
        given: &Map,
        path: &PathCursor<'_>,
    ) {
        let at = path.name(key);
        let owners: Vec<&str> = object
            .fields
            .iter()
            .filter(|field| field.name == &**key)
            .filter_map(|field| field.variant)
            .collect();
        if let (false, Some(variant)) =
            (owners.is_empty(), given.get("type").and_then(Value::as_str))
        {
            let help = text!(
                en: "types that support `{key}`: {owners}",
                zh: "支持 `{key}` 的类型：{owners}",
                key = key,
                owners = List::and(in_backticks(owners)),
            );
            let message = text!(
                en: "unsupported key `{key}` in a `{object}` of type `{variant}`",
                zh: "类型为 `{variant}` 的 `{object}` 不支持键 `{key}`",
                key = key,
                object = object.name,
                variant = variant,
            );
            return self.report(&at, codes::WRONG_TYPE_KEY, message, Some(help));
        }
        let known = object
            .fields
            .iter()
            .filter(|field| field.is_writable() && field.applies_to(given));
        let names: Vec<&str> = known.map(|field| field.name).collect();
        let message = text!(
            en: "unsupported key `{key}` in {table}",
            zh: "{table}不支持键 `{key}`",
            key = key,
            table = object.phrase(),
        );
        if let Some(near) = nearest(key, names.iter().copied()) {
            if given.get(near).is_some() {
                return self.report(&at, codes::UNKNOWN_KEY, message, Some(already_set(near)));
            }
            let word = Misspelling {
                written: key,
                meant: near,
            };
            self.report_near(&at, codes::UNKNOWN_KEY, message, word);
            let value = given.get(key);
            let misfit = object
                .field(near, given)
                .filter(|field| value.is_some_and(|value| !field.ty.has_form_of(value)));
            if let (Some(field), Some(violation)) = (misfit, self.violations.last_mut()) {
                violation.help = Some(use_with_type(near, &field.ty.describe()));
                violation.is_replaceable = false;
            }
            return;
        }
        let help = (names.len() <= MOST_LISTED).then(|| {
            text!(
                en: "supported keys: {names}",
                zh: "支持的键：{names}",
                names = List::and(in_backticks(names)),
            )
        });
        self.report(&at, codes::UNKNOWN_KEY, message, help);
    }
}
