//! Errors of code hosts.

use eci_text::{In, Lang, Text, messages, text};

use crate::host::TransportError;
use crate::pipeline::HostKind;

/// The reason why a code host did not do what was requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// No answer came.
    Unreachable {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
        /// The reason.
        cause: TransportError,
    },
    /// The token is not valid.
    Unauthorized {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
    },
    /// The token may not do that.
    Forbidden {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
        /// The words of the code host.
        message: String,
    },
    /// The repository, or the change request, does not exist for the token.
    NotFound {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
        /// The path of the repository.
        repository: String,
    },
    /// The request is refused.
    Refused {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
        /// The HTTP status.
        status: u16,
        /// The words of the code host.
        message: String,
    },
    /// The answer has another form than documented.
    Unexpected {
        /// The code host.
        host: HostKind,
        /// The requested operation.
        operation: Text,
    },
}

messages! { HostError:
    HostError::Unreachable { host, operation, cause } =>
        en("failed to {operation} on {}: {cause}", host.name()),
        zh("在 {} 上{}失败：{}", host.name(), In(operation, Lang::Zh), In(cause, Lang::Zh));
    HostError::Unauthorized { host, operation } =>
        en("failed to {operation} on {}: the token is not valid", host.name()),
        zh("在 {} 上{}失败：令牌无效", host.name(), In(operation, Lang::Zh));
    HostError::Forbidden { host, operation, message } =>
        en("failed to {operation} on {}: the token lacks the permission: {message}", host.name()),
        zh("在 {} 上{}失败：令牌没有权限：{message}", host.name(), In(operation, Lang::Zh));
    HostError::NotFound { host, operation, repository } =>
        en("failed to {operation} on {}: not found in `{repository}`", host.name()),
        zh("在 {} 上{}失败：在 `{repository}` 中未找到", host.name(), In(operation, Lang::Zh));
    HostError::Refused { host, operation, status, message } =>
        en("failed to {operation} on {}: HTTP {status}: {message}", host.name()),
        zh("在 {} 上{}失败：HTTP {status}：{message}", host.name(), In(operation, Lang::Zh));
    HostError::Unexpected { host, operation } =>
        en("failed to {operation} on {}: unexpected response", host.name()),
        zh("在 {} 上{}失败：响应格式不符", host.name(), In(operation, Lang::Zh));
}

impl HostError {
    /// Returns whether the token is the reason.
    pub fn is_about_the_token(&self) -> bool {
        matches!(
            self,
            HostError::Unauthorized { .. }
                | HostError::Forbidden { .. }
                | HostError::NotFound { .. }
        )
    }

    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            HostError::Unreachable { .. } => text!(
                en: "check that the job can connect to the code host, and run it again; `ECI_CI_API` sets another address of the API",
                zh: "检查作业能否连接代码托管平台，然后重新执行；`ECI_CI_API` 可指定其他 API 地址",
            ),
            HostError::Unauthorized { host, .. } => token_help(*host),
            HostError::Forbidden { host, .. } | HostError::NotFound { host, .. } => {
                permission_help(*host)
            }
            HostError::Refused { host, .. } => text!(
                en: "run the job again; if the response stays the same, the {change} may be closed or locked",
                zh: "重新执行作业；如果响应不变，{change}可能已关闭或锁定",
                change = host.change_request(),
            ),
            HostError::Unexpected { .. } => text!(
                en: "set `ECI_CI_API` to the address of the API if the current one is that of a web page",
                zh: "如果当前地址是网页地址，将 `ECI_CI_API` 设为 API 地址",
            ),
        }
    }
}

fn token_help(host: HostKind) -> Text {
    match host {
        HostKind::GitHub => text!(
            en: "set `GITHUB_TOKEN` to the token of the job: `${{ github.token }}`",
            zh: "将 `GITHUB_TOKEN` 设为作业的令牌：`${{ github.token }}`",
        ),
        HostKind::GitLab => text!(
            en: "set `GITLAB_TOKEN` to a project access token with the scope `api` that has not expired",
            zh: "将 `GITLAB_TOKEN` 设为未过期且范围包含 `api` 的项目访问令牌",
        ),
        HostKind::Gitee => text!(
            en: "set `ECI_CI_TOKEN` to a personal access token with `pull_requests`, `issues` and `projects`",
            zh: "将 `ECI_CI_TOKEN` 设为具有 `pull_requests`、`issues` 和 `projects` 权限的私人令牌",
        ),
        HostKind::Gitea => text!(
            en: "set `GITEA_TOKEN` to the token of the job or to an access token",
            zh: "将 `GITEA_TOKEN` 设为作业的令牌或访问令牌",
        ),
    }
}

fn permission_help(host: HostKind) -> Text {
    match host {
        HostKind::GitHub => text!(
            en: "add `permissions: { contents: read, pull-requests: write, issues: write, statuses: write }` to the job",
            zh: "在作业中添加 `permissions: { contents: read, pull-requests: write, issues: write, statuses: write }`",
        ),
        HostKind::GitLab => text!(
            en: "use a project access token of this repository with the scope `api` and the role Developer; `ECI_CI_REPOSITORY` sets another repository",
            zh: "使用此仓库的项目访问令牌，范围包含 `api` 且角色为 Developer；`ECI_CI_REPOSITORY` 可指定其他仓库",
        ),
        HostKind::Gitee => text!(
            en: "use the token of an administrator of this repository with `pull_requests`, `issues` and `projects`; `ECI_CI_REPOSITORY` sets another repository",
            zh: "使用此仓库管理员的令牌，权限包含 `pull_requests`、`issues` 和 `projects`；`ECI_CI_REPOSITORY` 可指定其他仓库",
        ),
        HostKind::Gitea => text!(
            en: "use a token of this repository with `write:issue` and `write:repository`; `ECI_CI_REPOSITORY` sets another repository",
            zh: "使用此仓库的令牌，权限包含 `write:issue` 和 `write:repository`；`ECI_CI_REPOSITORY` 可指定其他仓库",
        ),
    }
}
