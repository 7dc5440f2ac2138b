//! What comes before a call: its request, and the intent that is on disk before it is made.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use eci_api::types::ClientToken;
use eci_config::KeptNames;
use eci_core::kinds::is_managed;
use eci_core::schema::secret_paths;
use eci_core::{Kind, Map, OperationTag, Path, Value};
use eci_planner::attachment::{Attachable, detached_attributes, without};
use eci_planner::{
    Action, Deed, Reason, Step, agrees, differing, keep_ignored, sent_units, unreported,
};
use eci_provider::{
    Cloud, Mount, Order, SendError, ThingId, Wait, amendments, create_request, group_id, token_of,
    update_request,
};
use eci_state::{Deed as Intended, IntentId, Names, Record, ResourceState, Settlement};
use tokio::time::Instant;

use super::{Calls, Ordering, Prepared, Run, UnderWay, recorded};
use crate::detach::Detach;
use crate::event::Event;
use crate::problem::Problem;
use crate::settings::Settings;

/// The one attribute that only one group can have at a time and that changes hands.
const EIP: &str = "eip";

/// The attribute that the operation tag is sent with.
const TAGS: &str = "tags";

impl<A: Cloud + 'static> Run<'_, A> {
    /// Begins a task: prepares its call, or does at once what needs none.
    pub(super) fn prepare(&mut self, task: usize) {
        let step = self.step(task);
        let deed = self.plan.tasks()[task].deed;
        if deed == Deed::Keep {
            if let Some(planned) = &step.planned {
                self.known.set(step.address.clone(), planned.clone());
            }
            self.record_dependencies(step);
            if step.action.is_change() {
                return self.done(task, step.id.clone());
            }
            return self.schedule.over(task, None);
        }
        if let Some(problem) = self.not_attempted(deed, step) {
            return self.fail(task, problem);
        }
        self.reporter.report(&Event::Started {
            address: step.address.clone(),
            deed,
        });
        self.begin_task(task);
    }

    /// Prepares the call of a task once all that it reads is there.
    pub(super) fn begin_task(&mut self, task: usize) {
        let step = self.step(task);
        let deed = self.plan.tasks()[task].deed;
        match self.waits_for_attributes(task, step) {
            Ok(false) => {}
            Ok(true) => return,
            Err(problem) => return self.fail(task, problem),
        }
        self.record_import(step, deed);
        let is_new = deed == Deed::Create && !step.resends;
        if let Some(open) = self.earlier_at(step).filter(|_| is_new) {
            if let Err(problem) = self.create_after(task, step, open) {
                self.fail(task, problem);
            }
            return;
        }
        let prepared = match (deed, step.address.kind()) {
            (Deed::Create, Kind::ContainerGroup) => self.create(task, step),
            (Deed::Update | Deed::Bind, Kind::ContainerGroup) => self.update(task, step, deed),
            (Deed::Unbind, _) => self.unbind(task, step),
            (Deed::Detach, _) => self.detach(task, step),
            (Deed::Delete, _) => self.delete(task, step),
            (Deed::Import, _) => self.import(task, step),
            (Deed::Forget, _) => self.forget(task, step),
            (Deed::Wait, _) => self.wait(task, step),
            (Deed::Resume, _) if self.resumes(step) => self.resume(task, step),
            (Deed::Resume, _) => self.order(task, step),
            (deed, kind) => {
                let managed = step
                    .desired
                    .as_deref()
                    .is_some_and(|it| is_managed(kind, it));
                match (managed, deed) {
                    (true, Deed::Create) if step.resends && self.resumes(step) => {
                        self.resume(task, step)
                    }
                    (true, Deed::Create) => self.order(task, step),
                    (true, _) => self.amend(task, step),
                    (false, _) => self.write_down(task, step),
                }
            }
        };
        if let Err(problem) = prepared {
            self.fail(task, problem);
        }
    }

