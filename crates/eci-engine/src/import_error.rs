//! Errors of an import.

use eci_config::WrongId;
use eci_core::Address;
use eci_core::suggest::did_you_mean;
use eci_text::{In, Lang, Text, Verbatim, messages, text};

/// An error for which nothing is imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The state already has a resource at the address.
    AlreadyInState {
        /// The address.
        address: Address,
        /// The ID of the resource that the state has.
        id: String,
    },
    /// The configuration does not declare the resource.
    Undeclared {
        /// The address.
        address: Address,
        /// The declared address that was probably meant.
        nearest: Option<String>,
    },
    /// The ID cannot be one of the resource type.
    InvalidId {
        /// The error about the ID.
        error: WrongId,
    },
    /// An earlier create of unknown outcome may have created the object.
    PendingCreate {
        /// The address that was being created.
        pending: Address,
        /// The address of the import.
        address: Address,
        /// The ID of the object.
        id: String,
    },
    /// An adoption is given twice.
    Duplicate {
        /// The address.
        address: Address,
        /// The ID.
        id: String,
    },
    /// Two objects are adopted under one address.
    SeveralIds {
        /// The address.
        address: Address,
        /// The ID that was given first.
        first: String,
        /// The other ID.
        second: String,
    },
    /// One object is adopted under two addresses.
    SeveralAddresses {
        /// The ID.
        id: String,
        /// The address that was given first.
        first: Address,
        /// The other address.
        second: Address,
    },
    /// The object is not an orphaned resource of the state.
    NotOrphaned {
        /// The address.
        address: Address,
        /// The ID.
        id: String,
    },
}

messages! { ImportError:
    ImportError::AlreadyInState { address, id } =>
        en("{address} is already in the state ({id})"),
        zh("{address} 已在状态中（{id}）");
    ImportError::Undeclared { address, .. } =>
        en("undeclared resource {address}"),
        zh("资源 {address} 未声明");
    ImportError::InvalidId { error } =>
        en("{error}"),
        zh("{}", In(error, Lang::Zh));
    ImportError::PendingCreate { pending, id, .. } =>
        en("an earlier run was interrupted while creating {pending}, and may have created {id}"),
        zh("先前的运行在创建 {pending} 时中断，{id} 可能由其创建");
    ImportError::Duplicate { address, id } =>
        en("duplicate `--adopt {address}={id}`"),
        zh("`--adopt {address}={id}` 重复");
    ImportError::SeveralIds { address, first, second } =>
        en("{address} cannot be both {first} and {second}"),
        zh("{address} 不能同时为 {first} 和 {second}");
    ImportError::SeveralAddresses { id, first, second } =>
        en("{id} cannot be both {first} and {second}"),
        zh("{id} 不能同时为 {first} 和 {second}");
    ImportError::NotOrphaned { id, .. } =>
        en("{id} is not an orphaned resource of this state"),
        zh("{id} 不是此状态的孤立资源");
}

impl ImportError {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            ImportError::AlreadyInState { address, .. } => text!(
                en: "remove it from the state first with `eci state rm {address}`, or import to another address",
                zh: "先使用 `eci state rm {address}` 从状态中移除，或导入到其他地址",
                address = Verbatim(address.in_shell()),
            ),
            ImportError::Undeclared {
                nearest: Some(nearest),
                ..
            } => did_you_mean(nearest),
            ImportError::Undeclared { nearest: None, .. } => text!(
                en: "declare it first; `eci import --help` shows how to generate manifests",
                zh: "先声明该资源，`eci import --help` 说明如何生成清单",
            ),
            ImportError::InvalidId { error } => error.help(),
            ImportError::PendingCreate {
                pending, address, ..
            } => text!(
                en: "run `eci refresh` first to recover it, then `eci state mv {from} {to}`",
                zh: "先执行 `eci refresh` 进行恢复，再执行 `eci state mv {from} {to}`",
                from = Verbatim(pending.in_shell()),
                to = Verbatim(address.in_shell()),
            ),
            ImportError::Duplicate { .. } | ImportError::SeveralIds { .. } => {
                text!(en: "specify one ID for it", zh: "为其指定一个 ID")
            }
            ImportError::SeveralAddresses { .. } => {
                text!(en: "specify one address for it", zh: "为其指定一个地址")
            }
            ImportError::NotOrphaned { address, id } => text!(
                en: "run `eci orphans` to list them, or `eci import {address} {id}` to import \
                     another existing resource",
                zh: "执行 `eci orphans` 列出孤立资源；如需导入其他已有资源，执行 `eci import {address} {id}`",
                address = Verbatim(address.in_shell()),
                id = id,
            ),
        }
    }
}
