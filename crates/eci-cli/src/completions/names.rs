//! The names in the manifests and in the state that a command line is about.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use eci_core::{Kind, Subject, regular};
use eci_state::Snapshot;
use eci_text::Lang;
use toml::de::{DeTable, DeValue};

use crate::arguments::{GlobalArgs, given_lang};
use crate::context::{Context, manifests_in};

/// The most bytes of all manifests, and of a state, that are read while someone waits for
/// candidates.
const MOST_BYTES: u64 = 32 << 20;

/// The names that a command line may mention, each with a description.
///
/// Manifests and the state are read when they are first used.
pub(super) struct Names {
    context: Context,
    declared: OnceLock<DeclaredNames>,
    snapshot: OnceLock<Option<Snapshot>>,
}

impl Names {
    /// Returns the names for a command line, which may be unfinished.
    pub(super) fn of(words: &[OsString]) -> Names {
        Names {
            context: Context::new(globals(words), &[]),
            declared: OnceLock::new(),
            snapshot: OnceLock::new(),
        }
    }

    /// Returns the language of descriptions.
    pub(super) fn lang(&self) -> Lang {
        self.context.lang()
    }

    /// Returns the addresses of the state: resources, and the modules that they are in.
    pub(super) fn recorded(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let resources = self.snapshot().into_iter().flat_map(|snapshot| {
            let addresses = snapshot.resources.keys();
            addresses.flat_map(|address| {
                let modules = address.modules();
                let outer = (1..=modules.len())
                    .map(|count| Subject::Module(modules[..count].to_vec()).to_string());
                outer.chain([address.to_string()])
            })
        });
        resources.filter_map(|address| described(address, None))
    }

    /// Returns the resources and the module calls of the manifests.
    pub(super) fn declared(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let addresses = self.manifests().addresses.iter();
        addresses.filter_map(|address| described(address.clone(), None))
    }

    /// Returns `name=` for each variable.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let variables = self.manifests().variables.iter();
        variables.filter_map(|(name, help)| described(format!("{name}="), help.clone()))
    }

    /// Returns the outputs in the state.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (String, Option<String>)> {
        let snapshot = self.snapshot().into_iter();
        let names = snapshot.flat_map(|snapshot| snapshot.outputs.keys());
        names.filter_map(|name| described(name.clone(), None))
    }

    /// Returns the workspaces.
    pub(super) fn workspaces(&self) -> impl Iterator<Item = (String, Option<String>)> {
        // A completion does not wait for a network.
        let workspaces = self.context.workspaces(None).ok();
        let local = workspaces.filter(|workspaces| workspaces.is_local());
        let names = local.and_then(|workspaces| workspaces.list().ok());
        let names = names.into_iter().flatten();
        names.filter_map(|name| described(name.to_string(), None))
    }

    fn snapshot(&self) -> Option<&Snapshot> {
        let read = || {
            let state = self.context.state_location().ok()?;
            // A completion does not wait for a network.
            let directory = state.directory()?;
            let size = |file: &str| fs::metadata(directory.join(file)).map_or(0, |file| file.len());
            if size("state.json").saturating_add(size("journal.jsonl")) > MOST_BYTES {
                return None;
            }
            state.existing().ok()?
        };
        self.snapshot.get_or_init(read).as_ref()
    }

    fn manifests(&self) -> &DeclaredNames {
        self.declared.get_or_init(|| {
            let directory = self.context.directory();
            directory.map(DeclaredNames::read).unwrap_or_default()
        })
    }
}

/// Returns a candidate, unless it would end its line or steer the terminal.
fn described(name: String, help: Option<String>) -> Option<(String, Option<String>)> {
    let is_plain = |text: &String| !text.chars().any(eci_text::is_hidden);
    is_plain(&name).then(|| (name, help.filter(is_plain)))
}

/// The names that manifests declare, even if they have errors.
#[derive(Default)]
struct DeclaredNames {
    addresses: Vec<String>,
    /// Variables with their descriptions.
    variables: Vec<(String, Option<String>)>,
}

impl DeclaredNames {
    fn read(directory: &Path) -> DeclaredNames {
        let mut declared = DeclaredNames::default();
        let mut left = MOST_BYTES;
        for manifest in manifests_in(directory) {
            let Ok(text) = regular::read_to_string(&manifest, left) else {
                continue;
            };
            left = left.saturating_sub(text.len() as u64);
            let (table, _) = DeTable::parse_recoverable(&text);
            declared.add(table.get_ref());
        }
        declared
    }

