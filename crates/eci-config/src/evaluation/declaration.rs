//! The declaration of a variable, and the value that it takes.

use eci_core::diagnostic::Span;
use eci_core::suggest::did_you_mean;
use eci_core::tables::VARIABLE;
use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::Origin;
use eci_text::{Text, text};

use super::literals::{literal, plain, read_type};
use super::node::evaluate_node;
use super::table_reader::TableReader;
use crate::environment::Environment;
use crate::parse::Block;
use crate::variables::{
    ChangedNumber, ConversionError, InputValue, RawValue, ValueSource, VariableType,
    changed_number, misspelled,
};

/// `[variable.NAME]`, without its rules.
pub(crate) struct Declaration<'a> {
    block: &'a Block,
    /// `None` if it is not given, which takes any value.
    pub(super) ty: Option<VariableType>,
    pub(super) default: Option<Value>,
    pub(crate) sensitive: bool,
    pub(super) nullable: bool,
    pub(crate) description: Option<String>,
}

impl<'a> Declaration<'a> {
    pub(crate) fn read(
        environment: &Environment,
        block: &'a Block,
        diagnostics: &mut Diagnostics,
    ) -> Declaration<'a> {
        let context = plain(environment, &DECLARATION);
        let mut reader =
            TableReader::open(context, &block.source, &block.node, diagnostics).checked(&VARIABLE);
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

    /// Returns whether it requires no value from outside.
    pub(crate) fn has_default(&self) -> bool {
        self.default
            .as_ref()
            .is_some_and(|default| self.nullable || !default.is_null())
    }

