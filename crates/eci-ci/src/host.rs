//! The API of a code host, as requests and answers.

use std::future::Future;

use eci_text::{Text, messages};
use serde_json::Value;

use crate::pipeline::{HostKind, Repository};

/// An HTTP request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path and query, from the base URL of the API on.
    pub path: String,
    /// The JSON document to send.
    pub body: Option<Value>,
    /// Whether the answer is a file, not a document: its text is the body of the response.
    pub is_file: bool,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces parts.
    Patch,
    /// Replaces.
    Put,
    /// Deletes.
    Delete,
}

impl Method {
    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Request {
        Request {
            method: Method::Get,
            path: path.into(),
            body: None,
            is_file: false,
        }
    }

    pub(crate) fn delete(path: impl Into<String>) -> Request {
        Request {
            method: Method::Delete,
            ..Request::get(path)
        }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Request {
        Request {
            method: Method::Post,
            path: path.into(),
            body: Some(body),
            is_file: false,
        }
    }

    pub(crate) fn patch(path: impl Into<String>, body: Value) -> Request {
        Request {
            method: Method::Patch,
            ..Request::post(path, body)
        }
    }

    pub(crate) fn put(path: impl Into<String>, body: Value) -> Request {
        Request {
            method: Method::Put,
            ..Request::post(path, body)
        }
    }
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The JSON document; null without a body.
    pub body: Value,
}

/// The reason for a missing response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TransportError(pub Text);

messages! { TransportError:
    TransportError(cause) => en("{cause}"), zh("{}", cause.get(eci_text::Lang::Zh));
}

/// A connection to a code host.
pub trait Transport {
    /// Sends a request with the headers of the code host.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, TransportError>>;
}

/// The state of a commit for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// The purpose: `eci/plan`.
    pub context: String,
    /// The state.
    pub state: StatusState,
    /// A few words.
    pub description: String,
    /// The page of the run.
    pub page: Option<String>,
}

/// A state of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusState {
    /// A pipeline runs.
    Pending,
    /// Everything is well.
    Success,
    /// A part failed.
    Failure,
}

/// A comment or an issue, as the code host has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The ID or number by which it is changed.
    pub id: String,
    /// The text.
    pub text: String,
    /// The name of its author, if the answer has one.
    pub author: Option<String>,
}

/// A change request, as the code host has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeInfo {
    /// The last commit.
    pub head: String,
    /// Whether it comes from a fork, if the answer shows that.
    pub is_fork: Option<bool>,
}

/// The limits of a code host, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostLimits {
    /// The longest comment.
    pub comment: usize,
    /// The longest description of a status.
    pub description: usize,
}

/// The API of a code host.
///
/// A function whose name is a verb returns a request; one that begins with `read` reads the answer to
/// it, and returns `None` if the answer has another form than documented.
pub trait CodeHost: Send + Sync {
    /// Returns the code host.
    fn kind(&self) -> HostKind;

    /// Returns the limits.
    fn limits(&self) -> HostLimits;

    /// Returns the header that carries the token.
    fn authorization(&self, token: &str) -> Header;

    /// Requests the user that the token belongs to.
    fn get_user(&self) -> Request {
        Request::get("/user")
    }

    /// Reads the name of a user.
    fn read_user(&self, answer: &Value) -> Option<String> {
        Some(answer.get("login")?.as_str()?.to_owned())
    }

    /// Returns whether the token of a job may have written a post.
    ///
    /// Such a token may not request its user.
    fn may_be_of_a_job(&self, _post: &Post) -> bool {
        false
    }

    /// Requests the statuses of a commit, the newest first; `None` if the code host does not show them.
    fn list_statuses(&self, _commit: &str) -> Option<Request> {
        None
    }

    /// Reads the state of the newest status for a purpose; `None` inside if it has none.
    fn read_status(&self, answer: &Value, context: &str) -> Option<Option<StatusState>> {
        newest_status(answer, "context", context)
    }

    /// Lists the comments of a change request; pages begin at 1.
    fn list_comments(&self, change: &str, page: u32) -> Request;

    /// Creates a comment.
    fn create_comment(&self, change: &str, text: &str) -> Request;

    /// Replaces the text of a comment.
    fn update_comment(&self, change: &str, id: &str, text: &str) -> Request;

    /// Deletes a comment.
    fn delete_comment(&self, change: &str, id: &str) -> Request;

