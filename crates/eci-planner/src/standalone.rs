//! Managed EIPs and disks: what a change of them means.

use eci_core::path::PathStep;
use eci_core::{Diagnostic, Kind, Map, Value, codes};
use eci_text::{FixedText, Text, text};

use crate::diagnostics::Shrinkage;
use crate::diff::AttributeChange;

/// Statuses of an EIP or a disk that a person has to resolve.
///
/// It is neither replaced nor deleted because of them.
const TROUBLED: [(&str, FixedText); 6] = [
    ("EXPIRED", RENEW),
    ("FREEZING", TOP_UP),
    ("ERROR", CONTACT_SUPPORT),
    ("expired", RENEW),
    ("freezing", TOP_UP),
    ("error", CONTACT_SUPPORT),
];
const RENEW: FixedText = FixedText::new(
    "renew it, or delete it in the CTyun console",
    "续订，或在天翼云控制台中删除",
);
const TOP_UP: FixedText = FixedText::new("top up the account", "为账号充值");
const CONTACT_SUPPORT: FixedText = FixedText::new("contact CTyun support", "联系天翼云技术支持");

/// Returns whether an EIP is, was or is to be in a shared bandwidth: then it shows that one's size and is
/// not paid for by itself, so that neither is compared.
pub(crate) fn is_shared(of: [Option<&Map>; 3]) -> bool {
    let shared = |map: &Map| map.contains_key("bandwidth_id");
    of.into_iter().flatten().any(shared)
}

/// Returns whether this is a change of what an EIP in a shared bandwidth does not have for itself.
pub(crate) fn is_of_bandwidth(change: &AttributeChange) -> bool {
    let attribute = change.path.attribute();
    attribute.is_some_and(|it| matches!(it, "bandwidth" | "demand_billing_type"))
        && change.path.0.len() == 1
}

/// Returns a warning about an EIP that leaves its shared bandwidth, if the manifest sets an
/// attribute that does not apply from then on.
pub(crate) fn bandwidth_billing_warning(
    step: &crate::Step,
    resource: &eci_config::Resource,
) -> Option<Diagnostic> {
    let leaves = |change: &AttributeChange| {
        change.path.attribute() == Some("bandwidth_id") && change.after.is_null()
    };
    let desired = step.desired.as_deref()?;
    let by = desired.get("demand_billing_type").and_then(Value::as_str);
    let reads_address = step.address.kind().properties().is_public_ip
        && step.action == crate::Action::Update
        && step.changes.iter().any(leaves)
        && by == Some("bandwidth");
    reads_address.then(|| {
        let message = text!(
            en: "{address} leaves its shared bandwidth and is billed by traffic from then on",
            zh: "{address} 将移出共享带宽，此后按流量计费",
            address = step.address
        );
        Diagnostic::new(codes::TRAFFIC, message)
            .primary(resource.place.clone(), Text::default())
            .help(text!(
                en: "set `demand_billing_type = \"upflowc\"` now, because a later change of it replaces the EIP",
                zh: "现在设置 `demand_billing_type = \"upflowc\"`，以后再修改将导致替换弹性 IP"
            ))
    })
}

/// Returns whether this change would make a disk smaller.
pub(crate) fn is_shrinkage(change: &AttributeChange) -> bool {
    shrinkage(change).is_some()
}

/// Returns the two sizes, if this step would make a disk smaller than it is desired to be or was
/// observed.
pub(crate) fn disk_shrinkage(step: &crate::Step, reported: Option<&Map>) -> Option<Shrinkage> {
    let size = |map: Option<&Map>| map?.get("disk")?.get("size")?.as_number()?.as_i64();
    let of_reported = || {
        let changes = step.changes.iter().any(is_size);
        let (before, after) = (size(reported)?, size(step.desired.as_deref())?);
        (changes && after < before).then_some(Shrinkage {
            from: before,
            to: after,
        })
    };
    step.changes.iter().find_map(shrinkage).or_else(of_reported)
}

fn is_size(change: &AttributeChange) -> bool {
    matches!(&change.path.0[..], [PathStep::Name(disk), PathStep::Name(size)] if &**disk == "disk" && &**size == "size")
}

/// Returns the two sizes, if this change makes a disk smaller.
fn shrinkage(change: &AttributeChange) -> Option<Shrinkage> {
    let gigabytes = |value: &Value| value.as_number()?.as_i64();
    let (before, after) = (gigabytes(&change.before)?, gigabytes(&change.after)?);
    (is_size(change) && after < before).then_some(Shrinkage {
        from: before,
        to: after,
    })
}

/// Returns whether the new object is created before the old one is deleted, whatever the manifest
/// says: a group that has an EIP can release it only once it has another one, and so it is with a
/// disk that is no longer managed.
pub(crate) fn requires_create_first(kind: Kind, before: &Map, after: &Map) -> bool {
    use eci_core::kinds::is_standalone;
    let leaves = is_standalone(kind, before) && !is_standalone(kind, after);
    // One address cannot be had twice.
    let address = before.get("ip_address");
    let moves_address = address.is_some() && address == after.get("ip_address");
    leaves || kind.properties().is_created_before_replaced && !moves_address
}

/// Returns a warning about the status of an EIP or a disk, if there is a reason for one.
pub(crate) fn status_warning(
    kind: Kind,
    resource: &eci_config::Resource,
    reported: &Map,
) -> Option<Diagnostic> {
    if kind.properties().is_replaced_on_failure {
        return None;
    }
    let status = reported.get("status")?.as_str()?;
    let (_, help) = TROUBLED.iter().find(|(word, _)| *word == status)?;
    let message = text!(
        en: "{address} has status {status}; eci leaves it unchanged",
        zh: "{address} 的状态为 {status}，eci 不会变更",
        address = resource.address,
        status = status
    );
    let diagnostic = Diagnostic::new(codes::STATUS, message);
    Some(
        diagnostic
            .primary(resource.place.clone(), Text::default())
            .help(*help),
    )
}
