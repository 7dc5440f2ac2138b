//! The calls of cloud disks.

use serde_json::{Map, Value, json, to_value};

use super::Client;
use super::exchange::Call;
use crate::api::DiskApi;
use crate::error::CallError;
use crate::operation::Operation;
use crate::types::order::OrderKeywords;
use crate::types::{
    ClientToken, CreateDisk, DescribedDisk, DiskAttributes, DiskFilter, DiskId, DiskJob, DiskPage,
    OrderOutcome, SnapshotPolicy,
};

const CREATE: OrderKeywords = OrderKeywords {
    done: &["started"],
    failed: &[],
    created: Some("/resources/0/diskID"),
};

const RESIZE: OrderKeywords = OrderKeywords {
    done: &["started", "changed"],
    failed: &[],
    created: None,
};

const REFUND: OrderKeywords = OrderKeywords {
    done: &["refunded", "destroyed"],
    failed: &[],
    created: None,
};

impl Client {
    /// Creates a call about a disk, with these additional fields.
    fn of_disk(
        &self,
        operation: Operation,
        token: Option<&ClientToken>,
        id: &DiskId,
        fields: Value,
    ) -> Call<'static> {
        let mut body = Map::from_iter([("diskID".to_owned(), json!(id))]);
        if let Value::Object(fields) = fields {
            body.extend(fields);
        }
        let body = self.body(token, Ok(Value::Object(body)));
        Call::with(operation, Some(id.to_string()), body)
    }
}

impl DiskApi for Client {
    async fn create_disk(
        &self,
        token: &ClientToken,
        request: &CreateDisk,
    ) -> Result<OrderOutcome<DiskId>, CallError> {
        let body = self.body(Some(token), to_value(request));
        let name = Some(request.disk_name.clone());
        let call = Call::with(Operation::CreateDisk, name, body);
        self.order_of(call, &CREATE, DiskId::new).await
    }

    async fn describe_disk(&self, id: &DiskId) -> Result<DescribedDisk, CallError> {
        let query = vec![("diskID".to_owned(), id.to_string())];
        let call = self.query(Operation::DescribeDisk, Some(id.to_string()), query);
        self.call_for_object(call).await
    }

    async fn describe_disk_by_name(&self, name: &str) -> Result<DescribedDisk, CallError> {
        let query = vec![("diskName".to_owned(), name.to_owned())];
        let call = self.query(Operation::DescribeDiskByName, Some(name.to_owned()), query);
        self.call_for_object(call).await
    }

    async fn list_disks(&self, filter: &DiskFilter) -> Result<DiskPage, CallError> {
        let call = self.query(Operation::ListDisks, None, filter.parameters());
        self.call_for_object(call).await
    }

    async fn update_disk(&self, id: &DiskId, attributes: &DiskAttributes) -> Result<(), CallError> {
        // Every field has a form in JSON.
        let fields = to_value(attributes).unwrap_or_default();
        let call = self.of_disk(Operation::UpdateDisk, None, id, fields);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn resize_disk(
        &self,
        token: &ClientToken,
        id: &DiskId,
        size: i64,
    ) -> Result<OrderOutcome<()>, CallError> {
        let fields = json!({ "diskSize": size });
        let call = self.of_disk(Operation::ResizeDisk, Some(token), id, fields);
        self.order(call, &RESIZE).await
    }

    async fn set_disk_iops(&self, id: &DiskId, provisioned: i64) -> Result<(), CallError> {
        let fields = json!({ "provisionedIops": provisioned });
        let call = self.of_disk(Operation::SetDiskIops, None, id, fields);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn set_disk_delete_policy(
        &self,
        id: &DiskId,
        snapshots: SnapshotPolicy,
    ) -> Result<(), CallError> {
        let fields = json!({ "deleteSnapWithEbs": snapshots.deletes() });
        let call = self.of_disk(Operation::SetDiskDeletePolicy, None, id, fields);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn attach_disk(&self, id: &DiskId, instance: &str) -> Result<DiskJob, CallError> {
        let fields = json!({ "instanceID": instance });
        let call = self.of_disk(Operation::AttachDisk, None, id, fields);
        self.call_for_object(call).await
    }

    async fn detach_disk(&self, id: &DiskId, instance: Option<&str>) -> Result<DiskJob, CallError> {
        let fields = match instance {
            Some(instance) => json!({ "instanceID": instance }),
            None => Value::Null,
        };
        let call = self.of_disk(Operation::DetachDisk, None, id, fields);
        self.call_for_object(call).await
    }

    async fn refund_disk(
        &self,
        token: &ClientToken,
        id: &DiskId,
        snapshots: Option<SnapshotPolicy>,
    ) -> Result<OrderOutcome<()>, CallError> {
        let fields = match snapshots {
            Some(policy) => json!({ "deleteSnapWithEbs": policy.deletes() }),
            None => Value::Null,
        };
        let call = self.of_disk(Operation::RefundDisk, Some(token), id, fields);
        self.order(call, &REFUND).await
    }
}
