//! Arbitrary plan files: whatever is in one, reading it gives a plan or an error, soon and without
//! a panic. Checksums are corrected, so that more than they is tested.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_config::Variables;
use eci_core::{DigestKey, Lineage};
use eci_planner::{Observations, PlannerOptions, SavedError, SavedPlan, SavedPlanInputs, plan};
use eci_state::Snapshot;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use scene::origin;

const MANIFEST: &str = r#"
[variable.image]
default = "app:1"

[eip.front]
auto = true

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
eip = "front"
containers = [{ name = "app", image = '${var.image}', env = { IP = '${container_group.db.intranet_ip}' } }]

[container_group.db]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "db", image = "db:1" }]

[output.address]
value = '${container_group.web.internet_ip}'
"#;

/// Values in place of expected ones.
const STRANGE: [&str; 13] = [
    "null",
    "true",
    "-1",
    "0",
    "99999",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "\"\"",
    "\"container_group.web\"",
    "[]",
    "{}",
    "{\"$unknown\":true}",
];

fn snapshot() -> Snapshot {
    Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]))
}

/// The JSON of a plan, without format and checksum.
fn kept() -> String {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("web.eci.toml"), MANIFEST).unwrap();
    let variables = Variables::default();
    let configuration = eci_config::load(directory.path(), &variables).unwrap();
    let (snapshot, observed) = (snapshot(), Observations::empty());
    let plan = plan(
        &configuration,
        &snapshot,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    let inputs = SavedPlanInputs {
        configuration: &configuration,
        variables: &variables,
        snapshot: &snapshot,
        observed: &observed,
    };
    let saved = SavedPlan::new(&plan, inputs, origin());
    let text = saved.to_document().unwrap();
    let start = text.find("\"plan\":").unwrap() + 7;
    text[start..text.rfind(",\"checksum\"").unwrap()].to_owned()
}

fn document(plan: &str) -> String {
    let digest = Sha256::digest(plan.as_bytes());
    let digits = base16ct::lower::encode_string(&digest);
    let format = eci_planner::saved::FORMAT;
    format!("{{\"format\":{format},\"plan\":{plan},\"checksum\":\"sha256:{digits}\"}}\n")
}

/// Reads a plan, and does with it what a command does before it trusts it.
fn take(text: &str) -> Result<(), SavedError> {
    let saved = SavedPlan::from_document(text.as_bytes())?;
    let mut variables = Variables::default();
    let given = saved.give_variables(&mut variables);
    let _ = saved.check_state(&snapshot());
    let _ = saved.check_cloud("region r-1");
    let _ = saved.observed();
    // Its display is created from this.
    let plan = saved.plan();
    let _ = format!("{plan:?}");
    let _ = saved.check_plan(&plan, &snapshot());
    given
}

/// Returns the places of the scalars of a JSON text, keys included.
fn scalars(json: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = json.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            byte if part(&byte) => {
                at += bytes[at..].iter().take_while(|byte| part(byte)).count();
            }
            _ => {
                at += 1;
                continue;
            }
        }
        found.push(start..at);
    }
    found
}

fn mutated(json: &str, which: usize, strange: &str) -> String {
    let scalars = scalars(json);
    let range = scalars[which % scalars.len()].clone();
    format!("{}{strange}{}", &json[..range.start], &json[range.end..])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_plan_makes_its_reader_panic(
        first in (any::<usize>(), prop::sample::select(&STRANGE[..])),
        second in prop::option::of((any::<usize>(), prop::sample::select(&STRANGE[..]))),
    ) {
        let mut plan = mutated(&kept(), first.0, first.1);
        if let Some((which, strange)) = second {
            plan = mutated(&plan, which, strange);
        }
        let _ = take(&document(&plan));
    }

    #[test]
    fn no_text_makes_its_reader_panic(text in any::<String>()) {
        prop_assert!(take(&text).is_err());
        let _ = take(&document(&text));
    }
}

#[test]
fn a_plan_that_is_put_right_again_is_read() {
    // Otherwise the tests above would test nothing but checksums.
    take(&document(&kept())).unwrap();
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for depth in [200, 100_000, 2_000_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = open.repeat(depth) + "1" + &close.repeat(depth);
            assert!(take(&deep).is_err());
            assert!(take(&document(&deep)).is_err());
            let plan = kept();
            let within = plan.replacen("\"vpc-1\"", &deep, 1);
            assert_ne!(within, plan);
            assert!(take(&document(&within)).is_err(), "{depth}");
        }
    }
}

#[test]
fn messages_truncate_contents_of_files() {
    let long = "长".repeat(1 << 20);
    let text = format!("\"{long}\"");
    let of_state = kept().replacen(r#""lineage":"l""#, &format!(r#""lineage":{text}"#), 1);
    let of_state = SavedPlan::from_document(document(&of_state).as_bytes()).unwrap();
    let format = eci_planner::saved::FORMAT;
    let mut message: Vec<String> = [
        text.clone(),
        format!(r#"{{"format":{text}}}"#),
        format!(r#"{{"format":{format},"plan":{{}},"checksum":{text}}}"#),
        format!(r#"{{"format":{format},{text}:1}}"#),
        document(&text),
        document(&format!(r#"{{"lineage":"l","serial":{text}}}"#)),
    ]
    .iter()
    .map(|file| {
        SavedPlan::from_document(file.as_bytes())
            .unwrap_err()
            .to_string()
    })
    .collect();
    message.push(of_state.check_state(&snapshot()).unwrap_err().to_string());
    for message in message {
        assert!(
            message.contains('…') && message.contains("plan"),
            "{message:.2000}"
        );
        assert!(message.chars().count() < 1200, "{message:.2000}");
    }
}
