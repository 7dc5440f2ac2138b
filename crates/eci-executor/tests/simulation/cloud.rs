//! A cloud of which every call may fail in every way, in virtual time.
//!
//! A call that was sent is independent: it is done even if its sender has died or given up on it.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use eci_api::{CallError, CallErrorKind, Operation, Refusal, StatusReason};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::crash_point::Fuse;
use crate::disk::Disk;
use crate::rng::Draws;
use crate::world::{World, tag};

/// The longest time that a request is in flight, in milliseconds.
const ON_THE_WAY: usize = 2_000;
/// The longest time until a call is done after it was given up on, and that a new group stays
/// invisible. Together with the time in flight they are shorter than the consistency window.
const LATE: usize = 12_000;
pub(super) const INVISIBLE: usize = 5_000;

/// The calls that create an object.
///
/// They are identified by an operation tag or a client token.
const MAKES: [Operation; 3] = [
    Operation::CreateContainerGroup,
    Operation::CreateEip,
    Operation::CreateDisk,
];

/// The outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CallOutcome {
    Good,
    CutBefore,
    CutAfter,
    TooMany,
    Conflict,
    BrokenBefore,
    BrokenAfter,
    TimedOut,
}

/// The cloud, as one process reaches it.
#[derive(Clone)]
pub(crate) struct Cloud {
    world: Arc<Mutex<World>>,
    pub(super) draws: Draws,
    pub(super) disk: Disk,
    began: Instant,
    /// The percentage of calls that fail in some way.
    pub(super) fault_percent: usize,
    fuse: Fuse,
    /// Whether calls follow from what a state records first: those of `eci orphans --delete` do not.
    pub(crate) intends: bool,
}

/// A group as the checks see it.
#[derive(Debug)]
pub(crate) struct HeldObject {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) vpc: String,
    pub(crate) tag: String,
}

/// An EIP or a disk as the checks see it.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Mbps or GB.
    pub(crate) size: u64,
    /// Its line or its type.
    pub(crate) sort: String,
    /// The name of the group that has it.
    pub(crate) holder: Option<String>,
}

/// A request on its way to the cloud.
struct Request {
    operation: Operation,
    /// The name of the object that it is about.
    about: String,
    /// The place of its row in the log of calls.
    entry: Option<usize>,
}

impl Cloud {
    pub(crate) fn new(draws: &Draws, disk: &Disk, traced: bool) -> Cloud {
        let mut world = World::default();
        world.trace = traced.then(Vec::new);
        world.services.began = Some(Instant::now());
        Cloud {
            world: Arc::new(Mutex::new(world)),
            draws: draws.clone(),
            disk: disk.clone(),
            began: Instant::now(),
            fault_percent: 0,
            fuse: Fuse::never(),
            intends: true,
        }
    }

    /// Returns this cloud for the next process.
    pub(crate) fn reached(&self, fault_percent: usize, fuse: &Fuse) -> Cloud {
        Cloud {
            fault_percent,
            fuse: fuse.clone(),
            ..self.clone()
        }
    }

