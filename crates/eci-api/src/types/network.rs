//! Addresses and names.

use serde::{Deserialize, Serialize};

/// The elastic IP of a group: an existing one or an automatic one, not both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Eip {
    /// The id of an existing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eip_instance_id: Option<String>,
    /// Whether one is created and deleted with the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_create_eip: Option<bool>,
    /// The bandwidth of the automatic one in Mbps; 5 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eip_bandwidth: Option<i64>,
    /// The address pool of the automatic one (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip_address_pool_name: Option<String>,
}

/// Further lines of `/etc/hosts`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostAlias {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hostnames: Option<Vec<String>>,
}

/// Name resolution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DnsConfig {
    /// The addresses of the name servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Vec<String>>,
    /// The search domains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searches: Option<Vec<String>>,
    /// The resolver's options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<DnsOption>>,
}

/// An option of the resolver, for example `ndots`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DnsOption {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}
