//! Edits of values and of lifecycles: secrets, `ignore_changes`, triggers, protection, names.

use super::Act;
use crate::config::{IGNORED, Output, Place, SHAPES, Secret};
use crate::history::History;

impl History {
    /// Secrets come, go, change, are marked and unmarked.
    pub(crate) fn change_secrets(&mut self, at: usize) -> Option<Act> {
        let place = self.some_group(at)?;
        if matches!(place, Place::Key(..)) {
            return None;
        }
        let shape = self.draws.one(&SHAPES);
        let number = self.number();
        let mark = self.draws.percent(60);
        let choice = self.draws.below(4);
        let config = self.config(at);
        let old = config.groups.get(&place)?.secrets.get(&shape).copied();
        let what = match (old, choice) {
            (Some(old), 0 | 1) => {
                if !config.marked.remove(&old) {
                    config.marked.insert(old);
                }
                "marks or unmarks"
            }
            (Some(_), 2) => {
                config.groups.get_mut(&place)?.secrets.remove(&shape);
                "removes"
            }
            _ => {
                let secret = Secret(number);
                let group = config.groups.get_mut(&place)?;
                group.secrets.insert(shape, secret);
                if mark {
                    config.marked.insert(secret);
                }
                "sets"
            }
        };
        let mut act = Act::plain(format!("{what} the {shape:?} of {}", place.address()));
        if self.draws.percent(30) {
            self.change_group(at, place);
        }
        // An answer may be lost.
        act.unknown = self.draws.percent(30);
        Some(act)
    }

    pub(crate) fn change_what_is_ignored(&mut self, at: usize) -> Option<Act> {
        let place = self.some_group(at)?;
        if matches!(place, Place::Key(..)) {
            return None;
        }
        let ignored = self.draws.one(&IGNORED);
        let group = self.config(at).groups.get_mut(&place)?;
        if !group.ignored.remove(&ignored) {
            group.ignored.insert(ignored);
        }
        let what = format!("ignores or no longer {ignored:?} of {}", place.address());
        match self.draws.below(4) {
            0 => drop(self.edit_in_the_console(at)),
            1 => drop(self.change_secrets(at)),
            _ => drop(self.change_group(at, place)),
        }
        Some(Act::refusable(what))
    }

    pub(crate) fn change_triggers(&mut self, at: usize) -> Option<Act> {
        let place = self.some_root(at)?;
        let own = place.label()?;
        let others = ["a", "b", "c", "d", "e"].into_iter();
        let others: Vec<&'static str> = others
            .filter(|label| {
                *label < own
                    && self.states[at]
                        .config
                        .groups
                        .contains_key(&Place::Root(label))
            })
            .collect();
        let trigger =
            (!others.is_empty() && self.draws.percent(80)).then(|| self.draws.one(&others));
        self.config(at).groups.get_mut(&place)?.trigger = trigger;
        let mut act = Act::refusable(format!("{} is triggered by {trigger:?}", place.address()));
        if let Some(trigger) = trigger
            && self.draws.percent(50)
        {
            self.change_group(at, Place::Root(trigger));
            if self.draws.percent(30) {
                let address = Place::Root(trigger).address();
                let address = address.parse::<eci_core::Address>().ok()?;
                act.order.options.targets.push(address.into());
                act.what += ", which alone is targeted";
            }
        }
        Some(act)
    }

    pub(crate) fn change_protection(&mut self, at: usize) -> Option<Act> {
        let place = self.some_group(at)?;
        let choice = self.draws.below(3);
        let lifted = self.draws.one(&[None, Some(false)]);
        if matches!(place, Place::Key(..)) {
            return None;
        }
        let config = self.config(at);
        let group = config.groups.get_mut(&place)?;
        let address = place.address();
        Some(match (group.protected, choice) {
            (Some(true), 0) => {
                config.groups.remove(&place);
                Act::refusable(format!("declares {address}, which is protected, no longer"))
            }
            (Some(true), 1) => {
                // Often with what would replace it.
                group.protected = lifted;
                group.vpc = 1 - group.vpc;
                Act::refusable(format!(
                    "unprotects {address}, {lifted:?}, and changes its VPC"
                ))
            }
            (Some(true), _) => {
                group.protected = lifted;
                Act::refusable(format!("unprotects {address}, {lifted:?}"))
            }
            (None | Some(false), _) => {
                group.protected = Some(true);
                Act::refusable(format!("protects {address}"))
            }
        })
    }

    /// Names are left to addresses, and addresses change.
    pub(crate) fn change_names(&mut self, at: usize) -> Option<Act> {
        if self.draws.percent(70) {
            self.move_resource(at)
        } else {
            let what = self.add_resource(at)?;
            Some(Act::refusable(what))
        }
    }

    /// Groups that do not start, and outputs that cannot be computed.
    pub(crate) fn make_resource_fail(&mut self, at: usize) -> Option<Act> {
        let place = self.some_root(at)?;
        let number = self.draws.below(3);
        let address = place.address();
        let choice = self.draws.below(3);
        let group = self.config(at).groups.get_mut(&place)?;
        if group.image.contains("typo") {
            group.image = format!("app:{number}");
            return Some(Act::plain(format!("corrects {address}")));
        }
        if choice == 0 {
            let free = self.states[at].config.free();
            let place = free.into_iter().find(|place| place.label().is_some())?;
            let group = self.new_group();
            let config = self.config(at);
            config.groups.insert(place, group);
            config.outputs.insert("bad", Output::Number(place));
            let address = place.address();
            // What is known already can be said before a run.
            return Some(Act::refusable(format!(
                "an output takes a number from {address}, which is new"
            )));
        }
        group.image = format!("typo:{number}");
        Some(Act::plain(format!("mistypes the image of {address}")))
    }
}
