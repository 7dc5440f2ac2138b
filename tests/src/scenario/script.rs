//! `scenario.toml`: the steps of a scenario.
//!
//! ```toml
//! [[step]]                      # the manifests of 1/ are applied
//! setup = true
//!
//! [[step]]                      # those of 2/ are planned and applied
//! out_of_band = [{ action = "tag", group = "web", set = { owner = "someone" } }]
//! flags = "--target container_group.web"
//! ```
//!
//! In command lines and in the values of variables `<web#1>` is replaced by the ID of the first
//! group of the name `web` that was created, `<web#2>` by that of the second one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use eci_sandbox::Rule;
use serde::Deserialize;

/// The steps of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One step: first what others do, then commands, a plan, its apply, and commands again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Whether it only leads to where the scenario begins: then it is applied, and neither
    /// planned before nor written down.
    pub setup: bool,
    /// Out-of-band changes of the cloud.
    pub out_of_band: Vec<OutOfBandChange>,
    /// Calls that fail from here to the end of the apply.
    pub faults: Vec<Rule>,
    /// Commands before the plan, without the program's name: `"state rm container_group.web"`.
    /// They exit with 0; one that begins with `! ` does not.
    pub before: Vec<String>,
    /// Values of variables, for every command of the step that plans.
    pub variables: BTreeMap<String, String>,
    /// Flags of the plan and of the apply.
    pub flags: String,
    /// Whether it is planned.
    pub plan: bool,
    /// Flags of the plan alone, for example `--out`.
    pub plan_flags: String,
    /// Whether the plan is applied.
    pub apply: bool,
    /// The arguments of `eci-apply` in place of `flags`, for example a plan file.
    pub apply_flags: Option<String>,
    /// Commands after the apply.
    pub after: Vec<String>,
    /// The exit code of the apply, or of the plan where nothing is applied.
    pub expect_exit: Option<i32>,
    /// Whether the next plan is empty; as a rule it is after an apply that exits with 0.
    pub expect_empty_plan: Option<bool>,
}

impl Default for Step {
    fn default() -> Step {
        Step {
            setup: false,
            out_of_band: Vec::new(),
            faults: Vec::new(),
            before: Vec::new(),
            variables: BTreeMap::new(),
            flags: String::new(),
            plan: true,
            plan_flags: String::new(),
            apply: true,
            apply_flags: None,
            after: Vec::new(),
            expect_exit: None,
            expect_empty_plan: None,
        }
    }
}

/// A change of the cloud outside of eci.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "action", rename_all = "snake_case")]
pub enum OutOfBandChange {
    /// A group is deleted.
    Delete {
        /// Its name in the cloud.
        group: String,
    },
    /// The tags of a group are changed.
    Tag {
        /// Its name in the cloud.
        group: String,
        /// Tags that are set.
        #[serde(default)]
        set: BTreeMap<String, String>,
        /// Tags that are removed.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// A group fails for good.
    Fail {
        /// Its name in the cloud.
        group: String,
    },
    /// A group gets another size.
    Resize {
        /// Its name in the cloud.
        group: String,
        /// vCPUs.
        cpu: f64,
        /// GiB.
        memory: f64,
    },
    /// A group is restarted.
    Restart {
        /// Its name in the cloud.
        group: String,
    },
    /// A group is updated.
    Update {
        /// Its name in the cloud.
        group: String,
        /// The body of `updateContainerGroup`, in JSON; `<front#1>` is replaced by an ID.
        with: String,
    },
    /// An EIP is bound to an object that is not a container group.
    Bind {
        /// Its id.
        id: String,
        /// The id of what has it now.
        to: String,
    },
    /// An EIP or a disk is taken away, whatever has it.
    Take {
        /// Its ID, for example `<front#1>`.
        id: String,
    },
    /// An EIP or a disk gets another name.
    Rename {
        /// Its id.
        id: String,
        /// The name.
        to: String,
    },
    /// An EIP gets another bandwidth.
    SetBandwidth {
        /// Its id.
        id: String,
        /// Mbps.
        to: i64,
    },
    /// A disk gets another size.
    SetSize {
        /// Its id.
        id: String,
        /// GB.
        to: i64,
    },
    /// An EIP or a disk is frozen for arrears.
    Freeze {
        /// Its id.
        id: String,
    },
    /// An EIP or a disk breaks.
    Break {
        /// Its id.
        id: String,
    },
    /// The term of an EIP or a disk ends.
    Expire {
        /// Its id.
        id: String,
    },
}

impl Script {
    /// Returns the script of a scenario.
    ///
    /// # Panics
    ///
    /// If there is none, or it is not of that form.
    pub fn read(directory: &Path) -> Script {
        let path = directory.join("scenario.toml");
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_plans_and_applies_by_default() {
        let script: Script = toml::from_str(
            r#"
            [[step]]
            [[step]]
            out_of_band = [{ action = "tag", group = "web", remove = ["owner"] }]
            apply = false
            "#,
        )
        .unwrap();
        let applies: Vec<bool> = script.steps.iter().map(|step| step.apply).collect();
        assert_eq!(applies, [true, false]);
        let change = &script.steps[1].out_of_band[0];
        assert!(matches!(change, OutOfBandChange::Tag { group, .. } if group == "web"));
    }

    #[test]
    fn what_a_step_does_not_know_is_refused() {
        assert!(toml::from_str::<Script>("[[step]]\nexpects_exit = 1\n").is_err());
    }
}
