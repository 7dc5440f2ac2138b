//! `eci state mv` and `eci state rm`

use std::collections::BTreeMap;
use std::time::Duration;

use eci_core::{Address, Subject};
use eci_engine::{OpenState, check_no_pending};
use eci_state::{Record, Snapshot, Store as _};
use eci_text::{Verbatim, text};

use super::not_found::{not_there, not_there_except};
use crate::arguments::{MoveArgs, RemoveArgs};
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::locking::ChangingState;
use crate::signals::Signals;

/// Moves resources to other addresses.
pub(super) async fn mv(context: &Context, args: &MoveArgs) -> Result<ExitStatus, CommandError> {
    let mut store = open(context, args.lock.timeout).await?;
    let moves = moves(store.snapshot(), &args.from, &args.to)?;
    let moved = Record::Moved { to: moves.clone() };
    record(&mut store, &[moved])?;
    store.close()?;
    for (from, to) in &moves {
        context.note(&text!(
            en: "Moved {from} to {to}.",
            zh: "已将 {from} 移动到 {to}。",
            from = Verbatim(from),
            to = Verbatim(to),
        ));
    }
    Ok(ExitStatus::Done)
}

/// Returns the new address of each resource that moves.
fn moves(
    snapshot: &Snapshot,
    from: &Subject,
    to: &Subject,
) -> Result<BTreeMap<Address, Address>, CommandError> {
    if from == to {
        return Err(CommandError::new(
            text!(
                en: "cannot move {from} to its own address",
                zh: "无法将 {from} 移动到其当前地址",
                from = Verbatim(from),
            ),
            text!(en: "specify another new address", zh: "指定其他新地址"),
        ));
    }
    match (from, to) {
        (Subject::Resource(from), Subject::Resource(to)) if from.kind() != to.kind() => {
            return Err(CommandError::new(
                text!(
                    en: "cannot move {from} to {to}: the resource type differs",
                    zh: "无法将 {from} 移动到 {to}：资源类型不同",
                    from = Verbatim(from),
                    to = Verbatim(to),
                ),
                text!(
                    en: "specify an address that ends with `{kind}.NAME`",
                    zh: "指定以 `{kind}.NAME` 结尾的地址",
                    kind = Verbatim(from.kind()),
                ),
            ));
        }
        (Subject::Resource(_), Subject::Module(_)) | (Subject::Module(_), Subject::Resource(_)) => {
            return Err(CommandError::new(
                text!(
                    en: "cannot move {from} to {to}: one is a module, the other a resource",
                    zh: "无法将 {from} 移动到 {to}：一个是模块，另一个是资源",
                    from = Verbatim(from),
                    to = Verbatim(to),
                ),
                text!(
                    en: "specify two modules or two resources",
                    zh: "指定两个模块或两个资源",
                ),
            ));
        }
        _ => {}
    }
    let known = snapshot.addresses();
    let moves: BTreeMap<Address, Address> = known
        .filter_map(|address| Some((address.clone(), from.follow(to, address)?)))
        .collect();
    if moves.is_empty() {
        return Err(not_there_except(snapshot, from, Some(to)));
    }
    let taken = moves
        .values()
        .find(|there| snapshot.occupies(there) && !moves.contains_key(*there));
    if let Some(taken) = taken {
        // `state list` does not show what is only pending.
        if !snapshot.resources.contains_key(taken) {
            check_no_pending(snapshot, |address| address == taken)?;
        }
        return Err(CommandError::new(
            text!(
                en: "{address} already exists in the state",
                zh: "状态中已有 {address}",
                address = Verbatim(taken),
            ),
            text!(
                en: "move it to another address first, or remove it from the state with `eci state rm {address}`",
                zh: "先将其移动到其他地址，或使用 `eci state rm {address}` 从状态中移除",
                address = Verbatim(taken.in_shell()),
            ),
        ));
    }
    Ok(moves)
}

/// Removes resources from the state.
pub(super) async fn rm(context: &Context, args: &RemoveArgs) -> Result<ExitStatus, CommandError> {
    let mut store = open(context, args.lock.timeout).await?;
    let removed = removed_addresses(store.snapshot(), &args.addresses)?;
    let ids: Vec<Option<String>> = removed
        .iter()
        .map(|address| store.snapshot().resources.get(address)?.id.clone())
        .collect();
    let records: Vec<Record> = removed
        .iter()
        .map(|address| Record::Removed {
            address: address.clone(),
            time: format!("{:.0}", jiff::Timestamp::now()),
        })
        .collect();
    record(&mut store, &records)?;
    store.close()?;
    for (address, id) in removed.iter().zip(ids) {
        context.note(&match id {
            Some(id) => text!(
                en: "Removed {address} from the state; {id} stays in the cloud.",
                zh: "已从状态中移除 {address}，{id} 在云端保留。",
                address = Verbatim(address),
                id = id,
            ),
            None => text!(
                en: "Removed {address} from the state.",
                zh: "已从状态中移除 {address}。",
                address = Verbatim(address),
            ),
        });
    }
    Ok(ExitStatus::Done)
}

/// Returns the resources of these addresses, each once.
fn removed_addresses(
    snapshot: &Snapshot,
    subjects: &[Subject],
) -> Result<Vec<Address>, CommandError> {
    let mut removed: Vec<Address> = Vec::new();
    for named in subjects {
        let before = removed.len();
        let known = snapshot.resources.keys();
        removed.extend(known.filter(|known| named.covers(known)).cloned());
        if removed.len() == before {
            // What is only pending has no record yet.
            check_no_pending(snapshot, |open| named.covers(open))?;
            return Err(not_there(snapshot, named));
        }
    }
    removed.sort();
    removed.dedup();
    check_no_pending(snapshot, |address| removed.contains(address))?;
    Ok(removed)
}

