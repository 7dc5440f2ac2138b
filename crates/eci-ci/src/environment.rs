//! The environment of a pipeline.
//!
//! Each CI system has a file with a function that reads its variables. Variables named `ECI_CI_…`
//! replace what a system says, and describe one that is not listed here:
//!
//! | variable | content |
//! |---|---|
//! | `ECI_CI_HOST` | the code host: `github`, `gitlab`, `gitee`, `gitea` or `forgejo` |
//! | `ECI_CI_API` | the base URL of its API |
//! | `ECI_CI_REPOSITORY` | the path of the repository |
//! | `ECI_CI_TOKEN` | the token for its API |
//! | `ECI_CI_USER` | the name under which that token writes |
//! | `ECI_CI_CHANGE` | the number of the pull request |
//! | `ECI_CI_BRANCH` | the branch |
//! | `ECI_CI_COMMIT` | the commit |

mod gitea;
mod gitee;
mod github;
mod gitlab;
mod jenkins;
mod other;
mod variables;

use eci_text::{Text, messages, text};
use secrecy::SecretString;

pub use variables::Environment;
pub(crate) use variables::is_none;

use crate::pipeline::{CiSystem, HostKind, Pipeline, Repository};

/// The reason why no pipeline is recognized.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// No CI system is recognized.
    NoPipeline,
    /// The CI system does not name the commit.
    NoCommit(CiSystem),
    /// `ECI_CI_HOST` names no code host.
    UnknownHost(String),
}

messages! { EnvironmentError:
    EnvironmentError::NoPipeline =>
        en("no CI system found in the environment"),
        zh("环境中未找到 CI 系统");
    EnvironmentError::NoCommit(CiSystem::Other) =>
        en("the commit of this pipeline is unknown"),
        zh("此流水线的提交未知");
    EnvironmentError::NoCommit(system) =>
        en("{} does not name the commit of this pipeline", system.name()),
        zh("{} 未提供此流水线的提交", system.name());
    EnvironmentError::UnknownHost(name) =>
        en("unknown code host `{name}` in `ECI_CI_HOST`"),
        zh("`ECI_CI_HOST` 中的代码托管平台 `{name}` 未知");
}

impl EnvironmentError {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            EnvironmentError::NoPipeline => text!(
                en: "outside of a pipeline, use `eci plan` and `eci apply`; in another CI system, set `ECI_CI_HOST`, `ECI_CI_COMMIT` and `ECI_CI_CHANGE` or `ECI_CI_BRANCH`",
                zh: "在流水线之外使用 `eci plan` 和 `eci apply`；在其他 CI 系统中，设置 `ECI_CI_HOST`、`ECI_CI_COMMIT` 以及 `ECI_CI_CHANGE` 或 `ECI_CI_BRANCH`",
            ),
            EnvironmentError::NoCommit(_) => text!(
                en: "first check out the repository with git, and run eci in its working copy; or set `ECI_CI_COMMIT`",
                zh: "先使用 git 检出仓库，并在其工作副本中执行 eci；或设置 `ECI_CI_COMMIT`",
            ),
            EnvironmentError::UnknownHost(_) => text!(
                en: "supported values: `github`, `gitlab`, `gitee`, `gitea`, and `forgejo`",
                zh: "支持的值：`github`、`gitlab`、`gitee`、`gitea` 和 `forgejo`",
            ),
        }
    }
}

impl Pipeline {
    /// Reads the environment of a pipeline.
    ///
    /// # Errors
    /// If no CI system is recognized, or the commit is unknown.
    pub fn read(environment: &Environment<'_>) -> Result<Pipeline, EnvironmentError> {
        let system = environment.system().ok_or(EnvironmentError::NoPipeline)?;
        let pipeline = match system {
            CiSystem::GitHubActions => github::read(environment),
            CiSystem::GitLabCi => gitlab::read(environment),
            CiSystem::GiteeGo => gitee::read(environment),
            CiSystem::GiteaActions => gitea::read(environment),
            CiSystem::Jenkins => jenkins::read(environment),
            CiSystem::Other => other::read(environment),
        };
        let mut pipeline = overridden(pipeline, environment)?;
        if pipeline.commit.is_empty() {
            let head = environment.head.ok_or(EnvironmentError::NoCommit(system))?;
            head.clone_into(&mut pipeline.commit);
        }
        Ok(pipeline)
    }
}

/// Replaces what a system says by the variables of eci.
fn overridden(
    mut pipeline: Pipeline,
    environment: &Environment<'_>,
) -> Result<Pipeline, EnvironmentError> {
    if let Some(commit) = environment.get("ECI_CI_COMMIT") {
        pipeline.commit = commit;
    }
    if let Some(token) = environment.get("ECI_CI_TOKEN") {
        pipeline.token = Some(SecretString::from(token));
    }
    pipeline.user = environment.get("ECI_CI_USER");
    let named = environment.get("ECI_CI_HOST");
    let named = named.map(|name| HostKind::named(&name).ok_or(EnvironmentError::UnknownHost(name)));
    let named = named.transpose()?;
    let remote = environment.remote();
    let known = pipeline.repository.take();
    let host = named
        .or(known.as_ref().map(|it| it.host))
        .or_else(|| remote.as_ref()?.kind());
    let Some(host) = host else {
        return Ok(pipeline);
    };
    let same = known.filter(|it| it.host == host);
    let api = environment
        .get("ECI_CI_API")
        .or_else(|| same.as_ref().map(|it| it.api.clone()))
        .or_else(|| remote.as_ref().map(|it| it.api(host)));
    let path = environment
        .get("ECI_CI_REPOSITORY")
        .or_else(|| same.map(|it| it.path))
        .or_else(|| remote.map(|it| it.path));
    if let (Some(api), Some(path)) = (api, path) {
        pipeline.repository = Some(Repository {
            host,
            api: api.trim_end_matches('/').to_owned(),
            path,
        });
    }
    Ok(pipeline)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
