//! Settings of resources other than their attributes, and instances of `for_each`.

use std::time::Duration;

use eci_config::{BackendSettings, EmptyScope, FieldSpelling, IgnoreChanges, Variables};
use eci_core::{Address, Path, Value};

use crate::directory::{Directory, KnownResources, errors, group, load};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn addresses(texts: &[&str]) -> Vec<Address> {
    texts.iter().map(|text| address(text)).collect()
}

#[test]
fn each_key_makes_an_instance() {
    let manifest = r#"
[variable.zones]
default = { a = "az-1", B_2 = "az-2" }

[volume.data]
for_each = ["a", "B_2"]
type = "EmptyDirVolume"

[eip.web]
for_each = '${var.zones}'
auto = true

[container_group.web]
for_each = '${var.zones}'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = '${each.value}'
eip = '${eip.web[each.key].id}'
host_name = '${volume.data[each.key].name}'
[[container_group.web.containers]]
name = "main"
image = "nginx"
env = { ZONES = '${join(",", keys(var.zones))}', ADDRESS = '${eip.web[each.key].address}' }
volume_mounts = [{ volume = 'data["${each.key}"]', mount_path = "/data" }]

[output.names]
value = '${[for key, group in container_group.web : "${key}=${group.name}"]}'
"#;
    let configuration = load(manifest).unwrap_or_else(|error| panic!("{error}"));
    let all: Vec<&Address> = configuration
        .resources
        .iter()
        .map(|it| &it.address)
        .collect();
    assert_eq!(all.len(), 6);
    let web = configuration
        .resource(&address("container_group.web[\"B_2\"]"))
        .unwrap();
    assert_eq!(
        web.references,
        addresses(&["eip.web[\"B_2\"]", "volume.data[\"B_2\"]"])
    );
    let known = KnownResources::all_of(&configuration);
    let group = known.get("container_group.web[\"B_2\"]");
    assert_eq!(group[&"name".into()], Value::from("web-b-2-8efd426e"));
    assert_eq!(group[&"az_name".into()], Value::from("az-2"));
    assert_eq!(group[&"host_name".into()], Value::from("data-b-2-8efd426e"));
    assert_eq!(
        configuration.outputs[0].evaluate(&known).unwrap(),
        Value::list(vec!["B_2=web-b-2-8efd426e".into(), "a=web-a".into()])
    );
}

