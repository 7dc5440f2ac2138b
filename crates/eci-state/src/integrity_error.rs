//! Contradictions between a snapshot and its records.

use eci_core::{Address, Lineage, Serial};
use eci_text::messages;
use thiserror::Error;

use crate::record::IntentId;

/// A record does not fit the snapshot, or the snapshot contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IntegrityError {
    /// The record is of a run on another state.
    AnotherLineage {
        /// The lineage that the record names.
        found: Lineage,
        /// The snapshot's.
        expected: Lineage,
    },
    /// The record is of a run on another version of the state.
    AnotherSerial {
        /// The serial that the record names.
        found: Serial,
        /// The snapshot's.
        expected: Serial,
    },
    /// Two intents have one number.
    IntentTwice {
        /// The number.
        intent: IntentId,
        /// The resource of the second one.
        address: Address,
    },
    /// The end of an intent that is not open.
    NoSuchIntent {
        /// The number.
        intent: IntentId,
        /// The resource.
        address: Address,
    },
    /// The end of an intent names another resource than its beginning.
    IntentOfAnother {
        /// The number.
        intent: IntentId,
        /// The resource that the end names.
        found: Address,
        /// The resource that the intent names.
        expected: Address,
    },
    /// A resource would move to an address that another resource, or a pending operation, has.
    Occupied {
        /// Its old address.
        from: Address,
        /// Its new one.
        to: Address,
    },
    /// The address could be written and not be read again.
    NotAnAddress {
        /// The address.
        address: Address,
    },
    /// Two resources have the same object in the cloud.
    IdTwice {
        /// The id.
        id: String,
        /// One of them.
        first: Address,
        /// The other.
        second: Address,
    },
    /// A resource depends on itself.
    DependsOnItself {
        /// The resource.
        address: Address,
    },
    /// A value is in the snapshot that may not be stored.
    NotRedacted {
        /// The resource and attribute, or the output.
        place: String,
    },
}

messages! { IntegrityError:
    IntegrityError::AnotherLineage { found, expected } =>
        en("a run of the state with lineage {found} cannot continue in the state with lineage {expected}"),
        zh("谱系 ID 为 {found} 的状态的运行无法在谱系 ID 为 {expected} 的状态中继续");
    IntegrityError::AnotherSerial { found, expected } =>
        en("a run that started with serial {found} cannot continue in serial {expected}"),
        zh("从序列号 {found} 开始的运行无法在序列号 {expected} 中继续");
    IntegrityError::IntentTwice { intent, address } =>
        en("{address}: intent {intent} is already pending"),
        zh("{address}：意图记录 {intent} 已处于未完成状态");
    IntegrityError::NoSuchIntent { intent, address } =>
        en("{address}: cannot end intent {intent}, which is not pending"),
        zh("{address}：意图记录 {intent} 并非未完成，无法结束");
    IntegrityError::IntentOfAnother { intent, found, expected } =>
        en("intent {intent} belongs to {expected}, but its outcome belongs to {found}"),
        zh("意图记录 {intent} 属于 {expected}，而其结果属于 {found}");
    IntegrityError::Occupied { from, to } =>
        en("cannot move {from} to {to}: the address is in use"),
        zh("无法将 {from} 移动到 {to}：该地址已有资源");
    IntegrityError::NotAnAddress { address } =>
        en("invalid name in resource address `{address}`"),
        zh("资源地址 `{address}` 中有无效的名称");
    IntegrityError::IdTwice { id, first, second } =>
        en("{first} and {second} have the same ID {id}"),
        zh("{first} 和 {second} 的 ID 均为 {id}");
    IntegrityError::DependsOnItself { address } =>
        en("{address} depends on itself"),
        zh("{address} 依赖自身");
    IntegrityError::NotRedacted { place } =>
        en("`{place}` has a sensitive or unknown value that was not redacted"),
        zh("`{place}` 的值为敏感值或未知值，且未经脱敏");
}
