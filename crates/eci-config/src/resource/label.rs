//! Labels: how one resource names another that it carries or is bound to.

use eci_core::address::FROM_ROOT;
use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Value};
use eci_lang::{Instances, Namespace};
use eci_text::{Text, text};

use crate::evaluation::{Context, evaluate_node};
use crate::parse::Node;
use crate::scope::Scope;

/// A scope for the evaluation of labels: `id` and `name` of every resource are its address, so
/// that `'${eip.web.id}'` names `eip.web` in any expression, also of another module.
struct Addresses;

impl Scope for Addresses {
    fn resource(&self, address: &Address) -> Option<Value> {
        let text = Value::from(format!("{FROM_ROOT}{address}"));
        // A label cannot be derived from the other attributes.
        let fields = address.kind().schema().fields.iter();
        let mut table: Map = fields
            .map(|field| (field.name.into(), Value::Unknown))
            .collect();
        table.insert("id".into(), text.clone());
        table.insert("name".into(), text);
        Some(Value::map(table))
    }
}

/// An error about the name of a resource, with the remedy.
#[derive(Debug)]
pub(crate) struct BadLabel {
    pub(crate) message: Text,
    fix: LabelFix,
}

#[derive(Debug)]
enum LabelFix {
    Help(Text),
    /// Another name was probably meant.
    Meant {
        written: String,
        meant: String,
    },
}

impl BadLabel {
    fn new(message: Text, help: Text) -> BadLabel {
        BadLabel {
            message,
            fix: LabelFix::Help(help),
        }
    }

    fn near(message: Text, written: &str, meant: &str) -> BadLabel {
        BadLabel {
            message,
            fix: LabelFix::Meant {
                written: written.to_owned(),
                meant: meant.to_owned(),
            },
        }
    }

    /// Adds it to a diagnostic.
    pub(crate) fn with_remedy(self, diagnostic: Diagnostic) -> Diagnostic {
        match self.fix {
            LabelFix::Meant { written, meant } => diagnostic.did_you_mean(&written, &meant),
            LabelFix::Help(help) => diagnostic.help(help),
        }
    }
}

/// An error about a node that names no resource.
#[derive(Debug)]
pub(crate) enum LabelFault {
    /// Its value cannot be computed; the reason may have been reported before.
    Value(Diagnostics),
    /// Its value is not a label.
    Label(BadLabel),
}

/// Computes the value of a node that holds nothing but labels.
pub(crate) fn value_of_labels(
    context: &Context<'_>,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Value {
    let context = Context {
        scope: &Addresses,
        ..*context
    };
    evaluate_node(&context, node, diagnostics)
}

/// Returns the resource that a node names; `None` where it is null.
pub(crate) fn label_of(
    context: &Context<'_>,
    node: &Node,
    kind: Kind,
) -> Result<Option<Address>, LabelFault> {
    let context = Context {
        scope: &Addresses,
        ..*context
    };
    let mut diagnostics = Diagnostics::default();
    let value = evaluate_node(&context, node, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(LabelFault::Value(diagnostics));
    }
    let (value, secret) = value.reveal();
    // `'${eip.web}'` is the whole resource, which names itself.
    match value.get("id").unwrap_or(value) {
        Value::Null => Ok(None),
        Value::String(text) => match resolve(&context, kind, text) {
            // The reason names it.
            Err(_) if secret => Err(BadLabel::new(
                text!(
                    en: "undeclared `{kind}` resource; its name is sensitive",
                    zh: "`{kind}` 资源未声明，其名称是敏感值",
                    kind = kind.name(),
                ),
                name_a_table(kind),
            )),
            resolved => resolved.map(Some),
        },
        Value::Unknown if context.environment.is_incomplete => {
            return Err(LabelFault::Value(Diagnostics::default()));
        }
        Value::Unknown => Err(unknown(kind)),
        other => Err(BadLabel::new(
            text!(
                en: "expected the name of a resource of type `{kind}`, found {found}",
                zh: "应为类型为 `{kind}` 的资源的名称，实际为{found}",
                kind = kind.name(),
                found = other.type_name(),
            ),
            name_a_table(kind),
        )),
    }
    .map_err(LabelFault::Label)
}