    /// The groups that are there and not about to go.
    pub(crate) fn standing(&self) -> Vec<HeldObject> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let world = self.lock();
        let groups = world.groups.iter();
        groups
            .filter(|(_, group)| group.deleted_at.is_none())
            .map(|(id, group)| HeldObject {
                id: id.clone(),
                name: text(&group.report["containerGroupName"]),
                image: text(&group.report["containers"][0]["image"]),
                vpc: text(&group.report["vpcId"]),
                tag: tag(&group.report),
            })
            .collect()
    }

    /// The EIPs and disks that there are, in the order of their ids.
    pub(crate) fn objects(&self) -> Vec<Object> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut world = self.lock();
        world.advance();
        let services = &world.services;
        let holder = |id: &String| {
            let group = services.bound.get(id).and_then(|it| world.groups.get(it));
            group.map(|group| text(&group.report["containerGroupName"]))
        };
        let eips = services.eips.iter().map(|(id, eip)| Object {
            id: id.clone(),
            name: text(&eip["name"]),
            size: eip["bandwidth"].as_u64().unwrap_or_default(),
            sort: text(&eip["lineType"]),
            holder: holder(id),
        });
        let disks = services.disks.iter().map(|(id, disk)| Object {
            id: id.clone(),
            name: text(&disk["diskName"]),
            size: disk["diskSize"].as_u64().unwrap_or_default(),
            sort: text(&disk["diskType"]),
            holder: holder(id),
        });
        eips.chain(disks).collect()
    }

    /// Returns what was created by orders, or is being created: the IDs, and the tokens of the orders.
    pub(crate) fn makings(&self) -> Vec<(Option<String>, String)> {
        let mut world = self.lock();
        world.advance();
        world.services.makings()
    }

    /// The operation tags and tokens of creates that may still be done.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.lock().sent.iter().cloned().collect()
    }

    pub(crate) fn wrong(&self) -> Vec<String> {
        self.lock().wrong.clone()
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        let at = self.began.elapsed();
        if let Some(trace) = &mut self.lock().trace {
            trace.push(format!("{:>9.3} {}", at.as_secs_f64(), line()));
        }
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.lock().trace.clone().unwrap_or_default()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn outcome(&self, operation: Operation) -> CallOutcome {
        if !self.draws.percent(self.fault_percent) {
            return CallOutcome::Good;
        }
        let any = [
            CallOutcome::CutBefore,
            CallOutcome::CutAfter,
            CallOutcome::TooMany,
            CallOutcome::BrokenBefore,
            CallOutcome::BrokenAfter,
            CallOutcome::TimedOut,
            CallOutcome::Conflict,
        ];
        match self.draws.one(&any) {
            CallOutcome::Conflict if !operation.changes() => CallOutcome::TooMany,
            outcome => outcome,
        }
    }

    /// Makes a call: `act` is what the cloud does once the request has come in.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        operation: Operation,
        about: String,
        act: impl FnOnce(&mut World, &Draws) -> Result<T, CallError> + Send + 'static,
    ) -> Result<T, CallError> {
        self.fuse.pass().await;
        let outcome = self.outcome(operation);
        let (there, back) = (self.draws.time(ON_THE_WAY), self.draws.time(ON_THE_WAY));
        self.note(|| format!("{operation} {about} {outcome:?}"));
        let entry = self.lock().log_call(operation, &about);
        let no = match outcome {
            CallOutcome::CutBefore => Some(cut(operation)),
            CallOutcome::TooMany => Some(self.too_many(operation)),
            CallOutcome::Conflict => Some(refused(operation, StatusReason::Conflict, 409)),
            CallOutcome::BrokenBefore => Some(refused(operation, StatusReason::InternalError, 500)),
            _ => None,
        };
        if let Some(error) = no {
            sleep(there + back).await;
            return Err(error);
        }
        let late = match outcome {
            CallOutcome::TimedOut => self.draws.time(LATE),
            _ => Duration::ZERO,
        };
        let request = Request {
            operation,
            about,
            entry,
        };
        let answer = self.send(request, there + late, act);
        if outcome == CallOutcome::TimedOut {
            sleep(there + back).await;
            let limit = there + back;
            return Err(CallError::new(operation, CallErrorKind::TimedOut { limit }));
        }
        let answer = answer.await.unwrap();
        self.fuse.pass().await;
        sleep(back).await;
        self.fuse.pass().await;
        match outcome {
            CallOutcome::CutAfter => Err(cut(operation)),
            CallOutcome::BrokenAfter => Err(refused(operation, StatusReason::Timeout, 504)),
            _ => answer,
        }
    }

    /// Sends a request on its way, to be done whatever becomes of its sender.
    fn send<T: Send + 'static>(
        &self,
        request: Request,
        after: Duration,
        act: impl FnOnce(&mut World, &Draws) -> Result<T, CallError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, CallError>> {
        let Request {
            operation,
            about,
            entry,
        } = request;
        let (answered, answer) = oneshot::channel();
        if MAKES.contains(&operation) {
            self.lock().sent.insert(about.clone());
        }
        let cloud = self.clone();
        tokio::spawn(async move {
            sleep(after).await;
            let done = cloud.lock().logged(entry, |world| act(world, &cloud.draws));
            if operation.changes() {
                cloud.note(|| format!("    {operation} {about} done, {}", done.is_ok()));
            }
            // The sender may have died.
            let _ = answered.send(done);
        });
        answer
    }

    fn too_many(&self, operation: Operation) -> CallError {
        let error = refused(operation, StatusReason::TooManyRequests, 429);
        if self.draws.percent(50) {
            error.with_retry_after(self.draws.time(40_000))
        } else {
            error
        }
    }
}

pub(super) fn cut(operation: Operation) -> CallError {
    let detail = "the model cut it".to_owned();
    CallError::new(
        operation,
        CallErrorKind::ConnectionClosed {
            detail: eci_text::Text::verbatim(detail),
        },
    )
}

pub(super) fn refused(operation: Operation, reason: StatusReason, status_code: i64) -> CallError {
    let refusal = Refusal {
        error: format!("ECI.Openapi.StatusReason{reason}"),
        reason,
        status_code,
        message: "no".to_owned(),
        description: String::new(),
        access_key: String::new(),
    };
    CallError::new(operation, refusal.into())
}
