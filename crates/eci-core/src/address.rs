//! Names of resources: `kind.label`, `kind.label["key"]`, `module.m.kind.label`; and of modules
//! with all that is in them: `module.m`, `module.m["key"]`.

mod kind;
mod parse;
mod subject;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quote::{shell_word, toml_string};

pub use kind::Kind;
pub use parse::AddressError;
pub use subject::Subject;

/// The prefix of an address relative to the whole configuration, where a label
/// of the current module is possible too.
pub const FROM_ROOT: &str = "::";

/// Returns whether a text may name a resource, variable, local, output or module:
/// `[A-Za-z_][A-Za-z0-9_-]*`.
pub fn is_label(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The address of one resource.
///
/// Cheap to clone, to compare and to look up.
#[derive(Clone, Eq, PartialOrd, Ord)]
pub struct Address(Arc<AddressParts>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct AddressParts {
    modules: Vec<ModuleStep>,
    kind: Kind,
    label: Arc<str>,
    key: Option<Arc<str>>,
    /// Of all before it: addresses are looked up far more often than created.
    hash: u64,
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        let (one, other) = (&self.0, &other.0);
        Arc::ptr_eq(one, other) || one.hash == other.hash && one == other
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

/// One step into a module: its name and, with `for_each`, its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// The module's name.
    pub name: Arc<str>,
    /// The instance, where the module has several.
    pub key: Option<Arc<str>>,
}

impl Address {
    /// Returns the address of a resource of the root configuration.
    pub fn new(kind: Kind, label: impl Into<Arc<str>>) -> Address {
        Address::build(Vec::new(), kind, label.into(), None)
    }

    /// Returns the address of this resource's instance for one key of `for_each`.
    #[must_use]
    pub fn instance(&self, key: impl Into<Arc<str>>) -> Address {
        let parts = &self.0;
        Address::build(
            parts.modules.clone(),
            parts.kind,
            parts.label.clone(),
            Some(key.into()),
        )
    }

    /// Returns the address without its instance key.
    #[must_use]
    pub fn resource(&self) -> Address {
        let parts = &self.0;
        Address::build(parts.modules.clone(), parts.kind, parts.label.clone(), None)
    }

    /// Returns the address as a string of a manifest.
    pub fn in_toml(&self) -> String {
        toml_string(&self.to_string())
    }

    /// Returns the address as a word of a command line.
    pub fn in_shell(&self) -> String {
        shell_word(&self.to_string())
    }

    /// Returns this address relative to the outside of a module.
    #[must_use]
    pub fn within(&self, modules: &[ModuleStep]) -> Address {
        if modules.is_empty() {
            return self.clone();
        }
        self.placed(modules.iter().chain(self.modules()).cloned().collect())
    }

    /// Returns this address relative to the outermost `depth` of the modules around it.
    #[must_use]
    pub fn inside(&self, depth: usize) -> Address {
        let modules = self.modules().iter();
        self.placed(modules.skip(depth).cloned().collect())
    }

    /// Returns the address with other modules around it.
    #[must_use]
    fn placed(&self, modules: Vec<ModuleStep>) -> Address {
        let parts = &self.0;
        Address::build(modules, parts.kind, parts.label.clone(), parts.key.clone())
    }

    fn build(
        modules: Vec<ModuleStep>,
        kind: Kind,
        label: Arc<str>,
        key: Option<Arc<str>>,
    ) -> Address {
        let mut hasher = DefaultHasher::new();
        (&modules, kind, &label, &key).hash(&mut hasher);
        Address(Arc::new(AddressParts {
            modules,
            kind,
            label,
            key,
            hash: hasher.finish(),
        }))
    }

    /// Returns the kind of the resource.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the resource's label: the key of its table in the manifest.
    pub fn label(&self) -> &Arc<str> {
        &self.0.label
    }

    /// Returns the instance key, where the resource has `for_each`.
    pub fn key(&self) -> Option<&Arc<str>> {
        self.0.key.as_ref()
    }

    /// Returns the modules around it, outermost first.
    pub fn modules(&self) -> &[ModuleStep] {
        &self.0.modules
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.0.modules {
            write!(f, "{module}.")?;
        }
        write!(f, "{}.{}", self.0.kind, self.0.label)?;
        write_key(f, self.0.key.as_deref())
    }
}

/// `module.edge["k"]`
impl fmt::Display for ModuleStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        write_key(f, self.key.as_deref())
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: Option<&str>) -> fmt::Result {
    match key {
        Some(key) => write!(f, "[{}]", quoted(key)),
        None => Ok(()),
    }
}

/// Writes a key in quotes, escaped as in TOML, so that an address is one line wherever it is
/// written: the form `Address` parses.
fn quoted(key: &str) -> String {
    eci_text::toml(key)
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
