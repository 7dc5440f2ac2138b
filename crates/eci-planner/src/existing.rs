//! EIPs and disks that the configuration declares as existing ones: they are used and never
//! deleted, also where this state has created them.

use std::collections::HashMap;

use eci_core::kinds::existing_id;
use eci_core::{Address, Diagnostic, Kind, Map, codes};

use crate::document::Step;

/// The resources that declare each existing EIP and disk.
#[derive(Debug, Default)]
pub(crate) struct Existing {
    by: HashMap<(Kind, String), Address>,
}

impl Existing {
    /// Notes what a resource of these attributes declares, if it is an existing EIP or disk.
    pub(crate) fn add(&mut self, address: &Address, attributes: &Map) {
        let kind = address.kind();
        if let Some(id) = existing_id(kind, attributes) {
            let id = (kind, id.to_owned());
            self.by.entry(id).or_insert_with(|| address.clone());
        }
    }

    /// Returns all of them, each with the resource that declares it.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Kind, &str, &Address)> {
        let declared = self.by.iter();
        declared.map(|((kind, id), by)| (*kind, id.as_str(), by))
    }

    /// Returns the resource that declares the EIP or the disk of an id as existing.
    pub(crate) fn declared_by(&self, kind: Kind, id: Option<&str>) -> Option<&Address> {
        if self.by.is_empty() {
            return None;
        }
        self.by.get(&(kind, id?.to_owned()))
    }
}

/// The diagnostic for a replacement that would delete what another resource declares as existing.
pub(crate) fn not_replaceable(step: &Step, by: &Address) -> Diagnostic {
    let address = &step.address;
    let id = step.id.as_deref().unwrap_or_default();
    let message = format!(
        "{address} cannot be replaced: {id} would be deleted, and {by} declares it as existing"
    );
    let help = format!(
        "first apply without the table of {address}: {id} is kept then, and no longer managed; then add the table again"
    );
    let diagnostic = Diagnostic::new(codes::PREVENT_DESTROY, message).help(help);
    match &step.place {
        Some(place) => diagnostic.at(place.clone(), ""),
        None => diagnostic,
    }
}
