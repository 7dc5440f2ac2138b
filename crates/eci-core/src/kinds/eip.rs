//! `[eip.L]`: an elastic IP in one of its forms.
//!
//! An existing or automatic one is part of the body of its group. A managed one is a resource
//! of the EIP service, whose fields are those of the vendor's published clients.

use super::{GROUP_EIP, Loss, Mark, NodeShape, Nouns, Properties, StandaloneCondition};
use eci_text::{Text, text};

use crate::address::Kind;
use crate::codes::{self, Code};
use crate::schema::Check::{EipName, NotEmpty, ProbablySoldUpTo, TwoDecimals};
use crate::schema::{Field, Object, RuleViolation, Type, doc};
use crate::value::{Map, Value};

/// An elastic IP.
pub static EIP: Object = Object::new(
    "eip",
    doc("An elastic IP of a container group.", "容器组的弹性 IP。"),
    FIELDS,
)
.normalized_by(defaults)
.apart(&[("id", &OF_NONE_THAT_EXISTS)])
.validated_by(rules);

/// The default bandwidth of an automatic EIP (seed page), in Mbps.
const DEFAULT_BANDWIDTH: i64 = 5;

/// The most that an automatic EIP can have (seed page), in Mbps; also where the price list of
/// managed ones ends.
const MOST_AUTOMATIC: i64 = 300;

/// The most that the vendor's clients let a managed EIP have, in Mbps.
const MOST_MANAGED: i64 = 1024;

/// The bandwidth of a managed EIP where none is sent, in Mbps.
const LEAST_BANDWIDTH: i64 = 1;

const ON_DEMAND: &str = "on_demand";

/// The attributes of an EIP that eci creates; all but the first two of a managed one only.
const OF_NONE_THAT_EXISTS: [&str; 13] = [
    "auto",
    "bandwidth",
    "name",
    "cycle_type",
    "cycle_count",
    "demand_billing_type",
    "bandwidth_id",
    "line_type",
    "segment_id",
    "exclusive_name",
    "ip_address",
    "project_id",
    "pay_voucher_price",
];

static FIELDS: &[Field] = &[
    Field::new(
        "id",
        "eipInstanceId",
        Type::String,
        doc(
            "the ID of an existing EIP, which eci binds but never releases; read-only for other EIPs",
            "已有弹性 IP 的 ID，eci 会绑定但不会释放；对于其他弹性 IP 为只读",
        ),
    )
    .in_place()
    .service_response("ID"),
    Field::new(
        "auto",
        "autoCreateEip",
        Type::Bool,
        doc(
            "whether the cloud creates and releases it together with its container group",
            "是否由云端随容器组自动创建和释放",
        ),
    )
    .in_place(),
    Field::new(
        "bandwidth",
        "eipBandwidth",
        Type::Integer(1, MOST_MANAGED),
        doc(
            "bandwidth in Mbps; automatic EIP: 1 to 300, default 5; managed EIP: 1 to 1024, default 1",
            "带宽，单位为 Mbps；自动创建的弹性 IP 为 1 到 300，默认值为 5；托管的弹性 IP 为 1 到 1024，默认值为 1",
        ),
    )
    .in_place()
    .checked(&[ProbablySoldUpTo(MOST_AUTOMATIC)])
    .service_request("bandwidth")
    .service_response("bandwidth"),
    Field::of_service(
        "name",
        "name",
        Type::String,
        doc(
            "the name of a managed EIP; by default the names and keys of the resource address, joined by `-`",
            "托管的弹性 IP 的名称；默认由资源地址中的名称和键以 `-` 连接而成",
        ),
    )
    .checked(&[EipName])
    .in_place()
    .service_response("name"),
    Field::of_service(
        "cycle_type",
        "cycleType",
        Type::Enum(&[ON_DEMAND, "month", "year"]),
        doc(
            "how a managed EIP is billed: pay-as-you-go (`on_demand`, the default) or subscription by the `month` or `year`",
            "托管的弹性 IP 的计费方式：按需计费（`on_demand`，默认值），或按月（`month`）、按年（`year`）订购的包年包月",
        ),
    ),
    Field::of_service(
        "cycle_count",
        "cycleCount",
        Type::Integer(1, 11),
        doc(
            "the subscription term: 1 to 11 months, or 1 to 3 years",
            "订购时长：1 到 11 个月，或 1 到 3 年",
        ),
    ),
    Field::of_service(
        "demand_billing_type",
        "demandBillingType",
        Type::Enum(&["bandwidth", "upflowc"]),
        doc(
            "what pay-as-you-go is charged by: `bandwidth` (the default), or traffic (`upflowc`)",
            "按需计费的依据：带宽（`bandwidth`，默认值）或流量（`upflowc`）",
        ),
    ),
    Field::of_service(
        "bandwidth_id",
        "bandwidthID",
        Type::String,
        doc(
            "the ID of a shared bandwidth to join; pay-as-you-go only. While it is set, `bandwidth` and `demand_billing_type` have no effect",
            "要加入的共享带宽的 ID，仅用于按需计费。设置后，`bandwidth` 和 `demand_billing_type` 不起作用",
        ),
    )
    .checked(&[NotEmpty])
    .in_place()
    .service_response("bandwidthID"),
    Field::of_service(
        "line_type",
        "lineType",
        Type::String,
        doc(
            "the carrier line: `163` (the default), `bgp`, `chinamobile` or `chinaunicom`",
            "运营商线路：`163`（默认值）、`bgp`、`chinamobile` 或 `chinaunicom`",
        ),
    )
    .or_computed()
    .service_response("lineType"),
    Field::of_service(
        "segment_id",
        "segmentID",
        Type::String,
        doc("the ID of a dedicated address pool", "专属地址池的 ID"),
    ),
    Field::of_service(
        "exclusive_name",
        "exclusiveName",
        Type::String,
        doc("the name of the dedicated address pool", "专属地址池的名称"),
    ),
    Field::of_service(
        "ip_address",
        "ipAddress",
        Type::String,
        doc(
            "the IP address to request; by default the cloud assigns one",
            "要申请的 IP 地址；默认由云端分配",
        ),
    ),
    Field::of_service(
        "project_id",
        "projectID",
        Type::String,
        doc("the ID of the enterprise project of a managed EIP", "托管的弹性 IP 所属企业项目的 ID"),
    )
    .or_computed()
    .service_response("projectID"),
    Field::of_service(
        "pay_voucher_price",
        "payVoucherPrice",
        Type::String,
        doc(
            "the amount in yuan to pay with a voucher; only for a subscription",
            "用代金券支付的金额，单位为元；仅用于包年包月",
        ),
    )
    .checked(&[TwoDecimals])
    .in_place(),
    Field::read_only("address", "eipAddress", doc("the public IP address", "公网 IP 地址")).service_response("eipAddress"),
    Field::read_only("status", "status", doc("the last known status", "最近一次读取的状态")).service_response("status"),
    Field::read_only("created_at", "createdAt", doc("when a managed EIP was created", "托管的弹性 IP 的创建时间"))
        .service_response("createdAt"),
    Field::read_only("expired_at", "expiredAt", doc("when a managed EIP expires", "托管的弹性 IP 的到期时间"))
        .service_response("expiredAt"),
];

