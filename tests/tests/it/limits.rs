//! A world that is smaller than the work: a cloud that answers few calls, a disk that is
//! full.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::time::Instant;

use eci_tests::{Cloud, Project};

const CREATE: &str = "createContainerGroup";

/// Returns `count` groups that do not depend on each other, each with a large definition.
fn groups(count: usize) -> Project {
    let env: String = (0..20)
        .map(|i| format!("VARIABLE_{i} = \"value\", "))
        .collect();
    Project::new(&format!(
        r#"
        [provider]
        region_id = "bb9fdb42056f11eda1610242ac110002"

        [container_group.web]
        for_each = '${{{{ for i in range({count}) : "n${{i}}" => i }}}}'
        vpc_id = "vpc-1"
        vswitch_id = "subnet-1"
        security_group_id = "sg-1"
        az_name = "az1"
        containers = [{{ name = "main", image = "nginx:1.27", env = {{ {env} }} }}]
        "#
    ))
}

#[test]
fn a_rate_limited_cloud_is_called_as_fast_as_it_answers() {
    const RATE: f64 = 25.0;
    const GROUPS: usize = 60;
    let (project, cloud) = (groups(GROUPS), Cloud::limited(RATE));
    // The programs may have to be built first.
    project.eci("validate").run().exits(0);
    let begun = Instant::now();
    project.apply(&cloud).run().exits(0);
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(cloud.created().len(), GROUPS);
    // A second's worth may come at once; beyond that the rate binds, and being refused must not
    // cost much more than that.
    let calls = GROUPS as f64;
    let bound = (calls - RATE) / RATE;
    assert!(took > bound, "{took} s, faster than the cloud can");
    assert!(
        took < 10.0 * bound + 5.0,
        "{took} s, the bound is {bound} s"
    );
    // Refused calls were retried a few times, not constantly.
    let calls = cloud.calls(CREATE);
    assert!(
        calls < 3 * GROUPS as u64,
        "{calls} creates for {GROUPS} groups"
    );
    project.assert_no_changes(&cloud);
}

#[test]
fn a_disk_that_fills_up_stops_the_run_and_loses_nothing() {
    let (project, cloud) = (groups(40), Cloud::start());
    // A recorded group that was not created is searched for.
    let apply = || {
        let apply = project.impatient_eci("apply --auto-approve");
        apply.args(cloud.flags())
    };
    for blocks in [1, 8, 24] {
        let run = apply().with_files_up_to(blocks).run();
        assert!(
            matches!(run.code(), 1 | 3),
            "{blocks} blocks: {}",
            run.stderr
        );
        let run = run.says("state");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
    let before = cloud.created().len();
    assert!(before < 40, "the disk was never full");
    apply().run().exits(0);
    let mut created = cloud.created();
    let count = created.len();
    created.dedup();
    assert_eq!((created.len(), count), (40, 40), "each was created once");
    assert_eq!(cloud.names().len(), 40);
    project.assert_no_changes(&cloud);
}
