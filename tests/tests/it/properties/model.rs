//! Configurations as data: their possible contents, how one is drawn, how two are mixed, and how
//! one is written.

use std::fmt::Write as _;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// The most groups and volumes; labels identify them, so that two configurations have most of them
/// in common.
pub const GROUPS: usize = 4;
const VOLUMES: usize = 4;

/// A whole configuration. What is `None` is not in it.
#[derive(Clone, Debug)]
pub struct World {
    pub groups: Vec<Option<Group>>,
    pub volumes: Vec<Option<Volume>>,
}

/// A group: for each part a TOML text, or none where it is left out.
#[derive(Clone, Debug)]
pub struct Group {
    /// One of the keys of [`PARTS`] each; `None` leaves it out.
    pub parts: Vec<Option<String>>,
    pub containers: Vec<Container>,
    pub eip: Option<String>,
    /// The group before this one whose address is in the environment.
    pub refers_to: Option<usize>,
    pub create_first: bool,
    /// Keys of `for_each`.
    pub instances: Option<Vec<&'static str>>,
}

#[derive(Clone, Debug)]
pub struct Container {
    name: &'static str,
    image: &'static str,
    size: Option<&'static str>,
    env: Vec<(String, String)>,
    ports: Option<&'static str>,
    probe: Option<&'static str>,
    handler: Option<&'static str>,
    /// Of each volume, whether it is mounted, and whether only to be read.
    mounts: Vec<Option<bool>>,
}

#[derive(Clone, Debug)]
pub struct Volume {
    body: String,
    is_disk: bool,
}

