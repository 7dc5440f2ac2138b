//! Ordinary changes of the manifest, and of who has which EIP and which disk.

use eci_planner::Mode;

use super::Act;
use crate::classes::Class;
use crate::config::{Config, Group, KEYS, Output, Place};
use crate::history::History;
use crate::objects;

impl History {
    /// An ordinary change.
    pub(crate) fn edit(&mut self, at: usize) -> Option<Act> {
        Some(match self.draws.below(10) {
            0 | 1 => Act::plain(self.add_resource(at)?),
            2 => self.remove_resource(at)?,
            3 => self.change_an_object(at)?,
            4 => self.give_or_take(at)?,
            5 => self.add_an_output(at)?,
            _ => {
                let place = self.some_group(at)?;
                let what = self.change_group(at, place);
                Act::plain(format!("changes {what} of {}", place.address()))
            }
        })
    }

    /// Changes an attribute of a group.
    pub(crate) fn change_group(&mut self, at: usize, place: Place) -> &'static str {
        let (image, vpc, choice) = (
            self.draws.below(5),
            self.draws.below(2),
            self.draws.below(7),
        );
        let (key, value) = (self.draws.one(&KEYS), self.draws.below(3));
        let number = self.number();
        let is_keyed = matches!(place, Place::Key(..));
        // Of a state that is too old, what the cloud does not report is unknown.
        let may_lose_state = self.classes.has(Class::Orphans);
        let Some(group) = self.config(at).groups.get_mut(&place) else {
            return "nothing";
        };
        match choice {
            2 => {
                group.vpc = vpc;
                "the VPC"
            }
            3 if !is_keyed => {
                group.restarts = !group.restarts;
                "the restart policy"
            }
            4 if !is_keyed => {
                if group.tags.insert(key, value) == Some(value) {
                    group.tags.remove(key);
                }
                "a tag"
            }
            5 if !is_keyed && !may_lose_state => {
                group.password = Some(number);
                "the password"
            }
            _ => {
                group.image = format!("app:{image}");
                "the image"
            }
        }
    }

    /// A resource is declared no longer, and so deleted.
    fn remove_resource(&mut self, at: usize) -> Option<Act> {
        let address = {
            let addresses = self.states[at].config.addresses();
            let one = self.draws.below(addresses.len());
            addresses.into_iter().nth(one)?
        };
        self.config(at).forget(&address);
        // What has data on it goes only if that is said.
        if objects::is_volume(&address) || self.draws.percent(20) {
            self.config(at).removed.insert(address.clone(), true);
        }
        let what = format!("declares {address} no longer");
        // It may be protected.
        Some(if self.classes.has(Class::Protection) {
            Act::refusable(what)
        } else {
            Act::plain(what)
        })
    }

    fn change_an_object(&mut self, at: usize) -> Option<Act> {
        let (number, other) = (self.number(), self.draws.below(2));
        let choice = self.draws.below(3);
        let eips: Vec<&str> = self.states[at].config.eips.keys().copied().collect();
        let disks: Vec<&str> = self.states[at].config.disks.keys().copied().collect();
        if !eips.is_empty() && (disks.is_empty() || self.draws.percent(50)) {
            let label = self.draws.one(&eips);
            let eip = self.config(at).eips.get_mut(label)?;
            match choice {
                0 => eip.name = format!("eip{number}"),
                1 => eip.bandwidth += 1,
                _ => eip.line = other,
            }
            return Some(Act::plain(format!("changes eip.{label}")));
        }
        if disks.is_empty() {
            return None;
        }
        let label = self.draws.one(&disks);
        let disk = self.config(at).disks.get_mut(label)?;
        match choice {
            0 => disk.name = format!("disk{number}"),
            1 => disk.size += 10,
            _ if disk.kind != other => {
                // A replaced disk is the first object of its name again.
                disk.kind = other;
            }
            _ => {}
        }
        Some(Act::plain(format!("changes volume.{label}")))
    }

    /// A group gets an automatic EIP in place of another one, loses it or gets a faster one.
    fn change_an_automatic_eip(&mut self, at: usize) -> Option<Act> {
        let place = self.some_root(at)?;
        let goes = self.draws.percent(40);
        let group = self.config(at).groups.get_mut(&place)?;
        let what = match group.automatic {
            Some(_) if goes => {
                group.automatic = None;
                "takes the automatic EIP from"
            }
            Some(bandwidth) => {
                group.automatic = Some(bandwidth + 1);
                "changes the automatic EIP of"
            }
            None => {
                group.eip = None;
                group.automatic = Some(5);
                "gives an automatic EIP to"
            }
        };
        Some(Act::plain(format!("{what} {}", place.address())))
    }

    /// Attaches a free object to a group, or detaches an attached one.
    fn give_or_take(&mut self, at: usize) -> Option<Act> {
        if self.draws.percent(30) {
            return self.change_an_automatic_eip(at);
        }
        let config = &self.states[at].config;
        let objects = config.eips.keys().chain(config.disks.keys());
        let objects: Vec<&'static str> = objects.copied().collect();
        if objects.is_empty() {
            return None;
        }
        let object = self.draws.one(&objects);
        if self.states[at].config.holder(object).is_some() {
            self.config(at).take(object);
            return Some(Act::plain(format!("takes {object} from its group")));
        }
        let place = self.give_away(at, object)?;
        Some(Act::plain(format!("gives {object} to {}", place.address())))
    }

    fn add_an_output(&mut self, at: usize) -> Option<Act> {
        let place = self.some_root(at)?;
        let name = self.draws.one(&["first", "second"]);
        self.config(at).outputs.insert(name, Output::Id(place));
        Some(Act::plain(format!("gives out {}", place.address())))
    }

    /// EIPs and disks change hands: one, two that are swapped, three in a ring, or with the end
    /// of the group that has it.
    pub(crate) fn transfer(&mut self, at: usize) -> Option<Act> {
        let config = &self.states[at].config;
        let objects = config.eips.keys().chain(config.disks.keys());
        let held: Vec<&'static str> = objects
            .copied()
            .filter(|object| config.holder(object).is_some())
            .collect();
        let objects = config.eips.len() + config.disks.len();
        if objects < 2 || held.is_empty() || self.draws.percent(25) {
            let what = self.add_resource(at)?;
            return Some(Act::plain(what));
        }
        let create_first = self.draws.percent(50);
        for group in self.config(at).groups.values_mut() {
            group.create_first = create_first;
        }
        let object = self.draws.one(&held);
        let act = match self.draws.below(4) {
            0 => {
                let place = self.give_away(at, object)?;
                Act::plain(format!("gives {object} to {}", place.address()))
            }
            1 => {
                // The one that has it goes, and another one gets it.
                let giver = self.states[at].config.holder(object)?;
                self.config(at).groups.remove(&giver);
                let place = self.give_away(at, object)?;
                let (giver, taker) = (giver.address(), place.address());
                Act::plain(format!("removes {giver}, whose {object} {taker} gets"))
            }
            _ => {
                let is_eip = self.states[at].config.eips.contains_key(object);
                let config = self.config(at);
                let mut alike: Vec<(Place, &'static str)> = Vec::new();
                for (place, group) in &config.groups {
                    let one = if is_eip {
                        group.eip
                    } else {
                        group.disks.first().copied()
                    };
                    alike.extend(one.map(|object| (*place, object)));
                }
                let objects: Vec<&'static str> = alike.iter().map(|(_, object)| *object).collect();
                for object in &objects {
                    config.take(object);
                }
                for (at, (place, _)) in alike.iter().enumerate() {
                    let next = objects[(at + 1) % objects.len()];
                    if let Some(group) = config.groups.get_mut(place) {
                        if is_eip {
                            group.eip = Some(next);
                        } else {
                            group.disks.insert(next);
                        }
                    }
                }
                Act::plain(format!("passes {objects:?} around"))
            }
        };
        if self.draws.percent(30)
            && let Some(place) = self.some_group(at)
        {
            self.change_group(at, place);
        }
        Some(act)
    }

    /// A run is only about a part.
    pub(crate) fn target_resource(&mut self, at: usize) -> Option<Act> {
        for _ in 0..self.draws.below(3) {
            if let Some(place) = self.some_group(at) {
                self.change_group(at, place);
            }
        }
        let addresses = self.known_addresses(at);
        if addresses.is_empty() {
            return None;
        }
        let one = self.draws.below(addresses.len());
        let mut address = addresses[one].clone();
        if self.draws.percent(30)
            && let Some(dependency) = self.remove_a_dependent(at)
        {
            // What depends on the same is unchanged.
            address = dependency;
        }
        let parsed = address.parse::<eci_core::Address>().ok()?;
        let mut act = Act::refusable("");
        let options = &mut act.order.options;
        let choice = self.draws.below(5);
        let word = match choice {
            0 | 1 => {
                options.targets.push(parsed.into());
                "--target"
            }
            2 => {
                options.exclude.push(parsed.into());
                "--exclude"
            }
            3 => {
                options.replace.push(parsed);
                "--replace"
            }
            _ => {
                options.mode = Mode::Destroy;
                options.targets.push(parsed.into());
                "--destroy --target"
            }
        };
        act.what = format!("runs with {word} {address}");
        Some(act)
    }

    /// Declares a group no longer that depends on another one, and gives the address of that one.
    fn remove_a_dependent(&mut self, at: usize) -> Option<String> {
        let groups = self.states[at].config.groups.iter();
        let found = groups.filter_map(|(place, group)| Some((place.address(), group.dependency?)));
        let (dependent, dependency) = found.min()?;
        self.config(at).forget(&dependent);
        Some(format!("container_group.{dependency}"))
    }

    /// Returns the addresses that are declared, or that the state has.
    pub(crate) fn known_addresses(&self, at: usize) -> Vec<String> {
        let state = &self.states[at];
        let known = state.snapshot();
        let known = known.resources.keys().map(ToString::to_string);
        let mut all: Vec<String> = known.chain(state.config.addresses()).collect();
        all.sort();
        all.dedup();
        all
    }
}

