use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::*;

/// Reads a pipeline from variables, a line each.
fn read(variables: &str) -> Result<Pipeline, EnvironmentError> {
    read_with(variables, &Value::Null)
}

fn read_with(variables: &str, event: &Value) -> Result<Pipeline, EnvironmentError> {
    let variable = |name: &str| {
        let mut lines = variables.lines().map(str::trim);
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned)
    };
    let environment = Environment::new(&variable)
        .with_event(Some(event))
        .with_remote(Some("git@gitee.com:team/shop.git"))
        .with_head(Some("5eed"));
    Pipeline::read(&environment)
}

fn pull_request(source: &str) -> Value {
    json!({ "pull_request": {
        "number": 12,
        "head": { "sha": "ccc", "repo": { "full_name": source } },
        "base": { "sha": "aaa", "repo": { "full_name": "team/shop" } },
    } })
}

const ACTIONS: &str = "\
    GITHUB_SHA=merge\n\
    GITHUB_REF=refs/pull/12/merge\n\
    GITHUB_BASE_REF=main\n\
    GITHUB_REPOSITORY=team/shop\n\
    GITHUB_SERVER_URL=https://github.com\n\
    GITHUB_API_URL=https://api.github.com\n\
    GITHUB_RUN_ID=99\n\
    GITHUB_TOKEN=hush\n";

#[test]
fn github_actions_describe_a_pull_request() {
    let variables = format!("GITHUB_ACTIONS=true\n{ACTIONS}");
    let pipeline = read_with(&variables, &pull_request("team/shop")).unwrap();
    assert_eq!(pipeline.system, CiSystem::GitHubActions);
    // Not the commit of the trial merge.
    assert_eq!(pipeline.commit, "ccc");
    assert_eq!(pipeline.branch, None);
    let page = "https://github.com/team/shop/actions/runs/99";
    assert_eq!(pipeline.page.unwrap(), page);
    assert_eq!(pipeline.token.unwrap().expose_secret(), "hush");
    let change = pipeline.change.unwrap();
    assert_eq!(change.number, "12");
    assert_eq!(change.base.unwrap(), "aaa");
    assert_eq!(change.is_fork, Some(false));
    let repository = pipeline.repository.unwrap();
    assert_eq!(repository.host, HostKind::GitHub);
    assert_eq!(repository.path, "team/shop");
}

#[test]
fn a_pull_request_of_a_fork_is_recognized() {
    let variables = format!("GITHUB_ACTIONS=true\n{ACTIONS}");
    let of_fork = read_with(&variables, &pull_request("stranger/shop")).unwrap();
    assert_eq!(of_fork.change.unwrap().is_fork, Some(true));
    let deleted = json!({ "pull_request": {
        "number": 12, "head": { "sha": "ccc", "repo": null },
        "base": { "repo": { "full_name": "team/shop" } },
    } });
    let of_deleted = read_with(&variables, &deleted).unwrap();
    assert_eq!(of_deleted.change.unwrap().is_fork, Some(true));
    let gitlab = "GITLAB_CI=true\nCI_COMMIT_SHA=ccc\nCI_MERGE_REQUEST_IID=3\n\
        CI_MERGE_REQUEST_PROJECT_ID=42\nCI_MERGE_REQUEST_SOURCE_PROJECT_ID=77\n\
        CI_PROJECT_ID=77\nCI_API_V4_URL=https://gitlab.com/api/v4";
    let pipeline = read(gitlab).unwrap();
    assert_eq!(pipeline.change.unwrap().is_fork, Some(true));
    // The comment belongs to the project of the merge request.
    assert_eq!(pipeline.repository.unwrap().path, "42");
    let jenkins = "JENKINS_URL=x\nGIT_COMMIT=ccc\nCHANGE_ID=3\nCHANGE_FORK=stranger";
    assert_eq!(read(jenkins).unwrap().change.unwrap().is_fork, Some(true));
}

