//! Operations on a group that runs: reading its events and logs, restarting it, and running commands
//! in it.

use eci_api::api::{Page, Pages, weight_of_events};
use eci_api::types::{
    ContainerGroupId, Event, ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt,
};
use eci_api::{Api, CallError, Operation};

use crate::provider::ResourceProvider;

impl<A: Api> ResourceProvider<A> {
    /// Returns the events of a group, in the order of the cloud.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's, or that the list of events does not end.
    pub async fn events(&self, id: &ContainerGroupId) -> Result<Vec<Event>, CallError> {
        let mut query = GroupIds::new([id.clone()]);
        let mut events = Vec::new();
        let mut pages = Pages::of(Operation::DescribeContainerGroupEvent);
        loop {
            let page = self
                .call_idempotent(|| self.api().describe_container_group_event(&query))
                .await?;
            let groups = page.data.into_iter();
            let before = events.len();
            events.extend(groups.flat_map(|group| group.events));
            let items = events.len() - before;
            let about = |error: CallError| error.about(id.to_string());
            pages
                .take(Page {
                    items,
                    new: items,
                    bytes: weight_of_events(&events[before..]),
                    total: None,
                })
                .map_err(about)?;
            match page.next_token {
                Some(token) => query.next_token = Some(pages.after(token).map_err(about)?),
                None => return Ok(events),
            }
        }
    }

    /// Returns an excerpt of the log of a container.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn log(
        &self,
        id: &ContainerGroupId,
        excerpt: &LogExcerpt,
    ) -> Result<String, CallError> {
        let log = self
            .call_idempotent(|| self.api().describe_container_log(id, excerpt))
            .await?;
        Ok(log.content)
    }

    /// Begins the restart of a group.
    ///
    /// Not cancel safe: whether a call that was dropped took effect is unknown.
    ///
    /// # Errors
    /// The call's.
    pub async fn restart(&self, id: &ContainerGroupId) -> Result<(), CallError> {
        self.call_once(|| self.api().restart_container_group(id))
            .await
            .map(drop)
    }

    /// Runs a command in a container.
    ///
    /// Not cancel safe: whether a call that was dropped took effect is unknown.
    ///
    /// # Errors
    /// The call's.
    pub async fn exec(&self, command: &ExecContainerCommand) -> Result<ExecAnswer, CallError> {
        self.call_once(|| self.api().exec_container_command(command))
            .await
    }
}
