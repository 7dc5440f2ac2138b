//! The meta-arguments of resources: `depends_on`, `lifecycle`, `timeouts`.

use eci_core::address::{AddressError, ModuleStep};
use eci_core::schema::Object;
use eci_core::tables::{LIFECYCLE, TIMEOUTS};
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Subject, codes};
use eci_lang::{ModuleId, Namespace, Roots};
use eci_text::{Text, text};

use super::ignored;
use super::label::in_module;
use super::lifecycle::{IgnoreChanges, Lifecycle, Timeouts};
use crate::environment::WORK_FOR_ADDRESS;
use crate::evaluation::{Context, TableReader};
use crate::parse::{Block, Node};

/// The work of a path of `ignore_changes`: it is read, compared with the table and kept.
const WORK_FOR_PATH: usize = 64;

/// The work of an address that is written: it is read and looked up.
const WORK_FOR_NAME: usize = 16;

/// The meta-arguments of a resource instance.
#[derive(Debug, Default)]
pub(super) struct Meta {
    pub(super) depends_on: Vec<Address>,
    pub(super) lifecycle: Lifecycle,
    pub(super) timeouts: Timeouts,
}

/// Reads the meta-arguments of a resource.
pub(super) fn read(
    context: Context<'_>,
    block: &Block,
    kind: Kind,
    diagnostics: &mut Diagnostics,
) -> Meta {
    let mut meta = Meta::default();
    if block.node.get("depends_on").is_some() {
        // The other keys are checked with the attributes.
        let mut reader = TableReader::open(context, &block.source, &block.node, diagnostics);
        meta.depends_on = addresses(&mut reader, context, "depends_on");
    }
    meta.lifecycle = lifecycle(context, block, kind.schema(), diagnostics);
    if let Some(node) = block.node.get("timeouts") {
        let mut reader =
            TableReader::open(context, &block.source, node, diagnostics).checked(&TIMEOUTS);
        meta.timeouts = Timeouts {
            create: reader.duration("create"),
            update: reader.duration("update"),
            delete: reader.duration("delete"),
        };
    }
    meta
}

fn lifecycle(
    context: Context<'_>,
    block: &Block,
    object: &'static Object,
    diagnostics: &mut Diagnostics,
) -> Lifecycle {
    let Some(node) = block.node.get("lifecycle") else {
        return Lifecycle::default();
    };
    let mut reader =
        TableReader::open(context, &block.source, node, diagnostics).checked(&LIFECYCLE);
    Lifecycle {
        prevent_destroy: reader.truth("prevent_destroy"),
        create_before_destroy: reader.truth("create_before_destroy") == Some(true),
        ignore_changes: ignore_changes(&mut reader, block, object),
        replace_triggered_by: addresses(&mut reader, context, "replace_triggered_by"),
    }
}

fn ignore_changes(
    reader: &mut TableReader<'_>,
    block: &Block,
    object: &'static Object,
) -> IgnoreChanges {
    let key = "ignore_changes";
    if reader.node(key).and_then(Node::literal_text) == Some("all") {
        return IgnoreChanges::All;
    }
    let mut patterns = Vec::new();
    for (text, node) in reader.texts(key) {
        if !reader.charge(WORK_FOR_PATH, node) {
            break;
        }
        match ignored::pattern(&text, object, &block.node) {
            Ok(normal) => patterns.extend(normal),
            Err(mismatch) => {
                let place = reader.place(node);
                let diagnostic = Diagnostic::new(codes::UNKNOWN_ATTRIBUTE, mismatch.message);
                reader.diagnostics.push(diagnostic.at(place).near(
                    &text,
                    mismatch.meant.as_deref(),
                    || mismatch.help,
                ));
            }
        }
    }
    IgnoreChanges::Paths(patterns)
}

/// Reads a list of addresses, each of them with all its instances.
fn addresses(reader: &mut TableReader<'_>, context: Context<'_>, key: &str) -> Vec<Address> {
    let mut addresses = Vec::new();
    for (text, node) in reader.texts(key) {
        if !reader.charge(WORK_FOR_NAME, node) {
            break;
        }
        match existing(context, &text) {
            Ok(found) => {
                if !reader.charge(WORK_FOR_ADDRESS * found.len(), node) {
                    break;
                }
                addresses.extend(found);
            }
            Err(MissingAddress { message, fix }) => {
                let place = reader.place(node);
                let diagnostic = Diagnostic::new(
                    if key == "depends_on" {
                        codes::DEPENDS_ON
                    } else {
                        codes::REPLACE_TRIGGERED_BY
                    },
                    message,
                );
                let diagnostic = diagnostic.at(place);
                reader.diagnostics.push(match fix {
                    Some(LabelFix::Meant(meant)) => diagnostic.did_you_mean(&text, &meant),
                    Some(LabelFix::Help(help)) => diagnostic.help(help),
                    None => diagnostic,
                });
            }
        }
    }
    addresses.sort();
    addresses.dedup();
    addresses
}

/// An address that names nothing.
struct MissingAddress {
    message: Text,
    fix: Option<LabelFix>,
}

impl MissingAddress {
    fn new(message: Text, fix: LabelFix) -> MissingAddress {
        MissingAddress {
            message,
            fix: Some(fix),
        }
    }
}

