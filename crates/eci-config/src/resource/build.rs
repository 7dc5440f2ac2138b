//! Builds resource instances from the tables of manifests.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use eci_core::diagnostic::Span;
use eci_core::parallel::in_parts;
use eci_core::{Address, Diagnostic, Diagnostics, codes};
use eci_lang::{EachValue, Instances, ModuleId, Roots, references_of, within};
use eci_text::{Text, text};

use super::find_links::links_of;
use super::for_each;
use super::instance::Resource;
use super::meta;
use crate::environment::{EachSource, Environment, Modules, WORK_FOR_ADDRESS};
use crate::evaluation::Context;
use crate::parse::{Block, ResourceBlock};
use crate::secrets;

/// The tables of the resources of a module, each with its instances once they are known.
#[derive(Debug)]
pub(crate) struct Tables(Vec<Table>);

#[derive(Debug)]
struct Table {
    resource: ResourceBlock,
    instances: Vec<Option<EachSource>>,
}

/// Declares the resources of a module, so that expressions can refer to them.
///
/// Keys of `for_each` are set later.
pub(crate) fn declare_resources(
    environment: &mut Environment,
    resources: &[ResourceBlock],
) -> Tables {
    let tables = resources.iter().map(|resource| {
        let ResourceBlock { kind, block } = resource;
        let is_single = block.node.get(for_each::KEY).is_none();
        let instances = if is_single {
            let address = Address::new(*kind, block.name.clone());
            Instances::Single(address.within(&environment.path))
        } else {
            Instances::Pending
        };
        environment.declare(*kind, block.name.clone(), instances);
        Table {
            resource: resource.clone(),
            instances: if is_single { vec![None] } else { Vec::new() },
        }
    });
    Tables(tables.collect())
}

impl Tables {
    /// Returns the positions of the tables with `for_each`.
    pub(crate) fn open(&self) -> impl Iterator<Item = usize> {
        let tables = self.0.iter().enumerate();
        tables
            .filter(|(_, table)| table.resource.block.node.get(for_each::KEY).is_some())
            .map(|(at, _)| at)
    }

    /// Returns the table at a position.
    pub(crate) fn block(&self, at: usize) -> &Arc<Block> {
        &self.0[at].resource.block
    }

    /// Sets the instances of a table with `for_each`.
    pub(crate) fn set(
        &mut self,
        at: usize,
        environment: &mut Environment,
        sources: Vec<EachSource>,
    ) {
        let table = &mut self.0[at];
        let keys: Vec<Arc<str>> = sources.iter().map(|source| source.key().clone()).collect();
        environment.set_keys(table.resource.kind, &table.resource.block.name, &keys);
        table.instances = sources.into_iter().map(Some).collect();
    }

    /// Returns the table of an instance, and the source of its `each`.
    pub(crate) fn instance(&self, address: &Address) -> Option<(&Block, Option<&EachSource>)> {
        let is_meant = |it: &&Table| {
            let ResourceBlock { kind, block } = &it.resource;
            *kind == address.kind() && block.name == *address.label()
        };
        let table = self.0.iter().find(is_meant)?;
        let mut instances = table.instances.iter();
        let source = instances.find(|source| {
            let key = source.as_ref().map(EachSource::key);
            key == address.key()
        })?;
        Some((&table.resource.block, source.as_ref()))
    }

    /// Sets one sample instance for a table whose keys depend on variables without values.
    /// Expressions cannot refer to it.
    pub(crate) fn set_sample(&mut self, at: usize) {
        self.0[at].instances = vec![Some(EachSource::sample())];
    }
}

/// The work of an instance before it is evaluated.
const WORK_FOR_INSTANCE: usize = 32;

/// The work of an instance for each value that is written in its table: what it refers to is
/// looked for.
const WORK_FOR_VALUE: usize = 8;

/// The number of tables from which a thread is worth its cost.
const LEAST: usize = 500;

/// Builds every instance of every resource of a module, with its references.
pub(crate) fn build_resources(
    modules: &Arc<Modules>,
    module: ModuleId,
    tables: Tables,
    diagnostics: &mut Diagnostics,
) -> Vec<Arc<Resource>> {
    let owner = Owner { modules, module };
    let budget = modules.budget();
    let built = |part: &[Table]| {
        let mut own = Diagnostics::default();
        let mut resources = Vec::with_capacity(part.len());
        for table in part {
            let block = &table.resource.block;
            if !table.instances.is_empty() {
                secrets::in_resource(&table.resource, modules, module, &mut own);
            }
            let work = WORK_FOR_INSTANCE + WORK_FOR_VALUE * block.node.weight();
            for each in &table.instances {
                // Nothing is planned of what is left out.
                if !budget.charge(work, || block.place()) {
                    break;
                }
                let before = own.0.len();
                let resource = build(owner, &table.resource, each.clone(), &mut own);
                if is_instance(&resource.address) {
                    own.found_in(&resource.address, before);
                }
                budget.charge_found(&own.0[before..]);
                resources.push(Arc::new(resource));
            }
        }
        (resources, own)
    };
    let parts = in_parts(&tables.0, LEAST, |part| within(budget, || built(part)));
    let mut resources = Vec::new();
    for (part, own) in parts {
        resources.extend(part);
        diagnostics.0.extend(own.0);
    }
    resources
}

