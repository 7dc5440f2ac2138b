//! The three names that the API reference and the vendor's client spell differently.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The spelling of three field names that is sent: `hostName` or `hostname`,
/// `imageRegistryCredential` or `imageRegistryCredentials`, `crendential` or `credential`.
///
/// `updateContainerGroup` is known from the client only, so that its
/// `imageRegistryCredentials` is always spelled so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FieldNames {
    /// The page's.
    #[default]
    Documented,
    /// The client's.
    Sdk,
}

impl FieldNames {
    /// Respells a body that has the page's names.
    pub(super) fn apply(self, mut body: Value) -> Value {
        if self == FieldNames::Sdk {
            rename(&mut body, "hostName", "hostname");
            rename(
                &mut body,
                "imageRegistryCredential",
                "imageRegistryCredentials",
            );
            let volumes = body.get_mut("volumes").and_then(Value::as_array_mut);
            for volume in volumes.into_iter().flatten() {
                if let Some(zos) = volume.get_mut("zosVolume") {
                    rename(zos, "crendential", "credential");
                }
            }
        }
        body
    }
}

fn rename(object: &mut Value, from: &str, to: &str) {
    if let Some(fields) = object.as_object_mut()
        && let Some(value) = fields.remove(from)
    {
        fields.insert(to.to_owned(), value);
    }
}
