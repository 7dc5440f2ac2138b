//! Warnings: what will work, perhaps not as meant.

use std::fmt::Write as _;

use eci_config::Variables;
use eci_core::codes;

use crate::directory::{Directory, group, lines, load};

/// Returns the warnings about a manifest that can be planned.
fn warnings(manifest: &str) -> Vec<String> {
    let configuration = load(manifest).unwrap_or_else(|error| panic!("{error}"));
    lines(&configuration.warnings)
}

#[test]
fn closed_ports_of_eips_are_reported() {
    let eip = "[eip.a]\nauto = true\n";
    let ports = "ports = [{ port = 8000 }, { port = 80 }, { port = 443, protocol = \"UDP\" }]\n";
    let found = warnings(&(eip.to_owned() + &group("web", "eip = \"a\"\n") + ports));
    assert_eq!(
        found,
        [
            "main.eci.toml:13:36: port 80 is blocked on EIPs by default (use another port, or ask CTyun to open it)",
            "main.eci.toml:13:51: port 443 is blocked on EIPs by default (use another port, or ask CTyun to open it)",
        ]
    );
    assert!(warnings(&(group("web", "") + ports)).is_empty());
}

#[test]
fn a_closed_port_shows_its_address_too_and_once_for_all_instances() {
    let manifest = "[eip.a]\nfor_each = [\"x\", \"y\"]\nauto = true\n".to_owned()
        + &group(
            "web",
            "for_each = [\"x\", \"y\"]\neip = 'a[\"${each.key}\"]'\n",
        )
        + "ports = [{ port = 8080 }]\n";
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let [warning] = &*configuration.warnings.0 else {
        panic!("{:?}", configuration.warnings);
    };
    assert_eq!(warning.code, codes::CLOSED_PORT);
    assert_eq!(warning.secondary[0].place.to_string(), "main.eci.toml:10");
}

#[test]
fn a_volume_in_memory_is_mounted_at_its_one_place() {
    let manifest = |medium: &str, path: &str| {
        format!("[volume.m]\ntype = \"EmptyDirVolume\"\n{medium}")
            + &group("web", "")
            + &format!("volume_mounts = [{{ volume = \"m\", mount_path = {path:?} }}]\n")
    };
    let memory = "medium = \"Memory\"\n";
    assert_eq!(
        warnings(&manifest(memory, "/cache")),
        [
            "main.eci.toml:13:47: a volume in memory must be mounted at `/dev/shm` (set `mount_path = \"/dev/shm\"`, or remove `medium` of the volume)"
        ]
    );
    assert!(warnings(&manifest(memory, "/dev/shm/")).is_empty());
    assert!(warnings(&manifest("", "/cache")).is_empty());
}

/// A group that lists the first volumes and mounts all.
fn many_volumes(listed: usize, mounted: usize) -> String {
    let mut manifest = String::new();
    for at in 0..mounted.max(listed) {
        writeln!(manifest, "[volume.v{at}]\ntype = \"EmptyDirVolume\"").unwrap();
    }
    let labels: Vec<String> = (0..listed).map(|at| format!("v{at}")).collect();
    manifest += &group("web", &format!("volumes = {labels:?}\n"));
    manifest += "volume_mounts = [\n";
    for at in 0..mounted {
        writeln!(
            manifest,
            "{{ volume = \"v{at}\", mount_path = \"/{at}\" }},"
        )
        .unwrap();
    }
    manifest + "]\n"
}

#[test]
fn volumes_that_are_only_mounted_count_too() {
    assert!(warnings(&many_volumes(5, 20)).is_empty());
    assert_eq!(
        warnings(&many_volumes(5, 21)),
        [
            "main.eci.toml:48:11: a container group can have at most 20 volumes, found 21 including those that containers mount (merge the files of several volumes into one, or split the container group)"
        ]
    );
}

#[test]
fn too_many_listed_volumes_are_reported_once() {
    assert_eq!(
        warnings(&many_volumes(21, 22)),
        [
            "main.eci.toml:50:11: `volumes` has 21 elements, the cloud probably allows at most 20 (remove 1 of them)"
        ]
    );
}

#[test]
fn containers_that_request_more_than_their_group_has_are_reported() {
    let manifest = group("web", "cpu = 0.3\nmemory = 2\n")
        + "cpu = 0.1\nmemory = 1\n\
           [[container_group.web.containers]]\nname = \"b\"\nimage = \"b\"\ncpu = 0.2\nmemory = 1.5\n";
    assert_eq!(
        warnings(&manifest),
        [
            "main.eci.toml:7:10: the containers request 2.5 GiB, but the container group has 2 (increase `memory` of the container group, or remove it to derive it from the containers)"
        ]
    );
    let manifest = group("web", "cpu = 1\n")
        + "cpu = 1\n[[container_group.web.init_containers]]\nname = \"b\"\nimage = \"b\"\ncpu = 2\n";
    assert_eq!(
        warnings(&manifest),
        [
            "main.eci.toml:6:7: an init container requests 2 vCPU, but the container group has 1 (increase `cpu` of the container group, or remove it to derive it from the containers)"
        ]
    );
}

#[test]
fn what_is_secret_or_unknown_is_not_weighed() {
    let manifest = group("web", "cpu = '${sensitive(1)}'\n") + "cpu = 2\n";
    assert!(warnings(&manifest).is_empty());
    let manifest =
        group("web", "cpu = 1\n") + "cpu = '${container_group.db.cpu}'\n" + &group("db", "");
    assert!(warnings(&manifest).is_empty());
}

#[test]
fn a_file_that_is_probably_too_large_is_reported() {
    let manifest = "[volume.c]\ntype = \"ConfigFileVolume\"\nfiles = [\n\
        { path = \"a\", source = \"a.txt\" },\n{ path = \"b\", content = '${file(\"b.txt\")}' },\n\
        { path = \"c\", source = \"c.bin\" },\n]\n";
    let load = |size: usize| {
        let directory = Directory::with(&[
            ("main.eci.toml", manifest),
            ("a.txt", &"a".repeat(size)),
            ("b.txt", &"b".repeat(size)),
        ]);
        std::fs::write(directory.path().join("c.bin"), vec![0xff; size]).unwrap();
        lines(
            &directory
                .load()
                .unwrap_or_else(|error| panic!("{error}"))
                .warnings,
        )
    };
    assert!(load(60 * 1024).is_empty());
    let found = load(60 * 1024 + 1);
    let help = "a file of more than 60 KiB will probably be rejected by the cloud (split the file, or store it in the image, in a `NasVolume`, or in a `ZosVolume`)";
    assert_eq!(
        found,
        ["4:1", "5:25", "6:1"].map(|place| format!("main.eci.toml:{place}: {help}"))
    );
}

#[test]
fn the_examples_are_free_of_warnings() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut count = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let directory = entry.unwrap().path();
        // Values of variables are what the command reads, and programs have no manifests.
        if directory.join("envs").is_dir() || directory.join("Cargo.toml").is_file() {
            continue;
        }
        let mut variables = Variables::default();
        variables.leave_missing_unknown();
        let configuration = eci_config::load(&directory, &variables)
            .unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
        let found = lines(&configuration.warnings);
        assert!(found.is_empty(), "{}: {found:#?}", directory.display());
        count += 1;
    }
    assert!(count > 0);
}
