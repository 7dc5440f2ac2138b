//! Why a plan that was kept cannot be carried out.

use std::fmt;

use eci_core::truncate::within;
use eci_core::{Address, Lineage, Serial, truncate};
use eci_state::ParseError;
use thiserror::Error;

use super::format::FORMAT;

/// The difference of an input from what it was when the plan was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The input is another one.
    Changed,
    /// The input was not there.
    New,
    /// The input is no longer there.
    Gone,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Difference::Changed => "has changed",
            Difference::New => "is new",
            Difference::Gone => "is gone",
        })
    }
}

/// The reason why a saved plan cannot be read, written or applied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedError {
    /// The document is no plan.
    #[error("this is no saved plan: {0}; make one with `eci plan --out FILE`")]
    NotAPlan(ParseError),
    /// The document is large and does not have the form in which a plan is written.
    #[error(
        "this is no saved plan: it does not begin with format and plan, or does not end with a checksum; \
         make one with `eci plan --out FILE`"
    )]
    OtherForm,
    /// The document cannot be read.
    #[error("the plan cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// A newer version of this program wrote it.
    #[error(
        "the plan has format {found}, and this version knows format {FORMAT}; use the version that made it, or plan again"
    )]
    OtherFormat {
        /// Its format.
        found: u32,
    },
    /// The document is not what was written.
    #[error(
        "the plan is damaged: its checksum is {}, its content has {actual}; plan again",
        truncate(stated)
    )]
    Damaged {
        /// The checksum in it.
        stated: String,
        /// The checksum of what is in it.
        actual: String,
    },
    /// The plan cannot be written: a defect of this program.
    #[error("the plan cannot be written: {0}; this is a defect of this program: please report it")]
    Unstorable(serde_json::Error),
    /// The plan was created from another state.
    #[error(
        "the plan was created from another state: its lineage is {planned}, that of this one is {found}; name the right one with -C or --state, or create a new plan",
        planned = truncate(planned),
        found = truncate(found)
    )]
    AnotherLineage {
        /// The lineage that it was made from.
        planned: Lineage,
        /// The lineage of the state.
        found: Lineage,
    },
    /// The plan is for another cloud, or another region of it.
    #[error(
        "the plan was created for {}, and this is {found}; run it there, or create a new plan",
        truncate(planned)
    )]
    AnotherCloud {
        /// The one that it was made for.
        planned: String,
        /// This one.
        found: String,
    },
    /// Something was done since.
    #[error(
        "the saved plan is stale: the state changed from serial {planned} to {found} after the plan was created; create a new plan"
    )]
    AnotherSerial {
        /// The serial that it was made from.
        planned: Serial,
        /// The serial of the state.
        found: Serial,
    },
    /// A manifest is another one.
    #[error(
        "the manifest {} {difference} since the plan was created; undo that, or create a new plan",
        truncate(name)
    )]
    Manifest {
        /// Its name.
        name: String,
        /// The difference.
        difference: Difference,
    },
    /// A file that a manifest names is another one.
    #[error(
        "the file {}, which a manifest reads, {difference} since the plan was created; undo that, or create a new plan",
        truncate(name)
    )]
    File {
        /// Its path.
        name: String,
        /// The difference.
        difference: Difference,
    },
    /// A variable has another value.
    #[error(
        "the variable `{}` has another value than the plan was made with; give it that one, or plan again",
        truncate(name)
    )]
    Variable {
        /// Its name.
        name: String,
    },
    /// Sensitive variables are to be given again.
    #[error(
        "no plan keeps the values of sensitive variables; give them again, with --var-file or in the environment: {}",
        within(assignments(names), 2000)
    )]
    NotKept {
        /// Their names.
        names: Vec<String>,
    },
    /// A secret that is sent along with a change is not what it was, or is not reported any more.
    #[error(
        "a secret that `ignore_changes` keeps, and that the plan sends along with a change, was changed outside of the configuration since the plan was made; plan again"
    )]
    Secret,
    /// Something of the configuration is another one.
    #[error(
        "the manifests have changed since the plan was created; undo that, or create a new plan"
    )]
    Configuration,
    /// A step is another one.
    #[error(
        "the plan cannot be kept for {}: it says {}, and now it would be {}; plan again",
        truncate(address),
        truncate(planned),
        truncate(found)
    )]
    Step {
        /// The resource.
        address: Address,
        /// The action of the plan.
        planned: String,
        /// The action now.
        found: String,
    },
    /// An output is another one.
    #[error(
        "the output `{}` would become something else than in the plan; plan again",
        truncate(name)
    )]
    Output {
        /// Its name.
        name: String,
    },
}

/// Returns the variables as the environment gives them.
fn assignments(names: &[String]) -> String {
    let given = names.iter().map(|name| format!("ECI_VAR_{name}=…"));
    given.collect::<Vec<_>>().join(", ")
}
