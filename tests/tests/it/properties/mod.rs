//! For random valid configurations: a plan right after an apply is empty, also after an edit and
//! after out-of-band changes; and a destroy deletes everything.
//!
//! `PROPTEST_CASES=1000` draws more of them than an ordinary run.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod model;

use std::env;

use eci_planner::{Action, Mode, Plan};
use eci_sandbox::{ChangeKind, OutOfBandChange};
use eci_tests::in_process::Lab;
use proptest::prelude::*;
use proptest::test_runner::Config;

use model::{World, mixed, world};

/// Cases of an ordinary run.
const CASES: u32 = 64;

fn config() -> Config {
    let cases = env::var("PROPTEST_CASES").ok();
    Config {
        cases: cases.and_then(|cases| cases.parse().ok()).unwrap_or(CASES),
        // Each step makes calls.
        max_shrink_iters: 500,
        ..Config::default()
    }
}

/// Returns the steps other than no-ops, for the message.
fn changing(plan: &Plan) -> String {
    let steps = plan.steps().iter().filter(|step| step.action.is_change());
    steps
        .map(|step| {
            format!(
                "{} {:?} {:?} {:#?}\n",
                step.address, step.action, step.reason, step.changes
            )
        })
        .collect()
}

/// Applies a manifest, and finds the next plan empty.
fn converges(lab: &mut Lab, manifest: &str, mode: Mode) -> Result<(), TestCaseError> {
    let fail = |what: String| TestCaseError::fail(format!("{what}\n{manifest}"));
    let plan = lab.plan(manifest, mode).map_err(fail)?;
    let mut expected = lab.created();
    for step in plan.steps() {
        let is_created = matches!(step.action, Action::Create | Action::Replace);
        let name = step
            .desired
            .as_ref()
            .and_then(|desired| desired.get("name"));
        let name = name.and_then(|name| name.as_str());
        if let (true, "container_group", Some(name)) =
            (is_created, step.address.kind().name(), name)
        {
            *expected.entry(name.to_owned()).or_default() += 1;
        }
    }
    let changes = changing(&plan);
    lab.apply(plan)
        .map_err(|failure| fail(format!("{failure}{changes}")))?;
    prop_assert_eq!(
        lab.created(),
        expected,
        "each is created once as planned: {}",
        manifest
    );
    let next = lab.plan(manifest, mode).map_err(fail)?;
    prop_assert!(
        next.is_empty() && next.drift().is_empty(),
        "the next plan is not empty:\n{}{:#?}\n{}",
        changing(&next),
        next.drift(),
        manifest
    );
    Ok(())
}

/// Destroys everything, and finds nothing left.
fn leaves_nothing(lab: &mut Lab, manifest: &str) -> Result<(), TestCaseError> {
    let fail = |what: String| TestCaseError::fail(format!("{what}\n{manifest}"));
    let plan = lab.plan(manifest, Mode::Destroy).map_err(fail)?;
    lab.apply(plan).map_err(fail)?;
    let left = lab.cloud.names();
    prop_assert!(left.is_empty(), "{:?} are left\n{}", left, manifest);
    let known = &lab.state().resources;
    prop_assert!(known.is_empty(), "the state still has {:?}", known.keys());
    Ok(())
}

/// A change of a group by others.
#[derive(Clone, Debug)]
enum ForeignChange {
    Tag(&'static str),
    Delete,
    Fail,
    Restart,
    Resize,
}

fn foreign_changes() -> impl Strategy<Value = Vec<(usize, ForeignChange)>> {
    let one = prop_oneof![
        Just(ForeignChange::Tag("a")),
        Just(ForeignChange::Tag("new")),
        Just(ForeignChange::Delete),
        Just(ForeignChange::Fail),
        Just(ForeignChange::Restart),
        Just(ForeignChange::Resize),
    ];
    proptest::collection::vec((0..8_usize, one), 0..3)
}

fn meddle(lab: &Lab, what: &[(usize, ForeignChange)]) {
    for (at, foreign_change) in what {
        let ledger = lab.cloud.sandbox().audit_log();
        let created: Vec<_> = ledger
            .iter()
            .filter(|entry| entry.change == ChangeKind::Create)
            .collect();
        let Some(group) = created.get(at % created.len().max(1)) else {
            continue;
        };
        let change = match foreign_change {
            ForeignChange::Tag(key) => {
                let mut tags: Vec<(String, String)> = group.tags.clone().into_iter().collect();
                tags.retain(|(name, _)| name != key);
                tags.push(((*key).to_owned(), "meddled".to_owned()));
                OutOfBandChange::SetTags(tags)
            }
            ForeignChange::Delete => OutOfBandChange::Delete,
            ForeignChange::Fail => OutOfBandChange::Fail,
            ForeignChange::Restart => OutOfBandChange::Restart,
            ForeignChange::Resize => OutOfBandChange::Resize {
                cpu: 8.0,
                memory: 16.0,
            },
        };
        // It may be deleted already, which is an out-of-band change as well.
        let _ = lab.cloud.sandbox().apply_out_of_band(&group.id, change);
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_edited_configuration_converges_each_time_and_leaves_nothing(
        one in world(),
        other in world(),
        dice in proptest::collection::vec(proptest::bool::weighted(0.25), 101),
    ) {
        let mut lab = Lab::new();
        converges(&mut lab, &one.manifest(), Mode::Apply)?;
        let edited = mixed(&one, &other, &dice);
        converges(&mut lab, &edited.manifest(), Mode::Apply)?;
        converges(&mut lab, &other.manifest(), Mode::Apply)?;
        leaves_nothing(&mut lab, &other.manifest())?;
    }

    #[test]
    fn what_others_did_is_undone(
        one in world(),
        other in world(),
        dice in proptest::collection::vec(proptest::bool::weighted(0.1), 101),
        what in foreign_changes(),
    ) {
        let mut lab = Lab::new();
        converges(&mut lab, &one.manifest(), Mode::Apply)?;
        meddle(&lab, &what);
        let edited = mixed(&one, &other, &dice);
        undone(&mut lab, &edited)?;
    }
}

fn undone(lab: &mut Lab, edited: &World) -> Result<(), TestCaseError> {
    converges(lab, &edited.manifest(), Mode::Apply)
}
