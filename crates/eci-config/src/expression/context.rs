//! What an evaluation sees.

use std::sync::Arc;

use eci_core::Value;

use crate::environment::Environment;
use crate::scope::Scope;

/// What an evaluation sees.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) scope: &'a dyn Scope,
    /// `each`, in a resource with `for_each`.
    pub(crate) each: Option<&'a Each>,
    pub(crate) roots: Roots,
}

/// `each.key` and `each.value`.
#[derive(Clone, Debug)]
pub(crate) struct Each {
    pub(crate) key: Arc<str>,
    pub(crate) value: Value,
}

/// Which names an expression may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// All.
    All,
    /// All but resources; who asks, with its article, for the message.
    NoResources(&'static str),
    /// Variables alone.
    Variables(&'static str),
    /// None.
    Nothing(&'static str),
    /// Those that a template is given.
    Bound,
}

impl Roots {
    /// Who asks, where a name that begins so may not be used.
    pub(crate) fn forbids(self, root: &str) -> Option<&'static str> {
        match self {
            Roots::All => None,
            Roots::NoResources(who) => eci_core::Kind::from_name(root).map(|_| who),
            Roots::Variables(who) => (root != "var").then_some(who),
            Roots::Nothing(who) => Some(who),
            Roots::Bound => Some("a template"),
        }
    }
}
