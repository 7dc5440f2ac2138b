//! The configuration that is measured: a third each of automatic EIPs, volumes, and groups
//! that refer to both, the groups chained in tens by `depends_on`.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The number of groups, with their EIPs and volumes, in one manifest.
const GROUPS_A_FILE: usize = 500;
/// The number of numbers in one row of a long list.
const ROW: usize = 1_000;
/// The number of groups in one chain.
const CHAIN: usize = 10;

/// Writes a configuration of about `resources` resources into a directory.
///
/// Gives how many it has: a multiple of three.
///
/// # Errors
/// If a manifest cannot be written.
pub fn write(directory: &Path, resources: usize) -> io::Result<usize> {
    let groups = resources / 3;
    std::fs::write(
        directory.join("provider.eci.toml"),
        "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n\n\
         [variable.image]\ndefault = \"nginx:1.27\"\n",
    )?;
    for first in (0..groups).step_by(GROUPS_A_FILE) {
        let last = groups.min(first + GROUPS_A_FILE);
        let text: String = (first..last).map(triple).collect();
        std::fs::write(directory.join(format!("part-{first:06}.eci.toml")), text)?;
    }
    Ok(groups * 3)
}

/// Gives one group in the middle another image.
///
/// # Errors
/// If the manifest cannot be read or written.
pub fn change_one(directory: &Path) -> io::Result<()> {
    let path = directory.join("part-000000.eci.toml");
    let text = std::fs::read_to_string(&path)?;
    let middle = text.floor_char_boundary(text.len() / 2);
    let (before, after) = text.split_at(middle);
    let after = after.replacen("'${var.image}'", "\"nginx:1.28\"", 1);
    std::fs::write(&path, format!("{before}{after}"))
}

/// Writes a number of minimal groups without dependencies.
///
/// # Errors
/// If the manifest cannot be written.
pub fn write_flat(directory: &Path, groups: usize, rate_limit: Option<u32>) -> io::Result<()> {
    let limit = rate_limit.map_or(String::new(), |limit| format!("rate_limit = {limit}\n"));
    // A range has at most 1,024 numbers.
    let rows = groups.div_ceil(ROW);
    let numbers = format!(
        "slice(flatten([for a in range({rows}) : [for b in range({ROW}) : {ROW} * a + b]]), 0, {groups})"
    );
    std::fs::write(
        directory.join("main.eci.toml"),
        format!(
            r#"[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"
{limit}
[container_group.g]
for_each = '${{{{ for i in {numbers} : "n${{i}}" => i }}}}'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
containers = [{{ name = "main", image = "nginx" }}]
"#
        ),
    )
}

/// Writes the same shape for Terraform, out of the one resource that it has built in: a third each
/// of two independent kinds, and of one that refers to both, chained in tens.
///
/// # Errors
/// If the configuration cannot be written.
pub fn write_terraform(directory: &Path, resources: usize) -> io::Result<()> {
    let mut text = String::from("variable \"image\" {\n  default = \"nginx:1.27\"\n}\n");
    for number in 0..resources / 3 {
        let chained = if number.is_multiple_of(CHAIN) {
            String::new()
        } else {
            format!("  depends_on = [terraform_data.g{}]\n", number - 1)
        };
        // Writing to a string does not fail.
        let _ = write!(
            text,
            r#"
resource "terraform_data" "e{number}" {{
  input = {{ auto = true, bandwidth = 5 }}
}}
resource "terraform_data" "v{number}" {{
  input = {{ type = "ConfigFileVolume", files = [{{ path = "app.conf", content = "number = {number}" }}] }}
}}
resource "terraform_data" "g{number}" {{
  input = {{
    vpc_id = "vpc-ctt6yag121", vswitch_id = "subnet-y9n723knrg", security_group_id = "sg-5bvqyvrmch"
    az_name = "cn-huadong1-jsnj1A-public-ctcloud", eip = terraform_data.e{number}.id
    tags = {{ app = "bench", number = "{number}" }}
    containers = [{{
      name = "main", image = var.image, cpu = 1, memory = 2, ports = [{{ port = 8000 }}]
      env = {{ NUMBER = "{number}" }}
      volume_mounts = [{{ volume = terraform_data.v{number}.id, mount_path = "/etc/app" }}]
    }}]
  }}
{chained}}}
"#
        );
    }
    std::fs::write(directory.join("main.tf"), text)
}

fn triple(number: usize) -> String {
    let mut text = format!(
        r#"
[eip.e{number}]
auto = true
bandwidth = 5

[volume.v{number}]
type = "ConfigFileVolume"
files = [{{ path = "app.conf", content = "number = {number}\n" }}]

[container_group.g{number}]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
eip = "e{number}"
tags = {{ app = "bench", number = "{number}" }}
"#
    );
    if !number.is_multiple_of(CHAIN) {
        let before = number - 1;
        // Writing to a string does not fail.
        let _ = writeln!(text, "depends_on = [\"container_group.g{before}\"]");
    }
    let _ = write!(
        text,
        r#"
[[container_group.g{number}.containers]]
name = "main"
image = '${{var.image}}'
cpu = 1
memory = 2
ports = [{{ port = 8000 }}]
env = {{ NUMBER = "{number}" }}
volume_mounts = [{{ volume = "v{number}", mount_path = "/etc/app" }}]
"#
    );
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_flat_shape_is_valid_and_one_image_can_be_changed() {
        let directory = tempfile::tempdir().unwrap();
        for groups in [7, 2_001] {
            write_flat(directory.path(), groups, Some(20)).unwrap();
            let loaded = eci_config::load(directory.path(), &Default::default()).unwrap();
            assert_eq!(loaded.resources.len(), groups);
        }

        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), 30).unwrap();
        change_one(directory.path()).unwrap();
        let text = std::fs::read_to_string(directory.path().join("part-000000.eci.toml")).unwrap();
        assert_eq!(text.matches("nginx:1.28").count(), 1);
        eci_config::load(directory.path(), &Default::default()).unwrap();
    }

    #[test]
    fn the_shape_is_a_valid_configuration_of_that_size() {
        let directory = tempfile::tempdir().unwrap();
        let written = write(directory.path(), 100).unwrap();
        let loaded = eci_config::load(directory.path(), &Default::default()).unwrap();
        assert_eq!(written, 99);
        assert_eq!(loaded.resources.len(), 99);
        let chained = |label: &str| {
            let address = format!("container_group.{label}").parse().unwrap();
            loaded.resource(&address).unwrap().references.len()
        };
        assert_eq!((chained("g10"), chained("g11")), (2, 3));
    }
}
