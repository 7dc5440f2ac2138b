//! The example with a disk and an address of their own, walked as its README says.

#![allow(clippy::unwrap_used)]

use eci_tests::{Cloud, Project};
use serde_json::Value;

const DATA: &str = "data.eci.toml";
const WEB: &str = "web.eci.toml";

/// The ids of the resources, and the address that the web tier is reached at.
fn ids(project: &Project) -> [Option<String>; 5] {
    let state = project.state();
    let id = |address: &str| {
        let address = address.parse().unwrap();
        state.resources.get(&address)?.id.clone()
    };
    let reached = state.outputs.get("address");
    let reached = reached.and_then(|output| output.value.as_str());
    [
        id("volume.data"),
        id("eip.front"),
        id("container_group.database"),
        id("container_group.web"),
        reached.map(str::to_owned),
    ]
}

/// Returns the action of a plan for each resource.
fn actions(plan: &Value) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let changes = changes.filter(|change| change["change"]["actions"][0] != "no-op");
    changes
        .map(|change| {
            let actions = change["change"]["actions"].as_array().unwrap();
            let actions: Vec<&str> = actions.iter().filter_map(Value::as_str).collect();
            format!(
                "{} {}",
                actions.join("+"),
                change["address"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn disk_and_address_stay_while_groups_are_replaced_and_the_disk_while_all_else_goes() {
    let (project, cloud) = (Project::example("stateful"), Cloud::start());
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
    let first = ids(&project);
    assert!(first.iter().all(Option::is_some), "{first:?}");
    let [disk, eip, database, web, address] = first;

    project.edit(DATA, "size = 40", "size = 60");
    project.apply(&cloud).run().exits(0).says("1 updated");
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.calls("resizeContainerGroupVolume"), 1);

    project.edit(WEB, "cpu = 0.5", "cpu = 1");
    project.edit(WEB, "memory = 1 ", "memory = 2 ");
    project.edit(WEB, "shop:3.2", "shop:3.3");
    let plan = project
        .plan(&cloud)
        .args(["--format", "json"])
        .run()
        .exits(2);
    assert_eq!(actions(&plan.json()), ["delete+create container_group.web"]);
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
    let replace = ["--replace", "container_group.database"];
    project.apply(&cloud).args(replace).run().exits(0);
    project.assert_no_changes(&cloud);
    let [disk_then, eip_then, database_then, web_then, address_then] = ids(&project);
    assert_eq!(
        (&disk, &eip, &address),
        (&disk_then, &eip_then, &address_then)
    );
    assert_ne!((&database, &web), (&database_then, &web_then));
    assert!(database != database_then && web != web_then);

    let destroy = || project.destroy(&cloud);
    let refused = destroy().run().exits(1);
    refused
        .says("cannot delete volume.data")
        .says("--exclude volume.data");
    let rest = destroy().args(["--exclude", "volume.data"]).run().exits(0);
    rest.says("3 deleted");
    assert_eq!(ids(&project), [disk.clone(), None, None, None, None]);

    let plan = project
        .plan(&cloud)
        .args(["--format", "json"])
        .run()
        .exits(2);
    let mut again = actions(&plan.json());
    again.sort();
    assert_eq!(
        again,
        [
            "create container_group.database",
            "create container_group.web",
            "create eip.front"
        ]
    );
    project.apply(&cloud).run().exits(0);
    assert_eq!(ids(&project)[0], disk);
    assert_eq!(cloud.calls("ebs/new-ebs"), 1, "one disk, ordered once");
}