#[test]
fn gitea_actions_are_not_detected_as_github_actions() {
    let variables = format!("GITEA_ACTIONS=true\nGITHUB_ACTIONS=true\n{ACTIONS}").replace(
        "https://api.github.com",
        "https://gitea.example.com/api/v1/",
    );
    let pipeline = read_with(&variables, &pull_request("team/shop")).unwrap();
    assert_eq!(pipeline.system, CiSystem::GiteaActions);
    let repository = pipeline.repository.unwrap();
    assert_eq!(repository.host, HostKind::Gitea);
    assert_eq!(repository.api, "https://gitea.example.com/api/v1");
}

#[test]
fn a_push_names_its_branch_and_the_commit_before_it() {
    let github = "GITHUB_ACTIONS=true\nGITHUB_SHA=bbb\nGITHUB_REF=refs/heads/main";
    let pipeline = read_with(github, &json!({ "before": "aaa" })).unwrap();
    assert_eq!(pipeline.branch.unwrap(), "main");
    assert_eq!(pipeline.previous.unwrap(), "aaa");
    assert!(pipeline.change.is_none());
    let zeros = "0".repeat(40);
    let first = read_with(github, &json!({ "before": zeros })).unwrap();
    assert_eq!(first.previous, None);
    let gitlab = format!(
        "GITLAB_CI=true\nCI_COMMIT_SHA=bbb\nCI_COMMIT_BRANCH=main\nCI_COMMIT_BEFORE_SHA={zeros}"
    );
    let pipeline = read(&gitlab).unwrap();
    assert_eq!(pipeline.branch.unwrap(), "main");
    assert_eq!(pipeline.previous, None);
}

#[test]
fn gitee_go_names_the_target_and_the_source_of_a_pull_request() {
    let pull = "GITEE_PIPELINE_NAME=p\nGITEE_REPO=shop\nGITEE_BRANCH=master\nGITEE_COMMIT=aaa\n\
        GITEE_SOURCE_BRANCH=feature\nGITEE_SOURCE_COMMIT=ccc\nGITEE_PULL_ID=5\nECI_CI_TOKEN=hush";
    let pipeline = read(pull).unwrap();
    assert_eq!(pipeline.commit, "ccc");
    let change = pipeline.change.unwrap();
    assert_eq!(change.base.unwrap(), "aaa");
    assert_eq!(change.target.unwrap(), "master");
    assert_eq!(pipeline.token.unwrap().expose_secret(), "hush");
    let repository = pipeline.repository.unwrap();
    assert_eq!(repository.path, "team/shop");
    assert_eq!(repository.api, "https://gitee.com/api/v5");
    let push = read("GITEE_REPO=shop\nGITEE_BRANCH=master\nGITEE_COMMIT=aaa").unwrap();
    assert_eq!(push.branch.unwrap(), "master");
    assert!(push.change.is_none());
}

#[test]
fn variables_of_eci_replace_and_complete_what_a_system_says() {
    let replaced = read(
        "JENKINS_URL=x\nGIT_COMMIT=ccc\nGIT_BRANCH=origin/main\nECI_CI_HOST=Forgejo\n\
        ECI_CI_API=http://127.0.0.1:3000/api/v1/\nECI_CI_REPOSITORY=a/b",
    )
    .unwrap();
    assert_eq!(replaced.branch.unwrap(), "main");
    let repository = replaced.repository.unwrap();
    assert_eq!(repository.host, HostKind::Gitea);
    assert_eq!(repository.api, "http://127.0.0.1:3000/api/v1");
    assert_eq!(repository.path, "a/b");
    let other = read("ECI_CI_HOST=gitee\nECI_CI_CHANGE=8").unwrap();
    assert_eq!(other.system, CiSystem::Other);
    assert_eq!(other.commit, "5eed");
    assert_eq!(other.change.unwrap().number, "8");
}

#[test]
fn an_environment_without_a_pipeline_is_an_error_with_a_fix() {
    for (variables, expected) in [
        ("HOME=/root", EnvironmentError::NoPipeline),
        ("GITHUB_ACTIONS=false", EnvironmentError::NoPipeline),
        (
            "ECI_CI_HOST=gerrit",
            EnvironmentError::UnknownHost("gerrit".to_owned()),
        ),
    ] {
        let error = read(variables).unwrap_err();
        assert_eq!(error, expected, "{variables}");
        assert!(error.help().en().contains('`'));
    }
}