    /// Returns its value, and where that is written unless it is sensitive; `None` after an error,
    /// which is then reported.
    pub(super) fn value(
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
            let message = text!(
                en: "variable `{name}` must not be null",
                zh: "变量 `{name}` 不能为空值（null）",
                name = self.block.name,
            );
            let place = self.default_place(&eci_core::Path::root());
            diagnostics.push(
                Diagnostic::new(codes::NULL_VARIABLE, message)
                    .at(place)
                    .help(text!(
                        en: "set `default` to a value that is not null, or remove it",
                        zh: "将 `default` 设置为非空值，或删除该键",
                    )),
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
        if let Some(changed) = self.changed_number(given) {
            diagnostics.push(self.number_for_string(&changed, given));
            return None;
        }
        match converted {
            Ok(converted) => {
                self.warn_of_misspelled_names(value, given, diagnostics);
                let place = match given {
                    Some(given) => self.shown_place(given, &root),
                    None => Some(self.default_place(&root)),
                };
                Some(if self.sensitive {
                    (converted.into_sensitive(), None)
                } else {
                    (converted, place)
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
        let message = text!(
            en: "no value for required variable `{name}`",
            zh: "必填变量 `{name}` 没有值",
            name = name,
        );
        // A default would be a secret in a manifest, and others can read command lines.
        let help = if self.sensitive {
            text!(
                en: "set `ECI_VAR_{name}`, or use `--var-file` with a file that is not in the repository",
                zh: "设置 `ECI_VAR_{name}`，或使用 `--var-file` 指定不在仓库中的文件",
                name = name,
            )
        } else {
            text!(
                en: "use `--var {name}=VALUE`, set `ECI_VAR_{name}`, add it to `eci.vars.toml`, or set `default`",
                zh: "使用 `--var {name}=VALUE`、设置 `ECI_VAR_{name}`、写入 `eci.vars.toml`，或设置 `default`",
                name = name,
            )
        };
        Diagnostic::new(codes::MISSING_VARIABLE, message)
            .at(self.block.place())
            .help(help)
    }

    /// Reports a value that does not fit the type.
    fn misfit(&self, misfit: &ConversionError, given: Option<&InputValue>) -> Diagnostic {
        let name = &self.block.name;
        // Names and types of parts reveal a part of a secret.
        let why = match &self.ty {
            Some(ty) if self.sensitive => text!(en: "expected {ty}", zh: "应为{ty}", ty = ty),
            None if self.sensitive => text!(en: "type mismatch", zh: "类型不匹配"),
            _ => Text::of(&misfit),
        };
        let message = match given {
            Some(given) => text!(
                en: "invalid value for variable `{name}` from {origin}: {why}",
                zh: "变量 `{name}` 的值无效（来自{origin}）：{why}",
                name = name,
                origin = given.origin,
                why = why,
            ),
            None => text!(
                en: "invalid default of variable `{name}`: {why}",
                zh: "变量 `{name}` 的默认值无效：{why}",
                name = name,
                why = why,
            ),
        };
        let diagnostic = Diagnostic::new(codes::TYPE_MISMATCH, message);
        let place = match given {
            Some(given) => self.shown_place(given, &misfit.path),
            None => Some(self.default_place(&misfit.path)),
        };
        let declared = match self.block.node.get("type") {
            Some(node) => self.block.at(&node.range),
            None => self.block.place(),
        };
        match place {
            Some(place) => diagnostic.at(place).secondary(declared, DECLARED_HERE),
            None => diagnostic.primary(declared, DECLARED_HERE),
        }
    }

    /// Returns a number in a file that would become a string with another text.
    fn changed_number(&self, given: Option<&InputValue>) -> Option<ChangedNumber> {
        let has_text = |default: &Value| default.as_str().is_some();
        let ty = match &self.ty {
            Some(ty) => ty,
            // Its default says that it is a string.
            None if self.default.as_ref().is_some_and(has_text) => &VariableType::String,
            None => return None,
        };
        match given {
            Some(given) => {
                let block = given.written.as_ref()?;
                changed_number(ty, &block.node, &block.source)
            }
            None => changed_number(ty, self.block.node.get("default")?, &self.block.source),
        }
    }

    /// Reports a number that would become a string with another text.
    fn number_for_string(&self, changed: &ChangedNumber, given: Option<&InputValue>) -> Diagnostic {
        let diagnostic = self.misfit(&changed.error, given);
        if self.sensitive {
            return diagnostic.help(text!(
                en: "quote the number to keep it as a string",
                zh: "为数值加引号，以保留为字符串",
            ));
        }
        let meant = format!("{:?}", changed.written);
        let help = text!(en: "write `{meant}`", zh: "写成 `{meant}`", meant = meant);
        match diagnostic.primary.as_ref().map(|label| label.place.clone()) {
            Some(place) => diagnostic.help(help).edit(place, meant),
            None => diagnostic.help(help),
        }
    }

    /// Warns of names that the type does not have and that look like one that it has.
    fn warn_of_misspelled_names(
        &self,
        value: &Value,
        given: Option<&InputValue>,
        diagnostics: &mut Diagnostics,
    ) {
        let Some(ty) = self.ty.as_ref().filter(|_| !self.sensitive) else {
            return;
        };
        for (path, near) in misspelled(ty, value) {
            let message = text!(
                en: "`{path}` is ignored: the type of variable `{name}` does not have the attribute",
                zh: "`{path}` 已忽略：变量 `{name}` 的类型没有该属性",
                path = path.to_string(),
                name = self.block.name,
            );
            let place = match given {
                Some(given) => self.shown_place(given, &path),
                None => Some(self.default_place(&path)),
            };
            diagnostics.push(Diagnostic {
                primary: place.map(|place| eci_core::diagnostic::Label {
                    place,
                    text: Text::default(),
                }),
                ..Diagnostic::new(codes::UNKNOWN_OBJECT_ATTRIBUTE, message)
                    .help(did_you_mean(&near))
            });
        }
    }

    /// Returns the place of a part of the default.
    fn default_place(&self, path: &eci_core::Path) -> Span {
        match self.block.node.get("default") {
            Some(node) if self.sensitive => self.block.at(&node.range),
            Some(node) => self.block.at(&node.part(path).range),
            None => self.block.place(),
        }
    }

    /// Returns the place of a part of a given value, if it may be shown.
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
        let origin = given.origin.source_name();
        let source = match given.rank {
            ValueSource::Environment => origin,
            _ => text!(en: "{origin} {name}", zh: "{origin} {name}", origin = origin, name = name),
        };
        Origin::outside(source, text)
    }

    /// Parses the value that was given: a text is read as the value that it writes.
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
            // An invalid expression, for example `10.0.0.1`, may still be meant as text.
            Err(_) if self.ty.is_none() => Some(Value::from(text.as_str())),
            Err(diagnostic) => {
                diagnostics.push(self.no_literal(*diagnostic, given));
                None
            }
        }
    }

    /// Explains that a text is not a literal.
    fn no_literal(&self, mut diagnostic: Diagnostic, given: &InputValue) -> Diagnostic {
        let name = &self.block.name;
        if self.sensitive {
            let message = text!(
                en: "invalid value for variable `{name}` from {origin}: invalid expression",
                zh: "变量 `{name}` 的值无效（来自{origin}）：表达式无效",
                name = name,
                origin = given.origin,
            );
            diagnostic = Diagnostic::new(codes::SYNTAX, message).at(self.block.place());
        }
        diagnostic.help(match &self.ty {
            Some(ty @ (VariableType::List(_) | VariableType::Set(_) | VariableType::Tuple(_))) => {
                text!(
                    en: "pass {ty}, for example `[\"a\", \"b\"]`",
                    zh: "传入{ty}，例如 `[\"a\", \"b\"]`",
                    ty = ty,
                )
            }
            Some(ty @ (VariableType::Map(_) | VariableType::Object(_))) => text!(
                en: "pass {ty}, for example `{{ a = \"b\" }}`",
                zh: "传入{ty}，例如 `{{ a = \"b\" }}`",
                ty = ty,
            ),
            Some(ty) => text!(en: "pass {ty}", zh: "传入{ty}", ty = ty),
            None => text!(en: "pass an expression", zh: "传入表达式"),
        })
    }
}

const DECLARED_HERE: Text = Text::fixed("declared here", "在此处声明");

static DECLARATION: Text = Text::fixed("the declaration of a variable", "变量的声明");