    /// Records what is imported before anything else is done with it than its import: what it is about
    /// to lose, or what takes its place, is on record with it.
    fn record_import(&mut self, step: &Step, deed: Deed) {
        let resources = &self.store.snapshot().resources;
        let is_known = resources.contains_key(&step.address);
        // By then it has been deleted.
        let follows_delete = deed == Deed::Create && !step.create_first;
        let imports = step.import.is_some() && deed != Deed::Import && !follows_delete && !is_known;
        if let Some(state) = step.state.as_deref().filter(|_| imports) {
            self.records.push(recorded(&step.address, state.clone()));
            if step.action == Action::Replace {
                // It has no task for its import alone.
                *self.outcome.done.entry(Action::Import.name()).or_default() += 1;
            }
        }
    }

    /// What is wanted, now that everything it needs is known.
    pub(super) fn desired(&self, step: &Step) -> Result<Arc<Map>, Problem> {
        let desired = self.evaluated(step)?;
        // No error of a call may quote what is sensitive, whatever the call is about.
        self.provider.hide(&desired);
        Ok(desired)
    }

    fn evaluated(&self, step: &Step) -> Result<Arc<Map>, Problem> {
        let planned = step.desired.clone().unwrap_or_default();
        let (true, Some(resource)) = (planned.values().any(Value::has_unknown), &step.resource)
        else {
            return Ok(planned);
        };
        let mut desired = resource
            .evaluate(&self.known)
            .map_err(Problem::Evaluation)?;
        let ignore = &resource.lifecycle.ignore_changes;
        let key = &self.store.snapshot().digest_key;
        keep_ignored(step.address.kind(), key, &mut desired, ignore, &planned);
        let absent = Value::Null;
        let differs = planned.keys().chain(desired.keys()).find(|name| {
            let value = |map: &Map| map.get(*name).cloned().unwrap_or_else(|| absent.clone());
            !agrees(&value(&planned), &value(&desired))
        });
        match differs {
            None => Ok(desired),
            Some(name) => Err(Problem::NotAsPlanned {
                attribute: Path::root().name(name.clone()),
            }),
        }
    }

    fn redacted(&self, attributes: &Arc<Map>) -> Arc<Map> {
        self.store.snapshot().digest_key.redact_all(attributes)
    }

    fn operation(&self) -> OperationTag {
        OperationTag::new(&self.store.snapshot().lineage, &(self.effects.unique)())
    }

    /// Goes on waiting for what another run has made or changed.
    fn wait(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let desired = self.desired(step)?;
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut state = recorded.cloned().unwrap_or_default();
        if let Some(dependencies) = self.plan.dependencies().get(&step.address) {
            state.dependencies.clone_from(dependencies);
        }
        self.wait_for(task, step, desired, state)
    }

    /// Records what a resource depends on that stays as it is, where the state has something else.
    fn record_dependencies(&mut self, step: &Step) {
        let recorded = self.store.snapshot().resources.get(&step.address);
        let dependencies = self.plan.dependencies().get(&step.address);
        if let (Some(state), Some(dependencies)) = (recorded, dependencies) {
            let state = ResourceState {
                dependencies: dependencies.clone(),
                ..state.clone()
            };
            self.records.push(super::recorded(&step.address, state));
        }
    }

