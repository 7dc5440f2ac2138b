//! Runs that die, fail in the cloud, or race each other, again and again: no object is duplicated
//! or lost. `cargo run -p eci-tests -- kill --rounds 1000` runs more of them.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use eci_sandbox::{ObjectKind, OutOfBandChange};
use eci_tests::crash_testing::matrix::{self, Case, Interruption, Timing, Worlds};
use eci_tests::crash_testing::{
    Disturbance, Drill, Program, Setup, StateServer, Tally, Violation, World, failpoints, runner,
};

fn repeat(sort: Disturbance, program: Program, rounds: usize) -> Tally {
    runner::run(&drilled(sort, program, rounds))
}

fn drilled(sort: Disturbance, program: Program, rounds: usize) -> Drill<'static> {
    Drill {
        sort,
        setup: program.into(),
        lying: false,
        rounds,
        worlds: 4,
        seed: 1,
    }
}

#[track_caller]
fn holds(tally: &Tally) {
    let failures: Vec<String> = tally.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// The points that a run passes which nothing happens to.
fn passes() -> &'static [failpoints::Pass] {
    static PASSES: OnceLock<Vec<failpoints::Pass>> = OnceLock::new();
    PASSES.get_or_init(|| failpoints::passes(Program::Crashing.into()))
}

#[test]
fn runs_killed_at_random_times_create_nothing_twice_and_lose_nothing() {
    let tally = repeat(Disturbance::Kill, Program::Crashing, 50);
    holds(&tally);
    assert!(tally.died >= 15, "most runs should die: {tally:?}");
}

#[test]
fn runs_that_die_at_each_point_of_the_program_make_nothing_twice_and_lose_nothing() {
    let passes = passes();
    let is_passed = |point: &str| passes.iter().any(|pass| pass.point == point);
    for point in [
        "create-answered",
        "unbind-answered",
        "record-torn",
        "run-over",
    ] {
        assert!(is_passed(point), "{point}: {passes:?}");
    }
    let change = |pass: &failpoints::Pass| pass.step == 1;
    let informative: Vec<_> = failpoints::informative(passes)
        .into_iter()
        .filter(change)
        .collect();
    let tally = runner::run_points(&informative, Program::Crashing.into(), 4, |_| false);
    holds(&tally);
    assert!(
        tally.died >= informative.len() / 2,
        "most runs should die: {tally:?}"
    );
}

/// Kills runs on two machines that share a state.
fn holds_on(server: Option<StateServer>) {
    let Some(server) = &server else {
        return;
    };
    let shared = |program| Setup {
        program,
        server: Some(server),
        encrypted: false,
    };
    let killed = runner::run(&Drill {
        setup: shared(Program::Crashing),
        ..drilled(Disturbance::Kill, Program::Crashing, 4)
    });
    holds(&killed);
    assert!(killed.died >= 1, "some runs should die: {killed:?}");

    let passes = failpoints::passes(shared(Program::Crashing));
    let at = |point: &'static str| {
        let mut of = passes.iter().filter(move |pass| pass.point == point);
        of.find(|pass| pass.step == 1).cloned()
    };
    let points = [
        "entry-begun",
        "entry-written",
        "version-written",
        "create-answered",
    ];
    let points: Vec<_> = points.map(|point| at(point).expect(point)).into();
    let tally = runner::run_points(&points, shared(Program::Crashing), 4, |_| false);
    holds(&tally);
    assert!(tally.died >= points.len(), "they should die: {tally:?}");

    let creates = |pass: &&failpoints::Pass| pass.point == "create-answered" && pass.step == 0;
    let creates: Vec<_> = passes.iter().filter(creates).cloned().collect();
    let is_caught = |tally: &Tally| !caught(tally).is_empty();
    let careless = runner::run_points(&creates, shared(Program::Careless), 4, is_caught);
    assert!(is_caught(&careless), "{careless:?}");
}

#[test]
fn machines_that_die_with_their_state_in_postgresql_make_nothing_twice_and_lose_nothing() {
    holds_on(StateServer::postgres());
}

#[test]
fn machines_that_die_with_their_state_in_a_bucket_make_nothing_twice_and_lose_nothing() {
    holds_on(StateServer::bucket());
}

/// Returns the kinds that are lost or created twice.
fn caught(tally: &Tally) -> BTreeSet<ObjectKind> {
    let mut caught = BTreeSet::new();
    for failure in &tally.failures {
        match &failure.violation {
            Violation::Lost(lost) => caught.extend(lost.iter().map(|lost| lost.kind)),
            Violation::Twice { kind, .. } => drop(caught.insert(*kind)),
            Violation::Created { created, desired } => {
                let too_often = created
                    .iter()
                    .filter(|(what, it)| desired.get(what) < Some(it));
                caught.extend(too_often.map(|((kind, _), _)| *kind));
            }
            _ => {}
        }
    }
    caught
}

/// Returns whether a wrong program that dies when its creates are answered is caught with these kinds.
#[track_caller]
fn is_caught_with(kinds: &[ObjectKind], program: Program) {
    let creates = |pass: &&failpoints::Pass| pass.point == "create-answered" && pass.step == 0;
    let creates: Vec<_> = passes().iter().filter(creates).cloned().collect();
    let all = |tally: &Tally| caught(tally).is_superset(&kinds.iter().copied().collect());
    let tally = runner::run_points(&creates, program.into(), 4, all);
    assert!(all(&tally), "{:?}", caught(&tally));
}

