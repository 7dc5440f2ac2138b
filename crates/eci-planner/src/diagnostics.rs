//! Errors and warnings about a configuration in the light of the state and of the options.

use std::sync::Arc;

use eci_config::{Import, Resource};
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Path, Subject, codes};
use eci_text::{Text, text};

use crate::action::Reason;
use crate::observed::OwnerMark;
use crate::selection::{DependencyMap, nothing_matches};
use crate::step::Step;

/// Returns the error for a resource that `--replace` names and that does not exist.
pub(crate) fn irreplaceable(replaced: &Address, desired: &DependencyMap<'_>) -> Option<Diagnostic> {
    if !desired.contains_key(replaced) {
        let known = desired.keys().copied().collect();
        let replaced = Subject::Resource(replaced.clone());
        return Some(nothing_matches("--replace", &replaced, &known));
    }
    None
}

/// Returns the error for a resource that `--replace` names and that `--target` or `--exclude` leaves out.
pub(crate) fn replacement_omitted(replaced: &Address) -> Diagnostic {
    let message = text!(
        en: "cannot replace {replaced}: `--target` or `--exclude` leaves it out of the plan",
        zh: "无法替换 {replaced}：`--target` 或 `--exclude` 已将其排除",
        replaced = replaced
    );
    Diagnostic::new(codes::NO_REPLACEMENT, message).help(text!(
        en: "add `--target {replaced}`, or remove one of the options",
        zh: "添加 `--target {replaced}`，或去掉其中一个选项",
        replaced = replaced.in_shell()
    ))
}

/// Returns the error for a resource that `--replace` names and that exists only inside container groups.
pub(crate) fn embedded_not_replaceable(replaced: &Address) -> Diagnostic {
    let message = text!(
        en: "cannot replace {replaced}: it exists only inside the container groups that use it",
        zh: "无法替换 {replaced}：该资源仅存在于使用该资源的容器组中",
        replaced = replaced
    );
    Diagnostic::new(codes::NO_REPLACEMENT, message).help(text!(
        en: "replace the container group that uses it",
        zh: "改为替换使用该资源的容器组"
    ))
}

/// Returns the error for resources that depend on each other.
pub(crate) fn cycle_error(resources: &[Arc<Resource>], cycle: &[usize]) -> Diagnostics {
    let names: Vec<String> = cycle
        .iter()
        .chain(cycle.first())
        .map(|at| resources[*at].address.to_string())
        .collect();
    let message = text!(
        en: "dependency cycle: {cycle}",
        zh: "循环依赖：{cycle}",
        cycle = names.join(" → ")
    );
    let mut diagnostic = Diagnostic::new(codes::CYCLE, message).help(text!(
        en: "remove one of these references or the `depends_on` entry",
        zh: "删除其中一处引用或 `depends_on` 条目"
    ));
    for (number, at) in cycle.iter().enumerate() {
        let next = cycle[(number + 1) % cycle.len()];
        let place = resources[*at].place.clone();
        let label = text!(
            en: "depends on {next}",
            zh: "依赖 {next}",
            next = resources[next].address
        );
        diagnostic = match number {
            0 => diagnostic.primary(place, label),
            _ => diagnostic.secondary(place, label),
        };
    }
    diagnostic.into()
}

