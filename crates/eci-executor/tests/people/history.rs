//! One history: people and runs that take turns on one cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eci_config::Configuration;
use eci_core::{Address, Lineage, OperationTag};
use eci_executor::Effects;
use eci_planner::{Action, Mode, Options, Reason};
use eci_state::{Record, Snapshot, Store as _};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::acts::{Act, first};
use crate::classes::{Class, Classes};
use crate::cloud::Cloud;
use crate::config::{Config, Secret};
use crate::disk::Disk;
use crate::draws::Draws;
use crate::fuse::Fuse;
use crate::oracle::Oracle;
use crate::render;
use crate::run::{End, Order, Region, Report, effects, run};
use crate::secrets::Hidden;
use crate::truth::differences;

/// What went wrong in a history, and what happened before.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) trace: Vec<String>,
}

/// How a history is played.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) classes: Classes,
    pub(crate) traced: bool,
    /// A rule of the model that is deliberately broken.
    pub(crate) broken: Option<Broken>,
}

/// What a variant does wrong, so that the oracle can be seen to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A step is carried out that was not shown.
    HiddenStep,
    /// What a run recorded is lost with its end.
    ForgetfulDisk,
    /// The cloud tells of the images that groups were created with.
    StaleReports,
    /// The manifest does not mark what is sensitive.
    Unmarked,
}

/// Plays the history of a seed, in virtual time; its trace where it was traced.
pub(crate) fn play(seed: u64, variant: &Variant) -> Result<Vec<String>, Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let draws = Draws::new(seed);
        let states = ["one", "two"].map(State::new);
        let cloud = Cloud::new(&draws, &states[0].disk, variant.traced).noting_calls();
        if variant.broken == Some(Broken::StaleReports) {
            cloud.tell_old_images();
        }
        let elsewhere = Cloud::new(&draws, &states[0].disk, false).noting_calls();
        let mut history = History {
            cloud: cloud.clone(),
            elsewhere,
            effects: effects(),
            draws,
            states,
            classes: variant.classes.clone(),
            broken: variant.broken,
            count: 0,
            oracle: Oracle::default(),
        };
        let ended = history.play().await;
        let trace = cloud.trace();
        match ended {
            Ok(()) => Ok(trace),
            Err(what) => Err(Violation { what, trace }),
        }
    })
}

/// A state, and the configuration that people have for it.
pub(crate) struct State {
    pub(crate) name: &'static str,
    pub(crate) lineage: Lineage,
    pub(crate) disk: Disk,
    pub(crate) config: Config,
    /// What was deliberately removed from it.
    pub(crate) released: BTreeSet<String>,
    /// What it has imported although it carried this tag of the other one.
    pub(crate) taken_over: BTreeMap<String, String>,
    /// What it has lost and nobody has seen to yet.
    pub(crate) orphaned: BTreeSet<String>,
    /// Earlier versions of it.
    pub(crate) past: Vec<Snapshot>,
    /// The secrets that must not be seen.
    pub(crate) hidden: BTreeSet<Secret>,
    /// What it was before a change that may be taken back.
    pub(crate) to_revert: Option<Config>,
    /// Whether something went wrong since the last complete run.
    pub(crate) troubled: bool,
    /// The ids of what was protected by the last complete run.
    pub(crate) guarded: BTreeSet<String>,
    /// The groups that have to be replaced because their triggers changed, with their ids.
    pub(crate) owed: BTreeMap<String, String>,
    directory: TempDir,
}

