//! The calls of the cloud of a simulation.

use eci_api::types::{
    Acknowledgement, ClientToken, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DeleteMode, DescribedGroup, EventPage,
    ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery,
    ResizeContainerGroupVolume, StatusPage, UpdateContainerGroup,
};
use eci_api::{Api, CallError, FieldNames, Operation};

use crate::cloud::{Cloud, INVISIBLE, cut};
use crate::services::{NextOrder, Services};
use crate::world::{lets_through, not_found, tag};

/// The longest that an order takes, in milliseconds.
const ORDER: usize = 15_000;

impl Cloud {
    /// A call of EIPs, disks and orders.
    ///
    /// One that creates or deletes an object comes after its intent.
    async fn serve<T: Send + 'static>(
        &self,
        operation: Operation,
        token: Option<&ClientToken>,
        what: &str,
        act: impl FnOnce(&mut Services) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        let makes = matches!(operation, Operation::CreateEip | Operation::CreateDisk);
        let ends = matches!(operation, Operation::DeleteEip | Operation::RefundDisk);
        let is_recorded = match token {
            Some(token) if makes => self.disk.has_order_intent(token.as_str()),
            _ => !ends || !self.intends || self.disk.has_delete_intent(what),
        };
        if !is_recorded {
            let wrong = format!("{operation} of {what} was sent before its intent was flushed");
            self.lock().wrong.push(wrong);
        }
        let token = token.filter(|_| makes).map(ToString::to_string);
        let about = token.clone().unwrap_or_else(|| what.to_owned());
        let has_faults = self.fault_percent > 0;
        self.call(operation, about, move |world, draws| {
            world.advance();
            if let Some(token) = &token {
                world.sent.remove(token);
            }
            world.services.next_order = NextOrder {
                takes: draws.time(ORDER),
                fails: has_faults && draws.percent(8),
                hidden_for: if draws.percent(30) {
                    draws.time(INVISIBLE)
                } else {
                    Default::default()
                },
            };
            act(&mut world.services)
        })
        .await
    }
}

crate::serve!(Cloud);

impl Api for Cloud {
    fn knows_time(&self) -> bool {
        true
    }

    async fn create_container_group(
        &self,
        request: &CreateContainerGroup,
    ) -> Result<ContainerGroupCreated, CallError> {
        let body = request.body(FieldNames::Documented).unwrap();
        let (tag, name) = (tag(&body), request.container_group_name.clone());
        if !self.disk.has_create_intent(&tag) {
            let wrong = format!("the create of {name} was sent before its intent was flushed");
            self.lock().wrong.push(wrong);
        }
        let has_faults = self.fault_percent > 0;
        self.call(Operation::CreateContainerGroup, tag, move |world, draws| {
            world.create(body, has_faults, draws)
        })
        .await
    }

    async fn describe_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<DescribedGroup, CallError> {
        let operation = Operation::DescribeContainerGroup;
        let named = id.to_string();
        self.call(operation, id.to_string(), move |world, _| {
            let mut visible = world.visible();
            let group = visible.find(|(id, _)| **id == named);
            group
                .map(|(_, group)| group)
                .ok_or_else(|| not_found(operation))
        })
        .await
    }

    async fn describe_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> Result<ContainerGroupPage, CallError> {
        let requested = filter.clone();
        let about = requested
            .tags
            .iter()
            .filter_map(|tag| tag.value.clone())
            .collect();
        self.call(
            Operation::DescribeContainerGroups,
            about,
            move |world, _| {
                let groups = world.visible();
                let groups = groups.filter(|(_, group)| lets_through(&requested, group));
                Ok(ContainerGroupPage {
                    container_groups: groups.map(|group| group.1).collect(),
                    ..ContainerGroupPage::default()
                })
            },
        )
        .await
    }

    async fn update_container_group(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<Acknowledgement, CallError> {
        let changes = request.body(FieldNames::Documented).unwrap();
        let named = id.to_string();
        self.call(
            Operation::UpdateContainerGroup,
            id.to_string(),
            move |world, draws| world.update(&named, &changes, draws),
        )
        .await
    }

    async fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        _: DeleteMode,
    ) -> Result<Acknowledgement, CallError> {
        let named = id.to_string();
        self.call(
            Operation::DeleteContainerGroup,
            id.to_string(),
            move |world, draws| world.delete(&named, draws),
        )
        .await
    }

    async fn restart_container_group(
        &self,
        _: &ContainerGroupId,
    ) -> Result<Acknowledgement, CallError> {
        Err(cut(Operation::RestartContainerGroup))
    }

    async fn describe_container_group_status(&self, _: &GroupIds) -> Result<StatusPage, CallError> {
        Err(cut(Operation::DescribeContainerGroupStatus))
    }

    async fn describe_container_group_event(&self, _: &GroupIds) -> Result<EventPage, CallError> {
        Ok(EventPage::default())
    }

    async fn describe_container_log(
        &self,
        _: &ContainerGroupId,
        _: &LogExcerpt,
    ) -> Result<ContainerLog, CallError> {
        Err(cut(Operation::DescribeContainerLog))
    }

    async fn describe_container_group_price(&self, _: &PriceQuery) -> Result<Price, CallError> {
        Err(cut(Operation::DescribeContainerGroupPrice))
    }

    async fn exec_container_command(
        &self,
        _: &ExecContainerCommand,
    ) -> Result<ExecAnswer, CallError> {
        Err(cut(Operation::ExecContainerCommand))
    }

    async fn resize_container_group_volume(
        &self,
        request: &ResizeContainerGroupVolume,
    ) -> Result<Acknowledgement, CallError> {
        let operation = Operation::ResizeContainerGroupVolume;
        let (group, disk) = (&request.container_group_id, &request.volume_handle);
        let (group, disk, size) = (group.to_string(), disk.to_string(), request.new_size);
        let about = format!("{disk} of {group}");
        self.call(operation, about, move |world, _| {
            world.advance();
            match world.services.bound.get(&disk) {
                Some(holder) if *holder == group => world.services.grow_mounted(&disk, size)?,
                _ => return Err(not_found(operation)),
            }
            Ok(Acknowledgement::default())
        })
        .await
    }
}