/// The sizes of a disk that would be shrunk, in GB.
#[derive(Clone, Copy)]
pub(crate) struct Shrinkage {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// Returns the error for a disk that would be shrunk and may be replaced.
pub(crate) fn disk_shrinkage(resource: &Resource, sizes: Shrinkage) -> Diagnostic {
    shrinkage_error(resource, sizes).help(text!(
        en: "set the size to {from} or more, or use `--replace {address}` to create a new, empty disk",
        zh: "将容量设为 {from} 或更大；如需新的空云硬盘，使用 `--replace {address}`",
        from = sizes.from,
        address = resource.address.in_shell()
    ))
}

/// Returns the error for a disk that would be shrunk and is protected.
///
/// Its protection is lifted by a separate apply, which must not shrink it.
pub(crate) fn protected_disk_shrinkage(resource: &Resource, sizes: Shrinkage) -> Diagnostic {
    shrinkage_error(resource, sizes).help(text!(
        en: "set the size to {from} or more; for a new, empty disk of {to} GB, set it to {from} with `lifecycle = {{ prevent_destroy = false }}` and apply that first, then set it to {to} and use `--replace {address}`",
        zh: "将容量设为 {from} 或更大；如需 {to} GB 的新的空云硬盘，先将容量设为 {from}，设置 `lifecycle = {{ prevent_destroy = false }}` 并应用，再将容量设为 {to} 并使用 `--replace {address}`",
        from = sizes.from,
        to = sizes.to,
        address = resource.address.in_shell()
    ))
}

fn shrinkage_error(resource: &Resource, sizes: Shrinkage) -> Diagnostic {
    let Shrinkage { from, to } = sizes;
    let message = text!(
        en: "cannot shrink the disk of {address} from {from} GB to {to} GB",
        zh: "无法将 {address} 的云硬盘从 {from} GB 缩容到 {to} GB",
        address = resource.address,
        from = from,
        to = to
    );
    let size = Path::root().name("disk").name("size");
    Diagnostic::new(codes::SHRINK, message).primary(resource.span_of(&size), Text::default())
}

/// Sets the place of a diagnostic to the table of a step, if the configuration has one.
pub(crate) fn at_its_table(diagnostic: Diagnostic, step: &Step) -> Diagnostic {
    match &step.place {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

/// The loss of a resource that is protected from it.
#[derive(Clone, Copy)]
pub(crate) enum Loss<'a> {
    /// Its deletion.
    Delete,
    /// Its replacement, with the reason for it where that says more than the action.
    Replace(Option<&'a Reason>),
}

/// Returns the error for a disk with data on it that would be deleted, although no manifest allows that.
pub(crate) fn disk_is_protected(
    address: &Address,
    resource: Option<&Resource>,
    loss: Loss<'_>,
) -> Diagnostic {
    let message = match loss {
        Loss::Delete => text!(
            en: "cannot delete the disk of {address}: it holds data and is protected by default",
            zh: "无法删除 {address} 的云硬盘：云硬盘存有数据，默认受保护",
            address = address
        ),
        Loss::Replace(None) => text!(
            en: "cannot replace the disk of {address}: it holds data and is protected by default",
            zh: "无法替换 {address} 的云硬盘：云硬盘存有数据，默认受保护",
            address = address
        ),
        Loss::Replace(Some(reason)) => text!(
            en: "cannot replace the disk of {address} ({reason}): it holds data and is protected by default",
            zh: "无法替换 {address} 的云硬盘（{reason}）：云硬盘存有数据，默认受保护",
            address = address,
            reason = reason
        ),
    };
    let diagnostic = Diagnostic::new(codes::PREVENT_DESTROY, message);
    match resource {
        Some(resource) => diagnostic
            .primary(resource.place.clone(), until_lifted())
            .help(text!(
                en: "to delete it, set `lifecycle = {{ prevent_destroy = false }}` and apply that first; to keep it, {keep}",
                zh: "如需删除，先设置 `lifecycle = {{ prevent_destroy = false }}` 并应用；如需保留，{keep}",
                keep = to_keep(address, loss)
            )),
        None => diagnostic.help(text!(
            en: "to keep it, declare it again, or add a `[[removed]]` table with `from = {address}` and `destroy = false`; to delete it, set `destroy = true` in that table, or declare it again with `prevent_destroy = false` and apply that first",
            zh: "如需保留，重新声明该资源，或添加 `[[removed]]` 并设置 `from = {address}` 和 `destroy = false`；如需删除，在其中设置 `destroy = true`，或重新声明并设置 `prevent_destroy = false`，先应用一次",
            address = address.in_toml()
        )),
    }
}

/// Returns the remedy that keeps a declared resource.
///
/// A delete of one has no change that could be undone: the run destroys everything.
fn to_keep(address: &Address, loss: Loss<'_>) -> Text {
    match loss {
        Loss::Delete => text!(
            en: "add `--exclude {address}`",
            zh: "添加 `--exclude {address}`",
            address = address.in_shell()
        ),
        Loss::Replace(_) => text!(
            en: "undo the change or add `--exclude {address}`",
            zh: "撤销变更或添加 `--exclude {address}`",
            address = address.in_shell()
        ),
    }
}

/// Returns the label of a resource that is protected until another `prevent_destroy` is applied.
fn until_lifted() -> Text {
    text!(
        en: "protected until `prevent_destroy = false` is applied",
        zh: "应用 `prevent_destroy = false` 之前受保护"
    )
}

/// Returns the error for an import of an EIP or volume that only exists inside of groups.
pub fn not_importable(resource: &Resource, desired: &Map, import: &Import) -> Diagnostic {
    let address = &resource.address;
    let (label, given) = (address.label(), |key: &str| desired.contains_key(key));
    let (message, help) = match address.kind() {
        Kind::Eip if given("id") => (
            text!(
                en: "cannot import {address}: it refers to an existing EIP, which eci does not manage",
                zh: "无法导入 {address}：该资源引用已有的弹性 IP，不由 eci 管理",
                address = address
            ),
            text!(
                en: "remove the `[[import]]` table to keep using the existing EIP, or remove `id` and set `bandwidth` and `name` to have eci manage it",
                zh: "如需继续使用已有的弹性 IP，删除 `[[import]]`；如需由 eci 管理，删除 `id` 并设置 `bandwidth` 和 `name`"
            ),
        ),
        Kind::Eip => (
            text!(
                en: "cannot import {address}: an automatic EIP is created and released with its container group",
                zh: "无法导入 {address}：自动创建的弹性 IP 随容器组创建和释放",
                address = address
            ),
            text!(
                en: "import the container group that has it, or remove `auto` from `[eip.{label}]` to get a managed EIP",
                zh: "导入拥有该弹性 IP 的容器组；如需托管的弹性 IP，从 `[eip.{label}]` 中删除 `auto`",
                label = label
            ),
        ),
        _ if given("volume_handle") => (
            text!(
                en: "cannot import {address}: it refers to an existing disk, which eci does not manage",
                zh: "无法导入 {address}：该资源引用已有的云硬盘，不由 eci 管理",
                address = address
            ),
            text!(
                en: "remove the `[[import]]` table to keep using the existing disk, or replace `volume_handle` with `disk = {{ size = …, kind = … }}` in `[volume.{label}]` to have eci manage it",
                zh: "如需继续使用已有的云硬盘，删除 `[[import]]`；如需由 eci 管理，在 `[volume.{label}]` 中用 `disk = {{ size = …, kind = … }}` 代替 `volume_handle`",
                label = label
            ),
        ),
        _ => (
            text!(
                en: "cannot import {address}: it exists only inside the container groups that mount it",
                zh: "无法导入 {address}：该存储卷仅存在于挂载该卷的容器组中",
                address = address
            ),
            text!(
                en: "import the container groups that mount it",
                zh: "导入挂载该存储卷的容器组"
            ),
        ),
    };
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), Text::default())
        .secondary(resource.place.clone(), declared_here())
        .help(help)
}

/// Returns the label of a declaration.
pub(crate) fn declared_here() -> Text {
    text!(en: "declared here", zh: "在此处声明")
}

/// Returns the error for an import of an object that the state has under another address.
pub(crate) fn already_in_state(import: &Import, owner: &Address) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = text!(
        en: "cannot import {id} as {to}: the state already has it as {owner}",
        zh: "无法将 {id} 导入为 {to}：状态中已将其记录为 {owner}",
        id = id,
        to = to,
        owner = owner
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), Text::default())
        .help(text!(
            en: "use a `[[moved]]` table with `from = {from}` and `to = {to}` instead, or run `eci state rm {owner}` first",
            zh: "改用 `[[moved]]` 并设置 `from = {from}` 和 `to = {to}`，或先执行 `eci state rm {owner}`",
            from = owner.in_toml(),
            to = to.in_toml(),
            owner = owner.in_shell()
        ))
}

