//! The configuration that is measured: a third each of automatic EIPs, volumes, and groups
//! that refer to both, the groups chained in tens by `depends_on`.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// So many groups, with their EIPs and volumes, stand in one manifest.
const GROUPS_A_FILE: usize = 500;
/// So many groups form one chain.
const CHAIN: usize = 10;

/// Writes a configuration of about `resources` resources into a directory. Gives how many
/// it has: a multiple of three.
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
