//! The client of a process that may die between two calls.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use eci_api::types::{
    Acknowledgement, Association, ClientToken, ContainerGroupCreated, ContainerGroupFilter,
    ContainerGroupId, ContainerGroupPage, ContainerLog, CreateContainerGroup, CreateDisk,
    CreateEip, DeleteMode, DescribedDisk, DescribedEip, DescribedGroup, DiskAttributes, DiskFilter,
    DiskId, DiskJob, DiskPage, EipFilter, EipId, EipPage, EipPrice, EventPage, ExecAnswer,
    ExecContainerCommand, GroupIds, JobId, JobProgress, LogExcerpt, OrderId, OrderOutcome,
    OrderProgress, OrderQuery, Price, PriceQuery, ResizeContainerGroupVolume, SnapshotPolicy,
    StatusPage, UpdateContainerGroup,
};
use eci_api::{Api, CallError, Client, DiskApi, EipApi, OrderApi};
use tokio::sync::Notify;

/// The call at which a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Before it sends the call of this number, from 1.
    Before(usize),
    /// After that call was answered, and before the process learns it.
    After(usize),
}

/// A client whose process dies at a call. From there on nothing that it does comes to anything.
#[derive(Clone, Debug)]
pub struct Gate {
    client: Client,
    death: Option<Death>,
    life: Arc<Life>,
    traffic: Arc<Traffic>,
}

#[derive(Debug, Default)]
struct Life {
    calls: AtomicUsize,
    is_over: AtomicBool,
    over: Notify,
}

/// The calls in progress, over all processes.
///
/// While a call is in progress, the runtime waits for the network and for nothing else, and a
/// paused clock would jump to the next timer, which may be the timeout of that very call. So time
/// passes in small steps as long as there are calls.
#[derive(Debug, Default)]
pub struct Traffic {
    in_progress: AtomicUsize,
    begun: Notify,
}

impl Traffic {
    /// Lets time pass in small steps while calls are in progress; never returns.
    pub async fn slow_time_down(&self) {
        loop {
            let begun = self.begun.notified();
            if self.in_progress.load(Ordering::Relaxed) == 0 {
                begun.await;
            }
            let mut steps = 0;
            while self.in_progress.load(Ordering::Relaxed) > 0 {
                // A call that is not answered after this time hangs.
                let step = if steps < 500 { 1 } else { 500 };
                tokio::time::sleep(Duration::from_millis(step)).await;
                steps += 1;
            }
        }
    }
}

/// A call in progress, until it is dropped.
struct CallInProgress<'a>(&'a Traffic);