#[test]
fn a_program_that_records_its_creates_too_late_is_caught() {
    let all = [
        ObjectKind::ContainerGroup,
        ObjectKind::Eip,
        ObjectKind::Disk,
    ];
    is_caught_with(&all, Program::Careless);
}

#[test]
fn a_program_that_places_an_order_again_under_another_token_is_caught() {
    is_caught_with(&[ObjectKind::Eip], Program::Forgetful);
}

#[test]
fn runs_in_a_cloud_that_fails_make_nothing_twice_and_lose_nothing() {
    holds(&repeat(Disturbance::Faults, Program::Crashing, 8));
}

#[test]
fn runs_in_a_cloud_that_lies_make_nothing_twice_and_touch_nothing_of_others() {
    holds(&runner::run(&Drill {
        lying: true,
        ..drilled(Disturbance::Faults, Program::Crashing, 4)
    }));
}

#[test]
fn what_others_lose_or_what_is_changed_of_it_is_caught() {
    let world = World::new(Program::Crashing, 1).with_strangers();
    assert!(world.groups().is_empty() && world.eips().is_empty() && world.ledger().is_empty());
    assert_eq!(world.touched(), [""; 0]);
    let eips = world.cloud.eips();
    let unbound = eips
        .iter()
        .find(|eip| eip.raw["name"] == "unbound")
        .unwrap();
    let renamed = OutOfBandChange::Rename("ours".to_owned());
    world
        .cloud
        .sandbox()
        .apply_out_of_band(unbound.id.as_str(), renamed)
        .unwrap();
    assert_eq!(world.touched().len(), 1);
    world
        .cloud
        .sandbox()
        .apply_out_of_band(unbound.id.as_str(), OutOfBandChange::Delete)
        .unwrap();
    assert_eq!(world.touched().len(), 1);
}

#[test]
fn concurrent_runs_on_one_state_wait_for_each_other_and_take_over_from_the_dead() {
    holds(&repeat(Disturbance::Race, Program::Crashing, 8));
}

/// The scenario of the matrices that creates everything.
const CREATES: usize = 0;

/// Returns the results of the scenarios of the matrices where nothing is interrupted.
fn measured() -> &'static [matrix::Measurement] {
    static MEASURED: OnceLock<Vec<matrix::Measurement>> = OnceLock::new();
    MEASURED.get_or_init(matrix::measured)
}

#[test]
fn runs_that_are_killed_at_their_requests_make_nothing_twice_and_lose_nothing() {
    let cases = matrix::sample(matrix::kills(measured(), 5, 1), 24, 1);
    let tally = matrix::run(&cases, measured(), Program::Crashing, 4);
    holds(&tally);
    assert!(tally.died >= 20, "most runs should die: {tally:?}");
}

#[test]
fn runs_whose_files_fail_them_make_nothing_twice_and_lose_nothing() {
    let cases = matrix::sample(matrix::file_operations(measured()), 32, 1);
    let tally = matrix::run(&cases, measured(), Program::Crashing, 4);
    holds(&tally);
    assert!(tally.died >= 16, "most runs should die: {tally:?}");
}

/// Checks that a wrong program is caught at one of the cases that are chosen, and how.
#[track_caller]
fn is_caught_at(
    program: Program,
    cases: Vec<Case>,
    chosen: impl Fn(&Case) -> bool,
    how: impl Fn(&Violation) -> bool + Sync,
) {
    let cases: Vec<_> = cases.into_iter().filter(chosen).collect();
    let caught = |tally: &Tally| tally.has(&how);
    let tally = matrix::run_until(&cases, measured(), Worlds { program, count: 4 }, caught);
    assert!(caught(&tally), "{:?}", tally.failures);
}

#[test]
fn a_program_that_records_its_creates_too_late_is_caught_at_its_requests() {
    let creates = |case: &Case| {
        let after = |kills: &[(u64, Timing)]| matches!(kills, [(_, Timing::After)]);
        let kills = matches!(&case.interruption, Interruption::Killed(it) if after(it));
        case.scenario == CREATES && kills
    };
    let lost = |it: &Violation| matches!(it, Violation::Lost(_));
    let kills = matrix::kills(measured(), 0, 1);
    is_caught_at(Program::Careless, kills, creates, lost);
}

/// Returns whether the power fails while everything is created.
fn power_fails(case: &Case) -> bool {
    case.scenario == CREATES && matches!(case.interruption, Interruption::File(_, "power"))
}

#[test]
fn a_program_that_does_not_flush_its_records_is_caught_when_the_power_fails() {
    // What is lost is noticed where `flushed` reached the disk before the journal did.
    let lost = |it: &Violation| matches!(it, Violation::Lost(_) | Violation::Unreadable(_));
    let operations = matrix::file_operations(measured());
    is_caught_at(Program::Unflushed, operations, power_fails, lost);
}

#[test]
fn a_program_that_replaces_files_before_their_content_is_on_disk_is_caught() {
    let unreadable = |it: &Violation| matches!(it, Violation::Unreadable(_));
    let operations = matrix::file_operations(measured());
    is_caught_at(Program::Unordered, operations, power_fails, unreadable);
}
