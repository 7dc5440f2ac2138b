#![allow(clippy::unwrap_used)]
//! Manifests that are written are read again as what they were written from.

use eci_config::{EmptyScope, Variables};

use super::*;

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    let entries = entries.into_iter();
    entries.map(|(key, value)| (key.into(), value)).collect()
}

fn group(id: &str, name: &str, volumes: Vec<Map>) -> ReportedGroup {
    let mounts = volumes.iter().map(|volume| {
        Value::from([
            ("volume", volume[&"name".into()].clone()),
            (
                "mount_path",
                Value::from(format!("/srv/{}", name_of(volume))),
            ),
        ])
    });
    let container = map([
        ("name", "app".into()),
        ("image", "nginx:1.27".into()),
        ("cpu", 1.into()),
        (
            "command",
            Value::list(vec!["/bin/sh".into(), "-c".into(), "echo ${HOME}".into()]),
        ),
        (
            "env",
            Value::from([("A", "${x} %{y}"), ("B b", "two\nlines")]),
        ),
        (
            "ports",
            Value::list(vec![Value::from([
                ("port", Value::from(80)),
                ("protocol", "UDP".into()),
            ])]),
        ),
        ("volume_mounts", Value::list(mounts.collect())),
    ]);
    ReportedGroup {
        id: id.to_owned(),
        attributes: map([
            ("name", name.into()),
            ("vpc_id", "vpc-1".into()),
            ("vswitch_id", "subnet-1".into()),
            ("security_group_id", "sg-1".into()),
            ("restart_policy", "Always".into()),
            ("tags", Value::from([("app", "web"), ("备注", "演示")])),
            (
                "volumes",
                Value::list(volumes.into_iter().map(Value::map).collect()),
            ),
            ("containers", Value::list(vec![Value::map(container)])),
            ("id", id.into()),
            ("status", "Running".into()),
            ("internet_ip", "198.18.0.1".into()),
        ]),
    }
}

fn files(name: &str, content: &str) -> Map {
    let file = Value::from([("path", "default.conf"), ("content", content)]);
    map([
        ("name", name.into()),
        ("type", "ConfigFileVolume".into()),
        ("files", Value::list(vec![file])),
    ])
}

fn bucket() -> Map {
    map([
        ("name", "data".into()),
        ("type", "ZosVolume".into()),
        ("bucket", "b".into()),
        ("url", "https://zos.example".into()),
    ])
}

fn written(groups: &[ReportedGroup]) -> Vec<Manifest> {
    let account = Account {
        groups: groups.to_vec(),
        ..Account::default()
    };
    written_of(&account)
}

fn written_of(account: &Account) -> Vec<Manifest> {
    written_in(Lang::En, account)
}

fn written_in(lang: Lang, account: &Account) -> Vec<Manifest> {
    let surroundings = GenerateInput {
        region: Some("r-1"),
        az_name: Some("zone-1"),
        lang,
    };
    manifests(account, surroundings)
}

#[test]
fn comments_are_in_the_language_of_the_user() {
    let with_files = Account {
        groups: groups(),
        ..Account::default()
    };
    for account in [account(), with_files] {
        let english = written_of(&account);
        let chinese = written_in(Lang::Zh, &account);
        for (english, chinese) in english.iter().zip(&chinese) {
            let comments = |text: &str| -> String {
                let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
                let mut all = String::new();
                for line in lines {
                    // Where a line was broken at a space, it is part of the text.
                    if line.starts_with('`') {
                        all.push(' ');
                    }
                    all.push_str(line);
                }
                all
            };
            let rest = |text: &str| -> Vec<String> {
                let lines = text.lines().filter(|line| !line.starts_with('#'));
                lines.map(str::to_owned).collect()
            };
            assert_eq!(rest(&english.text), rest(&chinese.text));
            let comments = comments(&chinese.text);
            for sentence in comments.split_inclusive('。').filter(|it| !it.is_empty()) {
                let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
                assert!(sentence.contains(is_han), "{sentence}");
                assert_eq!(
                    eci_text::typography::chinese(sentence),
                    [""; 0],
                    "{sentence}"
                );
            }
            assert_eq!(comments.is_empty(), english.name.starts_with("provider"));
        }
    }
}

fn item(id: &str, user: Option<&str>, attributes: Map) -> RemoteItem {
    RemoteItem {
        id: id.to_owned(),
        attributes,
        user: user.map(str::to_owned),
    }
}

fn eip(id: &str, name: &str, user: Option<&str>) -> RemoteItem {
    let attributes = map([
        ("name", name.into()),
        ("bandwidth", 5.into()),
        ("cycle_type", "on_demand".into()),
        ("demand_billing_type", "upflowc".into()),
        ("line_type", "163".into()),
        ("project_id", "0".into()),
        ("id", id.into()),
        ("status", "ACTIVE".into()),
    ]);
    item(id, user, attributes)
}

