//! What is done with a group that runs: its events and logs are read, it is restarted, and
//! commands run in it.

use std::collections::HashSet;

use eci_api::types::{
    ContainerGroupId, Event, ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt,
};
use eci_api::{Api, CallError};

use crate::provider::Provider;

impl<A: Api> Provider<A> {
    /// What happened to a group, in the order in which the cloud tells it.
    ///
    /// # Errors
    /// The call's.
    pub async fn events(&self, id: &ContainerGroupId) -> Result<Vec<Event>, CallError> {
        let mut asked = GroupIds::new([id.clone()]);
        let mut events = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let page = self
                .read(|| self.api().describe_container_group_event(&asked))
                .await?;
            let groups = page.data.into_iter();
            events.extend(groups.flat_map(|group| group.events));
            match page.next_token {
                // A cloud that leads in a circle must not be followed for ever.
                Some(token) if seen.insert(token.clone()) => asked.next_token = Some(token),
                _ => return Ok(events),
            }
        }
    }

    /// A part of what a container wrote.
    ///
    /// # Errors
    /// The call's.
    pub async fn log(
        &self,
        id: &ContainerGroupId,
        excerpt: &LogExcerpt,
    ) -> Result<String, CallError> {
        let log = self
            .read(|| self.api().describe_container_log(id, excerpt))
            .await?;
        Ok(log.content)
    }

    /// Begins the restart of a group.
    ///
    /// # Errors
    /// The call's.
    pub async fn restart(&self, id: &ContainerGroupId) -> Result<(), CallError> {
        self.once(|| self.api().restart_container_group(id))
            .await
            .map(drop)
    }

    /// Runs a command in a container.
    ///
    /// # Errors
    /// The call's.
    pub async fn exec(&self, command: &ExecContainerCommand) -> Result<ExecAnswer, CallError> {
        self.once(|| self.api().exec_container_command(command))
            .await
    }
}
