//! Desired configurations as manifests, and as the objects that the cloud has to have then.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use eci_config::{ValueSource, Variables};

use super::desired::{Attachment, DISKS, DesiredObjects, EIPS, Group, Management, Place, SECRETS};
use crate::REGION;

/// A container group as the cloud has to have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExpectedGroup {
    pub(super) image: String,
    pub(super) subnet: String,
    pub(super) env: BTreeMap<String, Text>,
    /// None where changes of tags are ignored.
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) args: Vec<String>,
}

/// A text that the cloud has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Is(String),
    /// The address of the group of that name.
    AddressOfGroup(String),
    /// The address of the EIP of that name.
    AddressOfEip(String),
}

/// An EIP or a disk as the cloud has to have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ExpectedAttachment {
    pub(super) name: String,
    pub(super) size: i64,
    pub(super) sort: String,
    /// The name of the group that has it; empty if none has.
    pub(super) holder: String,
}

impl DesiredObjects {
    /// Returns the manifests, by their paths.
    pub(super) fn manifests(&self) -> [(&'static str, String); 2] {
        [
            ("main.eci.toml", self.main()),
            ("side/main.eci.toml", side().to_owned()),
        ]
    }

    /// Returns the values of the variables.
    pub(super) fn variables(&self) -> Variables {
        let mut variables = Variables::default();
        for (number, secret) in self.secrets.iter().enumerate() {
            variables.set(
                format!("s{number}"),
                &secret.text(),
                ValueSource::Environment,
            );
        }
        variables
    }

    fn main(&self) -> String {
        let mut text = format!("[provider]\nregion_id = \"{REGION}\"\n");
        for (number, secret) in self.secrets.iter().enumerate() {
            let sensitive = secret.is_sensitive;
            let _ = write!(
                text,
                "\n[variable.s{number}]\ntype = \"string\"\nsensitive = {sensitive}\n"
            );
        }
        for (from, to) in &self.moved {
            let _ = write!(
                text,
                "\n[[moved]]\nfrom = \"container_group.{from}\"\nto = \"container_group.{to}\"\n"
            );
        }
        for (label, _) in EIPS {
            if let Some(eip) = self.eips.get(label) {
                text.push_str(&eip_table(label, eip));
            }
        }
        for (label, _) in DISKS {
            text.push_str(&disk_table(label, self.disks.get(label)));
        }
        for number in 0..SECRETS {
            let _ = write!(
                text,
                "\n[volume.file{number}]\ntype = \"ConfigFileVolume\"\n\
                 files = [{{ path = \"a.conf\", content = 'word=${{var.s{number}}};' }}]\n\
                 \n[volume.bucket{number}]\ntype = \"ZosVolume\"\nbucket = \"b\"\n\
                 url = \"https://zos.example\"\naccess_key = \"key\"\n\
                 secret_key = '${{var.s{number}}}'\n"
            );
        }
        for (label, group) in &self.groups {
            self.group_table(label, group, &mut text);
        }
        let keys = |keys: &std::collections::BTreeSet<&str>| {
            format!("{keys:?}").replace('{', "[").replace('}', "]")
        };
        let (each, side) = (keys(&self.keys), keys(&self.module.0));
        let image = self.module.1;
        let _ = write!(
            text,
            "\n[container_group.each]\nfor_each = {each}\nname = 'each-${{each.key}}'\n{}\
             containers = [{{ name = \"main\", image = \"app:1\", \
             env = {{ KEY = '${{each.key}}', WORD = '${{var.s0}}' }} }}]\n\
             \n[module.side]\nsource = \"./side\"\nfor_each = {side}\n\
             inputs = {{ key = '${{each.key}}', image = {image}, word = '${{var.s1}}' }}\n\
             \n[output.word]\nvalue = '${{var.s1}}'\nsensitive = true\n\
             \n[output.names]\nvalue = '${{join(\",\", keys(module.side))}}'\n",
            place(0)
        );
        for label in self.groups.keys() {
            let _ = write!(
                text,
                "\n[output.address_{label}]\nvalue = '${{container_group.{label}.intranet_ip}}'\n"
            );
        }
        text
    }

    fn group_table(&self, label: &str, group: &Group, text: &mut String) {
        let secret = |place: Place| {
            let secret = group.secrets.get(&place);
            secret.map(|number| format!("'${{var.s{number}}}'"))
        };
        let mut env = vec![format!("OWNER = \"{}\"", group.owner)];
        env.extend(secret(Place::Env).map(|word| format!("WORD = {word}")));
        if let Some(dependency) = group.dependency {
            env.push(format!(
                "NEEDS = '${{container_group.{dependency}.intranet_ip}}'"
            ));
        }
        let mut mounts = Vec::new();
        let mut keys = String::new();
        for (label, _) in self.held(&self.eips, label) {
            let _ = writeln!(keys, "eip = \"{label}\"");
            if self.eips[label].sort == Management::Managed {
                env.push(format!("ADDRESS = '${{eip.{label}.address}}'"));
            }
        }
        for (label, _) in self.held(&self.disks, label) {
            mounts.push(format!(
                "{{ volume = \"{label}\", mount_path = \"/{label}\" }}"
            ));
        }
        for (place, kind) in [(Place::File, "file"), (Place::Bucket, "bucket")] {
            if let Some(number) = group.secrets.get(&place) {
                mounts.push(format!(
                    "{{ volume = \"{kind}{number}\", mount_path = \"/{kind}\" }}"
                ));
            }
        }
        let list = |name: &str, word: Option<String>| {
            word.map_or(String::new(), |word| {
                format!(", {name} = [\"run\", {word}]")
            })
        };
        let probe = secret(Place::Probe).map_or(String::new(), |word| {
            format!(", readiness_probe = {{ exec = [\"ask\", {word}] }}")
        });
        let mut tags = vec![format!("owner = \"o{}\"", group.owner)];
        tags.extend(secret(Place::Tag).map(|word| format!("word = {word}")));
        if let Some(word) = secret(Place::Registry) {
            let _ = writeln!(
                keys,
                "image_registry_credentials = [{{ server = \"r.example\", user_name = \"u\", \
                 password = {word} }}]"
            );
        }
        if let Some(word) = secret(Place::InitEnv) {
            let _ = writeln!(
                keys,
                "init_containers = [{{ name = \"init\", image = \"app:1\", \
                 command = [\"exit\", \"0\"], env = {{ WORD = {word} }} }}]"
            );
        }
        if group.does_not_wait {
            keys.push_str("wait = \"none\"\n");
        }
        let ignored = if group.ignores_tags { "\"tags\"" } else { "" };
        let _ = write!(
            text,
            "\n[container_group.{label}]\nname = \"{}\"\n{}{keys}\
             tags = {{ {} }}\n\
             lifecycle = {{ create_before_destroy = {}, ignore_changes = [{ignored}] }}\n\
             containers = [{{ name = \"main\", image = \"app:{}\", env = {{ {} }}, \
             volume_mounts = [{}]{}{}{probe} }}]\n",
            group.name,
            place(group.subnet),
            tags.join(", "),
            group.create_first,
            group.image,
            env.join(", "),
            mounts.join(", "),
            list("args", secret(Place::Args)),
            list("pre_stop", secret(Place::PreStop)),
        );
    }

    /// Returns the attachments of a group.
    fn held<'a>(
        &'a self,
        attachments: &'a BTreeMap<&'static str, Attachment>,
        holder: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a Attachment)> {
        let held = attachments
            .iter()
            .filter(move |(_, it)| it.holder == Some(holder));
        held.map(|(label, attachment)| (*label, attachment))
    }

