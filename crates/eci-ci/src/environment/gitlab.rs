//! GitLab CI (GitLab documentation, "Predefined CI/CD variables").

use secrecy::SecretString;

use super::Environment;
use crate::pipeline::{ChangeRequest, CiSystem, HostKind, Pipeline, Repository};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    let target_project = environment.get("CI_MERGE_REQUEST_PROJECT_ID");
    let source_project = environment.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
    let change = environment.get("CI_MERGE_REQUEST_IID");
    let change = change.map(|number| ChangeRequest {
        number,
        target: environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
        base: environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        is_fork: source_project
            .zip(target_project.clone())
            .map(|(source, target)| source != target),
    });
    // A pipeline for a merge request of a fork runs in the project of the fork.
    let project = target_project
        .filter(|_| change.is_some())
        .or_else(|| environment.first(&["CI_PROJECT_ID", "CI_PROJECT_PATH"]));
    let api = environment.get("CI_API_V4_URL");
    // A pipeline of merged results has the commit of a trial merge.
    let commit = environment
        .commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
        .or_else(|| environment.commit("CI_COMMIT_SHA"));
    Pipeline {
        system: CiSystem::GitLabCi,
        commit: commit.unwrap_or_default(),
        branch: environment.get("CI_COMMIT_BRANCH"),
        default_branch: environment.get("CI_DEFAULT_BRANCH"),
        previous: environment.commit("CI_COMMIT_BEFORE_SHA"),
        change,
        repository: project.zip(api).map(|(path, api)| Repository {
            host: HostKind::GitLab,
            api: api.trim_end_matches('/').to_owned(),
            path,
        }),
        // A job token cannot write comments.
        token: environment
            .first(&["GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN"])
            .map(SecretString::from),
        user: None,
        page: environment.first(&["CI_JOB_URL", "CI_PIPELINE_URL"]),
    }
}