impl<'a> CallInProgress<'a> {
    fn new(traffic: &'a Traffic) -> CallInProgress<'a> {
        traffic.in_progress.fetch_add(1, Ordering::Relaxed);
        traffic.begun.notify_one();
        CallInProgress(traffic)
    }
}

impl Drop for CallInProgress<'_> {
    fn drop(&mut self) {
        self.0.in_progress.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    /// Creates the client of a new process.
    pub fn new(client: Client, death: Option<Death>, traffic: &Arc<Traffic>) -> Gate {
        Gate {
            client,
            death,
            life: Arc::default(),
            traffic: Arc::clone(traffic),
        }
    }

    /// Returns when the process is dead.
    pub async fn died(&self) {
        self.life.over.notified().await;
    }

    async fn die(&self) {
        self.life.is_over.store(true, Ordering::Relaxed);
        self.life.over.notify_one();
        std::future::pending::<()>().await;
    }

    async fn pass<T>(&self, call: impl Future<Output = T> + Send) -> T {
        let number = self.life.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if self.death == Some(Death::Before(number)) || self.life.is_over.load(Ordering::Relaxed) {
            self.die().await;
        }
        let in_progress = CallInProgress::new(&self.traffic);
        let answer = call.await;
        drop(in_progress);
        if self.death == Some(Death::After(number)) || self.life.is_over.load(Ordering::Relaxed) {
            self.die().await;
        }
        answer
    }
}

macro_rules! pass {
    ($trait:ident { $(fn $method:ident($($name:ident: $type:ty),*) -> $answer:ty;)* }) => {
        impl $trait for Gate {
            $(async fn $method(&self, $($name: $type),*) -> Result<$answer, CallError> {
                self.pass(self.client.$method($($name),*)).await
            })*
        }
    };
}

pass!(Api {
    fn create_container_group(request: &CreateContainerGroup) -> ContainerGroupCreated;
    fn describe_container_group(id: &ContainerGroupId) -> DescribedGroup;
    fn describe_container_groups(filter: &ContainerGroupFilter) -> ContainerGroupPage;
    fn update_container_group(id: &ContainerGroupId, request: &UpdateContainerGroup) -> Acknowledgement;
    fn restart_container_group(id: &ContainerGroupId) -> Acknowledgement;
    fn delete_container_group(id: &ContainerGroupId, mode: DeleteMode) -> Acknowledgement;
    fn describe_container_group_status(ids: &GroupIds) -> StatusPage;
    fn describe_container_group_event(ids: &GroupIds) -> EventPage;
    fn describe_container_log(id: &ContainerGroupId, excerpt: &LogExcerpt) -> ContainerLog;
    fn describe_container_group_price(query: &PriceQuery) -> Price;
    fn exec_container_command(request: &ExecContainerCommand) -> ExecAnswer;
    fn resize_container_group_volume(request: &ResizeContainerGroupVolume) -> Acknowledgement;
});

pass!(EipApi {
    fn create_eip(token: &ClientToken, request: &CreateEip) -> OrderOutcome<EipId>;
    fn describe_eip(id: &EipId) -> DescribedEip;
    fn list_eips(token: &ClientToken, filter: &EipFilter) -> EipPage;
    fn rename_eip(token: &ClientToken, id: &EipId, name: &str) -> ();
    fn change_eip_bandwidth(token: &ClientToken, id: &EipId, bandwidth: i64) -> OrderOutcome<()>;
    fn bind_eip(token: &ClientToken, id: &EipId, to: Association<'_>) -> ();
    fn unbind_eip(token: &ClientToken, id: &EipId) -> ();
    fn join_bandwidth(token: &ClientToken, bandwidth: &str, eips: &[EipId]) -> ();
    fn leave_bandwidth(token: &ClientToken, bandwidth: &str, eips: &[EipId]) -> ();
    fn delete_eip(token: &ClientToken, id: &EipId) -> OrderOutcome<()>;
    fn eip_create_price(token: &ClientToken, request: &CreateEip) -> EipPrice;
});

pass!(DiskApi {
    fn create_disk(token: &ClientToken, request: &CreateDisk) -> OrderOutcome<DiskId>;
    fn describe_disk(id: &DiskId) -> DescribedDisk;
    fn describe_disk_by_name(name: &str) -> DescribedDisk;
    fn list_disks(filter: &DiskFilter) -> DiskPage;
    fn update_disk(id: &DiskId, attributes: &DiskAttributes) -> ();
    fn resize_disk(token: &ClientToken, id: &DiskId, size: i64) -> OrderOutcome<()>;
    fn set_disk_iops(id: &DiskId, provisioned: i64) -> ();
    fn set_disk_delete_policy(id: &DiskId, snapshots: SnapshotPolicy) -> ();
    fn attach_disk(id: &DiskId, instance: &str) -> DiskJob;
    fn detach_disk(id: &DiskId, instance: Option<&str>) -> DiskJob;
    fn refund_disk(token: &ClientToken, id: &DiskId, snapshots: Option<SnapshotPolicy>) -> OrderOutcome<()>;
});

pass!(OrderApi {
    fn query_order(query: OrderQuery, id: &OrderId) -> OrderProgress;
    fn describe_job(id: &JobId) -> JobProgress;
});
