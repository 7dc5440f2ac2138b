use std::collections::BTreeMap as Tree;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eci_core::schema::Change;
use eci_core::{Diagnostics, Kind, Lineage, Path, Serial, Value};
use eci_planner::diff::AttributeChange;
use eci_planner::{PlanParts, PlannerOptions};
use eci_state::ResourceState;

use super::*;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    let entries = entries.into_iter();
    entries.map(|(key, value)| (key.into(), value)).collect()
}

fn group(cpu: i64) -> Map {
    map([("cpu", cpu.into()), ("memory", 2.into())])
}

fn eip(bandwidth: i64) -> Map {
    map([
        ("name", "front".into()),
        ("bandwidth", bandwidth.into()),
        ("cycle_type", "on_demand".into()),
        ("demand_billing_type", "bandwidth".into()),
    ])
}

fn disk(size: i64) -> Map {
    map([("disk", Value::from([("size", size)]))])
}

fn step(kind: Kind, label: &str, action: Action, [before, after]: [Option<Map>; 2]) -> Step {
    let state = |applied: Map| {
        Arc::new(ResourceState {
            applied: Arc::new(applied),
            ..ResourceState::default()
        })
    };
    Step {
        address: Address::new(kind, label),
        action,
        reason: None,
        place: None,
        id: None,
        state: before.map(state),
        desired: after.map(Arc::new),
        planned: None,
        changes: Vec::new(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        transfers_eip: false,
        detaches: Vec::new(),
        moved_from: None,
        import: None,
        pending: None,
        resends: false,
        resource: None,
    }
}

fn update(kind: Kind, label: &str, sides: [Map; 2], path: Path) -> Step {
    let change = AttributeChange {
        path,
        before: Value::Null,
        after: Value::Null,
        change: Change::InPlace,
    };
    Step {
        changes: vec![change],
        ..step(kind, label, Action::Update, sides.map(Some))
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    let parts = PlanParts {
        lineage: Lineage::new("lineage"),
        serial: Serial(3),
        revision: Default::default(),
        pending: Default::default(),
        awaited: Default::default(),
        digest: "digest".to_owned(),
        options: PlannerOptions::default(),
        steps,
        tasks: Vec::new(),
        drift: Vec::new(),
        refreshed: Vec::new(),
        outputs: Vec::new(),
        variables: Tree::new(),
        moves: BTreeMap::new(),
        protections: Vec::new(),
        dependencies: BTreeMap::new(),
        triggers: BTreeMap::new(),
        partial: None,
        warnings: Diagnostics::default(),
    };
    Plan::assemble(parts).unwrap()
}

fn price(monthly: &str, currency: &str) -> Price {
    Price {
        monthly: Decimal::from_str_exact(monthly).unwrap(),
        currency: currency.to_owned(),
        at_least: false,
    }
}

/// Returns 10.10 a core or Mbps.
async fn tariff(priced: PriceRequest) -> Result<Price, PriceError> {
    let units = match priced {
        PriceRequest::Group { query, .. } => query.cpu.unwrap().to_string(),
        PriceRequest::Eip(request) => request.bandwidth.unwrap().to_string(),
    };
    let units = Decimal::from_str_exact(&units).unwrap();
    Ok(Price {
        monthly: units * Decimal::new(1010, 2),
        ..price("0", "CNY")
    })
}

/// Address, difference, and why there is none.
fn rows(cost: &Cost) -> Vec<(String, Option<String>, Option<String>)> {
    let row = |row: &ResourceCost| {
        let difference = row.difference().map(|(amount, _)| amount.to_string());
        let reason = row.reason().map(|reason| reason.en().to_owned());
        (row.address.to_string(), difference, reason)
    };
    cost.resources.iter().map(row).collect()
}

fn known(address: &str, difference: &str) -> (String, Option<String>, Option<String>) {
    (address.to_owned(), Some(difference.to_owned()), None)
}

#[tokio::test]
async fn each_action_costs_what_it_adds_or_takes_away() {
    let eips = Path::root().name("bandwidth");
    let plan = plan(vec![
        step(
            Kind::ContainerGroup,
            "new",
            Action::Create,
            [None, Some(group(2))],
        ),
        step(
            Kind::ContainerGroup,
            "old",
            Action::Delete,
            [Some(group(4)), None],
        ),
        step(
            Kind::ContainerGroup,
            "other",
            Action::Replace,
            [Some(group(1)), Some(group(2))],
        ),
        step(
            Kind::ContainerGroup,
            "same",
            Action::Replace,
            [Some(group(1)), Some(group(1))],
        ),
        update(Kind::Eip, "wider", [eip(5), eip(8)], eips.clone()),
        update(
            Kind::Eip,
            "renamed",
            [eip(5), eip(5)],
            Path::root().name("name"),
        ),
        step(
            Kind::Eip,
            "kept",
            Action::NoOp,
            [Some(eip(5)), Some(eip(5))],
        ),
        step(Kind::Eip, "removed", Action::Forget, [Some(eip(5)), None]),
        step(
            Kind::Eip,
            "given",
            Action::Create,
            [None, Some(map([("id", "eip-1".into())]))],
        ),
        step(
            Kind::Volume,
            "conf",
            Action::Create,
            [None, Some(Map::new())],
        ),
    ]);
    let cost = CostQuery::new(&plan).ask_by(tariff).await;
    assert_eq!(
        rows(&cost),
        [
            known("container_group.new", "20.20"),
            known("container_group.old", "-40.40"),
            known("container_group.other", "10.10"),
            known("container_group.same", "0.00"),
            known("eip.wider", "30.30"),
        ]
    );
    assert_eq!(cost.totals(), Tree::from([("CNY", Decimal::new(2020, 2))]));
    assert!(cost.is_complete());
}

/// Covers a group that was created without a size and has the one that the cloud chose.
#[tokio::test]
async fn a_size_that_the_cloud_chose_is_what_the_group_costs_now() {
    let container = Value::from([("cpu", 1), ("memory", 2)]);
    let unsized_group = map([("containers", Value::list(vec![container]))]);
    let mut replaced = step(
        Kind::ContainerGroup,
        "web",
        Action::Replace,
        [Some(unsized_group.clone()), Some(unsized_group)],
    );
    let state = Arc::make_mut(replaced.state.as_mut().unwrap());
    state.observed = Arc::new(group(4));
    let cost = CostQuery::new(&plan(vec![replaced])).ask_by(tariff).await;
    assert_eq!(rows(&cost), [known("container_group.web", "-30.30")]);
    assert_eq!(cost.bound(), AmountPrecision::AtLeast);
    assert!(!cost.is_complete());
}

#[tokio::test]
async fn what_is_not_known_leaves_the_sum_open_to_one_side() {
    let size = Path::root().name("disk").name("size");
    let new = step(Kind::Volume, "new", Action::Create, [None, Some(disk(10))]);
    let old = step(Kind::Volume, "old", Action::Delete, [Some(disk(10)), None]);
    let grown = update(Kind::Volume, "grown", [disk(10), disk(20)], size);
    let paid = || step(Kind::Eip, "web", Action::Create, [None, Some(eip(1))]);
    for (step, bound) in [
        (new, AmountPrecision::AtLeast),
        (old, AmountPrecision::AtMost),
        (grown, AmountPrecision::Open),
    ] {
        let cost = CostQuery::new(&plan(vec![paid(), step]))
            .ask_by(tariff)
            .await;
        assert_eq!(cost.bound(), bound);
        assert_eq!(cost.totals(), Tree::from([("CNY", Decimal::new(1010, 2))]));
        assert!(
            cost.resources[1]
                .reason()
                .unwrap()
                .en()
                .contains("price of a disk")
        );
    }
}

#[tokio::test]
async fn equal_prices_are_requested_once_and_few_calls_are_sent_at_a_time() {
    let many = |label: &str, bandwidth| {
        let label = format!("{label}{bandwidth}");
        step(
            Kind::Eip,
            &label,
            Action::Create,
            [None, Some(eip(bandwidth))],
        )
    };
    let steps = (1..=20).flat_map(|bandwidth| [many("a", bandwidth), many("b", bandwidth)]);
    let (calls, running, most) =
        <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let ask = |priced: PriceRequest| {
        calls.fetch_add(1, Ordering::SeqCst);
        let (running, most) = (running.clone(), most.clone());
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            tariff(priced).await
        }
    };
    let cost = CostQuery::new(&plan(steps.collect())).ask_by(ask).await;
    assert_eq!(cost.resources.len(), 40);
    assert_eq!(calls.load(Ordering::SeqCst), 20);
    assert_eq!(most.load(Ordering::SeqCst), MOST_CALLS);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_not_waited_for() {
    let plan = plan(vec![
        step(Kind::Eip, "quick", Action::Create, [None, Some(eip(1))]),
        step(Kind::Eip, "slow", Action::Create, [None, Some(eip(2))]),
    ]);
    let ask = |priced: PriceRequest| async move {
        match &priced {
            PriceRequest::Eip(request) if request.bandwidth == Some(2) => {
                std::future::pending().await
            }
            _ => tariff(priced).await,
        }
    };
    let cost = CostQuery::new(&plan).ask_by(ask).await;
    let late = "no answer within 60 seconds".to_owned();
    assert_eq!(
        rows(&cost),
        [
            known("eip.quick", "10.10"),
            ("eip.slow".to_owned(), None, Some(late))
        ]
    );
}

#[tokio::test]
async fn currencies_are_not_added_up() {
    let ask = |priced: PriceRequest| async move {
        match &priced {
            PriceRequest::Eip(request) if request.bandwidth == Some(2) => Ok(price("3", "USD")),
            _ => tariff(priced).await,
        }
    };
    let bandwidth = Path::root().name("bandwidth");
    let plan = plan(vec![
        step(Kind::Eip, "yuan", Action::Create, [None, Some(eip(1))]),
        step(Kind::Eip, "dollars", Action::Delete, [Some(eip(2)), None]),
        update(Kind::Eip, "both", [eip(1), eip(2)], bandwidth),
    ]);
    let cost = CostQuery::new(&plan).ask_by(ask).await;
    let totals = [("CNY", Decimal::new(1010, 2)), ("USD", Decimal::new(-3, 0))];
    assert_eq!(cost.totals(), Tree::from(totals));
    let reason = cost.resources[2].reason();
    assert_eq!(
        reason.as_ref().map(Text::en),
        Some("it is billed in CNY now and in USD after the change")
    );
    assert!(!cost.is_complete());
}

#[test]
fn without_a_connection_all_costs_are_unknown() {
    let plan = plan(vec![
        step(Kind::Eip, "web", Action::Create, [None, Some(eip(1))]),
        step(Kind::Volume, "data", Action::Create, [None, Some(disk(10))]),
    ]);
    let costing = CostQuery::new(&plan);
    assert!(costing.asks());
    let cost = costing.unanswered(&Text::verbatim("no credentials found"));
    assert_eq!(rows(&cost)[0].2.as_deref(), Some("no credentials found"));
    assert!(
        rows(&cost)[1]
            .2
            .as_deref()
            .unwrap()
            .contains("price of a disk")
    );
    let disks = plan_of_disks();
    assert!(!CostQuery::new(&disks).asks());
}

fn plan_of_disks() -> Plan {
    plan(vec![step(
        Kind::Volume,
        "data",
        Action::Create,
        [None, Some(disk(10))],
    )])
}
