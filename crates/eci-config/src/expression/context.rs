//! What an evaluation sees.

use eci_core::Value;

use crate::environment::Environment;
use crate::modules::{EvalFrame, Modules};
use crate::scope::{EmptyScope, Scope};

/// What an evaluation sees.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) scope: &'a dyn Scope,
    /// `each`, in a resource with `for_each`.
    pub(crate) each: Option<&'a Each>,
    pub(crate) roots: Roots,
    /// The other modules, for what comes from them; without them it is unknown.
    pub(crate) modules: Option<&'a Modules>,
    /// What is being evaluated and led here.
    pub(crate) chain: Option<&'a EvalFrame<'a>>,
}

impl<'a> Context<'a> {
    /// What an environment alone tells, with no look at resources or other modules.
    pub(crate) fn plain(environment: &'a Environment) -> Context<'a> {
        Context {
            environment,
            scope: &EmptyScope,
            each: None,
            roots: Roots::All,
            modules: None,
            chain: None,
        }
    }
}

/// `each.key` and `each.value`.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    pub(crate) key: Value,
    pub(crate) value: Value,
}

/// Which names an expression may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
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
    pub(crate) fn beyond(self) -> Roots {
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
                (root == "module" || eci_core::Kind::from_name(root).is_some()).then_some(who)
            }
            Roots::Variables(who) => (root != "var").then_some(who),
            Roots::Nothing(who) => Some(who),
            Roots::Bound => Some("a template"),
        }
    }
}
