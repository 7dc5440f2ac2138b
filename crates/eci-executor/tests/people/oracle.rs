//! Checks after every run.

use std::collections::{BTreeMap, BTreeSet};

use eci_api::Operation;
use eci_core::{Address, Kind, OperationTag};
use eci_executor::ApplyOutcome;
use eci_planner::{Action, Mode};
use eci_state::{IntentKind, OpenIntent, Snapshot};

use crate::cloud::Cloud;
use crate::dependencies::deletes_in_order;
use crate::ignored::eips_stay;
use crate::log::{Call, Truth};
use crate::run::{End, Order, Report};
use crate::shown::{RunFacts, changed, is_shown};
use crate::state::State;
use crate::truth::differences;
use crate::world::tag;

/// The memory of the checks from run to run.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    /// The operation that created each object, as it was observed first: people may edit tags.
    makers: BTreeMap<String, String>,
}

/// A run that is over.
pub(crate) struct EndedRun<'a> {
    /// The number of its state.
    pub(crate) at: usize,
    pub(crate) report: &'a Report,
    pub(crate) end: &'a End,
    pub(crate) order: &'a Order,
    /// Whether nothing went wrong with its calls.
    pub(crate) is_good: bool,
    /// The objects that existed before it.
    pub(crate) truth: &'a Truth,
    /// The states that had each object before it.
    pub(crate) owners: &'a BTreeMap<String, Vec<usize>>,
}

impl EndedRun<'_> {
    fn outcome(&self) -> Option<&ApplyOutcome> {
        match self.end {
            End::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.outcome().is_some_and(ApplyOutcome::is_complete)
    }
}

impl Oracle {
    pub(crate) fn check(
        &mut self,
        ran: &EndedRun<'_>,
        cloud: &Cloud,
        states: &[State; 2],
    ) -> Result<(), String> {
        if let Some(wrong) = cloud.wrong().first() {
            return Err(format!("1: {wrong}"));
        }
        let tags = cloud.tags();
        for (id, tag) in &tags {
            if !tag.is_empty() {
                self.makers.entry(id.clone()).or_insert_with(|| tag.clone());
            }
        }
        let first = ran.report.calls.0;
        let calls = cloud.calls_from(first);
        let pending = ran.report.planned_from.as_ref();
        let pending = pending.map_or(&[][..], |snapshot| &snapshot.open_intents);
        // What is pending may have moved since it was recorded.
        let moved = pending.iter();
        let moved = moved.map(|open| (open.address.clone(), open.kind.clone()));
        let intents: Vec<(Address, IntentKind)> =
            moved.chain(states[ran.at].disk.intents()).collect();
        let mut tagged = cloud.ever_created();
        tagged.extend(tags.clone());
        let created = created(&calls, pending, &tagged, &intents);
        let known = RunFacts {
            intents: &intents,
            created: &created,
        };
        for (at, call) in calls.iter().enumerate() {
            let shown = ran.report.shown.as_ref();
            let approved = first + at >= ran.report.calls.1;
            let Some(shown) = shown.filter(|_| approved) else {
                let (operation, about) = (call.operation, &call.about);
                return Err(format!("1: {operation} of {about} before the approval"));
            };
            is_shown(call, shown, &known)?;
        }
        adopted(ran, &calls, &states[ran.at])?;
        only_what_is_targeted(ran)?;
        outputs_stay(ran, &states[ran.at])?;
        unprotected(&calls, &states[ran.at])?;
        only_its_own(ran, &calls, &states[ran.at])?;
        required_calls(ran, &calls, &states[ran.at])?;
        eips_stay(ran, &cloud.truth(), &states[ran.at])?;
        deletes_in_order(ran, &calls, &states[ran.at])?;
        one_each(&tags)?;
        self.everything_is_somewhere(&cloud.truth(), states)?;
        secrets(ran, &states[ran.at])
    }

