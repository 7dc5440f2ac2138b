//! GitHub (REST API reference, version 2022-11-28).

use serde_json::{Value, json};

use crate::host::{
    ChangeInfo, CodeHost, CommitStatus, Header, HostLimits, PAGE, Post, Request, StatusState,
    change_info, posts, repository_path, segment,
};
use crate::pipeline::{HostKind, Repository};

pub(super) struct GitHub {
    base: String,
}

impl GitHub {
    pub(super) fn new(repository: &Repository) -> GitHub {
        GitHub {
            base: repository_path(repository),
        }
    }
}

impl CodeHost for GitHub {
    fn kind(&self) -> HostKind {
        HostKind::GitHub
    }

    /// Returns the limits.
    ///
    /// A comment of more than 65,536 characters is refused: "Body is too long" (answer of the API).
    fn limits(&self) -> HostLimits {
        HostLimits {
            comment: 65_000,
            description: 140,
        }
    }

    fn authorization(&self, token: &str) -> Header {
        Header {
            name: "authorization",
            value: format!("Bearer {token}"),
        }
    }

    /// Returns whether the author is the app to which the token of a job belongs.
    ///
    /// Such a token has no user. Other apps write under other names.
    fn may_be_of_a_job(&self, post: &Post) -> bool {
        post.author.as_deref() == Some("github-actions[bot]")
    }

    fn list_statuses(&self, commit: &str) -> Option<Request> {
        let (base, commit) = (&self.base, segment(commit));
        let path = format!("{base}/commits/{commit}/statuses?per_page={PAGE}");
        Some(Request::get(path))
    }

    fn list_comments(&self, change: &str, page: u32) -> Request {
        let (base, change) = (&self.base, segment(change));
        Request::get(format!(
            "{base}/issues/{change}/comments?per_page={PAGE}&page={page}"
        ))
    }

    fn create_comment(&self, change: &str, text: &str) -> Request {
        let (base, change) = (&self.base, segment(change));
        Request::post(
            format!("{base}/issues/{change}/comments"),
            json!({ "body": text }),
        )
    }

    fn update_comment(&self, _: &str, id: &str, text: &str) -> Request {
        let (base, id) = (&self.base, segment(id));
        Request::patch(
            format!("{base}/issues/comments/{id}"),
            json!({ "body": text }),
        )
    }

    fn delete_comment(&self, _: &str, id: &str) -> Request {
        Request::delete(format!("{}/issues/comments/{}", self.base, segment(id)))
    }

    fn set_status(&self, commit: &str, status: &CommitStatus) -> Option<Request> {
        let state = match status.state {
            StatusState::Pending => "pending",
            StatusState::Success => "success",
            StatusState::Failure => "failure",
        };
        Some(Request::post(
            format!("{}/statuses/{}", self.base, segment(commit)),
            json!({
                "state": state,
                "context": status.context,
                "description": status.description,
                "target_url": status.page,
            }),
        ))
    }

    fn get_change(&self, change: &str) -> Request {
        Request::get(format!("{}/pulls/{}", self.base, segment(change)))
    }

    fn read_change(&self, answer: &Value) -> Option<ChangeInfo> {
        change_info(answer)
    }

    fn get_branch(&self, branch: &str) -> Request {
        Request::get(format!("{}/branches/{}", self.base, segment(branch)))
    }

    fn read_branch(&self, answer: &Value) -> Option<String> {
        Some(answer.pointer("/commit/sha")?.as_str()?.to_owned())
    }

    fn find_changes(&self, commit: &str) -> Option<Request> {
        let path = format!("{}/commits/{}/pulls", self.base, segment(commit));
        Some(Request::get(path))
    }

    fn list_issues(&self, page: u32) -> Request {
        Request::get(format!(
            "{}/issues?state=open&per_page={PAGE}&page={page}",
            self.base
        ))
    }

    /// Reads a list of issues without its pull requests, whose texts may quote a mark.
    fn read_issues(&self, answer: &Value) -> Option<Vec<Post>> {
        let issues = answer.as_array()?.iter();
        let issues = issues.filter(|issue| issue.get("pull_request").is_none());
        posts(&issues.cloned().collect(), "number", "body")
    }

    fn create_issue(&self, title: &str, text: &str) -> Request {
        Request::post(
            format!("{}/issues", self.base),
            json!({ "title": title, "body": text }),
        )
    }

    fn update_issue(&self, id: &str, title: &str, text: &str) -> Request {
        Request::patch(
            format!("{}/issues/{}", self.base, segment(id)),
            json!({ "title": title, "body": text }),
        )
    }

    fn close_issue(&self, id: &str, text: &str) -> Request {
        Request::patch(
            format!("{}/issues/{}", self.base, segment(id)),
            json!({ "state": "closed", "body": text }),
        )
    }
}