    /// Waits for what needs no call to become as it is asked for.
    fn wait_for(
        &mut self,
        task: usize,
        step: &Step,
        desired: Arc<Map>,
        state: ResourceState,
    ) -> Result<(), Problem> {
        let id = state.id.as_deref().unwrap_or_default();
        let kind = step.address.kind();
        let thing = ThingId::new(kind, id).map_err(unsendable)?;
        let deadline = state.ready_by.as_deref().unwrap_or_default();
        let (wait, limit) = match kind {
            Kind::ContainerGroup => {
                let left = self.effects.until(deadline);
                // A change that was not ready in time is waited for once more: it is not replaced.
                let again = state.was_ready && left.is_zero();
                let limit = if again {
                    limit(step, Deed::Update, self.settings)
                } else {
                    left
                };
                (Wait::of(&desired), limit)
            }
            // It is not made anew when the time is up, and so gets all of it again.
            Kind::Eip | Kind::Volume => (Wait::Ready, limit(step, Deed::Create, self.settings)),
        };
        let under_way = UnderWay {
            intent: None,
            since: Instant::now(),
            desired,
            state: Some(state),
        };
        self.under_way.insert(task, under_way);
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Wait(thing, wait),
            limit,
        });
        Ok(())
    }

    /// The intent of a create, and what is on record once it is made.
    pub(super) fn to_make(
        &self,
        step: &Step,
        desired: &Arc<Map>,
        operation: &OperationTag,
    ) -> (Intended, ResourceState) {
        let limit = limit(step, Deed::Create, self.settings);
        let mut state = ResourceState {
            applied: self.redacted(desired),
            dependencies: step.needs.clone(),
            prevent_destroy: step.protection_after(),
            operation: Some(operation.clone()),
            ready_by: Some(self.effects.deadline(limit)),
            ..ResourceState::default()
        };
        // Others may give the new one what the old one had.
        let before = self.store.snapshot().sensitive_at(&step.address);
        state.remember(before, step.address.kind());
        let intended = Intended::Create {
            operation: operation.clone(),
            asked: Box::new(state.clone()),
        };
        (intended, state)
    }

    /// The intent of a change, and what is on record once it is made.
    fn to_change(
        &self,
        step: &Step,
        attributes: Vec<String>,
        state: ResourceState,
        limit: Duration,
    ) -> (Intended, ResourceState) {
        let ready_by = Some(self.effects.deadline(limit));
        let kind = step.address.kind();
        let before = self.store.snapshot().resources.get(&step.address);
        let before = before.map(|before| &*before.applied);
        let key = &self.store.snapshot().digest_key;
        let unreported = before.map(|before| unreported(kind, key, before, &state.applied));
        let state = ResourceState {
            ready_by: ready_by.clone(),
            was_ready: state.has_been_ready(),
            ..state
        };
        let intended = Intended::Update {
            attributes,
            ready_by,
            sensitive: secret_paths(kind.schema(), &state.applied),
            unreported,
        };
        (intended, state)
    }

    /// What a container group is created with.
    pub(super) fn to_create(&self, task: usize, step: &Step) -> Result<Arc<Map>, Problem> {
        let mut desired = self.desired(step)?;
        // What only one group can have is left out where another task gives it to the new one.
        if self.binds.contains(&self.plan.tasks()[task].step) {
            Arc::make_mut(&mut desired).remove(EIP);
        }
        Ok(desired)
    }

    fn create(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let desired = self.to_create(task, step)?;
        let operation = self.operation();
        let request = create_request(&desired, &operation).map_err(unsendable)?;
        let (intended, state) = self.to_make(step, &desired, &operation);
        let wait = Wait::of(&desired);
        self.intend(task, step, (intended, None), desired, Some(state));
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Create(Box::new(request), operation, wait),
            limit: limit(step, Deed::Create, self.settings),
        });
        Ok(())
    }

    /// An EIP or a disk of its own: what is made carries no tag that could be looked up at any
    /// time, so that the intent holds all that is needed to place the same order again.
    fn order(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let desired = self.desired(step)?;
        let operation = self.operation();
        let kind = step.address.kind();
        let order = Order::of(kind, &desired, &operation).map_err(unsendable)?;
        let token = token_of(&operation).map_err(unsendable)?;
        let (intended, state) = self.to_make(step, &desired, &operation);
        let ordering = Ordering {
            kind,
            order,
            token,
            earlier: None,
            operation,
            asked: Arc::clone(&state.applied),
            key: self.store.snapshot().digest_key.clone(),
            since: (self.effects.now)(),
        };
        self.intend(task, step, (intended, None), desired, Some(state));
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Order(Box::new(ordering)),
            limit: limit(step, Deed::Create, self.settings),
        });
        Ok(())
    }

    /// Changes an EIP or a disk in place.
    fn amend(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let desired = self.desired(step)?;
        let kind = step.address.kind();
        let changed: Vec<Path> = step.changes.iter().map(|it| it.path.clone()).collect();
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut before = recorded.cloned().unwrap_or_default();
        let sent = sent_units(kind, &desired, &changed);
        // Earlier versions recorded an attribute as a whole, of which all that may be uncertain is sent.
        let is_whole = |unit: &str| {
            let mut parts = sent.iter().filter_map(|part| part.strip_prefix(unit));
            parts.any(|rest| rest.starts_with('.'))
        };
        let is_sent = |unit: &String| sent.contains(unit) || is_whole(unit);
        before.uncertain.retain(|unit| !is_sent(unit));
        let state = ResourceState {
            dependencies: step.needs.clone(),
            ..before.with_applied(kind, self.redacted(&desired))
        };
        let calls = amendments(kind, &desired, &changed);
        let (false, Some(token)) = (calls.is_empty(), self.token_for(kind)) else {
            // Nothing of it is ever sent, or only to the groups that use it.
            return self.note(task, step, desired, state);
        };
        let id = state.id.as_deref().unwrap_or_default();
        let thing = ThingId::new(kind, id).map_err(unsendable)?;
        let mount = self.mount_of(id);
        let attributes = changed.iter().map(ToString::to_string).collect();
        let limit = limit(step, Deed::Update, self.settings);
        let (intended, state) = self.to_change(step, attributes, state, limit);
        let recorded = Some(token.clone());
        self.intend(task, step, (intended, recorded), desired, Some(state));
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Amend(thing, mount, calls, token),
            limit,
        });
        Ok(())
    }

    /// The group that has a disk mounted, as far as the state knows.
    fn mount_of(&self, disk: &str) -> Option<Mount> {
        let resources = self.store.snapshot().resources.iter();
        let groups = resources.filter(|(address, _)| address.kind() == Kind::ContainerGroup);
        groups.into_iter().find_map(|(_, state)| {
            let volumes = state.applied.get("volumes").and_then(Value::as_list)?;
            let text = |volume: &Value, name: &str| {
                volume.get(name).and_then(Value::as_str).map(str::to_owned)
            };
            let has_it = |volume: &&Value| text(volume, "volume_handle").as_deref() == Some(disk);
            let name = text(volumes.iter().find(has_it)?, "name")?;
            Some((group_id(state.id.as_deref()?).ok()?, name))
        })
    }

    /// A client token for a call about what has a life of its own beside groups.
    pub(super) fn token_for(&self, kind: Kind) -> Option<ClientToken> {
        if kind == Kind::ContainerGroup {
            return None;
        }
        let lineage = &self.store.snapshot().lineage;
        token_of(&OperationTag::new(lineage, &(self.effects.unique)())).ok()
    }

    fn update(&mut self, task: usize, step: &Step, deed: Deed) -> Result<(), Problem> {
        let desired = self.desired(step)?;
        let mut changed: BTreeSet<&str> = match deed {
            Deed::Bind => BTreeSet::from([EIP]),
            _ => {
                let changes = step.changes.iter();
                let changed = changes.filter_map(|change| change.path.attribute());
                // What was detached with disks has to be sent again, as it is desired.
                changed
                    .chain(detached_attributes(&detached(step)))
                    .collect()
            }
        };
        let recorded = self.store.snapshot().resources.get(&step.address);
        let mut before = recorded.cloned().unwrap_or_default();
        if !step.detaches.is_empty() {
            // What the detachment has brought about already needs no other call. It has sent secrets
            // only as the group has them.
            let sent = detached_attributes(&detached(step));
            let kind = step.address.kind();
            let key = &self.store.snapshot().digest_key;
            let differing = differing(kind, key, &before, &desired);
            changed.retain(|name| {
                let is_uncertain = before.uncertain.iter().any(|other| other == name);
                let is_sent = sent.contains(name) && !is_uncertain && !changes_secret(step, name);
                !is_sent || differing.contains(*name)
            });
        }
        before
            .uncertain
            .retain(|name| !changed.contains(name.as_str()));
        // What was imported gets a tag of this state with the others, which are sent whole.
        let claims = before.tag_pending && changed.contains(TAGS);
        let operation = match claims {
            true => Some(self.operation()),
            false => before.operation.clone(),
        };
        let request = update_request(&desired, &changed, operation.as_ref());
        let request = request.map_err(unsendable)?;
        let state = ResourceState {
            dependencies: step.needs.clone(),
            tainted: false,
            tag_pending: before.tag_pending && !claims,
            operation,
            ..before.with_applied(step.address.kind(), self.redacted(&desired))
        };
        let Some(request) = request else {
            // Nothing of it is ever sent: it only tells this program what to do.
            return self.note(task, step, desired, state);
        };
        let id = group_id(state.id.as_deref().unwrap_or_default()).map_err(unsendable)?;
        let attributes = changed.into_iter().map(str::to_owned).collect();
        let wait = Wait::of(&desired);
        let limit = limit(step, Deed::Update, self.settings);
        let (intended, state) = self.to_change(step, attributes, state, limit);
        self.intend(task, step, (intended, None), desired, Some(state));
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Update(id, Box::new(request), wait),
            limit,
        });
        Ok(())
    }

    /// Takes the EIP from the group that is replaced; what the state has is the one that takes
    /// its place.
    fn unbind(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let id = group_id(step.id.as_deref().unwrap_or_default()).map_err(unsendable)?;
        let changed = BTreeSet::from([EIP]);
        let request = update_request(&Map::new(), &changed, None).map_err(unsendable)?;
        let Some(request) = request else {
            return Err(Problem::Broken("there is no EIP to take away".to_owned()));
        };
        // What takes its place waits by itself.
        let intended = Intended::Update {
            attributes: vec![EIP.to_owned()],
            ready_by: None,
            sensitive: BTreeSet::new(),
            unreported: Some(BTreeSet::new()),
        };
        let recorded = self.store.snapshot().resources.get(&step.address).cloned();
        self.intend(task, step, (intended, None), Arc::default(), recorded);
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Unbind(id, Box::new(request)),
            limit: limit(step, Deed::Unbind, self.settings),
        });
        Ok(())
    }

    /// Detaches EIPs and disks ahead of the group's own change.
    fn detach(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let recorded = self.store.snapshot().resources.get(&step.address);
        let imported = step.state.as_deref().filter(|_| step.import.is_some());
        let mut state = recorded.or(imported).cloned().unwrap_or_default();
        let id = group_id(state.id.as_deref().unwrap_or_default()).map_err(unsendable)?;
        // What others are still to give it is not known yet, and is no secret.
        let desired = self.desired(step);
        let desired = desired.unwrap_or_else(|_| step.desired.clone().unwrap_or_default());
        self.provider.hide(&desired);
        let detach = Detach {
            objects: detached(step),
            recorded: state.clone(),
            desired,
            key: self.store.snapshot().digest_key.clone(),
        };
        let attributes = detached_attributes(&detach.objects);
        let attributes = attributes.into_iter().map(str::to_owned).collect();
        // The state that it leaves: whoever plans next compares with that.
        state.applied = Arc::new(without(&state.applied, &detach.objects));
        let kind = Kind::ContainerGroup;
        let key = &self.store.snapshot().digest_key;
        let intended = Intended::Update {
            attributes,
            ready_by: None,
            sensitive: secret_paths(kind.schema(), &state.applied),
            unreported: Some(unreported(
                kind,
                key,
                &detach.recorded.applied,
                &state.applied,
            )),
        };
        self.intend(task, step, (intended, None), Arc::default(), Some(state));
        self.to_spawn.push(Prepared {
            task,
            kind: Calls::Detach(id, detach),
            limit: limit(step, Deed::Update, self.settings),
        });
        Ok(())
    }

    fn delete(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        if let (true, Some(intent)) = (step.is_of_predecessor(), step.pending) {
            return self.delete_predecessor(task, step, intent);
        }
        let number = self.plan.tasks()[task].step;
        // By now the state has what has taken its place.
        let id = match self.predecessors.get(&number) {
            Some((intent, _)) => self.open_intent(Some(*intent)).and_then(|open| open.id),
            None => self.id_of(step),
        };
        let Some(id) = id else {
            return self.forget(task, step);
        };
        let id = id.as_str();
        let kind = step.address.kind();
        let thing = ThingId::new(kind, id).map_err(unsendable)?;
        let predecessor = self.predecessors.remove(&number);
        let token = match &predecessor {
            Some((_, token)) => token.clone(),
            None => self.token_for(kind),
        };
        match predecessor {
            // Its intent was recorded together with the one that takes its place.
            Some((intent, _)) => {
                let under_way = UnderWay {
                    intent: Some(intent),
                    since: Instant::now(),
                    desired: Arc::default(),
                    state: None,
                };
                self.under_way.insert(task, under_way);
            }
            None => {
                self.keep_names(step);
                let intended = Intended::Delete { id: id.to_owned() };
                let recorded = (intended, token.clone());
                self.intend(task, step, recorded, Arc::default(), None);
            }
        }
        let calls = match (thing, token) {
            (ThingId::Group(group), _) => Calls::Delete(group),
            (thing, Some(token)) => Calls::Release(thing, token),
            (_, None) => return Err(Problem::Broken("there is no client token".to_owned())),
        };
        self.to_spawn.push(Prepared {
            task,
            kind: calls,
            limit: limit(step, Deed::Delete, self.settings),
        });
        Ok(())
    }

    /// Records what is deleted, and the names that what takes its place is to get: until that is
    /// created, nothing else in the state has them.
    fn keep_names(&mut self, step: &Step) {
        let recorded = self.store.snapshot().resources.get(&step.address);
        // What is imported may not be on record yet.
        let (Action::Replace, Some(state)) = (step.action, recorded.or(step.state.as_deref()))
        else {
            return;
        };
        let kept = KeptNames::of(&state.applied);
        let text = |name: Option<Arc<str>>| name.map(|name| name.to_string());
        self.records.push(Record::Names {
            address: step.address.clone(),
            names: Names {
                name: text(kept.name),
                disk: text(kept.disk),
                deleted: state.id.clone(),
            },
        });
    }

    fn forget(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let address = step.address.clone();
        if step.is_of_predecessor() {
            // What has taken its place stays as it is.
            self.records
                .extend(step.pending.map(|intent| Record::Settled {
                    intent,
                    address,
                    outcome: Settlement::Done { state: None },
                }));
            self.done(task, None);
            return Ok(());
        }
        self.records.push(match step.reason {
            Some(Reason::Gone) => Record::Gone { address },
            _ => Record::Removed {
                address,
                at: (self.effects.now)(),
            },
        });
        self.known.forget(&step.address);
        self.done(task, None);
        Ok(())
    }

    /// Takes over what is there, as it is.
    fn import(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let known = self.store.snapshot().resources.get(&step.address);
        // What was detached from it ahead is on record with it.
        let is_detached = !step.detaches.is_empty() && known.is_some();
        if let Some(state) = step.state.as_deref().filter(|_| !is_detached) {
            self.records.push(recorded(&step.address, state.clone()));
        }
        if let Some(planned) = &step.planned {
            self.known.set(step.address.clone(), planned.clone());
        }
        self.done(task, step.id.clone());
        Ok(())
    }

    /// A volume or EIP that lives inside its groups: the state remembers it, and the calls
    /// are those of the groups.
    fn write_down(&mut self, task: usize, step: &Step) -> Result<(), Problem> {
        let desired = self.desired(step)?;
        let state = ResourceState {
            id: None,
            applied: self.redacted(&desired),
            observed: self.observed_of(step),
            dependencies: step.needs.clone(),
            prevent_destroy: step.protection_after(),
            ..ResourceState::default()
        };
        self.note(task, step, desired, state)
    }

    fn observed_of(&self, step: &Step) -> Arc<Map> {
        let state = self.store.snapshot().resources.get(&step.address);
        state
            .map(|state| state.observed.clone())
            .unwrap_or_default()
    }

    /// Records a change that needs no call.
    fn note(
        &mut self,
        task: usize,
        step: &Step,
        desired: Arc<Map>,
        state: ResourceState,
    ) -> Result<(), Problem> {
        if state.ready_by.is_some() {
            return self.wait_for(task, step, desired, state);
        }
        let id = state.id.clone();
        let kind = step.address.kind();
        let values = eci_planner::completed(kind, &desired, &state.observed);
        self.known.set(step.address.clone(), values);
        self.record_change(step, state);
        if self.plan.tasks()[task].deed == Deed::Create {
            self.keep_predecessor(task);
        }
        self.done(task, id);
        Ok(())
    }

    /// Records a change without a call. Where that triggers replacements, it is the end of an
    /// intent like any other change that does.
    fn record_change(&mut self, step: &Step, state: ResourceState) {
        let intent = self.store.next_intent();
        let Some(triggers) = self.triggers(intent, step) else {
            return self.records.push(recorded(&step.address, state));
        };
        let changes = step.changes.iter();
        let attributes = changes.map(|change| change.path.to_string()).collect();
        let intended = Record::Intent {
            intent,
            address: step.address.clone(),
            deed: Intended::Update {
                attributes,
                ready_by: None,
                sensitive: BTreeSet::new(),
                unreported: None,
            },
            at: (self.effects.now)(),
            token: None,
        };
        let settled = Record::Settled {
            intent,
            address: step.address.clone(),
            outcome: Settlement::Done {
                state: Some(Box::new(state)),
            },
        };
        self.records.extend([intended, triggers, settled]);
    }

    /// Returns the record of the replacements that are pending once an intent is done.
    fn triggers(&self, intent: IntentId, step: &Step) -> Option<Record> {
        let dependents = self.plan.triggers().get(&step.address)?;
        Some(Record::Triggers {
            intent,
            address: step.address.clone(),
            dependents: dependents.clone(),
        })
    }

    /// Whether a task changes something of which an earlier change may still take effect: the new one
    /// has to come after that.
    pub(super) fn is_uncertain(&self, task: usize) -> bool {
        let changes = matches!(self.plan.tasks()[task].deed, Deed::Update | Deed::Bind);
        let recorded = self
            .store
            .snapshot()
            .resources
            .get(&self.step(task).address);
        changes && recorded.is_some_and(|state| !state.uncertain.is_empty())
    }

    fn intend(
        &mut self,
        task: usize,
        step: &Step,
        (deed, token): (Intended, Option<ClientToken>),
        desired: Arc<Map>,
        state: Option<ResourceState>,
    ) {
        let intent = self.store.next_intent();
        self.records.push(Record::Intent {
            intent,
            address: step.address.clone(),
            deed,
            at: (self.effects.now)(),
            token: token.map(String::from),
        });
        self.records.extend(self.triggers(intent, step));
        let under_way = UnderWay {
            intent: Some(intent),
            since: Instant::now(),
            desired,
            state,
        };
        self.under_way.insert(task, under_way);
    }
}

