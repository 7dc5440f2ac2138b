//! The trait that resolves the names that expressions begin with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::{Address, Diagnostic, Kind, Value};
use eci_text::{Text, text};

use crate::budget::Budget;
use crate::files::{Content, FileError};

/// Resolves the names that expressions begin with, and reads the files that they name.
///
/// Every method but [`Resolver::budget`] has a default for names that are not supported: not
/// declared, unknown, a missing file. The `declares_…` methods are called before the values are
/// taken, and also by the search for references, which evaluates nothing: they have to be cheap.
pub trait Resolver {
    /// Returns the budget that evaluations draw on.
    ///
    /// Resolvers of one configuration share one budget.
    fn budget(&self) -> &Arc<Budget>;

    /// Returns the names that an expression may begin with here.
    fn roots(&self) -> Roots {
        Roots::All
    }

    /// Returns a resolver of the same names to which the attributes of all resources are unknown:
    /// keys of instances are evaluated by it, so that they do not change while resources do. `None`
    /// if they are unknown to this one already.
    fn without_resources(&self) -> Option<Box<dyn Resolver + '_>> {
        None
    }

    /// Returns whether `var.NAME` is declared.
    fn declares_variable(&self, _name: &str) -> bool {
        false
    }

    /// Returns whether the value of a variable depends on resources, so that its references matter.
    fn is_computed_variable(&self, _name: &str) -> bool {
        false
    }

    /// Returns the value of a declared `var.NAME`.
    ///
    /// # Errors
    ///
    /// The value cannot be computed; the error is at its place.
    fn variable(&self, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns whether `local.NAME` is declared.
    fn declares_local(&self, _name: &str) -> bool {
        false
    }

    /// Returns the value of a declared `local.NAME`.
    ///
    /// # Errors
    ///
    /// The value cannot be computed; the error is at its place.
    fn local(&self, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns `each.key` and `each.value`; `None` outside of `for_each`.
    fn each(&self) -> Option<&EachValue> {
        None
    }

    /// Returns `path.module`, relative to the directory of the manifests.
    fn module_directory(&self) -> &str {
        "."
    }

    /// Returns whether `env("NAME")` can be used here: where a result differs from machine to machine, no
    /// plan would be reviewable.
    fn reads_environment(&self) -> bool {
        false
    }

    /// Returns whether all variables of the environment are unknown, set or not.
    fn is_environment_unknown(&self) -> bool {
        false
    }

    /// Returns the value of a variable of the environment.
    fn environment(&self, _name: &str) -> Option<&str> {
        None
    }

    /// Returns the outputs of `[state.NAME]`; `None` if it is not declared.
    fn state(&self, _name: &str) -> Option<&StateOutputs> {
        None
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

    /// Returns the module that is called as `module.NAME`; `None` if that is not declared.
    fn module(&self, _name: &str) -> Option<CalledModule<'_>> {
        None
    }

    /// Returns an output of a module that is called.
    ///
    /// # Errors
    ///
    /// The value cannot be computed; the error is at its place.
    fn output(&self, _module: ModuleId, _name: &str) -> Result<Value, Box<Diagnostic>> {
        Ok(Value::Unknown)
    }

    /// Returns all outputs of a module that is called, as a table.
    ///
    /// # Errors
    ///
    /// One of the values cannot be computed; the error is at its place.
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

    /// Returns the paths of all files below a directory, relative to it, in order.
    ///
    /// # Errors
    ///
    /// The directory cannot be used.
    fn files_below(&self, _directory: &str) -> Result<Arc<[Arc<str>]>, FileError> {
        Ok(Arc::default())
    }
}

/// The declarations that a name after the first word of an expression is looked up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// `var.`
    Variables,
    /// `local.`
    Locals,
    /// `module.`
    Modules,
    /// `state.`
    States,
    /// `container_group.` and the like.
    Resources(Kind),
}

/// One module of a configuration among all of them.
///
/// Its meaning is the resolver's.
pub type ModuleId = usize;

/// The instances of a table that may have `for_each`.
#[derive(Debug)]
pub enum Instances<T> {
    /// Values that are not known (yet).
    Pending,
    /// The only instance, without `for_each`.
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
pub struct EachValue {
    /// The key of the instance.
    pub key: Value,
    /// The value of `for_each` under that key.
    pub value: Value,
}

/// The outputs of another configuration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StateOutputs {
    /// Outputs that were not read.
    Unknown,
    /// Outputs that were read.
    Known {
        /// The values.
        values: BTreeMap<Arc<str>, Value>,
        /// The names of sensitive outputs, of which a state has no values.
        sensitive: BTreeSet<Arc<str>>,
    },
}

/// The names that an expression may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roots {
    /// All.
    All,
    /// All, and a person asks, who may also ask for the type of a value.
    Console,
    /// All but resources and modules.
    ///
    /// The text is the place that asks, a noun that ends in a Han character in Chinese: "the value
    /// of an output", "输出的值".
    NoResources(&'static Text),
    /// Variables alone.
    Variables(&'static Text),
    /// None.
    Nothing(&'static Text),
    /// Those that a template is given.
    Bound,
}

static TEMPLATE: Text = Text::fixed("a template", "模板");

impl Roots {
    /// Returns the roots of names in another module, where those in this one may be these: its
    /// values may depend on anything, but not on resources if they are forbidden.
    pub fn beyond(self) -> Roots {
        match self {
            Roots::NoResources(who) => Roots::NoResources(who),
            _ => Roots::All,
        }
    }

    /// Returns the place that asks, if names that start with this word cannot be used there.
    pub(crate) fn forbids(self, root: &str) -> Option<&'static Text> {
        match self {
            Roots::All | Roots::Console => None,
            Roots::NoResources(who) => {
                (root == "module" || Kind::from_name(root).is_some()).then_some(who)
            }
            Roots::Variables(who) => (root != "var").then_some(who),
            Roots::Nothing(who) => Some(who),
            Roots::Bound => Some(&TEMPLATE),
        }
    }

    /// Returns what to do about a name that cannot be used.
    pub(crate) fn help(self) -> Text {
        match self {
            Roots::Variables(_) => text!(en: "use variables only", zh: "仅使用变量"),
            Roots::Nothing(_) => text!(en: "write a literal value", zh: "写成字面量"),
            _ => text!(
                en: "use values that do not come from resources or modules, for example variables and locals",
                zh: "使用不依赖资源和模块的值，例如变量和局部值",
            ),
        }
    }
}
