//! Jenkins, with its multibranch pipelines (`env-vars.html` of each server).
//!
//! The code host and the path of the repository are those of the remote.

use secrecy::SecretString;

use super::Environment;
use crate::pipeline::{ChangeRequest, CiSystem, Pipeline};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    let change = environment.get("CHANGE_ID");
    let change = change.map(|number| ChangeRequest {
        number,
        target: environment.get("CHANGE_TARGET"),
        base: None,
        is_fork: Some(environment.get("CHANGE_FORK").is_some()),
    });
    let branch = environment.first(&["BRANCH_NAME", "GIT_BRANCH"]);
    let branch = branch.filter(|_| change.is_none());
    // The plugin for Git names the branch of the remote.
    let branch = branch.map(|name| name.trim_start_matches("origin/").to_owned());
    let is_primary = environment.is_set("BRANCH_IS_PRIMARY");
    let primary = branch.clone().filter(|_| is_primary);
    Pipeline {
        system: CiSystem::Jenkins,
        default_branch: primary,
        commit: environment.commit("GIT_COMMIT").unwrap_or_default(),
        branch,
        previous: environment
            .commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT")
            .or_else(|| environment.commit("GIT_PREVIOUS_COMMIT")),
        change,
        repository: None,
        token: environment
            .first(&["GITHUB_TOKEN", "GITLAB_TOKEN", "GITEE_TOKEN", "GITEA_TOKEN"])
            .map(SecretString::from),
        user: None,
        page: environment.first(&["RUN_DISPLAY_URL", "BUILD_URL"]),
    }
}
