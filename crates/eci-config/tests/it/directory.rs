//! Directories of manifests in the making.

use std::collections::HashMap;

use eci_config::{Configuration, Scope, Variables};
use eci_core::{Address, Diagnostics, Map, Value};

/// A directory that is deleted at the end of the test.
pub(crate) struct Directory(tempfile::TempDir);

impl Directory {
    /// A directory with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Directory {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Directory(directory)
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    pub(crate) fn load(&self) -> Result<Configuration, Diagnostics> {
        eci_config::load(self.path(), &Variables::default())
    }
}

/// Loads one manifest.
pub(crate) fn load(manifest: &str) -> Result<Configuration, Diagnostics> {
    Directory::with(&[("main.eci.toml", manifest)]).load()
}

/// Returns the errors of one manifest, a line each.
pub(crate) fn errors(manifest: &str) -> Vec<String> {
    lines(&load(manifest).expect_err("the manifest is wrong"))
}

/// A line for each diagnostic.
pub(crate) fn lines(diagnostics: &Diagnostics) -> Vec<String> {
    diagnostics.0.iter().map(ToString::to_string).collect()
}

/// Resources and their attributes, as a scope.
#[derive(Default)]
pub(crate) struct KnownResources(pub(crate) HashMap<Address, Value>);

impl Scope for KnownResources {
    fn resource(&self, address: &Address) -> Option<Value> {
        self.0.get(address).cloned()
    }
}

impl KnownResources {
    /// Evaluates every resource of a configuration; each must come after those it refers to.
    pub(crate) fn all_of(configuration: &Configuration) -> KnownResources {
        let mut known = KnownResources::default();
        for resource in &configuration.resources {
            let attributes = resource.evaluate(&known).unwrap();
            known
                .0
                .insert(resource.address.clone(), Value::Map(attributes));
        }
        known
    }

    pub(crate) fn get(&self, address: &str) -> &Map {
        self.0[&address.parse::<Address>().unwrap()]
            .as_map()
            .unwrap()
    }
}

/// The values of the outputs of one manifest, nothing being known of its resources.
pub(crate) fn outputs(manifest: &str) -> HashMap<String, Value> {
    let configuration = load(manifest).unwrap_or_else(|error| panic!("{error}"));
    configuration
        .outputs
        .iter()
        .map(|output| {
            let value = output.evaluate(&eci_config::EmptyScope).unwrap();
            (output.name.clone(), value)
        })
        .collect()
}

/// The value of one expression.
pub(crate) fn value(expression: &str) -> Value {
    let manifest = format!("[output.it]\nsensitive = true\nvalue = '''{expression}'''\n");
    let value = outputs(&manifest).remove("it").unwrap();
    value.reveal().0.clone()
}

/// The required attributes of a container group that a test is not about.
pub(crate) const NETWORK: &str = r#"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az-1"
"#;

/// A group of one container with further keys.
pub(crate) fn group(label: &str, keys: &str) -> String {
    format!(
        "[container_group.{label}]{NETWORK}{keys}\n\
         [[container_group.{label}.containers]]\nname = \"main\"\nimage = \"nginx:1.27\"\n"
    )
}
