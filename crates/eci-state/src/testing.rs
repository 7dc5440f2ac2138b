//! Fixtures that the tests of this crate share: resources, and runs of any kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::{Address, Kind, Lineage, Map, Number, OperationTag, Value};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::record::{IntentId, IntentKind, IntentOutcome, Record};
use crate::resource::{OutputState, ResourceState};
use crate::store::Store;

pub(crate) fn eip(label: &str) -> Address {
    Address::new(Kind::Eip, label)
}

pub(crate) fn resource(id: &str) -> ResourceState {
    ResourceState {
        id: Some(id.to_owned()),
        applied: Arc::new(Map::from_iter([("bandwidth".into(), Value::from(5))])),
        ..ResourceState::default()
    }
}

pub(crate) fn recorded(label: &str, id: &str) -> Record {
    Record::ResourceUpdated {
        address: eip(label),
        state: Box::new(resource(id)),
    }
}

pub(crate) fn create(intent: IntentId, label: &str) -> Record {
    intention(
        intent,
        label,
        IntentKind::Create {
            operation: OperationTag::from_recorded(format!("lineage.{label}")),
            planned: Box::default(),
            listed: Vec::new(),
        },
    )
}

pub(crate) fn intention(intent: IntentId, label: &str, kind: IntentKind) -> Record {
    Record::Intent {
        intent,
        address: eip(label),
        kind,
        time: "2025-01-02T03:04:05Z".to_owned(),
        token: None,
    }
}

pub(crate) fn done(intent: IntentId, label: &str, id: Option<&str>) -> Record {
    Record::IntentFinished {
        intent,
        address: eip(label),
        outcome: IntentOutcome::Done {
            state: id.map(|id| Box::new(resource(id))),
        },
    }
}

pub(crate) fn failed(intent: IntentId, label: &str) -> Record {
    Record::IntentFinished {
        intent,
        address: eip(label),
        outcome: IntentOutcome::Failed {
            message: "no quota".to_owned(),
        },
    }
}

/// One step of a run; what it says of resources and intents is taken modulo the number that exist.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Intend(usize, Intention),
    Finish(usize, Option<Option<ResourceState>>),
    Record(usize, ResourceState),
    Forget(usize),
    Outputs(BTreeMap<String, OutputState>),
    Begin,
    Flush,
    Compact,
}

#[derive(Clone, Debug)]
pub(crate) enum Intention {
    Create,
    Update(Vec<String>),
    Delete,
}

const RESOURCES: usize = 5;

fn nth(n: usize) -> Address {
    Address::new(Kind::ALL[n % 3], "any").instance(format!("n{n}").as_str())
}

impl Step {
    /// Takes the step, as a run would.
    pub(crate) fn take(&self, store: &mut dyn Store) {
        let records = match self {
            Step::Flush => return store.flush().wait().expect("flushes"),
            Step::Compact => return store.compact().expect("compacts"),
            Step::Intend(n, intention) => vec![intend(store, nth(*n), intention)],
            Step::Finish(n, end) => finish(store, *n, end).into_iter().collect(),
            Step::Record(n, state) => vec![Record::ResourceUpdated {
                address: nth(*n),
                state: Box::new(state.clone()),
            }],
            Step::Forget(n) => vec![Record::ResourceRemoved { address: nth(*n) }],
            Step::Outputs(outputs) => vec![Record::Outputs {
                outputs: outputs.clone(),
            }],
            Step::Begin => vec![
                Record::RunFinished {
                    time: "now".to_owned(),
                },
                Record::RunStarted {
                    command: "eci apply".to_owned(),
                    time: "now".to_owned(),
                    serial: store.snapshot().serial,
                    lineage: store.snapshot().lineage.clone(),
                },
            ],
        };
        store.append(&records).expect("admitted");
    }
}

