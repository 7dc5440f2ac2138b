//! The requests that order a disk and an EIP.

use eci_api::types::{CreateDisk, CreateEip, Label};
use eci_core::kinds::{EIP, VOLUME};
use eci_core::{Map, OperationTag};

use crate::request::{RequestError, read_as};
use crate::wire::encode_own;

/// Returns the order for the disk of a volume of these attributes. Its label is found again where the
/// answer is lost.
///
/// # Errors
/// If an attribute is not known yet, or only its digest is left.
pub fn disk_request(
    attributes: &Map,
    operation: &OperationTag,
) -> Result<CreateDisk, RequestError> {
    let mut request: CreateDisk = read_as(encode_own(&VOLUME, attributes)?)?;
    request.labels.push(Label {
        key: OperationTag::KEY.to_owned(),
        value: operation.short(),
    });
    Ok(request)
}

/// Returns the order for an EIP of these attributes.
///
/// # Errors
/// If an attribute is not known yet, or only its digest is left.
pub fn eip_request(attributes: &Map) -> Result<CreateEip, RequestError> {
    read_as(encode_own(&EIP, attributes)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixtures::{eip, volume};

    /// Each field of the manifest with its place on the wire.
    #[test]
    fn every_field_is_sent_to_the_service_of_disks() {
        let operation = OperationTag::from_recorded("l.op");
        let ours = json!({ "key": "eci:operation", "value": operation.short() });
        let sent = |disk| {
            let request = disk_request(&volume(disk), &operation).unwrap();
            serde_json::to_value(request).unwrap()
        };
        assert_eq!(
            sent(json!({
                "name": "data", "size": 40, "kind": "XSSD-0", "az_name": "az1", "project_id": "p",
                "on_demand": false, "cycle_type": "month", "cycle_count": 2, "image_id": "i",
                "provisioned_iops": 100, "delete_snap_with_ebs": true, "description": "d",
                "labels": { "a": "b" },
            })),
            json!({
                "diskName": "data", "diskSize": 40, "diskType": "XSSD-0", "diskMode": "VBD",
                "azName": "az1", "projectID": "p", "onDemand": false, "cycleType": "month",
                "cycleCount": 2, "imageID": "i", "provisionedIops": 100,
                "deleteSnapWithEbs": true, "volumeDescription": "d",
                "labels": [{ "key": "a", "value": "b" }, ours],
            })
        );
        assert_eq!(
            sent(json!({
                "name": "data", "size": 40, "kind": "SAS", "is_encrypt": true, "kms_uuid": "k",
                "backup_id": "b",
            })),
            json!({
                "diskName": "data", "diskSize": 40, "diskType": "SAS", "diskMode": "VBD",
                "isEncrypt": true, "kmsUUID": "k", "backupID": "b", "labels": [ours],
            })
        );
        let shared =
            sent(json!({ "name": "data", "size": 40, "kind": "SAS", "multi_attach": true }));
        assert_eq!(shared["multiAttach"], json!(true));
    }

    /// Each field of the manifest with its place on the wire.
    #[test]
    fn every_field_is_sent_to_the_service_of_eips() {
        let ahead = eip(json!({
            "name": "front", "bandwidth": 5, "cycle_type": "month", "cycle_count": 3,
            "line_type": "bgp", "segment_id": "s", "exclusive_name": "e",
            "ip_address": "198.18.0.7", "project_id": "p", "pay_voucher_price": "1.50",
        }));
        assert_eq!(
            serde_json::to_value(eip_request(&ahead).unwrap()).unwrap(),
            json!({
                "name": "front", "bandwidth": 5, "cycleType": "month", "cycleCount": 3,
                "lineType": "bgp", "segmentID": "s", "exclusiveName": "e",
                "ipAddress": "198.18.0.7", "projectID": "p", "payVoucherPrice": "1.50",
            })
        );
        let on_demand = eip(json!({ "name": "front", "bandwidth_id": "bw-1" }));
        assert_eq!(
            serde_json::to_value(eip_request(&on_demand).unwrap()).unwrap(),
            json!({
                "name": "front", "bandwidth": 1, "cycleType": "on_demand",
                "demandBillingType": "bandwidth", "bandwidthID": "bw-1",
            })
        );
    }
}
