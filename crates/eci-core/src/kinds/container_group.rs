//! `[container_group.L]`: the body of `createContainerGroup`.

use super::container::{CONTAINER, INIT_CONTAINER};
use super::{Mark, NodeShape, Nouns, Properties, StandaloneCondition};
use crate::address::Kind;
use crate::schema::Check::{
    AtLeastOne, AtMostTags, DnsLabel, IpAddress, NamespacedSysctlKeys, ProbablyAtMost, TagLengths,
};
use crate::schema::{Field, Link, Literal, Object, Precision, Type, doc};

/// A container group.
pub static CONTAINER_GROUP: Object = Object::new(
    "container_group",
    doc(
        "Containers that share one elastic container instance.",
        "共享一个弹性容器实例的容器。",
    ),
    FIELDS,
);

/// The attribute of a container group that is its EIP.
pub const GROUP_EIP: &str = "eip";

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
        counted: eci_text::Noun {
            one: "container group",
            many: "container groups",
            zh: "容器组",
            measure: "个",
        },
        zh: "容器组",
    },
    id_prefix: Some("eci-"),
    example_id: "eci-3rr2p3bikgw7phf1lm0cn39y0y",
    existing_by: None,
    assigned: &[],
    name_path: &["name"],
    has_unique_names: false,
    takes_default_name: |_| true,
    standalone: StandaloneCondition::Always,
    is_ordered: false,
    mark: Mark::Tag,
    uses_service_paths: false,
    holds_attachments: true,
    attached_as: None,
    runs_containers: true,
    is_public_ip: false,
    loss: None,
    is_replaced_on_failure: true,
    is_created_before_replaced: false,
    is_filled_in_later: true,
    is_missing_while_deleting: true,
    shape: NodeShape::Box,
};

/// Tags in all are 20 (seed page), and one is the operation tag.
const USER_TAGS: usize = 19;

