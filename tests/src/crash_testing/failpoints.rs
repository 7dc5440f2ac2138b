//! The points of the program: which a run passes, and what comes of dying there.

use std::collections::BTreeMap;
use std::fs;

use super::check::{self, Violation};
use super::runner::Setup;
use super::world::World;

/// The steps of a drill at the points of the program: some objects are created; others are created,
/// changed, passed on and replaced, and some deleted; all are deleted.
pub const STEPS: usize = 3;

/// A pass of a point in one of the steps, for example `record-written:3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pass {
    /// The step.
    pub step: usize,
    /// The point.
    pub point: String,
    /// The number of the pass, from 1.
    pub nth: u64,
}

/// Returns every pass of a run that nothing happens to, step by step.
///
/// # Panics
///
/// If the steps do not succeed even so, or no point is passed.
pub fn passes(setup: Setup<'_>) -> Vec<Pass> {
    let mut world = setup.world(0);
    let mut passes = Vec::new();
    for step in 0..STEPS {
        world.step(step);
        // Whichever machine runs it.
        let trace = world.project.path().join(format!("trace-{step}"));
        let apply = world.apply().env("ECI_FAILPOINT_TRACE", &trace);
        apply.run().exits(0);
        let trace = fs::read_to_string(&trace).unwrap();
        passes.extend(trace.lines().map(|line| {
            let (point, nth) = line.split_once(':').unwrap();
            Pass {
                step,
                point: point.to_owned(),
                nth: nth.parse().unwrap(),
            }
        }));
    }
    assert!(!passes.is_empty(), "the program has no points");
    passes
}

/// Of each point in each step the first pass and the last: what a drill has time for that must
/// be short.
pub fn informative(passes: &[Pass]) -> Vec<Pass> {
    let mut last: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for pass in passes {
        let most = last.entry((pass.step, &pass.point)).or_default();
        *most = pass.nth.max(*most);
    }
    let is_informative = |pass: &&Pass| {
        let most = last[&(pass.step, pass.point.as_str())];
        pass.nth == 1 || pass.nth == most
    };
    passes.iter().filter(is_informative).cloned().collect()
}

/// The point at which a run has found out the outcome of a call of an earlier run, and not yet recorded it.
const FOUND_OUT: &str = "found-out";

/// The point at which a run has released an object that an earlier run replaced, and not yet
/// recorded it.
const RELEASED: &str = "left-over-gone";

/// Dies at a pass; then, if a call of that run is still pending, while the next run recovers it;
/// then once more at the same point, and after it has released the deposed objects. The run after
/// those finishes the work. Returns how often it died: not every run passes a point as often as
/// another one.
///
/// # Errors
///
/// If an object is duplicated or lost.
pub fn die_at(pass: &Pass, world: &mut World) -> Result<usize, Violation> {
    for step in 0..pass.step {
        world.step(step);
        ended("the steps before succeed", &world.complete(), &[0])?;
    }
    let since = world.ledger().len();
    let expected = world.step(pass.step);
    let mut died = 0;
    for (point, nth) in [
        (pass.point.as_str(), pass.nth),
        (FOUND_OUT, 1),
        (pass.point.as_str(), 1),
        (RELEASED, 1),
    ] {
        let at = format!("{point}:{nth}");
        let run = world.apply().env("ECI_FAILPOINT", at).run();
        world.hear(&run);
        check::nothing_is_lost(world)?;
        ended("it dies, or is done", &run, &[0, -1])?;
        died += usize::from(run.died());
    }
    ended("the last run finishes the work", &world.complete(), &[0])?;
    check::all_is_done(world, since, &expected)?;
    Ok(died)
}

/// Checks whether a run ended as it may.
pub(super) fn ended(what: &'static str, run: &crate::Run, codes: &[i32]) -> Result<(), Violation> {
    if codes.contains(&run.code()) {
        Ok(())
    } else {
        Err(Violation::Ended {
            what,
            run: run.to_string(),
        })
    }
}
