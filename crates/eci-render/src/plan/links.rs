//! The resources whose attributes appear among those of a group.

use std::collections::HashMap;

use eci_core::path::PathStep;
use eci_core::{Address, Map, Path, Value};
use eci_planner::{Plan, Step};

/// The volumes of a plan by their names in the cloud.
pub(crate) struct Links<'a> {
    volumes: HashMap<&'a str, Vec<&'a Step>>,
    steps: HashMap<&'a Address, &'a Step>,
}

impl<'a> Links<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Links<'a> {
        let mut volumes: HashMap<&str, Vec<&Step>> = HashMap::new();
        for step in plan.steps() {
            if step.address.kind().properties().attached_as != Some("volumes") {
                continue;
            }
            let desired = step.desired.as_deref();
            let had = step.state.as_deref().map(|state| &*state.applied);
            let name = |map: &'a Map| map.get("name").and_then(Value::as_str);
            for name in desired.into_iter().chain(had).filter_map(name) {
                volumes.entry(name).or_default().push(step);
            }
        }
        let steps = plan.steps().iter();
        let steps = steps.filter(|step| !step.is_of_predecessor());
        let steps = steps.map(|step| (&step.address, step));
        Links {
            volumes,
            steps: steps.collect(),
        }
    }

    /// Returns the step of the resource that a path of a group leads into, if there is one.
    pub(crate) fn behind(&self, group: &Step, path: &Path) -> Option<&'a Step> {
        if !group.address.kind().properties().holds_attachments {
            return None;
        }
        match (path.attribute()?, path.0.get(1)) {
            ("eip", _) => self.eip(group),
            ("volumes", Some(PathStep::Key(name))) => self.volume(group, name),
            _ => None,
        }
    }

    fn volume(&self, group: &Step, name: &str) -> Option<&'a Step> {
        let named = self.volumes.get(name)?;
        let linked = named.iter().find(|step| depends_on(group, &step.address));
        linked.copied()
    }

    fn eip(&self, group: &Step) -> Option<&'a Step> {
        let eips = |address: &&Address| address.kind().properties().is_public_ip;
        let by_label = group
            .resource
            .iter()
            .flat_map(|resource| &resource.links)
            .find(eips);
        let address = by_label.or_else(|| group.dependencies.iter().find(eips))?;
        self.steps.get(address).copied()
    }

    /// Returns the desired attributes of a group, with labels in place of the attributes of other
    /// resources, as in its manifest.
    pub(crate) fn with_labels(&self, group: &Step, desired: &Map) -> Map {
        let mut shown = desired.clone();
        if !group.address.kind().properties().holds_attachments {
            return shown;
        }
        if let Some(volumes) = desired.get("volumes").and_then(Value::as_list) {
            let names = volumes.iter().map(|volume| {
                let name = volume.get("name").cloned();
                name.unwrap_or_else(|| volume.clone())
            });
            shown.insert("volumes".into(), Value::list(names.collect()));
        }
        if let (Some(_), Some(eip)) = (desired.get("eip"), self.eip(group)) {
            let label = match eip.address.key() {
                // That of another module came in by its id.
                _ if eip.address.modules() != group.address.modules() => eip.address.to_string(),
                Some(key) => format!("{}[{key:?}]", eip.address.label()),
                None => eip.address.label().to_string(),
            };
            shown.insert("eip".into(), Value::from(label));
        }
        shown
    }
}

fn depends_on(group: &Step, address: &Address) -> bool {
    let had = group.state.as_deref().map(|state| &state.dependencies[..]);
    group.dependencies.contains(address) || had.unwrap_or_default().contains(address)
}
