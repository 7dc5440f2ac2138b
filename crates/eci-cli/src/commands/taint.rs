//! `eci taint` and `eci untaint`

use eci_core::Address;
use eci_engine::check_no_pending;
use eci_state::{Record, Snapshot, Store as _};
use eci_text::{Text, Verbatim, text};

use super::state::{not_there, open, record};
use crate::arguments::TaintArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Marks a container group as tainted.
pub(crate) async fn taint(context: &Context, args: &TaintArgs) -> Result<ExitStatus, CommandError> {
    change(context, args, Taint::Set).await
}

/// Removes the taint from a container group.
pub(crate) async fn untaint(
    context: &Context,
    args: &TaintArgs,
) -> Result<ExitStatus, CommandError> {
    change(context, args, Taint::Clear).await
}

/// A change of the mark that a resource is tainted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taint {
    Set,
    Clear,
}

async fn change(
    context: &Context,
    args: &TaintArgs,
    taint: Taint,
) -> Result<ExitStatus, CommandError> {
    let mut store = open(context, args.lock.timeout).await?;
    let address = &args.address;
    let change = changed(store.snapshot(), address, taint)?;
    let outcome = match change {
        Some(change) => {
            record(&mut store, &[change])?;
            changed_to(address, taint)
        }
        None => unchanged(address, taint),
    };
    store.close()?;
    context.note(&outcome);
    Ok(ExitStatus::Done)
}

/// Returns the summary of a changed mark.
fn changed_to(address: &Address, taint: Taint) -> Text {
    match taint {
        Taint::Set => text!(
            en: "{address} is tainted. The next apply will replace it.",
            zh: "{address} 已标记为污点，下次应用时将替换。",
            address = Verbatim(address),
        ),
        Taint::Clear => text!(
            en: "{address} is no longer tainted. The next apply will not replace it for this reason.",
            zh: "已清除 {address} 的污点，下次应用时不会因此替换。",
            address = Verbatim(address),
        ),
    }
}

/// Returns the summary where the mark is as requested already.
fn unchanged(address: &Address, taint: Taint) -> Text {
    match taint {
        Taint::Set => text!(
            en: "No changes. {address} is already tainted. The next apply will replace it.",
            zh: "无变更。{address} 此前已标记为污点，下次应用时将替换。",
            address = Verbatim(address),
        ),
        Taint::Clear => text!(
            en: "No changes. {address} is not tainted.",
            zh: "无变更。{address} 未标记为污点。",
            address = Verbatim(address),
        ),
    }
}

/// Returns the record of a changed mark; `None` if nothing changes.
fn changed(
    snapshot: &Snapshot,
    address: &Address,
    taint: Taint,
) -> Result<Option<Record>, CommandError> {
    let Some(state) = snapshot.resources.get(address) else {
        check_no_pending(snapshot, |open| open == address)?;
        return Err(not_there(snapshot, &address.clone().into()));
    };
    if !address.kind().properties().is_replaced_on_failure {
        return Err(not_taintable(address, taint));
    }
    check_no_pending(snapshot, |open| open == address)?;
    let tainted = taint == Taint::Set;
    if state.tainted == tainted {
        return Ok(None);
    }
    let mut state = state.clone();
    state.tainted = tainted;
    Ok(Some(Record::ResourceUpdated {
        address: address.clone(),
        state: Box::new(state),
    }))
}

/// Returns the error for a resource that is never tainted.
fn not_taintable(address: &Address, taint: Taint) -> CommandError {
    match taint {
        Taint::Set => CommandError::new(
            text!(
                en: "cannot taint {address}: not a container group",
                zh: "无法将 {address} 标记为污点：不是容器组",
                address = Verbatim(address),
            ),
            text!(
                en: "taint the container group that uses it",
                zh: "将使用该资源的容器组标记为污点",
            ),
        ),
        Taint::Clear => CommandError::new(
            text!(
                en: "cannot untaint {address}: only container groups can be tainted",
                zh: "无法清除 {address} 的污点：只有容器组可以标记为污点",
                address = Verbatim(address),
            ),
            text!(
                en: "untaint the container group that uses it",
                zh: "清除使用该资源的容器组的污点",
            ),
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_state::ResourceState;
    use eci_text::Lang;

    use super::*;

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new_random().unwrap();
        for address in ["container_group.web", "eip.web"] {
            let address = address.parse().unwrap();
            snapshot.resources.insert(address, ResourceState::default());
        }
        snapshot
    }

    fn refused(address: &str, taint: Taint) -> String {
        match changed(&snapshot(), &address.parse().unwrap(), taint) {
            Err(CommandError::Error { error, help }) => {
                format!("{error}; {}", help.unwrap_or_default())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_group_is_tainted_and_untainted_once() {
        let mut snapshot = snapshot();
        let web: Address = "container_group.web".parse().unwrap();
        assert!(changed(&snapshot, &web, Taint::Clear).unwrap().is_none());
        for taint in [Taint::Set, Taint::Clear] {
            let record = changed(&snapshot, &web, taint).unwrap().unwrap();
            snapshot.apply(&record).unwrap();
            assert_eq!(snapshot.resources[&web].tainted, taint == Taint::Set);
            assert!(changed(&snapshot, &web, taint).unwrap().is_none());
        }
    }

    #[test]
    fn a_removed_mark_and_a_missing_one_have_different_summaries() {
        let web: Address = "container_group.web".parse().unwrap();
        let (removed, missing) = (
            changed_to(&web, Taint::Clear),
            unchanged(&web, Taint::Clear),
        );
        assert!(
            removed
                .en()
                .starts_with("container_group.web is no longer tainted.")
        );
        assert!(removed.get(Lang::Zh).starts_with("已清除"));
        assert_eq!(
            missing.en(),
            "No changes. container_group.web is not tainted."
        );
        assert_eq!(
            missing.get(Lang::Zh),
            "无变更。container_group.web 未标记为污点。"
        );
    }

    #[test]
    fn what_cannot_be_tainted_says_what_can() {
        assert!(refused("eip.web", Taint::Set).contains("taint the container group"));
        assert!(refused("eip.web", Taint::Clear).starts_with("cannot untaint eip.web: "));
        let misspelled = refused("container_group.wep", Taint::Set);
        assert!(misspelled.contains("did you mean `container_group.web`?"));
    }
}