fn intend(store: &mut dyn Store, address: Address, intention: &Intention) -> Record {
    let intent = store.next_intent();
    let kind = match intention {
        Intention::Create => IntentKind::Create {
            operation: OperationTag::new(&Lineage::new("l"), &intent.to_string()),
            planned: Box::default(),
            listed: Vec::new(),
        },
        Intention::Update(attributes) => IntentKind::Update {
            attributes: attributes.clone(),
            ready_by: None,
            sensitive: BTreeSet::new(),
            unreported: None,
        },
        Intention::Delete => IntentKind::Delete {
            id: store
                .snapshot()
                .resources
                .get(&address)
                .and_then(|resource| resource.id.clone())
                .unwrap_or_else(|| "predecessor".to_owned()),
        },
    };
    Record::Intent {
        intent,
        address,
        kind,
        time: "now".to_owned(),
        token: None,
    }
}

fn finish(store: &dyn Store, n: usize, end: &Option<Option<ResourceState>>) -> Option<Record> {
    let open = &store.snapshot().open_intents;
    let open = open.get(n.checked_rem(open.len())?)?;
    Some(Record::IntentFinished {
        intent: open.intent,
        address: open.address.clone(),
        outcome: match end {
            Some(state) => IntentOutcome::Done {
                state: state.clone().map(Box::new),
            },
            None => IntentOutcome::Failed {
                message: "refused".to_owned(),
            },
        },
    })
}

/// Generates any run of some steps.
pub(crate) fn run() -> impl Strategy<Value = Vec<Step>> {
    let intention = prop_oneof![
        3 => Just(Intention::Create),
        1 => vec("[a-z.]{0,9}", 0..3).prop_map(Intention::Update),
        1 => Just(Intention::Delete),
    ];
    let output =
        (value(), any::<bool>()).prop_map(|(value, sensitive)| OutputState { value, sensitive });
    let step = prop_oneof![
        4 => (0..RESOURCES, intention).prop_map(|(n, intention)| Step::Intend(n, intention)),
        4 => (0..RESOURCES, option::of(option::of(state())))
            .prop_map(|(n, end)| Step::Finish(n, end)),
        2 => (0..RESOURCES, state()).prop_map(|(n, state)| Step::Record(n, state)),
        1 => (0..RESOURCES).prop_map(Step::Forget),
        1 => btree_map("[a-z]{1,5}", output, 0..3).prop_map(Step::Outputs),
        1 => Just(Step::Begin),
        1 => Just(Step::Flush),
        1 => Just(Step::Compact),
    ];
    vec(step, 0..20)
}

fn state() -> impl Strategy<Value = ResourceState> {
    (
        option::of("[a-z0-9-]{1,8}"),
        map(),
        map(),
        vec((0..RESOURCES).prop_map(nth), 0..3),
        option::of(any::<String>().prop_map(OperationTag::from_recorded)),
        any::<bool>(),
        (option::of("[0-9:TZ-]{1,20}"), any::<bool>()),
    )
        .prop_map(
            |(id, applied, observed, dependencies, operation, tainted, (ready_by, was_ready))| {
                ResourceState {
                    id,
                    applied: Arc::new(applied),
                    observed: Arc::new(observed),
                    dependencies,
                    operation,
                    tainted,
                    ready_by,
                    was_ready,
                    ..ResourceState::default()
                }
            },
        )
}

fn map() -> impl Strategy<Value = Map> {
    btree_map(
        "[a-z_]{1,6}".prop_map(|name| name.as_str().into()),
        value(),
        0..4,
    )
    .prop_map(Map::from_iter)
}

/// Generates any value that may be stored.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |float| Number::from_f64(float).map(Value::Number)),
        any::<String>().prop_map(Value::from),
        "[a-z]{4}".prop_map(|digest| Value::Digest(digest.as_str().into())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = "[$a-z\n\"]{0,4}".prop_map(|key| key.as_str().into());
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::list),
            btree_map(key, inner, 0..3).prop_map(|entries| Value::map(Map::from_iter(entries))),
        ]
    })
}
