//! Hard-coded secrets in manifests.
//!
//! Each one that is reported is kept from being shown.

mod hidden;
mod literal_values;
mod origins;

use std::ops::Range;

use eci_core::schema::{Object, Type};
use eci_core::secret_names::{
    SecretHint, ends_like_secret, holds_password, is_secret, names_secret, secrets_in_command,
};
use eci_core::suggest::nearest;
use eci_core::tables::META;
use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::ModuleId;
use eci_text::{Text, text};

pub(crate) use self::hidden::hide_value;

use self::hidden::hide;
use self::literal_values::LiteralText;
use self::origins::Origins;
use crate::environment::{Environment, Modules};
use crate::parse::{Block, Data, Entry, Node, ResourceBlock};

/// Warns of every hard-coded secret in the table of a resource.
pub(crate) fn in_resource(
    resource: &ResourceBlock,
    modules: &Modules,
    module: ModuleId,
    diagnostics: &mut Diagnostics,
) {
    let ResourceBlock { kind, block } = resource;
    let environment = modules.get(module);
    Origins::new(modules).hide_sensitive(&block.node, environment);
    let mut search = SecretSearch {
        modules,
        environment,
        block,
        diagnostics,
    };
    search.table(&block.node, kind.schema());
}

/// Warns of a hard-coded secret as the default of a variable.
pub(crate) fn in_default(variable: &Block, diagnostics: &mut Diagnostics) {
    let Some(default) = variable.node.entry("default") else {
        return;
    };
    let is_sensitive = is_sensitive(variable);
    if is_sensitive {
        variable.source.hide(default.node.range.clone());
    }
    let name = &variable.name;
    let is_text = default.node.literal_text().is_some_and(is_secret);
    if !is_text || !(is_sensitive || ends_like_secret(name)) {
        return;
    }
    hide(variable, &default.node);
    let message = text!(
        en: "hard-coded secret in the default of variable `{name}`",
        zh: "变量 `{name}` 的默认值中硬编码了机密信息",
        name = name,
    );
    let help = if is_sensitive {
        text!(
            en: "remove the default, and set the value with `ECI_VAR_{name}`",
            zh: "删除默认值，通过 `ECI_VAR_{name}` 设置值",
            name = name,
        )
    } else {
        text!(
            en: "replace the default by `sensitive = true`, and set the value with `ECI_VAR_{name}`",
            zh: "将默认值替换为 `sensitive = true`，通过 `ECI_VAR_{name}` 设置值",
            name = name,
        )
    };
    diagnostics.push(
        Diagnostic::new(codes::LITERAL_SECRET, message)
            .at(variable.at(&default.key_range))
            .help(help),
    );
}

/// Warns of a hard-coded secret as an input of a module.
pub(crate) fn in_input(
    call: &Block,
    input: &Entry,
    variable: &Block,
    diagnostics: &mut Diagnostics,
) {
    let is_text = input.node.literal_text().is_some_and(is_secret);
    if !is_text || !is_sensitive(variable) {
        return;
    }
    hide(call, &input.node);
    let name = &variable.name;
    diagnostics.push(
        Diagnostic::new(
            codes::LITERAL_SECRET,
            text!(
                en: "hard-coded secret in `{name}`",
                zh: "`{name}` 中硬编码了机密信息",
                name = name,
            ),
        )
        .at(call.at(&input.key_range))
        .secondary(
            variable.place(),
            text!(en: "declared as sensitive here", zh: "在此处声明为敏感"),
        )
        .help(use_variable(name)),
    );
}

/// Returns the help for a secret that should be a variable of this name.
fn use_variable(name: &str) -> Text {
    text!(
        en: "declare `[variable.{name}]` with `sensitive = true`, use `${{var.{name}}}`, and set the value with `ECI_VAR_{name}`",
        zh: "声明 `[variable.{name}]` 并设置 `sensitive = true`，使用 `${{var.{name}}}`，并通过 `ECI_VAR_{name}` 设置值",
        name = name,
    )
}

/// Returns the name of a variable for the secret of an environment variable, a key or an option:
/// `db_password` for `DB_PASSWORD` and `--db-password`.
fn variable_name(name: &str) -> String {
    let name = name.trim_start_matches('-').to_lowercase();
    name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_")
}

fn is_sensitive(variable: &Block) -> bool {
    let sensitive = variable.node.get("sensitive");
    sensitive.is_some_and(|node| !matches!(node.data, Data::Literal(Value::Bool(false))))
}

