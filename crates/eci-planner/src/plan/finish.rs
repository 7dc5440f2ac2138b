//! The plan as a whole, once it is decided what to do with each resource.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::kinds::is_standalone;
use eci_core::{Address, Diagnostics};
use eci_state::{IntentKind, ResourceState};

use super::planning::PlanDraft;
use crate::action::Action;
use crate::attachment::{Holders, ReplacedGroup, attached};
use crate::exclusive_attachments::Handover;
use crate::model::{PartialScope, Plan, PlanParts};
use crate::options::Mode;
use crate::outputs::OutputInput;
use crate::{create_before_destroy, existing, in_use, names, outputs, prior_state, task_graph};

impl PlanDraft<'_> {
    /// Returns the resources that each changing resource triggers, selected or not.
    fn triggers(&self) -> BTreeMap<Address, Vec<Address>> {
        let mut triggers: BTreeMap<Address, Vec<Address>> = BTreeMap::new();
        for resource in &self.configuration.resources {
            let is_managed =
                |state: &ResourceState| is_standalone(resource.address.kind(), &state.applied);
            let named = resource.lifecycle.replace_triggered_by.iter();
            let mut named = named.filter(|other| self.is_trigger(other)).peekable();
            if named.peek().is_some() && self.moves.state(&resource.address).is_some_and(is_managed)
            {
                for other in named {
                    let dependents = triggers.entry(other.clone()).or_default();
                    dependents.push(resource.address.clone());
                }
            }
        }
        triggers
    }

    /// Finds out which container groups have which EIPs and disks now.
    fn holders(&self) -> Holders {
        let imported = self.steps.iter().filter(|step| step.import.is_some());
        let imported = imported.filter_map(|step| Some((&step.address, step.state.as_deref()?)));
        let groups = self.moves.resources().chain(imported);
        let groups = groups.filter(|(address, _)| address.kind().properties().holds_attachments);
        let replaced = self
            .snapshot
            .open_intents
            .iter()
            .filter_map(|open| match &open.kind {
                IntentKind::Delete { id } => Some(ReplacedGroup {
                    id: id.to_string(),
                    address: self.moves.now(&open.address).clone(),
                }),
                _ => None,
            });
        let replaced: Vec<ReplacedGroup> = replaced.collect();
        let mut holders = Holders::new(groups, &self.moves, self.observed, &replaced);
        let open = self.snapshot.open_intents.iter();
        holders.expect(open.flat_map(|open| match &open.kind {
            IntentKind::Create {
                planned: requested, ..
            } => attached(&requested.applied),
            IntentKind::Update { .. } | IntentKind::Delete { .. } => Vec::new(),
        }));
        holders
    }

    pub(super) fn finish(mut self, partial: Option<PartialScope>) -> Result<Plan, Diagnostics> {
        prior_state::import_embedded(&mut self.steps, &self.snapshot.digest_key);
        create_before_destroy::create_first(&mut self.steps, &mut self.problems);
        // What is refused for another reason may have its name from there.
        if !self.problems.has_errors() {
            names::check(&self.steps, &mut self.problems);
        }
        let mut awaited = BTreeSet::new();
        if self.options.mode != Mode::RefreshOnly {
            let key = &self.snapshot.digest_key;
            let has = |address: &Address| self.selection.has(address);
            awaited = self.pending.resend(&mut self.steps, &self.moves, key, has);
            self.pending.resume(&mut self.steps, &self.moves);
            let has = |address: &Address| self.selection.has(address);
            let mut deletes = self.pending.deletes(&self.moves, has);
            for step in &mut deletes {
                let kind = step.address.kind();
                if self
                    .existing
                    .declared_by(kind, step.id.as_deref())
                    .is_some()
                {
                    step.action = Action::Forget;
                }
            }
            self.steps.extend(deletes);
        }
        let mut outputs = match self.options.mode {
            Mode::Destroy if self.selection.is_all() => outputs::removals(&self.snapshot.outputs),
            Mode::Destroy => outputs::removals_of(
                &self.configuration.outputs,
                &self.snapshot.outputs,
                &self.steps.iter().map(|step| &step.address).collect(),
            ),
            Mode::Apply | Mode::RefreshOnly => {
                let input = OutputInput {
                    outputs: &self.configuration.outputs,
                    recorded: &self.snapshot.outputs,
                    scope: &self.known,
                    selection: &self.selection,
                    key: &self.snapshot.digest_key,
                };
                outputs::changes(&input, &mut self.problems, &mut self.warnings)
            }
        };
        if self.options.mode == Mode::RefreshOnly {
            outputs::keep_unknown(&mut outputs);
        }
        // Some evaluations above only determine whether there is a value.
        if let Err(found) = self.configuration.check_budget() {
            self.problems.0.extend(found.0);
        }
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        let dependencies: BTreeMap<&Address, Vec<&Address>> = self
            .moves
            .resources()
            .map(|(address, state)| (address, self.before_delete(address, state)))
            .collect();
        let (mut tasks, releases) =
            task_graph::tasks(&self.steps, self.options.mode, &dependencies);
        let holders = self.holders();
        let handover = Handover {
            steps: &mut self.steps,
            tasks: &mut tasks,
            holders: &holders,
            problems: &mut self.problems,
        };
        handover.order_attachments(releases);
        task_graph::after_triggers(&self.steps, &mut tasks);
        existing::before_deletes(&self.steps, &mut tasks, &mut self.problems);
        if self.problems.has_errors() {
            self.problems.sort();
            return Err(self.problems);
        }
        self.warnings.0.extend(self.assumptions.warnings());
        let in_use = in_use::report(&self.steps, &holders, &mut self.drift);
        self.warnings.0.extend(in_use);
        let triggers = self.triggers();
        Ok(Plan::sealed(PlanParts {
            lineage: self.snapshot.lineage.clone(),
            serial: self.snapshot.serial,
            revision: self.snapshot.revision,
            pending: self.pending.known(),
            awaited,
            digest: self.configuration.digest.clone(),
            options: self.options.clone(),
            steps: self.steps,
            tasks,
            drift: self.drift,
            refreshed: self.refreshed,
            outputs,
            variables: self.configuration.variables.clone(),
            moves: self.moves.selected(&self.selection),
            protections: self.protections,
            dependencies: self.dependencies,
            triggers,
            partial,
            warnings: self.warnings,
        }))
    }
}
