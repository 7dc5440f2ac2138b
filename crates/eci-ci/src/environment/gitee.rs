//! Gitee Go (Gitee help, "参数设置").
//!
//! The path of the repository is that of the remote: `GITEE_REPO` has only its last part. No variable
//! says whether a pull request comes from a fork: the code host does.

use secrecy::SecretString;

use super::Environment;
use crate::pipeline::{ChangeRequest, CiSystem, HostKind, Pipeline, Repository};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    let branch = environment.get("GITEE_BRANCH");
    let commit = environment.commit("GITEE_COMMIT");
    let change = environment.get("GITEE_PULL_ID");
    // For a pull request, branch and commit are those of its target.
    let change = change.map(|number| ChangeRequest {
        number,
        target: branch.clone(),
        base: commit.clone(),
        is_fork: None,
    });
    let source = environment.commit("GITEE_SOURCE_COMMIT");
    let source = source.filter(|_| change.is_some());
    Pipeline {
        system: CiSystem::GiteeGo,
        commit: source.or(commit).unwrap_or_default(),
        branch: branch.filter(|_| change.is_none()),
        default_branch: None,
        previous: None,
        change,
        repository: environment.remote().map(|remote| Repository {
            host: HostKind::Gitee,
            api: remote.api(HostKind::Gitee),
            path: remote.path,
        }),
        token: environment
            .first(&["ECI_GITEE_TOKEN", "GITEE_TOKEN"])
            .map(SecretString::from),
        user: None,
        page: None,
    }
}
