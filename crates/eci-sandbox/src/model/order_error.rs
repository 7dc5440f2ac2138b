//! Error codes of the services of elastic IPs, disks and orders.
//!
//! Only some codes are published. The others are assumed, in the form of the published ones,
//! so that a client which relies on one of them relies on nothing.

use serde_json::Value;

/// A service, by how its codes look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Container groups, which have codes of another kind.
    Eci,
    Eip,
    Ebs,
    Ecs,
}

/// A code of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    EipNotFound,
    EipInvalid,
    EipInProgress,
    EipBound,
    EipNotBound,
    EipBusy,
    EipQuota,
    EipTokenReused,
    EipNotOnDemand,
    EipShared,
    EipNotShared,
    BandwidthNotThere,
    AddressTaken,
    DiskNotThere,
    DiskDamaged,
    DiskInProgress,
    DiskOrderFailed,
    MachineNotThere,
    DiskInvalid,
    DiskAttached,
    DiskNotAttached,
    DiskBusy,
    DiskQuota,
    DiskNameTaken,
    DiskTokenReused,
    OrderNotThere,
    JobNotThere,
    EcsInvalid,
}

/// The spelling of a code.
pub(crate) struct CodeText {
    pub(crate) error_code: &'static str,
    /// The code in another spelling.
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
    /// Whether the vendor has published it, or it is assumed.
    pub(crate) published: bool,
}

impl Code {
    #[cfg(test)]
    const ALL: [Code; 28] = [
        Code::EipNotFound,
        Code::EipInvalid,
        Code::EipInProgress,
        Code::EipBound,
        Code::EipNotBound,
        Code::EipBusy,
        Code::EipQuota,
        Code::EipTokenReused,
        Code::EipNotOnDemand,
        Code::EipShared,
        Code::EipNotShared,
        Code::BandwidthNotThere,
        Code::AddressTaken,
        Code::DiskNotThere,
        Code::DiskDamaged,
        Code::DiskInProgress,
        Code::DiskOrderFailed,
        Code::MachineNotThere,
        Code::DiskInvalid,
        Code::DiskAttached,
        Code::DiskNotAttached,
        Code::DiskBusy,
        Code::DiskQuota,
        Code::DiskNameTaken,
        Code::DiskTokenReused,
        Code::OrderNotThere,
        Code::JobNotThere,
        Code::EcsInvalid,
    ];

