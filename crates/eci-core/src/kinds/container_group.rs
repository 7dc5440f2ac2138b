//! `[container_group.L]`: the body of `createContainerGroup`.

use super::container::{CONTAINER, INIT_CONTAINER};
use super::{Mark, Nouns, Properties, Shape, Standalone};
use crate::address::Kind;
use crate::schema::Check::{
    AtLeastOne, AtMostTags, DnsLabel, IpAddress, NamespacedSysctlKeys, ProbablyAtMost, TagLengths,
};
use crate::schema::{Field, Link, Literal, Object, Precision, Type};

/// A container group.
pub static CONTAINER_GROUP: Object = Object::new(
    "container_group",
    "Containers that share one elastic container instance.",
    FIELDS,
);

/// The properties of container groups.
pub(super) static PROPERTIES: Properties = Properties {
    kind: Kind::ContainerGroup,
    name: "container_group",
    schema: &CONTAINER_GROUP,
    nouns: Nouns {
        object: "container group",
        with_article: "a container group",
        short: "group",
        table: "container group",
        zh: "容器组",
    },
    id_prefix: Some("eci-"),
    example_id: "eci-3rr2p3bikgw7phf1lm0cn39y0y",
    existing_by: None,
    assigned: &[],
    name_path: &["name"],
    has_unique_names: false,
    takes_default_name: |_| true,
    standalone: Standalone::Always,
    is_ordered: false,
    mark: Mark::Tag,
    uses_service_paths: false,
    holds_attachments: true,
    attached_as: None,
    runs_containers: true,
    is_public_address: false,
    loss: None,
    is_replaced_on_failure: true,
    is_created_before_replaced: false,
    is_filled_in_later: true,
    is_missing_while_deleting: true,
    shape: Shape::Box,
};

/// Tags in all are 20 (seed page), and one is the operation tag.
const USER_TAGS: usize = 19;