impl State {
    fn new(name: &'static str) -> State {
        let lineage = Lineage::new(format!("lineage-{name}"));
        State {
            name,
            disk: Disk::of(lineage.clone(), false),
            lineage,
            config: Config::default(),
            released: BTreeSet::new(),
            taken_over: BTreeMap::new(),
            orphaned: BTreeSet::new(),
            past: Vec::new(),
            hidden: BTreeSet::new(),
            to_revert: None,
            troubled: false,
            guarded: BTreeSet::new(),
            owed: BTreeMap::new(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Whether something with this tag is another state's: one that it did not take it over from.
    pub(crate) fn is_of_another(&self, id: &str, tag: &str) -> bool {
        let is_ours = OperationTag::from_recorded(tag).is_of(&self.lineage);
        !tag.is_empty() && !is_ours && self.taken_over.get(id).is_none_or(|it| it != tag)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.disk.open(&Fuse::never()).snapshot().clone()
    }

    /// Puts the configuration in order. What has data on it goes only if that is said.
    pub(crate) fn tidy(&mut self) {
        self.config.tidy();
        let declared = self.config.addresses();
        let moved: Vec<String> = self.config.moved.iter().map(|it| it.0.clone()).collect();
        for address in self.snapshot().resources.keys() {
            let address = address.to_string();
            let goes = address.starts_with("volume.") && !declared.contains(&address);
            if goes && !moved.contains(&address) {
                self.config.removed.entry(address).or_insert(true);
            }
        }
    }

    /// The texts that must not be seen.
    pub(crate) fn secrets(&self) -> Hidden {
        let texts = |secrets: &BTreeSet<Secret>| {
            let values = secrets.iter().map(|secret| secret.value());
            values.chain(["p4ssw0rd".to_owned()]).collect()
        };
        Hidden {
            marked: texts(&self.config.marked),
            ever: texts(&self.hidden),
        }
    }
}

pub(crate) struct History {
    pub(crate) draws: Draws,
    pub(crate) cloud: Cloud,
    /// Another region.
    elsewhere: Cloud,
    effects: Effects,
    pub(crate) states: [State; 2],
    pub(crate) classes: Classes,
    broken: Option<Broken>,
    /// How many names were given.
    pub(crate) count: usize,
    oracle: Oracle,
}

/// How well a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Good,
    Bad,
}

impl History {
    /// A number that was never given before.
    pub(crate) fn number(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    async fn play(&mut self) -> Result<(), String> {
        first(self);
        self.runs(0, &Act::plain("first")).await?;
        for _ in 0..3 + self.draws.below(4) {
            let at = usize::from(self.classes.has(Class::States) && self.draws.percent(40));
            let before = self.states[at].config.clone();
            let act = self.act(at);
            self.cloud
                .note(|| format!("=== {} does: {}", ["one", "two"][at], act.what));
            let config = &self.states[at].config;
            if *config != before {
                let text = render::root(config);
                for line in text.lines() {
                    self.cloud.note(|| format!("    | {line}"));
                }
            }
            if act.deletes_orphans {
                let weather = match self.classes.has(Class::Kills) && self.draws.percent(40) {
                    true => Weather::Bad,
                    false => Weather::Good,
                };
                self.delete_orphans(at, weather).await?;
            }
            self.runs_or_back(at, &act, before).await?;
        }
        for at in [0, 1] {
            self.rest(at).await?;
        }
        for at in [0, 1] {
            self.check_at_rest(at).await?;
        }
        Ok(())
    }

    /// What people did, and runs on it. Where it is refused they go back.
    async fn runs_or_back(&mut self, at: usize, act: &Act, before: Config) -> Result<(), String> {
        match self.runs(at, act).await {
            Ok(true) => Ok(()),
            Ok(false) if act.stays => Ok(()),
            Ok(false) => {
                self.cloud
                    .note(|| "    it is refused, and taken back".to_owned());
                let truth = self.cloud.truth();
                self.states[at].config = before;
                let imports = &mut self.states[at].config.imports;
                imports.retain(|_, import| truth.contains_key(&import.id));
                self.states[at].tidy();
                Ok(())
            }
            Err(what) => Err(format!("{what} [after: {}]", act.what)),
        }
    }

    /// Runs until people do the next thing; whether it could be planned.
    async fn runs(&mut self, at: usize, act: &Act) -> Result<bool, String> {
        self.hide(at);
        for once in 0..1 + self.draws.below(2) {
            let bad = self.classes.has(Class::Kills) || act.unknown;
            let weather = match bad && self.draws.percent(60) {
                true => Weather::Bad,
                false => Weather::Good,
            };
            let mut order = act.order.clone();
            if once > 0 {
                // What was asked for once is not asked for again.
                order.options.replace.clear();
                if !order.adopts.is_empty() {
                    break;
                }
            }
            match self.run(at, &order, weather).await? {
                End::NotPlanned(diagnostics)
                    if act.may_be_refused || self.imports_what_is_gone(at) =>
                {
                    self.cloud.note(|| format!("    refused: {diagnostics}"));
                    return Ok(false);
                }
                End::NotPlanned(diagnostics) => {
                    return Err(format!("5: it cannot be planned: {diagnostics}"));
                }
                _ => {}
            }
            sleep(self.draws.time(60_000)).await;
        }
        Ok(true)
    }

    /// Whether the manifest still imports what has been replaced since: that matters once the
    /// replacement has failed and is gone, too.
    fn imports_what_is_gone(&self, at: usize) -> bool {
        let truth = self.cloud.truth();
        let mut imports = self.states[at].config.imports.values();
        imports.any(|import| !truth.contains_key(&import.id))
    }

    /// What is sensitive from now on is hidden from now on.
    fn hide(&mut self, at: usize) {
        let state = &mut self.states[at];
        state.hidden.extend(&state.config.marked);
    }

    /// One run and what is to be said of it.
    async fn run(&mut self, at: usize, order: &Order, weather: Weather) -> Result<End, String> {
        let (trouble, fuse, interrupted) = match weather {
            Weather::Good => (0, Fuse::never(), None),
            Weather::Bad => (
                self.draws.one(&[0, 5, 20, 40]),
                match self.draws.percent(60) {
                    true => Fuse::of(1 + self.draws.below(120)),
                    false => Fuse::never(),
                },
                self.interrupted(),
            ),
        };
        let order = Order {
            interrupted,
            ..order.clone()
        };
        let elsewhere = order.place != Region::Home;
        self.states[at].troubled |= weather == Weather::Bad;
        let state = &self.states[at];
        let cloud = if elsewhere {
            &self.elsewhere
        } else {
            &self.cloud
        };
        let cloud = cloud.reached(trouble, &fuse).of_state(&state.disk);
        let configuration = self.load(at)?;
        let before = state.snapshot();
        let truth = self.cloud.truth();
        let owners = self.owners();
        let tags = self.cloud.tags();
        let mut report = Report::new(&cloud, before.clone());
        let secrets = state.secrets();
        let mut store = state.disk.open(&fuse);
        let running = run(
            (&cloud, &mut store),
            configuration,
            &order,
            &self.effects,
            (&mut report, &secrets),
        );
        tokio::select! {
            biased;
            () = fuse.blown() => {}
            ended = running => ended?,
        }
        drop(store);
        if let (Some(Broken::HiddenStep), Some(shown)) = (self.broken, &mut report.shown) {
            shown.steps.pop();
        }
        let end = std::mem::replace(&mut report.end, End::Died);
        self.cloud.note(|| format!("--- the run ended: {end:?}"));
        if matches!(end, End::Died) && self.draws.percent(50) {
            self.states[at].disk.stop(&self.draws);
        }
        if elsewhere {
            self.check_elsewhere(at, &before)?;
            return Ok(end);
        }
        if self.broken == Some(Broken::ForgetfulDisk) && self.draws.percent(30) {
            self.states[at].disk.restore(&before);
        }
        self.let_go(at, &report);
        self.take_over(at, (&before, &tags));
        let is_good = weather == Weather::Good;
        let ran = crate::oracle::Ran {
            at,
            report: &report,
            end: &end,
            order: &order,
            is_good,
            truth: &truth,
            owners: &owners,
        };
        self.oracle.check(&ran, &self.cloud, &self.states)?;
        self.check_triggers(at, &report)?;
        if is_good
            && order.options.mode == Mode::RefreshOnly
            && matches!(end, End::Done(_) | End::Idle)
        {
            self.check_refreshed(at).await?;
        }
        if !is_good
            && order.is_full()
            && let End::Done(outcome) = &end
            && outcome.is_complete()
        {
            self.unhide(at);
        }
        if is_good && order.is_full() {
            match &end {
                End::Idle => self.check_truth(at)?,
                End::Done(outcome) if outcome.is_complete() => {
                    self.states[at].troubled = false;
                    self.unhide(at);
                    self.guard(at);
                    self.check_truth(at)?;
                    self.check_empty(at, outcome.done.is_empty()).await?;
                }
                End::NotApplied(why) => return Err(format!("the run could not go on: {why}")),
                _ => {}
            }
        }
        self.states[at].past.push(before);
        Ok(end)
    }

    /// What the manifests say.
    fn load(&self, at: usize) -> Result<Configuration, String> {
        let state = &self.states[at];
        let mut config = state.config.clone();
        if self.broken == Some(Broken::Unmarked) {
            config.marked.clear();
        }
        let loaded = render::load(&config, state.directory.path());
        loaded.map_err(|wrong| {
            let text = render::root(&config);
            format!("the model's manifest is wrong: {wrong}\n{text}")
        })
    }

    /// Which state has what.
    fn owners(&self) -> BTreeMap<String, Vec<usize>> {
        let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, state) in self.states.iter().enumerate() {
            for resource in state.snapshot().resources.into_values() {
                if let Some(id) = resource.id {
                    owners.entry(id).or_default().push(at);
                }
            }
        }
        owners
    }

    /// The addresses of what a state has and the other one has taken over since: it carries the
    /// tag of that.
    pub(crate) fn lost(&self, at: usize) -> Vec<Address> {
        let (state, tags) = (&self.states[at], self.cloud.tags());
        let is_lost = |id: &String| {
            let tag = tags.get(id).filter(|_| id.starts_with("eci-"));
            tag.is_some_and(|tag| state.is_of_another(id, tag))
        };
        let resources = state.snapshot().resources.into_iter();
        let lost = resources.filter(|(_, it)| it.id.as_ref().is_some_and(is_lost));
        lost.map(|(address, _)| address).collect()
    }

    /// Removes from a state what the other one has taken over, and from its configuration.
    fn give_up_lost(&mut self, at: usize) {
        for address in self.lost(at) {
            self.cloud
                .note(|| format!("    {address} is removed from the state"));
            let state = &mut self.states[at];
            let id = state
                .snapshot()
                .resources
                .remove(&address)
                .and_then(|it| it.id);
            state.released.extend(id);
            state.owed.remove(&address.to_string());
            let mut store = state.disk.open(&Fuse::never());
            let removed = Record::Removed {
                address: address.clone(),
                at: (self.effects.now)(),
            };
            store.append(&[removed]).unwrap();
            store.compact().unwrap();
            drop(store);
            state.config.forget(&address.to_string());
            state.tidy();
        }
    }

    /// When the user interrupts the run, and how often.
    fn interrupted(&self) -> Option<(Duration, bool)> {
        let after = self.draws.time(30_000);
        self.draws
            .percent(20)
            .then(|| (after, self.draws.percent(50)))
    }

    /// What the plan lets go is deliberately removed.
    fn let_go(&mut self, at: usize, report: &Report) {
        let Some(shown) = &report.shown else {
            return;
        };
        let forgotten = shown
            .steps
            .iter()
            .filter(|step| step.action == Action::Forget && step.reason == Some(Reason::Removed));
        let ids: Vec<String> = forgotten.filter_map(|step| step.id.clone()).collect();
        let state = &mut self.states[at];
        state.released.extend(ids);
        let snapshot = state.snapshot();
        let held: BTreeSet<&str> = snapshot
            .resources
            .values()
            .filter_map(|it| it.id.as_deref())
            .collect();
        state.released.retain(|id| !held.contains(id.as_str()));
        state.orphaned.retain(|id| !held.contains(id.as_str()));
    }

    /// What is imported under the tag of the other state is accepted under that.
    fn take_over(&mut self, at: usize, (before, tags): (&Snapshot, &BTreeMap<String, String>)) {
        let state = &mut self.states[at];
        let has = |snapshot: &Snapshot, id: &String| {
            let mut resources = snapshot.resources.values();
            resources.any(|it| it.id.as_ref() == Some(id))
        };
        let after = state.snapshot();
        for import in state.config.imports.values().filter(|it| it.take_over) {
            let id = &import.id;
            if has(&after, id) && !has(before, id) {
                let tag = tags.get(id).cloned().unwrap_or_default();
                state.taken_over.insert(id.clone(), tag);
            }
        }
    }

    /// What is no longer sensitive may be shown once that is recorded.
    fn unhide(&mut self, at: usize) {
        let state = &mut self.states[at];
        state.hidden = state.config.marked.clone();
    }

    /// What is protected is so until that is lifted.
    fn guard(&mut self, at: usize) {
        let state = &mut self.states[at];
        let snapshot = state.snapshot();
        for (place, group) in &state.config.groups {
            let address: Option<Address> = place.address().parse().ok();
            let id = address.and_then(|it| snapshot.resources.get(&it)?.id.clone());
            match (id, group.protected) {
                (Some(id), Some(true)) => drop(state.guarded.insert(id)),
                (Some(id), Some(false)) => drop(state.guarded.remove(&id)),
                (_, None) | (None, _) => {}
            }
        }
    }

    /// A run elsewhere takes nothing out of the state and creates nothing.
    fn check_elsewhere(&self, at: usize, before: &Snapshot) -> Result<(), String> {
        let after = self.states[at].snapshot();
        let ids = |snapshot: &Snapshot| -> BTreeMap<Address, Option<String>> {
            let resources = snapshot.resources.iter();
            resources
                .map(|(address, state)| (address.clone(), state.id.clone()))
                .collect()
        };
        if before.resources.is_empty() && before.open.is_empty() {
            return Ok(());
        }
        if self.elsewhere.calls() > 0 {
            return Err("1: a run in another region made calls there".to_owned());
        }
        match ids(before) == ids(&after) {
            true => Ok(()),
            false => Err("3: a run in another region changed the state".to_owned()),
        }
    }

    /// Everything is as declared.
    fn check_truth(&self, at: usize) -> Result<(), String> {
        let state = &self.states[at];
        let truth = self.cloud.truth();
        let addresses = self.cloud.public_addresses();
        let found = differences(&state.config, &state.snapshot(), &truth, &addresses);
        match found.first() {
            None => Ok(()),
            Some(first) => Err(format!(
                "7: everything is said to be done, and {} {}",
                first.address, first.what
            )),
        }
    }

    /// A group is replaced after its trigger has changed, and not because that one moved, was
    /// imported or created.
    fn check_triggers(&mut self, at: usize, report: &Report) -> Result<(), String> {
        let Some(shown) = &report.shown else {
            return Ok(());
        };
        let state = &mut self.states[at];
        let after = state.snapshot();
        let id = |snapshot: &Snapshot, address: &Address| {
            snapshot.resources.get(address).and_then(|it| it.id.clone())
        };
        for step in &shown.steps {
            if let Some(Reason::Triggered { by }) = &step.reason
                && let Some(trigger) = shown.step(by)
                && matches!(
                    trigger.action,
                    Action::Move | Action::Import | Action::Create
                )
            {
                let action = trigger.action.name();
                return Err(format!(
                    "1: {} is replaced because {by} is changed by {action}",
                    step.address
                ));
            }
        }
        state.owed.retain(|address, old| {
            let declared = state.config.groups.iter();
            let is_triggered = declared
                .filter(|(place, _)| place.address() == *address)
                .any(|(_, group)| group.trigger.is_some());
            let address = address.parse().ok();
            is_triggered && address.and_then(|it| id(&after, &it)).as_ref() == Some(old)
        });
        for (place, group) in &state.config.groups {
            let Some(trigger) = group.trigger else {
                continue;
            };
            let address: Option<Address> = place.address().parse().ok();
            let by: Option<Address> = format!("container_group.{trigger}").parse().ok();
            let (Some(address), Some(by)) = (address, by) else {
                continue;
            };
            let changed = shown.step(&by).is_some_and(|step| {
                let was = report
                    .planned_from
                    .as_ref()
                    .and_then(|it| it.resources.get(&by));
                let is = after.resources.get(&by);
                matches!(step.action, Action::Update | Action::Replace)
                    && step.import.is_none()
                    && step.moved_from.is_none()
                    && was.map(|it| (&it.id, &it.applied)) != is.map(|it| (&it.id, &it.applied))
            });
            let before = report.planned_from.as_ref().and_then(|it| id(it, &address));
            if let (true, Some(before)) = (changed, before)
                && id(&after, &address).as_ref() == Some(&before)
            {
                state.owed.insert(place.address(), before);
            }
        }
        Ok(())
    }

    /// A plan after a complete run is empty.
    async fn check_empty(&mut self, at: usize, was_idle: bool) -> Result<(), String> {
        let _ = was_idle;
        let order = Order {
            only_plans: true,
            ..Order::default()
        };
        let (report, end) = self.look(at, &order).await?;
        let shown = report.shown.unwrap_or_default();
        if let Some(step) = shown.steps.iter().find(|step| step.action.is_change()) {
            return Err(format!(
                "5: after a complete run the plan says: {} {} because {:?}",
                step.action.name(),
                step.address,
                step.reason
            ));
        }
        match end {
            End::NotPlanned(why) => Err(format!("5: after a complete run: {why}")),
            _ => Ok(()),
        }
    }

    /// After a refresh there is nothing that would have to be told again.
    async fn check_refreshed(&mut self, at: usize) -> Result<(), String> {
        let order = Order {
            options: Options {
                mode: Mode::RefreshOnly,
                ..Options::default()
            },
            only_plans: true,
            ..Order::default()
        };
        let (report, _) = self.look(at, &order).await?;
        let shown = report.shown.unwrap_or_default();
        match shown.news() {
            None => Ok(()),
            Some(drift) => Err(format!(
                "7: after a refresh the next one tells of {} again",
                drift.address
            )),
        }
    }

    /// A plan that nobody carries out.
    async fn look(&mut self, at: usize, order: &Order) -> Result<(Report, End), String> {
        let state = &self.states[at];
        let cloud = self.cloud.reached(0, &Fuse::never()).of_state(&state.disk);
        let configuration = self.load(at)?;
        let mut report = Report::new(&cloud, state.snapshot());
        let secrets = state.secrets();
        let mut store = state.disk.open(&Fuse::never());
        run(
            (&cloud, &mut store),
            configuration,
            order,
            &self.effects,
            (&mut report, &secrets),
        )
        .await?;
        drop(store);
        let end = std::mem::replace(&mut report.end, End::Died);
        if let Some(secret) = report.plan_secrets.first() {
            return Err(format!("8: the plan shows {secret}"));
        }
        Ok((report, end))
    }

    /// Good times, until there is nothing left to do.
    async fn rest(&mut self, at: usize) -> Result<(), String> {
        let name = self.states[at].name;
        self.cloud.note(|| format!("=== {name} comes to rest"));
        // What is still under way comes to its end.
        sleep(Duration::from_secs(60)).await;
        for group in self.states[at].config.groups.values_mut() {
            group.image = group.image.replace("typo", "app");
        }
        // An output that cannot be computed is seen to.
        self.states[at].config.outputs.remove("bad");
        let (mut tidied, mut unprotected, mut runs) = (false, false, 0);
        let order = Order::default();
        self.hide(at);
        while runs < 8 {
            runs += 1;
            if runs == 3 {
                // What uses an EIP or a disk that is to go is named, and seen to.
                self.delete_orphans(at, Weather::Good).await?;
            }
            if self.states[at].snapshot().open.is_empty() {
                self.give_up_lost(at);
            }
            match self.run(at, &order, Weather::Good).await? {
                End::Idle if self.states[at].snapshot().open.is_empty() => return Ok(()),
                End::NotPlanned(why) if !tidied => {
                    tidied = true;
                    self.cloud.note(|| format!("    tidied up after {why}"));
                    let config = &mut self.states[at].config;
                    config.moved.clear();
                    config.imports.clear();
                    for group in config.groups.values_mut() {
                        group.protected = Some(false);
                        group.ignored.clear();
                    }
                    self.delete_orphans(at, Weather::Good).await?;
                    self.states[at].tidy();
                }
                // What is protected, and would be replaced, goes where that is said.
                End::NotPlanned(why) if !unprotected => {
                    unprotected = true;
                    self.cloud.note(|| format!("    unprotected after {why}"));
                    self.unprotect(at);
                }
                End::NotPlanned(why) => {
                    return Err(format!("5: it cannot be planned at last: {why}"));
                }
                _ => {}
            }
        }
        Err("5: eight runs without any trouble, and there still is something to do".to_owned())
    }

    /// Declares what is protected no longer, and says that it may go.
    fn unprotect(&mut self, at: usize) {
        let state = &mut self.states[at];
        for (address, resource) in state.snapshot().resources {
            let is_guarded = |id: &String| state.guarded.contains(id);
            if resource.prevent_destroy || resource.id.as_ref().is_some_and(is_guarded) {
                let address = address.to_string();
                state.config.forget(&address);
                state.config.removed.insert(address, true);
            }
        }
        state.tidy();
    }

    /// At rest everything is somebody's, and nothing is listed that is not orphaned.
    async fn check_at_rest(&mut self, at: usize) -> Result<(), String> {
        let state = &self.states[at];
        if let Some((address, id)) = state.owed.first_key_value() {
            return Err(format!(
                "5: the trigger of {address} has changed, and it is {id} still"
            ));
        }
        let cloud = self.cloud.reached(0, &Fuse::never());
        let provider = eci_provider::Provider::new(cloud, eci_provider::Pace::default());
        let snapshot = state.snapshot();
        let found = eci_executor::orphans::found(&snapshot, &state.past, &provider).await;
        let found = found.map_err(|error| format!("the orphans cannot be listed: {error}"))?;
        for orphan in found {
            let id = orphan.id.as_str();
            if !state.orphaned.contains(id) {
                let name = state.name;
                return Err(format!("4: {id} is listed as an orphan of {name}"));
            }
        }
        Ok(())
    }
}