    pub(crate) fn spelling(self) -> CodeText {
        match self {
            Code::EipNotFound => same_code("Openapi.Eip.NotFound", "弹性IP不存在", true),
            Code::EipInvalid => same_code("Openapi.Parameter.Error", "参数错误", true),
            Code::EipInProgress => same_code("Openapi.Order.Inprogress", "订单处理中", true),
            Code::EipBound => same_code("Openapi.Eip.Bound", "弹性IP已绑定", false),
            Code::EipNotBound => same_code("Openapi.Eip.NotBound", "弹性IP未绑定", false),
            Code::EipBusy => same_code("Openapi.Eip.StatusInvalid", "弹性IP状态不允许", false),
            Code::EipQuota => same_code("Openapi.Eip.QuotaExceeded", "配额不足", false),
            Code::EipTokenReused => {
                same_code("Openapi.Eip.ClientTokenReused", "clientToken重复", false)
            }
            Code::EipNotOnDemand => same_code("Openapi.Eip.NotOnDemand", "弹性IP非按需计费", false),
            Code::EipShared => same_code(
                "Openapi.Eip.InSharedbandwidth",
                "弹性IP已加入共享带宽",
                false,
            ),
            Code::EipNotShared => same_code(
                "Openapi.Eip.NotInSharedbandwidth",
                "弹性IP未加入共享带宽",
                false,
            ),
            Code::BandwidthNotThere => {
                same_code("Openapi.Sharedbandwidth.NotFound", "共享带宽不存在", true)
            }
            Code::AddressTaken => same_code("Openapi.Eip.AddressUsed", "地址已被使用", false),
            Code::DiskNotThere => code_pair(
                "ebs.ebsInfo.notExists",
                "Ebs.EbsInfo.NotExists",
                "云硬盘不存在",
                true,
            ),
            Code::DiskDamaged => code_pair(
                "ebs.ebsInfo.dataDamaged",
                "Ebs.EbsInfo.DataDamaged",
                "云硬盘数据损坏",
                true,
            ),
            Code::DiskInProgress => code_pair(
                "ebs.order.inProgress",
                "Ebs.Order.InProgress",
                "订单处理中",
                true,
            ),
            Code::DiskOrderFailed => code_pair(
                "ebs.order.procFailed",
                "Ebs.Order.ProcFailed",
                "订单处理失败",
                true,
            ),
            Code::MachineNotThere => same_code("Ecs.Instance.NotFound", "云主机不存在", true),
            Code::DiskInvalid => {
                code_pair("ebs.param.invalid", "Ebs.Param.Invalid", "参数错误", false)
            }
            Code::DiskAttached => code_pair(
                "ebs.ebsInfo.attached",
                "Ebs.EbsInfo.Attached",
                "云硬盘已挂载",
                false,
            ),
            Code::DiskNotAttached => code_pair(
                "ebs.ebsInfo.notAttached",
                "Ebs.EbsInfo.NotAttached",
                "云硬盘未挂载",
                false,
            ),
            Code::DiskBusy => code_pair(
                "ebs.ebsInfo.statusInvalid",
                "Ebs.EbsInfo.StatusInvalid",
                "云硬盘状态不允许",
                false,
            ),
            Code::DiskQuota => code_pair(
                "ebs.quota.exceeded",
                "Ebs.Quota.Exceeded",
                "配额不足",
                false,
            ),
            Code::DiskNameTaken => code_pair(
                "ebs.ebsInfo.nameExists",
                "Ebs.EbsInfo.NameExists",
                "云硬盘名称重复",
                false,
            ),
            Code::DiskTokenReused => code_pair(
                "ebs.order.clientTokenReused",
                "Ebs.Order.ClientTokenReused",
                "clientToken重复",
                false,
            ),
            Code::OrderNotThere => same_code("Ecs.Order.NotFound", "订单不存在", false),
            Code::JobNotThere => same_code("Ecs.Job.NotFound", "任务不存在", false),
            Code::EcsInvalid => same_code("Openapi.Parameter.Error", "参数错误", true),
        }
    }

    /// Returns the code for a parameter that is missing or wrong.
    pub(crate) fn invalid(family: Service) -> Code {
        match family {
            Service::Ebs => Code::DiskInvalid,
            Service::Ecs => Code::EcsInvalid,
            Service::Eip | Service::Eci => Code::EipInvalid,
        }
    }

    /// Returns the code for a client token that was used for a different request.
    pub(crate) fn token_reused(family: Service) -> Code {
        match family {
            Service::Ebs => Code::DiskTokenReused,
            Service::Eip | Service::Ecs | Service::Eci => Code::EipTokenReused,
        }
    }
}

fn code_pair(
    code: &'static str,
    error: &'static str,
    description: &'static str,
    published: bool,
) -> CodeText {
    CodeText {
        error_code: code,
        error,
        description,
        published,
    }
}

/// Creates a row for a code that has one spelling only.
fn same_code(code: &'static str, description: &'static str, published: bool) -> CodeText {
    code_pair(code, code, description, published)
}

/// A call that a service refused, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderApiError {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// The words of the order system, where it is it that refuses.
    pub(crate) detail: Option<Value>,
}

impl OrderApiError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> OrderApiError {
        OrderApiError {
            code,
            message: message.into(),
            detail: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_spellings_of_a_code_differ_in_case_alone() {
        for code in Code::ALL {
            let spelling = code.spelling();
            assert!(
                spelling.error_code.eq_ignore_ascii_case(spelling.error),
                "{code:?}"
            );
        }
    }

    #[test]
    fn an_assumed_code_is_in_the_family_of_its_service() {
        for code in Code::ALL {
            let spelling = code.spelling();
            let family = spelling.error_code.split('.').next();
            let known = matches!(family, Some("Openapi" | "ebs" | "Ecs"));
            assert!(known || spelling.published, "{code:?}");
        }
    }
}