/// The properties of EIPs.
pub(super) static PROPERTIES: Properties = Properties {
    kind: Kind::Eip,
    name: "eip",
    schema: &EIP,
    nouns: Nouns {
        object: "EIP",
        with_article: "an EIP",
        short: "EIP",
        table: "EIP",
        counted: eci_text::Noun {
            one: "EIP",
            many: "EIPs",
            zh: "弹性 IP",
            measure: "个",
        },
        zh: "弹性 IP",
    },
    id_prefix: Some("eip-"),
    example_id: "eip-5sdasd2gfh",
    existing_by: Some("id"),
    assigned: &["id"],
    name_path: &["name"],
    has_unique_names: false,
    takes_default_name: is_managed,
    standalone: StandaloneCondition::If(is_standalone),
    is_ordered: true,
    mark: Mark::None,
    uses_service_paths: true,
    holds_attachments: false,
    attached_as: Some(GROUP_EIP),
    runs_containers: false,
    is_public_ip: true,
    loss: Some(Loss::Address),
    is_replaced_on_failure: false,
    is_created_before_replaced: true,
    is_filled_in_later: false,
    is_missing_while_deleting: false,
    shape: NodeShape::Ellipse,
};

/// Returns whether a table with these entries declares a managed EIP.
fn is_managed(entries: &Map) -> bool {
    let given = |key: &str| entries.get(key).filter(|value| !value.is_null());
    let auto = given("auto").is_some_and(|auto| auto.is_unknown() || auto.as_bool() == Some(true));
    given("id").is_none() && !auto
}

/// Returns whether these are the attributes of a standalone EIP.
///
/// Every standalone EIP has a name, and no other EIP has.
fn is_standalone(attributes: &Map) -> bool {
    attributes.contains_key("name")
}

fn defaults(entries: &mut Map) {
    let given = |entries: &Map, key: &str| entries.get(key).is_some_and(|value| !value.is_null());
    if entries.get("auto").and_then(Value::as_bool) == Some(true) {
        entries
            .entry("bandwidth".into())
            .or_insert(Value::from(DEFAULT_BANDWIDTH));
        return;
    }
    if given(entries, "id") || !given(entries, "name") {
        return;
    }
    let mut default = |key: &str, value: Value| {
        if !given(entries, key) {
            entries.insert(key.into(), value);
        }
    };
    default("bandwidth", Value::from(LEAST_BANDWIDTH));
    default("cycle_type", Value::from(ON_DEMAND));
    if entries.get("cycle_type").and_then(Value::as_str) == Some(ON_DEMAND)
        && !given(entries, "demand_billing_type")
    {
        entries.insert("demand_billing_type".into(), Value::from("bandwidth"));
    }
}