    fn add(&mut self, manifest: &DeTable<'_>) {
        for kind in Kind::ALL {
            let labels = entries(manifest, kind.name());
            self.addresses
                .extend(labels.map(|(label, _)| format!("{kind}.{label}")));
        }
        let calls = entries(manifest, "module");
        self.addresses
            .extend(calls.map(|(label, _)| format!("module.{label}")));
        let variables = entries(manifest, "variable");
        self.variables.extend(variables.map(|(name, variable)| {
            let description = variable.get("description");
            let text = description.and_then(|description| description.get_ref().as_str());
            let line = text.and_then(|text| text.lines().next());
            (name.to_owned(), line.map(str::to_owned))
        }));
    }
}

/// Returns the named tables of a kind.
fn entries<'t>(
    manifest: &'t DeTable<'_>,
    kind: &str,
) -> impl Iterator<Item = (&'t str, &'t DeValue<'t>)> {
    let tables = manifest
        .get(kind)
        .and_then(|value| value.get_ref().as_table());
    let entries = tables.into_iter().flat_map(DeTable::iter);
    entries.map(|(name, value)| (&**name.get_ref(), value.get_ref()))
}

/// Reads the global options that say where the manifests and the state are.
///
/// The parser would refuse a line that is not finished.
fn globals(words: &[OsString]) -> GlobalArgs {
    let mut globals = GlobalArgs {
        lang: given_lang(words),
        ..GlobalArgs::default()
    };
    let mut words = words.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value.to_owned())),
            _ => match word.strip_prefix("-C") {
                Some(directory) if !directory.is_empty() => ("-C", Some(directory.to_owned())),
                _ => (&*word, None),
            },
        };
        if !["-C", "--chdir", "--state", "--workspace", "--backend"].contains(&option) {
            continue;
        }
        let Some(value) = value.or_else(|| words.next().map(Into::into)) else {
            break;
        };
        match option {
            "--state" => globals.state = Some(in_home(value)),
            "--workspace" => globals.workspace = Some(value),
            "--backend" => globals.backend.push(value),
            _ => globals.directory = Some(in_home(value)),
        }
    }
    let selected = || std::env::var("ECI_WORKSPACE").ok();
    globals.workspace = globals.workspace.or_else(selected);
    globals
}

/// Returns a path with the home directory in the place of `~`: the shell has not replaced it yet.
fn in_home(path: String) -> PathBuf {
    let home = std::env::var_os("HOME");
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_also_in_manifests_that_are_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write(
            "a.eci.toml",
            "[eip.front]\nbandwidth = \n[variable.image]\n",
        );
        write(
            "b.eci.toml",
            "[container_group.web]\nname = '${'\n[module.shop]\nsource = \"x\"\n\
             [variable.size]\ndescription = \"The size.\\nIn GiB.\"\n[eip.\"a\\u001b\"]\n",
        );
        write("c.toml", "[eip.other]\n");
        let names = Names::of(&[
            "eci".into(),
            "-C".into(),
            directory.path().as_os_str().to_owned(),
        ]);
        let addresses: Vec<String> = names.declared().map(|(name, _)| name).collect();
        assert_eq!(
            addresses,
            ["eip.front", "container_group.web", "module.shop"]
        );
        let variables: Vec<_> = names.variables().collect();
        assert_eq!(
            variables,
            [
                ("image=".to_owned(), None),
                ("size=".to_owned(), Some("The size.".to_owned()))
            ]
        );
        assert_eq!(names.recorded().count(), 0);
    }

    #[test]
    fn the_place_is_read_from_a_line_that_is_not_finished() {
        let of = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            globals(&words)
        };
        for line in [
            "eci -C web plan --target",
            "eci -Cweb plan -",
            "eci plan --chdir=web --target x",
            "eci plan --chdir web -- -C other",
        ] {
            assert_eq!(of(line).directory, Some(PathBuf::from("web")), "{line}");
        }
        let globals = of("eci state rm --state s --workspace=prod");
        assert_eq!(globals.state, Some(PathBuf::from("s")));
        assert_eq!(globals.workspace.as_deref(), Some("prod"));
        assert_eq!(of("eci plan -C").directory, None);
    }
}