/// Returns whether the place of an error in a resource does not identify it: others are read from
/// the same table.
pub(super) fn is_instance(address: &Address) -> bool {
    address.key().is_some() || !address.modules().is_empty()
}

static SETTINGS: Text = Text::fixed("meta-arguments of a resource", "资源的元参数");

/// The module that declares a resource, among all modules.
#[derive(Clone, Copy)]
struct Owner<'a> {
    modules: &'a Arc<Modules>,
    module: ModuleId,
}

fn build(
    owner: Owner<'_>,
    resource: &ResourceBlock,
    source: Option<EachSource>,
    diagnostics: &mut Diagnostics,
) -> Resource {
    let Owner { modules, module } = owner;
    let ResourceBlock { kind, block } = resource;
    let kind = *kind;
    let environment = modules.get(module);
    let mut address = Address::new(kind, block.name.clone()).within(&environment.path);
    if let Some(source) = &source {
        address = address.instance(source.key().clone());
    }
    let context = Context {
        modules: Some(modules),
        ..Context::plain(environment)
    };
    let each: Option<EachValue> = source.as_ref().map(|source| source.value(block, &context));
    let context = Context {
        each: each.as_ref(),
        ..context
    };
    let mut found = Vec::new();
    for entry in block.node.entries().unwrap_or_default() {
        // Those of `for_each` were checked with its keys.
        let mut ignored = Diagnostics::default();
        let report = match &*entry.key {
            for_each::KEY => &mut ignored,
            _ => &mut *diagnostics,
        };
        let context = match &*entry.key {
            for_each::KEY => Context {
                each: None,
                ..context
            },
            _ => context,
        };
        entry.node.templates(&mut |template| {
            references_of(template, &context, &mut found, report);
        });
    }
    let mut references: BTreeSet<Address> = modules.resources_behind(module, found);
    let value_references: Box<[Address]> = references.iter().cloned().collect();
    let links = links_of(&context, &block.node, kind.schema());
    let meta_context = Context {
        roots: Roots::NoResources(&SETTINGS),
        ..context
    };
    let meta = meta::read(meta_context, block, kind, diagnostics);
    references.extend(links.iter().cloned());
    let is_listed = [&meta.depends_on, &meta.lifecycle.replace_triggered_by];
    let is_listed = is_listed.into_iter().any(|list| list.contains(&address));
    references.extend(meta.depends_on);
    references.extend(meta.lifecycle.replace_triggered_by.iter().cloned());
    let around = environment.called.as_ref().map(|it| &*it.depends_on);
    let around = around.unwrap_or_default();
    let work = WORK_FOR_ADDRESS * (links.len() + around.len());
    if modules.budget().charge(work, || block.place()) {
        references.extend(around.iter().cloned());
    }
    if references.remove(&address) {
        diagnostics.push(
            Diagnostic::new(
                codes::SELF_REFERENCE,
                text!(
                    en: "{address} refers to itself",
                    zh: "{address} 引用了自身",
                    address = address.to_string(),
                ),
            )
            .at(way_back(&context, block, &address))
            .secondary(block.place(), text!(en: "declared here", zh: "在此处声明"))
            .help(if is_listed {
                text!(
                    en: "remove it from the list",
                    zh: "将其从列表中删除",
                )
            } else {
                text!(
                    en: "write the value, or move it to a local that both places use; attributes that the cloud sets can be used only in other tables",
                    zh: "写出该值，或将其移到两处共用的局部值中；由云端设置的属性只能在其他表中使用",
                )
            }),
        );
    }
    Resource {
        address,
        place: block.place(),
        references: references.into_iter().collect(),
        links,
        lifecycle: meta.lifecycle,
        timeouts: meta.timeouts,
        block: block.clone(),
        each: source,
        modules: modules.clone(),
        module,
        value_references,
        computed: OnceLock::new(),
    }
}

/// Returns the place where a table refers to itself: a string, or the list of addresses.
fn way_back(context: &Context<'_>, block: &Block, address: &Address) -> Span {
    let Some(modules) = context.modules else {
        return block.place();
    };
    let mut discarded = Diagnostics::default();
    let mut place = None;
    block.node.templates(&mut |template| {
        let mut found = Vec::new();
        references_of(template, context, &mut found, &mut discarded);
        let behind = modules.resources_behind(context.environment.id, found);
        if place.is_none() && behind.contains(address) {
            place = Some(template.origin.place(None));
        }
    });
    let lists = ["depends_on", "lifecycle"].into_iter();
    let list = || lists.filter_map(|key| block.node.entry(key)).next();
    let listed = || list().map(|entry| block.at(&entry.node.range));
    place.or_else(listed).unwrap_or_else(|| block.place())
}