/// A search for hard-coded secrets in the table of a resource.
struct SecretSearch<'a> {
    modules: &'a Modules,
    environment: &'a Environment,
    block: &'a Block,
    diagnostics: &'a mut Diagnostics,
}

impl SecretSearch<'_> {
    fn table(&mut self, node: &Node, object: &'static Object) {
        for entry in node.entries().unwrap_or_default() {
            let mut fields = object.fields.iter();
            let Some(field) = fields.find(|field| field.name == &*entry.key) else {
                // It may be a secret whose key is misspelled.
                let is_wrong = !META.knows(&entry.key);
                if is_wrong && (names_secret(&entry.key) || means_secret(&entry.key, object)) {
                    hide(self.block, &entry.node);
                }
                continue;
            };
            if field.sensitive {
                Origins::new(self.modules).hide(&entry.node, self.environment);
            }
            match (&field.ty, &entry.node.data) {
                // Whatever is wrong with it.
                (_, Data::List(_) | Data::Table(_)) if field.sensitive => {
                    self.block.source.hide(entry.node.range.clone());
                }
                _ if field.sensitive => self.secret(&entry.key, entry),
                (Type::Object(inner), Data::Table(_)) => self.table(&entry.node, inner),
                (Type::Objects(inner, _), Data::List(items)) => {
                    for item in items {
                        self.table(item, inner);
                    }
                }
                (_, Data::Table(entries)) if field.secret_hint == Some(SecretHint::Environment) => {
                    entries.iter().for_each(|entry| self.variable(entry));
                }
                (_, Data::List(items)) if field.secret_hint == Some(SecretHint::CommandLine) => {
                    self.command_line(items);
                }
                _ => {}
            }
        }
    }

    /// Reports a value that is a secret by the description of its field or by its name.
    ///
    /// An access key ID only names a secret.
    fn secret(&mut self, name: &str, entry: &Entry) {
        let written = LiteralText::of(&entry.node, self.environment);
        let Some(written) = written.filter(|it| is_secret(&it.text) && name != "access_key") else {
            return;
        };
        hide(self.block, &entry.node);
        let mut diagnostic = Diagnostic::new(
            codes::LITERAL_SECRET,
            text!(
                en: "hard-coded secret in `{name}`",
                zh: "`{name}` 中硬编码了机密信息",
                name = name,
            ),
        )
        .at(self.block.at(&entry.key_range));
        for local in &written.locals {
            hide(local, &local.node);
            diagnostic =
                diagnostic.secondary(local.place(), text!(en: "set here", zh: "在此处设置"));
        }
        self.diagnostics
            .push(diagnostic.help(use_variable(&variable_name(name))));
    }

    /// Checks an environment variable of a program.
    fn variable(&mut self, entry: &Entry) {
        if names_secret(&entry.key) {
            return self.secret(&entry.key, entry);
        }
        if entry.node.literal_text().is_some_and(holds_password) {
            hide(self.block, &entry.node);
            let message = text!(
                en: "hard-coded password in `{name}`",
                zh: "`{name}` 中硬编码了密码",
                name = entry.key,
            );
            let help = use_variable(&variable_name(&entry.key));
            self.report_part(message, entry.key_range.clone(), help);
        }
    }

    /// Checks flags: `--password=…`, or a flag followed by its value.
    fn command_line(&mut self, items: &[Node]) {
        for secret in secrets_in_command(items.iter().map(Node::literal_text)) {
            let message = match secret.option {
                Some(option) => text!(
                    en: "hard-coded secret in the value of `{option}`",
                    zh: "`{option}` 的值中硬编码了机密信息",
                    option = option,
                ),
                None => text!(en: "hard-coded password in a URL", zh: "URL 中硬编码了密码"),
            };
            let item = &items[secret.index];
            hide(self.block, item);
            let help = use_variable(&variable_name(secret.option.unwrap_or("url")));
            self.report_part(message, item.range.clone(), help);
        }
    }

    fn report_part(&mut self, message: Text, range: Range<usize>, help: Text) {
        self.diagnostics.push(
            Diagnostic::new(codes::LITERAL_SECRET, message)
                .at(self.block.at(&range))
                .help(help),
        );
    }
}

/// Returns whether a key that does not exist probably means a secret one.
fn means_secret(key: &str, object: &Object) -> bool {
    let names = object.fields.iter().map(|field| field.name);
    let near = nearest(key, names);
    let mut fields = object.fields.iter();
    near.is_some_and(|near| fields.any(|field| field.name == near && field.sensitive))
}
