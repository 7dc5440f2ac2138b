//! Configurations whose values are given elsewhere, and that are checked without them.

use eci_config::{Configuration, Console, EmptyScope, Variables};
use eci_core::{Diagnostics, Value};

use crate::directory::{Directory, lines};

/// Values of all types, in every place that takes one.
const MANIFEST: &str = r#"
[provider]
region_id = '${var.text}'
default_tags = { owner = '${var.text}' }

[variable.text]

[variable.secret]
sensitive = true

[variable.count]
type = "number"
validation = [{ condition = '${var.count > 0}', error_message = "more" }]

[variable.groups]
type = "map(object({ image = string, ports = list(number) }))"

[variable.list]
type = "list(string)"

[locals]
images = '${[for group in var.groups : group.image]}'

[eip.one]
auto = true
bandwidth = '${var.count}'

[eip.each]
for_each = '${var.groups}'
bandwidth = '${each.value.ports[0]}'

[volume.any]
type = '${var.text}'

[volume.each]
for_each = '${var.list}'
type = "EmptyDirVolume"

[container_group.one]
name = '${var.text}'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = '${var.text}'
wait = '${var.text}'
volumes = '${var.list}'
host_aliases = '${var.text}'
lifecycle = { prevent_destroy = '${var.text}' }
timeouts = { create = '${var.text}' }

[[container_group.one.containers]]
name = "main"
image = '${var.groups["web"].image}${local.images[0]}'
cpu = '${var.count}'
env = { TOKEN = '${var.secret}' }
volume_mounts = [{ volume = '${var.text}', mount_path = '${var.text}' }]

[container_group.each]
for_each = '${var.groups}'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "each"

[[container_group.each.containers]]
name = "main"
image = '${each.value.image}'
env = { KEY = '${{ web = 1 }[each.key]}' }

[module.one]
source = "module"
inputs = { image = '${var.text}', address = '${container_group.each["a"].internet_ip}' }

[module.each]
source = "module"
for_each = '${var.groups}'
inputs = { image = '${each.value.image}', address = '${container_group.one.internet_ip}' }

[output.all]
value = '${[for key, it in module.each : it.id]} ${module.each["x"].id} ${module.one.id}'

[output.some]
value = '${container_group.each["x"].id} ${eip.each[var.text].address} ${values(volume.each)[*].name}'

[output.secret]
value = '${var.secret}'
sensitive = true
"#;

const MODULE: &str = r#"
[variable.image]
type = "string"

[variable.address]

[container_group.it]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = '${var.image}', env = { ADDRESS = '${var.address}' } }]

[output.id]
value = '${container_group.it.id}'
"#;

fn checked(manifest: &str, module: &str) -> Result<Configuration, Diagnostics> {
    let files = [("main.eci.toml", manifest), ("module/it.eci.toml", module)];
    let mut variables = Variables::default();
    variables.leave_missing_unknown();
    eci_config::load(Directory::with(&files).path(), &variables)
}

#[test]
fn what_is_right_with_some_values_is_right_without_any() {
    let configuration = checked(MANIFEST, MODULE).unwrap();
    assert_eq!(lines(&configuration.warnings), [""; 0]);
    let all = configuration.resources.iter();
    let addresses: Vec<String> = all.map(|it| it.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "eip.one",
            "eip.each[\"…\"]",
            "volume.any",
            "volume.each[\"…\"]",
            "container_group.one",
            "container_group.each[\"…\"]",
            "module.one.container_group.it",
            "module.each[\"…\"].container_group.it",
        ]
    );
}

#[test]
fn errors_with_all_values_are_reported() {
    for (is, becomes, expected) in [
        ("'${var.count}'", "'${var.coutn}'", "`var.coutn`"),
        ("each.value.ports", "each.valu.ports", "`each.valu`"),
        ("eip = \"each\"", "eip = \"eech\"", "`eip.eech`"),
        ("'${{ web = 1 }", "'${nope({ web = 1 })", "`nope`"),
        ("cpu = ", "cpus = ", "`cpus`"),
    ] {
        let manifest = MANIFEST.replace(is, becomes);
        let lines = lines(&checked(&manifest, MODULE).unwrap_err());
        assert!(
            lines.iter().all(|line| line.contains(expected)),
            "{lines:#?}"
        );
    }
    let module = MODULE.replace("image = '", "imagge = '");
    let found = checked(MANIFEST, &module).unwrap_err();
    assert!(lines(&found)[0].contains("imagge"), "{:#?}", lines(&found));
}

#[test]
fn without_leave_every_value_that_is_missing_is_an_error() {
    let files = [("main.eci.toml", MANIFEST), ("module/it.eci.toml", MODULE)];
    let found = Directory::with(&files).load().unwrap_err();
    let lines = lines(&found);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    for line in lines {
        assert!(line.contains("no value for required variable"), "{line}");
    }
}

#[test]
fn declarations_can_be_read_while_other_parts_are_wrong() {
    let wrong = r#"
[variable.size]
default = 3

[variable.given]

[variable.list]
type = "list(string)"
default = { a = 1 }

[locals]
double = '${var.size * 2}'
wrong = '${var.nonsense}'

[eip.web]
name = "?"
"#;
    let directory = Directory::with(&[("main.eci.toml", wrong)]);
    let read = eci_config::load_lenient(directory.path(), &Variables::default());
    let read = read.unwrap();
    let warnings = lines(&read.warnings);
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    let console = Console::new(&read);
    let value = |text: &str| console.evaluate(text, &EmptyScope);
    assert_eq!(value("local.double").unwrap(), Value::from(6));
    assert_eq!(value("var.given").unwrap(), Value::Unknown);
    assert_eq!(value("var.list").unwrap(), Value::Unknown);
    // It was reported already.
    assert_eq!(value("local.wrong").unwrap(), Value::Unknown);
    assert!(value("local.none").is_err());
}

#[test]
fn of_a_file_that_is_not_toml_nothing_is_known() {
    let directory = Directory::with(&[("a.eci.toml", "[locals]\na = 1\nb = "), ("b.eci.toml", "")]);
    let torn = eci_config::load_lenient(directory.path(), &Variables::default());
    assert_eq!(lines(&torn.unwrap_err()).len(), 1);
}
