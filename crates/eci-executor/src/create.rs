//! Creation of a group: the answer names the created group, and its operation tag proves it.

use eci_api::types::CreateContainerGroup;
use eci_api::{CallOutcome, StatusReason};
use eci_core::{Kind, Map, OperationTag};
use eci_provider::{Cloud, Wait};
use eci_state::failpoint;
use tokio::time::Instant;

use crate::error::TaskError;
use crate::recognize::{CLOCKS, Create};
use crate::refusal::CreateLookup;
use crate::tagged::{TaggedGroups, find_by_operation_tag};
use crate::task::{TaskOutcome, TaskRunner, refused};
use crate::verify::VerifiedCreate;

impl<A: Cloud> TaskRunner<A> {
    pub(crate) async fn create(
        self,
        request: CreateContainerGroup,
        operation: OperationTag,
        wait: Wait,
    ) -> TaskOutcome {
        let answer = self.provider.create(&request).await;
        failpoint::hit("create-answered");
        let created = match answer {
            Ok(created) => {
                let create = Create {
                    operation: &operation,
                    requested: &Map::new(),
                    since: "",
                    clocks: CLOCKS,
                    listed: &[],
                    key: None,
                };
                let recognized = self.verify_created(Kind::ContainerGroup, created, create);
                match recognized.await {
                    Ok(recognized) => Ok(recognized),
                    Err(problem) => self.find_created(&operation, problem).await,
                }
            }
            // There is one of this name already. It belongs to this create if a proxy sent the call
            // twice, and only its tag shows that.
            Err(error) if error.reason() == Some(&StatusReason::AlreadyExists) => {
                self.find_created(&operation, TaskError::Call(error)).await
            }
            Err(error) if error.outcome() == CallOutcome::NotDone => {
                return refused(error, CreateLookup::Tag(operation, wait));
            }
            Err(error) => {
                self.find_created(&operation, TaskError::Unknown { error })
                    .await
            }
        };
        let VerifiedCreate {
            created,
            id,
            remote,
        } = match created {
            Ok(recognized) => recognized,
            Err(finish) => return finish,
        };
        self.report_created(created);
        self.ready_after(remote, &id, wait).await
    }

    /// Returns the object that a create without a clear answer created; that problem if nothing is
    /// found until the window is over.
    async fn find_created(
        &self,
        operation: &OperationTag,
        problem: TaskError,
    ) -> Result<VerifiedCreate, TaskOutcome> {
        let until = Instant::now() + self.window;
        let mut pause = self.poll.initial;
        loop {
            match find_by_operation_tag(&self.provider, operation, until, self.poll).await {
                Ok(found) => return self.recognized_by_tag(found, problem),
                Err(error) => tracing::debug!(%error, "cannot look for the result of a create"),
            }
            if Instant::now() >= until {
                return Err(TaskOutcome::Unknown(problem));
            }
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    fn recognized_by_tag(
        &self,
        found: Option<TaggedGroups>,
        problem: TaskError,
    ) -> Result<VerifiedCreate, TaskOutcome> {
        let found = found.ok_or(TaskOutcome::Unknown(problem))?;
        Ok(VerifiedCreate {
            id: found.id().map_err(TaskOutcome::Unknown)?,
            created: found.created(),
            remote: None,
        })
    }
}