static FIELDS: &[Field] = &[
    Field::new(
        "name",
        "containerGroupName",
        Type::String,
        "the name in the cloud; by default the names and keys of the resource address, joined by `-`; a default name is kept when the resource moves",
    )
    .required()
    .or_made_of(&[])
    .checked(&[DnsLabel])
    .reported(),
    Field::new("vpc_id", "vpcId", Type::String, "the ID of the VPC")
        .required()
        .reported(),
    Field::new(
        "vswitch_id",
        "vSwitchId",
        Type::String,
        "the ID of the subnet",
    )
    .required()
    .reported(),
    Field::new(
        "security_group_id",
        "securityGroupId",
        Type::String,
        "the ID of the security group",
    )
    .required()
    .reported(),
    Field::new(
        "az_name",
        "azInfo.0.azName",
        Type::String,
        "the name of the availability zone; exactly one",
    )
    .required(),
    Field::new(
        "az_id",
        "azInfo.0.azId",
        Type::Integer(0, i64::MAX),
        "the number of the availability zone",
    ),
    Field::new(
        "restart_policy",
        "restartPolicy",
        Type::Enum(&["Always", "OnFailure", "Never"]),
        "when to restart containers that have exited",
    )
    .default(Literal::Text("Always"))
    .in_place()
    .reported(),
    Field::new(
        "cpu",
        "cpu",
        Type::Number(0.0, Precision::Single),
        "vCPUs; by default the sum over all containers, rounded up to a size that CTyun offers",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "memory",
        "memory",
        Type::Number(0.0, Precision::Single),
        "memory in GiB; by default the sum over all containers, rounded up to a size that CTyun offers",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "gpu",
        "gpu",
        Type::Number(0.0, Precision::Single),
        "number of GPUs; required with a GPU flavor",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "flavor_name",
        "flavorName",
        Type::String,
        "the flavor, for example `s7.small.1`",
    ),
    Field::new(
        "cpu_architecture",
        "cpuArchitecture",
        Type::String,
        "the CPU architecture",
    ),
    Field::new(
        "ephemeral_volume",
        "ephemeralVolume",
        Type::Integer(40, 2048),
        "ephemeral storage in GB",
    ),
    Field::new(
        "eip",
        "eip",
        Type::Ref(Kind::Eip, Link::Attributes),
        "the EIP: the name of an `[eip.NAME]` table",
    )
    .in_place(),
    Field::new(
        "host_name",
        "hostName",
        Type::String,
        "the host name of the container group",
    ),
    Field::new(
        "host_aliases",
        "hostAliases",
        Type::Objects(&HOST_ALIAS, &["ip"]),
        "additional entries of /etc/hosts",
    ),
    Field::new(
        "dns_config",
        "dnsConfig",
        Type::Object(&DNS_CONFIG),
        "DNS configuration",
    )
    .in_place(),
    Field::new(
        "tags",
        "tags",
        Type::Table(&Type::String, ["key", "value"]),
        "tags; CTyun allows 20, and eci adds one",
    )
    .in_place()
    .checked(&[AtMostTags(USER_TAGS), TagLengths])
    .reported(),
    Field::new(
        "image_registry_credentials",
        "imageRegistryCredential",
        Type::Objects(&REGISTRY_CREDENTIAL, &["server"]),
        "credentials of image registries",
    )
    .in_place(),
    Field::new(
        "image_cache_id",
        "imageCacheId",
        Type::String,
        "the ID of the image cache to use",
    ),
    Field::new(
        "auto_match_image_cache",
        "autoMatchImageCache",
        Type::Bool,
        "whether the cloud finds or creates a matching image cache automatically",
    ),
    Field::new(
        "data_cache_bucket",
        "dataCacheBucket",
        Type::String,
        "the bucket of data caches, in the same zone; data caches are matched by mount path",
    ),
    Field::new(
        "iam_role_name",
        "iamRoleName",
        Type::String,
        "the ECS agency of the container group",
    ),
    Field::new(
        "als_instance_id",
        "alsInstanceId",
        Type::String,
        "the instance of the log service (ALS)",
    ),
    Field::new("ep_id", "epId", Type::String, "the ID of the enterprise project")
        .or_chosen()
        .reported(),
    Field::new(
        "security_context",
        "securityContext",
        Type::Object(&SECURITY_CONTEXT),
        "kernel parameters of the container group",
    ),
    Field::new(
        "volumes",
        "volumes",
        Type::List(&Type::Ref(Kind::Volume, Link::Attributes)),
        "names of `[volume.NAME]` tables; volumes that a container mounts need not be listed",
    )
    .in_place()
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "containers",
        "containers",
        Type::Objects(&CONTAINER, &["name"]),
        "the containers",
    )
    .required()
    .in_place()
    .checked(&[AtLeastOne, ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "init_containers",
        "initContainers",
        Type::Objects(&INIT_CONTAINER, &["name"]),
        "init containers, which run to completion, one after another, before the containers start",
    )
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::local(
        "wait",
        Type::Enum(&["ready", "running", "none"]),
        "what apply waits for: until all containers are ready, until the container group runs, or not at all",
    )
    .default(Literal::Text("ready"))
    .in_place(),
    Field::read_only("id", "containerGroupId", "the ID"),
    Field::read_only("status", "status", "the last known status").follows("containers"),
    Field::read_only("intranet_ip", "intranetIp", "the IP address in the VPC"),
    Field::read_only(
        "internet_ip",
        "internetIp",
        "the public IP address, if it has an EIP",
    )
    .follows("eip"),
    Field::read_only("ipv6_address", "ipv6Address", "the IPv6 address"),
    Field::read_only("eni_id", "tenantEniInstanceId", "the ID of the network interface"),
    Field::read_only("created_at", "creationTime", "when it was created"),
    Field::read_only("order_id", "masterOrderId", "the ID of the order that created it"),
];

static HOST_ALIAS: Object = Object::new(
    "host alias",
    "An IP address and its host names.",
    &[
        Field::new("ip", "ip", Type::String, "the IP address")
            .required()
            .checked(&[IpAddress]),
        Field::new(
            "hostnames",
            "hostnames",
            Type::List(&Type::String),
            "the host names",
        ),
    ],
);

static DNS_CONFIG: Object = Object::new(
    "dns_config",
    "DNS configuration of the containers.",
    &[
        Field::new(
            "nameservers",
            "nameservers",
            Type::List(&Type::String),
            "IP addresses of name servers",
        )
        .checked(&[IpAddress]),
        Field::new(
            "searches",
            "searches",
            Type::List(&Type::String),
            "search domains",
        ),
        Field::new(
            "options",
            "options",
            Type::Table(&Type::String, ["name", "value"]),
            "resolver options, for example `ndots`",
        ),
    ],
);

static REGISTRY_CREDENTIAL: Object = Object::new(
    "registry credential",
    "The credentials of an image registry.",
    &[
        Field::new("server", "server", Type::String, "the host of the registry").required(),
        Field::new("user_name", "userName", Type::String, "the user name").required(),
        Field::new("password", "password", Type::String, "the password")
            .required()
            .secret(),
    ],
);

static SECURITY_CONTEXT: Object = Object::new(
    "security_context",
    "Kernel parameters of a container group.",
    &[Field::new(
        "sysctl",
        "sysctl",
        Type::Table(&Type::String, ["name", "value"]),
        "namespaced kernel parameters",
    )
    .required()
    .checked(&[NamespacedSysctlKeys])],
);
