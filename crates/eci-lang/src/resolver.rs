//! Who knows the names that expressions begin with.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::{Address, Diagnostic, Kind, Value};

use crate::budget::Budget;
use crate::files::{Content, FileError};

/// Resolves the names that expressions begin with, and reads the files that they name.
///
/// Every method but [`Resolver::budget`] has a default for a resolver that knows nothing of the
/// kind: the name is not declared, its value is unknown, the file is missing. The `declares_…`
/// methods are asked first and have to be cheap: also the search for references asks them, which
/// evaluates nothing.
pub trait Resolver {
    /// Returns what pays for evaluations. Resolvers of one configuration share one budget.
    fn budget(&self) -> &Arc<Budget>;

    /// Returns the names that an expression may begin with here.
    fn roots(&self) -> Roots {
        Roots::All
    }

    /// Returns this resolver without any knowledge of resources, whose attributes are then unknown:
    /// keys of instances are evaluated by it, as they must not change while resources do. `None`
    /// if it has no such knowledge anyway.
    fn without_resources(&self) -> Option<Box<dyn Resolver + '_>> {
        None
    }

    /// Whether there is a `var.NAME`.
    fn declares_variable(&self, _name: &str) -> bool {
        false
    }

    /// Whether the value of a variable depends on resources, so that what it refers to matters.
    fn is_computed_variable(&self, _name: &str) -> bool {
        false
    }

    /// Returns the value of a declared `var.NAME`.
    ///
    /// # Errors
    ///
    /// Why it has none, at its place.
    fn variable(&self, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Whether there is a `local.NAME`.
    fn declares_local(&self, _name: &str) -> bool {
        false
    }

    /// Returns the value of a declared `local.NAME`.
    ///
    /// # Errors
    ///
    /// Why it has none, at its place.
    fn local(&self, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns `each.key` and `each.value`; `None` where there is no `for_each`.
    fn each(&self) -> Option<&Each> {
        None
    }

    /// Returns `path.module`, as seen from the directory of the manifests.
    fn module_directory(&self) -> &str {
        "."
    }

    /// Returns `eci.workspace`.
    fn workspace(&self) -> &str {
        "default"
    }

    /// Returns the instances of a resource; `None` if it is not declared.
    fn resource_instances(&self, _kind: Kind, _label: &str) -> Option<&Instances<Address>> {
        None
    }

    /// Returns the attributes of an instance as a table in normal form; `None` while nothing is
    /// known of them.
    fn resource(&self, _address: &Address) -> Option<Value> {
        None
    }

    /// Returns what is called as `module.NAME`; `None` if nothing is.
    fn module(&self, _name: &str) -> Option<CalledModule<'_>> {
        None
    }

    /// Returns an output of a module that is called.
    ///
    /// # Errors
    ///
    /// Why it has no value, at its place.
    fn output(&self, _module: ModuleId, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns all outputs of a module that is called, as a table.
    ///
    /// # Errors
    ///
    /// Why one of them has no value, at its place.
    fn outputs(&self, _module: ModuleId) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns the declared name that is nearest to one that is not, for a suggestion.
    fn nearest(&self, _namespace: Namespace, _name: &str) -> Option<&str> {
        None
    }

    /// Returns the content of the file of that path.
    ///
    /// # Errors
    ///
    /// It cannot be used.
    fn file(&self, path: &str) -> Result<Content, FileError> {
        Err(FileError::Missing {
            path: path.to_owned(),
            module: None,
        })
    }

    /// Returns the paths of all files below a directory, as seen from there, in order.
    ///
    /// # Errors
    ///
    /// The directory cannot be used.
    fn files_below(&self, _directory: &str) -> Result<Arc<[Arc<str>]>, FileError> {
        Ok(Arc::default())
    }
}

/// Where a name that follows the first word of an expression is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// `var.`
    Variables,
    /// `local.`
    Locals,
    /// `module.`
    Modules,
    /// `container_group.` and the like.
    Resources(Kind),
}

/// One module of a configuration among all of them. Only whoever gives it knows what it means.
pub type ModuleId = usize;

/// The instances of a table that may have `for_each`.
#[derive(Debug)]
pub enum Instances<T> {
    /// They are not known (yet).
    Pending,
    /// It has no `for_each`.
    Single(T),
    /// One a key.
    Keyed(BTreeMap<Arc<str>, T>),
}

/// A module as the expressions of the one that calls it see it.
#[derive(Clone, Copy, Debug)]
pub struct CalledModule<'a> {
    /// Its instances.
    pub instances: &'a Instances<ModuleId>,
    /// The outputs that it has; `None` if its manifests could not be read, which was reported.
    pub outputs: Option<DeclaredOutputs<'a>>,
}

/// The outputs that the manifests of a module declare.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredOutputs<'a> {
    /// Their names, in the order in which they are declared.
    pub names: &'a [Arc<str>],
    /// The directory of the manifests, for the message about another one.
    pub directory: &'a str,
}

/// `each.key` and `each.value`.
#[derive(Clone, Debug)]
pub struct Each {
    /// The key of the instance.
    pub key: Value,
    /// What `for_each` has under that key.
    pub value: Value,
}

/// Which names an expression may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roots {
    /// All.
    All,
    /// All, and a person asks, who may also ask for the type of a value.
    Console,
    /// All but resources and modules; who asks, with its article, for the message.
    NoResources(&'static str),
    /// Variables alone.
    Variables(&'static str),
    /// None.
    Nothing(&'static str),
    /// Those that a template is given.
    Bound,
}

impl Roots {
    /// What the names of another module may be, where the names of this one may be these: what
    /// comes from there may come from anywhere, but not from resources if they are forbidden.
    pub fn beyond(self) -> Roots {
        match self {
            Roots::NoResources(who) => Roots::NoResources(who),
            _ => Roots::All,
        }
    }

    /// Who asks, where a name that begins so may not be used.
    pub(crate) fn forbids(self, root: &str) -> Option<&'static str> {
        match self {
            Roots::All | Roots::Console => None,
            Roots::NoResources(who) => {
                (root == "module" || Kind::from_name(root).is_some()).then_some(who)
            }
            Roots::Variables(who) => (root != "var").then_some(who),
            Roots::Nothing(who) => Some(who),
            Roots::Bound => Some("a template"),
        }
    }
}
