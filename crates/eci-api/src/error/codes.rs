//! The error codes of elastic IPs, disks, orders and jobs, which have no `StatusReason`.

use super::reason::StatusReason;

/// Returns the reason for a code of these services, if it is a known one.
///
/// Two spellings of each are in use, so that case does not matter.
///
/// Sources are the vendor's published clients and pages. Codes for quotas and balances are not
/// published: those that end in the words of the reasons for container groups are treated as them
/// (assumed). Codes for wrong states and names stay unknown, and a run that receives one stops.
pub(crate) fn known(error: &str) -> Option<StatusReason> {
    let code = error.to_ascii_lowercase();
    let reason = match code.as_str() {
        "openapi.eip.notfound"
        | "ebs.ebsinfo.notexists"
        // Despite its name, the answer to a read of a deleted disk (vendor's client).
        | "ebs.ebsinfo.datadamaged"
        | "ebs.ebsinfo.get volume resourceid failed" => StatusReason::NotFound,
        "ctiam_0005" | "ctiam_1044" => StatusReason::Forbidden,
        "openapi.implementation.error" | "openapi.charge.fused" => StatusReason::InternalError,
        _ if is_in_progress(&code) => StatusReason::Conflict,
        _ if code.ends_with("quota.exceeded") || ends(&code, &["quotaexceed", "quotaexceeded"]) => {
            StatusReason::QuotaExceed
        }
        _ if ends(&code, &["paymentrequired"]) => StatusReason::PaymentRequired,
        _ if code.starts_with("ebs.") && code.ends_with(".notfound") => StatusReason::NotFound,
        _ if code.starts_with("openapi.parameter.") || code.starts_with("openapi.requestparse.") => {
            StatusReason::BadRequest
        }
        _ if code.starts_with("openapi.") && code.ends_with(".accessfailed") => {
            StatusReason::InternalError
        }
        _ => return None,
    };
    Some(reason)
}

/// Returns whether the order system says that an order failed (API reference).
pub(crate) fn is_failed_order(error: &str) -> bool {
    error.eq_ignore_ascii_case("ebs.order.procFailed")
}

/// Returns whether the last part of a code is one of these words.
fn ends(code: &str, words: &[&str]) -> bool {
    words.contains(&code.rsplit('.').next().unwrap_or(code))
}

/// Returns whether the code says that another disk has the name (published client).
pub(super) fn is_of_name(error: &str) -> bool {
    ends(&error.to_ascii_lowercase(), &["nameexists"])
}

/// Returns whether the code says that an order is not complete yet.
pub(crate) fn is_in_progress(error: &str) -> bool {
    ["openapi.order.inprogress", "ebs.order.inprogress"]
        .iter()
        .any(|code| error.eq_ignore_ascii_case(code))
}

/// Returns whether the code is one of a service and not of a gateway.
///
/// A service that refuses a call has not performed it (assumed for the codes that are not
/// published).
pub(super) fn is_of_a_service(error: &str) -> bool {
    let code = error.to_ascii_lowercase();
    ["openapi.", "ebs.", "ecs.", "ctiam_"]
        .iter()
        .any(|family| code.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_spelling_of_a_code_means_the_same() {
        for (code, reason) in [
            ("Openapi.Eip.NotFound", StatusReason::NotFound),
            ("ebs.ebsInfo.notExists", StatusReason::NotFound),
            ("Ebs.EbsInfo.DataDamaged", StatusReason::NotFound),
            (
                "ebs.ebsInfo.get volume resourceId failed",
                StatusReason::NotFound,
            ),
            ("Ebs.Snapshot.NotFound", StatusReason::NotFound),
            ("Openapi.Parameter.Error", StatusReason::BadRequest),
            ("openapi.requestParse.failed", StatusReason::BadRequest),
            ("CTIAM_0005", StatusReason::Forbidden),
            ("Openapi.Eip.AccessFailed", StatusReason::InternalError),
            ("Ebs.Order.InProgress", StatusReason::Conflict),
            ("Openapi.Eip.QuotaExceeded", StatusReason::QuotaExceed),
            ("ebs.quota.exceeded", StatusReason::QuotaExceed),
            ("Ebs.Order.PaymentRequired", StatusReason::PaymentRequired),
        ] {
            assert_eq!(known(code), Some(reason), "{code}");
        }
    }

    #[test]
    fn only_the_requested_object_counts_as_missing() {
        for other in [
            "Openapi.Sharedbandwidth.NotFound",
            "Ecs.Instance.NotFound",
            "Openapi.Eip.QuotaFine",
            "ebs.order.procFailed",
            "",
        ] {
            assert_eq!(known(other), None, "{other}");
        }
    }
}
