//! The stages of a plan and of recording, one by one.
//!
//! `cargo bench -p eci-bench` runs all of them, `cargo bench -p eci-bench diff` some.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use eci_bench::shape;
use eci_config::{Configuration, EmptyScope};
use eci_core::{Address, DigestKey, Kind, Lineage, Map, Value};
use eci_planner::graph::DependencyGraph;
use eci_planner::{Observations, Plan, PlannerOptions, plan};
use eci_state::{Holder, LocalStore, MemoryStore, Record, ResourceState, Snapshot, Store};

const SIZES: [usize; 2] = [300, 3_000];

fn main() {
    divan::main();
}

struct Shape {
    directory: tempfile::TempDir,
    size: usize,
}

impl Shape {
    fn of(size: usize) -> Shape {
        let directory = tempfile::tempdir().unwrap();
        let size = shape::write(directory.path(), size).unwrap();
        Shape { directory, size }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn load(&self) -> Configuration {
        eci_config::load(self.path(), &Default::default()).unwrap()
    }
}

fn nothing() -> MemoryStore {
    MemoryStore::new(Snapshot::new(
        Lineage::new("bench"),
        DigestKey::new([7; 32]),
    ))
}

fn planned(configuration: &Configuration) -> Plan {
    plan(
        configuration,
        nothing().snapshot(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap()
}

/// Returns the state that an apply of the plan would leave, as far as it can be determined without
/// a cloud.
fn applied(plan: &Plan) -> MemoryStore {
    let mut store = nothing();
    let key = store.snapshot().digest_key.clone();
    for step in plan.steps() {
        let desired = step.desired.clone().unwrap_or_default();
        let redacted = desired
            .iter()
            .map(|(name, value)| (name.clone(), key.redact(value)));
        let state = ResourceState {
            id: (step.address.kind() == Kind::ContainerGroup)
                .then(|| format!("eci-{}", step.address)),
            applied: Arc::new(redacted.collect()),
            dependencies: step.dependencies.clone(),
            ..ResourceState::default()
        };
        let record = Record::ResourceUpdated {
            address: step.address.clone(),
            state: Box::new(state),
        };
        store.append(&[record]).unwrap();
    }
    store
}

/// The bare parse of the files: the floor of everything else.
#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let files: Vec<String> = std::fs::read_dir(shape.path())
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    bencher.counter(ItemsCount::new(shape.size)).bench(|| {
        for text in &files {
            black_box(toml::de::DeTable::parse(text).unwrap());
        }
    });
}

/// From files to a configuration that is checked.
#[divan::bench(args = SIZES)]
fn load(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    bencher
        .counter(ItemsCount::new(shape.size))
        .bench(|| shape.load());
}

/// The attributes of every resource.
#[divan::bench(args = SIZES)]
fn evaluate(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let configuration = shape.load();
    bencher.counter(ItemsCount::new(shape.size)).bench(|| {
        for resource in &configuration.resources {
            black_box(resource.evaluate(&EmptyScope).unwrap());
        }
    });
}

/// The order of a plan's tasks.
#[divan::bench(args = SIZES)]
fn graph(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let plan = planned(&shape.load());
    let dependencies: Vec<Vec<usize>> = plan
        .tasks()
        .iter()
        .map(|task| task.depends_on.clone())
        .collect();
    let counter = ItemsCount::new(dependencies.len());
    bencher
        .counter(counter)
        .bench(|| DependencyGraph::new(&dependencies).order().unwrap());
}

/// A plan in which everything is to be created.
#[divan::bench(args = SIZES)]
fn plan_new(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let configuration = shape.load();
    let counter = ItemsCount::new(shape.size);
    bencher.counter(counter).bench(|| planned(&configuration));
}

/// A plan in which everything is compared and nothing differs.
#[divan::bench(args = SIZES)]
fn diff(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let configuration = shape.load();
    let store = applied(&planned(&configuration));
    let counter = ItemsCount::new(shape.size);
    bencher.counter(counter).bench(|| {
        plan(
            &configuration,
            store.snapshot(),
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap()
    });
}

/// The plan as text.
#[divan::bench(args = SIZES)]
fn render(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let plan = planned(&shape.load());
    let style = eci_render::Style::plain();
    let counter = ItemsCount::new(shape.size);
    bencher
        .counter(counter)
        .bench(|| eci_render::plan::text(&plan, None, style));
}

/// The snapshot of a state, written with its backup.
#[divan::bench(args = SIZES)]
fn snapshot(bencher: Bencher<'_, '_>, size: usize) {
    let shape = Shape::of(size);
    let memory = applied(&planned(&shape.load()));
    let records: Vec<Record> = memory.journal().to_vec();
    bencher
        .counter(ItemsCount::new(shape.size))
        .with_inputs(|| {
            let directory = tempfile::tempdir().unwrap();
            let mut store =
                LocalStore::open(directory.path(), Holder::current_process("bench")).unwrap();
            store.append(&records).unwrap();
            (directory, store)
        })
        .bench_local_refs(|(_, store)| store.compact().unwrap());
}

/// One outcome, appended to a journal and flushed, with a number of resources in the state.
#[divan::bench(args = SIZES)]
fn journal(bencher: Bencher<'_, '_>, size: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = LocalStore::open(directory.path(), Holder::current_process("bench")).unwrap();
    let record = |number: usize| Record::ResourceUpdated {
        address: Address::new(Kind::Eip, format!("e{number}")),
        state: Box::new(ResourceState {
            applied: Arc::new(Map::from_iter([("bandwidth".into(), Value::from(5))])),
            ..ResourceState::default()
        }),
    };
    store
        .append(&(0..size).map(record).collect::<Vec<_>>())
        .unwrap();
    store.compact().unwrap();
    let one = [record(0)];
    bencher.bench_local(|| {
        store.append(&one).unwrap();
        store.flush().wait().unwrap();
    });
}
