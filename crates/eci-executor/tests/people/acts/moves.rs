//! Resources get other addresses.

use super::Act;
use crate::config::{Config, ImportTable, Place};
use crate::history::History;
use crate::objects::{self, EIPS};

impl History {
    pub(crate) fn move_resource(&mut self, at: usize) -> Option<Act> {
        if self.draws.percent(20) {
            // What was said of old moves is said no longer.
            self.config(at).moved.clear();
        }
        match self.draws.below(8) {
            0 => self.swap(at),
            1 => self.shift(at),
            2 => self.move_and_take_over(at),
            3 => self.move_an_eip(at),
            4 => {
                let from = self.some_group(at)?;
                let to = self.target_of(at, from)?;
                self.config(at).rename(from, to);
                Some(Act::refusable(format!(
                    "renames {} to {} without a word",
                    from.address(),
                    to.address()
                )))
            }
            _ => self.move_one(at),
        }
    }

    /// Returns a place that a group can move to.
    fn target_of(&self, at: usize, from: Place) -> Option<Place> {
        let config = &self.states[at].config;
        let group = config.groups.get(&from)?;
        let fits = |place: &Place| match place {
            Place::Root(_) => true,
            Place::Key(..) => group.is_plain() || group.is_free() && !group.create_first,
            Place::Module(..) => group.is_free(),
        };
        let fits =
            |place: &Place| fits(place) && (!matches!(place, Place::Key(..)) || group.is_plain());
        let free: Vec<Place> = config.free().into_iter().filter(fits).collect();
        (!free.is_empty()).then(|| self.draws.one(&free))
    }

    /// A group moves once or twice, as the manifest says.
    fn move_one(&mut self, at: usize) -> Option<Act> {
        let from = self.some_group(at)?;
        if self.draws.percent(50)
            && let Some(group) = self.config(at).groups.get_mut(&from)
        {
            // So that it can move anywhere.
            group.create_first = false;
        }
        let to = self.target_of(at, from)?;
        let config = self.config(at);
        config.add_moved(from.address(), to.address());
        config.rename(from, to);
        let mut what = format!("moves {} to {}", from.address(), to.address());
        if self.draws.percent(30)
            && let Some(last) = self.target_of(at, to)
        {
            let config = self.config(at);
            config.add_moved(to.address(), last.address());
            config.rename(to, last);
            what += &format!(" and on to {}", last.address());
        }
        if self.draws.percent(20) {
            let config = self.config(at);
            let target = config.moved.last().map(|(_, to)| to.clone());
            config.forget(&target.unwrap_or_default());
            what += ", and declares it no longer";
        }
        if self.draws.percent(30) {
            let target = self.config(at).moved.last().map(|(_, to)| to.clone());
            if let Ok(address) = target.unwrap_or_default().parse::<eci_core::Address>() {
                let mut act = Act::refusable(what + ", and targets it");
                act.order.options.targets.push(address.into());
                return Some(act);
            }
        }
        Some(Act::refusable(what))
    }

    /// Two groups move into each other's place, which cannot be said.
    fn swap(&mut self, at: usize) -> Option<Act> {
        let (one, other) = (self.some_root(at)?, self.some_root(at)?);
        if one == other {
            return None;
        }
        let said = self.draws.percent(50);
        let config = self.config(at);
        let (first, second) = (config.groups.remove(&one)?, config.groups.remove(&other)?);
        config.groups.insert(one, second);
        config.groups.insert(other, first);
        config.tidy();
        if said {
            config.moved.push((one.address(), other.address()));
            config.moved.push((other.address(), one.address()));
        }
        Some(Act::refusable(format!(
            "swaps {} and {}, said: {said}",
            one.address(),
            other.address()
        )))
    }

    /// One group moves out of the way of another one.
    fn shift(&mut self, at: usize) -> Option<Act> {
        let (one, other) = (self.some_root(at)?, self.some_root(at)?);
        let last = self.target_of(at, other)?;
        if one == other || other == last {
            return None;
        }
        let config = self.config(at);
        config.add_moved(other.address(), last.address());
        config.rename(other, last);
        config.add_moved(one.address(), other.address());
        config.rename(one, other);
        Some(Act::refusable(format!(
            "moves {} to {}, and {} to {}",
            other.address(),
            last.address(),
            one.address(),
            other.address()
        )))
    }

    /// A move, and an import of the same object at its new address.
    fn move_and_take_over(&mut self, at: usize) -> Option<Act> {
        let from = self.some_root(at)?;
        let address = from.address().parse().ok()?;
        let id = self.states[at]
            .snapshot()
            .resources
            .get(&address)?
            .id
            .clone()?;
        let to = self.target_of(at, from)?;
        to.label()?;
        let config = self.config(at);
        config.add_moved(from.address(), to.address());
        config.rename(from, to);
        let import = ImportTable {
            id,
            take_over: false,
        };
        config.imports.insert(to.address(), import);
        Some(Act::refusable(format!(
            "moves {} to {} and imports it there",
            from.address(),
            to.address()
        )))
    }

    fn move_an_eip(&mut self, at: usize) -> Option<Act> {
        let config = &self.states[at].config;
        let eips: Vec<&'static str> = config.eips.keys().copied().collect();
        let named = |label: &str| {
            let address = objects::eip(label);
            let mut moved = config.moved.iter();
            moved.any(|(from, to)| *from == address || *to == address)
                || config.removed.contains_key(&address)
        };
        let free = EIPS.into_iter();
        let free: Vec<&'static str> = free
            .filter(|label| !config.eips.contains_key(label) && !named(label))
            .collect();
        if eips.is_empty() || free.is_empty() {
            return None;
        }
        let (from, to) = (self.draws.one(&eips), self.draws.one(&free));
        let holder = config.holder(from);
        let config = self.config(at);
        let eip = config.eips.remove(from)?;
        config.eips.insert(to, eip);
        if let Some(group) = holder.and_then(|place| config.groups.get_mut(&place)) {
            group.eip = Some(to);
        }
        config.add_moved(objects::eip(from), objects::eip(to));
        Some(Act::refusable(format!("moves eip.{from} to eip.{to}")))
    }
}

impl Config {
    /// Declares a group elsewhere, and lets who refers to it follow.
    pub(crate) fn rename(&mut self, from: Place, to: Place) {
        let Some(group) = self.groups.remove(&from) else {
            return;
        };
        self.groups.insert(to, group);
        if let Some(from) = from.label() {
            for group in self.groups.values_mut() {
                for link in [&mut group.dependency, &mut group.trigger] {
                    if *link == Some(from) {
                        *link = to.label();
                    }
                }
            }
        }
        for output in self.outputs.values_mut() {
            match output {
                crate::config::Output::Id(place) | crate::config::Output::Number(place)
                    if *place == from && to.label().is_some() =>
                {
                    *place = to;
                }
                _ => {}
            }
        }
        self.tidy();
    }

    fn add_moved(&mut self, from: String, to: String) {
        self.moved.push((from, to));
    }
}
