//! What is wanted: a few groups that change, are replaced and go.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use eci_config::Configuration;

use crate::draws::Draws;

const LABELS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// One wanted group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// Changes in place.
    pub(crate) image: usize,
    /// Cannot change: another one means another group.
    pub(crate) vpc: usize,
    create_first: bool,
    /// The label before it, if it needs the address of that one.
    needs: Option<&'static str>,
    /// It has the one EIP that there is.
    eip: bool,
}

/// All wanted groups, by their labels, which are their names.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) groups: BTreeMap<&'static str, Group>,
    /// The label of the one that may have the EIP.
    public: &'static str,
    /// What is loaded from the manifest, once it was.
    loaded: OnceLock<Configuration>,
}

impl Wanted {
    /// Nothing is wanted.
    fn nothing(public: &'static str) -> Wanted {
        Wanted {
            groups: BTreeMap::new(),
            public,
            loaded: OnceLock::new(),
        }
    }

    /// What is wanted at first.
    pub(crate) fn first(draws: &Draws) -> Wanted {
        Wanted::after(&Wanted::nothing(draws.one(&LABELS)), draws)
    }

    /// What is wanted when nothing is any more.
    pub(crate) fn end(&self) -> Wanted {
        Wanted::nothing(self.public)
    }

    /// What is wanted after `before`: most of it stays as it is.
    pub(crate) fn after(before: &Wanted, draws: &Draws) -> Wanted {
        let mut wanted = before.end();
        for (at, label) in LABELS.into_iter().enumerate() {
            let old = before.groups.get(label).copied();
            if !draws.percent(if old.is_some() { 80 } else { 60 }) {
                continue;
            }
            let needs = at.checked_sub(1).map(|at| LABELS[at]);
            let needs =
                needs.filter(|needs| wanted.groups.contains_key(needs) && draws.percent(40));
            let mut group = Group {
                image: draws.below(3),
                vpc: draws.below(2),
                create_first: draws.percent(50),
                needs,
                eip: label == before.public && draws.percent(50),
            };
            if let Some(old) = old.filter(|_| draws.percent(40)) {
                group.image = old.image;
                group.vpc = old.vpc;
            }
            wanted.groups.insert(label, group);
        }
        wanted
    }

    pub(crate) fn manifest(&self) -> String {
        let mut text = String::new();
        if self.groups.values().any(|group| group.eip) {
            text.push_str("[eip.front]\nid = \"eip-1\"\n");
        }
        for (label, group) in &self.groups {
            let env = group.needs.map(|needs| {
                format!(", env = {{ NEEDS = '${{container_group.{needs}.intranet_ip}}' }}")
            });
            let _ = writeln!(
                text,
                "[container_group.{label}]\nvpc_id = \"vpc-{}\"\nvswitch_id = \"subnet-1\"\n\
                 security_group_id = \"sg-1\"\naz_name = \"zone-1\"\n{}\
                 containers = [{{ name = \"main\", image = \"app:{}\"{} }}]\n\
                 lifecycle = {{ create_before_destroy = {} }}",
                group.vpc,
                if group.eip { "eip = \"front\"\n" } else { "" },
                group.image,
                env.unwrap_or_default(),
                group.create_first,
            );
        }
        text
    }

    pub(crate) fn configuration(&self) -> &Configuration {
        self.loaded.get_or_init(|| {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("main.eci.toml"), self.manifest()).unwrap();
            eci_config::load(directory.path(), &Default::default()).unwrap()
        })
    }
}
