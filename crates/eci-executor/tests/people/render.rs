//! A configuration as a directory of manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use eci_config::Configuration;
use eci_core::Diagnostics;

use crate::config::{Config, Group, IgnoredPath, Output, Place, Secret, Shape};
use crate::objects;

/// Writes the manifests of a configuration and loads them.
pub(crate) fn load(config: &Config, directory: &Path) -> Result<Configuration, Diagnostics> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.insert("main.eci.toml".to_owned(), root(config));
    for (place, group) in &config.groups {
        if let Place::Module(module, label) = place {
            let file = files
                .entry(format!("modules/{module}/main.eci.toml"))
                .or_default();
            table(config, label, group, file);
            for secret in group.secrets.values() {
                variable(config, *secret, file);
            }
        }
    }
    for module in objects::modules(config).collect::<BTreeSet<_>>() {
        let file = files
            .entry(format!("modules/{module}/main.eci.toml"))
            .or_default();
        objects::tables(config, Some(module), file);
    }
    for (name, text) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text).unwrap();
        }
    }
    eci_config::load(directory, &Default::default())
}

/// The manifest of the root.
pub(crate) fn root(config: &Config) -> String {
    let mut text = String::new();
    changes(config, &mut text);
    objects::tables(config, None, &mut text);
    let mut keyed: BTreeMap<&str, Vec<(&str, &Group)>> = BTreeMap::new();
    let mut modules: Vec<&str> = objects::modules(config).collect();
    let mut secrets: Vec<Secret> = Vec::new();
    for (place, group) in &config.groups {
        match place {
            Place::Root(label) => {
                table(config, label, group, &mut text);
                secrets.extend(group.secrets.values());
            }
            Place::Key(label, key) => keyed.entry(label).or_default().push((key, group)),
            Place::Module(module, _) => modules.push(module),
        }
    }
    for (label, instances) in keyed {
        repeated(label, &instances, &mut text);
    }
    modules.sort_unstable();
    modules.dedup();
    for module in modules {
        let _ = writeln!(text, "[module.{module}]\nsource = \"./modules/{module}\"");
    }
    secrets.sort_unstable();
    secrets.dedup();
    for secret in secrets {
        variable(config, secret, &mut text);
    }
    for (name, output) in &config.outputs {
        let label = output.place().label().unwrap_or("a");
        let value = match output {
            Output::Id(_) => format!("${{container_group.{label}.id}}"),
            Output::Number(_) => format!("${{tonumber(container_group.{label}.id)}}"),
        };
        let _ = writeln!(text, "[output.{name}]\nvalue = '{value}'");
    }
    text
}

/// `[[moved]]`, `[[removed]]` and `[[import]]`.
fn changes(config: &Config, text: &mut String) {
    for (from, to) in &config.moved {
        let _ = writeln!(text, "[[moved]]\nfrom = '{from}'\nto = '{to}'");
    }
    for (from, destroy) in &config.removed {
        let _ = writeln!(text, "[[removed]]\nfrom = '{from}'\ndestroy = {destroy}");
    }
    for (to, import) in &config.imports {
        let crate::config::ImportTable { id, take_over } = import;
        let _ = writeln!(text, "[[import]]\nto = '{to}'\nid = \"{id}\"");
        if *take_over {
            text.push_str("take_over = true\n");
        }
    }
}

fn variable(config: &Config, secret: Secret, text: &mut String) {
    let Secret(number) = secret;
    let _ = writeln!(
        text,
        "[variable.s{number}]\ntype = \"string\"\nsensitive = {}\ndefault = \"{}\"",
        config.marked.contains(&secret),
        secret.value()
    );
}

const PLACE: &str = "vswitch_id = \"subnet-1\"\nsecurity_group_id = \"sg-1\"\naz_name = \"zone-1\"";