/// The parts of a group without references, and their possible values.
const PARTS: &[(&str, &[&str])] = &[
    ("vswitch_id", &[r#""subnet-1""#, r#""subnet-2""#]),
    ("cpu = 4\nmemory", &["8", "16", "8.0"]),
    (
        "restart_policy",
        &[r#""Always""#, r#""OnFailure""#, r#""Never""#],
    ),
    ("host_name", &[r#""a""#, r#""b""#]),
    ("ephemeral_volume", &["40", "50"]),
    (
        "tags",
        &[
            "{}",
            r#"{ a = "1" }"#,
            r#"{ a = "2", b = "2" }"#,
            r#"{ b = "2", "x.y/z" = "" }"#,
        ],
    ),
    (
        "dns_config",
        &[
            r#"{ nameservers = ["1.1.1.1"] }"#,
            r#"{ nameservers = ["1.1.1.1", "8.8.8.8"], searches = ["a.b"], options = { ndots = "2" } }"#,
        ],
    ),
    (
        "host_aliases",
        &[
            "[]",
            r#"[{ ip = "127.0.0.1", hostnames = ["a", "b"] }]"#,
            r#"[{ ip = "10.1.1.1", hostnames = ["c"] }, { ip = "127.0.0.1", hostnames = ["a"] }]"#,
        ],
    ),
    (
        "image_registry_credentials",
        &[
            r#"[{ server = "r.example.com", user_name = "u", password = "p" }]"#,
            r#"[{ server = "s.example.com", user_name = "u", password = "q" }, { server = "r.example.com", user_name = "u", password = "p" }]"#,
        ],
    ),
    (
        "security_context",
        &[r#"{ sysctl = { "kernel.msgmax" = "65536" } }"#],
    ),
    ("wait", &[r#""ready""#, r#""running""#]),
    (
        "init_containers",
        &[
            r#"[{ name = "init", image = "init:1", command = ["exit", "0"] }]"#,
            r#"[{ name = "init", image = "init:2", command = ["exit", "0"], env = { A = "1" } }]"#,
        ],
    ),
    ("lifecycle.ignore_changes", &[r#"["tags.b"]"#]),
    ("timeouts", &[r#"{ create = "4s" }"#]),
];

pub fn world() -> impl Strategy<Value = World> {
    let groups = vec(option::weighted(0.7, group()), GROUPS);
    let volumes = (0..VOLUMES).map(|at| option::weighted(0.8, volume(at)));
    (groups, volumes.collect::<Vec<_>>()).prop_map(|(groups, volumes)| World { groups, volumes })
}

fn group() -> impl Strategy<Value = Group> {
    let parts: Vec<_> = PARTS
        .iter()
        .map(|(_, values)| {
            let value = proptest::sample::select(*values).prop_map(str::to_owned);
            option::weighted(0.35, value)
        })
        .collect();
    let instances = prop_oneof![
        6 => Just(None),
        1 => Just(Some(vec!["one"])),
        1 => Just(Some(vec!["one", "two"])),
        1 => Just(Some(vec!["two", "three"])),
    ];
    let eip = prop_oneof![
        4 => Just(None),
        1 => Just(Some("auto = true".to_owned())),
        1 => Just(Some("auto = true\nbandwidth = 10".to_owned())),
        2 => Just(Some("id = \"eip-N\"".to_owned())),
    ];
    let names: &[&str] = &["a", "b", "c"];
    let containers = proptest::sample::subsequence(names.to_vec(), 1..=3)
        .prop_shuffle()
        .prop_flat_map(|names| names.into_iter().map(container).collect::<Vec<_>>());
    (
        parts,
        containers,
        eip,
        option::weighted(0.5, 0..GROUPS),
        proptest::bool::weighted(0.2),
        instances,
    )
        .prop_map(
            |(parts, containers, eip, refers_to, create_first, instances)| Group {
                parts,
                containers,
                eip,
                refers_to,
                create_first,
                instances,
            },
        )
}

fn container(name: &'static str) -> impl Strategy<Value = Container> {
    let pick = |probability: f64, values: &'static [&'static str]| {
        option::weighted(probability, proptest::sample::select(values))
    };
    let env = btree_map("[A-C]", r#"[ -~é]{0,6}"#, 0..3);
    (
        proptest::sample::select(&["i:1", "i:2"][..]),
        pick(0.4, &["cpu = 0.25\nmemory = 0.5", "cpu = 0.3\nmemory = 0.7", "cpu = 1.0", "cpu = 1"]),
        env,
        pick(0.4, &[
            "[{ port = 8000 }]",
            r#"[{ port = 53, protocol = "UDP", name = "dns" }, { port = 53 }]"#,
            r#"[{ port = 53, protocol = "TCP" }]"#,
            "[]",
        ]),
        pick(0.4, &[
            "{ tcp_socket = { port = 8000 } }",
            r#"{ http_get = { port = 8000 }, period_seconds = 3 }"#,
            r#"{ http_get = { port = 8000, path = "/", scheme = "HTTP" }, failure_threshold = 2 }"#,
            r#"{ exec = ["true"] }"#,
        ]),
        pick(0.2, &[r#"["sleep", "1"]"#, "[]"]),
        vec(option::weighted(0.3, any::<bool>()), VOLUMES),
    )
        .prop_map(
            move |(image, size, env, ports, probe, handler, mounts)| Container {
                name,
                image,
                size,
                env: env.into_iter().collect(),
                ports,
                probe,
                handler,
                mounts,
            },
        )
}

fn volume(at: usize) -> impl Strategy<Value = Volume> {
    let text = "[ -~\né]{0,12}";
    let plain = |body: &str| {
        Just(Volume {
            body: body.to_owned(),
            is_disk: false,
        })
    };
    prop_oneof![
        plain("type = \"EmptyDirVolume\""),
        plain("type = \"EmptyDirVolume\"\nmedium = \"Memory\"\nsize_limit = 64"),
        plain("type = \"NasVolume\"\nsource_path = \"nas-1:/a\""),
        plain("type = \"NasVolume\"\nsource_path = \"nas-1:/a\"\nread_only = true"),
        plain(
            "type = \"ZosVolume\"\nbucket = \"b\"\nurl = \"http://zos.example.com\"\n\
             access_key = \"ak\"\nsecret_key = \"sk\""
        ),
        plain(
            "type = \"DownwardAPIVolume\"\n\
             items = [{ path = \"name\", field_path = \"metadata.name\", mode = \"0400\" }]"
        ),
        (text, option::of("0?[0-7]{3}")).prop_map(|(content, mode)| {
            let mode = mode.map(|mode| format!(", mode = \"{mode}\""));
            let file = format!(
                "{{ path = \"f\", content = {}{} }}",
                literal(&content),
                mode.unwrap_or_default()
            );
            Volume {
                body: format!("type = \"ConfigFileVolume\"\nfiles = [{file}]"),
                is_disk: false,
            }
        }),
        proptest::sample::select(&["ext4", "xfs"][..]).prop_map(move |fs| Volume {
            body: format!(
                "type = \"DiskVolume\"\nvolume_handle = \"disk-{at}\"\nfs_type = \"{fs}\""
            ),
            is_disk: true,
        }),
    ]
}

/// An edit: this configuration with some parts of another one.
pub fn mixed(one: &World, other: &World, dice: &[bool]) -> World {
    let mut dice = dice.iter().copied().cycle();
    let mut roll = || dice.next() == Some(true);
    let groups = one.groups.iter().zip(&other.groups);
    let groups = groups.map(|pair| match pair {
        (Some(one), Some(other)) => Some(mixed_group(one, other, &mut roll)),
        (one, other) => if roll() { other } else { one }.clone(),
    });
    let groups = groups.collect();
    let volumes = one.volumes.iter().zip(&other.volumes);
    let volumes = volumes.map(|(one, other)| if roll() { other } else { one }.clone());
    World {
        groups,
        volumes: volumes.collect(),
    }
}

fn mixed_group(one: &Group, other: &Group, roll: &mut impl FnMut() -> bool) -> Group {
    let mut group = one.clone();
    for (part, other) in group.parts.iter_mut().zip(&other.parts) {
        if roll() {
            part.clone_from(other);
        }
    }
    if roll() {
        group.containers.clone_from(&other.containers);
    }
    if roll() {
        group.eip.clone_from(&other.eip);
    }
    if roll() {
        group.refers_to = other.refers_to;
    }
    if roll() {
        group.create_first = other.create_first;
    }
    if roll() {
        group.instances.clone_from(&other.instances);
    }
    group
}

impl World {
    /// The manifest.
    pub fn manifest(&self) -> String {
        let mut text = String::new();
        for (at, group) in self.groups.iter().enumerate() {
            if let Some(group) = group {
                self.write_group(&mut text, at, group);
            }
        }
        for (at, volume) in self.volumes.iter().enumerate() {
            if let Some(volume) = volume {
                writeln!(text, "[volume.v{at}]\n{}\n", volume.body).unwrap();
            }
        }
        text
    }

    /// A disk stays with one group: a group that depends on the one it takes a disk from would wait
    /// for it forever.
    fn write_group(&self, text: &mut String, at: usize, group: &Group) {
        let is_single = group.instances.is_none();
        // Where the replacement is created first, that holds for its dependencies as well.
        let overlaps = self.groups[at..]
            .iter()
            .flatten()
            .any(|group| group.create_first);
        let mine: Vec<usize> = (0..VOLUMES)
            .filter(|volume| match &self.volumes[*volume] {
                Some(it) if it.is_disk => *volume == at && is_single && !overlaps,
                Some(_) => true,
                None => false,
            })
            .collect();
        let mut out = format!("[container_group.g{at}]\nvpc_id = \"vpc-1\"\naz_name = \"az1\"\n");
        out += "security_group_id = \"sg-1\"\n";
        if group.create_first {
            out += "lifecycle.create_before_destroy = true\n";
        }
        if let Some(keys) = &group.instances {
            writeln!(out, "for_each = {keys:?}\nname = 'g{at}-${{each.key}}'").unwrap();
        }
        for ((key, values), value) in PARTS.iter().zip(&group.parts) {
            let fallback = (*key == "vswitch_id").then(|| values[0].to_owned());
            if let Some(value) = value.clone().or(fallback) {
                writeln!(out, "{key} = {value}").unwrap();
            }
        }
        let eip = group.eip.as_ref().filter(|_| is_single);
        if eip.is_some() {
            writeln!(out, "eip = \"e{at}\"").unwrap();
        }
        let refers_to = group.refers_to.filter(|other| {
            let other = (*other < at)
                .then(|| self.groups[*other].as_ref())
                .flatten();
            other.is_some_and(|other| other.instances.is_none())
        });
        for (index, container) in group.containers.iter().enumerate() {
            let refers_to = refers_to.filter(|_| index == 0);
            container.write(&mut out, at, &mine, refers_to);
        }
        if let Some(eip) = eip {
            writeln!(out, "[eip.e{at}]\n{}", eip.replace('N', &at.to_string())).unwrap();
        }
        *text += &out;
        text.push('\n');
    }
}

impl Container {
    fn write(&self, out: &mut String, at: usize, volumes: &[usize], refers_to: Option<usize>) {
        writeln!(out, "[[container_group.g{at}.containers]]").unwrap();
        writeln!(out, "name = \"{}\"\nimage = \"{}\"", self.name, self.image).unwrap();
        let others = [
            ("ports", self.ports),
            ("readiness_probe", self.probe),
            ("pre_stop", self.handler),
        ];
        if let Some(size) = self.size {
            writeln!(out, "{size}").unwrap();
        }
        for (key, value) in others {
            if let Some(value) = value {
                writeln!(out, "{key} = {value}").unwrap();
            }
        }
        let mounts = volumes.iter().filter_map(|volume| {
            let read_only = self.mounts[*volume]?;
            let path = format!("/mnt/{volume}");
            Some(format!(
                "{{ volume = \"v{volume}\", mount_path = \"{path}\", read_only = {read_only} }}"
            ))
        });
        let mounts: Vec<String> = mounts.collect();
        writeln!(out, "volume_mounts = [{}]", mounts.join(", ")).unwrap();
        let mut env: Vec<String> = self
            .env
            .iter()
            .map(|(key, value)| format!("{key} = {}", literal(value)))
            .collect();
        if let Some(other) = refers_to {
            env.push(format!(
                "PEER = '${{container_group.g{other}.intranet_ip}}'"
            ));
        }
        writeln!(out, "env = {{ {} }}", env.join(", ")).unwrap();
    }
}

/// A text as TOML, with nothing in it that is an expression.
fn literal(text: &str) -> String {
    let text = text.replace("${", "$${").replace("%{", "%%{");
    toml::Value::String(text).to_string()
}
