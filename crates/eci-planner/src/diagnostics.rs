//! What is wrong with a configuration in the light of the state and of the options.

use std::sync::Arc;

use eci_config::{Import, Resource};
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Path, Subject, codes};

use crate::observed::OwnerMark;
use crate::selection::{Needs, nothing_matches};

/// Why a resource that `--replace` names cannot be replaced, if it cannot.
pub(crate) fn irreplaceable(replaced: &Address, wanted: &Needs<'_>) -> Option<Diagnostic> {
    if !wanted.contains_key(replaced) {
        let known = wanted.keys().copied().collect();
        let replaced = Subject::Resource(replaced.clone());
        return Some(nothing_matches("--replace", &replaced, &known));
    }
    None
}

/// Returns a resource that `--replace` names, and that `--target` or `--exclude` leaves out.
pub(crate) fn replacement_omitted(replaced: &Address) -> Diagnostic {
    let message = format!("--replace: {replaced} is left out by `--target` or `--exclude`");
    let help = format!(
        "add `--target {}`, or drop one of the options",
        replaced.in_shell()
    );
    Diagnostic::new(codes::NO_REPLACEMENT, message).help(help)
}

/// Returns a resource that `--replace` names, and that has no life of its own.
pub(crate) fn embedded_not_replaceable(replaced: &Address) -> Diagnostic {
    let message = format!("--replace: {replaced} lives inside its groups, and is not replaced");
    let help = "replace the container group that has it";
    Diagnostic::new(codes::NO_REPLACEMENT, message).help(help)
}

/// Resources that need one another.
pub(crate) fn cycle_error(resources: &[Arc<Resource>], cycle: &[usize]) -> Diagnostics {
    let names: Vec<String> = cycle
        .iter()
        .chain(cycle.first())
        .map(|at| resources[*at].address.to_string())
        .collect();
    let mut diagnostic = Diagnostic::new(
        codes::CYCLE,
        format!("dependency cycle: {}", names.join(" → ")),
    )
    .help("remove one of these references, or the `depends_on` entry");
    for (number, at) in cycle.iter().enumerate() {
        let next = cycle[(number + 1) % cycle.len()];
        let place = resources[*at].place.clone();
        let text = format!("this depends on {}", resources[next].address);
        diagnostic = match number {
            0 => diagnostic.primary(place, text),
            _ => diagnostic.secondary(place, text),
        };
    }
    diagnostic.into()
}

/// Returns a disk that would become smaller.
pub(crate) fn shrinks(resource: &Resource, from: i64, to: i64) -> Diagnostic {
    let address = &resource.address;
    Diagnostic::new(
        codes::SHRINK,
        format!("cannot shrink the disk of {address} from {from} GB to {to} GB"),
    )
    .primary(
        resource.span_of(&Path::root().name("disk").name("size")),
        "",
    )
    .help(format!(
        "give {from} or more; `--replace {}` makes a new and empty disk in its place",
        address.in_shell()
    ))
}

/// Returns a disk with data on it that would go, and of which no manifest says that it may.
pub(crate) fn disk_is_protected(
    address: &Address,
    resource: Option<&Resource>,
    why: Option<&str>,
) -> Diagnostic {
    let how = match why {
        Some(why) => format!("would be replaced, because {why}, and its data would be lost"),
        None => "would be deleted with the data on it".to_owned(),
    };
    let diagnostic = Diagnostic::new(
        codes::PREVENT_DESTROY,
        format!("the disk of {address} {how}"),
    );
    match resource {
        Some(resource) => diagnostic.primary(resource.place.clone(), "protected, as every disk is, until `prevent_destroy = false` is applied").help(
            format!(
                "to delete it, write `lifecycle = {{ prevent_destroy = false }}` there and apply that first; to keep it, undo the change or add `--exclude {}`",
                address.in_shell()
            ),
        ),
        None => diagnostic.help(format!(
            "it is no longer in the configuration: to keep it, declare it again, or write a `[[removed]]` with from = {} and `destroy = false`; to delete it, write `destroy = true` there, or declare it again with `prevent_destroy = false` and apply that first",
            address.in_toml()
        )),
    }
}

/// Returns an import of what only travels inside of groups.
pub fn not_importable(resource: &Resource, desired: &Map, import: &Import) -> Diagnostic {
    let address = &resource.address;
    let (label, given) = (address.label(), |key: &str| desired.contains_key(key));
    let (why, help) = match address.kind() {
        Kind::Eip if given("id") => (
            "it is an existing EIP, which is bound and never changed or released",
            "leave out the [[import]] to go on so; or leave out its `id`, and give `bandwidth` and `name`, to have it managed".to_owned(),
        ),
        Kind::Eip => (
            "it is an automatic EIP, which comes and goes with its group",
            format!("import the container group that has it; or leave out `auto` in [eip.{label}] for one of its own"),
        ),
        _ if given("volume_handle") => (
            "it names an existing disk, which is mounted and never changed or released",
            format!("leave out the [[import]] to go on so; or write `disk = {{ size = …, kind = … }}` in place of `volume_handle` in [volume.{label}] to have it managed"),
        ),
        _ => (
            "it lives inside of the groups that mount it",
            "import the container groups: it comes along with them".to_owned(),
        ),
    };
    let message = format!("{address} cannot be imported: {why}");
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), "")
        .secondary(resource.place.clone(), "declared here")
        .help(help)
}

