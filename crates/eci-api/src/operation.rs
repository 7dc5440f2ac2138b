//! The calls by the vendor's names.

use std::fmt;

use reqwest::Method;

use crate::service::Service;

/// The constants of a call.
struct CallForm {
    name: &'static str,
    service: Service,
    method: Method,
    /// Without the id that ends it where there is one.
    path: &'static str,
    kind: Effect,
}

/// The effect of a call.
#[derive(PartialEq, Eq)]
enum Effect {
    /// The call changes nothing.
    Reads,
    /// The call changes an object before it is answered, or soon after.
    Changes,
    /// The call places an order, whose end has to be awaited.
    Orders,
}

/// The table of calls: one row each, with all facts about the call.
macro_rules! operations {
    ($($operation:ident = $name:literal $service:ident $method:ident $path:literal $kind:ident;)*) => {
        /// A call of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $(
                #[doc = concat!("`", $name, "`")]
                $operation,
            )*
        }

        impl Operation {
            /// All of them.
            pub const ALL: &[Operation] = &[$(Operation::$operation,)*];

            fn form(self) -> CallForm {
                match self {
                    $(Operation::$operation => CallForm {
                        name: $name,
                        service: Service::$service,
                        method: Method::$method,
                        path: $path,
                        kind: Effect::$kind,
                    },)*
                }
            }
        }
    };
}

operations! {
    CreateContainerGroup = "createContainerGroup" Eci POST
        "/eci/api/v1/containers/createContainerGroup" Changes;
    DescribeContainerGroup = "describeContainerGroup" Eci GET
        "/eci/api/v1/containers/describeContainerGroup" Reads;
    DescribeContainerGroups = "describeContainerGroups" Eci POST
        "/eci/api/v1/containers/describeContainerGroups" Reads;
    UpdateContainerGroup = "updateContainerGroup" Eci PUT
        "/eci/api/v1/containers/updateContainerGroup" Changes;
    RestartContainerGroup = "restartContainerGroup" Eci PUT
        "/eci/api/v1/containers/restartContainerGroup" Changes;
    DeleteContainerGroup = "deleteContainerGroup" Eci DELETE
        "/eci/api/v1/containers/deleteContainerGroup" Changes;
    DescribeContainerGroupStatus = "describeContainerGroupStatus" Eci POST
        "/eci/api/v1/containers/describeContainerGroupStatus" Reads;
    DescribeContainerGroupEvent = "describeContainerGroupEvent" Eci POST
        "/eci/api/v1/containers/describeContainerGroupEvent" Reads;
    DescribeContainerLog = "describeContainerLog" Eci GET
        "/eci/api/v1/logs/describeContainerLog" Reads;
    DescribeContainerGroupPrice = "describeContainerGroupPrice" Eci POST
        "/eci/api/v1/containers/describeContainerGroupPrice" Reads;
    ExecContainerCommand = "execContainerCommand" Eci POST
        "/eci/api/v1/containers/execContainerCommand" Changes;
    ResizeContainerGroupVolume = "resizeContainerGroupVolume" Eci POST
        "/eci/api/v1/containers/resizeContainerGroupVolume" Changes;

    DescribeRegion = "describeRegion" Eci GET "/eci/api/v1/region" Reads;

    CreateEip = "eip/create" Eip POST "/v4/eip/create" Orders;
    CreateEipWithAddress = "eip/create-with-ipaddress" Eip POST
        "/v4/eip/create-with-ipaddress" Orders;
    DescribeEip = "eip/show" Eip GET "/v4/eip/show" Reads;
    ListEips = "eip/new-list" Eip POST "/v4/eip/new-list" Reads;
    RenameEip = "eip/change-name" Eip POST "/v4/eip/change-name" Changes;
    ChangeEipBandwidth = "eip/modify-spec" Eip POST "/v4/eip/modify-spec" Orders;
    BindEip = "eip/associate" Eip POST "/v4/eip/associate" Changes;
    UnbindEip = "eip/disassociate" Eip POST "/v4/eip/disassociate" Changes;
    JoinBandwidth = "bandwidth/associate-eip" Eip POST "/v4/bandwidth/associate-eip" Changes;
    LeaveBandwidth = "bandwidth/disassociate-eip" Eip POST
        "/v4/bandwidth/disassociate-eip" Changes;
    DeleteEip = "eip/delete" Eip POST "/v4/eip/delete" Orders;
    EipCreatePrice = "eip/query-create-price" Eip POST "/v4/eip/query-create-price" Reads;

    CreateDisk = "ebs/new-ebs" Ebs POST "/v4/ebs/new-ebs" Orders;
    DescribeDisk = "ebs/info-ebs" Ebs GET "/v4/ebs/info-ebs" Reads;
    DescribeDiskByName = "ebs/info-by-name-ebs" Ebs GET "/v4/ebs/info-by-name-ebs" Reads;
    ListDisks = "ebs/list-ebs" Ebs GET "/v4/ebs/list-ebs" Reads;
    UpdateDisk = "ebs/update-attr-ebs" Ebs POST "/v4/ebs/update-attr-ebs" Changes;
    ResizeDisk = "ebs/resize-ebs" Ebs POST "/v4/ebs/resize-ebs" Orders;
    SetDiskIops = "ebs/update-iops-ebs" Ebs POST "/v4/ebs/update-iops-ebs" Changes;
    SetDiskDeletePolicy = "ebs/set-delete-policy-ebs" Ebs POST
        "/v4/ebs/set-delete-policy-ebs" Changes;
    AttachDisk = "ebs/attach-ebs" Ebs POST "/v4/ebs/attach-ebs" Changes;
    DetachDisk = "ebs/detach-ebs" Ebs POST "/v4/ebs/detach-ebs" Changes;
    RefundDisk = "ebs/refund-ebs" Ebs POST "/v4/ebs/refund-ebs" Orders;

    QueryOrder = "ecs/order/query-uuid" Ecs GET "/v4/ecs/order/query-uuid" Reads;
    QueryOrderResources = "order/query-uuid" Ecs GET "/v4/order/query-uuid" Reads;
    DescribeJob = "job/info" Ecs GET "/v4/job/info" Reads;
}

