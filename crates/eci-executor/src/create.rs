//! A group is made: what a create made is told by its answer, and proved by its operation tag.

use eci_api::types::CreateContainerGroup;
use eci_api::{Outcome, Reason};
use eci_core::{Kind, Map, OperationTag};
use eci_provider::{Cloud, Wait};
use eci_state::crash;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::recognize::{CLOCKS, Create, Recognized};
use crate::run::LookUp;
use crate::tagged::{Tagged, look_for};
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
                    clocks: CLOCKS,
                    listed: &[],
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
        let until = Instant::now() + self.window;
        let mut pause = self.poll.0;
        loop {
            match look_for(&self.provider, operation, until, self.poll).await {
                Ok(found) => return self.recognized_by_tag(found, problem),
                Err(error) => tracing::debug!(%error, "cannot look for what a create made"),
            }
            if Instant::now() >= until {
                return Err(Finish::Unknown(problem));
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    fn recognized_by_tag(
        &self,
        found: Option<Tagged>,
        problem: Problem,
    ) -> Result<Recognized, Finish> {
        let found = found.ok_or(Finish::Unknown(problem))?;
        Ok(Recognized {
            id: found.id().map_err(Finish::Unknown)?,
            made: found.made(),
            look: None,
        })
    }
}
