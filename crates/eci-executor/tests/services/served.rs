//! The calls of these services, for a cloud that knows how calls go.

/// The services of a cloud that has `serve(operation, token, what, |services| answer)`.
#[allow(clippy::crate_in_macro_def)]
#[macro_export]
macro_rules! serve {
    ($cloud:ty) => {
        mod served {
            use super::*;
            use eci_api::types::*;
            use eci_api::{CallError, DiskApi, EipApi, Operation, OrderApi};

            fn unserved<T>(operation: Operation) -> Result<T, CallError> {
                Err(crate::services::refused(operation, "Openapi.Test.Unserved"))
            }

            impl EipApi for $cloud {
                async fn create_eip(
                    &self,
                    token: &ClientToken,
                    request: &CreateEip,
                ) -> Result<OrderOutcome<EipId>, CallError> {
                    let own_token = token.clone();
                    let own_request = request.clone();

                    let name = request.name.clone();
                    self.serve(Operation::CreateEip, Some(token), &name, move |it| {
                        Ok(it.create_eip(&own_token, &own_request))
                    })
                    .await
                }

                async fn describe_eip(&self, id: &EipId) -> Result<DescribedEip, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::DescribeEip, None, id.as_str(), move |it| {
                        it.describe_eip(&own_id)
                    })
                    .await
                }

                async fn list_eips(
                    &self,
                    _: &ClientToken,
                    filter: &EipFilter,
                ) -> Result<EipPage, CallError> {
                    let own_filter = filter.clone();

                    self.serve(Operation::ListEips, None, "", move |it| {
                        Ok(EipPage {
                            eips: it.list_eips(&own_filter.ids),
                            total_count: None,
                            total_page: Some(1),
                        })
                    })
                    .await
                }

                async fn rename_eip(
                    &self,
                    _: &ClientToken,
                    id: &EipId,
                    name: &str,
                ) -> Result<(), CallError> {
                    let own_id = id.clone();
                    let own_name = name.to_owned();

                    self.serve(Operation::RenameEip, None, id.as_str(), move |it| {
                        it.rename_eip(&own_id, &own_name)
                    })
                    .await
                }

                async fn change_eip_bandwidth(
                    &self,
                    token: &ClientToken,
                    id: &EipId,
                    bandwidth: i64,
                ) -> Result<OrderOutcome<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    let operation = Operation::ChangeEipBandwidth;
                    self.serve(operation, Some(token), id.as_str(), move |it| {
                        it.change_eip_bandwidth(&own_token, &own_id, bandwidth)
                    })
                    .await
                }

                async fn bind_eip(
                    &self,
                    _: &ClientToken,
                    _: &EipId,
                    _: Association<'_>,
                ) -> Result<(), CallError> {
                    unserved(Operation::BindEip)
                }

                async fn unbind_eip(&self, _: &ClientToken, _: &EipId) -> Result<(), CallError> {
                    unserved(Operation::UnbindEip)
                }

                async fn join_bandwidth(
                    &self,
                    _: &ClientToken,
                    bandwidth: &str,
                    eips: &[EipId],
                ) -> Result<(), CallError> {
                    let (own, shared) = (eips.to_vec(), bandwidth.to_owned());
                    self.serve(Operation::JoinBandwidth, None, bandwidth, move |it| {
                        it.share_bandwidth(&own, &shared)
                    })
                    .await
                }

                async fn leave_bandwidth(
                    &self,
                    _: &ClientToken,
                    bandwidth: &str,
                    eips: &[EipId],
                ) -> Result<(), CallError> {
                    let own = eips.to_vec();
                    self.serve(Operation::LeaveBandwidth, None, bandwidth, move |it| {
                        it.share_bandwidth(&own, "")
                    })
                    .await
                }

                async fn delete_eip(
                    &self,
                    token: &ClientToken,
                    id: &EipId,
                ) -> Result<OrderOutcome<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::DeleteEip, Some(token), id.as_str(), move |it| {
                        it.delete_eip(&own_token, &own_id)
                    })
                    .await
                }

                async fn eip_create_price(
                    &self,
                    _: &ClientToken,
                    _: &CreateEip,
                ) -> Result<EipPrice, CallError> {
                    unserved(Operation::EipCreatePrice)
                }
            }

            impl DiskApi for $cloud {
                async fn create_disk(
                    &self,
                    token: &ClientToken,
                    request: &CreateDisk,
                ) -> Result<OrderOutcome<DiskId>, CallError> {
                    let own_token = token.clone();
                    let own_request = request.clone();

                    let name = request.disk_name.clone();
                    self.serve(Operation::CreateDisk, Some(token), &name, move |it| {
                        it.create_disk(&own_token, &own_request)
                    })
                    .await
                }

                async fn describe_disk(&self, id: &DiskId) -> Result<DescribedDisk, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::DescribeDisk, None, id.as_str(), move |it| {
                        it.describe_disk(own_id.as_str())
                    })
                    .await
                }

                async fn describe_disk_by_name(
                    &self,
                    name: &str,
                ) -> Result<DescribedDisk, CallError> {
                    let own_name = name.to_owned();

                    self.serve(Operation::DescribeDiskByName, None, name, move |it| {
                        it.describe_disk_by_name(&own_name)
                    })
                    .await
                }

                async fn list_disks(&self, _: &DiskFilter) -> Result<DiskPage, CallError> {
                    self.serve(Operation::ListDisks, None, "", move |it| {
                        Ok(DiskPage {
                            disks: it.list_disks(),
                            total_count: None,
                            total_page: Some(1),
                        })
                    })
                    .await
                }

                async fn update_disk(
                    &self,
                    id: &DiskId,
                    attributes: &DiskAttributes,
                ) -> Result<(), CallError> {
                    let own_id = id.clone();
                    let own_attributes = attributes.clone();

                    self.serve(Operation::UpdateDisk, None, id.as_str(), move |it| {
                        it.update_disk(&own_id, &own_attributes)
                    })
                    .await
                }

                async fn resize_disk(
                    &self,
                    token: &ClientToken,
                    id: &DiskId,
                    size: i64,
                ) -> Result<OrderOutcome<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::ResizeDisk, Some(token), id.as_str(), move |it| {
                        it.resize_disk(&own_token, own_id.as_str(), size)
                    })
                    .await
                }

                async fn set_disk_iops(&self, _: &DiskId, _: i64) -> Result<(), CallError> {
                    unserved(Operation::SetDiskIops)
                }

                async fn set_disk_delete_policy(
                    &self,
                    _: &DiskId,
                    _: SnapshotPolicy,
                ) -> Result<(), CallError> {
                    unserved(Operation::SetDiskDeletePolicy)
                }

                async fn attach_disk(&self, _: &DiskId, _: &str) -> Result<DiskJob, CallError> {
                    unserved(Operation::AttachDisk)
                }

                async fn detach_disk(
                    &self,
                    _: &DiskId,
                    _: Option<&str>,
                ) -> Result<DiskJob, CallError> {
                    unserved(Operation::DetachDisk)
                }

                async fn refund_disk(
                    &self,
                    token: &ClientToken,
                    id: &DiskId,
                    _: Option<SnapshotPolicy>,
                ) -> Result<OrderOutcome<()>, CallError> {
                    let own_token = token.clone();
                    let own_id = id.clone();

                    self.serve(Operation::RefundDisk, Some(token), id.as_str(), move |it| {
                        it.refund_disk(&own_token, &own_id)
                    })
                    .await
                }
            }

            impl OrderApi for $cloud {
                async fn query_order(
                    &self,
                    _: OrderQuery,
                    id: &OrderId,
                ) -> Result<OrderProgress, CallError> {
                    let own_id = id.clone();

                    self.serve(Operation::QueryOrder, None, id.as_str(), move |it| {
                        it.query_order(&own_id)
                    })
                    .await
                }

                async fn describe_job(&self, _: &JobId) -> Result<JobProgress, CallError> {
                    unserved(Operation::DescribeJob)
                }
            }
        }
    };
}
