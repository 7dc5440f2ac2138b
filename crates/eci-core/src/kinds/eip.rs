//! `[eip.L]`: an elastic IP in one of its forms.
//!
//! An existing or automatic one is part of the body of its group. A managed one is a resource
//! of the EIP service, whose fields are those of the vendor's published clients.

use super::{GROUP_EIP, Loss, Mark, Nouns, Properties, Shape, Standalone};
use crate::address::Kind;
use crate::codes::{self, Code};
use crate::schema::Check::{EipName, NotEmpty, ProbablySoldUpTo, TwoDecimals};
use crate::schema::{Field, Object, RuleViolation, Type};
use crate::value::{Map, Value};

/// An elastic IP.
pub static EIP: Object = Object::new("eip", "An elastic IP of a container group.", FIELDS)
    .normalized_by(defaults)
    .apart(&[("id", &OF_NONE_THAT_EXISTS)])
    .validated_by(rules);

/// What an automatic EIP has by default (seed page), in Mbps.
const DEFAULT_BANDWIDTH: i64 = 5;

/// The most that an automatic EIP can have (seed page), in Mbps; also where the price list of
/// managed ones ends.
const MOST_AUTOMATIC: i64 = 300;

/// The most that the vendor's clients let a managed EIP have, in Mbps.
const MOST_MANAGED: i64 = 1024;

/// What a managed EIP has where nothing is sent, in Mbps.
const LEAST_BANDWIDTH: i64 = 1;

const ON_DEMAND: &str = "on_demand";

/// What is given for an EIP that is made; but for the first two, for a managed one alone.
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
        "the ID of an existing EIP, which eci binds but never releases; read-only for other EIPs",
    )
    .in_place()
    .own_reported("ID"),
    Field::new(
        "auto",
        "autoCreateEip",
        Type::Bool,
        "whether the cloud creates and releases it together with its container group",
    )
    .in_place(),
    Field::new(
        "bandwidth",
        "eipBandwidth",
        Type::Integer(1, MOST_MANAGED),
        "bandwidth in Mbps; automatic EIP: 1 to 300, default 5; managed EIP: 1 to 1024, default 1",
    )
    .in_place()
    .checked(&[ProbablySoldUpTo(MOST_AUTOMATIC)])
    .own("bandwidth")
    .own_reported("bandwidth"),
    Field::of_own(
        "name",
        "name",
        Type::String,
        "the name of a managed EIP; by default the names and keys of the resource address, joined by `-`",
    )
    .checked(&[EipName])
    .in_place()
    .own_reported("name"),
    Field::of_own(
        "cycle_type",
        "cycleType",
        Type::Enum(&[ON_DEMAND, "month", "year"]),
        "how a managed EIP is billed: pay-as-you-go (`on_demand`, the default) or subscription by the `month` or `year`",
    ),
    Field::of_own(
        "cycle_count",
        "cycleCount",
        Type::Integer(1, 11),
        "the subscription term: 1 to 11 months, or 1 to 3 years",
    ),
    Field::of_own(
        "demand_billing_type",
        "demandBillingType",
        Type::Enum(&["bandwidth", "upflowc"]),
        "what pay-as-you-go is charged by: `bandwidth` (the default), or traffic (`upflowc`)",
    ),
    Field::of_own(
        "bandwidth_id",
        "bandwidthID",
        Type::String,
        "the ID of a shared bandwidth to join; pay-as-you-go only. While it is set, `bandwidth` and `demand_billing_type` have no effect",
    )
    .checked(&[NotEmpty])
    .in_place()
    .own_reported("bandwidthID"),
    Field::of_own(
        "line_type",
        "lineType",
        Type::String,
        "the carrier line: `163` (the default), `bgp`, `chinamobile` or `chinaunicom`",
    )
    .or_chosen()
    .own_reported("lineType"),
    Field::of_own(
        "segment_id",
        "segmentID",
        Type::String,
        "the ID of a dedicated address pool",
    ),
    Field::of_own(
        "exclusive_name",
        "exclusiveName",
        Type::String,
        "the name of the dedicated address pool",
    ),
    Field::of_own(
        "ip_address",
        "ipAddress",
        Type::String,
        "the IP address to request; by default the cloud assigns one",
    ),
    Field::of_own(
        "project_id",
        "projectID",
        Type::String,
        "the ID of the enterprise project of a managed EIP",
    )
    .or_chosen()
    .own_reported("projectID"),
    Field::of_own(
        "pay_voucher_price",
        "payVoucherPrice",
        Type::String,
        "the amount in yuan to pay with a voucher; only for a subscription",
    )
    .checked(&[TwoDecimals])
    .in_place(),
    Field::read_only("address", "eipAddress", "the public IP address").own_reported("eipAddress"),
    Field::read_only("status", "status", "the last known status").own_reported("status"),
    Field::read_only("created_at", "createdAt", "when a managed EIP was created")
        .own_reported("createdAt"),
    Field::read_only("expired_at", "expiredAt", "when a managed EIP expires")
        .own_reported("expiredAt"),
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
        zh: "弹性 IP",
    },
    id_prefix: Some("eip-"),
    example_id: "eip-5sdasd2gfh",
    existing_by: Some("id"),
    assigned: &["id"],
    name_path: &["name"],
    has_unique_names: false,
    takes_default_name: is_managed,
    standalone: Standalone::If(is_standalone),
    is_ordered: true,
    mark: Mark::None,
    uses_service_paths: true,
    holds_attachments: false,
    attached_as: Some(GROUP_EIP),
    runs_containers: false,
    is_public_address: true,
    loss: Some(Loss::Address),
    is_replaced_on_failure: false,
    is_created_before_replaced: true,
    is_filled_in_later: false,
    is_missing_while_deleting: false,
    shape: Shape::Ellipse,
};

