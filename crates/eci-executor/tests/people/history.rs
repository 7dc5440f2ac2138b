//! One history: people and runs that take turns on one cloud.

use std::time::Duration;

use eci_config::Configuration;
use eci_executor::Effects;
use eci_planner::Mode;
use tokio::time::sleep;

use crate::acts::{Act, first};
use crate::classes::{Class, Classes};
use crate::cloud::Cloud;
use crate::config::Config;
use crate::crash_point::Fuse;
use crate::oracle::Oracle;
use crate::render;
use crate::rng::Draws;
use crate::run::{End, Order, Process, Region, Report, effects, run};
use crate::state::State;

/// A violation in a history, and the events before it.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) trace: Vec<String>,
}

/// The options of a history.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) classes: Classes,
    pub(crate) traced: bool,
    /// A rule of the model that is deliberately broken.
    pub(crate) broken: Option<ModelFault>,
}

/// The fault of a variant, which the oracle must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelFault {
    /// A step is performed that was not displayed.
    HiddenStep,
    /// A disk that loses the records of a run with its end.
    ForgetfulDisk,
    /// The cloud reports the images with which groups were created.
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
        if variant.broken == Some(ModelFault::StaleReports) {
            cloud.report_old_images();
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

pub(crate) struct History {
    pub(crate) draws: Draws,
    pub(crate) cloud: Cloud,
    /// Another region.
    pub(crate) elsewhere: Cloud,
    pub(crate) effects: Effects,
    pub(crate) states: [State; 2],
    pub(crate) classes: Classes,
    broken: Option<ModelFault>,
    /// The number of names that were given.
    pub(crate) count: usize,
    oracle: Oracle,
}

/// The conditions of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallConditions {
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
                let conditions = if self.classes.has(Class::Kills) && self.draws.percent(40) {
                    CallConditions::Bad
                } else {
                    CallConditions::Good
                };
                self.delete_orphans(at, conditions).await?;
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

    /// Runs after an act of people.
    ///
    /// Where it is refused they go back.
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
                self.keep_sizes(at);
                self.states[at].tidy();
                Ok(())
            }
            Err(what) => Err(format!("{what} [after: {}]", act.what)),
        }
    }

    /// Runs until the next user action.
    ///
    /// Returns whether it could be planned.
    async fn runs(&mut self, at: usize, act: &Act) -> Result<bool, String> {
        self.states[at].hide();
        for once in 0..1 + self.draws.below(2) {
            let bad = self.classes.has(Class::Kills) || act.unknown;
            let conditions = if bad && self.draws.percent(60) {
                CallConditions::Bad
            } else {
                CallConditions::Good
            };
            let mut order = act.order.clone();
            if once > 0 {
                // What was requested once is not requested again.
                order.options.replace.clear();
                if !order.adopts.is_empty() {
                    break;
                }
            }
            match self.run(at, &order, conditions).await? {
                End::NotPlanned(diagnostics)
                    if act.may_be_refused || self.imports_a_missing_object(at) =>
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

    /// Returns whether the manifest still imports an object that has been replaced since: that matters
    /// once the replacement has failed and is deleted, too.
    fn imports_a_missing_object(&self, at: usize) -> bool {
        let truth = self.cloud.truth();
        let mut imports = self.states[at].config.imports.values();
        imports.any(|import| !truth.contains_key(&import.id))
    }

    /// One run and what is to be said of it.
    pub(crate) async fn run(
        &mut self,
        at: usize,
        order: &Order,
        conditions: CallConditions,
    ) -> Result<End, String> {
        let (fault_percent, fuse, interrupted) = match conditions {
            CallConditions::Good => (0, Fuse::never(), None),
            CallConditions::Bad => (
                self.draws.one(&[0, 5, 20, 40]),
                if self.draws.percent(60) {
                    Fuse::of(1 + self.draws.below(120))
                } else {
                    Fuse::never()
                },
                self.interrupted(),
            ),
        };
        let order = Order {
            interrupted,
            ..order.clone()
        };
        let elsewhere = order.place != Region::Home;
        self.states[at].troubled |= conditions == CallConditions::Bad;
        let state = &self.states[at];
        let cloud = if elsewhere {
            &self.elsewhere
        } else {
            &self.cloud
        };
        let cloud = cloud.reached(fault_percent, &fuse).of_state(&state.disk);
        let configuration = self.load(at)?;
        let before = state.snapshot();
        let in_progress = self.cloud.in_progress();
        let truth = self.cloud.truth();
        let owners = self.owners();
        let tags = self.cloud.tags();
        let mut report = Report::new(&cloud, before.clone());
        let secrets = state.secrets();
        let mut store = state.disk.open(&fuse);
        let process = Process {
            cloud: &cloud,
            store: &mut store,
            effects: &self.effects,
            secrets: &secrets,
        };
        let running = run(process, configuration, &order, &mut report);
        tokio::select! {
            biased;
            () = fuse.blown() => {}
            ended = running => ended?,
        }
        drop(store);
        if let (Some(ModelFault::HiddenStep), Some(shown)) = (self.broken, &mut report.shown) {
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
        if self.broken == Some(ModelFault::ForgetfulDisk) && self.draws.percent(30) {
            self.states[at].disk.restore(&before);
        }
        self.note_removed(at, &report);
        self.take_over(at, &before, &tags);
        let is_good = conditions == CallConditions::Good;
        let ran = crate::oracle::EndedRun {
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
        match &end {
            End::Idle if order.is_full() => self.states[at].complete(),
            End::Done(outcome) if order.is_full() && outcome.is_complete() => {
                self.states[at].complete();
                self.states[at].unhide();
            }
            _ => self.states[at].forget_edges(),
        }
        if is_good && order.is_full() {
            match &end {
                End::Idle => self.check_complete(at, &in_progress, true).await?,
                End::Done(outcome) if outcome.is_complete() => {
                    self.states[at].troubled = false;
                    self.check_complete(at, &in_progress, false).await?;
                }
                End::NotApplied(why) => return Err(format!("the run could not go on: {why}")),
                _ => {}
            }
        }
        self.states[at].past.push(before);
        Ok(end)
    }

    /// Loads the manifests.
    fn load(&self, at: usize) -> Result<Configuration, String> {
        let state = &self.states[at];
        let mut config = state.config.clone();
        if self.broken == Some(ModelFault::Unmarked) {
            config.marked.clear();
        }
        let loaded = render::load(&config, state.directory.path());
        loaded.map_err(|wrong| {
            let text = render::root(&config);
            format!("the model's manifest is wrong: {wrong}\n{text}")
        })
    }

    /// A plan that is not applied.
    pub(crate) async fn observe_only(
        &mut self,
        at: usize,
        order: &Order,
    ) -> Result<(Report, End), String> {
        let state = &self.states[at];
        let cloud = self.cloud.reached(0, &Fuse::never()).of_state(&state.disk);
        let configuration = self.load(at)?;
        let mut report = Report::new(&cloud, state.snapshot());
        let secrets = state.secrets();
        let mut store = state.disk.open(&Fuse::never());
        let process = Process {
            cloud: &cloud,
            store: &mut store,
            effects: &self.effects,
            secrets: &secrets,
        };
        run(process, configuration, order, &mut report).await?;
        drop(store);
        let end = std::mem::replace(&mut report.end, End::Died);
        if let Some(secret) = report.plan_secrets.first() {
            return Err(format!("8: the plan shows {secret}"));
        }
        Ok((report, end))
    }

    /// Returns the time at which the user interrupts the run, and whether twice.
    fn interrupted(&self) -> Option<(Duration, bool)> {
        let after = self.draws.time(30_000);
        self.draws
            .percent(20)
            .then(|| (after, self.draws.percent(50)))
    }
}
