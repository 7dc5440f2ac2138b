//! GitHub Actions.

use secrecy::SecretString;

use super::{Environment, is_none};
use crate::pipeline::{ChangeRequest, CiSystem, HostKind, Pipeline, Repository};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    from_actions(environment, CiSystem::GitHubActions)
}

/// Reads the variables and the event of Actions, which Gitea and Forgejo have as well.
pub(super) fn from_actions(environment: &Environment<'_>, system: CiSystem) -> Pipeline {
    let host = match system {
        CiSystem::GiteaActions => HostKind::Gitea,
        _ => HostKind::GitHub,
    };
    let reference = environment.get("GITHUB_REF").unwrap_or_default();
    let number = environment.event("/pull_request/number").or_else(|| {
        let rest = reference.strip_prefix("refs/pull/")?;
        Some(rest.split('/').next()?.to_owned())
    });
    let change = number.map(|number| ChangeRequest {
        number,
        target: environment.get("GITHUB_BASE_REF"),
        base: environment.event("/pull_request/base/sha"),
        is_fork: is_fork(environment),
    });
    // For a pull request, the variable names the commit of a trial merge.
    let head = environment.event("/pull_request/head/sha");
    let head = head.filter(|_| change.is_some());
    let server = environment.get("GITHUB_SERVER_URL");
    let path = environment.get("GITHUB_REPOSITORY");
    let run = environment.get("GITHUB_RUN_ID");
    let page = match (&server, &path, run) {
        (Some(server), Some(path), Some(run)) => {
            Some(format!("{server}/{path}/actions/runs/{run}"))
        }
        _ => None,
    };
    let api = environment
        .get("GITHUB_API_URL")
        .or_else(|| match (host, &server) {
            (HostKind::Gitea, Some(server)) => Some(format!("{server}/api/v1")),
            (HostKind::Gitea, None) => None,
            _ => Some("https://api.github.com".to_owned()),
        });
    let repository = path.zip(api).map(|(path, api)| Repository {
        host,
        api: api.trim_end_matches('/').to_owned(),
        path,
    });
    let before = environment.event("/before");
    Pipeline {
        system,
        commit: head
            .or_else(|| environment.get("GITHUB_SHA"))
            .unwrap_or_default(),
        branch: reference.strip_prefix("refs/heads/").map(str::to_owned),
        default_branch: environment.event("/repository/default_branch"),
        previous: before.filter(|commit| !is_none(commit)),
        change,
        repository,
        token: environment
            .first(&["GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"])
            .map(SecretString::from),
        user: None,
        page,
    }
}

/// Returns whether the pull request comes from another repository.
///
/// That of a deleted fork is null.
fn is_fork(environment: &Environment<'_>) -> Option<bool> {
    let base = environment.event("/pull_request/base/repo/full_name")?;
    Some(environment.event("/pull_request/head/repo/full_name") != Some(base))
}
