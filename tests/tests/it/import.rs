//! Objects that are in the cloud already get manifests, and are imported without a call that changes them.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_api::types::EipId;
use eci_tests::{Cloud, Eci, GROUP_WITH_DISK, Project};

const PROVIDER: &str = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n";

/// In addition to the group with an EIP and a disk: another group, two EIPs of one name, one of a
/// Chinese name, one subscription, one bound to a machine; disks without a holder.
const THERE: &str = r#"
[eip.front]
name = "front"
bandwidth = 5
demand_billing_type = "upflowc"

[eip.twin]
name = "front"
bandwidth = 2

[eip.door]
name = "前门"

[eip.ahead]
cycle_type = "month"
cycle_count = 6

[eip.machine]

[volume.free]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 20, kind = "XSSD-0", name = "Data_1", provisioned_iops = 100, description = "x" }

[volume.ahead]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 20, kind = "SAS", name = "data-1", on_demand = false, cycle_type = "year", cycle_count = 1 }

[container_group.plain]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = "nginx:1.27" }]
"#;

/// A cloud with all of that, and the project that created it.
fn there() -> (Project, Cloud) {
    let (project, cloud) = (
        Project::new(&[PROVIDER, THERE, GROUP_WITH_DISK].concat()),
        Cloud::start(),
    );
    project.apply(&cloud).run().exits(0);
    (project, cloud)
}

fn id_of(project: &Project, address: &str) -> String {
    let state = project.state();
    let resource = &state.resources[&address.parse().unwrap()];
    resource.id.clone().unwrap()
}

/// The manifests that are written elsewhere by `eci import --all` with these flags.
fn written(cloud: &Cloud, flags: &str) -> (Project, String) {
    let project = Project::empty();
    project.write("main.eci.toml", PROVIDER);
    let command = format!("import --all --write all --az-name az1 {flags}");
    let run = project.eci(&command).args(cloud.flags()).run().exits(0);
    (project, run.stderr)
}

fn in_all(project: &Project, cloud: &Cloud, command: &str) -> Eci {
    Eci::new("eci", &project.path().join("all"))
        .args(
            command
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
        .args(cloud.flags())
}

/// Adopts what was written, which the owner's state has, with no call that changes anything but
/// the tags of groups, and then the plan is empty.
fn is_adopted_as_it_is(project: &Project, cloud: &Cloud, imported: &str) {
    let imports = project.read("all/imports.eci.toml");
    let refused = in_all(project, cloud, "plan").run();
    if refused.code() != 0 {
        assert!(
            refused.stderr.contains("belongs to the state with lineage"),
            "{}",
            refused.stderr
        );
        let taken = imports.lines().map(|line| {
            if line.starts_with("id = ") {
                format!("{line}\ntake_over = true\n")
            } else {
                format!("{line}\n")
            }
        });
        project.write("all/imports.eci.toml", &taken.collect::<String>());
    }
    Eci::new("eci", &project.path().join("all"))
        .args(["validate"])
        .run()
        .exits(0);
    Eci::new("eci", &project.path().join("all"))
        .args(["fmt", "--check"])
        .run()
        .exits(0);
    let requests = || {
        let mut requests = cloud.sandbox().requests(None);
        requests.retain(|request| request.operation != "updateContainerGroup");
        requests.len()
    };
    let before = requests();
    let applied = in_all(project, cloud, "apply --auto-approve")
        .run()
        .exits(0);
    assert!(applied.stderr.contains(imported), "{}", applied.stderr);
    let warnings = applied.stderr.matches("warning[").count();
    // That another state has it, and what is not reported, is all that is warned of.
    let expected = [
        "warning[W0903]",
        "warning[W0904]: the cloud does not report `az_name`; ",
    ];
    let expected = expected.map(|warning| applied.stderr.matches(warning).count());
    assert_eq!(
        warnings,
        expected.iter().sum::<usize>(),
        "{}",
        applied.stderr
    );
    let again = in_all(project, cloud, "plan --detailed-exitcode").run();
    assert_eq!(again.code(), 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(requests(), before);
    for update in cloud.bodies("updateContainerGroup") {
        let fields: Vec<&String> = update.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["tags"]);
    }
}

#[test]
fn all_of_a_region_is_written_and_adopted_but_for_what_machines_have() {
    let (owner, cloud) = there();
    let machine = EipId::new(id_of(&owner, "eip.machine")).unwrap();
    cloud.bind_to_machine(&machine, "vm-1");
    let (project, said) = written(&cloud, "");
    let left = format!("skipped {machine}: attached to vm-1, which is not imported");
    assert!(said.contains(&left), "{said}");
    let web = project.read("all/web.eci.toml");
    for line in [
        "[eip.front]",
        "eip = \"front\"",
        "[volume.data.disk]",
        "name = \"orders\"",
    ] {
        assert!(web.contains(line), "{line}\n{web}");
    }
    let eips = project.read("all/eips.eci.toml");
    for line in ["[eip.front_2]", "name = \"前门\"", "cycle_count = 6"] {
        assert!(eips.contains(line), "{line}\n{eips}");
    }
    assert!(!eips.contains("machine"), "{eips}");
    let disks = project.read("all/disks.eci.toml");
    for line in [
        "[volume.Data_1]",
        "[volume.data-1]",
        "provisioned_iops = 100",
    ] {
        assert!(disks.contains(line), "{line}\n{disks}");
    }
    is_adopted_as_it_is(&project, &cloud, "9 to import");
}

#[test]
fn what_carries_a_tag_comes_with_its_eip_and_its_disks_and_nothing_else() {
    let (_owner, cloud) = there();
    let (project, _) = written(&cloud, "--tag app=web");
    let mut names: Vec<String> = fs::read_dir(project.path().join("all"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["imports.eci.toml", "provider.eci.toml", "web.eci.toml"]
    );
    #[cfg(unix)]
    for name in names {
        use std::os::unix::fs::PermissionsExt as _;
        // The values of environment variables may be secrets.
        let there = fs::metadata(project.path().join("all").join(&name)).unwrap();
        assert_eq!(there.permissions().mode() & 0o777, 0o600, "{name}");
    }
    is_adopted_as_it_is(&project, &cloud, "3 to import");
}

#[test]
fn eips_and_disks_alone_require_no_zone() {
    let (project, cloud) = (
        Project::new(&format!("{PROVIDER}[eip.front]\n")),
        Cloud::start(),
    );
    project.apply(&cloud).run().exits(0);
    let other = Project::new(PROVIDER);
    let import = other.eci("import --all --write all").args(cloud.flags());
    import.run().exits(0);
    is_adopted_as_it_is(&other, &cloud, "1 to import");
}
