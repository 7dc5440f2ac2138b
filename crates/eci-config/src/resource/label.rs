//! Labels: how one resource names another that it carries or is bound to.

use eci_core::address::FROM_ROOT;
use eci_core::schema::with_article;
use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Value};
use eci_lang::{Instances, Namespace};

use crate::context::Context;
use crate::evaluate::evaluate_node;
use crate::parse::Node;
use crate::scope::Scope;

/// A scope for the evaluation of labels: `id` and `name` of every resource are its address, so
/// that `'${eip.web.id}'` names `eip.web` in any expression, also of another module.
struct Addresses;

impl Scope for Addresses {
    fn resource(&self, address: &Address) -> Option<Value> {
        let text = Value::from(format!("{FROM_ROOT}{address}"));
        // No label can be made of the other attributes.
        let fields = address.kind().schema().fields.iter();
        let mut table: Map = fields
            .map(|field| (field.name.into(), Value::Unknown))
            .collect();
        table.insert("id".into(), text.clone());
        table.insert("name".into(), text);
        Some(Value::map(table))
    }
}

/// Why a text names no resource: what is wrong and the way out.
#[derive(Debug)]
pub(crate) struct BadLabel {
    pub(crate) message: String,
    pub(crate) help: String,
    /// What is written and what was probably meant.
    pub(crate) meant: Option<(String, String)>,
}

impl BadLabel {
    fn new(message: String, help: String) -> BadLabel {
        BadLabel {
            message,
            help,
            meant: None,
        }
    }

    fn near(message: String, written: &str, meant: &str) -> BadLabel {
        BadLabel {
            message,
            help: String::new(),
            meant: Some((written.to_owned(), meant.to_owned())),
        }
    }

    /// Adds it to a diagnostic.
    pub(crate) fn way_out(self, diagnostic: Diagnostic) -> Diagnostic {
        match self.meant {
            Some((written, meant)) => diagnostic.did_you_mean(&written, &meant),
            None => diagnostic.help(self.help),
        }
    }
}

/// Why a node names no resource.
#[derive(Debug)]
pub(crate) enum LabelFault {
    /// Its value cannot be computed; the reason may have been reported before.
    Value(Diagnostics),
    /// Its value is no label.
    Label(BadLabel),
}

/// The value of a node that holds nothing but labels.
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

/// The resource that a node names; `None` where it is null.
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
            Err(_) if secret => Err(BadLabel {
                message: format!("there is no such {kind}; its label is sensitive"),
                help: format!("write the name of a [{kind}.NAME] table"),
                meant: None,
            }),
            resolved => resolved.map(Some),
        },
        Value::Unknown if context.environment.is_incomplete => {
            return Err(LabelFault::Value(Diagnostics::default()));
        }
        Value::Unknown => Err(unknown(kind)),
        other => Err(BadLabel {
            message: format!(
                "expected the label of {} table, found {}",
                with_article(kind.name()),
                other.type_name()
            ),
            help: format!("write the name of a [{kind}.NAME] table"),
            meant: None,
        }),
    }
    .map_err(LabelFault::Label)
}

/// An address as a label of its kind: `web` or `data["a"]`; one of another module as a whole.
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

/// That a label is not known before apply.
pub(crate) fn unknown(kind: Kind) -> BadLabel {
    BadLabel {
        message: format!("which {kind} this names is known only after apply"),
        help: "write its label, or compute it from variables and locals alone".to_owned(),
        meant: None,
    }
}

/// The resource that a label names.
pub(crate) fn resolve(context: &Context<'_>, kind: Kind, text: &str) -> Result<Address, BadLabel> {
    // What nearly all are: a label and nothing else.
    if let Some(Instances::Single(address)) = context.environment.declared(kind, text) {
        return Ok(address.clone());
    }
    let bad = |message: String, help: String| Err(BadLabel::new(message, help));
    let (environment, text) = match text.strip_prefix(FROM_ROOT) {
        Some(whole) => match resolve_whole(context, whole) {
            Some(address) if address.kind() == kind => return Ok(address),
            // As if it were written here: that tells what is wrong with it.
            _ => (context.environment, whole),
        },
        None => (context.environment, text),
    };
    let before_key = text.split('[').next().unwrap_or_default();
    let parsed = match before_key.contains('.') {
        true => text.parse::<Address>(),
        false => format!("{kind}.{text}").parse(),
    };
    let address = match parsed {
        Ok(address) if address.modules().is_empty() => address,
        Ok(address) => {
            return bad(
                format!("{address} lies in a module, which only the module itself can name"),
                format!(
                    "write an output with its `id` into the module, and '${{module.{}.OUTPUT}}' here",
                    address.modules()[0].name
                ),
            );
        }
        _ => {
            return bad(
                format!(
                    "{text:?} is not the label of {} table",
                    with_article(kind.name())
                ),
                format!("write the name of a [{kind}.NAME] table, such as \"web\" or 'web[\"a\"]'"),
            );
        }
    };
    if address.kind() != kind {
        return bad(
            format!(
                "{} is needed here, {address} is none",
                with_article(kind.name())
            ),
            format!("name a [{kind}.NAME] table"),
        );
    }
    let label = address.label();
    let Some(instances) = environment.declared(kind, label) else {
        let message = format!("there is no [{kind}.{label}] table");
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
                Some(attribute) => format!(
                    "for an existing {} write [{kind}.web] with {attribute} = {text:?} and name \"web\" here",
                    properties.nouns.object
                ),
                None => format!("declare it as [{kind}.{label}]"),
            },
        };
        return bad(message, help);
    };
    match (instances, address.key()) {
        (Instances::Single(address), None) => Ok(address.clone()),
        (Instances::Single(_), Some(_)) => bad(
            format!("{kind}.{label} has no `for_each` and no instances by key"),
            format!("write {:?}", &**label),
        ),
        (Instances::Keyed(instances), Some(key)) => match instances.get(key) {
            Some(address) => Ok(address.clone()),
            None => {
                let message = format!("{kind}.{label} has no instance {:?}", &**key);
                match nearest(key, instances.keys().take(1000).map(|key| &**key)) {
                    Some(near) => Err(BadLabel::near(
                        message,
                        text,
                        &text.replacen(&**key, near, 1),
                    )),
                    None => bad(message, "name one of the keys of its `for_each`".to_owned()),
                }
            }
        },
        (Instances::Keyed(_), None) => bad(
            format!("{kind}.{label} has `for_each`: an instance must be chosen"),
            format!("write its key too, such as '{label}[\"a\"]' or '{label}[\"${{each.key}}\"]'"),
        ),
        // Its `for_each` was reported.
        (Instances::Pending, _) => Ok(address),
    }
}

/// The resource of an address of the whole configuration.
fn resolve_whole(context: &Context<'_>, text: &str) -> Option<Address> {
    let address: Address = text.parse().ok()?;
    let environment = match address.modules() == &*context.environment.path {
        true => context.environment,
        false => context.modules?.at(address.modules())?,
    };
    let key = address.key().map(|key| &**key);
    let found = environment.addresses(address.kind(), address.label(), key);
    found.contains(&address).then_some(address)
}
