//! The requests of each code host, as its reference has them.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::code_host;
use crate::host::{CommitStatus, Post, Request, StatusState};
use crate::pipeline::{HostKind, Repository};

fn line(request: &Request) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    format!("{} {path}", request.method.name())
}

fn lines(host: HostKind, path: &str) -> Vec<String> {
    let host = code_host(&Repository {
        host,
        api: String::new(),
        path: path.to_owned(),
    });
    let status = CommitStatus {
        context: "eci/plan".to_owned(),
        state: StatusState::Success,
        description: "1 to create".to_owned(),
        page: None,
    };
    let mut requests = vec![
        host.list_comments("7", 1),
        host.create_comment("7", "x"),
        host.update_comment("7", "9", "x"),
        host.delete_comment("7", "9"),
        host.set_status("abc", &status).unwrap(),
        host.get_change("7"),
        host.get_branch("feature/a"),
        host.list_issues(1),
        host.create_issue("t", "x"),
        host.update_issue("5", "t", "x"),
        host.close_issue("5", "x"),
    ];
    requests.extend(host.find_changes("abc"));
    requests.iter().map(line).collect()
}

#[test]
fn github_has_its_paths() {
    let expected = [
        "GET /repos/team/shop/issues/7/comments",
        "POST /repos/team/shop/issues/7/comments",
        "PATCH /repos/team/shop/issues/comments/9",
        "DELETE /repos/team/shop/issues/comments/9",
        "POST /repos/team/shop/statuses/abc",
        "GET /repos/team/shop/pulls/7",
        "GET /repos/team/shop/branches/feature%2Fa",
        "GET /repos/team/shop/issues",
        "POST /repos/team/shop/issues",
        "PATCH /repos/team/shop/issues/5",
        "PATCH /repos/team/shop/issues/5",
        "GET /repos/team/shop/commits/abc/pulls",
    ];
    assert_eq!(lines(HostKind::GitHub, "team/shop"), expected);
}

#[test]
fn gitea_has_its_paths() {
    let expected = [
        "GET /repos/team/shop/issues/7/comments",
        "POST /repos/team/shop/issues/7/comments",
        "PATCH /repos/team/shop/issues/comments/9",
        "DELETE /repos/team/shop/issues/comments/9",
        "POST /repos/team/shop/statuses/abc",
        "GET /repos/team/shop/pulls/7",
        "GET /repos/team/shop/branches/feature%2Fa",
        "GET /repos/team/shop/issues",
        "POST /repos/team/shop/issues",
        "PATCH /repos/team/shop/issues/5",
        "PATCH /repos/team/shop/issues/5",
        "GET /repos/team/shop/commits/abc/pull",
    ];
    assert_eq!(lines(HostKind::Gitea, "team/shop"), expected);
}

#[test]
fn gitlab_has_its_paths() {
    let expected = [
        "GET /projects/group%2Fteam%2Fshop/merge_requests/7/notes",
        "POST /projects/group%2Fteam%2Fshop/merge_requests/7/notes",
        "PUT /projects/group%2Fteam%2Fshop/merge_requests/7/notes/9",
        "DELETE /projects/group%2Fteam%2Fshop/merge_requests/7/notes/9",
        "POST /projects/group%2Fteam%2Fshop/statuses/abc",
        "GET /projects/group%2Fteam%2Fshop/merge_requests/7",
        "GET /projects/group%2Fteam%2Fshop/repository/branches/feature%2Fa",
        "GET /projects/group%2Fteam%2Fshop/issues",
        "POST /projects/group%2Fteam%2Fshop/issues",
        "PUT /projects/group%2Fteam%2Fshop/issues/5",
        "PUT /projects/group%2Fteam%2Fshop/issues/5",
        "GET /projects/group%2Fteam%2Fshop/repository/commits/abc/merge_requests",
    ];
    assert_eq!(lines(HostKind::GitLab, "group/team/shop"), expected);
}

#[test]
fn gitee_has_its_paths() {
    let expected = [
        "GET /repos/team/shop/pulls/7/comments",
        "POST /repos/team/shop/pulls/7/comments",
        "PATCH /repos/team/shop/pulls/comments/9",
        "DELETE /repos/team/shop/pulls/comments/9",
        "POST /repos/team/shop/check-runs",
        "GET /repos/team/shop/pulls/7",
        "GET /repos/team/shop/branches/feature%2Fa",
        "GET /repos/team/shop/issues",
        "POST /repos/team/issues",
        "PATCH /repos/team/issues/5",
        "PATCH /repos/team/issues/5",
    ];
    assert_eq!(lines(HostKind::Gitee, "team/shop"), expected);
}

#[test]
fn answers_are_read_by_the_names_of_each_host() {
    let host = |kind| {
        code_host(&Repository {
            host: kind,
            api: String::new(),
            path: "team/shop".to_owned(),
        })
    };
    let gitlab = host(HostKind::GitLab);
    let merge_request = json!({ "sha": "c", "source_project_id": 2, "target_project_id": 1 });
    let change = gitlab.read_change(&merge_request).unwrap();
    assert_eq!((&*change.head, change.is_fork), ("c", Some(true)));
    assert_eq!(gitlab.read_changes(&json!([merge_request])).unwrap(), ["c"]);
    let issues = gitlab.read_issues(&json!([{ "id": 99, "iid": 5, "description": "d" }]));
    let expected = Post {
        id: "5".to_owned(),
        text: "d".to_owned(),
        author: None,
    };
    assert_eq!(issues.unwrap(), std::slice::from_ref(&expected));
    // The issues of GitHub include pull requests, which may quote a mark.
    let list = json!([
        { "number": 4, "body": "d", "pull_request": {} }, { "number": 5, "body": "d" },
    ]);
    let issues = host(HostKind::GitHub).read_issues(&list).unwrap();
    assert_eq!(issues, std::slice::from_ref(&expected));
    // Numbers of issues are texts on Gitee.
    let gitee = host(HostKind::Gitee);
    let issues = gitee.read_issues(&json!([{ "number": "I1AB", "body": null }]));
    assert_eq!(issues.unwrap()[0].id, "I1AB");
    let branch = json!({ "commit": { "sha": "s", "id": "i" } });
    assert_eq!(gitee.read_branch(&branch).unwrap(), "s");
    assert_eq!(host(HostKind::Gitea).read_branch(&branch).unwrap(), "i");
    assert!(gitee.read_comments(&json!({ "message": "no" })).is_none());
}
