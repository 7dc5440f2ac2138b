//! `[container_group.L]`: the body of `createContainerGroup`.

use super::container::{CONTAINER, INIT_CONTAINER};
use crate::address::Kind;
use crate::schema::Check::{
    AtLeastOne, AtMostTags, DnsLabel, IpAddress, NamespacedSysctlKeys, ProbablyAtMost, TagLengths,
};
use crate::schema::{Field, Link, Literal, Object, Precision, Type};

/// A container group.
pub static CONTAINER_GROUP: Object = Object::new(
    "container_group",
    "Containers that run together on one elastic container instance.",
    FIELDS,
);

/// Tags in all are 20 (seed page), and one is the operation tag.
const USER_TAGS: usize = 19;

static FIELDS: &[Field] = &[
    Field::new(
        "name",
        "containerGroupName",
        Type::String,
        "the group's name in the cloud; by default its label, behind the names of the modules around it; a name once made by default is kept, also by what moves",
    )
    .required()
    .or_made_of(&[])
    .checked(&[DnsLabel])
    .reported(),
    Field::new("vpc_id", "vpcId", Type::String, "the VPC it runs in")
        .required()
        .reported(),
    Field::new(
        "vswitch_id",
        "vSwitchId",
        Type::String,
        "the subnet it runs in",
    )
    .required()
    .reported(),
    Field::new(
        "security_group_id",
        "securityGroupId",
        Type::String,
        "its security group",
    )
    .required()
    .reported(),
    Field::new(
        "az_name",
        "azInfo.0.azName",
        Type::String,
        "the zone it runs in; exactly one",
    )
    .required(),
    Field::new(
        "az_id",
        "azInfo.0.azId",
        Type::Integer(0, i64::MAX),
        "the zone's number",
    ),
    Field::new(
        "restart_policy",
        "restartPolicy",
        Type::Enum(&["Always", "OnFailure", "Never"]),
        "what happens when a container ends",
    )
    .default(Literal::Text("Always"))
    .in_place()
    .reported(),
    Field::new(
        "cpu",
        "cpu",
        Type::Number(0.0, Precision::Single),
        "cores; by default the containers' sum, rounded up to a size on sale",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "memory",
        "memory",
        Type::Number(0.0, Precision::Single),
        "GiB; by default the containers' sum, rounded up to a size on sale",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "gpu",
        "gpu",
        Type::Number(0.0, Precision::Single),
        "GPU cards; required with a GPU flavor",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "flavor_name",
        "flavorName",
        Type::String,
        "a machine flavor such as `s7.small.1`",
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
        "temporary storage in GB, 40 to 2048",
    ),
    Field::new(
        "eip",
        "eip",
        Type::Ref(Kind::Eip, Link::Attributes),
        "its elastic IP: the label of an `[eip.L]` table",
    )
    .in_place(),
    Field::new(
        "host_name",
        "hostName",
        Type::String,
        "the host name inside",
    ),
    Field::new(
        "host_aliases",
        "hostAliases",
        Type::Objects(&HOST_ALIAS, &["ip"]),
        "further lines of /etc/hosts",
    ),
    Field::new(
        "dns_config",
        "dnsConfig",
        Type::Object(&DNS_CONFIG),
        "name resolution",
    )
    .in_place(),
    Field::new(
        "tags",
        "tags",
        Type::Table(&Type::String, ["key", "value"]),
        "at most 20 with the one that eci adds",
    )
    .in_place()
    .checked(&[AtMostTags(USER_TAGS), TagLengths])
    .reported(),
    Field::new(
        "image_registry_credentials",
        "imageRegistryCredential",
        Type::Objects(&REGISTRY_CREDENTIAL, &["server"]),
        "how to log in to image registries",
    )
    .in_place(),
    Field::new(
        "image_cache_id",
        "imageCacheId",
        Type::String,
        "an image cache to start from",
    ),
    Field::new(
        "auto_match_image_cache",
        "autoMatchImageCache",
        Type::Bool,
        "whether an image cache is found or made by itself",
    ),
    Field::new(
        "data_cache_bucket",
        "dataCacheBucket",
        Type::String,
        "the bucket of data caches, matched by mount path; same zone",
    ),
    Field::new(
        "iam_role_name",
        "iamRoleName",
        Type::String,
        "the ECS agency that the group acts as",
    ),
    Field::new(
        "als_instance_id",
        "alsInstanceId",
        Type::String,
        "the log service instance",
    ),
    Field::new("ep_id", "epId", Type::String, "the enterprise project")
        .or_chosen()
        .reported(),
    Field::new(
        "security_context",
        "securityContext",
        Type::Object(&SECURITY_CONTEXT),
        "kernel parameters of the group",
    ),
    Field::new(
        "volumes",
        "volumes",
        Type::List(&Type::Ref(Kind::Volume, Link::Attributes)),
        "its volumes, by label; those that a container mounts need not be listed",
    )
    .in_place()
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "containers",
        "containers",
        Type::Objects(&CONTAINER, &["name"]),
        "its containers",
    )
    .required()
    .in_place()
    .checked(&[AtLeastOne, ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "init_containers",
        "initContainers",
        Type::Objects(&INIT_CONTAINER, &["name"]),
        "containers that run to their end, one after another, before the others start",
    )
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::local(
        "wait",
        Type::Enum(&["ready", "running", "none"]),
        "when a create counts as done",
    )
    .default(Literal::Text("ready"))
    .in_place(),
    Field::read_only("id", "containerGroupId", "the id that the cloud gave"),
    Field::read_only("status", "status", "the last status seen").follows("containers"),
    Field::read_only("intranet_ip", "intranetIp", "the address inside the VPC"),
    Field::read_only(
        "internet_ip",
        "internetIp",
        "the public address, with an EIP",
    )
    .follows("eip"),
    Field::read_only("ipv6_address", "ipv6Address", "the IPv6 address"),
    Field::read_only("eni_id", "tenantEniInstanceId", "the network interface"),
    Field::read_only("created_at", "creationTime", "when it was made"),
    Field::read_only("order_id", "masterOrderId", "the order that made it"),
];

static HOST_ALIAS: Object = Object::new(
    "host alias",
    "One address and the names it goes by.",
    &[
        Field::new("ip", "ip", Type::String, "the address")
            .required()
            .checked(&[IpAddress]),
        Field::new(
            "hostnames",
            "hostnames",
            Type::List(&Type::String),
            "its names",
        ),
    ],
);

static DNS_CONFIG: Object = Object::new(
    "dns_config",
    "Name resolution inside the group.",
    &[
        Field::new(
            "nameservers",
            "nameservers",
            Type::List(&Type::String),
            "addresses of name servers",
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
            "resolver options such as `ndots`",
        ),
    ],
);

static REGISTRY_CREDENTIAL: Object = Object::new(
    "registry credential",
    "The login of one image registry.",
    &[
        Field::new("server", "server", Type::String, "the registry's host").required(),
        Field::new("user_name", "userName", Type::String, "the user").required(),
        Field::new("password", "password", Type::String, "the password")
            .required()
            .secret(),
    ],
);

static SECURITY_CONTEXT: Object = Object::new(
    "security_context",
    "Kernel parameters of the group.",
    &[Field::new(
        "sysctl",
        "sysctl",
        Type::Table(&Type::String, ["name", "value"]),
        "namespaced kernel parameters",
    )
    .required()
    .checked(&[NamespacedSysctlKeys])],
);
