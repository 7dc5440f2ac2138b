//! Numbers that a variable of type string would get in another form than they are written in.

use eci_core::diagnostic::Source;
use eci_core::{Path, Value};
use eci_lang::as_text;
use eci_text::text;

use super::convert::ConversionError;
use super::types::VariableType;
use crate::parse::{Data, Node};

/// A number whose text differs from the string that it would become.
#[derive(Debug)]
pub(crate) struct ChangedNumber {
    /// The error about the part of the value.
    pub(crate) error: ConversionError,
    /// The number as it is written.
    pub(crate) written: String,
}

/// Returns the first number in a value that its type makes a string with another text: `1.30` would become
/// `1.3`, the tag of another image.
pub(crate) fn changed_number(
    ty: &VariableType,
    node: &Node,
    source: &Source,
) -> Option<ChangedNumber> {
    part(ty, ValuePart { node, source }, &Path::root())
}

/// A part of a value in its file.
#[derive(Clone, Copy)]
struct ValuePart<'a> {
    node: &'a Node,
    source: &'a Source,
}

impl<'a> ValuePart<'a> {
    fn of(self, node: &'a Node) -> ValuePart<'a> {
        ValuePart { node, ..self }
    }
}

fn part(ty: &VariableType, value: ValuePart<'_>, path: &Path) -> Option<ChangedNumber> {
    match (ty, &value.node.data) {
        (VariableType::String, Data::Literal(number @ Value::Number(_))) => {
            let written = value.source.text.get(value.node.range.clone())?.trim();
            let string = as_text(number).filter(|string| **string != *written)?;
            let message = text!(
                en: "expected {ty}, found the number `{written}`, which would become `{string}`",
                zh: "应为{ty}，实际为数值 `{written}`，会变为 `{string}`",
                ty = ty,
                written = written,
                string = string,
            );
            Some(ChangedNumber {
                error: ConversionError {
                    path: path.clone(),
                    message,
                },
                written: written.to_owned(),
            })
        }
        (VariableType::List(inner) | VariableType::Set(inner), Data::List(items)) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| part(inner, value.of(item), &path.index(at)))
        }
        (VariableType::Tuple(types), Data::List(items)) => {
            let mut items = types.iter().zip(items).enumerate();
            items.find_map(|(at, (ty, item))| part(ty, value.of(item), &path.index(at)))
        }
        (VariableType::Map(inner), Data::Table(entries)) => entries.iter().find_map(|entry| {
            let path = path.name(entry.key.clone());
            part(inner, value.of(&entry.node), &path)
        }),
        (VariableType::Object(attributes), Data::Table(entries)) => {
            entries.iter().find_map(|entry| {
                let attribute = attributes.get(&entry.key)?;
                let path = path.name(entry.key.clone());
                part(&attribute.ty, value.of(&entry.node), &path)
            })
        }
        _ => None,
    }
}