/// Returns an import of what the state has under another address.
pub(crate) fn already_in_state(import: &Import, owner: &Address) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = format!("{id} cannot be imported as {to}: the state has it as {owner}");
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), "")
        .help(format!(
            "write a [[moved]] with from = {} and to = {} in place of this, or remove it from the state first with `eci state rm {}`",
            owner.in_toml(),
            to.in_toml(),
            owner.in_shell()
        ))
}

/// Returns an import to an address that a resource with another id moves to.
pub(crate) fn import_of_another(import: &Import, from: &Address, held: &str) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = format!(
        "{id} cannot be imported as {to}: {from}, which has the id {held}, moves to that address"
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), "")
        .help(format!(
            "remove the [[import]] to have {held} at {to}, or the [[moved]] from {from} to have {id} there"
        ))
}

/// Returns an import of what another state owns, as its tag or label says.
pub(crate) fn of_another_state(import: &Import, mark: &OwnerMark) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = format!(
        "{id} cannot be imported as {to}: its tag says that the state {} owns it",
        mark.lineage()
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), "")
        .help(format!(
            "remove it from that state first, with a [[removed]] or `eci state rm ADDRESS` there: \
             its next destroy would delete it; then take it over with `take_over = true` in the \
             [[import]], or `eci import --take-over {} {id}`",
            to.in_shell()
        ))
}

/// Returns an import that takes over what another state owns, or owned.
pub(crate) fn taken_over(import: &Import, mark: &OwnerMark) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = format!("{to}: {id} is taken over from the state {}", mark.lineage());
    Diagnostic::new(codes::TAKEN_OVER, message)
        .primary(import.place.clone(), "")
        .help(
            "make sure that it was removed from that state, with a [[removed]] or `eci state rm`: \
             its next destroy would delete it otherwise",
        )
}

/// Returns an import of what the cloud does not have, or was not asked for.
pub(crate) fn import_target_missing(import: &Import, asked: bool) -> Diagnostic {
    let (id, what) = (&import.id, import.to.kind().properties().nouns.object);
    let (message, help) = if asked {
        (
            format!("there is no {what} {id} to import"),
            "check the id, and the region: the cloud finds only what is in that of this configuration, `[provider] region_id` or CTYUN_REGION_ID",
        )
    } else {
        (
            format!("the cloud was not asked about the {what} {id}, which is to be imported"),
            "leave out `--refresh=false`",
        )
    };
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), "")
        .help(help)
}

/// Returns an import of a container group of which nobody can tell yet whether it has an automatic EIP.
pub(crate) fn eip_shows_later(resource: &Resource, id: &str) -> Diagnostic {
    let message = format!(
        "{id} cannot be imported as {} yet: it is starting, and whether it has an automatic EIP \
         shows once it runs",
        resource.address
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(resource.place.clone(), "")
        .help("plan again once its status is `Running`")
}

/// Returns a resource that is to go and may not.
pub(crate) fn protected(resource: &Resource, why: Option<&str>) -> Diagnostic {
    let how = match why {
        Some(why) => format!("would be replaced, because {why}"),
        None => "would be deleted".to_owned(),
    };
    Diagnostic::new(
        codes::PREVENT_DESTROY,
        format!(
            "{} {how}, and its `prevent_destroy` forbids that",
            resource.address
        ),
    )
    .primary(resource.place.clone(), "protected here")
    .help(format!(
        "to delete it, set `prevent_destroy = false` and apply that first, or replace its table with a `[[removed]]` with `destroy = true`; to keep it, undo the change or add `--exclude {}`",
        resource.address.in_shell()
    ))
}

/// Returns a resource whose last `prevent_destroy` that was applied protects it, whatever its manifest says
/// by now.
pub(crate) fn protected_before(
    address: &Address,
    resource: Option<&Resource>,
    why: Option<&str>,
) -> Diagnostic {
    let diagnostic = |message| Diagnostic::new(codes::PREVENT_DESTROY, message);
    let Some(resource) = resource else {
        return diagnostic(format!(
            "{address} would be deleted: it is no longer in the configuration, and the state remembers its `prevent_destroy`"
        ))
        .help(format!(
            "to delete it, write a `[[removed]]` with from = {} and `destroy = true`, or declare it again with `prevent_destroy = false` and apply that first; to keep it, declare it again, or write `destroy = false`",
            address.in_toml()
        ));
    };
    let how = match why {
        Some(why) => format!("would be replaced, because {why}"),
        None => "would be deleted".to_owned(),
    };
    diagnostic(format!(
        "{address} {how}, and the `prevent_destroy` that was applied last forbids that"
    ))
    .primary(resource.place.clone(), "protected until `prevent_destroy = false` is applied")
    .help(format!(
        "to delete it, apply `prevent_destroy = false` alone first, or replace its table with a `[[removed]]` with `destroy = true`; to keep it, undo the change or add `--exclude {}`",
        address.in_shell()
    ))
}
