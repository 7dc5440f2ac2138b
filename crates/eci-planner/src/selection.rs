//! Which resources a plan is about: `--target` and `--exclude`.

use std::collections::{BTreeSet, HashMap, HashSet};

use eci_core::suggest::nearest;
use eci_core::{Address, Diagnostic, Diagnostics, Subject, codes};

/// Which resources a plan is about.
pub(crate) struct Selection {
    /// None: all.
    wanted: Option<HashSet<Address>>,
    left_out: HashSet<Address>,
}

/// What each resource needs, in the configuration and in the state.
pub(crate) type Needs<'a> = HashMap<&'a Address, Vec<&'a Address>>;

impl Selection {
    /// The targets with all that they need, without what is excluded and all that needs it.
    /// For what is deleted it is the other way round: with a target goes what needs it, and
    /// what an excluded resource needs stays with it.
    pub(crate) fn new(
        (targets, exclude): (&[Subject], &[Subject]),
        (needs, deleting): (&Needs<'_>, &Needs<'_>),
        problems: &mut Diagnostics,
    ) -> Selection {
        let known: HashSet<&Address> = needs.keys().chain(deleting.keys()).copied().collect();
        for (flag, given) in targets
            .iter()
            .map(|given| ("--target", given))
            .chain(exclude.iter().map(|given| ("--exclude", given)))
        {
            if !known.iter().any(|address| given.covers(address)) {
                problems.push(nothing_matches(flag, given, &known));
            }
        }
        let (forth, back) = (
            Closure::along(needs, deleting),
            Closure::against(needs, deleting),
        );
        Selection {
            wanted: (!targets.is_empty()).then(|| forth.of(targets, &known)),
            left_out: back.of(exclude, &known),
        }
    }

    /// Whether the plan is about this resource.
    pub(crate) fn has(&self, address: &Address) -> bool {
        !self.left_out.contains(address)
            && self
                .wanted
                .as_ref()
                .is_none_or(|wanted| wanted.contains(address))
    }

    /// Whether the plan is about all resources.
    pub(crate) fn is_all(&self) -> bool {
        self.wanted.is_none() && self.left_out.is_empty()
    }
}

fn nothing_matches(flag: &str, given: &Subject, known: &HashSet<&Address>) -> Diagnostic {
    let mut names: BTreeSet<String> = known.iter().map(ToString::to_string).collect();
    for address in known {
        let modules = address.modules();
        names.extend(
            (1..=modules.len()).map(|count| Subject::Module(modules[..count].to_vec()).to_string()),
        );
    }
    let help = match nearest(&given.to_string(), names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`eci state list` and the manifests say which there are".to_owned(),
    };
    Diagnostic::new(
        codes::NO_SUCH_RESOURCE,
        format!("{flag}: there is no {given}"),
    )
    .help(help)
}

struct Closure<'a>(HashMap<&'a Address, Vec<&'a Address>>);

impl<'a> Closure<'a> {
    fn along(needs: &Needs<'a>, deleting: &Needs<'a>) -> Closure<'a> {
        let mut edges = needs.clone();
        reverse(deleting, &mut edges);
        Closure(edges)
    }

    fn against(needs: &Needs<'a>, deleting: &Needs<'a>) -> Closure<'a> {
        let mut edges = deleting.clone();
        reverse(needs, &mut edges);
        Closure(edges)
    }

    fn of(&self, start: &[Subject], known: &HashSet<&'a Address>) -> HashSet<Address> {
        let mut open: Vec<&Address> = known
            .iter()
            .filter(|address| start.iter().any(|given| given.covers(address)))
            .copied()
            .collect();
        let mut found = HashSet::new();
        while let Some(address) = open.pop() {
            if found.insert(address.clone()) {
                open.extend(self.0.get(address).into_iter().flatten().copied());
            }
        }
        found
    }
}

fn reverse<'a>(edges: &Needs<'a>, into: &mut Needs<'a>) {
    for (from, needed) in edges {
        for to in needed {
            into.entry(*to).or_default().push(*from);
        }
    }
}
