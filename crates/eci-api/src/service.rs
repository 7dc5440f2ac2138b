//! The services of the cloud, each with its own address.

use std::fmt;

/// The vendor's endpoint of container groups.
pub const DEFAULT_ECI_ENDPOINT: &str = "https://eci-global.ctapi.ctyun.cn";

/// The vendor's endpoint of elastic IPs.
pub const DEFAULT_EIP_ENDPOINT: &str = "https://ctvpc-global.ctapi.ctyun.cn";

/// The vendor's endpoint of cloud disks.
pub const DEFAULT_EBS_ENDPOINT: &str = "https://ebs-global.ctapi.ctyun.cn";

/// The vendor's endpoint of orders and jobs, including those of elastic IPs and disks.
pub const DEFAULT_ECS_ENDPOINT: &str = "https://ctecs-global.ctapi.ctyun.cn";

/// A service of the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Container groups.
    Eci,
    /// Elastic IPs.
    Eip,
    /// Cloud disks.
    Ebs,
    /// Orders and jobs.
    Ecs,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 4] = [Service::Eci, Service::Eip, Service::Ebs, Service::Ecs];

    /// Returns the short name.
    pub fn name(self) -> &'static str {
        match self {
            Service::Eci => "eci",
            Service::Eip => "eip",
            Service::Ebs => "ebs",
            Service::Ecs => "ecs",
        }
    }

    /// Returns the environment variable that sets the endpoint.
    pub fn variable(self) -> &'static str {
        match self {
            Service::Eci => "CTYUN_ECI_ENDPOINT",
            Service::Eip => "CTYUN_EIP_ENDPOINT",
            Service::Ebs => "CTYUN_EBS_ENDPOINT",
            Service::Ecs => "CTYUN_ECS_ENDPOINT",
        }
    }

    /// Returns the vendor's endpoint.
    pub fn default_endpoint(self) -> &'static str {
        match self {
            Service::Eci => DEFAULT_ECI_ENDPOINT,
            Service::Eip => DEFAULT_EIP_ENDPOINT,
            Service::Ebs => DEFAULT_EBS_ENDPOINT,
            Service::Ecs => DEFAULT_ECS_ENDPOINT,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The addresses of the services: `https` ones, or `http` ones like the sandbox's.
///
/// By default the vendor's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoints {
    /// Container groups.
    pub eci: String,
    /// Elastic IPs.
    pub eip: String,
    /// Cloud disks.
    pub ebs: String,
    /// Orders and jobs.
    pub ecs: String,
}

impl Endpoints {
    /// Creates endpoints with all services at one address, as the sandbox has them.
    pub fn all_at(endpoint: impl Into<String>) -> Endpoints {
        let endpoint = endpoint.into();
        Endpoints {
            eci: endpoint.clone(),
            eip: endpoint.clone(),
            ebs: endpoint.clone(),
            ecs: endpoint,
        }
    }

    /// Creates endpoints with the address that a function returns for each service.
    pub fn each(endpoint: impl Fn(Service) -> String) -> Endpoints {
        Endpoints {
            eci: endpoint(Service::Eci),
            eip: endpoint(Service::Eip),
            ebs: endpoint(Service::Ebs),
            ecs: endpoint(Service::Ecs),
        }
    }

    /// Returns the endpoint of a service.
    pub fn of(&self, service: Service) -> &str {
        match service {
            Service::Eci => &self.eci,
            Service::Eip => &self.eip,
            Service::Ebs => &self.ebs,
            Service::Ecs => &self.ecs,
        }
    }
}

impl Default for Endpoints {
    fn default() -> Endpoints {
        Endpoints::each(|service| service.default_endpoint().to_owned())
    }
}