    /// Everything that a state created is in exactly one place.
    fn everything_is_somewhere(&self, truth: &Truth, states: &[State; 2]) -> Result<(), String> {
        let snapshots: Vec<Snapshot> = states.iter().map(State::snapshot).collect();
        for id in truth.keys() {
            let Some(tag) = self.makers.get(id) else {
                continue;
            };
            let is_of = |state: &&State| {
                OperationTag::from_recorded(tag.as_str()).is_of(&state.lineage)
                    || OperationTag::is_short_of(tag, &state.lineage)
            };
            let Some(maker) = states.iter().find(is_of) else {
                continue;
            };
            let owners = snapshots.iter().filter(|it| has(it, id)).count();
            let open = snapshots.iter().any(|it| speaks_of(it, id, tag));
            let named = maker.name;
            let is_taken_over = states.iter().any(|it| it.taken_over.contains_key(id));
            if owners > 1 && !is_taken_over {
                return Err(format!("3: {id} of {named} is in two states"));
            }
            let is_out = maker.released.contains(id) || maker.orphaned.contains(id);
            if owners == 0 && !open && !is_out {
                return Err(format!("3: {id} of {named} is in no state"));
            }
        }
        Ok(())
    }
}

fn has(snapshot: &Snapshot, id: &str) -> bool {
    let mut resources = snapshot.resources.values();
    resources.any(|state| state.id.as_deref() == Some(id))
}

/// Returns whether a pending operation is about this.
fn speaks_of(snapshot: &Snapshot, id: &str, tag: &str) -> bool {
    snapshot.open_intents.iter().any(|open| match &open.kind {
        IntentKind::Create { operation, .. } => {
            operation.as_str() == tag || operation.short() == tag
        }
        IntentKind::Delete { id: going } => going == id,
        IntentKind::Update { .. } => open.id.as_deref() == Some(id),
    })
}

/// Checks that objects are adopted all at once or not at all, and that the cloud receives no call for it.
fn adopted(ran: &EndedRun<'_>, calls: &[Call], state: &State) -> Result<(), String> {
    let adopts = &ran.order.adopts;
    if adopts.is_empty() {
        return Ok(());
    }
    if let Some(call) = calls.first() {
        return Err(format!("1: {} during an adoption", call.operation));
    }
    let snapshot = state.snapshot();
    let is_known = |(address, id): &&(String, String)| {
        let known = address
            .parse()
            .ok()
            .and_then(|it| snapshot.resources.get(&it));
        known.is_some_and(|known| known.id.as_ref() == Some(id))
    };
    let known = adopts.iter().filter(is_known).count();
    match ran.end {
        End::Done(_) if known < adopts.len() => Err(format!("7: not all of {adopts:?} is adopted")),
        End::NotPlanned(_) | End::Refused if known > 0 => {
            Err(format!("7: some of {adopts:?} is adopted all the same"))
        }
        _ => Ok(()),
    }
}

/// The addresses of what these calls or pending orders created, by id.
fn created(
    calls: &[Call],
    pending: &[OpenIntent],
    tags: &BTreeMap<String, String>,
    intents: &[(Address, IntentKind)],
) -> BTreeMap<String, Address> {
    let nothing = BTreeMap::new();
    let known = RunFacts {
        intents,
        created: &nothing,
    };
    let sent: BTreeSet<&str> = calls.iter().map(|call| call.about.as_str()).collect();
    let is_pending = |tag: &str| {
        pending.iter().any(|open| match &open.kind {
            IntentKind::Create { operation, .. } => operation.short() == tag,
            IntentKind::Update { .. } | IntentKind::Delete { .. } => false,
        })
    };
    let tagged = tags.iter();
    let tagged = tagged.filter(|(_, tag)| sent.contains(tag.as_str()) || is_pending(tag));
    tagged
        .filter_map(|(id, tag)| Some((id.clone(), known.address_of(tag)?.clone())))
        .collect()
}

