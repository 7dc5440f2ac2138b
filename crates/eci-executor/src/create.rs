//! A group is made: what a create made is told by its answer, and proved by its operation tag.

use eci_api::types::CreateContainerGroup;
use eci_api::{Outcome, Reason};
use eci_core::{Kind, Map, OperationTag};
use eci_provider::{Cloud, Made, ThingId, Wait, group_id};
use eci_state::crash;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::recognize::{Create, Recognized, age_order};
use crate::run::LookUp;
use crate::work::{Finish, Work, refused};

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
            Ok(made) => {
                let create = Create {
                    operation: &operation,
                    asked: &Map::new(),
                    since: "",
                    key: None,
                };
                let recognized = self.recognized((Kind::ContainerGroup, made), create);
                match recognized.await {
                    Ok(recognized) => Ok(recognized),
                    Err(problem) => self.found(&operation, problem).await,
                }
            }
            // There is one of this kind already. It is ours if something on the way sent the
            // call twice, and only its tag tells.
            Err(error) if error.reason() == Some(&Reason::AlreadyExists) => {
                self.found(&operation, Problem::Call(error)).await
            }
            Err(error) if error.outcome() == Outcome::NotDone => {
                return refused(error, LookUp::Tag(operation, wait));
            }
            Err(error) => self.found(&operation, Problem::Unknown { error }).await,
        };
        let Recognized { made, id, look } = match made {
            Ok(recognized) => recognized,
            Err(finish) => return finish,
        };
        self.made(made);
        self.ready_after(look, &id, wait).await
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
                    // Of several, the oldest is ours: the end of the run reports the others.
                    if let Some(seen) = found.into_iter().min_by_key(age_order)
                        && let Ok(id) = group_id(&seen.id)
                    {
                        let made = Made {
                            id: seen.id.clone(),
                            attributes: seen.attributes.clone().into(),
                        };
                        return Ok(Recognized {
                            made,
                            id: ThingId::Group(id),
                            look: None,
                        });
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