/// Returns the error for an import to an address that a resource with another ID moves to.
pub(crate) fn import_of_another(import: &Import, from: &Address, held: &str) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = text!(
        en: "cannot import {id} as {to}: {from} with ID {held} moves to that address",
        zh: "无法将 {id} 导入为 {to}：ID 为 {held} 的 {from} 将移动到该地址",
        id = id,
        to = to,
        from = from,
        held = held
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), Text::default())
        .help(text!(
            en: "remove the `[[import]]` table to have {held} at {to}, or the `[[moved]]` table from {from} to have {id} there",
            zh: "如需 {to} 对应 {held}，删除 `[[import]]`；如需对应 {id}，删除从 {from} 移动的 `[[moved]]`",
            held = held,
            to = to,
            from = from,
            id = id
        ))
}

/// Returns the error for an import of an object that another state owns, by its tag or label.
pub(crate) fn of_another_state(import: &Import, mark: &OwnerMark) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = text!(
        en: "cannot import {id} as {to}: its operation tag belongs to {owner}",
        zh: "无法将 {id} 导入为 {to}：其操作标签属于{owner}",
        id = id,
        to = to,
        owner = mark.owner()
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), Text::default())
        .help(text!(
            en: "remove it from that state first, with a `[[removed]]` table there or with `eci state rm -C DIR ADDRESS` and the directory of that state, or its next destroy deletes it; then set `take_over = true` in the `[[import]]` table, or run `eci import --take-over {to} {id}`",
            zh: "先通过该状态所属配置中的 `[[removed]]`，或以该状态的目录执行 `eci state rm -C DIR ADDRESS` 将其移除，否则该状态下次销毁时会将其删除；然后在 `[[import]]` 中设置 `take_over = true`，或执行 `eci import --take-over {to} {id}`",
            to = to.in_shell(),
            id = id
        ))
}

