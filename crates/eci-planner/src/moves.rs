//! Resources that change their address.

use std::collections::{BTreeMap, HashMap};

use eci_config::{Configuration, MovedBlock};
use eci_core::{Address, Diagnostic, Diagnostics, codes};
use eci_state::{IntentKind, ResourceState, Snapshot};
use eci_text::{Text, text};

use crate::selection::Selection;

/// The state as it is once every `[[moved]]` was followed.
pub(crate) struct Moves<'a> {
    snapshot: &'a Snapshot,
    /// The new address of each resource that moves, by its old one; also of what an earlier run was
    /// to create there and no run has observed yet.
    to: BTreeMap<Address, Address>,
    /// The other way round.
    from: HashMap<Address, &'a Address>,
    /// The last `[[moved]]` that each followed, by its old address.
    by: HashMap<&'a Address, &'a MovedBlock>,
    /// All that there are.
    moved: &'a [MovedBlock],
}

impl<'a> Moves<'a> {
    pub(crate) fn new(
        configuration: &'a Configuration,
        snapshot: &'a Snapshot,
        problems: &mut Diagnostics,
    ) -> Moves<'a> {
        let mut moves = Moves {
            snapshot,
            to: BTreeMap::new(),
            from: HashMap::new(),
            by: HashMap::new(),
            moved: &configuration.moved,
        };
        if configuration.moved.is_empty() {
            return moves;
        }
        for address in snapshot.addresses() {
            let mut here = address.clone();
            let mut last = None;
            for moved in &configuration.moved {
                if let Some(there) = moved.follow(&here) {
                    here = there;
                    last = Some(moved);
                }
            }
            let Some(moved) = last.filter(|_| here != *address) else {
                continue;
            };
            moves.to.insert(address.clone(), here.clone());
            moves.by.insert(address, moved);
            if let Some(other) = moves.from.insert(here.clone(), address) {
                let message = text!(
                    en: "{other} and {address} both move to {here}",
                    zh: "{other} 和 {address} 都移动到 {here}",
                    other = other,
                    address = address,
                    here = here
                );
                let diagnostic = Diagnostic::new(codes::MOVED, message).help(text!(
                    en: "change `to` of one `[[moved]]` table, or run `eci state rm {word}` to remove {address} from the state",
                    zh: "修改其中一个 `[[moved]]` 的 `to`，或执行 `eci state rm {word}` 将 {address} 从状态中移除",
                    word = address.in_shell(),
                    address = address
                ));
                problems.push(diagnostic.primary(moved.place.clone(), Text::default()));
            }
        }
        for (from, there) in &moves.to {
            if snapshot.occupies(there) && !moves.to.contains_key(there) {
                let message = if snapshot.resources.contains_key(there) {
                    text!(
                        en: "cannot move {from} to {there}: the state already has {there}",
                        zh: "无法将 {from} 移动到 {there}：状态中已有 {there}",
                        from = from,
                        there = there
                    )
                } else {
                    text!(
                        en: "cannot move {from} to {there}: an operation of an earlier run is pending at {there}",
                        zh: "无法将 {from} 移动到 {there}：{there} 有先前运行未完成的操作",
                        from = from,
                        there = there
                    )
                };
                let diagnostic = Diagnostic::new(codes::MOVED, message).help(text!(
                    en: "remove the `[[moved]]` table, or remove one of the two from the state with `eci state rm`",
                    zh: "删除 `[[moved]]`，或执行 `eci state rm` 将其中一个从状态中移除"
                ));
                problems.push(moves.placed(diagnostic, from));
            }
        }
        moves
    }

    fn placed(&self, diagnostic: Diagnostic, from: &Address) -> Diagnostic {
        match self.by.get(from) {
            Some(moved) => diagnostic.primary(moved.place.clone(), Text::default()),
            None => diagnostic,
        }
    }

    /// Refuses to follow a part of a chain: what moves to the address of another one has to wait
    /// until that one has left it.
    pub(crate) fn check_selection(&self, selection: &Selection, problems: &mut Diagnostics) {
        for (from, there) in &self.to {
            let Some(next) = self.to.get(there) else {
                continue;
            };
            let (selected, omitted) = match (selection.has(there), selection.has(next)) {
                (true, false) => (there, next),
                (false, true) => (next, there),
                _ => continue,
            };
            let message = text!(
                en: "cannot move {from} to {there} and {there} to {next}: only {selected} is selected",
                zh: "无法将 {from} 移动到 {there} 并将 {there} 移动到 {next}：仅选择了 {selected}",
                from = from,
                there = there,
                next = next,
                selected = selected
            );
            let help = text!(
                en: "add `--target {omitted}` or remove the `--exclude` that covers it, so that both move",
                zh: "添加 `--target {omitted}` 或去掉将其排除的 `--exclude`，使两者一并移动",
                omitted = omitted.in_shell()
            );
            let diagnostic = Diagnostic::new(codes::MOVED, message).help(help);
            problems.push(self.placed(diagnostic, from));
        }
    }

    /// Returns the moves to selected addresses, by the old addresses.
    pub(crate) fn selected(&self, selection: &Selection) -> BTreeMap<Address, Address> {
        let moves = self.to.iter();
        let selected = moves.filter(|(_, there)| selection.has(there));
        selected
            .map(|(from, there)| (from.clone(), there.clone()))
            .collect()
    }

    /// Returns the recorded state of a resource.
    pub(crate) fn state(&self, address: &Address) -> Option<&'a ResourceState> {
        match self.from.get(address) {
            Some(from) => self.snapshot.resources.get(*from),
            None if self.to.contains_key(address) => None,
            None => self.snapshot.resources.get(address),
        }
    }

    /// Returns the address that the state has a resource under, if that is another one.
    pub(crate) fn origin(&self, address: &Address) -> Option<&'a Address> {
        self.from.get(address).copied()
    }

    /// Returns the address of a resource of the state once it has moved.
    pub(crate) fn now<'b>(&'b self, address: &'b Address) -> &'b Address {
        self.to.get(address).unwrap_or(address)
    }

    /// Returns the addresses at which a create of unknown outcome may still create an object.
    pub(crate) fn awaited(&self) -> impl Iterator<Item = &Address> {
        let creates = self.snapshot.open_intents.iter();
        let creates = creates.filter(|open| matches!(open.kind, IntentKind::Create { .. }));
        creates.map(|open| self.now(&open.address))
    }

    /// Returns where a `[[moved]]` leads from an address at which nothing is now.
    pub(crate) fn followed(&self, address: &Address) -> Address {
        let moved = self.moved.iter();
        moved.fold(address.clone(), |here, moved| {
            moved.follow(&here).unwrap_or(here)
        })
    }

    /// Returns every resource of the state, under its new address.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&Address, &'a ResourceState)> {
        let resources = self.snapshot.resources.iter();
        resources.map(|(address, state)| (self.now(address), state))
    }
}
