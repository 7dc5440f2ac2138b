//! Gitee (API v5: published clients, and Gitee's page on checks of pull requests).

use serde_json::{Value, json};

use crate::host::{
    ChangeInfo, CodeHost, CommitStatus, Header, HostLimits, PAGE, Request, StatusState,
    change_info, repository_path, segment,
};
use crate::pipeline::{HostKind, Repository};

pub(super) struct Gitee {
    base: String,
    owner: String,
    name: String,
}

impl Gitee {
    pub(super) fn new(repository: &Repository) -> Gitee {
        let (owner, name) = match repository.path.rsplit_once('/') {
            Some((owner, name)) => (owner.to_owned(), name.to_owned()),
            None => (String::new(), repository.path.clone()),
        };
        Gitee {
            base: repository_path(repository),
            owner,
            name,
        }
    }
}

impl CodeHost for Gitee {
    fn kind(&self) -> HostKind {
        HostKind::Gitee
    }

    /// Returns the limits: none is documented, and those of GitHub are (assumed).
    fn limits(&self) -> HostLimits {
        HostLimits {
            comment: 65_000,
            description: 255,
        }
    }

    fn authorization(&self, token: &str) -> Header {
        Header {
            name: "authorization",
            value: format!("Bearer {token}"),
        }
    }

    fn list_comments(&self, change: &str, page: u32) -> Request {
        Request::get(format!(
            "{}/pulls/{}/comments?comment_type=pr_comment&per_page={PAGE}&page={page}",
            self.base,
            segment(change)
        ))
    }

    fn create_comment(&self, change: &str, text: &str) -> Request {
        Request::post(
            format!("{}/pulls/{}/comments", self.base, segment(change)),
            json!({ "body": text }),
        )
    }

    fn update_comment(&self, _: &str, id: &str, text: &str) -> Request {
        Request::patch(
            format!("{}/pulls/comments/{}", self.base, segment(id)),
            json!({ "body": text }),
        )
    }

    fn delete_comment(&self, _: &str, id: &str) -> Request {
        Request::delete(format!("{}/pulls/comments/{}", self.base, segment(id)))
    }

    /// Creates a check, which Gitee has in place of statuses.
    ///
    /// Each is created completed: the newest of a name counts, and one
    /// in progress would have to be found again to be completed.
    fn set_status(&self, commit: &str, status: &CommitStatus) -> Option<Request> {
        let conclusion = match status.state {
            StatusState::Pending => return None,
            StatusState::Success => "success",
            StatusState::Failure => "failure",
        };
        let mut check = json!({
            "name": status.context,
            "head_sha": commit,
            "status": "completed",
            "conclusion": conclusion,
            "output": { "title": status.description, "summary": status.description },
        });
        if let Some(page) = &status.page {
            check["details_url"] = page.clone().into();
        }
        Some(Request::post(format!("{}/check-runs", self.base), check))
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

    fn find_changes(&self, _: &str) -> Option<Request> {
        None
    }

    fn list_issues(&self, page: u32) -> Request {
        Request::get(format!(
            "{}/issues?state=open&per_page={PAGE}&page={page}",
            self.base
        ))
    }

    /// Issues are created and changed below their owner; the repository is part of the document.
    fn create_issue(&self, title: &str, text: &str) -> Request {
        Request::post(
            format!("/repos/{}/issues", segment(&self.owner)),
            json!({ "repo": self.name, "title": title, "body": text }),
        )
    }

    fn update_issue(&self, id: &str, title: &str, text: &str) -> Request {
        Request::patch(
            format!("/repos/{}/issues/{}", segment(&self.owner), segment(id)),
            json!({ "repo": self.name, "title": title, "body": text }),
        )
    }

    fn close_issue(&self, id: &str, text: &str) -> Request {
        Request::patch(
            format!("/repos/{}/issues/{}", segment(&self.owner), segment(id)),
            json!({ "repo": self.name, "state": "closed", "body": text }),
        )
    }
}
