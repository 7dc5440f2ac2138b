//! Messages and remedies of the errors of workspaces.

use eci_core::suggest::nearest;
use eci_core::truncate;
use eci_text::{In, Lang, List, Noun, Text, messages, text};

use super::{DEFAULT, WorkspaceError, WorkspaceName};

const RESOURCE: Noun = Noun {
    one: "resource",
    many: "resources",
    zh: "资源",
    measure: "个",
};

const PENDING_OPERATION: Noun = Noun {
    one: "pending operation",
    many: "pending operations",
    zh: "未完成的操作",
    measure: "个",
};

messages! { WorkspaceError:
    WorkspaceError::NoName { text } =>
        en("invalid workspace name `{}`", truncate(text)),
        zh("工作区名称 `{}` 无效", truncate(text));
    WorkspaceError::Selection { path, text } =>
        en("`{}` is damaged: expected the name of a workspace, found `{}`", path.display(), truncate(text)),
        zh("`{}` 已损坏：应为工作区名称，实际为 `{}`", path.display(), truncate(text));
    WorkspaceError::Unknown { name, .. } =>
        en("workspace `{name}` not found"),
        zh("未找到工作区 `{name}`");
    WorkspaceError::Exists { name } =>
        en("workspace `{name}` already exists"),
        zh("工作区 `{name}` 已存在");
    WorkspaceError::Default =>
        en("cannot delete the workspace `{DEFAULT}`"),
        zh("无法删除工作区 `{DEFAULT}`");
    WorkspaceError::NotEmpty { name, resources, open } =>
        en("workspace `{name}` is not empty: its state has {}", content(*resources, *open).en()),
        zh("工作区 `{name}` 不为空：其状态中有 {}", content(*resources, *open).get(Lang::Zh));
    WorkspaceError::Unsupported { location } =>
        en("`{location}` has only one state: the server has no workspaces"),
        zh("`{location}` 只有一个状态：该服务器不支持工作区");
    WorkspaceError::State(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
}

impl WorkspaceError {
    /// Returns the remedy.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            WorkspaceError::NoName { .. } => text!(
                en: "start the name with an ASCII letter or `_`, followed by ASCII letters, digits, `_`, or `-`",
                zh: "名称以 ASCII 字母或 `_` 开头，后接 ASCII 字母、数字、`_` 或 `-`",
            ),
            WorkspaceError::Selection { .. } => text!(
                en: "run `eci workspace select NAME` to select a workspace, for example `{name}`",
                zh: "执行 `eci workspace select NAME` 选择工作区，例如 `{name}`",
                name = DEFAULT,
            ),
            WorkspaceError::Unknown { name, known } => instead_of(name, known),
            WorkspaceError::Exists { name } => text!(
                en: "run `eci workspace select {name}` to use it",
                zh: "执行 `eci workspace select {name}` 使用该工作区",
                name = name.as_str(),
            ),
            WorkspaceError::Default => text!(
                en: "run `eci destroy --workspace {name}` to delete its resources; the workspace itself always exists",
                zh: "执行 `eci destroy --workspace {name}` 删除其资源；该工作区始终存在",
                name = DEFAULT,
            ),
            WorkspaceError::NotEmpty { name, .. } => text!(
                en: "run `eci destroy --workspace {name}` first to delete its resources, or add `--force` \
                     to keep them in the cloud without a state",
                zh: "先执行 `eci destroy --workspace {name}` 删除其资源；如需在云端保留资源而不再管理，添加 `--force`",
                name = name.as_str(),
            ),
            WorkspaceError::Unsupported { .. } => text!(
                en: "use `eci.workspace` in `address` and `lock_address` of `[backend.http]`",
                zh: "在 `[backend.http]` 的 `address` 和 `lock_address` 中使用 `eci.workspace`",
            ),
            WorkspaceError::State(error) => return error.help(),
        })
    }
}

fn instead_of(name: &WorkspaceName, known: &[WorkspaceName]) -> Text {
    let names = || known.iter().map(WorkspaceName::as_str);
    match nearest(name.as_str(), names()) {
        Some(near) => text!(
            en: "did you mean `{near}`? if not, run `eci workspace new {name}` to create a new workspace",
            zh: "是否应为 `{near}`？如需新建工作区，执行 `eci workspace new {name}`",
            near = near,
            name = name.as_str(),
        ),
        None => text!(
            en: "run `eci workspace new {name}` to create it, or use an existing workspace: {known}",
            zh: "执行 `eci workspace new {name}` 创建，或使用已有的工作区：{known}",
            name = name.as_str(),
            known = List::or(names().map(|name| format!("`{name}`"))),
        ),
    }
}

fn content(resources: usize, open: usize) -> Text {
    let counts = [RESOURCE.count(resources), PENDING_OPERATION.count(open)];
    let numbers = [resources, open];
    let there = counts
        .into_iter()
        .zip(numbers)
        .filter(|(_, number)| *number > 0);
    let there = List::and(there.map(|(count, _)| count));
    Text::of(&there)
}