/// Locks the state, which must be there.
pub(crate) async fn open(
    context: &Context,
    timeout: Duration,
) -> Result<ChangingState, CommandError> {
    let state = existing(context)?;
    context.open_for_change(&state, timeout).await
}

/// Returns the place of the state, which must be there: a missing one is reported before any file is created in
/// its directory.
pub(crate) fn existing(context: &Context) -> Result<StateLocation, CommandError> {
    context.reading(&mut Signals::listen()?, || {
        context.existing_state()?;
        context.state_location()
    })
}

/// Records all of it under the next serial, or nothing.
pub(crate) fn record(store: &mut OpenState, records: &[Record]) -> Result<(), CommandError> {
    store.append(records)?;
    store.flush().wait()?;
    Ok(store.compact()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Lineage};
    use eci_state::{IntentId, IntentKind, ResourceState};

    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn subject(text: &str) -> Subject {
        text.parse().unwrap()
    }

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        let known = [
            "eip.a",
            "eip.b",
            r#"eip.many["x"]"#,
            r#"eip.many["y"]"#,
            r#"module.m["k"].eip.a"#,
            r#"module.m["k"].volume.b"#,
        ];
        for known in known {
            snapshot
                .resources
                .insert(address(known), ResourceState::default());
        }
        snapshot
    }

    fn message(failure: CommandError) -> String {
        match failure {
            CommandError::Error { error, help } => format!("{error}; {}", help.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    fn moved(from: &str, to: &str) -> Result<Vec<String>, String> {
        let moves = moves(&snapshot(), &subject(from), &subject(to)).map_err(message)?;
        let pairs = moves.iter().map(|(from, to)| format!("{from} → {to}"));
        Ok(pairs.collect())
    }

    #[test]
    fn instances_move_with_their_resource_and_alone() {
        assert_eq!(moved("eip.a", "eip.c").unwrap(), ["eip.a → eip.c"]);
        assert_eq!(
            moved("eip.many", "eip.few").unwrap(),
            [
                r#"eip.many["x"] → eip.few["x"]"#,
                r#"eip.many["y"] → eip.few["y"]"#
            ]
        );
        assert_eq!(
            moved(r#"eip.many["x"]"#, "eip.one").unwrap(),
            [r#"eip.many["x"] → eip.one"#]
        );
    }

    #[test]
    fn modules_move_and_go_with_all_that_is_in_them() {
        assert_eq!(
            moved("module.m", "module.n").unwrap(),
            [
                r#"module.m["k"].eip.a → module.n["k"].eip.a"#,
                r#"module.m["k"].volume.b → module.n["k"].volume.b"#
            ]
        );
        assert_eq!(
            moved("eip.a", "module.n.eip.front").unwrap(),
            ["eip.a → module.n.eip.front"]
        );
        assert_eq!(
            moved(r#"module.m["k"].eip.a"#, "eip.c").unwrap(),
            [r#"module.m["k"].eip.a → eip.c"#]
        );
        assert!(moved("module.x", "module.y").is_err());
        let mixed = moved("eip.a", "module.n").unwrap_err();
        assert!(mixed.contains("one is a module"), "{mixed}");
        let removed = removed_addresses(&snapshot(), &[subject("module.m")]).unwrap();
        assert_eq!(removed.len(), 2);
    }

    #[test]
    fn a_move_that_cannot_be_says_what_can() {
        let refused = |from, to| moved(from, to).unwrap_err();
        assert!(refused("eip.a", "eip.a").contains("its own address"));
        assert!(refused("eip.a", "volume.a").contains("ends with `eip.NAME`"));
        assert!(refused("eip.c", "eip.d").contains("resource eip.c not found"));
        assert!(refused("eip.a", "eip.b").contains("`eci state rm eip.b`"));
        let taken = refused("eip.a", r#"eip.many["x"]"#);
        assert!(
            taken.contains(r#"`eci state rm 'eip.many["x"]'`"#),
            "{taken}"
        );
    }

    #[test]
    fn resources_go_with_all_their_instances_and_each_once() {
        let all = [subject("eip.many"), subject(r#"eip.many["x"]"#)];
        let removed = removed_addresses(&snapshot(), &all).unwrap();
        assert_eq!(removed.len(), 2);
        let typo = removed_addresses(&snapshot(), &[subject("eip.manny")]).unwrap_err();
        assert!(message(typo).contains("resource eip.manny not found"));
    }

    #[test]
    fn resources_with_pending_operations_stay_until_recovery() {
        let mut snapshot = snapshot();
        let intent = Record::Intent {
            intent: IntentId::new(1),
            address: address("eip.a"),
            kind: IntentKind::Delete { id: "e".to_owned() },
            time: "2026-01-01T00:00:00Z".to_owned(),
            token: None,
        };
        snapshot.apply(&intent).unwrap();
        assert!(removed_addresses(&snapshot, &[subject("eip.a")]).is_err());
        assert!(removed_addresses(&snapshot, &[subject("eip.b")]).is_ok());
        // The state has no resource at that address yet.
        snapshot.resources.remove(&address("eip.a"));
        let taken = moves(&snapshot, &subject("eip.b"), &subject("eip.a")).unwrap_err();
        assert!(message(taken).contains("interrupted while changing eip.a"));
        // A move takes along what is pending.
        assert!(moves(&snapshot, &subject("eip.a"), &subject("eip.c")).is_ok());
    }
}
