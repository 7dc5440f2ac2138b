//! EIPs and disks where the cloud is not as usual: without snapshots, at a quota, in arrears.

#![allow(clippy::unwrap_used)]

use eci_sandbox::{ApiBehavior, OutOfBandChange};
use eci_tests::{Cloud, Project};

const REGION: &str = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n";

fn disk(label: &str, more: &str) -> String {
    format!(
        "[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = 40, kind = \"SATA\"{more} }}\n\
         lifecycle = {{ prevent_destroy = false }}\n"
    )
}

/// An omitted attribute is neither a difference nor waited for.
#[test]
fn snapshot_deletion_is_not_compared_for_a_disk_without_snapshots() {
    let behavior = ApiBehavior {
        no_snapshots: true,
        ..ApiBehavior::default()
    };
    let cloud = Cloud::with_behavior(behavior);
    let project = Project::new(REGION);
    for policy in [
        ", delete_snap_with_ebs = true",
        "",
        ", delete_snap_with_ebs = true",
        ", delete_snap_with_ebs = false",
    ] {
        project.write(
            "main.eci.toml",
            &format!("{REGION}{}", disk("data", policy)),
        );
        project.apply(&cloud).run().exits(0);
        project.assert_no_changes(&cloud);
    }
    assert_eq!(cloud.disks().len(), 1);
    project.destroy(&cloud).run().exits(0);
    assert!(cloud.disks().is_empty());
}

#[test]
fn a_quota_refusal_shows_the_words_of_the_cloud_and_a_later_apply_creates() {
    let behavior = ApiBehavior {
        most_eips: 1,
        most_disks: 1,
        ..ApiBehavior::default()
    };
    let cloud = Cloud::with_behavior(behavior);
    let pair = |label: &str| format!("[eip.{label}]\n\n{}\n", disk(label, ""));
    let (one, two) = (pair("one"), pair("two"));
    let project = Project::new(&format!("{REGION}{one}"));
    project.apply(&cloud).run().exits(0);
    project.write("main.eci.toml", &format!("{REGION}{one}{two}"));
    let run = project.apply(&cloud).run().exits(3);
    let run = run
        .says("eip.two was not created")
        .says("volume.two was not created");
    run.says("the quota of 1 eips").says("the quota of 1 disks");

    let removed = "[[removed]]\nfrom = \"volume.one\"\ndestroy = true\n";
    project.write("main.eci.toml", &format!("{REGION}{removed}"));
    project.apply(&cloud).run().exits(0);
    project.write("main.eci.toml", &format!("{REGION}{two}"));
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (1, 1));
}

#[test]
fn what_is_frozen_for_arrears_is_warned_of_and_unchanged() {
    let cloud = Cloud::in_memory();
    let project = Project::new(&format!("{REGION}[eip.one]\n\n{}", disk("one", "")));
    project.apply(&cloud).run().exits(0);
    let eip = cloud.eips().remove(0).id.to_string();
    let disk = cloud.disks().remove(0).id.to_string();
    for id in [&eip, &disk] {
        cloud
            .sandbox()
            .apply_out_of_band(id, OutOfBandChange::Freeze(true))
            .unwrap();
    }
    let run = project.plan(&cloud).run().exits(0).says("No changes.");
    assert_eq!(run.stderr.matches("W0801").count(), 2, "{run}");
    run.says("eip.one")
        .says("volume.one")
        .says("FREEZING")
        .says("freezing");
    for id in [&eip, &disk] {
        cloud
            .sandbox()
            .apply_out_of_band(id, OutOfBandChange::Freeze(false))
            .unwrap();
    }
    project.plan(&cloud).run().exits(0).omits("W0801");
}