    /// Returns the groups as the cloud has to have them, by their names.
    pub(super) fn expected_groups(&self) -> BTreeMap<String, ExpectedGroup> {
        let mut expected = BTreeMap::new();
        let is = |text: &str| Text::Is(text.to_owned());
        for (label, group) in &self.groups {
            let secret = |place: Place| {
                let number = group.secrets.get(&place);
                number.map(|number| self.secrets[*number].text())
            };
            let mut env = BTreeMap::from([("OWNER".to_owned(), is(&group.owner.to_string()))]);
            env.extend(secret(Place::Env).map(|word| ("WORD".to_owned(), Text::Is(word))));
            if let Some(dependency) = group.dependency {
                let name = self.groups[dependency].name.clone();
                env.insert("NEEDS".to_owned(), Text::AddressOfGroup(name));
            }
            for (_, eip) in self.held(&self.eips, label) {
                if eip.sort == Management::Managed {
                    let address = Text::AddressOfEip(eip.name.clone());
                    env.insert("ADDRESS".to_owned(), address);
                }
            }
            let mut tags = BTreeMap::from([("owner".to_owned(), format!("o{}", group.owner))]);
            tags.extend(secret(Place::Tag).map(|word| ("word".to_owned(), word)));
            let args = secret(Place::Args);
            let args = args.map(|word| vec!["run".to_owned(), word]);
            let group_there = ExpectedGroup {
                image: format!("app:{}", group.image),
                subnet: format!("subnet-{}", group.subnet),
                env,
                tags: (!group.ignores_tags).then_some(tags),
                args: args.unwrap_or_default(),
            };
            expected.insert(group.name.clone(), group_there);
        }
        let simple = |image: usize, key: &str, word: &str| ExpectedGroup {
            image: format!("app:{image}"),
            subnet: "subnet-0".to_owned(),
            env: BTreeMap::from([("KEY".to_owned(), is(key)), ("WORD".to_owned(), is(word))]),
            tags: Some(BTreeMap::new()),
            args: Vec::new(),
        };
        for key in &self.keys {
            let word = self.secrets[0].text();
            expected.insert(format!("each-{key}"), simple(1, key, &word));
        }
        for key in &self.module.0 {
            let word = self.secrets[1].text();
            expected.insert(format!("side-{key}"), simple(self.module.1, key, &word));
        }
        expected
    }

