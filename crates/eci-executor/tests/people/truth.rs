//! Comparison of the cloud with a configuration.

use std::collections::BTreeMap;

use eci_core::OperationTag;
use eci_state::Snapshot;
use serde_json::Value;

use crate::config::{Config, Group, IgnoredPath, Shape};
use crate::log::Truth;
use crate::objects::{self, DISK_KINDS, LINES};

/// A difference of one resource from its declaration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) address: String,
    pub(crate) what: String,
}

impl Difference {
    /// Returns whether the cloud reports it.
    pub(crate) fn is_reported(&self) -> bool {
        !["password", "description"]
            .iter()
            .any(|it| self.what.starts_with(it))
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let value = value.pointer(pointer);
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The entries of a list of keys and values.
pub(crate) fn entries(value: &Value, pointer: &str) -> BTreeMap<String, String> {
    let entries = value.pointer(pointer).and_then(Value::as_array);
    let entries = entries.into_iter().flatten();
    entries
        .map(|entry| {
            (
                text(entry, "/key").to_owned(),
                text(entry, "/value").to_owned(),
            )
        })
        .collect()
}

/// The disks that a group has.
pub(crate) fn disks_of(group: &Value) -> Vec<String> {
    let volumes = group["volumes"].as_array().into_iter().flatten();
    let mut disks: Vec<String> = volumes
        .filter_map(|volume| volume["diskVolume"]["volumeHandle"].as_str())
        .map(str::to_owned)
        .collect();
    disks.sort();
    disks
}

/// Returns whether a group has an EIP or a disk.
pub(crate) fn holds_attachments(group: &Value) -> bool {
    let eip = &group["eip"];
    let has_eip = eip["eipInstanceId"].is_string() || eip["autoCreateEip"] == true;
    has_eip || !disks_of(group).is_empty()
}

/// The number in the password that a group has.
pub(crate) fn password_of(group: &Value) -> Option<usize> {
    let password = text(group, "/imageRegistryCredential/0/password");
    password.split('-').nth(1)?.parse().ok()
}

/// Every difference between what is declared and the actual state; what is ignored is none.
pub(crate) fn differences(
    config: &Config,
    snapshot: &Snapshot,
    truth: &Truth,
    addresses: &BTreeMap<String, String>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let id = |address: &str| {
        let address = address.parse().ok()?;
        snapshot.resources.get(&address)?.id.clone()
    };
    let mut compare = |address: String, facets: &dyn Fn(&Value) -> Vec<Facet>| {
        let live = id(&address).and_then(|id| truth.get(&id));
        let Some(live) = live else {
            let what = "is not there".to_owned();
            found.push(Difference { address, what });
            return;
        };
        for Facet { name, is, should } in facets(live) {
            if is != should {
                let what = format!("{name} is {is:?} and should be {should:?}");
                let address = address.clone();
                found.push(Difference { address, what });
            }
        }
    };
    for (label, eip) in &config.eips {
        compare(objects::eip(label), &|live| {
            vec![
                facet("name", text(live, "/name"), &eip.name),
                facet("bandwidth", &live["bandwidth"], eip.bandwidth),
                facet("line", text(live, "/lineType"), LINES[eip.line]),
            ]
        });
    }
    for (label, disk) in &config.disks {
        let described = disk.description.map(|it| it.to_string());
        let description = described.unwrap_or_default();
        compare(objects::volume(label), &|live| {
            vec![
                facet("name", text(live, "/diskName"), &disk.name),
                facet("size", &live["diskSize"], disk.size),
                facet("kind", text(live, "/diskType"), DISK_KINDS[disk.kind]),
                facet(
                    "description",
                    text(live, "/volumeDescription"),
                    &description,
                ),
            ]
        });
    }
    for (place, group) in &config.groups {
        let others = ReferencedObjects {
            id: &id,
            truth,
            addresses,
        };
        compare(place.address(), &|live| {
            let facets = group_facets(group, live, &others);
            let facets = facets.into_iter();
            facets
                .filter(|facet| !is_ignored(group, &facet.name))
                .collect()
        });
    }
    found
}

/// The objects to which groups refer.
struct ReferencedObjects<'a> {
    id: &'a dyn Fn(&str) -> Option<String>,
    truth: &'a Truth,
    /// The addresses of EIPs within the network, by their ids.
    addresses: &'a BTreeMap<String, String>,
}

/// One attribute that can be compared.
struct Facet {
    name: String,
    is: String,
    should: String,
}

fn facet(name: &str, is: impl ToString, should: impl ToString) -> Facet {
    Facet {
        name: name.to_owned(),
        is: is.to_string(),
        should: should.to_string(),
    }
}

fn is_ignored(group: &Group, name: &str) -> bool {
    let is = |ignored| group.ignored.contains(&ignored);
    is(IgnoredPath::All)
        || match name {
            "image" => {
                is(IgnoredPath::Image)
                    || is(IgnoredPath::ImageByPlace)
                    || is(IgnoredPath::ImageOfAll)
            }
            "restart_policy" => is(IgnoredPath::RestartPolicy),
            "tags.owner" => is(IgnoredPath::Owner) || is(IgnoredPath::Tags),
            "tags.secret" => is(IgnoredPath::SecretTag) || is(IgnoredPath::Tags),
            "env.TOKEN" => is(IgnoredPath::SecretEnv),
            "eip" | "automatic" => is(IgnoredPath::Eip),
            name => name.starts_with("tags") && is(IgnoredPath::Tags),
        }
}

fn group_facets(group: &Group, live: &Value, others: &ReferencedObjects<'_>) -> Vec<Facet> {
    let restart = if group.restarts { "Always" } else { "Never" };
    let is_restart = match text(live, "/restartPolicy") {
        "" => "Always",
        policy => policy,
    };
    let argument = group.secrets.get(&Shape::Argument);
    let password = group.password.map(|it| format!("p4ssw0rd-{it}-x"));
    let mut facets = vec![
        facet("vpc", text(live, "/vpcId"), format!("vpc-{}", group.vpc)),
        facet("image", text(live, "/containers/0/image"), &group.image),
        facet("restart_policy", is_restart, restart),
        facet(
            "argument",
            text(live, "/containers/0/args/0"),
            argument.map(|it| it.value()).unwrap_or_default(),
        ),
        facet(
            "password",
            text(live, "/imageRegistryCredential/0/password"),
            password.unwrap_or_default(),
        ),
    ];
    if let Some(name) = &group.name {
        facets.push(facet("name", text(live, "/containerGroupName"), name));
    }
    let mut tags: BTreeMap<String, String> = group
        .tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.to_string()))
        .collect();
    let mut env = BTreeMap::new();
    for (shape, secret) in &group.secrets {
        match shape {
            Shape::Env => drop(env.insert("TOKEN".to_owned(), secret.value())),
            Shape::Tag => drop(tags.insert("secret".to_owned(), secret.value())),
            Shape::Argument => {}
        }
    }
    let id = |address: String| (others.id)(&address).unwrap_or_default();
    if let Some(dependency) = group.dependency {
        let dependency = others
            .truth
            .get(&id(format!("container_group.{dependency}")))
            .map(|live| text(live, "/intranetIp").to_owned());
        let dependency = group.literal.clone().or(dependency);
        env.insert("NEEDS".to_owned(), dependency.unwrap_or_default());
    }
    if let Some(eip) = group.eip {
        let address = others.addresses.get(&id(objects::eip(eip)));
        env.insert("ADDRESS".to_owned(), address.cloned().unwrap_or_default());
    }
    let mut live_tags = entries(live, "/tags");
    live_tags.remove(OperationTag::KEY);
    facets.extend(merged("tags", live_tags, tags));
    let live_env = entries(live, "/containers/0/environmentVar");
    facets.extend(merged("env", live_env, env));
    let eip = group.eip.map(|eip| id(objects::eip(eip)));
    let has = text(live, "/eip/eipInstanceId");
    facets.push(facet("eip", has, eip.unwrap_or_default()));
    let automatic = live["eip"]["autoCreateEip"].as_bool() == Some(true);
    let bandwidth = live["eip"]["eipBandwidth"].as_u64();
    let bandwidth = bandwidth.filter(|_| automatic).unwrap_or_default();
    let should = group.automatic.unwrap_or_default();
    facets.push(facet("automatic", bandwidth, should));
    let disks = group.disks.iter().map(|it| id(objects::volume(it)));
    let mut disks: Vec<String> = disks.collect();
    disks.sort();
    facets.push(facet("disks", disks_of(live).join(","), disks.join(",")));
    facets
}

fn merged(
    name: &str,
    mut is: BTreeMap<String, String>,
    should: BTreeMap<String, String>,
) -> Vec<Facet> {
    let mut facets = Vec::new();
    for (key, should) in should {
        let is = is.remove(&key).unwrap_or_default();
        facets.push(facet(&format!("{name}.{key}"), is, should));
    }
    let rest = is.into_iter();
    facets.extend(rest.map(|(key, is)| facet(&format!("{name}.{key}"), is, "")));
    facets
}
