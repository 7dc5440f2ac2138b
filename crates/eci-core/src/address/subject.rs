//! The subject of a name: a resource with its instances, or a module with its contents.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Address, ModuleStep};

/// A resource, or a module with all that is in it, as a command or a manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One instance of a resource, or a resource with all its instances.
    Resource(Address),
    /// A module, outermost first; never empty.
    ///
    /// Without a key at its end it is every instance.
    Module(Vec<ModuleStep>),
}

impl Subject {
    /// Returns whether this names the resource, or a module that contains it.
    ///
    /// A step without a key covers all keys.
    pub fn covers(&self, address: &Address) -> bool {
        let along = |steps: &[ModuleStep]| {
            let around = address.modules();
            let is_same = |(step, other): (&ModuleStep, &ModuleStep)| {
                step.name == other.name && (step.key.is_none() || step.key == other.key)
            };
            steps.len() <= around.len() && steps.iter().zip(around).all(is_same)
        };
        match self {
            Subject::Module(steps) => along(steps),
            Subject::Resource(named) => {
                named.kind() == address.kind()
                    && named.label() == address.label()
                    && (named.key().is_none() || named.key() == address.key())
                    && named.modules().len() == address.modules().len()
                    && along(named.modules())
            }
        }
    }

    /// Returns the new address of a resource if this subject becomes `to`; `None` if it stays.
    ///
    /// With a resource all its instances move, with a module all that is in it.
    pub fn follow(&self, to: &Subject, here: &Address) -> Option<Address> {
        match (self, to) {
            (Subject::Resource(from), Subject::Resource(to)) => {
                if here == from {
                    return Some(to.clone());
                }
                match (here.key(), from.key(), to.key()) {
                    (Some(key), None, None) if here.resource() == *from => {
                        Some(to.instance(key.clone()))
                    }
                    _ => None,
                }
            }
            (Subject::Module(from), Subject::Module(to)) => follow_module(from, to, here),
            (Subject::Resource(_), Subject::Module(_))
            | (Subject::Module(_), Subject::Resource(_)) => None,
        }
    }

    /// Returns this subject relative to the outside of a module.
    #[must_use]
    pub fn within(&self, modules: &[ModuleStep]) -> Subject {
        match self {
            Subject::Resource(address) => Subject::Resource(address.within(modules)),
            Subject::Module(steps) => Subject::Module([modules, steps].concat()),
        }
    }

    /// Returns this subject relative to the outermost `depth` of the modules around it.
    #[must_use]
    pub fn inside(&self, depth: usize) -> Subject {
        match self {
            Subject::Resource(address) => Subject::Resource(address.inside(depth)),
            Subject::Module(steps) => {
                Subject::Module(steps.get(depth..).unwrap_or_default().to_vec())
            }
        }
    }
}

fn follow_module(from: &[ModuleStep], to: &[ModuleStep], here: &Address) -> Option<Address> {
    let around = here.modules();
    let (last, outer) = from.split_last()?;
    let (start, rest) = around.split_at_checked(from.len())?;
    let (here_last, here_outer) = start.split_last()?;
    let (to_last, to_outer) = to.split_last()?;
    if here_outer != outer || here_last.name != last.name {
        return None;
    }
    let key = match (&here_last.key, &last.key, &to_last.key) {
        (here, from, to) if here == from => to.clone(),
        (Some(here), None, None) => Some(here.clone()),
        _ => return None,
    };
    let name = to_last.name.clone();
    let mut path = to_outer.to_vec();
    path.push(ModuleStep { name, key });
    path.extend_from_slice(rest);
    Some(here.placed(path))
}

impl From<Address> for Subject {
    fn from(address: Address) -> Subject {
        Subject::Resource(address)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Resource(address) => address.fmt(f),
            Subject::Module(steps) => {
                for (at, step) in steps.iter().enumerate() {
                    write!(f, "{}{step}", if at == 0 { "" } else { "." })?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Subject, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Subject {
        text.parse().unwrap()
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_of_subject_is_read_as_it_is_written() {
        for text in [
            "module.a",
            "module.a[\"x\"]",
            "module.a[\"x.y\"].module.b",
            "eip.web",
            "module.a.eip.web[\"k\"]",
        ] {
            assert_eq!(subject(text).to_string(), text);
        }
        let error = "module.a.web".parse::<Subject>().unwrap_err().to_string();
        assert!(error.contains("missing resource type"), "{error}");
    }

    #[test]
    fn a_module_covers_its_contents_only() {
        let covers = |a: &str, b: &str| subject(a).covers(&address(b));
        assert!(covers("module.a", "module.a.eip.web"));
        assert!(covers(
            "module.a",
            "module.a[\"x\"].module.b.eip.web[\"k\"]"
        ));
        assert!(covers("module.a[\"x\"]", "module.a[\"x\"].eip.web"));
        assert!(!covers("module.a[\"x\"]", "module.a[\"y\"].eip.web"));
        assert!(!covers("module.a", "module.ab.eip.web"));
        assert!(!covers("module.a.module.b", "module.a.eip.web"));
        assert!(!covers("module.a", "eip.web"));
    }

    #[test]
    fn a_resource_covers_its_instances_in_every_instance_of_its_module() {
        let covers = |a: &str, b: &str| subject(a).covers(&address(b));
        assert!(covers("eip.web", "eip.web[\"k\"]"));
        assert!(covers("module.a.eip.web", "module.a[\"x\"].eip.web[\"k\"]"));
        assert!(!covers("eip.web[\"k\"]", "eip.web"));
        assert!(!covers("eip.web", "module.a.eip.web"));
        assert!(!covers("module.a.eip.web", "module.a.module.b.eip.web"));
    }

    #[test]
    fn what_is_in_a_module_goes_where_it_goes() {
        let follow = |from: &str, to: &str, here: &str| {
            let there = subject(from).follow(&subject(to), &address(here));
            there.map(|there| there.to_string())
        };
        let deep = "module.a.module.b[\"x\"].eip.web[\"k\"]";
        let went = follow("module.a", "module.c.module.d", deep);
        assert_eq!(
            went.as_deref(),
            Some("module.c.module.d.module.b[\"x\"].eip.web[\"k\"]")
        );
        let renamed = follow("module.a", "module.c", "module.a[\"x\"].eip.web");
        assert_eq!(renamed.as_deref(), Some("module.c[\"x\"].eip.web"));
        let keyed = follow("module.a", "module.a[\"x\"]", "module.a.eip.web");
        assert_eq!(keyed.as_deref(), Some("module.a[\"x\"].eip.web"));
        assert_eq!(
            follow("module.a", "module.a[\"x\"]", "module.a[\"y\"].eip.web"),
            None
        );
        let into = follow("eip.web", "module.a.eip.front", "eip.web[\"k\"]");
        assert_eq!(into.as_deref(), Some("module.a.eip.front[\"k\"]"));
        assert_eq!(follow("module.a", "module.b", "eip.web"), None);
    }
}