/// Returns the warning for an import that takes an object over from another state.
pub(crate) fn taken_over(import: &Import, mark: &OwnerMark) -> Diagnostic {
    let Import { to, id, .. } = import;
    let message = text!(
        en: "{to} imports {id}, which has the operation tag of {owner}",
        zh: "{to} 将导入 {id}，其操作标签属于{owner}",
        to = to,
        id = id,
        owner = mark.owner()
    );
    Diagnostic::new(codes::TAKEN_OVER, message)
        .primary(import.place.clone(), Text::default())
        .help(text!(
            en: "make sure that it was removed from that state, with a `[[removed]]` table there or with `eci state rm -C DIR ADDRESS` and the directory of that state; otherwise the next destroy of that state deletes it",
            zh: "确认已通过该状态所属配置中的 `[[removed]]`，或以该状态的目录执行 `eci state rm -C DIR ADDRESS` 将其移除，否则该状态下次销毁时会将其删除"
        ))
}

/// Returns the error for an import of an object that does not exist or was not read.
pub(crate) fn import_target_missing(import: &Import, requested: bool) -> Diagnostic {
    let Import { to, id, .. } = import;
    let (message, help) = if requested {
        (
            text!(
                en: "cannot import {id} as {to}: not found in the cloud",
                zh: "无法将 {id} 导入为 {to}：云端不存在",
                id = id,
                to = to
            ),
            text!(
                en: "check the ID and the region: the cloud finds only objects in the region of the configuration (`region_id` in `[provider]`, or `CTYUN_REGION_ID`); with `--sandbox`, each state has a separate simulated cloud",
                zh: "检查 ID 和区域：云端只能找到配置所在区域（`[provider]` 中的 `region_id` 或 `CTYUN_REGION_ID`）的对象；使用 `--sandbox` 时，每个状态各有一个模拟云"
            ),
        )
    } else {
        (
            text!(
                en: "cannot import {id} as {to}: the actual state was not read from the cloud",
                zh: "无法将 {id} 导入为 {to}：未从云端读取实际状态",
                id = id,
                to = to
            ),
            text!(en: "remove `--refresh=false`", zh: "去掉 `--refresh=false`"),
        )
    };
    Diagnostic::new(codes::IMPORT, message)
        .primary(import.place.clone(), Text::default())
        .help(help)
}

