//! Containers, init containers and their parts.

use serde::{Deserialize, Serialize};

use super::{Decimal, Probe, Secret};

/// Both sorts of containers have these fields; serde can either flatten fields or refuse
/// unknown ones, so that they are put into the two structs from here.
macro_rules! container {
    ($(#[$meta:meta])* $name:ident { $($(#[$attribute:meta])* pub $own:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            /// Its name, unique in the group.
            pub name: String,
            /// The image.
            pub image: String,
            /// The image pull policy.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub image_pull_policy: Option<ImagePullPolicy>,
            /// vCPUs.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub cpu: Option<Decimal>,
            /// GiB.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub memory: Option<Decimal>,
            /// GPUs.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub gpu: Option<Decimal>,
            /// The command that replaces the image's.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub command: Option<Vec<String>>,
            /// Its arguments.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub args: Option<Vec<String>>,
            /// Ports it listens on.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub ports: Option<Vec<Port>>,
            /// Environment variables.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub environment_var: Option<Vec<EnvironmentVar>>,
            /// The directory it starts in.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub working_dir: Option<String>,
            /// Volumes and where they are mounted.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub volume_mount: Option<Vec<VolumeMount>>,
            /// The security context (client only).
            #[serde(skip_serializing_if = "Option::is_none")]
            pub security_context: Option<ContainerSecurityContext>,
            $($(#[$attribute])* pub $own: $type,)*
        }

        impl $name {
            /// Creates one with the fields that the API reference requires, and no others.
            pub fn new(name: impl Into<String>, image: impl Into<String>) -> $name {
                $name {
                    name: name.into(),
                    image: image.into(),
                    image_pull_policy: None,
                    cpu: None,
                    memory: None,
                    gpu: None,
                    command: None,
                    args: None,
                    ports: None,
                    environment_var: None,
                    working_dir: None,
                    volume_mount: None,
                    security_context: None,
                    $($own: None,)*
                }
            }
        }
    };
}

container! {
    /// A container.
    Container {
        /// Restarts the container when it fails.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub liveness_probe: Option<Probe>,
        /// Says when the container is ready.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub readiness_probe: Option<Probe>,
        /// A command run after the start; when it fails, the container restarts.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub lifecycle_post_start_handler_exec: Option<Vec<String>>,
        /// A command run before the stop.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub lifecycle_pre_stop_handler_exec: Option<Vec<String>>,
    }
}

container! {
    /// A container that runs to its end before the others start; it has no probes and no
    /// lifecycle handlers.
    InitContainer {}
}

/// The policy by which an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ImagePullPolicy {
    /// At every start.
    Always,
    /// The image is pulled unless it is there already.
    IfNotPresent,
    /// Not at all.
    Never,
}

/// A port that a container listens on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Port {
    /// A name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The number.
    pub port: i64,
    /// TCP or UDP.
    pub protocol: Protocol,
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// An environment variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentVar {
    /// Its name.
    pub key: String,
    /// Its value; may be a secret.
    ///
    /// The API reference requires it; it is empty where the value comes from one of the two
    /// references.
    pub value: Secret,
    /// The field of the group that the value comes from (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_ref: Option<ObjectFieldRef>,
    /// The resource of a container that the value comes from (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_field_ref: Option<ResourceFieldRef>,
}

/// A field of the group (client only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectFieldRef {
    /// Its path, for example `metadata.name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_path: Option<String>,
    /// The version of the API that the path is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
}

/// A resource of a container (client only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceFieldRef {
    /// The container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// The resource, for example `limits.cpu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The unit of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divisor: Option<String>,
}

/// A volume in the file system of a container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VolumeMount {
    /// The volume's name.
    pub name: String,
    /// The mount path.
    pub mount_path: String,
    /// Whether it cannot be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// The part of the volume that is mounted (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<String>,
    /// The same, with environment variables in it (client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_path_expr: Option<String>,
}

/// The permissions of a container (client only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerSecurityContext {
    /// The kernel's capabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// Whether it may do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Whether its root file system cannot be written.
    #[serde(
        rename = "readOnlyRootFileSystem",
        skip_serializing_if = "Option::is_none"
    )]
    pub read_only_root_file_system: Option<bool>,
    /// Whether its processes may gain more than their parents have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_privilege_escalation: Option<bool>,
    /// Whether it must not run as root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// The user it runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<i64>,
    /// The group it runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_group: Option<i64>,
}

/// Capabilities given and taken (client only).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capabilities {
    /// Those given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<Vec<String>>,
    /// Those taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Vec<String>>,
}