fn table(config: &Config, label: &str, group: &Group, text: &mut String) {
    let _ = writeln!(text, "[container_group.{label}]\n{PLACE}");
    if let Some(name) = &group.name {
        let _ = writeln!(text, "name = \"{name}\"");
    }
    let _ = writeln!(text, "vpc_id = \"vpc-{}\"", group.vpc);
    if !group.restarts {
        text.push_str("restart_policy = \"Never\"\n");
    }
    let tags = group.tags.iter();
    let mut tags: Vec<String> = tags
        .map(|(key, value)| format!("{key} = \"{value}\""))
        .collect();
    let mut env = Vec::new();
    let mut arguments = String::new();
    for (shape, Secret(number)) in &group.secrets {
        match shape {
            Shape::Env => env.push(format!("TOKEN = '${{var.s{number}}}'")),
            Shape::Tag => tags.push(format!("secret = '${{var.s{number}}}'")),
            Shape::Argument => arguments = format!(", args = ['${{var.s{number}}}']"),
        }
    }
    if let Some(password) = group.password {
        let _ = writeln!(
            text,
            "image_registry_credentials = [{{ server = \"registry.example.com\", \
             user_name = \"u\", password = \"p4ssw0rd-{password}-x\" }}]"
        );
    }
    if !tags.is_empty() {
        let _ = writeln!(text, "tags = {{ {} }}", tags.join(", "));
    }
    if let Some(dependency) = group.dependency {
        env.push(match &group.literal {
            Some(literal) => format!("NEEDS = '{literal}'"),
            None => format!("NEEDS = '${{container_group.{dependency}.intranet_ip}}'"),
        });
    }
    let after = group.after.iter();
    let after: Vec<String> = after
        .map(|it| format!("\"container_group.{it}\""))
        .collect();
    if !after.is_empty() {
        let _ = writeln!(text, "depends_on = [{}]", after.join(", "));
    }
    if let Some(eip) = group.eip {
        let _ = writeln!(text, "eip = '{}'", objects::eip_label(eip));
        if config.eips.contains_key(eip) {
            env.push(format!("ADDRESS = '{}'", objects::eip_public(eip)));
        }
    }
    let automatic = group.automatic.map(|bandwidth| {
        let _ = writeln!(text, "eip = \"own_{label}\"");
        format!("[eip.own_{label}]\nauto = true\nbandwidth = {bandwidth}\n")
    });
    let disks = group.disks.iter();
    let mounts: Vec<String> = disks
        .map(|disk| {
            let (label, path) = (objects::volume_label(disk), objects::mount_path(disk));
            format!("{{ volume = '{label}', mount_path = \"{path}\" }}")
        })
        .collect();
    let _ = writeln!(
        text,
        "containers = [{{ name = \"main\", image = \"{}\", env = {{ {} }}, \
         volume_mounts = [{}]{arguments} }}]",
        group.image,
        env.join(", "),
        mounts.join(", "),
    );
    let _ = writeln!(text, "lifecycle = {{ {} }}", lifecycle(group));
    text.push_str(&automatic.unwrap_or_default());
}

fn lifecycle(group: &Group) -> String {
    let mut keys = vec![format!("create_before_destroy = {}", group.create_first)];
    if let Some(protected) = group.protected {
        keys.push(format!("prevent_destroy = {protected}"));
    }
    if let Some(trigger) = group.trigger {
        keys.push(format!(
            "replace_triggered_by = [\"{}\"]",
            objects::trigger(trigger)
        ));
    }
    if group.ignored.contains(&IgnoredPath::All) {
        keys.push("ignore_changes = \"all\"".to_owned());
    } else if !group.ignored.is_empty() {
        let paths = group.ignored.iter().map(|it| match it {
            IgnoredPath::All => "",
            IgnoredPath::Tags => "tags",
            IgnoredPath::Owner => "tags.owner",
            IgnoredPath::Image => "containers[\"main\"].image",
            IgnoredPath::ImageByPlace => "containers[0].image",
            IgnoredPath::ImageOfAll => "containers[*].image",
            IgnoredPath::RestartPolicy => "restart_policy",
            IgnoredPath::SecretEnv => "containers[\"main\"].env.TOKEN",
            IgnoredPath::SecretTag => "tags.secret",
            IgnoredPath::Eip => "eip",
        });
        let paths: Vec<String> = paths.map(|path| format!("'{path}'")).collect();
        keys.push(format!("ignore_changes = [{}]", paths.join(", ")));
    }
    keys.join(", ")
}

/// A table with `for_each`.
///
/// Its instances have nothing but what is written here.
fn repeated(label: &str, instances: &[(&str, &Group)], text: &mut String) {
    let values: Vec<String> = (instances.iter())
        .map(|(key, group)| {
            format!(
                "{key} = {{ name = \"{}\", image = \"{}\", vpc = \"vpc-{}\" }}",
                group.name.as_deref().unwrap_or_default(),
                group.image,
                group.vpc
            )
        })
        .collect();
    let _ = writeln!(
        text,
        "[container_group.{label}]\n{PLACE}\nfor_each = {{ {} }}\n\
         name = '${{each.value.name == \"\" ? null : each.value.name}}'\n\
         vpc_id = '${{each.value.vpc}}'\n\
         containers = [{{ name = \"main\", image = '${{each.value.image}}' }}]",
        values.join(", ")
    );
}