/// Writes an address as a label of its kind: `web` or `data["a"]`; one of another module as a
/// whole.
pub(crate) fn written(context: &Context<'_>, address: &Address) -> String {
    if *address.modules() != *context.environment.path {
        return format!("{FROM_ROOT}{address}");
    }
    let Some(key) = address.key() else {
        return address.label().to_string();
    };
    let own = Address::new(address.kind(), address.label().clone());
    let prefix = address.kind().name().len() + 1;
    own.instance(key.clone()).to_string()[prefix..].to_owned()
}

fn name_a_table(kind: Kind) -> Text {
    text!(
        en: "write the name of a `[{kind}.NAME]` table",
        zh: "写成 `[{kind}.NAME]` 表的名称",
        kind = kind.name(),
    )
}

/// Returns the message for a resource of a module that is called.
pub(crate) fn in_module(address: &Address) -> Text {
    text!(
        en: "{address} is in a module, so it can be referenced only inside of the module",
        zh: "{address} 在模块中，只能在该模块内引用",
        address = address.to_string(),
    )
}

/// Returns the message about a resource name that is not known before apply.
pub(crate) fn unknown(kind: Kind) -> BadLabel {
    BadLabel::new(
        text!(
            en: "the name of a resource of type `{kind}` is known only after apply",
            zh: "类型为 `{kind}` 的资源的名称应用后才可知",
            kind = kind.name(),
        ),
        text!(
            en: "write a literal name, or compute it from variables and locals only",
            zh: "写成字面量名称，或仅由变量和局部值计算",
        ),
    )
}