    /// Sets the status of a commit; `None` if the code host does not have this state.
    fn set_status(&self, commit: &str, status: &CommitStatus) -> Option<Request>;

    /// Requests a change request.
    fn get_change(&self, change: &str) -> Request;

    /// Reads a change request.
    fn read_change(&self, answer: &Value) -> Option<ChangeInfo>;

    /// Requests a branch.
    fn get_branch(&self, branch: &str) -> Request;

    /// Reads the last commit of a branch.
    fn read_branch(&self, answer: &Value) -> Option<String>;

    /// Requests the change requests that a commit came from; `None` if the code host does not show it.
    fn find_changes(&self, commit: &str) -> Option<Request>;

    /// Requests a file among the artifacts of the job that planned a change request; `None` if the code host does
    /// not give single files.
    fn get_artifact(&self, _change: &str, _path: &str) -> Option<Request> {
        None
    }

    /// Reads the numbers of a list of change requests.
    fn read_change_numbers(&self, answer: &Value) -> Option<Vec<String>> {
        let numbers = posts(answer, "number", "title")?;
        Some(numbers.into_iter().map(|change| change.id).collect())
    }

    /// Lists the open issues; pages begin at 1.
    fn list_issues(&self, page: u32) -> Request;

    /// Creates an issue.
    fn create_issue(&self, title: &str, text: &str) -> Request;

    /// Replaces title and text of an issue.
    fn update_issue(&self, id: &str, title: &str, text: &str) -> Request;

    /// Closes an issue and replaces its text.
    fn close_issue(&self, id: &str, text: &str) -> Request;

    /// Reads a list of comments.
    fn read_comments(&self, answer: &Value) -> Option<Vec<Post>> {
        posts(answer, "id", "body")
    }

    /// Reads a list of issues.
    fn read_issues(&self, answer: &Value) -> Option<Vec<Post>> {
        posts(answer, "number", "body")
    }

    /// Reads the last commits of a list of change requests.
    fn read_changes(&self, answer: &Value) -> Option<Vec<String>> {
        let changes = answer.as_array()?.iter();
        changes
            .map(|change| Some(self.read_change(change)?.head))
            .collect()
    }
}

/// An HTTP header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

/// The number of entries of a page that is requested.
pub(crate) const PAGE: usize = 100;

/// Reads posts by the names of their fields.
pub(crate) fn posts(answer: &Value, id: &str, text: &str) -> Option<Vec<Post>> {
    let posts = answer.as_array()?.iter().map(|post| {
        let id = match post.get(id)? {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return None,
        };
        // An issue without a text has null.
        let text = post.get(text).and_then(Value::as_str).unwrap_or_default();
        let author = ["/user/login", "/author/username"].iter();
        let mut author = author.filter_map(|pointer| post.pointer(pointer)?.as_str());
        Some(Post {
            id,
            text: text.to_owned(),
            author: author.next().map(str::to_owned),
        })
    });
    posts.collect()
}

/// Reads the state of the first status for a purpose, whose name is in a field.
pub(crate) fn newest_status(
    answer: &Value,
    field: &str,
    context: &str,
) -> Option<Option<StatusState>> {
    let mut statuses = answer.as_array()?.iter();
    let found = statuses.find(|status| status.get(field).is_some_and(|name| name == context));
    let state = found.and_then(|status| {
        let state = status.get("state").or_else(|| status.get("status"))?;
        state.as_str()
    });
    Some(state.map(|state| match state {
        "success" => StatusState::Success,
        "created" | "pending" | "running" => StatusState::Pending,
        _ => StatusState::Failure,
    }))
}

/// Reads the head of a change request in the form of GitHub, which Gitee and Gitea have as well.
pub(crate) fn change_info(answer: &Value) -> Option<ChangeInfo> {
    let head = answer.pointer("/head/sha")?.as_str()?.to_owned();
    let name = |side: &str| {
        let name = answer.pointer(&format!("/{side}/repo/full_name"))?;
        name.as_str().map(str::to_owned)
    };
    Some(ChangeInfo {
        head,
        is_fork: name("base").map(|base| name("head") != Some(base)),
    })
}

/// Returns a text as a part of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut path = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

/// Returns the path of a repository, whose parts are kept apart.
pub(crate) fn repository_path(repository: &Repository) -> String {
    let parts = repository.path.split('/').map(segment);
    format!("/repos/{}", parts.collect::<Vec<_>>().join("/"))
}
