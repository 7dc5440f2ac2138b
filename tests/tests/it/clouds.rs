//! A state goes with one cloud, and a plan verifies that cloud before it is believed.

#![allow(clippy::unwrap_used)]

use eci_sandbox::{Fault, OutOfBandChange, Rule};
use eci_tests::{Cloud, Project};

const REGION: &str = "bb9fdb42056f11eda1610242ac110002";
const OTHER: &str = "81f7728662dd11ec810800155d307d5b";

const GROUP: &str = r#"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = "nginx:1.27" }]
"#;

/// Groups of these labels, in the region that the environment names.
fn groups(labels: &[&str]) -> String {
    let tables = labels.iter();
    let tables = tables.map(|label| format!("[container_group.{label}]{GROUP}\n"));
    tables.collect()
}

fn in_region(region: &str, labels: &[&str]) -> String {
    format!("[provider]\nregion_id = \"{region}\"\n\n{}", groups(labels))
}

#[test]
fn a_run_against_another_region_is_refused_and_the_state_stays() {
    let (project, cloud) = (
        Project::new(&in_region(REGION, &["web", "db"])),
        Cloud::start(),
    );
    project.apply(&cloud).run().exits(0);
    let before = project.state();
    assert_eq!(before.cloud.as_ref().unwrap().region, REGION);
    project.edit("main.eci.toml", REGION, OTHER);
    for command in [
        "plan",
        "apply --auto-approve",
        "refresh --auto-approve",
        "destroy --auto-approve",
        "import container_group.web eci-0a1b2c3d4e5f6a7b --auto-approve",
        "orphans",
        "orphans --delete --auto-approve",
        "status",
    ] {
        let run = project.eci(command).args(cloud.flags()).run().exits(1);
        for part in [
            &*format!("belongs to region {REGION} at http://127.0.0.1"),
            &*format!("this run uses region {OTHER}"),
            "main.eci.toml:2",
        ] {
            assert!(run.stderr.contains(part), "{command}: {}", run.stderr);
        }
    }
    assert_eq!(project.state(), before);
    assert_eq!(cloud.groups().len(), 2);
}

#[test]
fn a_region_from_the_environment_is_named_where_it_is_wrong() {
    let (project, cloud) = (Project::new(&groups(&["web"])), Cloud::start());
    let region = |region: &str| {
        let apply = project.apply(&cloud);
        apply.env("CTYUN_REGION_ID", region)
    };
    region(REGION).run().exits(0);
    let refused = region(OTHER).run().exits(1);
    let said = &refused.stderr;
    assert!(
        said.contains("the environment variable `CTYUN_REGION_ID`"),
        "{said}"
    );
    region(REGION).run().exits(0).says("No changes.");
}

#[test]
fn another_endpoint_is_refused_until_it_is_recorded() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let elsewhere = Cloud::start();
    let refused = project.plan(&elsewhere).run().exits(1);
    let said = &refused.stderr;
    assert!(said.contains("set by `--endpoint`"), "{said}");
    assert!(said.contains("eci state cloud --set"), "{said}");
    let set = project.eci("state cloud --set").args(elsewhere.flags());
    set.run().exits(0);
    project.plan(&elsewhere).run().exits(2);
    project.plan(&cloud).run().exits(1);
}

#[test]
fn a_state_of_the_sandbox_is_never_that_of_another_cloud() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    let apply = project.eci("apply --auto-approve --sandbox");
    apply.env("ECI_SANDBOX_SPEED", "instant").run().exits(0);
    let before = project.state().cloud;
    let set = project.eci("state cloud --set").args(cloud.flags());
    set.run()
        .exits(1)
        .says("of the sandbox and cannot exist in region");
    assert_eq!(project.state().cloud, before);
}

#[test]
fn the_cloud_of_resources_is_never_another_region() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    project.apply(&cloud).run().exits(0);
    project.write("main.eci.toml", &in_region("another-region", &["web"]));
    let set = || project.eci("state cloud --set").args(cloud.flags()).run();
    let refused = set().exits(1);
    assert!(
        refused.stderr.contains("another-region"),
        "{}",
        refused.stderr
    );
    assert_eq!(project.state().cloud.unwrap().region, REGION);
    // An empty state can go anywhere.
    project.eci("state rm container_group.web").run().exits(0);
    set().exits(0);
    assert_eq!(project.state().cloud.unwrap().region, "another-region");
}

#[test]
fn a_state_of_an_earlier_version_adopts_the_cloud_of_the_first_run_and_says_so() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let mut old = project.state();
    old.cloud = None;
    let document = old.to_document().unwrap();
    project.write("old.json", &document);
    project.eci("state push old.json --force").run().exits(0);
    assert_eq!(project.state().cloud, None);
    let adopted = project.apply(&cloud).run().exits(0);
    let said = &adopted.stderr;
    assert!(said.contains("it now belongs to region"), "{said}");
    assert_eq!(project.state().cloud.unwrap().region, REGION);
    let again = project.apply(&cloud).run().exits(0);
    assert!(!again.stderr.contains("now belongs to"), "{}", again.stderr);
}

