//! Protections that are recorded and lifted.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_planner::{Action, Mode, Observations, PlannerOptions, plan};
use eci_state::Snapshot;
use scene::{actions, address, configuration, done, empty};

const DISK: &str = "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                    disk = { size = 40, kind = \"SATA\" }\n";

fn created(manifest: &str) -> Snapshot {
    let first = plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

#[test]
fn a_disk_goes_with_its_table_once_its_protection_is_lifted() {
    let lifted = "lifecycle = { prevent_destroy = false }\n";
    let disk = |more: &str| DISK.to_owned() + more;
    let data = address("volume.data");
    let without = "";
    let state = |recorded: Option<bool>| {
        let mut state = created(&disk(""));
        state.resources.get_mut(&data).unwrap().prevent_destroy = recorded;
        state
    };
    let planned = |manifest: &str, recorded: Option<bool>| {
        let configuration = configuration(manifest);
        plan(
            &configuration,
            &state(recorded),
            &Observations::empty(),
            &PlannerOptions::default(),
        )
    };
    for (recorded, says, records) in [
        (None, "", None),
        (None, lifted, Some((false, Some(false)))),
        (Some(false), lifted, None),
        (Some(false), "", Some((true, None))),
        (Some(true), "", None),
        (Some(true), lifted, Some((false, Some(false)))),
    ] {
        let plan = planned(&disk(says), recorded).unwrap();
        let protections = plan.protections().first();
        let protections = protections.map(|it| (it.prevent_destroy, it.recorded));
        assert_eq!(protections, records, "{recorded:?} {says}");
    }
    let deletes = planned(without, Some(false)).unwrap();
    assert!(actions(&deletes).contains(&("volume.data".to_owned(), Action::Delete)));
    for recorded in [None, Some(true)] {
        assert!(planned(without, recorded).is_err());
    }
    // A disk whose manifest does not set it is protected, whatever is recorded.
    let destroy = PlannerOptions::default().with_mode(Mode::Destroy);
    let declared = configuration(&disk(""));
    let refused = plan(
        &declared,
        &state(Some(false)),
        &Observations::empty(),
        &destroy,
    );
    assert!(refused.is_err());
}
