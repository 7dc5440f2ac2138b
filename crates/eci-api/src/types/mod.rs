//! Types of requests and answers.
//!
//! Request types have every field of the API reference of `createContainerGroup`, and those that
//! only the vendor's published client has, marked so. An unknown field is refused when a request is
//! read from JSON, and a missing one is not sent.
//!
//! Answer types tolerate unknown fields, missing fields, and numbers as text or the other way
//! round; only required fields, for example the ID of a new group, must be present.
//!
//! * [`create`], [`update`]: the two bodies that shape a group;
//! * [`container`], [`probe`], [`volume`], [`network`]: their parts;
//! * [`query`]: the requests of reads and commands;
//! * [`group`], [`group_parts`]: a container group as the cloud reports it, and its parts;
//! * [`response`]: the other answers;
//! * [`eip`], [`disk`]: elastic IPs and disks, [`order`]: how they are ordered;
//! * [`id`], [`status`], [`decimal`], [`names`], [`Secret`]: the words in them.

pub mod container;
pub mod create;
pub mod decimal;
pub mod disk;
pub mod eip;
pub mod group;
pub mod group_parts;
pub mod id;
pub(crate) mod lenient;
pub mod names;
pub mod network;
pub mod order;
pub mod probe;
pub mod query;
pub mod response;
pub mod status;
pub mod update;
pub mod volume;
mod wire_enum;

pub use eci_secret::{COVER, RequestSecrets, Secret};

pub use container::{
    Capabilities, Container, ContainerSecurityContext, EnvironmentVar, ImagePullPolicy,
    InitContainer, ObjectFieldRef, Port, Protocol, ResourceFieldRef, VolumeMount,
};
pub use create::{
    AzInfo, CreateContainerGroup, GroupNetwork, ImageRegistryCredential, RestartPolicy,
    SecurityContext, Sysctl, Tag,
};
pub use decimal::Decimal;
pub use disk::{
    CreateDisk, DescribedDisk, DiskAttachment, DiskAttributes, DiskFilter, DiskJob, DiskLabel,
    DiskPage, DiskStatus, SnapshotPolicy,
};
pub use eip::{
    Association, AssociationType, CreateEip, CycleType, DemandBillingType, DescribedEip, EipFilter,
    EipPage, EipPrice, EipStatus, ItemPrice, SubOrderPrice,
};
pub use group::DescribedGroup;
pub use group_parts::{
    ContainerState, DescribedContainer, DescribedFile, DescribedItem, DescribedPort,
    DescribedProbe, DescribedTag, DescribedVariable, DescribedVolume, DescribedVolumeMount, Event,
    EventSource, InvolvedObject,
};
pub use id::{ContainerGroupId, DiskId, EipId, InvalidId, JobId, OrderId};
pub use names::FieldNames;
pub use network::{DnsConfig, DnsOption, Eip, HostAlias};
pub use order::{
    ClientToken, InvalidToken, JobProgress, JobStatus, OrderOutcome, OrderProgress, OrderQuery,
    OrderState, OrderStatus,
};
pub use probe::{ExecAction, HttpGetAction, HttpHeader, Probe, Scheme, TcpSocketAction};
pub use query::{
    ContainerGroupFilter, ExecContainerCommand, GroupIds, LogExcerpt, PriceQuery,
    ResizeContainerGroupVolume,
};
pub use response::{
    Acknowledgement, ContainerGroupCreated, ContainerGroupPage, ContainerLog, EventPage,
    ExecAnswer, GroupEvents, GroupStatus, Price, PriceDetail, Region, StatusPage,
};
pub use status::Status;
pub use update::{DeleteMode, UpdateContainerGroup};
pub use volume::{
    ConfigFileToPath, ConfigFileVolume, DiskVolume, DownwardApiItem, DownwardApiVolume,
    EmptyDirVolume, FieldRef, NasVolume, Volume, VolumeType, ZosVolume,
};