impl Operation {
    /// Returns the vendor's name of the call, or else the end of its path, by which the vendor's
    /// pages are found; of a call that has neither, a name like the vendor's.
    pub fn name(self) -> &'static str {
        self.form().name
    }

    /// Returns the service of the call.
    pub fn service(self) -> Service {
        self.form().service
    }

    /// Returns whether it can change an object, so that a missing answer leaves the outcome
    /// unknown. A command run in a container counts.
    pub fn changes(self) -> bool {
        self.form().kind != Effect::Reads
    }

    /// Returns whether it places an order, which the same call with the same client token does not
    /// place again.
    pub fn orders(self) -> bool {
        self.form().kind == Effect::Orders
    }

    pub(crate) fn method(self) -> Method {
        self.form().method
    }

    /// Returns the path without the ID that ends it where there is one.
    pub(crate) fn path(self) -> &'static str {
        self.form().path
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_a_unique_name_and_path_and_ends_in_its_name() {
        for (at, operation) in Operation::ALL.iter().enumerate() {
            let is_named = *operation == Operation::DescribeRegion
                || operation.path().ends_with(operation.name());
            assert!(is_named, "{operation}");
            for other in &Operation::ALL[..at] {
                assert_ne!(operation.name(), other.name());
                assert_ne!(operation.path(), other.path());
            }
        }
    }

    #[test]
    fn only_calls_of_eips_and_disks_place_orders() {
        for operation in Operation::ALL.iter().filter(|it| it.orders()) {
            assert!(operation.changes());
            assert!(matches!(operation.service(), Service::Eip | Service::Ebs));
        }
    }
}
