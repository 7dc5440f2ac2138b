//! The calls of container groups, one by one.

use eci_text::text;
use serde_json::{Map, Value, to_value};

use super::Client;
use super::exchange::Call;
use crate::api::limits::check_ids;
use crate::api::{Api, MOST_IDS, RegionApi};
use crate::error::{CallError, CallErrorKind};
use crate::excerpt::{WORD, beginning};
use crate::operation::Operation;
use crate::types::lenient::FromJson;
use crate::types::query::join;
use crate::types::{
    Acknowledgement, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DeleteMode, DescribedGroup, EventPage,
    ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery, Region,
    RequestSecrets, ResizeContainerGroupVolume, StatusPage, UpdateContainerGroup,
};

impl Client {
    /// Sends a call whose answer contains an object that the caller requires.
    pub(super) async fn call_for_object<T: FromJson>(
        &self,
        call: Call<'_>,
    ) -> Result<T, CallError> {
        let (mut opened, error) = self.call(call).await?;
        // Empty fields are omitted, and so may be an object that has nothing else.
        let is_absent = opened.object.is_null();
        if is_absent {
            opened.object = Value::Object(Map::new());
        }
        T::from_json(&mut opened.object).map_err(|misread| {
            if is_absent {
                error(CallErrorKind::MissingObject)
            } else {
                error(CallErrorKind::Unreadable {
                    detail: misread.text(),
                })
            }
        })
    }

    /// Sends a call whose success is stated by the envelope alone.
    pub(super) async fn call_for_ack(&self, call: Call<'_>) -> Result<Acknowledgement, CallError> {
        let (opened, _) = self.call(call).await?;
        Ok(Acknowledgement::of(&opened.object))
    }

    /// Sends a call about many groups, with their IDs.
    async fn ask_of<T: FromJson>(
        &self,
        operation: Operation,
        ids: &GroupIds,
    ) -> Result<T, CallError> {
        check_ids(operation, ids.container_group_ids.len(), MOST_IDS)?;
        let resource = named(&ids.container_group_ids);
        self.call_for_object(Call::with(operation, resource, to_value(ids)))
            .await
    }
}

/// Returns the IDs as a text, as many as a person wants to read.
fn named(ids: &[ContainerGroupId]) -> Option<String> {
    match ids {
        [] => None,
        [first, rest @ ..] if rest.len() > 2 => Some(format!("{first} and {} more", rest.len())),
        few => Some(join(few)),
    }
}

impl Api for Client {
    fn hide(&self, secrets: &RequestSecrets) {
        self.0.hidden().extend(secrets);
    }

    fn knows_time(&self) -> bool {
        self.0.cloud_clock.is_known()
    }

    fn redacted(&self, text: &str) -> String {
        self.0.hidden().redact(text)
    }

    fn quotes(&self, text: &str) -> bool {
        self.0.hidden().is_quoted_in(text)
    }

    async fn create_container_group(
        &self,
        request: &CreateContainerGroup,
    ) -> Result<ContainerGroupCreated, CallError> {
        let name = Some(request.container_group_name.clone());
        let body = request.body(self.0.config.field_names);
        let mut call = Call::with(Operation::CreateContainerGroup, name, body);
        call.hidden = request.hidden.clone();
        self.call_for_object(call).await
    }

    async fn describe_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<DescribedGroup, CallError> {
        self.call_for_object(Call::of(Operation::DescribeContainerGroup, id))
            .await
    }

    async fn describe_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> Result<ContainerGroupPage, CallError> {
        let name = filter.container_group_name.clone();
        let resource = name.or_else(|| named(&filter.container_group_ids));
        let operation = Operation::DescribeContainerGroups;
        check_ids(operation, filter.container_group_ids.len(), MOST_IDS)?;
        self.call_for_object(Call::with(operation, resource, to_value(filter)))
            .await
    }

    async fn update_container_group(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<Acknowledgement, CallError> {
        let mut call = Call::of(Operation::UpdateContainerGroup, id);
        call.body = Some(request.body(self.0.config.field_names));
        call.hidden = request.hidden.clone();
        self.call_for_ack(call).await
    }

    async fn restart_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<Acknowledgement, CallError> {
        self.call_for_ack(Call::of(Operation::RestartContainerGroup, id))
            .await
    }

    async fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        mode: DeleteMode,
    ) -> Result<Acknowledgement, CallError> {
        let mut call = Call::of(Operation::DeleteContainerGroup, id);
        call.query = vec![("force".to_owned(), (mode == DeleteMode::Forced).to_string())];
        self.call_for_ack(call).await
    }

    async fn describe_container_group_status(
        &self,
        ids: &GroupIds,
    ) -> Result<StatusPage, CallError> {
        self.ask_of(Operation::DescribeContainerGroupStatus, ids)
            .await
    }

    async fn describe_container_group_event(&self, ids: &GroupIds) -> Result<EventPage, CallError> {
        self.ask_of(Operation::DescribeContainerGroupEvent, ids)
            .await
    }

    async fn describe_container_log(
        &self,
        id: &ContainerGroupId,
        excerpt: &LogExcerpt,
    ) -> Result<ContainerLog, CallError> {
        let mut call = Call::of(Operation::DescribeContainerLog, id);
        call.query = excerpt.parameters();
        self.call_for_object(call).await
    }

    async fn describe_container_group_price(&self, query: &PriceQuery) -> Result<Price, CallError> {
        let operation = Operation::DescribeContainerGroupPrice;
        self.call_for_object(Call::with(operation, None, to_value(query)))
            .await
    }

    async fn exec_container_command(
        &self,
        request: &ExecContainerCommand,
    ) -> Result<ExecAnswer, CallError> {
        let resource = Some(request.container_group_id.to_string());
        let operation = Operation::ExecContainerCommand;
        self.call_for_object(Call::with(operation, resource, to_value(request)))
            .await
    }

    async fn resize_container_group_volume(
        &self,
        request: &ResizeContainerGroupVolume,
    ) -> Result<Acknowledgement, CallError> {
        let resource = Some(request.container_group_id.to_string());
        let operation = Operation::ResizeContainerGroupVolume;
        self.call_for_ack(Call::with(operation, resource, to_value(request)))
            .await
    }
}

impl RegionApi for Client {
    async fn describe_region(&self) -> Result<Region, CallError> {
        let region = self.0.config.region_id.clone();
        // In addition to the header, since 2025-08 (published client).
        let query = vec![("regionId".to_owned(), region.clone())];
        let call = Call {
            operation: Operation::DescribeRegion,
            resource: Some(region.clone()),
            id: None,
            query,
            body: None,
            hidden: RequestSecrets::default(),
        };
        let described: Region = self.call_for_object(call).await?;
        match &described.region_id {
            Some(other) if *other != region => {
                let detail = text!(
                    en: "expected region {expected}, found {found}",
                    zh: "应为区域 {expected}，实际为 {found}",
                    expected = region,
                    found = beginning(other, WORD),
                );
                let kind = CallErrorKind::Unreadable { detail };
                let kind = kind.without(&self.0.hidden());
                Err(CallError::new(Operation::DescribeRegion, kind).about(region))
            }
            _ => Ok(described),
        }
    }
}