/// The remedy for an address that names nothing.
enum LabelFix {
    /// Another one was probably meant.
    Meant(String),
    Help(Text),
}

impl LabelFix {
    fn write(address: &str) -> LabelFix {
        LabelFix::Help(text!(
            en: "write `{address}`",
            zh: "写成 `{address}`",
            address = address,
        ))
    }

    fn all_instances(address: &str) -> LabelFix {
        LabelFix::Help(text!(
            en: "write `{address}` for all its instances",
            zh: "全部实例写作 `{address}`",
            address = address,
        ))
    }

    fn declare(header: &str) -> LabelFix {
        LabelFix::Help(text!(
            en: "declare it as `[{header}]`",
            zh: "声明为 `[{header}]`",
            header = header,
        ))
    }
}

static DEPENDENCIES: Text = Text::fixed("`depends_on`", "元参数 `depends_on` 的值");

fn undeclared_resource(address: &str) -> Text {
    text!(
        en: "undeclared resource `{address}`",
        zh: "资源 `{address}` 未声明",
        address = address,
    )
}

fn undeclared_module(address: &str) -> Text {
    text!(
        en: "undeclared module `{address}`",
        zh: "模块 `{address}` 未声明",
        address = address,
    )
}

/// Returns the resources that `depends_on` of a table names.
pub(crate) fn dependencies(
    context: Context<'_>,
    block: &Block,
    diagnostics: &mut Diagnostics,
) -> Vec<Address> {
    let context = Context {
        roots: Roots::NoResources(&DEPENDENCIES),
        ..context
    };
    let mut reader = TableReader::open(context, &block.source, &block.node, diagnostics);
    addresses(&mut reader, context, "depends_on")
}

fn existing(context: Context<'_>, text: &str) -> Result<Vec<Address>, MissingAddress> {
    let environment = context.environment;
    let subject: Subject = text.parse().map_err(|error: AddressError| {
        let declared = |kind: &Kind| environment.declared(*kind, text).is_some();
        let meant = Kind::ALL.into_iter().find(declared);
        MissingAddress {
            message: Text::of(&error),
            fix: meant
                .map(|kind| LabelFix::Meant(format!("{kind}.{text}")))
                // A name alone that nothing declares was hardly meant as an address.
                .or_else(|| {
                    error
                        .help()
                        .filter(|_| text.contains('.'))
                        .map(LabelFix::Help)
                }),
        }
    })?;
    let address = match subject {
        Subject::Resource(address) => address,
        Subject::Module(steps) => return existing_module(context, &steps),
    };
    if let Some(module) = address.modules().first() {
        let fix = LabelFix::Help(text!(
            en: "write `{module}` for all resources of the module",
            zh: "模块的全部资源写作 `{module}`",
            module = module.to_string(),
        ));
        return Err(MissingAddress::new(in_module(&address), fix));
    }
    let (kind, label) = (address.kind(), address.label());
    if environment.declared(kind, label).is_none() {
        let written = format!("{kind}.{label}");
        let fix = match environment.near(Namespace::Resources(kind), label) {
            Some(near) => LabelFix::Meant(format!("{kind}.{near}")),
            None => LabelFix::declare(&written),
        };
        return Err(MissingAddress::new(undeclared_resource(&written), fix));
    }
    let key = address.key().map(|key| &**key);
    let found = environment.addresses(kind, label, key);
    match key {
        Some(_)
            if found
                .first()
                .is_none_or(|found| found.key() != address.key()) =>
        {
            Err(MissingAddress::new(
                undeclared_resource(&address.to_string()),
                LabelFix::all_instances(&format!("{kind}.{label}")),
            ))
        }
        _ => Ok(found),
    }
}

/// Returns the addresses of all resources in a module that is called here.
fn existing_module(
    context: Context<'_>,
    steps: &[ModuleStep],
) -> Result<Vec<Address>, MissingAddress> {
    let [step] = steps else {
        let address = Subject::Module(steps.to_vec());
        return Err(MissingAddress {
            message: text!(
                en: "{address} is not called by the same module, so it cannot be referenced",
                zh: "{address} 不是由同一模块调用的，无法引用",
                address = address.to_string(),
            ),
            fix: steps
                .first()
                .map(|first| LabelFix::write(&first.to_string())),
        });
    };
    let (environment, name) = (context.environment, &step.name);
    if environment.call(name).is_none() {
        let written = format!("module.{name}");
        let fix = match environment.near(Namespace::Modules, name) {
            Some(near) => LabelFix::Meant(format!("module.{near}")),
            None => LabelFix::declare(&written),
        };
        return Err(MissingAddress::new(undeclared_module(&written), fix));
    }
    let Some(modules) = context.modules else {
        return Ok(Vec::new());
    };
    let key = step.key.as_deref();
    let called = environment.called_modules(name, key);
    let has_key = |module: &ModuleId| {
        let last = modules.get(*module).path.last();
        last.is_some_and(|last| last.key == step.key)
    };
    if key.is_some() && !called.first().is_some_and(has_key) {
        return Err(MissingAddress::new(
            undeclared_module(&step.to_string()),
            LabelFix::all_instances(&format!("module.{name}")),
        ));
    }
    Ok(called
        .into_iter()
        .flat_map(|module| modules.addresses_in(module))
        .collect())
}
