//! The calls for orders: placing them, and querying orders and jobs.

use serde_json::{Value, json};

use super::Client;
use super::exchange::Call;
use crate::api::OrderApi;
use crate::error::{CallError, CallErrorKind};
use crate::operation::Operation;
use crate::types::order::{OrderContext, OrderKeywords, placed};
use crate::types::{
    ClientToken, InvalidId, JobId, JobProgress, OrderId, OrderOutcome, OrderProgress, OrderQuery,
    RequestSecrets,
};

impl Client {
    /// Creates a body with the fields of every call about elastic IPs and disks.
    pub(super) fn body(
        &self,
        token: Option<&ClientToken>,
        body: Result<Value, serde_json::Error>,
    ) -> Result<Value, serde_json::Error> {
        let mut body = body?;
        if let Value::Object(fields) = &mut body {
            fields.insert("regionID".to_owned(), json!(self.0.config.region_id));
            if let Some(token) = token {
                fields.insert("clientToken".to_owned(), json!(token));
            }
        }
        Ok(body)
    }

    /// Creates a call without a body, for the region.
    pub(super) fn query(
        &self,
        operation: Operation,
        resource: Option<String>,
        mut query: Vec<(String, String)>,
    ) -> Call<'static> {
        query.push(("regionID".to_owned(), self.0.config.region_id.clone()));
        Call {
            operation,
            resource,
            id: None,
            query,
            body: None,
            hidden: RequestSecrets::default(),
        }
    }

    /// Sends a call that places an order about an existing object.
    pub(super) async fn order(
        &self,
        call: Call<'_>,
        meaning: &OrderKeywords,
    ) -> Result<OrderOutcome<()>, CallError> {
        // It makes nothing that would have an id.
        self.order_of(call, meaning, |_| Ok(())).await
    }

    /// Sends a call that places an order for a new object.
    pub(super) async fn order_of<T>(
        &self,
        call: Call<'_>,
        meaning: &OrderKeywords,
        id: impl FnOnce(String) -> Result<T, InvalidId>,
    ) -> Result<OrderOutcome<T>, CallError> {
        let (mut opened, error) = self.call(call).await?;
        let circumstances = OrderContext {
            in_progress: opened.in_progress,
            description: &opened.description,
        };
        match placed(&mut opened.object, circumstances, meaning) {
            Ok(OrderOutcome::InProgress { order }) => Ok(OrderOutcome::InProgress { order }),
            Ok(OrderOutcome::Failed { order, word }) => Ok(OrderOutcome::Failed {
                order,
                word: self.0.hidden().redact(&word),
            }),
            Ok(OrderOutcome::Done {
                order,
                created: id_text,
            }) => match id(id_text.unwrap_or_default()) {
                Ok(id_text) => Ok(OrderOutcome::Done {
                    order,
                    created: id_text,
                }),
                Err(invalid) => Err(error(CallErrorKind::Unreadable {
                    detail: invalid.text(),
                })),
            },
            Err(misread) => Err(error(CallErrorKind::Unreadable {
                detail: misread.text(),
            })),
        }
    }
}

impl OrderApi for Client {
    async fn query_order(
        &self,
        query: OrderQuery,
        id: &OrderId,
    ) -> Result<OrderProgress, CallError> {
        let (operation, name) = match query {
            OrderQuery::Instances => (Operation::QueryOrder, "masterOrderID"),
            OrderQuery::Resources => (Operation::QueryOrderResources, "masterOrderId"),
        };
        let call = Call {
            operation,
            resource: Some(id.to_string()),
            id: None,
            query: vec![(name.to_owned(), id.to_string())],
            body: None,
            hidden: RequestSecrets::default(),
        };
        self.call_for_object(call).await
    }

    async fn describe_job(&self, id: &JobId) -> Result<JobProgress, CallError> {
        let query = vec![("jobID".to_owned(), id.to_string())];
        let call = self.query(Operation::DescribeJob, Some(id.to_string()), query);
        self.call_for_object(call).await
    }
}