/// With a target only its dependents are deleted, and outputs stay.
fn only_what_is_targeted(ran: &EndedRun<'_>) -> Result<(), String> {
    let options = &ran.order.options;
    let Some(shown) = &ran.report.shown else {
        return Ok(());
    };
    if options.targets.is_empty() && options.exclude.is_empty() {
        return Ok(());
    }
    for step in &shown.steps {
        // What was replaced goes with what took its place.
        let successor = shown
            .step(&step.address)
            .filter(|_| step.is_of_predecessor());
        let step = successor.unwrap_or(step);
        let is_target = options.targets.iter().any(|it| it.covers(&step.address));
        if step.action != Action::Delete || is_target || options.targets.is_empty() {
            continue;
        }
        let dependencies = step.state.as_ref().map(|state| &state.dependencies);
        // What is declared goes by its manifest, and with what it has.
        let declared = step
            .resource
            .as_ref()
            .filter(|_| options.mode == Mode::Destroy);
        let dependencies: BTreeSet<&Address> = match declared {
            None => dependencies.into_iter().flatten().collect(),
            Some(resource) => {
                let has = dependencies.into_iter().flatten();
                let has = has.filter(|it| it.kind() != Kind::ContainerGroup);
                resource.references.iter().chain(has).collect()
            }
        };
        let goes = |address: &Address| {
            let step = shown.step(address);
            step.is_some_and(|it| matches!(it.action, Action::Delete | Action::Replace))
        };
        if !dependencies.into_iter().any(goes) {
            return Err(format!("1: a target takes {} with it", step.address));
        }
    }
    Ok(())
}

/// An output that a part of a run does not compute keeps its value.
fn outputs_stay(ran: &EndedRun<'_>, state: &State) -> Result<(), String> {
    let options = &ran.order.options;
    let is_all = options.targets.is_empty() && options.exclude.is_empty();
    if !matches!(ran.end, End::Done(_)) || options.mode == Mode::Destroy && is_all {
        return Ok(());
    }
    let after = state.snapshot().outputs;
    let shown = ran.report.shown.iter().flat_map(|shown| &shown.steps);
    let goes: BTreeSet<String> = shown
        .filter(|step| step.action == Action::Delete)
        .map(|step| step.address.to_string())
        .collect();
    for name in ran.report.before.outputs.keys() {
        let output = state.config.outputs.get(name.as_str());
        if output.is_some_and(|output| goes.contains(&output.place().address())) {
            continue;
        }
        if state.config.outputs.contains_key(name.as_str()) && !after.contains_key(name) {
            return Err(format!("5: the output {name} is lost"));
        }
    }
    Ok(())
}

/// Nothing is deleted that is protected still.
fn unprotected(calls: &[Call], state: &State) -> Result<(), String> {
    for call in calls {
        let is_guarded = state.guarded.contains(&call.about);
        if call.operation != Operation::DeleteContainerGroup || !is_guarded {
            continue;
        }
        // `prevent_destroy = false` counts once a run before has recorded it.
        let lifted = |address: &String| state.config.removed.get(address) == Some(&true);
        let intents = state.disk.intents();
        let mut addresses = intents.iter().filter_map(|(address, kind)| match kind {
            IntentKind::Delete { id } if *id == call.about => Some(address.to_string()),
            _ => None,
        });
        if !addresses.any(|address| lifted(&address)) {
            return Err(format!("1: {}, which is protected, is deleted", call.about));
        }
    }
    Ok(())
}

/// A run touches nothing that another state owns or that was deliberately removed.
fn only_its_own(ran: &EndedRun<'_>, calls: &[Call], state: &State) -> Result<(), String> {
    let imports = ran.report.shown.iter().flat_map(|shown| &shown.steps);
    let imports: BTreeSet<&str> = imports.filter_map(|step| step.import.as_deref()).collect();
    for call in calls {
        let Some(effect) = &call.effect else {
            continue;
        };
        for (id, before, _) in &effect.changed {
            let (Some(before), false) = (before, imports.contains(id.as_str())) else {
                continue;
            };
            let tag = tag(before);
            if state.is_of_another(id, &tag) {
                let (operation, name) = (call.operation, state.name);
                return Err(format!(
                    "4: {operation} by {name} of {id}, which carries the tag {tag}"
                ));
            }
            let owners = ran.owners.get(id).map(Vec::as_slice).unwrap_or_default();
            let (operation, name) = (call.operation, state.name);
            if !owners.is_empty() && !owners.contains(&ran.at) {
                return Err(format!("4: {operation} of {id}, which {name} does not own"));
            }
            if owners.is_empty() && state.released.contains(id) {
                return Err(format!("4: {operation} of {id}, which {name} removed"));
            }
        }
    }
    Ok(())
}

