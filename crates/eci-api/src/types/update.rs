//! The body of `updateContainerGroup`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Container, DnsConfig, Eip, FieldNames, ImageRegistryCredential, RequestSecrets, RestartPolicy,
    Tag, Volume,
};

/// The body of `updateContainerGroup`.
///
/// A field that is absent is left as it is; one that is present replaces the whole old value, so
/// that an empty list empties it.
///
/// Init containers are not here, although the vendor's client has them: the API reference says that
/// they cannot be updated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateContainerGroup {
    /// The elastic IP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eip: Option<Eip>,
    /// The restart policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<RestartPolicy>,
    /// All tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// All containers; those that changed are restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containers: Option<Vec<Container>>,
    /// The credentials for image registries.
    ///
    /// Always sent with the client's spelling; the page's, `imageRegistryCredential`, is
    /// understood.
    #[serde(
        alias = "imageRegistryCredential",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_registry_credentials: Option<Vec<ImageRegistryCredential>>,
    /// Name resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_config: Option<DnsConfig>,
    /// All volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Vec<Volume>>,
    /// The values that no message may show; not a part of the body.
    #[serde(skip)]
    pub hidden: RequestSecrets,
}

impl UpdateContainerGroup {
    /// Returns the body as it is sent, secrets in clear.
    ///
    /// # Errors
    /// None is known: every field has a form in JSON.
    pub fn body(&self, names: FieldNames) -> Result<Value, serde_json::Error> {
        Ok(names.apply(serde_json::to_value(self)?))
    }
}

/// The way in which a container group is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeleteMode {
    /// The containers end by themselves first.
    Graceful,
    /// Nothing is awaited.
    Forced,
}
