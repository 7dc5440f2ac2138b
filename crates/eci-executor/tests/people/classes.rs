//! The classes of what people do between two runs: each can be left out of a history.

use std::collections::BTreeSet;

use crate::rng::Draws;

macro_rules! classes {
    ($($class:ident $name:literal: $about:literal,)*) => {
        /// A class of acts of people between two runs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Class {
            $(#[doc = $about] $class,)*
        }

        impl Class {
            pub(crate) const ALL: &[Class] = &[$(Class::$class,)*];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Class::$class => $name,)*
                }
            }
        }
    };
}

classes! {
    Moves "moves": "Resources get other addresses, with and without `[[moved]]`.",
    Imports "imports": "Existing resources are imported, and others are removed from the state.",
    Targets "targets": "Runs have `--target`, `--exclude`, `--replace`, or destroy a part.",
    Clouds "clouds": "A run goes to another region.",
    States "states": "A second state takes over what the first one has.",
    Orphans "orphans": "The state is restored from a backup; what it forgot is adopted or deleted.",
    Console "console": "Somebody edits in the console; sometimes the manifest follows.",
    Reverts "reverts": "A change whose outcome is unknown is reverted.",
    Secrets "secrets": "Values are marked as sensitive and unmarked.",
    Ignores "ignores": "`ignore_changes` comes and goes.",
    Transfers "transfers": "EIPs and disks change their groups.",
    Failures "failures": "Creates, updates, deletes and outputs fail.",
    Triggers "triggers": "Groups are replaced with others.",
    Protection "protection": "`prevent_destroy` comes and goes.",
    Names "names": "Names are left to their addresses.",
    Dependencies "dependencies": "`depends_on` comes and goes, and literals take the place of references.",
    Kills "kills": "Processes die and calls go wrong.",
}

/// The classes of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classes(pub(crate) BTreeSet<Class>);

impl Classes {
    pub(crate) fn has(&self, class: Class) -> bool {
        self.0.contains(&class)
    }

    /// The classes in a comma-separated list; `edits` is an empty one.
    pub(crate) fn named(names: &str) -> Classes {
        if names == "edits" {
            return Classes(BTreeSet::new());
        }
        let class = |name: &str| {
            let mut all = Class::ALL.iter();
            let class = all.find(|class| class.name() == name.trim());
            *class.unwrap_or_else(|| panic!("unknown class {name}"))
        };
        Classes(names.split(',').map(class).collect())
    }

    /// Some of these: a history of few classes goes deeper into them.
    pub(crate) fn some_of(enabled: &[Class], draws: &Draws) -> Classes {
        let mut classes = BTreeSet::new();
        for _ in 0..enabled.len().min(1 + draws.below(3)) {
            classes.insert(draws.one(enabled));
        }
        Classes(classes)
    }
}
