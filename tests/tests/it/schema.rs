//! The JSON Schema for editors: it accepts every valid manifest and rejects mistakes.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use eci_tests::Project;
use eci_tests::binaries::workspace;
use serde_json::Value as Json;

struct Checker {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Checker {
    fn new(schema: Json) -> Checker {
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("eci.json", schema).unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("eci.json", &mut schemas).unwrap();
        Checker { schemas, index }
    }

    /// Returns the reason why a manifest is none by the schema.
    fn check(&self, manifest: &str) -> Result<(), String> {
        let table: toml::Table = manifest.parse().unwrap();
        let json = serde_json::to_value(table).unwrap();
        let checked = self.schemas.validate(&json, self.index);
        checked.map_err(|error| format!("{error:#}"))
    }
}

fn checker() -> Checker {
    Checker::new(eci_schema::manifest(eci_text::Lang::En))
}

/// Every manifest below a folder.
fn manifests(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            manifests(&path, found);
        } else if path.to_string_lossy().ends_with(".eci.toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_example_and_every_manifest_of_a_scenario_is_a_manifest_by_the_schema() {
    let checker = checker();
    let mut found = Vec::new();
    for folder in ["examples", "tests/scenarios"] {
        manifests(&workspace().join(folder), &mut found);
    }
    assert!(found.len() > 100, "{}", found.len());
    let wrong: Vec<String> = found
        .iter()
        .filter_map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let why = checker.check(&text).err()?;
            Some(format!("{}: {why}", path.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const GROUP: &str = r#"
[provider]
region_id = "r"
retry = { attempts = 3, max_delay = "1m" }

[backend.local]
path = "state"

[variable.image]
type = "string"
default = "nginx"
validation = [{ condition = '${length(var.image) > 0}', error_message = "empty" }]

[volume.data]
type = "ZosVolume"
bucket = "b"
url = "https://z"
access_key = "a"
secret_key = '${var.sk}'

[volume.conf]
type = "ConfigFileVolume"
files = [{ path = "a", content = "b", mode = "0644" }]

[eip.web]
auto = true
bandwidth = '${var.bandwidth}'

[container_group.web]
for_each = ["a", "b"]
vpc_id = "v"
vswitch_id = "s"
security_group_id = "g"
az_name = '${local.zone}'
restart_policy = "Never"
ephemeral_volume = 40
eip = "web"
tags = { app = "web", port = 80 }
security_context = { sysctl = { "kernel.msgmax" = "1", "net.ipv4.ip_forward" = "1" } }
depends_on = ["eip.web"]
timeouts = { create = "1h30m" }
lifecycle = { prevent_destroy = true, ignore_changes = "all" }
containers = '${local.containers}'

[[container_group.web.init_containers]]
name = "c"
image = "i"
ports = [{ port = 80, protocol = "TCP" }]
volume_mounts = [{ volume = "conf", mount_path = "/etc" }]

[[container_group.other.containers]]
name = "c"
image = "i"
readiness_probe = { exec = ["x"] }

[container_group.other]
vpc_id = "v"
vswitch_id = "s"
security_group_id = "g"
az_name = "z"

[output.address]
value = '${container_group.web["a"].internet_ip}'

[[moved]]
from = "eip.a"
to = "eip.b"

[[removed]]
from = "eip.c"

[[import]]
to = "container_group.web"
id = "eci-1"
"#;

/// Mistakes: a text of the manifest above and its replacement.
const MISTAKES: [(&str, &str); 42] = [
    ("region_id = \"r\"", "region = \"r\""),
    ("region_id = \"r\"", "region_id = 1"),
    ("[provider]", "[provder]"),
    ("attempts = 3", "attempts = 0"),
    ("attempts = 3", "attempts = \"three\""),
    ("max_delay = \"1m\"", "max_delay = \"1 minute\""),
    ("max_delay = \"1m\"", "max_delay = 60"),
    ("[backend.local]", "[backend.locla]"),
    ("type = \"string\"", "type = 1"),
    ("error_message", "message"),
    ("condition = '${length(var.image) > 0}', ", ""),
    ("type = \"ZosVolume\"", "type = \"ZosVolum\""),
    ("type = \"ZosVolume\"", "type = \"NasVolume\""),
    ("bucket = \"b\"\n", ""),
    ("access_key = \"a\"\n", ""),
    ("content = \"b\"", "content = \"b\", source = \"b\""),
    ("content = \"b\", ", ""),
    ("mode = \"0644\"", "mode = 644"),
    ("mode = \"0644\"", "mode = \"rw\""),
    ("files = [{", "files = [] #"),
    ("auto = true", "auto = \"yes\""),
    ("auto = true", "auto = true\nid = \"eip-1\""),
    ("bandwidth = '${var.bandwidth}'", "bandwidth = 1025"),
    ("bandwidth = '${var.bandwidth}'", "bandwidth = 1.5"),
    ("for_each = [\"a\", \"b\"]", "for_each = 2"),
    ("vpc_id = \"v\"\n", ""),
    ("vpc_id = \"v\"", "vpcId = \"v\""),
    ("restart_policy = \"Never\"", "restart_policy = \"never\""),
    ("ephemeral_volume = 40", "ephemeral_volume = 39"),
    ("eip = \"web\"", "eip = \"the web\""),
    ("tags = { app = \"web\"", "tags = { app = [\"web\"]"),
    ("kernel.msgmax", "vm.swappiness"),
    ("net.ipv4.ip_forward", "net.core.rmem_max"),
    ("depends_on = [\"eip.web\"]", "depends_on = \"eip.web\""),
    ("create = \"1h30m\"", "create = \"\""),
    ("ignore_changes = \"all\"", "ignore_changes = \"some\""),
    ("port = 80, protocol", "port = 65536, protocol"),
    ("mount_path = \"/etc\"", "mount_path = \"etc\""),
    (
        "exec = [\"x\"]",
        "exec = [\"x\"], tcp_socket = { port = 1 }",
    ),
    (
        "value = '${container_group.web[\"a\"].internet_ip}'\n",
        "sensitive = true\n",
    ),
    ("from = \"eip.a\"", "from = \"a\""),
    ("id = \"eci-1\"", ""),
];

#[test]
fn a_manifest_with_everything_is_one_and_no_mistake_in_it_is() {
    let checker = checker();
    checker.check(GROUP).unwrap();
    for (right, wrong) in MISTAKES {
        assert!(GROUP.contains(right), "{right}");
        let manifest = GROUP.replacen(right, wrong, 1);
        assert!(
            checker.check(&manifest).is_err(),
            "{wrong:?} in the place of {right:?} is not noticed"
        );
    }
}

#[test]
fn what_the_command_writes_is_the_schema() {
    let run = Project::empty().eci("schema").run().exits(0);
    let schema = run.json();
    assert_eq!(schema, eci_schema::manifest(eci_text::Lang::En));
    Checker::new(schema).check(GROUP).unwrap();
}
