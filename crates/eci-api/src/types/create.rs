//! The body of `createContainerGroup`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Container, Decimal, DnsConfig, Eip, FieldNames, HostAlias, InitContainer, RequestSecrets,
    Secret, Volume,
};

/// The body of `createContainerGroup`: every field of the API reference, by its name there.
///
/// Where the client spells a name differently, that spelling is understood too, and [`FieldNames`]
/// chooses which is sent.
///
/// ```
/// use eci_api::types::{Container, CreateContainerGroup, GroupNetwork, RestartPolicy};
///
/// let network = GroupNetwork {
///     az_name: "az1".to_owned(),
///     vpc_id: "vpc-1".to_owned(),
///     vswitch_id: "subnet-1".to_owned(),
///     security_group_id: "sg-1".to_owned(),
/// };
/// let containers = vec![Container::new("main", "nginx:1.27")];
/// let mut group = CreateContainerGroup::new("web", network, RestartPolicy::Always, containers);
/// group.host_name = Some("web".to_owned());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateContainerGroup {
    /// The values that no message may show; not a part of the body.
    #[serde(skip)]
    pub hidden: RequestSecrets,
    /// The group's name.
    pub container_group_name: String,
    /// vCPUs; by default the containers' sum, rounded up to a size that is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Decimal>,
    /// GiB; by default the containers' sum, rounded up to a size that is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Decimal>,
    /// GPUs; required with a GPU flavor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<Decimal>,
    /// The log service instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub als_instance_id: Option<String>,
    /// The zone; exactly one today.
    pub az_info: Vec<AzInfo>,
    /// The elastic IP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eip: Option<Eip>,
    /// The VPC.
    pub vpc_id: String,
    /// The subnet.
    #[serde(rename = "vSwitchId")]
    pub vswitch_id: String,
    /// The security group.
    pub security_group_id: String,
    /// Further lines of `/etc/hosts`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_aliases: Option<Vec<HostAlias>>,
    /// The containers.
    pub containers: Vec<Container>,
    /// The init containers.
    ///
    /// They cannot be updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init_containers: Option<Vec<InitContainer>>,
    /// The restart policy.
    pub restart_policy: RestartPolicy,
    /// Ephemeral storage in GB, 40 to 2048.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_volume: Option<i64>,
    /// The machine flavor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavor_name: Option<String>,
    /// The host name inside.
    #[serde(alias = "hostname", skip_serializing_if = "Option::is_none")]
    pub host_name: Option<String>,
    /// Whether an image cache is selected or created automatically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_match_image_cache: Option<bool>,
    /// The image cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_cache_id: Option<String>,
    /// Name resolution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_config: Option<DnsConfig>,
    /// Tags, at most 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// The credentials for image registries.
    #[serde(
        rename = "imageRegistryCredential",
        alias = "imageRegistryCredentials",
        skip_serializing_if = "Option::is_none"
    )]
    pub image_registry_credentials: Option<Vec<ImageRegistryCredential>>,
    /// The volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Vec<Volume>>,
    /// The ECS agency that the group acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_role_name: Option<String>,
    /// Kernel parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_context: Option<SecurityContext>,
    /// The bucket of data caches, matched by mount path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_cache_bucket: Option<String>,
    /// The enterprise project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ep_id: Option<String>,
    /// The CPU architecture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_architecture: Option<String>,
    /// The service account (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account_name: Option<String>,
    /// Annotations (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Seconds that containers have to stop (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
}

impl CreateContainerGroup {
    /// Creates a request with the fields that the API reference requires, and no others.
    pub fn new(
        name: impl Into<String>,
        network: GroupNetwork,
        restart_policy: RestartPolicy,
        containers: Vec<Container>,
    ) -> CreateContainerGroup {
        CreateContainerGroup {
            hidden: RequestSecrets::default(),
            container_group_name: name.into(),
            cpu: None,
            memory: None,
            gpu: None,
            als_instance_id: None,
            az_info: vec![AzInfo {
                az_name: network.az_name,
                az_id: None,
            }],
            eip: None,
            vpc_id: network.vpc_id,
            vswitch_id: network.vswitch_id,
            security_group_id: network.security_group_id,
            host_aliases: None,
            containers,
            init_containers: None,
            restart_policy,
            ephemeral_volume: None,
            flavor_name: None,
            host_name: None,
            auto_match_image_cache: None,
            image_cache_id: None,
            dns_config: None,
            tags: None,
            image_registry_credentials: None,
            volumes: None,
            iam_role_name: None,
            security_context: None,
            data_cache_bucket: None,
            ep_id: None,
            cpu_architecture: None,
            service_account_name: None,
            annotations: None,
            labels: None,
            termination_grace_period_seconds: None,
        }
    }

    /// Returns the body as it is sent, secrets in clear.
    ///
    /// # Errors
    /// None is known: every field has a form in JSON.
    pub fn body(&self, names: FieldNames) -> Result<Value, serde_json::Error> {
        Ok(names.apply(serde_json::to_value(self)?))
    }
}

/// The zone and the network of a new container group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNetwork {
    /// The name of the zone.
    pub az_name: String,
    /// The VPC.
    pub vpc_id: String,
    /// The subnet.
    pub vswitch_id: String,
    /// The security group.
    pub security_group_id: String,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AzInfo {
    /// Its name.
    pub az_name: String,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub az_id: Option<i64>,
}

/// The policy by which ended containers are restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RestartPolicy {
    /// Containers are always restarted.
    Always,
    /// Containers are restarted if they failed.
    OnFailure,
    /// Nothing.
    Never,
}

/// A tag.
///
/// The API reference requires neither of its parts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tag {
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Tag {
    /// Creates a tag with both parts.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Tag {
        Tag {
            key: Some(key.into()),
            value: Some(value.into()),
        }
    }
}

/// The credential for an image registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageRegistryCredential {
    /// The registry's address.
    pub server: String,
    /// The user.
    pub user_name: String,
    /// The user's password.
    pub password: Secret,
}

/// Kernel parameters of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityContext {
    /// The parameters; only namespaced ones.
    pub sysctl: Vec<Sysctl>,
}

/// A kernel parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sysctl {
    /// Its name, for example `kernel.msgmax`.
    pub name: String,
    /// Its value.
    pub value: String,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