fn disk(id: &str, name: &str) -> RemoteItem {
    let disk = map([
        ("name", name.into()),
        ("size", 40.into()),
        ("kind", "SATA".into()),
        ("mode", "VBD".into()),
        ("on_demand", true.into()),
        ("project_id", "0".into()),
    ]);
    let attributes = map([("disk", Value::map(disk)), ("id", id.into())]);
    item(id, None, attributes)
}

fn mounted(name: &str, handle: &str) -> Map {
    map([
        ("name", name.into()),
        ("type", "DiskVolume".into()),
        ("volume_handle", handle.into()),
        ("fs_type", "xfs".into()),
    ])
}

/// Returns one group with an EIP and a disk, and some EIPs and disks that no group has.
fn account() -> Account {
    Account {
        groups: vec![group(
            "eci-1",
            "web",
            vec![mounted("data", "d-1"), mounted("other", "d-not-ours")],
        )],
        eips: vec![
            eip("eip-1", "web", Some("eci-1")),
            eip("eip-2", "web", None),
            eip("eip-3", "前门", None),
        ],
        disks: vec![
            disk("d-1", "orders"),
            disk("d-2", "data"),
            disk("d-3", "Big_one"),
        ],
    }
}

#[test]
fn eips_and_disks_are_written_with_their_groups_or_in_separate_files() {
    let all = written_of(&account());
    let names: Vec<&str> = all.iter().map(|manifest| manifest.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "web.eci.toml",
            "eips.eci.toml",
            "disks.eci.toml",
            "provider.eci.toml",
            "imports.eci.toml"
        ]
    );
    insta::assert_snapshot!("with_its_eip_and_disk", all[0].text);
    insta::assert_snapshot!("eips", all[1].text);
    insta::assert_snapshot!("disks", all[2].text);
    insta::assert_snapshot!("imports_of_all_kinds", all[4].text);
    for Manifest { name, text } in all {
        let source = Arc::new(Source::new(name, text));
        let formatted = eci_format::format(&source, FileKind::Manifest).unwrap();
        assert_eq!(formatted, source.text);
    }
}

fn groups() -> Vec<ReportedGroup> {
    let conf = || files("conf", "server {\n    listen 80;\n    root '${x}';\n}\n");
    vec![
        group("eci-1", "web", vec![conf(), bucket()]),
        group("eci-2", "web", vec![conf()]),
        group("eci-3", "3d", vec![files("conf", "other")]),
    ]
}

#[test]
fn a_manifest_is_formatted_for_people() {
    let all = written(&groups());
    let names: Vec<&str> = all.iter().map(|manifest| manifest.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "web.eci.toml",
            "web_2.eci.toml",
            "_3d.eci.toml",
            "provider.eci.toml",
            "imports.eci.toml"
        ]
    );
    insta::assert_snapshot!("a_group", all[0].text);
    insta::assert_snapshot!("another_that_shares_a_volume", all[1].text);
    insta::assert_snapshot!("imports", all[4].text);
}

#[test]
fn generated_text_is_formatted_already() {
    for Manifest { name, text } in written(&groups()) {
        let source = Arc::new(Source::new(name, text));
        let formatted = eci_format::format(&source, FileKind::Manifest).unwrap();
        assert_eq!(formatted, source.text);
    }
}

#[test]
fn what_is_written_is_read_again_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    for manifest in written(&groups()) {
        std::fs::write(directory.path().join(manifest.name), manifest.text).unwrap();
    }
    let mut variables = Variables::default();
    variables.set("data_credential", "YTpi", eci_config::ValueSource::CliArg);
    let configuration = eci_config::load(directory.path(), &variables).unwrap();
    assert_eq!(configuration.imports.len(), 3);
    for (group, label) in groups().into_iter().zip(["web", "web_2", "_3d"]) {
        let address = format!("container_group.{label}").parse().unwrap();
        let read = configuration.resource(&address).unwrap();
        // Volumes are separate resources, and appear in their groups once those are known.
        let read = read.evaluate(&EmptyScope).unwrap();
        for name in ["name", "vpc_id", "restart_policy", "tags"] {
            assert_eq!(
                read[&name.into()],
                group.attributes[&name.into()],
                "{name} of {label}"
            );
        }
        let container = |map: &Map| map[&"containers".into()].as_list().unwrap()[0].clone();
        let (read, expected) = (container(&read), container(&group.attributes));
        for name in ["image", "command", "env", "ports"] {
            assert_eq!(read.get(name), expected.get(name), "{name} of {label}");
        }
    }
    let volume = configuration
        .resource(&"volume.conf".parse().unwrap())
        .unwrap();
    let volume = volume.evaluate(&EmptyScope).unwrap();
    assert_eq!(
        *volume,
        files("conf", "server {\n    listen 80;\n    root '${x}';\n}\n")
    );
}