/// No call is sent without a reason.
fn required_calls(ran: &EndedRun<'_>, calls: &[Call], state: &State) -> Result<(), String> {
    let before = &ran.report.before;
    if !ran.is_good || state.troubled || !before.open_intents.is_empty() {
        return Ok(());
    }
    let mut known = BTreeSet::new();
    for call in calls {
        let Some(effect) = &call.effect else {
            continue;
        };
        let is_first = known.insert((call.operation.to_string(), &call.about));
        let creates = call.operation.to_string().starts_with("create");
        let updates = call.operation.to_string().starts_with("update");
        // What the cloud does not report may be anything after an import or a lost answer.
        let mut resources = before.resources.values();
        let is_uncertain = resources.any(|state| {
            state.id.as_deref() == Some(call.about.as_str()) && !state.uncertain.is_empty()
        });
        let imports = ran.report.shown.iter().flat_map(|shown| &shown.steps);
        let mut imports = imports.filter_map(|step| step.import.as_deref());
        if is_uncertain || imports.any(|id| id == call.about) {
            continue;
        }
        if is_first && updates && !creates && effect.refused.is_none() && changed(effect).is_empty()
        {
            let (operation, about) = (call.operation, &call.about);
            return Err(format!("6: {operation} of {about} changes nothing"));
        }
    }
    let config = &state.config;
    let tainted = before.resources.values().any(|state| state.tainted);
    let waits = before.resources.values().any(|it| it.ready_by.is_some());
    let is_requested = !ran.order.options.replace.is_empty();
    let triggers = config.groups.values().any(|group| group.trigger.is_some());
    if calls.is_empty()
        || !ran.order.is_full()
        || !config.imports.is_empty()
        || tainted
        || waits
        || is_requested
        || triggers
    {
        return Ok(());
    }
    let moved = rekeyed(before, &config.moved);
    let declared: BTreeSet<String> = config.addresses().into_iter().collect();
    let kept = |address: &Address| declared.contains(&address.to_string());
    let addresses: BTreeMap<String, String> = ran
        .truth
        .iter()
        .filter_map(|(id, live)| Some((id.clone(), live["eipAddress"].as_str()?.to_owned())))
        .collect();
    let failed = |live: &serde_json::Value| {
        let image = live.pointer("/containers/0/image");
        image
            .and_then(serde_json::Value::as_str)
            .is_some_and(|image| image.contains("typo"))
    };
    if ran.truth.values().any(failed) {
        return Ok(());
    }
    if moved.resources.keys().all(kept)
        && differences(config, &moved, ran.truth, &addresses).is_empty()
    {
        let (operation, about) = (calls[0].operation, &calls[0].about);
        return Err(format!(
            "6: everything was as declared, and {operation} of {about} was called"
        ));
    }
    Ok(())
}

/// The state as it is once moves were followed.
fn rekeyed(snapshot: &Snapshot, moved: &[(String, String)]) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for (from, to) in moved {
        let (Ok(from), Ok(to)) = (from.parse(), to.parse()) else {
            continue;
        };
        if !snapshot.resources.contains_key(&to)
            && let Some(state) = snapshot.resources.remove(&from)
        {
            snapshot.resources.insert(to, state);
        }
    }
    snapshot
}

/// No operation has created two objects.
fn one_each(tags: &BTreeMap<String, String>) -> Result<(), String> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, tag) in tags.iter().filter(|(_, tag)| !tag.is_empty()) {
        if let Some(other) = known.insert(tag, id) {
            return Err(format!(
                "2: {other} and {id} are both of the operation {tag}"
            ));
        }
    }
    Ok(())
}

/// No secret is in what is shown or written.
fn secrets(ran: &EndedRun<'_>, state: &State) -> Result<(), String> {
    if let Some(secret) = ran.report.plan_secrets.first() {
        return Err(format!("8: the plan shows {secret}"));
    }
    let marked = state.config.marked.iter().map(|secret| secret.value());
    let marked: Vec<String> = marked.chain(["p4ssw0rd".to_owned()]).collect();
    let shows = |text: &str| marked.iter().find(|it| text.contains(it.as_str())).cloned();
    for text in &ran.report.texts {
        if let Some(secret) = shows(text) {
            return Err(format!("8: the saved plan has {secret}"));
        }
    }
    if ran.is_complete()
        && ran.is_good
        && ran.order.is_full()
        && let Some(secret) = shows(&state.disk.text())
    {
        return Err(format!("8: the state has {secret} after a complete run"));
    }
    Ok(())
}
