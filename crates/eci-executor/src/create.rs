//! A group is made: what a create made is told by its answer, and proved by its operation tag.

use eci_api::types::CreateContainerGroup;
use eci_api::{Outcome, Reason};
use eci_core::OperationTag;
use eci_provider::{Cloud, Look, Made, ThingId, Told, Wait, group_id};
use eci_state::crash;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::work::{Finish, Message, Work};

impl<A: Cloud> Work<A> {
    pub(crate) async fn create(
        self,
        request: CreateContainerGroup,
        operation: OperationTag,
        wait: Wait,
    ) -> Finish {
        let answer = self.provider.create(&request).await;
        crash::point("create-answered");
        let made = match answer {
            Ok(made) => self.recognized(made, &operation).await,
            // There is one of this kind already. It is ours if something on the way sent the
            // call twice, and only its tag tells.
            Err(error) if error.reason() == Some(&Reason::AlreadyExists) => {
                self.found(&operation, Problem::Call(error)).await
            }
            Err(error) if error.outcome() == Outcome::NotDone => {
                Err(Finish::NotDone(Problem::Call(error)))
            }
            Err(error) => self.found(&operation, Problem::Unknown { error }).await,
        };
        let (made, id, first) = match made {
            Ok(made) => made,
            Err(finish) => return finish,
        };
        let task = self.task;
        // If nobody listens, the run is over, and the open intent tells of this group.
        let _ = self.messages.send(Message::Made { task, made });
        self.ready_after(first, &id, wait).await
    }

    /// What an answer tells of, once a look at it does not contradict that: an answer that names
    /// something else is not believed, for what was made would be made again.
    async fn recognized(&self, made: Made, operation: &OperationTag) -> Result<Recognized, Finish> {
        let problem = Problem::NotRecognized {
            id: made.id.clone(),
        };
        let Ok(id) = group_id(&made.id).map(ThingId::Group) else {
            return self.found(operation, problem).await;
        };
        let start = Instant::now();
        let mut pause = self.poll.0;
        loop {
            match self.provider.look(&id).await {
                Ok(Some(look)) if is_of_another(&look, operation) => break,
                Ok(Some(look)) => return Ok((made, id, Some(look))),
                // What was just made may not be visible everywhere yet.
                Ok(None) if start.elapsed() < self.window => {}
                Ok(None) => break,
                // The wait that follows tells of it.
                Err(error) => {
                    tracing::debug!(%error, "cannot look at what was made");
                    return Ok((made, id, None));
                }
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
        self.found(operation, problem).await
    }

    /// What a create without a clear answer made; that problem if nothing is found until the
    /// window is over.
    async fn found(
        &self,
        operation: &OperationTag,
        problem: Problem,
    ) -> Result<Recognized, Finish> {
        let start = Instant::now();
        let mut pause = self.poll.0;
        loop {
            match self.provider.find(operation).await {
                Ok(found) => {
                    if let Some(seen) = found.into_iter().next()
                        && let Ok(id) = group_id(&seen.id)
                    {
                        let made = Made {
                            id: seen.id.clone(),
                            attributes: seen.attributes.clone().into(),
                        };
                        return Ok((made, ThingId::Group(id), None));
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot look for what a create made"),
            }
            if start.elapsed() >= self.window {
                return Err(Finish::Unknown(problem));
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }
}

/// What was made, its id, and a first look at it.
type Recognized = (Made, ThingId, Option<Look>);

/// Whether it carries the tag of another create. One without a tag says nothing.
fn is_of_another(look: &Look, operation: &OperationTag) -> bool {
    match &look.told {
        Told::Group(_, Some(tag)) => tag != operation,
        Told::Group(_, None) | Told::Eip(_) | Told::Disk(_) => false,
    }
}
