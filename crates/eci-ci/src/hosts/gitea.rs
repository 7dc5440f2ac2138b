//! Gitea and Forgejo (their API reference, version 1).

use serde_json::{Value, json};

use crate::host::{
    ChangeInfo, CodeHost, CommitStatus, Header, HostLimits, Post, Request, StatusState,
    change_info, repository_path, segment,
};
use crate::pipeline::{HostKind, Repository};

pub(super) struct Gitea {
    base: String,
}

impl Gitea {
    pub(super) fn new(repository: &Repository) -> Gitea {
        Gitea {
            base: repository_path(repository),
        }
    }
}

impl CodeHost for Gitea {
    fn kind(&self) -> HostKind {
        HostKind::Gitea
    }

    /// Returns the limits.
    ///
    /// Gitea documents none; a comment is a text column of its database, of 65,535 bytes where that is
    /// MySQL (assumed).
    fn limits(&self) -> HostLimits {
        HostLimits {
            comment: 65_000,
            description: 255,
        }
    }

    fn authorization(&self, token: &str) -> Header {
        Header {
            name: "authorization",
            value: format!("token {token}"),
        }
    }

    /// Returns whether the author is the user without an account to whom the token of a job belongs (assumed; Gitea and
    /// Forgejo name it so).
    fn may_be_of_a_job(&self, post: &Post) -> bool {
        let author = post.author.as_deref();
        author.is_some_and(|author| ["gitea-actions", "forgejo-actions"].contains(&author))
    }

    fn list_statuses(&self, commit: &str) -> Option<Request> {
        let (base, commit) = (&self.base, segment(commit));
        let path = format!("{base}/commits/{commit}/statuses?sort=highestindex&limit=50");
        Some(Request::get(path))
    }

    /// Comments of an issue have no pages in some versions: a second page is then the first one again,
    /// which the client notices.
    fn list_comments(&self, change: &str, page: u32) -> Request {
        Request::get(format!(
            "{}/issues/{}/comments?limit=50&page={page}",
            self.base,
            segment(change)
        ))
    }

    fn create_comment(&self, change: &str, text: &str) -> Request {
        Request::post(
            format!("{}/issues/{}/comments", self.base, segment(change)),
            json!({ "body": text }),
        )
    }

    fn update_comment(&self, _: &str, id: &str, text: &str) -> Request {
        Request::patch(
            format!("{}/issues/comments/{}", self.base, segment(id)),
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
                "target_url": status.page.clone().unwrap_or_default(),
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
        Some(answer.pointer("/commit/id")?.as_str()?.to_owned())
    }

    fn find_changes(&self, commit: &str) -> Option<Request> {
        let path = format!("{}/commits/{}/pull", self.base, segment(commit));
        Some(Request::get(path))
    }

    /// Reads the only pull request: the answer is not a list.
    fn read_changes(&self, answer: &Value) -> Option<Vec<String>> {
        Some(vec![change_info(answer)?.head])
    }

    fn list_issues(&self, page: u32) -> Request {
        Request::get(format!(
            "{}/issues?state=open&type=issues&limit=50&page={page}",
            self.base
        ))
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
