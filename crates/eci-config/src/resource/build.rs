//! From tables of manifests to instances.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Address, Diagnostic, Diagnostics, Kind, codes};

use super::each::{self, EachSource};
use super::links::links_of;
use super::{Resource, meta};
use crate::environment::{Declared, Environment, Instances};
use crate::expression::{Context, Each, Roots, references_of};
use crate::manifest::Block;
use crate::scope::NothingKnown;

/// The tables of all resources, each with its instances once they are told.
#[derive(Debug)]
pub(crate) struct Tables(Vec<Table>);

#[derive(Debug)]
struct Table {
    kind: Kind,
    block: Arc<Block>,
    instances: Vec<Option<EachSource>>,
}

/// Makes all resources known to expressions; those with `for_each` without their keys.
pub(crate) fn declare_resources(
    environment: &mut Environment,
    resources: Vec<(Kind, Block)>,
) -> Tables {
    let tables = resources.into_iter().map(|(kind, block)| {
        let is_single = block.node.get(each::KEY).is_none();
        let instances = match is_single {
            true => Instances::Single(Address::new(kind, block.name.clone())),
            false => Instances::Pending,
        };
        environment.declare(kind, block.name.clone(), Declared { instances });
        Table {
            kind,
            block: Arc::new(block),
            instances: if is_single { vec![None] } else { Vec::new() },
        }
    });
    Tables(tables.collect())
}

/// Tells the instances of every resource with `for_each`.
pub(crate) fn expand_instances(
    environment: &mut Environment,
    tables: &mut Tables,
    diagnostics: &mut Diagnostics,
) {
    for table in &mut tables.0 {
        let Some(node) = table.block.node.get(each::KEY) else {
            continue;
        };
        if let Some(sources) = each::instances(environment, &table.block, node, diagnostics) {
            let keys: Vec<Arc<str>> = sources.iter().map(|source| source.key().clone()).collect();
            environment.set_keys(table.kind, &table.block.name, &keys);
            table.instances = sources.into_iter().map(Some).collect();
        }
    }
}

/// Makes every instance, with what it refers to.
pub(crate) fn build_resources(
    environment: &Arc<Environment>,
    tables: Tables,
    diagnostics: &mut Diagnostics,
) -> Vec<Resource> {
    let mut resources = Vec::new();
    for table in tables.0 {
        for each in table.instances {
            resources.push(build(
                environment,
                table.kind,
                &table.block,
                each,
                diagnostics,
            ));
        }
    }
    resources
}

fn build(
    environment: &Arc<Environment>,
    kind: Kind,
    block: &Arc<Block>,
    source: Option<EachSource>,
    diagnostics: &mut Diagnostics,
) -> Resource {
    let mut address = Address::new(kind, block.name.clone());
    if let Some(source) = &source {
        address = address.instance(source.key().clone());
    }
    let each: Option<Each> = source
        .as_ref()
        .map(|source| source.value(block, environment, &NothingKnown));
    let context = Context {
        environment,
        scope: &NothingKnown,
        each: each.as_ref(),
        roots: Roots::All,
    };
    let mut found = Vec::new();
    for entry in block.node.entries().unwrap_or_default() {
        // Those of `for_each` were checked with its keys.
        let mut ignored = Diagnostics::default();
        let report = match &*entry.key {
            each::KEY => &mut ignored,
            _ => &mut *diagnostics,
        };
        let context = match &*entry.key {
            each::KEY => Context {
                each: None,
                ..context
            },
            _ => context,
        };
        entry.node.templates(&mut |template| {
            references_of(template, &context, &mut found, report);
        });
    }
    let mut references: BTreeSet<Address> = environment.resources_behind(found);
    let links = links_of(&context, &block.node, kind.schema());
    let meta_context = Context {
        roots: Roots::NoResources("this part of a resource"),
        ..context
    };
    let meta = meta::read(meta_context, block, kind, diagnostics);
    references.extend(links.iter().cloned());
    references.extend(meta.depends_on);
    references.extend(meta.lifecycle.replace_triggered_by.iter().cloned());
    if references.remove(&address) {
        diagnostics.push(
            Diagnostic::new(codes::SELF_REFERENCE, format!("{address} refers to itself"))
                .at(block.place(), "")
                .help("write the value, or put it into a local that both places use"),
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
        environment: environment.clone(),
    }
}