/// Returns whether a table with these entries declares a managed EIP.
fn is_managed(entries: &Map) -> bool {
    let given = |key: &str| entries.get(key).filter(|value| !value.is_null());
    let auto = given("auto").is_some_and(|auto| auto.is_unknown() || auto.as_bool() == Some(true));
    given("id").is_none() && !auto
}

/// Returns whether these are the attributes of an EIP that is a resource of its own. Every such one
/// has a name, and no other has.
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
        return match OF_NONE_THAT_EXISTS.into_iter().find(|field| given(field)) {
            None => Vec::new(),
            Some(field) => fault(
                codes::EIP_FORM,
                field,
                format!("an existing EIP has no `{field}` of its own"),
                "leave out `id` to have one made, or this key to use the existing one",
            ),
        };
    }
    if auto {
        let mut others = OF_NONE_THAT_EXISTS.into_iter().skip(2);
        if let Some(field) = others.find(|field| given(field)) {
            let message = format!("an automatic EIP has no `{field}` of its own");
            let help = format!("leave out `{field}`, or `auto` for a managed one");
            return fault(codes::EIP_FORM, field, message, &help);
        }
        let bandwidth = integer(entries, "bandwidth");
        if let Some(bandwidth) = bandwidth.filter(|it| *it > MOST_AUTOMATIC) {
            let message = format!(
                "{bandwidth} is not a whole number from 1 to {MOST_AUTOMATIC}, as an automatic EIP needs"
            );
            return fault(
                codes::EIP_FORM,
                "bandwidth",
                message,
                "lower it, or leave out `auto`",
            );
        }
        return Vec::new();
    }
    payment(entries)
}

/// What goes with which way to pay.
fn payment(entries: &Map) -> Vec<RuleViolation> {
    let given = |field: &str| entries.contains_key(field);
    let Some(cycle) = entries.get("cycle_type").and_then(Value::as_str) else {
        return Vec::new();
    };
    if cycle == ON_DEMAND {
        for field in ["cycle_count", "pay_voucher_price"] {
            if given(field) {
                let message = format!("an EIP that is paid on demand has no `{field}`");
                let help = "leave it out, or write cycle_type = \"month\" or \"year\"";
                return fault(codes::PAYMENT, field, message, help);
            }
        }
        return Vec::new();
    }
    for field in ["demand_billing_type", "bandwidth_id"] {
        if given(field) {
            let message = format!("an EIP that is paid ahead has no `{field}`");
            return fault(
                codes::PAYMENT,
                field,
                message,
                "leave it out, or `cycle_type`",
            );
        }
    }
    let most = if cycle == "year" { 3 } else { 11 };
    match integer(entries, "cycle_count") {
        Some(count) if count > most => fault(
            codes::PAYMENT,
            "cycle_count",
            format!("{count} is more than the {most} that can be paid ahead by the {cycle}"),
            "lower it; a longer term is bought later, by renewing",
        ),
        None if !given("cycle_count") => fault(
            codes::PAYMENT,
            "cycle_type",
            format!("for how many {cycle}s it is paid ahead is missing"),
            "give `cycle_count`",
        ),
        _ => Vec::new(),
    }
}

fn integer(entries: &Map, field: &str) -> Option<i64> {
    entries.get(field)?.as_number()?.as_i64()
}

fn fault(
    code: &'static Code,
    field: &'static str,
    message: String,
    help: &str,
) -> Vec<RuleViolation> {
    vec![RuleViolation {
        code,
        field: Some(field),
        message: message.into(),
        help: Some(help.to_owned().into()),
    }]
}