/// Whether a step changes something sensitive in an attribute.
fn changes_secret(step: &Step, attribute: &str) -> bool {
    let mut changes = step.changes.iter();
    changes.any(|change| {
        let is_secret = change.before.has_sensitive() || change.after.has_sensitive();
        is_secret && change.path.attribute() == Some(attribute)
    })
}

/// Returns what is detached from the group of a step.
fn detached(step: &Step) -> Vec<Attachable> {
    let detaches = step.detaches.iter();
    detaches
        .map(|detachment| detachment.object.clone())
        .collect()
}

/// How long a task may take: what its `timeouts` say, or what runs go by.
pub(super) fn limit(step: &Step, deed: Deed, settings: &Settings) -> Duration {
    let timeouts = step.resource.as_ref().map(|resource| &resource.timeouts);
    let (own, general) = match deed {
        Deed::Create => (timeouts.and_then(|it| it.create), settings.create_timeout),
        Deed::Delete => (timeouts.and_then(|it| it.delete), settings.delete_timeout),
        _ => (timeouts.and_then(|it| it.update), settings.update_timeout),
    };
    own.unwrap_or(general)
}

pub(super) fn unsendable(error: SendError) -> Problem {
    match error {
        SendError::Attribute(error) => Problem::NotSendable(error),
        other => Problem::Broken(other.to_string()),
    }
}