#[test]
fn keys_that_no_name_can_hold_give_names_that_differ() {
    let configuration = load(&group("web", "for_each = [\"上海\", \"北京\"]\n"));
    let configuration = configuration.unwrap_or_else(|error| panic!("{error}"));
    assert!(configuration.warnings.0.is_empty());
    let name = |key: &str| {
        let group = configuration.resource(&address(&format!("container_group.web[{key:?}]")));
        let attributes = group.unwrap().evaluate(&EmptyScope).unwrap();
        attributes
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    assert_eq!(name("上海").unwrap().len(), "web-00000000".len());
    assert_ne!(name("上海"), name("北京"));
}

#[test]
fn values_of_for_each_may_come_from_resources() {
    let manifest = group("db", "")
        + &group(
            "app",
            "for_each = { main = '${container_group.db.intranet_ip}' }\nhost_name = '${each.value}'\n",
        );
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let app = configuration
        .resource(&address("container_group.app[\"main\"]"))
        .unwrap();
    assert_eq!(app.references, addresses(&["container_group.db"]));
    assert_eq!(
        app.evaluate(&EmptyScope).unwrap()[&"host_name".into()],
        Value::Unknown
    );
    let mut known = KnownResources::default();
    known.0.insert(
        address("container_group.db"),
        Value::from([("intranet_ip", "10.0.0.1")]),
    );
    assert_eq!(
        app.evaluate(&known).unwrap()[&"host_name".into()],
        Value::from("10.0.0.1")
    );
}

#[test]
fn order_lifecycle_and_timeouts_are_read() {
    let manifest = "[eip.a]\nfor_each = [\"x\", \"y\"]\nauto = true\n".to_owned()
        + &group("base", "")
        + &group(
            "web",
            r#"depends_on = ["eip.a"]
lifecycle = { prevent_destroy = true, create_before_destroy = true, ignore_changes = ["tags.owner", "containers[0].image"], replace_triggered_by = ["container_group.base"] }
timeouts = { create = "20m", delete = "1h30m" }
"#,
        )
        + &group("free", "lifecycle = { ignore_changes = \"all\" }\n");
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let web = configuration
        .resource(&address("container_group.web"))
        .unwrap();
    assert_eq!(
        web.references,
        addresses(&["eip.a[\"x\"]", "eip.a[\"y\"]", "container_group.base"])
    );
    assert!(web.links.is_empty());
    assert_eq!(web.lifecycle.prevent_destroy, Some(true));
    assert!(web.lifecycle.create_before_destroy);
    assert_eq!(
        web.lifecycle.ignore_changes,
        IgnoreChanges::Paths(
            ["tags.owner", "containers[0].image"]
                .map(|it| it.parse().unwrap())
                .to_vec()
        )
    );
    assert_eq!(
        web.lifecycle.replace_triggered_by,
        addresses(&["container_group.base"])
    );
    assert_eq!(web.timeouts.create, Some(Duration::from_secs(1200)));
    assert_eq!(web.timeouts.update, None);
    assert_eq!(web.timeouts.delete, Some(Duration::from_secs(5400)));
    let free = configuration
        .resource(&address("container_group.free"))
        .unwrap();
    assert_eq!(free.lifecycle.ignore_changes, IgnoreChanges::All);
    assert!(!free.lifecycle.create_before_destroy);
}

#[test]
fn what_a_local_refers_to_counts_for_who_uses_it() {
    let manifest =
        "[eip.a]\nauto = true\n[locals]\nat = '${local.inner}'\ninner = '${eip.a.address}:80'\n"
            .to_owned()
            + &group("web", "host_name = '${local.at}'\n");
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let web = configuration
        .resource(&address("container_group.web"))
        .unwrap();
    assert_eq!(web.references, addresses(&["eip.a"]));
    assert!(web.links.is_empty());
}

#[test]
fn branches_that_are_not_taken_count_as_references() {
    let manifest = "[eip.a]\nauto = true\n".to_owned()
        + &group("web", "host_name = '${false ? eip.a.address : \"x\"}'\n");
    let configuration = load(&manifest).unwrap();
    let web = configuration
        .resource(&address("container_group.web"))
        .unwrap();
    assert_eq!(web.references, addresses(&["eip.a"]));
}

#[test]
fn every_way_to_write_a_label_links() {
    for label in [
        "\"a\"",
        "'${eip.a.id}'",
        "'${eip.a}'",
        "'${true ? eip.a.id : null}'",
        "'${var.name}'",
        "\"eip.a\"",
    ] {
        let manifest = "[variable.name]\ndefault = \"a\"\n[eip.a]\nauto = true\n".to_owned()
            + &group("web", &format!("eip = {label}\n"));
        let configuration = load(&manifest).unwrap_or_else(|error| panic!("{label}: {error}"));
        let web = configuration
            .resource(&address("container_group.web"))
            .unwrap();
        assert_eq!(web.links, addresses(&["eip.a"]), "{label}");
        let known = KnownResources::all_of(&configuration);
        let eip = &known.get("container_group.web")[&"eip".into()];
        assert_eq!(eip.get("auto"), Some(&Value::from(true)), "{label}");
    }
}

#[test]
fn mounts_computed_by_an_expression_link_their_volumes() {
    let manifest = r#"
[volume.a]
type = "EmptyDirVolume"
[volume.b]
type = "EmptyDirVolume"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az-1"
[[container_group.web.containers]]
name = "main"
image = "nginx"
volume_mounts = '${[for label in ["b", "a"] : { volume = label, mount_path = "/${label}" }]}'
"#;
    let configuration = load(manifest).unwrap_or_else(|error| panic!("{error}"));
    let web = configuration
        .resource(&address("container_group.web"))
        .unwrap();
    assert_eq!(web.links, addresses(&["volume.a", "volume.b"]));
    let known = KnownResources::all_of(&configuration);
    let volumes = known.get("container_group.web")[&"volumes".into()]
        .as_list()
        .unwrap();
    let names: Vec<&str> = volumes
        .iter()
        .filter_map(|it| it.get("name")?.as_str())
        .collect();
    assert_eq!(names, ["b", "a"]);
}

#[test]
fn a_label_that_only_the_cloud_knows_is_refused() {
    let manifest = "[eip.a]\nauto = true\n".to_owned()
        + &group("web", "")
        + &group("app", "eip = '${container_group.web.status}'\n");
    let error = load(&manifest).unwrap_err().to_string();
    assert!(
        error.contains("the name of a resource of type `eip` is known only after apply"),
        "{error}"
    );
}

#[test]
fn secrets_of_the_manifest_stay_secret() {
    let manifest = r#"
[variable.password]
sensitive = true
default = "hunter2"
[volume.bucket]
type = "ZosVolume"
bucket = "b"
url = "http://zos"
access_key = "AK"
secret_key = '${var.password}'
"#
    .to_owned()
        + &group(
            "web",
            "volumes = [\"bucket\"]\nimage_registry_credentials = [{ server = \"s\", user_name = \"u\", password = \"p\" }]\n\
             tags = { a = '${var.password}' }\n",
        );
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let known = KnownResources::all_of(&configuration);
    let group = known.get("container_group.web");
    let shown = format!("{group:?}");
    for secret in ["hunter2", "QUs6", "\"p\""] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let volumes = group[&"volumes".into()].as_list().unwrap();
    assert_eq!(
        volumes[0].get("credential"),
        Some(&Value::from("QUs6aHVudGVyMg==").into_sensitive())
    );
}

#[test]
fn references_to_unset_attributes_get_the_defaults_of_the_schema() {
    let manifest = "[volume.nas]\ntype = \"NasVolume\"\nsource_path = \"h:/p\"\n[output.a]\nvalue = '${volume.nas.read_only}'\n\
                    [output.b]\nvalue = '${container_group.web.flavor_name == null}'\n"
        .to_owned()
        + &group("web", "");
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let known = KnownResources::all_of(&configuration);
    let value = |at: usize| configuration.outputs[at].evaluate(&known).unwrap();
    assert_eq!(value(0), Value::from(false));
    assert_eq!(value(1), Value::from(true));
}

#[test]
fn places_of_attributes_are_found_by_index_and_by_key() {
    let manifest = group("web", "tags = { a = \"1\" }\n")
        + "ports = [\n  { port = 80 },\n  { port = 53, protocol = \"UDP\" },\n]\n";
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{error}"));
    let web = &configuration.resources[0];
    let line = |path: Path| web.span_of(&path).position().0;
    let containers = Path::root().name("containers");
    assert_eq!(line(Path::root().name("tags").name("a")), 6);
    assert_eq!(line(containers.index(0).name("image")), 10);
    assert_eq!(line(containers.key("main").name("image")), 10);
    let ports = containers.key("main").name("ports");
    assert_eq!(line(ports.key("80/TCP").name("port")), 12);
    assert_eq!(line(ports.key("53/UDP")), 13);
    assert_eq!(line(Path::root().name("restart_policy")), 1);
}

#[test]
fn settings_are_read() {
    let manifest = r#"
[locals]
region = "cn-1"
[provider]
region_id = '${local.region}'
endpoints = { eci = "http://localhost:1" }
credentials_file = "~/.ctyun"
field_names = "sdk"
default_tags = { team = "shop" }
rate_limit = 2.5
retry = { attempts = 3, max_delay = "30s" }
[backend.local]
path = "elsewhere"
"#;
    let configuration = load(manifest).unwrap_or_else(|error| panic!("{error}"));
    let provider = &configuration.provider;
    assert_eq!(provider.region_id.as_deref(), Some("cn-1"));
    assert_eq!(provider.endpoints["eci"], "http://localhost:1");
    assert_eq!(provider.field_names, FieldSpelling::Sdk);
    assert_eq!(provider.rate_limit, Some(2.5));
    assert_eq!(provider.retry.attempts, Some(3));
    assert_eq!(provider.retry.max_delay, Some(Duration::from_secs(30)));
    let elsewhere = configuration.directory.join("elsewhere");
    assert_eq!(
        configuration.state.backend,
        BackendSettings::Local(elsewhere)
    );
}

#[test]
fn the_digest_changes_with_all_that_was_read() {
    let manifest = "[variable.x]\ndefault = 1\n[output.a]\nvalue = '${file(\"a.txt\")}'\n";
    let digest = |manifest: &str, file: &str, x: Option<&str>| {
        let directory = Directory::with(&[("main.eci.toml", manifest), ("a.txt", file)]);
        let mut variables = Variables::default();
        if let Some(x) = x {
            variables.set("x", x, eci_config::ValueSource::CliArg);
        }
        let loaded = eci_config::load(directory.path(), &variables);
        loaded.unwrap_or_else(|error| panic!("{error}")).digest
    };
    let first = digest(manifest, "a", None);
    assert_eq!(first, digest(manifest, "a", None));
    assert_eq!(first.len(), 64);
    assert_ne!(first, digest(&format!("{manifest}\n"), "a", None));
    assert_ne!(first, digest(manifest, "b", None));
    assert_ne!(first, digest(manifest, "a", Some("2")));
}

#[test]
fn evaluation_reads_nothing_from_disk() {
    let directory = Directory::with(&[
        (
            "main.eci.toml",
            "[output.a]\nvalue = '${file(\"a.txt\")}'\n",
        ),
        ("a.txt", "before"),
    ]);
    let configuration = directory.load().unwrap();
    std::fs::write(directory.path().join("a.txt"), "after").unwrap();
    let value = configuration.outputs[0].evaluate(&EmptyScope).unwrap();
    assert_eq!(value, Value::from("before"));
}

#[test]
fn warnings_do_not_stop() {
    let configuration = load(&group("Web_1", "")).unwrap();
    assert_eq!(
        crate::directory::lines(&configuration.warnings),
        [
            "main.eci.toml:1:1: the cloud will probably refuse the name \"Web-1\", which is the default name (set `name`: use 1 to 63 characters a-z, 0-9 and `-`, starting and ending with a letter or digit)"
        ]
    );
}

#[test]
fn a_condition_can_test_for_a_missing_instance() {
    let manifest = |public: bool| {
        let keys = "for_each = [\"a\"]\neip = '${var.public ? eip.front[each.key].id : null}'\n\
                    host_name = '${try(eip.front[\"z\"].id, \"none\")}'\n";
        format!(
            "[variable.public]\ndefault = {public}\n\
             [eip.front]\nfor_each = '${{var.public ? [\"a\"] : []}}'\nauto = true\n{}",
            group("web", keys)
        )
    };
    let links = |public: bool| -> Vec<String> {
        let configuration = load(&manifest(public)).unwrap_or_else(|error| panic!("{error}"));
        let web = address("container_group.web[\"a\"]");
        let web = configuration.resource(&web).unwrap();
        web.links.iter().map(ToString::to_string).collect()
    };
    assert_eq!(links(true), ["eip.front[\"a\"]"]);
    assert!(links(false).is_empty());
}

#[test]
fn keys_of_for_each_may_be_what_is_written_of_other_resources() {
    let manifest = r#"
[locals]
names = '${toset([eip.one.name])}'

[eip.one]
name = '${"fr"}ont'
bandwidth = 5

[eip.each]
for_each = { a = "x-1", b = "x-2" }
name = '${each.value}'

[volume.one]
for_each = '${local.names}'
type = "EmptyDirVolume"

[volume.each]
for_each = '${{for key, it in eip.each : it.name => it.id}}'
type = "ConfigFileVolume"
files = [{ path = "id", content = '${each.value}' }]
"#;
    let configuration = load(manifest).unwrap();
    let volumes = configuration.resources.iter();
    let volumes: Vec<String> = volumes
        .map(|it| it.address.to_string())
        .filter(|it| it.starts_with("volume"))
        .collect();
    assert_eq!(
        volumes,
        [
            "volume.one[\"front\"]",
            "volume.each[\"x-1\"]",
            "volume.each[\"x-2\"]",
        ]
    );
    // Attributes that may stay as they are in the cloud, and those that only the cloud sets, have none.
    let kept = "bandwidth = 5\nlifecycle = { ignore_changes = [\"name\"] }";
    for wrong in [
        manifest.replace("bandwidth = 5", kept),
        manifest.replace("eip.one.name", "eip.one.address"),
        manifest.replace("eip.one.name", "eip.one.name, eip.each[\"a\"].id"),
    ] {
        let message = errors(&wrong).join("\n");
        assert!(message.contains("known only after apply"), "{message}");
    }
}