impl Config {
    /// Declares a resource no longer.
    pub(crate) fn forget(&mut self, address: &str) {
        self.groups.retain(|place, _| place.address() != address);
        for (place, group) in &mut self.groups {
            let own = place.label().map(objects::automatic);
            group.automatic.take_if(|_| own.as_deref() == Some(address));
        }
        self.eips.retain(|label, _| objects::eip(label) != address);
        self.disks
            .retain(|label, _| objects::volume(label) != address);
        self.tidy();
    }

    /// Takes an EIP or a disk from the group that has it.
    pub(crate) fn take(&mut self, object: &str) {
        for group in self.groups.values_mut() {
            group.eip.take_if(|it| *it == object);
            group.disks.remove(object);
        }
    }
}

impl Group {
    /// Returns whether an instance of a table with `for_each` can be like this.
    pub(crate) fn is_plain(&self) -> bool {
        let simple = Group {
            name: self.name.clone(),
            image: self.image.clone(),
            vpc: self.vpc,
            restarts: true,
            ..Group::default()
        };
        *self == simple
    }

    /// Returns whether it has no links, which only lead to other tables of the same module.
    pub(crate) fn is_free(&self) -> bool {
        let links = [self.dependency, self.trigger, self.eip];
        links.iter().all(Option::is_none)
            && self.after.is_empty()
            && self.disks.is_empty()
            && self.automatic.is_none()
    }
}
