//! Managed EIPs and disks that something has which is not in the state.
//!
//! Nothing is taken from what is not in the state. That somebody gave it the EIP or the disk is
//! drift all the same, and neither can be deleted until it is free.

use eci_core::{Diagnostic, Path, Value, codes, truncate};

use crate::action::Action;
use crate::attachable::Attachable;
use crate::attachment::Holders;
use crate::diff::AttributeChange;
use crate::model::Drift;
use crate::step::Step;
use eci_core::kinds::is_standalone;
use eci_core::schema::Change;

/// What the drift of such an EIP or disk shows; no attribute, since nothing in a manifest says it.
const IN_USE_BY: &str = "in_use_by";

/// Returns the object that a managed EIP or disk is to the groups that have it.
pub(crate) fn itself(step: &Step) -> Option<Attachable> {
    let id = step.id.as_deref()?;
    let applied = step.state.as_ref().map(|state| &*state.applied)?;
    let kind = step.address.kind();
    Attachable::of(kind, id).filter(|_| is_standalone(kind, applied))
}

/// Adds to the drift what something foreign has, and warnings that it is left there.
pub(crate) fn report(steps: &[Step], holders: &Holders, drift: &mut Vec<Drift>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for step in steps.iter().filter(|step| !step.is_of_predecessor()) {
        let Some(object) = itself(step) else {
            continue;
        };
        let Some(foreign) = holders.foreign(&object) else {
            continue;
        };
        let change = AttributeChange {
            path: Path::root().name(IN_USE_BY),
            before: Value::Null,
            after: Value::from(foreign),
            change: Change::InPlace,
        };
        match drift.iter_mut().find(|it| it.address == step.address) {
            Some(drift) => drift.changes.push(change),
            None => drift.push(Drift {
                address: step.address.clone(),
                gone: false,
                changes: vec![change],
                ignored: Vec::new(),
            }),
        }
        if step.action != Action::Forget {
            warnings.push(left_alone(step, &object, foreign));
        }
    }
    warnings
}

fn left_alone(step: &Step, object: &Attachable, foreign: &str) -> Diagnostic {
    let message = format!(
        "{} is in use by {}, which is not in this state; it is left there",
        step.address,
        truncate(foreign)
    );
    let help = format!("if that is not intended, detach the {object} in the vendor's console");
    at_its_table(Diagnostic::new(codes::STATUS, message).help(help), step)
}

/// Returns the diagnostic for an EIP or a disk that is to be deleted while something foreign has it.
pub(crate) fn not_deletable(step: &Step, object: &Attachable, foreign: &str) -> Diagnostic {
    let address = &step.address;
    let message = format!(
        "{address} cannot be deleted: the {object} is in use by {}, which is not in this state",
        truncate(foreign)
    );
    let help = format!(
        "detach the {object} from there in the vendor's console, or keep it with `--exclude {}`",
        address.in_shell()
    );
    at_its_table(Diagnostic::new(codes::TRANSFER, message).help(help), step)
}

fn at_its_table(diagnostic: Diagnostic, step: &Step) -> Diagnostic {
    match &step.place {
        Some(place) => diagnostic.primary(place.clone(), ""),
        None => diagnostic,
    }
}