static FIELDS: &[Field] = &[
    Field::new(
        "name",
        "containerGroupName",
        Type::String,
        doc(
            "the name in the cloud; by default the names and keys of the resource address, joined by `-`; a default name is kept when the resource moves",
            "云端的名称；默认由资源地址中的名称和键以 `-` 连接而成；移动资源后，默认名称不变",
        ),
    )
    .required()
    .or_derived_from(&[])
    .checked(&[DnsLabel])
    .reported(),
    Field::new("vpc_id", "vpcId", Type::String, doc("the ID of the VPC", "VPC 的 ID"))
        .required()
        .reported(),
    Field::new(
        "vswitch_id",
        "vSwitchId",
        Type::String,
        doc("the ID of the subnet", "子网的 ID"),
    )
    .required()
    .reported(),
    Field::new(
        "security_group_id",
        "securityGroupId",
        Type::String,
        doc("the ID of the security group", "安全组的 ID"),
    )
    .required()
    .reported(),
    Field::new(
        "az_name",
        "azInfo.0.azName",
        Type::String,
        doc("the name of the availability zone, for example `cn-huadong1-jsnj1A-public-ctcloud`", "可用区的名称，例如 `cn-huadong1-jsnj1A-public-ctcloud`"),
    )
    .required(),
    Field::new(
        "az_id",
        "azInfo.0.azId",
        Type::Integer(0, i64::MAX),
        doc("the number of the availability zone", "可用区的编号"),
    ),
    Field::new(
        "restart_policy",
        "restartPolicy",
        Type::Enum(&["Always", "OnFailure", "Never"]),
        doc("when to restart containers that have exited", "何时重启已退出的容器"),
    )
    .default(Literal::Text("Always"))
    .in_place()
    .reported(),
    Field::new(
        "cpu",
        "cpu",
        Type::Number(0.0, Precision::Single),
        doc(
            "vCPUs; by default the sum over all containers, rounded up to a size that CTyun offers",
            "vCPU 数量；默认为各容器之和，并向上取整到天翼云提供的规格",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "memory",
        "memory",
        Type::Number(0.0, Precision::Single),
        doc(
            "memory in GiB; by default the sum over all containers, rounded up to a size that CTyun offers",
            "内存，单位为 GiB；默认为各容器之和，并向上取整到天翼云提供的规格",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "gpu",
        "gpu",
        Type::Number(0.0, Precision::Single),
        doc("number of GPUs; required with a GPU flavor", "GPU 数量；使用 GPU 规格时必填"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "flavor_name",
        "flavorName",
        Type::String,
        doc("the flavor, for example `s7.small.1`", "规格，例如 `s7.small.1`"),
    ),
    Field::new(
        "cpu_architecture",
        "cpuArchitecture",
        Type::String,
        doc("the CPU architecture", "CPU 架构"),
    ),
    Field::new(
        "ephemeral_volume",
        "ephemeralVolume",
        Type::Integer(40, 2048),
        doc("ephemeral storage in GB", "临时存储，单位为 GB"),
    ),
    Field::new(
        "eip",
        "eip",
        Type::Ref(Kind::Eip, Link::Attributes),
        doc("the EIP: the name of an `[eip.NAME]` table", "弹性 IP：`[eip.NAME]` 表的名称"),
    )
    .in_place(),
    Field::new(
        "host_name",
        "hostName",
        Type::String,
        doc("the host name of the container group", "容器组的主机名"),
    ),
    Field::new(
        "host_aliases",
        "hostAliases",
        Type::Objects(&HOST_ALIAS, &["ip"]),
        doc("additional entries of /etc/hosts", "/etc/hosts 中的附加条目"),
    ),
    Field::new(
        "dns_config",
        "dnsConfig",
        Type::Object(&DNS_CONFIG),
        doc("name servers and search domains of the containers", "容器使用的 DNS 服务器和搜索域"),
    )
    .in_place(),
    Field::new(
        "tags",
        "tags",
        Type::Table(&Type::String, ["key", "value"]),
        doc(
            "tags; CTyun allows 20, and eci adds one",
            "标签；天翼云最多支持 20 个，其中 1 个由 eci 添加",
        ),
    )
    .in_place()
    .checked(&[AtMostTags(USER_TAGS), TagLengths])
    .reported(),
    Field::new(
        "image_registry_credentials",
        "imageRegistryCredential",
        Type::Objects(&REGISTRY_CREDENTIAL, &["server"]),
        doc("credentials for pulling images from private registries", "从私有镜像仓库拉取镜像的凭证"),
    )
    .in_place(),
    Field::new(
        "image_cache_id",
        "imageCacheId",
        Type::String,
        doc("the ID of the image cache to use", "所用镜像缓存的 ID"),
    ),
    Field::new(
        "auto_match_image_cache",
        "autoMatchImageCache",
        Type::Bool,
        doc(
            "whether the cloud finds or creates a matching image cache automatically",
            "是否由云端自动查找或创建匹配的镜像缓存",
        ),
    ),
    Field::new(
        "data_cache_bucket",
        "dataCacheBucket",
        Type::String,
        doc(
            "the bucket of data caches, in the same zone; data caches are matched by mount path",
            "同一可用区内数据缓存的存储桶；数据缓存按挂载路径匹配",
        ),
    ),
    Field::new(
        "iam_role_name",
        "iamRoleName",
        Type::String,
        doc("the ECS agency of the container group", "容器组的 ECS 委托"),
    ),
    Field::new(
        "als_instance_id",
        "alsInstanceId",
        Type::String,
        doc("the instance of the log service (ALS)", "云日志服务（ALS）的实例"),
    ),
    Field::new("ep_id", "epId", Type::String, doc("the ID of the enterprise project", "企业项目的 ID"))
        .or_computed()
        .reported(),
    Field::new(
        "security_context",
        "securityContext",
        Type::Object(&SECURITY_CONTEXT),
        doc("kernel parameters of the container group", "容器组的内核参数"),
    ),
    Field::new(
        "volumes",
        "volumes",
        Type::List(&Type::Ref(Kind::Volume, Link::Attributes)),
        doc(
            "names of `[volume.NAME]` tables; volumes that a container mounts need not be listed",
            "`[volume.NAME]` 表的名称；容器挂载的存储卷无需列出",
        ),
    )
    .in_place()
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "containers",
        "containers",
        Type::Objects(&CONTAINER, &["name"]),
        doc("the containers that run together, each with `name` and `image`", "共同运行的容器，每个都有 `name` 和 `image`"),
    )
    .required()
    .in_place()
    .checked(&[AtLeastOne, ProbablyAtMost(20)])
    .reported(),
    Field::new(
        "init_containers",
        "initContainers",
        Type::Objects(&INIT_CONTAINER, &["name"]),
        doc(
            "init containers, which run to completion, one after another, before the containers start",
            "Init 容器，在其他容器启动前依次运行至结束",
        ),
    )
    .checked(&[ProbablyAtMost(20)])
    .reported(),
    Field::local(
        "wait",
        Type::Enum(&["ready", "running", "none"]),
        doc(
            "what apply waits for: until all containers are ready, until the container group runs, or not at all",
            "应用时等待的条件：全部容器就绪、容器组运行或不等待",
        ),
    )
    .default(Literal::Text("ready"))
    .in_place(),
    Field::read_only("id", "containerGroupId", doc("the ID that the cloud assigned", "云端分配的 ID")),
    Field::read_only("status", "status", doc("the last known status", "最近一次读取的运行状态")).recomputed_with("containers"),
    Field::read_only("intranet_ip", "intranetIp", doc("the IP address in the VPC", "VPC 内的 IP 地址")),
    Field::read_only(
        "internet_ip",
        "internetIp",
        doc("the public IP address, if it has an EIP", "公网 IP 地址（如果有弹性 IP）"),
    )
    .recomputed_with("eip"),
    Field::read_only("ipv6_address", "ipv6Address", doc("the IPv6 address", "IPv6 地址")),
    Field::read_only("eni_id", "tenantEniInstanceId", doc("the ID of the network interface", "弹性网卡的 ID")),
    Field::read_only("created_at", "creationTime", doc("when it was created", "创建时间")),
    Field::read_only("order_id", "masterOrderId", doc("the ID of the order that created it", "创建所用订单的 ID")),
];

static HOST_ALIAS: Object = Object::new(
    "host alias",
    doc("An IP address and its host names.", "IP 地址及其主机名。"),
    &[
        Field::new(
            "ip",
            "ip",
            Type::String,
            doc(
                "the IP address that the host names resolve to",
                "主机名解析到的 IP 地址",
            ),
        )
        .required()
        .checked(&[IpAddress]),
        Field::new(
            "hostnames",
            "hostnames",
            Type::List(&Type::String),
            doc(
                "the host names that resolve to `ip`",
                "解析到 `ip` 的主机名",
            ),
        ),
    ],
)
.called("host alias", "主机别名");

static DNS_CONFIG: Object = Object::new(
    "dns_config",
    doc("DNS configuration of the containers.", "容器的 DNS 配置。"),
    &[
        Field::new(
            "nameservers",
            "nameservers",
            Type::List(&Type::String),
            doc("IP addresses of name servers", "DNS 服务器的 IP 地址"),
        )
        .checked(&[IpAddress]),
        Field::new(
            "searches",
            "searches",
            Type::List(&Type::String),
            doc("search domains", "搜索域"),
        ),
        Field::new(
            "options",
            "options",
            Type::Table(&Type::String, ["name", "value"]),
            doc(
                "resolver options, for example `ndots`",
                "解析器选项，例如 `ndots`",
            ),
        ),
    ],
);

static REGISTRY_CREDENTIAL: Object = Object::new(
    "registry credential",
    doc("The credentials of an image registry.", "镜像仓库凭证。"),
    &[
        Field::new(
            "server",
            "server",
            Type::String,
            doc("the host of the registry", "镜像仓库的主机"),
        )
        .required(),
        Field::new(
            "user_name",
            "userName",
            Type::String,
            doc("the user name at the registry", "镜像仓库的用户名"),
        )
        .required(),
        Field::new(
            "password",
            "password",
            Type::String,
            doc("the password at the registry", "镜像仓库的密码"),
        )
        .required()
        .secret(),
    ],
)
.called("registry credential", "镜像仓库凭证");

static SECURITY_CONTEXT: Object = Object::new(
    "security_context",
    doc(
        "Kernel parameters of a container group.",
        "容器组的内核参数。",
    ),
    &[Field::new(
        "sysctl",
        "sysctl",
        Type::Table(&Type::String, ["name", "value"]),
        doc("namespaced kernel parameters", "有命名空间的内核参数"),
    )
    .required()
    .checked(&[NamespacedSysctlKeys])],
);
