//! Tools of others read what the programs write: policies find what violates them in a saved plan,
//! and a checker of TOML finds nothing wrong with the examples.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::tool::{Tool, ToolOutput};
use eci_tests::{Cloud, Project, examples};

/// The policy for terraform-compliance: no EIP is wider than 100 Mbit/s.
const FEATURE: &str = "\
Feature: EIPs
  Scenario: no EIP is wide
    Given I have eip defined
    Then it must contain bandwidth
    And its value must be less and equal to 100

  Scenario: groups say what they are for
    Given I have container_group defined
    When it contains tags
    Then it must contain purpose
";

/// The policy for checkov.
const POLICY: &str = "\
metadata:
  id: CKV2_ECI_1
  name: An EIP has at most 100 Mbit/s
  category: NETWORKING
definition:
  cond_type: attribute
  resource_types: [eip]
  attribute: bandwidth
  operator: less_than_or_equal
  value: 100
";

/// A group with an EIP of that bandwidth that it links, and a secret.
fn manifest(bandwidth: u32) -> String {
    format!(
        r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.token]
sensitive = true

[eip.front]
name = "front"
bandwidth = {bandwidth}

[container_group.web]
az_name = "az1"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
cpu = 1
memory = 2
eip = "front"
tags = {{ purpose = "shop" }}

[[container_group.web.containers]]
name = "app"
image = "nginx:1.27"
env = {{ TOKEN = '${{var.token}}' }}

[output.address]
value = '${{eip.front.address}}'
"#
    )
}

/// A project whose plan of that bandwidth is saved, and shown in `plan.json`; as a first plan, and
/// as the plan of a change.
fn planned(bandwidth: u32, cloud: &Cloud) -> Project {
    let project = Project::new(&manifest(10));
    project.write("eci.vars.toml", "token = \"a-secret\"\n");
    if bandwidth == 10 {
        project.apply(cloud).run().exits(0);
    }
    project.write("main.eci.toml", &manifest(bandwidth));
    let plan = project.eci("plan --out web.eciplan").args(cloud.flags());
    plan.run().exits(0);
    let shown = project.eci("show --format json web.eciplan").run().exits(0);
    project.write("plan.json", &shown.stdout);
    project
}

/// Returns the output of a tool for a plan that violates the policy, and for one that does not.
fn both(run: impl Fn(&Project) -> ToolOutput) -> [ToolOutput; 2] {
    [200, 10].map(|bandwidth| run(&planned(bandwidth, &Cloud::start())))
}

#[test]
fn terraform_compliance_finds_a_violation_in_a_saved_plan() {
    let Some(tool) = Tool::find("terraform-compliance") else {
        return;
    };
    let [violating, right] = both(|project| {
        fs::create_dir(project.path().join("policies")).unwrap();
        project.write("policies/eips.feature", FEATURE);
        let arguments = ["-p", "plan.json", "-f", "policies", "--no-ansi"];
        tool.run(project.path(), &arguments)
    });
    assert_eq!(violating.code, Some(1), "{}", violating.text);
    assert!(violating.text.contains("eip.front"), "{}", violating.text);
    assert!(
        violating.text.contains("2 scenarios (1 passed, 1 failed)"),
        "{}",
        violating.text
    );
    assert_eq!(right.code, Some(0), "{}", right.text);
    // It scanned what it passed.
    assert!(
        right.text.contains("2 scenarios (2 passed)"),
        "{}",
        right.text
    );
}

#[test]
fn checkov_finds_a_violation_in_a_saved_plan() {
    let Some(tool) = Tool::find("checkov") else {
        return;
    };
    let [violating, right] = both(|project| {
        fs::create_dir(project.path().join("policies")).unwrap();
        project.write("policies/eips.yaml", POLICY);
        let arguments = [
            "--file=plan.json",
            "--framework=terraform_plan",
            "--external-checks-dir=policies",
            "--check=CKV2_ECI_1",
            "--compact",
            "--skip-download",
        ];
        tool.run(project.path(), &arguments)
    });
    assert_eq!(violating.code, Some(1), "{}", violating.text);
    let found = "FAILED for resource: eip.front";
    assert!(violating.text.contains(found), "{}", violating.text);
    assert_eq!(right.code, Some(0), "{}", right.text);
    let passed = "PASSED for resource: eip.front";
    assert!(right.text.contains(passed), "{}", right.text);
}

#[test]
fn tombi_finds_nothing_wrong_with_the_examples_and_the_schema() {
    let Some(tool) = Tool::find("tombi") else {
        return;
    };
    for example in examples() {
        let project = Project::example(&example);
        let schema = project.eci("schema").run().exits(0);
        project.write("schema.json", &schema.stdout);
        let config = "\
[[schemas]]
path = \"schema.json\"
include = [\"*.eci.toml\"]
";
        project.write("tombi.toml", config);
        let lint = |project: &Project| {
            tool.run(
                project.path(),
                &["lint", "--offline", "--error-on-warnings", "."],
            )
        };
        let said = lint(&project);
        assert_eq!(said.code, Some(0), "{example}: {}", said.text);
        // The schema is used.
        project.write("wrong.eci.toml", "[eip.wrong]\nbandwith = 5\n");
        let said = lint(&project);
        assert_ne!(said.code, Some(0), "{example}: {}", said.text);
        assert!(said.text.contains("bandwith"), "{example}: {}", said.text);
    }
}
