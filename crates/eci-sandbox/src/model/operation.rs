//! The calls that the sandbox answers.

use axum::http::Method;

use crate::model::order_error::Service;

/// The constants of a call.
struct Form {
    name: &'static str,
    family: Service,
    method: Method,
    path: &'static str,
    kind: Effect,
    takes_id: bool,
}

/// The effect of a call.
#[derive(PartialEq, Eq)]
enum Effect {
    Reads,
    Changes,
    /// The call places an order.
    Orders,
}

/// The table of calls.
macro_rules! operations {
    ($($operation:ident = $name:literal $family:ident $method:ident $path:literal $kind:ident $(/ $id:ident)?;)*) => {
        /// A call of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ApiOperation { $($operation,)* }

        impl ApiOperation {
            pub(crate) const ALL: &[ApiOperation] = &[$(ApiOperation::$operation,)*];

            fn form(self) -> Form {
                match self {
                    $(ApiOperation::$operation => Form {
                        name: $name,
                        family: Service::$family,
                        method: Method::$method,
                        path: $path,
                        kind: Effect::$kind,
                        takes_id: false $(|| stringify!($id) == "id")?,
                    },)*
                }
            }
        }
    };
}

// `/ id`: the id of a group ends the path.
operations! {
    Create = "createContainerGroup" Eci POST
        "/eci/api/v1/containers/createContainerGroup" Changes;
    Describe = "describeContainerGroup" Eci GET
        "/eci/api/v1/containers/describeContainerGroup" Reads / id;
    DescribeMany = "describeContainerGroups" Eci POST
        "/eci/api/v1/containers/describeContainerGroups" Reads;
    Update = "updateContainerGroup" Eci PUT
        "/eci/api/v1/containers/updateContainerGroup" Changes / id;
    Restart = "restartContainerGroup" Eci PUT
        "/eci/api/v1/containers/restartContainerGroup" Changes / id;
    Delete = "deleteContainerGroup" Eci DELETE
        "/eci/api/v1/containers/deleteContainerGroup" Changes / id;
    Status = "describeContainerGroupStatus" Eci POST
        "/eci/api/v1/containers/describeContainerGroupStatus" Reads;
    Events = "describeContainerGroupEvent" Eci POST
        "/eci/api/v1/containers/describeContainerGroupEvent" Reads;
    Log = "describeContainerLog" Eci GET
        "/eci/api/v1/logs/describeContainerLog" Reads / id;
    Price = "describeContainerGroupPrice" Eci POST
        "/eci/api/v1/containers/describeContainerGroupPrice" Reads;
    Exec = "execContainerCommand" Eci POST
        "/eci/api/v1/containers/execContainerCommand" Reads;
    ResizeVolume = "resizeContainerGroupVolume" Eci POST
        "/eci/api/v1/containers/resizeContainerGroupVolume" Changes;

    Region = "describeRegion" Eci GET "/eci/api/v1/region" Reads;

    CreateEip = "eip/create" Eip POST "/v4/eip/create" Orders;
    CreateEipAt = "eip/create-with-ipaddress" Eip POST "/v4/eip/create-with-ipaddress" Orders;
    ShowEip = "eip/show" Eip GET "/v4/eip/show" Reads;
    ListEips = "eip/new-list" Eip POST "/v4/eip/new-list" Reads;
    ListEipsOld = "eip/list" Eip POST "/v4/eip/list" Reads;
    RenameEip = "eip/change-name" Eip POST "/v4/eip/change-name" Changes;
    ModifyEip = "eip/modify-spec" Eip POST "/v4/eip/modify-spec" Orders;
    BindEip = "eip/associate" Eip POST "/v4/eip/associate" Changes;
    UnbindEip = "eip/disassociate" Eip POST "/v4/eip/disassociate" Changes;
    JoinBandwidth = "bandwidth/associate-eip" Eip POST "/v4/bandwidth/associate-eip" Changes;
    LeaveBandwidth = "bandwidth/disassociate-eip" Eip POST
        "/v4/bandwidth/disassociate-eip" Changes;
    DeleteEip = "eip/delete" Eip POST "/v4/eip/delete" Orders;
    EipCreatePrice = "eip/query-create-price" Eip POST "/v4/eip/query-create-price" Reads;

    CreateDisk = "ebs/new-ebs" Ebs POST "/v4/ebs/new-ebs" Orders;
    ShowDisk = "ebs/info-ebs" Ebs GET "/v4/ebs/info-ebs" Reads;
    ShowDiskByName = "ebs/info-by-name-ebs" Ebs GET "/v4/ebs/info-by-name-ebs" Reads;
    ListDisks = "ebs/list-ebs" Ebs GET "/v4/ebs/list-ebs" Reads;
    UpdateDisk = "ebs/update-attr-ebs" Ebs POST "/v4/ebs/update-attr-ebs" Changes;
    ResizeDisk = "ebs/resize-ebs" Ebs POST "/v4/ebs/resize-ebs" Orders;
    SetDiskIops = "ebs/update-iops-ebs" Ebs POST "/v4/ebs/update-iops-ebs" Changes;
    SetDiskPolicy = "ebs/set-delete-policy-ebs" Ebs POST "/v4/ebs/set-delete-policy-ebs" Changes;
    AttachDisk = "ebs/attach-ebs" Ebs POST "/v4/ebs/attach-ebs" Changes;
    DetachDisk = "ebs/detach-ebs" Ebs POST "/v4/ebs/detach-ebs" Changes;
    RefundDisk = "ebs/refund-ebs" Ebs POST "/v4/ebs/refund-ebs" Orders;

    QueryOrder = "ecs/order/query-uuid" Ecs GET "/v4/ecs/order/query-uuid" Reads;
    QueryOrderResources = "order/query-uuid" Ecs GET "/v4/order/query-uuid" Reads;
    ShowJob = "job/info" Ecs GET "/v4/job/info" Reads;
}

impl ApiOperation {
    /// Returns the vendor's name, or else the end of the path.
    pub(crate) fn name(self) -> &'static str {
        self.form().name
    }

    pub(crate) fn named(name: &str) -> Option<ApiOperation> {
        let mut all = ApiOperation::ALL.iter().copied();
        all.find(|operation| operation.name() == name)
    }

    /// Returns the HTTP method.
    pub(crate) fn method(self) -> Method {
        self.form().method
    }

    /// Returns the path, without the ID that may follow.
    pub(crate) fn path(self) -> &'static str {
        self.form().path
    }

    /// Returns whether the ID of a group ends the path.
    pub(crate) fn takes_id(self) -> bool {
        self.form().takes_id
    }

    /// Returns the service of the call.
    pub(crate) fn family(self) -> Service {
        self.form().family
    }

    /// Returns whether the call can change an object.
    pub(crate) fn changes(self) -> bool {
        self.form().kind != Effect::Reads
    }

    /// Returns whether the call describes container groups.
    pub(crate) fn describes(self) -> bool {
        matches!(self, ApiOperation::Describe | ApiOperation::DescribeMany)
    }

    /// Returns whether the call lists container groups, EIPs or disks.
    pub(crate) fn lists(self) -> bool {
        matches!(
            self,
            ApiOperation::DescribeMany
                | ApiOperation::ListEips
                | ApiOperation::ListEipsOld
                | ApiOperation::ListDisks
        )
    }

    /// Returns whether the call places an order.
    pub(crate) fn orders(self) -> bool {
        self.form().kind == Effect::Orders
    }
}