#[test]
fn an_empty_state_goes_to_any_cloud() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    project.apply(&cloud).run().exits(0);
    project.destroy(&cloud).run().exits(0);
    project.edit("main.eci.toml", REGION, OTHER);
    project.apply(&cloud).run().exits(0);
    assert_eq!(project.state().cloud.unwrap().region, OTHER);
}

#[test]
fn a_run_stops_when_most_of_the_state_seems_deleted() {
    let labels = ["a", "b", "c", "d"];
    let (project, cloud) = (Project::new(&in_region(REGION, &labels)), Cloud::start());
    project.apply(&cloud).run().exits(0);
    for label in ["a", "b", "c"] {
        let address = format!("container_group.{label}").parse().unwrap();
        let id = project.state().resources[&address].id.clone().unwrap();
        cloud
            .sandbox()
            .apply_out_of_band(&id, OutOfBandChange::Delete)
            .unwrap();
    }
    let before = project.state();
    for command in ["plan", "apply", "refresh", "destroy"] {
        let mut run = project.eci(command).args(cloud.flags());
        if command != "plan" {
            run = run.arg("--auto-approve");
        }
        let run = run.run().exits(1);
        for part in [
            "most resources of the state no longer exist",
            "3 of 4 were not found",
            "container_group.a, container_group.b, and container_group.c",
            "--allow-missing",
        ] {
            assert!(run.stderr.contains(part), "{command}: {}", run.stderr);
        }
    }
    assert_eq!(project.state(), before);
    let refresh = project.eci("refresh --auto-approve --allow-missing");
    refresh.args(cloud.flags()).run().exits(0);
    assert_eq!(project.state().resources.len(), 1);
}

#[test]
fn a_plan_of_an_empty_state_verifies_credentials_and_region() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    let plan = || project.plan(&cloud);
    let without = plan()
        .without_env("CTYUN_AK")
        .without_env("CTYUN_SK")
        .run()
        .exits(1);
    assert!(
        without.stderr.contains("no credentials"),
        "{}",
        without.stderr
    );
    plan().env("CTYUN_SK", "wrong").run().exits(1);
    project.edit("main.eci.toml", REGION, "nowhere");
    let unknown = plan().run().exits(1);
    assert!(unknown.stderr.contains("nowhere"), "{}", unknown.stderr);
    let unverified = plan().arg("--refresh=false").run().exits(2);
    assert!(
        unverified.stderr.contains("not verified"),
        "{}",
        unverified.stderr
    );
}

#[test]
fn a_zone_that_the_region_does_not_have_is_refused_with_those_it_has() {
    let (project, cloud) = (Project::new(&in_region(REGION, &["web"])), Cloud::start());
    project.edit("main.eci.toml", "\"az1\"", "\"az-9\"");
    let refused = project.plan(&cloud).run().exits(1);
    for part in [
        "E0809",
        "unknown availability zone `az-9`",
        "`cn-huadong1-jsnj1A-public-ctcloud`",
        "main.eci.toml:8",
    ] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
}

#[test]
fn a_plan_verifies_each_service_that_the_configuration_uses_with_one_call() {
    let manifest = format!(
        "{}\n[eip.front]\n\n[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = 20, kind = \"SATA\", name = \"data\", az_name = \"az1\" }}\n",
        in_region(REGION, &["web"])
    );
    let (project, cloud) = (Project::new(&manifest), Cloud::start());
    project.plan(&cloud).run().exits(2);
    for operation in ["describeRegion", "eip/new-list", "ebs/list-ebs"] {
        assert_eq!(cloud.calls(operation), 1, "{operation}");
    }
    let before = ["describeRegion", "eip/new-list", "ebs/list-ebs"].map(|it| cloud.calls(it));
    let unasked = project.plan(&cloud).arg("--refresh=false");
    unasked.run().exits(2);
    let after = ["describeRegion", "eip/new-list", "ebs/list-ebs"].map(|it| cloud.calls(it));
    assert_eq!(before, after);
}

#[test]
fn an_answer_without_its_region_verifies_nothing() {
    let manifest = in_region(REGION, &["web"]);
    let (project, cloud) = (Project::new(&manifest), Cloud::start());
    cloud.rewrite(|operation, _, answer| {
        if operation == "describeRegion" {
            answer["returnObj"] = serde_json::json!({});
        }
    });
    project.plan(&cloud).run().exits(2);
    assert_eq!(cloud.calls("describeContainerGroups"), 1);
    // Where that is all there is, it says whether the region can be read.
    cloud.fail([Rule::new("describeContainerGroups", Fault::ErrorBefore)]);
    project.plan(&cloud).run().exits(1);

    let cloud = Cloud::start();
    cloud.rewrite(|operation, _, answer| {
        if operation == "describeRegion" {
            answer["returnObj"]["region"]["regionId"] = "elsewhere".into();
        }
    });
    let refused = project.plan(&cloud).run().exits(1);
    let message = "found elsewhere";
    assert!(refused.stderr.contains(message), "{}", refused.stderr);
}
