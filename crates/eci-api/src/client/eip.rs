//! The calls of elastic IPs.

use serde_json::{Map, Value, json, to_value};

use super::Client;
use super::exchange::Call;
use crate::api::limits::check_ids;
use crate::api::{EipApi, MOST_IDS, MOST_SHARING};
use crate::error::CallError;
use crate::operation::Operation;
use crate::types::order::OrderKeywords;
use crate::types::{
    Association, ClientToken, CreateEip, DescribedEip, EipFilter, EipId, EipPage, EipPrice,
    OrderOutcome,
};

const CREATE: OrderKeywords = OrderKeywords {
    done: &["started"],
    failed: &["refunded", "destroyed", "expired"],
    created: Some("/eipID"),
};

/// For a change and a delete, only the order itself is known to report its end (vendor's client);
/// these words are the matching ones of the vendor's list.
const CHANGE: OrderKeywords = OrderKeywords {
    done: &["changed"],
    failed: &["refunded", "destroyed", "expired"],
    created: None,
};

const DELETE: OrderKeywords = OrderKeywords {
    done: &["refunded", "destroyed"],
    failed: &[],
    created: None,
};

impl Client {
    /// Creates a call about an elastic IP, with these additional fields.
    fn of_eip(
        &self,
        operation: Operation,
        token: &ClientToken,
        id: &EipId,
        fields: Value,
    ) -> Call<'static> {
        let mut body = Map::from_iter([("eipID".to_owned(), json!(id))]);
        if let Value::Object(fields) = fields {
            body.extend(fields);
        }
        let body = self.body(Some(token), Ok(Value::Object(body)));
        Call::with(operation, Some(id.to_string()), body)
    }

    /// Sends a call about a shared bandwidth.
    async fn of_bandwidth(
        &self,
        operation: Operation,
        token: &ClientToken,
        bandwidth: &str,
        eips: &[EipId],
    ) -> Result<(), CallError> {
        check_ids(operation, eips.len(), MOST_SHARING)?;
        let fields = json!({ "bandwidthID": bandwidth, "eipIDs": eips });
        let body = self.body(Some(token), Ok(fields));
        let call = Call::with(operation, Some(bandwidth.to_owned()), body);
        self.call_for_ack(call).await.map(|_| ())
    }
}

impl EipApi for Client {
    async fn create_eip(
        &self,
        token: &ClientToken,
        request: &CreateEip,
    ) -> Result<OrderOutcome<EipId>, CallError> {
        let operation = match request.ip_address {
            None => Operation::CreateEip,
            Some(_) => Operation::CreateEipWithAddress,
        };
        let body = self.body(Some(token), to_value(request));
        let call = Call::with(operation, Some(request.name.clone()), body);
        self.order_of(call, &CREATE, EipId::new).await
    }

    async fn describe_eip(&self, id: &EipId) -> Result<DescribedEip, CallError> {
        let query = vec![("eipID".to_owned(), id.to_string())];
        let call = self.query(Operation::DescribeEip, Some(id.to_string()), query);
        self.call_for_object(call).await
    }

    async fn list_eips(
        &self,
        token: &ClientToken,
        filter: &EipFilter,
    ) -> Result<EipPage, CallError> {
        check_ids(Operation::ListEips, filter.ids.len(), MOST_IDS)?;
        let body = self.body(Some(token), to_value(filter));
        self.call_for_object(Call::with(Operation::ListEips, None, body))
            .await
    }

    async fn rename_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
        name: &str,
    ) -> Result<(), CallError> {
        let fields = json!({ "name": name });
        let call = self.of_eip(Operation::RenameEip, token, id, fields);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn change_eip_bandwidth(
        &self,
        token: &ClientToken,
        id: &EipId,
        bandwidth: i64,
    ) -> Result<OrderOutcome<()>, CallError> {
        let fields = json!({ "bandwidth": bandwidth });
        let call = self.of_eip(Operation::ChangeEipBandwidth, token, id, fields);
        self.order(call, &CHANGE).await
    }

    async fn bind_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
        to: Association<'_>,
    ) -> Result<(), CallError> {
        let fields = json!({ "associationID": to.id, "associationType": to.kind.number() });
        let call = self.of_eip(Operation::BindEip, token, id, fields);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn unbind_eip(&self, token: &ClientToken, id: &EipId) -> Result<(), CallError> {
        let call = self.of_eip(Operation::UnbindEip, token, id, Value::Null);
        self.call_for_ack(call).await.map(|_| ())
    }

    async fn join_bandwidth(
        &self,
        token: &ClientToken,
        bandwidth: &str,
        eips: &[EipId],
    ) -> Result<(), CallError> {
        self.of_bandwidth(Operation::JoinBandwidth, token, bandwidth, eips)
            .await
    }

    async fn leave_bandwidth(
        &self,
        token: &ClientToken,
        bandwidth: &str,
        eips: &[EipId],
    ) -> Result<(), CallError> {
        self.of_bandwidth(Operation::LeaveBandwidth, token, bandwidth, eips)
            .await
    }

    async fn delete_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
    ) -> Result<OrderOutcome<()>, CallError> {
        let call = self.of_eip(Operation::DeleteEip, token, id, Value::Null);
        self.order(call, &DELETE).await
    }

    async fn eip_create_price(
        &self,
        token: &ClientToken,
        request: &CreateEip,
    ) -> Result<EipPrice, CallError> {
        let body = self.body(Some(token), to_value(request));
        let name = Some(request.name.clone());
        self.call_for_object(Call::with(Operation::EipCreatePrice, name, body))
            .await
    }
}
