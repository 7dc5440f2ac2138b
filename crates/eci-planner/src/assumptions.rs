//! Attributes that an import cannot compare, because the cloud does not report them.

use std::collections::BTreeMap;

use eci_core::kinds::GROUP_EIP;
use eci_core::schema::{Availability, Change, Field, Object, Type};
use eci_core::{Address, Diagnostic, Kind, Map, Path, Value, codes};
use eci_text::{List, text};

/// A description, and who reports what it describes.
#[derive(Clone, Copy)]
pub(crate) struct ReportedPart {
    pub(crate) object: &'static Object,
    /// Whether a separate service reports it, in addition to the container groups that use it.
    pub(crate) is_standalone: bool,
    /// The kind of change that the attribute around it prescribes for all its parts, if it does.
    pub(crate) around: Option<Change>,
}

impl ReportedPart {
    /// Returns a whole resource.
    pub(crate) fn whole(kind: Kind) -> ReportedPart {
        ReportedPart {
            object: kind.schema(),
            is_standalone: kind.properties().uses_service_paths,
            around: None,
        }
    }

    /// Returns the parts of one of its attributes.
    pub(crate) fn within(self, field: &Field, object: &'static Object) -> ReportedPart {
        ReportedPart {
            object,
            is_standalone: false,
            around: field.change_of_parts(field.change_within(self.around)),
        }
    }

    /// Returns whether the cloud reports a field.
    pub(crate) fn reports(self, field: &Field) -> bool {
        if self.is_standalone {
            field.service_response_path.is_some()
        } else {
            field.response_path.is_some()
        }
    }

    /// Returns whether an update sends a field that the cloud does not report, so that nothing has to be
    /// assumed of it. What an EIP itself does not report goes with its order alone.
    pub(crate) fn is_sent(self, field: &Field) -> bool {
        let is_updated_in_place = field.change_within(self.around) == Change::InPlace;
        is_updated_in_place
            && field.request_path.is_some()
            && !self.is_standalone
            && !self.reports(field)
    }
}

/// Returns the attributes that an import assumes to be as declared: those that the manifest gives,
/// that the cloud does not report, from which nothing is inferred, and that no update sends.
pub(crate) fn assumed(kind: Kind, desired: &Map, observed: &Map) -> Vec<Path> {
    collect(
        ReportedPart::whole(kind),
        desired,
        Some(observed),
        &Path::root(),
    )
}

fn collect(part: ReportedPart, desired: &Map, observed: Option<&Map>, path: &Path) -> Vec<Path> {
    let mut found = Vec::new();
    for field in part.object.fields {
        let Some(value) = desired.get(field.name).filter(|value| !value.is_null()) else {
            continue;
        };
        let path = path.name(field.name);
        let is_observed = observed.is_some_and(|observed| observed.contains_key(field.name));
        // What the cloud would choose otherwise, only this program uses or groups report.
        let is_compared = field.presence == Availability::Computed
            || part.is_sent(field)
            || field.response_path.is_some()
            || field.request_path.is_none() && field.service_request_path.is_none()
            || field.name == GROUP_EIP;
        match (&field.ty, value) {
            (Type::Object(object), Value::Map(desired)) if field.diff_nested => {
                let observed = observed.and_then(|observed| observed.get(field.name)?.as_map());
                found.extend(collect(
                    part.within(field, object),
                    desired,
                    observed,
                    &path,
                ));
            }
            _ if is_compared || part.reports(field) || is_observed => {}
            _ => found.push(path),
        }
    }
    found
}

/// The assumptions of imports, by resource.
#[derive(Debug, Default)]
pub(crate) struct Assumptions(BTreeMap<Vec<String>, Vec<Address>>);

impl Assumptions {
    /// Notes what an import assumes of one resource.
    pub(crate) fn add(&mut self, address: &Address, paths: &[Path]) {
        if !paths.is_empty() {
            let paths = paths.iter().map(ToString::to_string).collect();
            self.0.entry(paths).or_default().push(address.clone());
        }
    }

    /// Returns a warning for all resources of which the same is assumed.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Diagnostic> {
        self.0.iter().map(|(paths, addresses)| {
            let message = text!(
                en: "the cloud does not report {paths}; eci assumes the declared values for {addresses}",
                zh: "云端不返回 {paths}，eci 将采用 {addresses} 声明的值",
                paths = List::and(paths.iter().map(|path| format!("`{path}`"))),
                addresses = List::and(addresses)
            );
            Diagnostic::new(codes::ASSUMED, message).help(text!(
                en: "check these values in the CTyun console, because later plans cannot show a difference",
                zh: "在天翼云控制台中核对这些值，之后的计划无法显示差异"
            ))
        })
    }
}
