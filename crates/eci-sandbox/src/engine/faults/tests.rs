//! Reading rules and choosing calls.

use super::*;

const CREATE: ApiOperation = ApiOperation::Create;

fn plan(text: &str) -> FaultPlan {
    FaultPlan::new(text.parse().unwrap())
}

/// Returns the faults of the first calls.
fn faults(plan: &mut FaultPlan, operation: ApiOperation, calls: usize) -> Vec<Option<Fault>> {
    (0..calls).map(|_| plan.decide(operation).fault).collect()
}

#[test]
fn every_key_of_a_rule_is_read() {
    let faults: Faults = r#"
        [[rule]]
        operation = "createContainerGroup"
        nth = 3
        times = 1
        fault = "too_many_requests"
        retry_after = 7
        latency = "1.5s"

        [[rule]]
        operation = "*"
        every = 5
        latency = "50ms"
    "#
    .parse()
    .unwrap();
    let [first, second] = &faults.rules[..] else {
        panic!("{faults:?}");
    };
    assert_eq!(first.latency, Some(Duration::from_millis(1500)));
    assert_eq!((first.nth, first.retry_after), (Some(3), Some(7)));
    assert_eq!(second.latency, Some(Duration::from_millis(50)));
    assert_eq!(second.fault, None);
}

#[test]
fn the_nth_call_is_chosen_once() {
    let mut plan = plan("[[rule]]\noperation = \"*\"\nnth = 2\nfault = \"hang\"");
    assert_eq!(
        faults(&mut plan, CREATE, 4),
        [None, Some(Fault::Hang), None, None]
    );
}

#[test]
fn every_so_many_calls_are_chosen_until_the_times_are_used_up() {
    let mut plan = plan(
        "[[rule]]\noperation = \"createContainerGroup\"\nevery = 2\ntimes = 2\nfault = \"html\"",
    );
    let html = Some(Fault::Html);
    assert_eq!(
        faults(&mut plan, CREATE, 7),
        [None, html, None, html, None, None, None]
    );
}

#[test]
fn other_operations_are_neither_chosen_nor_counted() {
    let mut plan =
        plan("[[rule]]\noperation = \"createContainerGroup\"\nnth = 1\nfault = \"hang\"");
    assert_eq!(plan.decide(ApiOperation::Delete).fault, None);
    assert_eq!(plan.decide(CREATE).fault, Some(Fault::Hang));
}

#[test]
fn the_first_rule_that_chooses_decides_and_latencies_add_up() {
    let mut plan = plan(
        r#"
        rule = [
            { operation = "*", latency = "10ms" },
            { operation = "*", nth = 2, fault = "cut_before", latency = "5ms" },
            { operation = "*", always = true, fault = "error_after" },
        ]
    "#,
    );
    let first = plan.decide(CREATE);
    assert_eq!(first.fault, Some(Fault::ErrorAfter));
    assert_eq!(first.latency, Duration::from_millis(10));
    let second = plan.decide(CREATE);
    assert_eq!(second.fault, Some(Fault::CutBefore));
    assert_eq!(second.latency, Duration::from_millis(15));
}

#[test]
fn an_error_in_a_file_is_reported_with_its_location() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("faults.toml");
    std::fs::write(&path, "[[rule]]\noperation = \"*\"\nfalt = \"hang\"\n").unwrap();
    let message = Faults::read(&path).unwrap_err().to_string();
    assert!(
        message.contains("faults.toml") && message.contains("falt"),
        "{message}"
    );
    assert!(message.contains("line 3"), "{message}");
    let missing = Faults::read(&directory.path().join("none")).unwrap_err();
    assert!(matches!(missing, FaultsError::Unreadable { .. }));
    let directory = Faults::read(directory.path()).unwrap_err();
    let message = In(&directory, Lang::Zh).to_string();
    assert!(message.ends_with("失败：不是文件"), "{message}");
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    for (text, message) in [
        (
            "operation = \"*\"\nfault = \"refused_after\"",
            "must be an integer from 400 to 599",
        ),
        (
            "operation = \"*\"\nfault = \"hang\"\ncode = 404",
            "conflicts with any fault other than",
        ),
        (
            "operation = \"eip/show\"\nfault = \"missing_row\"",
            "`eip/show` does not list resources",
        ),
        (
            "operation = \"make\"\nfault = \"hang\"",
            "unknown operation `make`",
        ),
        (
            "operation = \"*\"\nnth = 1\nevery = 2\nfault = \"hang\"",
            "conflict",
        ),
        (
            "operation = \"*\"\nnth = 0\nfault = \"hang\"",
            "`nth` must be at least 1",
        ),
        (
            "operation = \"*\"\nevery = 0\nfault = \"hang\"",
            "`every` must be at least 1",
        ),
        ("operation = \"*\"", "missing `fault` or `latency`"),
        (
            "operation = \"*\"\nalways = false\nfault = \"hang\"",
            "`always` must not be `false`",
        ),
        (
            "operation = \"*\"\nfault = \"hang\"\nretry_after = 1",
            "too_many_requests",
        ),
        (
            "operation = \"eip/show\"\nfault = \"slow_order\"",
            "`eip/show` does not place an order",
        ),
        (
            "operation = \"eip/create\"\nfault = \"failed_order\"\ntakes = \"1m\"",
            "slow_order",
        ),
        (
            "operation = \"updateContainerGroup\"\nfault = \"stale\"",
            "does not describe container groups",
        ),
        ("operation = \"*\"\nfault = \"explode\"", "explode"),
        ("operation = \"*\"\nlatency = \"50\"", "invalid duration"),
        ("operation = \"*\"\nlatency = \"-1s\"", "invalid duration"),
        ("fault = \"hang\"", "operation"),
    ] {
        let error = format!("[[rule]]\n{text}")
            .parse::<Faults>()
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn the_help_about_an_unknown_operation_lists_the_known_ones() {
    let error = "[[rule]]\noperation = \"make\"\nfault = \"hang\""
        .parse::<Faults>()
        .unwrap_err();
    let help = error.help().unwrap();
    assert!(
        help.en().starts_with("supported operations: `*`, "),
        "{help}"
    );
    assert!(
        help.get(Lang::Zh).starts_with("支持的操作：`*`、"),
        "{help}"
    );
}

#[test]
fn what_becomes_of_an_order_is_decided_apart_from_the_call() {
    let mut plan = plan(
        r#"
        rule = [
            { operation = "*", fault = "cut_after", nth = 1 },
            { operation = "*", fault = "slow_order", takes = "1m" },
            { operation = "ebs/new-ebs", fault = "failed_order" },
        ]
    "#,
    );
    let first = plan.decide(ApiOperation::CreateDisk);
    assert_eq!(first.fault, Some(Fault::CutAfter));
    assert_eq!(first.behavior.delay, Duration::from_secs(60));
    assert!(first.behavior.fails);
    let second = plan.decide(ApiOperation::DeleteEip);
    assert_eq!((second.fault, second.behavior.fails), (None, false));
    assert_eq!(second.behavior.delay, Duration::from_secs(60));
    assert_eq!(
        plan.decide(ApiOperation::ShowEip).behavior,
        OrderBehavior::default()
    );
}