fn rules(entries: &Map) -> Vec<RuleViolation> {
    let auto = entries.get("auto").and_then(Value::as_bool) == Some(true);
    let given = |field: &str| entries.contains_key(field);
    if given("id") {
        let mut others = OF_NONE_THAT_EXISTS.into_iter();
        let conflicting = others.find(|field| given(field));
        return conflicting.into_iter().map(conflict_with_id).collect();
    }
    if !auto {
        return payment(entries).into_iter().collect();
    }
    let mut others = OF_NONE_THAT_EXISTS.into_iter().skip(2);
    if let Some(field) = others.find(|field| given(field)) {
        return vec![conflict_with_auto(field)];
    }
    let bandwidth = integer(entries, "bandwidth").filter(|it| *it > MOST_AUTOMATIC);
    bandwidth.into_iter().map(too_much_bandwidth).collect()
}

fn conflict_with_id(field: &'static str) -> RuleViolation {
    fault(
        codes::CONFLICTING_EIP_KEYS,
        field,
        text!(en: "`{field}` conflicts with `id`", zh: "`{field}` 与 `id` 不能同时设置", field = field),
        text!(en: "remove `id` to create an EIP, or remove `{field}` to use the existing EIP", zh: "如需创建弹性 IP，删除 `id`；如需使用已有的弹性 IP，删除 `{field}`", field = field),
    )
}

fn conflict_with_auto(field: &'static str) -> RuleViolation {
    fault(
        codes::CONFLICTING_EIP_KEYS,
        field,
        text!(en: "`{field}` conflicts with `auto`", zh: "`{field}` 与 `auto` 不能同时设置", field = field),
        text!(en: "remove `{field}`, or remove `auto` for a managed EIP", zh: "删除 `{field}`；如需托管的弹性 IP，删除 `auto`", field = field),
    )
}

fn too_much_bandwidth(bandwidth: i64) -> RuleViolation {
    fault(
        codes::CONFLICTING_EIP_KEYS,
        "bandwidth",
        text!(en: "`bandwidth` of an automatic EIP must be an integer from 1 to {most}, found {bandwidth}", zh: "自动创建的弹性 IP 的 `bandwidth` 必须是 1 到 {most} 之间的整数，实际为 {bandwidth}", most = MOST_AUTOMATIC, bandwidth = bandwidth),
        text!(en: "reduce it, or remove `auto`", zh: "减小该值，或删除 `auto`"),
    )
}

/// Checks that the billing keys match the billing mode.
fn payment(entries: &Map) -> Option<RuleViolation> {
    let cycle = entries.get("cycle_type").and_then(Value::as_str)?;
    let given = |field: &&str| entries.contains_key(*field);
    if cycle == ON_DEMAND {
        let field = ["cycle_count", "pay_voucher_price"]
            .into_iter()
            .find(given)?;
        return Some(fault(
            codes::PAYMENT,
            field,
            text!(en: "`{field}` is not supported for a pay-as-you-go EIP", zh: "按需计费的弹性 IP 不支持 `{field}`", field = field),
            text!(en: "remove it, or set `cycle_type` to `month` or `year`", zh: "删除该键，或将 `cycle_type` 设置为 `month` 或 `year`"),
        ));
    }
    let mut others = ["demand_billing_type", "bandwidth_id"].into_iter();
    if let Some(field) = others.find(given) {
        return Some(fault(
            codes::PAYMENT,
            field,
            text!(en: "`{field}` is not supported for an EIP with a subscription", zh: "包年包月的弹性 IP 不支持 `{field}`", field = field),
            text!(en: "remove it, or remove `cycle_type`", zh: "删除该键，或删除 `cycle_type`"),
        ));
    }
    if !given(&"cycle_count") {
        return Some(fault(
            codes::PAYMENT,
            "cycle_type",
            text!(en: "a subscription requires `cycle_count`", zh: "包年包月需要 `cycle_count`"),
            text!(en: "set `cycle_count` to the number of months or years", zh: "将 `cycle_count` 设置为月数或年数"),
        ));
    }
    let most = if cycle == "year" { 3 } else { 11 };
    let count = integer(entries, "cycle_count").filter(|count| *count > most)?;
    Some(fault(
        codes::PAYMENT,
        "cycle_count",
        text!(en: "`cycle_count` must be at most {most} for a subscription by the {cycle}, found {count}", zh: "`cycle_type` 为 `{cycle}` 时，`cycle_count` 最大为 {most}，实际为 {count}", most = most, cycle = cycle, count = count),
        text!(en: "reduce it, and renew the EIP later for a longer term", zh: "减小该值；如需更长的订购时长，之后再续订"),
    ))
}

fn integer(entries: &Map, field: &str) -> Option<i64> {
    entries.get(field)?.as_number()?.as_i64()
}

fn fault(code: &'static Code, field: &'static str, message: Text, help: Text) -> RuleViolation {
    RuleViolation {
        code,
        field: Some(field),
        message,
        help: Some(help),
    }
}