/// Returns the resource that a label names.
pub(crate) fn resolve(context: &Context<'_>, kind: Kind, text: &str) -> Result<Address, BadLabel> {
    // What nearly all are: a label and nothing else.
    if let Some(Instances::Single(address)) = context.environment.declared(kind, text) {
        return Ok(address.clone());
    }
    let bad = |message: Text, help: Text| Err(BadLabel::new(message, help));
    let (environment, text) = match text.strip_prefix(FROM_ROOT) {
        Some(whole) => match resolve_whole(context, whole) {
            Some(address) if address.kind() == kind => return Ok(address),
            // As if it were written here: the error explains the mistake.
            _ => (context.environment, whole),
        },
        None => (context.environment, text),
    };
    let before_key = text.split('[').next().unwrap_or_default();
    let parsed = if before_key.contains('.') {
        text.parse::<Address>()
    } else {
        format!("{kind}.{text}").parse()
    };
    let address = match parsed {
        Ok(address) if address.modules().is_empty() => address,
        Ok(address) => {
            return bad(
                in_module(&address),
                text!(
                    en: "declare an output with its `id` in the module, and use '${{module.{module}.OUTPUT}}'",
                    zh: "在模块中声明包含其 `id` 的输出，并使用 '${{module.{module}.OUTPUT}}'",
                    module = address.modules()[0].name,
                ),
            );
        }
        _ => {
            return bad(
                text!(
                    en: "invalid name of a resource of type `{kind}`: {name}",
                    zh: "类型为 `{kind}` 的资源的名称无效：{name}",
                    kind = kind.name(),
                    name = format!("{text:?}"),
                ),
                text!(
                    en: "write the name of a `[{kind}.NAME]` table, for example \"web\" or 'web[\"a\"]'",
                    zh: "写成 `[{kind}.NAME]` 表的名称，例如 \"web\" 或 'web[\"a\"]'",
                    kind = kind.name(),
                ),
            );
        }
    };
    if address.kind() != kind {
        return bad(
            text!(
                en: "expected a resource of type `{kind}`, found {address}",
                zh: "应为类型为 `{kind}` 的资源，实际为 {address}",
                kind = kind.name(),
                address = address.to_string(),
            ),
            name_a_table(kind),
        );
    }
    let label = address.label();
    let Some(instances) = environment.declared(kind, label) else {
        let message = text!(
            en: "undeclared resource `{kind}.{name}`",
            zh: "资源 `{kind}.{name}` 未声明",
            kind = kind.name(),
            name = label,
        );
        let properties = kind.properties();
        let prefix = properties.id_prefix;
        let is_id = prefix.is_some_and(|prefix| text.starts_with(prefix));
        let existing = properties.existing_by.filter(|_| is_id);
        let help = match environment.near(Namespace::Resources(kind), label) {
            Some(near) => {
                return Err(BadLabel::near(
                    message,
                    text,
                    &text.replacen(&**label, near, 1),
                ));
            }
            None => match existing {
                Some(attribute) => text!(
                    en: "for an existing {object}, declare `[{kind}.web]` with `{attribute} = {id}`, and write \"web\" here",
                    zh: "对于已有的{object}，声明 `[{kind}.web]` 并设置 `{attribute} = {id}`，此处写 \"web\"",
                    object = properties.nouns.in_all(),
                    kind = kind.name(),
                    attribute = attribute,
                    id = format!("{text:?}"),
                ),
                None => text!(
                    en: "declare it as `[{kind}.{name}]`",
                    zh: "声明为 `[{kind}.{name}]`",
                    kind = kind.name(),
                    name = label,
                ),
            },
        };
        return bad(message, help);
    };
    match (instances, address.key()) {
        (Instances::Single(address), None) => Ok(address.clone()),
        (Instances::Single(_), Some(_)) => bad(
            text!(
                en: "{kind}.{name} has no instance keys, because it does not have `for_each`",
                zh: "{kind}.{name} 未设置 `for_each`，没有实例键",
                kind = kind.name(),
                name = label,
            ),
            text!(
                en: "write {name}",
                zh: "写成 {name}",
                name = format!("{:?}", &**label),
            ),
        ),
        (Instances::Keyed(instances), Some(key)) => match instances.get(key) {
            Some(address) => Ok(address.clone()),
            None => {
                let message = text!(
                    en: "{kind}.{name} has no instance {key}",
                    zh: "{kind}.{name} 没有实例 {key}",
                    kind = kind.name(),
                    name = label,
                    key = format!("{:?}", &**key),
                );
                match nearest(key, instances.keys().take(1000).map(|key| &**key)) {
                    Some(near) => Err(BadLabel::near(
                        message,
                        text,
                        &text.replacen(&**key, near, 1),
                    )),
                    None => bad(
                        message,
                        text!(
                            en: "use one of the keys of its `for_each`",
                            zh: "使用其 `for_each` 的某个键",
                        ),
                    ),
                }
            }
        },
        (Instances::Keyed(_), None) => bad(
            text!(
                en: "missing instance key of {kind}.{name}, which has `for_each`",
                zh: "{kind}.{name} 设置了 `for_each`，缺少实例键",
                kind = kind.name(),
                name = label,
            ),
            text!(
                en: "add a key, for example '{name}[\"a\"]' or '{name}[\"${{each.key}}\"]'",
                zh: "添加键，例如 '{name}[\"a\"]' 或 '{name}[\"${{each.key}}\"]'",
                name = label,
            ),
        ),
        // Its `for_each` was reported.
        (Instances::Pending, _) => Ok(address),
    }
}

/// Returns the resource of an address of the whole configuration.
fn resolve_whole(context: &Context<'_>, text: &str) -> Option<Address> {
    let address: Address = text.parse().ok()?;
    let environment = if address.modules() == &*context.environment.path {
        context.environment
    } else {
        context.modules?.at(address.modules())?
    };
    let key = address.key().map(|key| &**key);
    let found = environment.addresses(address.kind(), address.label(), key);
    found.contains(&address).then_some(address)
}