    /// Returns the managed EIPs as the cloud has to have them, in order.
    pub(super) fn expected_eips(&self) -> Vec<ExpectedAttachment> {
        let managed = self
            .eips
            .values()
            .filter(|eip| eip.sort == Management::Managed);
        let mut expected: Vec<_> = managed.map(|eip| self.expected(eip, line(eip))).collect();
        expected.sort();
        expected
    }

    /// Returns the disks as the cloud has to have them, in order.
    pub(super) fn expected_disks(&self) -> Vec<ExpectedAttachment> {
        let disks = self.disks.values();
        let mut expected: Vec<_> = disks.map(|disk| self.expected(disk, kind(disk))).collect();
        expected.sort();
        expected
    }

    fn expected(&self, attachment: &Attachment, sort: &str) -> ExpectedAttachment {
        let holder = attachment.holder.and_then(|holder| self.groups.get(holder));
        ExpectedAttachment {
            name: attachment.name.clone(),
            size: i64::try_from(attachment.size).unwrap_or(i64::MAX),
            sort: sort.to_owned(),
            holder: holder.map_or(String::new(), |group| group.name.clone()),
        }
    }
}

/// Returns the keys for the network of a group.
fn place(subnet: usize) -> String {
    format!(
        "vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-{subnet}\"\nsecurity_group_id = \"sg-1\"\n\
         az_name = \"az1\"\n"
    )
}

fn eip_table(label: &str, eip: &Attachment) -> String {
    let (name, size, line) = (&eip.name, eip.size, line(eip));
    match eip.sort {
        Management::Managed => format!(
            "\n[eip.{label}]\nname = \"{name}\"\nbandwidth = {size}\nline_type = \"{line}\"\n"
        ),
        Management::Automatic => format!("\n[eip.{label}]\nauto = true\nbandwidth = {size}\n"),
        Management::Existing => format!("\n[eip.{label}]\nid = \"eip-{label}\"\n"),
    }
}

fn disk_table(label: &str, disk: Option<&Attachment>) -> String {
    let Some(disk) = disk else {
        // What has data on it goes only where that is said.
        return format!("\n[[removed]]\nfrom = \"volume.{label}\"\ndestroy = true\n");
    };
    let (name, size, kind) = (&disk.name, disk.size, kind(disk));
    format!(
        "\n[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = {size}, kind = \"{kind}\", name = \"{name}\" }}\n\
         lifecycle = {{ prevent_destroy = false }}\n"
    )
}

fn line(eip: &Attachment) -> &'static str {
    ["163", "bgp"][eip.fixed]
}

fn kind(disk: &Attachment) -> &'static str {
    ["SATA", "SSD"][disk.fixed]
}

/// Returns the module.
fn side() -> &'static str {
    r#"[variable.key]
type = "string"

[variable.image]
type = "number"

[variable.word]
type = "string"

[container_group.main]
name = 'side-${var.key}'
vpc_id = "vpc-1"
vswitch_id = "subnet-0"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = 'app:${var.image}', env = { KEY = '${var.key}', WORD = '${var.word}' } }]
"#
}
