//! GitLab (REST API reference, version 4).

use serde_json::{Value, json};

use crate::host::{
    ChangeInfo, CodeHost, CommitStatus, Header, HostLimits, PAGE, Post, Request, StatusState,
    newest_status, posts, segment,
};
use crate::pipeline::{HostKind, Repository};

/// The job of the template that plans merge requests.
const PLAN_JOB: &str = "eci:plan";

pub(super) struct GitLab {
    base: String,
}

impl GitLab {
    pub(super) fn new(repository: &Repository) -> GitLab {
        GitLab {
            // A project is named by its number, or by its whole path as one part.
            base: format!("/projects/{}", segment(&repository.path)),
        }
    }

    fn notes(&self, change: &str) -> String {
        format!("{}/merge_requests/{}/notes", self.base, segment(change))
    }
}

impl CodeHost for GitLab {
    fn kind(&self) -> HostKind {
        HostKind::GitLab
    }

    /// Returns the limits.
    ///
    /// A note has at most 1,000,000 characters (GitLab documentation, "Instance limits"); a page with one
    /// that long is of no use.
    fn limits(&self) -> HostLimits {
        HostLimits {
            comment: 300_000,
            description: 255,
        }
    }

    fn authorization(&self, token: &str) -> Header {
        Header {
            name: "private-token",
            value: token.to_owned(),
        }
    }

    fn read_user(&self, answer: &Value) -> Option<String> {
        Some(answer.get("username")?.as_str()?.to_owned())
    }

    /// Requests the latest status of each name.
    fn list_statuses(&self, commit: &str) -> Option<Request> {
        let (base, commit) = (&self.base, segment(commit));
        let path = format!("{base}/repository/commits/{commit}/statuses?per_page={PAGE}");
        Some(Request::get(path))
    }

    fn read_status(&self, answer: &Value, context: &str) -> Option<Option<StatusState>> {
        newest_status(answer, "name", context)
    }

    fn list_comments(&self, change: &str, page: u32) -> Request {
        Request::get(format!(
            "{}?sort=asc&order_by=created_at&per_page={PAGE}&page={page}",
            self.notes(change)
        ))
    }

    fn create_comment(&self, change: &str, text: &str) -> Request {
        Request::post(self.notes(change), json!({ "body": text }))
    }

    fn update_comment(&self, change: &str, id: &str, text: &str) -> Request {
        Request::put(
            format!("{}/{}", self.notes(change), segment(id)),
            json!({ "body": text }),
        )
    }

    fn delete_comment(&self, change: &str, id: &str) -> Request {
        Request::delete(format!("{}/{}", self.notes(change), segment(id)))
    }

    fn set_status(&self, commit: &str, status: &CommitStatus) -> Option<Request> {
        let state = match status.state {
            StatusState::Pending => "pending",
            StatusState::Success => "success",
            StatusState::Failure => "failed",
        };
        Some(Request::post(
            format!("{}/statuses/{}", self.base, segment(commit)),
            json!({
                "state": state,
                "name": status.context,
                "description": status.description,
                "target_url": status.page,
            }),
        ))
    }

    fn get_change(&self, change: &str) -> Request {
        Request::get(format!("{}/merge_requests/{}", self.base, segment(change)))
    }

    fn read_change(&self, answer: &Value) -> Option<ChangeInfo> {
        let project = |side: &str| answer.get(format!("{side}_project_id"))?.as_u64();
        Some(ChangeInfo {
            head: answer.get("sha")?.as_str()?.to_owned(),
            is_fork: project("target").map(|target| project("source") != Some(target)),
        })
    }

    fn get_branch(&self, branch: &str) -> Request {
        let (base, branch) = (&self.base, segment(branch));
        Request::get(format!("{base}/repository/branches/{branch}"))
    }

    fn read_branch(&self, answer: &Value) -> Option<String> {
        Some(answer.pointer("/commit/id")?.as_str()?.to_owned())
    }

    fn find_changes(&self, commit: &str) -> Option<Request> {
        let (base, commit) = (&self.base, segment(commit));
        let path = format!("{base}/repository/commits/{commit}/merge_requests");
        Some(Request::get(path))
    }

    /// Requests a file of the job `eci:plan` in the latest pipeline of the merge request (job artifacts API).
    fn get_artifact(&self, change: &str, path: &str) -> Option<Request> {
        let reference = segment(&format!("refs/merge-requests/{change}/head"));
        let path: Vec<String> = path.split('/').map(segment).collect();
        let (base, path, job) = (&self.base, path.join("/"), segment(PLAN_JOB));
        let path = format!("{base}/jobs/artifacts/{reference}/raw/{path}?job={job}");
        Some(Request {
            is_file: true,
            ..Request::get(path)
        })
    }

    fn read_change_numbers(&self, answer: &Value) -> Option<Vec<String>> {
        let numbers = posts(answer, "iid", "title")?;
        Some(numbers.into_iter().map(|change| change.id).collect())
    }

    fn list_issues(&self, page: u32) -> Request {
        Request::get(format!(
            "{}/issues?state=opened&per_page={PAGE}&page={page}",
            self.base
        ))
    }

    fn read_issues(&self, answer: &Value) -> Option<Vec<Post>> {
        posts(answer, "iid", "description")
    }

    fn create_issue(&self, title: &str, text: &str) -> Request {
        Request::post(
            format!("{}/issues", self.base),
            json!({ "title": title, "description": text }),
        )
    }

    fn update_issue(&self, id: &str, title: &str, text: &str) -> Request {
        Request::put(
            format!("{}/issues/{}", self.base, segment(id)),
            json!({ "title": title, "description": text }),
        )
    }

    fn close_issue(&self, id: &str, text: &str) -> Request {
        Request::put(
            format!("{}/issues/{}", self.base, segment(id)),
            json!({ "state_event": "close", "description": text }),
        )
    }
}