/// Returns the error for an import of a container group of which it is unknown whether it has an
/// automatic EIP.
pub(crate) fn eip_shows_later(resource: &Resource, id: &str) -> Diagnostic {
    let message = text!(
        en: "cannot import {id} as {address} yet: the container group is starting, and whether it has an automatic EIP is known once it runs",
        zh: "暂时无法将 {id} 导入为 {address}：容器组正在启动，运行后才可知是否有自动创建的弹性 IP",
        id = id,
        address = resource.address
    );
    Diagnostic::new(codes::IMPORT, message)
        .primary(resource.place.clone(), Text::default())
        .help(text!(
            en: "create a new plan once its status is `Running`",
            zh: "待其运行状态变为 `Running` 后重新生成计划"
        ))
}

/// Returns the error for a resource that its `prevent_destroy` protects.
pub(crate) fn protected(resource: &Resource, loss: Loss<'_>) -> Diagnostic {
    let address = &resource.address;
    let message = match loss {
        Loss::Delete => text!(
            en: "cannot delete {address}: `prevent_destroy` is set",
            zh: "无法删除 {address}：已设置 `prevent_destroy`",
            address = address
        ),
        Loss::Replace(None) => text!(
            en: "cannot replace {address}: `prevent_destroy` is set",
            zh: "无法替换 {address}：已设置 `prevent_destroy`",
            address = address
        ),
        Loss::Replace(Some(reason)) => text!(
            en: "cannot replace {address} ({reason}): `prevent_destroy` is set",
            zh: "无法替换 {address}（{reason}）：已设置 `prevent_destroy`",
            address = address,
            reason = reason
        ),
    };
    Diagnostic::new(codes::PREVENT_DESTROY, message)
        .primary(
            resource.place.clone(),
            text!(en: "protected here", zh: "在此设置了保护"),
        )
        .help(text!(
            en: "to delete it, set `prevent_destroy = false` and apply that first, or replace its table with a `[[removed]]` table with `destroy = true`; to keep it, {keep}",
            zh: "如需删除，先设置 `prevent_destroy = false` 并应用，或将其表替换为设置了 `destroy = true` 的 `[[removed]]`；如需保留，{keep}",
            keep = to_keep(address, loss)
        ))
}

/// Returns the error for a resource that the last-applied `prevent_destroy` protects, whatever its
/// manifest says by now.
pub(crate) fn protected_before(
    address: &Address,
    resource: Option<&Resource>,
    loss: Loss<'_>,
) -> Diagnostic {
    let message = match loss {
        Loss::Delete => text!(
            en: "cannot delete {address}: `prevent_destroy` was set when it was last applied",
            zh: "无法删除 {address}：上次应用时已设置 `prevent_destroy`",
            address = address
        ),
        Loss::Replace(None) => text!(
            en: "cannot replace {address}: `prevent_destroy` was set when it was last applied",
            zh: "无法替换 {address}：上次应用时已设置 `prevent_destroy`",
            address = address
        ),
        Loss::Replace(Some(reason)) => text!(
            en: "cannot replace {address} ({reason}): `prevent_destroy` was set when it was last applied",
            zh: "无法替换 {address}（{reason}）：上次应用时已设置 `prevent_destroy`",
            address = address,
            reason = reason
        ),
    };
    let diagnostic = Diagnostic::new(codes::PREVENT_DESTROY, message);
    match resource {
        Some(resource) => diagnostic
            .primary(resource.place.clone(), until_lifted())
            .help(text!(
                en: "to delete it, apply `prevent_destroy = false` alone first, or replace its table with a `[[removed]]` table with `destroy = true`; to keep it, {keep}",
                zh: "如需删除，先单独应用 `prevent_destroy = false`，或将其表替换为设置了 `destroy = true` 的 `[[removed]]`；如需保留，{keep}",
                keep = to_keep(address, loss)
            )),
        None => diagnostic.help(text!(
            en: "to delete it, add a `[[removed]]` table with `from = {address}` and `destroy = true`, or declare it again with `prevent_destroy = false` and apply that first; to keep it, declare it again, or set `destroy = false` in that table",
            zh: "如需删除，添加 `[[removed]]` 并设置 `from = {address}` 和 `destroy = true`，或重新声明并设置 `prevent_destroy = false`，先应用一次；如需保留，重新声明该资源，或在其中设置 `destroy = false`",
            address = address.in_toml()
        )),
    }
}
