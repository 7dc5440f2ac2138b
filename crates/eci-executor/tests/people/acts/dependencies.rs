//! Dependencies: `depends_on`, and literals in place of references.

use eci_planner::Mode;

use super::Act;
use crate::config::Place;
use crate::history::History;

impl History {
    /// `depends_on` is added or removed, and a literal replaces a reference or is replaced by one.
    /// Often that requires no call. Then a resource may be destroyed, or declared no longer.
    pub(crate) fn change_dependencies(&mut self, at: usize) -> Option<Act> {
        let place = self.some_root(at)?;
        let own = place.label()?;
        let groups = self.states[at].config.groups.keys();
        let others: Vec<&'static str> = groups
            .filter_map(|place| place.label())
            .filter(|label| *label < own)
            .collect();
        if others.is_empty() {
            return self.end_of_dependencies(at);
        }
        let other = self.draws.one(&others);
        let (choice, literal) = (self.draws.below(4), self.address_of_dependency(at, place));
        let group = self.config(at).groups.get_mut(&place)?;
        let what = match choice {
            0 | 1 => {
                if !group.after.remove(other) {
                    group.after.insert(other);
                }
                format!("comes after {other}, or no longer")
            }
            2 if group.literal.is_some() => {
                group.literal = None;
                "has a reference again".to_owned()
            }
            2 if group.dependency.is_some() => {
                group.literal = literal;
                "has a literal in place of its reference".to_owned()
            }
            2 => {
                group.dependency = Some(other);
                format!("refers to {other}")
            }
            _ if self.draws.percent(50) => return self.trigger_by_an_object(at, place),
            _ => return self.end_of_dependencies(at),
        };
        let mut act = Act::plain(format!("{} {what}", place.address()));
        act.unknown = self.draws.percent(20);
        if self.draws.percent(20) {
            self.change_group(at, place);
        }
        if self.draws.percent(30) {
            act.order.options.mode = Mode::Destroy;
            let target = Place::Root(other).address();
            let target = target.parse::<eci_core::Address>().ok()?;
            act.order.options.targets.push(target.into());
            // It does not exist a second time.
            act.may_be_refused = true;
            act.what += &format!(", and {other} is destroyed at once");
        }
        Some(act)
    }

    /// An EIP or a disk triggers the replacement of a group, and changes.
    fn trigger_by_an_object(&mut self, at: usize, place: Place) -> Option<Act> {
        let config = &self.states[at].config;
        let objects = config.eips.keys().chain(config.disks.keys());
        let in_root = |label: &&'static str| !label.contains(['[', '.']);
        let objects: Vec<&'static str> = objects.copied().filter(in_root).collect();
        if objects.is_empty() {
            return None;
        }
        let object = self.draws.one(&objects);
        let config = self.config(at);
        config.groups.get_mut(&place)?.trigger = Some(object);
        if let Some(eip) = config.eips.get_mut(object) {
            eip.bandwidth += 1;
        }
        if let Some(disk) = config.disks.get_mut(object) {
            disk.size += 10;
        }
        let what = format!(
            "{} is triggered by {object}, which changes",
            place.address()
        );
        let mut act = Act::refusable(what);
        act.unknown = self.draws.percent(50);
        Some(act)
    }

    /// A resource is destroyed with its dependents, or several are declared no longer.
    fn end_of_dependencies(&mut self, at: usize) -> Option<Act> {
        if self.draws.percent(50) {
            let place = self.some_root(at)?;
            let mut act = Act::refusable(format!("destroys {}", place.address()));
            let target = place.address().parse::<eci_core::Address>().ok()?;
            act.order.options.mode = Mode::Destroy;
            act.order.options.targets.push(target.into());
            return Some(act);
        }
        let mut what = Vec::new();
        for _ in 0..3 {
            if let Some(place) = self.some_root(at) {
                // What else is declared no longer may still come after it.
                self.config(at).groups.remove(&place);
                what.push(place.address());
            }
        }
        Some(Act::refusable(format!("declares {what:?} no longer")))
    }

    /// The address that the reference of a group comes to.
    fn address_of_dependency(&self, at: usize, place: Place) -> Option<String> {
        let state = &self.states[at];
        let dependency = Place::Root(state.config.groups.get(&place)?.dependency?);
        let address = dependency.address().parse().ok()?;
        let id = state.snapshot().resources.get(&address)?.id.clone()?;
        let truth = self.cloud.truth();
        let live = truth.get(&id)?["intranetIp"].as_str()?;
        Some(live.to_owned())
    }
}
