//! Costs of plans, on the prices of the simulated cloud.

#![allow(clippy::unwrap_used)]

use eci_sandbox::{Fault, Rule};
use eci_tests::{Cloud, Project, Run};
use serde_json::{Value, json};

const GROUP_PRICE: &str = "describeContainerGroupPrice";
const EIP_PRICE: &str = "eip/query-create-price";

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"
retry = { attempts = 1 }

[variable.vcpus]
default = 2
sensitive = true

[eip.front]
bandwidth = 5

[eip.back]
bandwidth = 5

[eip.ahead]
bandwidth = 1
cycle_type = "month"
cycle_count = 3

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 40, kind = "SATA", az_name = "cn-huadong1-jsnj1A-public-ctcloud" }
lifecycle = { prevent_destroy = false }

[container_group.db]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
cpu = 2
memory = 4

[[container_group.db.containers]]
name = "db"
image = "postgres:17"
volume_mounts = [{ volume = "data", mount_path = "/data" }]

[container_group.web]
for_each = { "华东" = "web-east", "华南" = "web-south" }
name = '${each.value}'
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"

[[container_group.web.containers]]
name = "nginx"
image = "nginx:1.27"
cpu = 0.5
memory = 1
"#;

const SECRET: &str = r#"
[container_group.secret]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
cpu = '${var.vcpus}'
memory = 4

[[container_group.secret.containers]]
name = "app"
image = "nginx:1.27"
"#;

/// From the head of the cost to the line before the next part.
fn cost_of(run: &Run) -> &str {
    let from = run.stdout.find("Estimated monthly cost:").unwrap();
    let cost = &run.stdout[from..];
    cost.split("\nPlan:").next().unwrap()
}

#[test]
fn a_plan_shows_its_cost_in_every_form_and_requests_equal_prices_once() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let plan = |form: &str| {
        let plan = project.plan(&cloud).args(["--cost", "--format", form]);
        plan.run().exits(2)
    };
    let text = plan("text");
    insta::assert_snapshot!("cost-of-a-first-plan", cost_of(&text));
    // Two sizes of groups, two kinds of EIPs.
    assert_eq!((cloud.calls(GROUP_PRICE), cloud.calls(EIP_PRICE)), (2, 2));
    let markdown = plan("markdown");
    let (table, _) = markdown.stdout.split_once("<details>").unwrap();
    insta::assert_snapshot!("cost-as-a-comment", table);
    let document = &plan("json").json()["cost"];
    insta::assert_snapshot!("cost-as-a-document", format!("{document:#}"));
}

#[test]
fn without_the_flag_no_price_is_requested() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.plan(&cloud).run().exits(2).omits("Cost");
    project.apply(&cloud).run().exits(0).omits("Cost");
    assert_eq!((cloud.calls(GROUP_PRICE), cloud.calls(EIP_PRICE)), (0, 0));
}

#[test]
fn a_later_plan_shows_the_cost_difference() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let plan = || project.plan(&cloud).arg("--cost").run();
    plan().exits(0).omits("Cost");

    project.edit("main.eci.toml", "memory = 4", "memory = 8");
    project.edit("main.eci.toml", "[eip.back]\nbandwidth = 5\n", "");
    project.edit(
        "main.eci.toml",
        "[eip.front]\nbandwidth = 5",
        "[eip.front]\nbandwidth = 8",
    );
    project.edit("main.eci.toml", r#", "华南" = "web-south""#, "");
    project.edit("main.eci.toml", "size = 40", "size = 60");
    insta::assert_snapshot!("cost-of-a-later-plan", cost_of(&plan().exits(2)));

    // The size that the cloud chose for the group without one is what it costs now.
    let destroy = project.plan(&cloud).args(["--destroy", "--cost"]).run();
    insta::assert_snapshot!("cost-of-the-end", cost_of(&destroy.exits(2)));
}

#[test]
fn a_missing_price_is_unknown_and_the_plan_is_valid() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    cloud.fail([Rule::new(GROUP_PRICE, Fault::ErrorBefore)]);
    let run = project.plan(&cloud).arg("--cost").run().exits(2);
    insta::assert_snapshot!("cost-without-prices", cost_of(&run));

    cloud.fail([Rule::new("*", Fault::Html)]);
    let document = project.plan(&cloud).args(["--cost", "--format", "json"]);
    let document = document.arg("--refresh=false").run().exits(2).json();
    let cost = &document["cost"];
    assert_eq!(
        (&cost["total"], &cost["complete"]),
        (&Value::Null, &json!(false))
    );
    let web = &cost["resources"][0];
    assert_eq!(web["difference"], Value::Null);
    let reason = web["reason"].as_str().unwrap();
    assert!(
        reason.contains("the response is not from the API"),
        "{reason}"
    );

    let command = project.eci("plan --cost --refresh=false");
    let command = command.without_env("CTYUN_AK");
    let run = command.without_env("CTYUN_SK").run().exits(0);
    run.says("no credentials found").says("Plan: 7 to create");
}

#[test]
fn the_price_of_a_secret_size_is_not_requested() {
    let (project, cloud) = (Project::new(&format!("{MANIFEST}{SECRET}")), Cloud::start());
    let target = ["--cost", "--target", "container_group.secret"];
    let run = project.plan(&cloud).args(target).run().exits(2);
    insta::assert_snapshot!("cost-of-a-secret-size", cost_of(&run));
    assert_eq!(cloud.calls(GROUP_PRICE), 0);
}

/// A saved plan contains the actions, not their costs.
#[test]
fn a_plan_with_its_cost_can_be_saved() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let plan = project.plan(&cloud).args(["--cost", "--out", "a.eciplan"]);
    plan.run().exits(2).says("Estimated monthly cost:");
    assert!(!project.read("a.eciplan").contains("CNY"));
    project.eci("show a.eciplan").run().exits(0).omits("Cost");
    let apply = project.eci("apply a.eciplan").args(cloud.flags());
    apply.run().exits(0);
}
