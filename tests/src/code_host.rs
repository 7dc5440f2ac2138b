//! A code host in the process of the test, with the paths, headers and answers of GitHub, GitLab, Gitee or
//! Gitea.
//!
//! It is written from the references of the code hosts, apart from the client, so that a path or a field
//! that is misspelled there is refused here. What no reference states is marked as assumed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The token that is accepted.
pub const TOKEN: &str = "token-of-the-pipeline";

/// The repository.
pub const REPOSITORY: &str = "team/shop";

/// The number of the repository on GitLab.
const PROJECT: u64 = 42;

/// The longest body of a request.
const LONGEST_BODY: usize = 8 << 20;

/// The code hosts that can be imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeHostKind {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitee.
    Gitee,
    /// Gitea.
    Gitea,
}

impl CodeHostKind {
    /// All of them.
    pub const ALL: [CodeHostKind; 4] = [
        CodeHostKind::GitHub,
        CodeHostKind::GitLab,
        CodeHostKind::Gitee,
        CodeHostKind::Gitea,
    ];

    /// Returns the path of the API.
    const fn base(self) -> &'static str {
        match self {
            CodeHostKind::GitHub => "",
            CodeHostKind::GitLab => "/api/v4",
            CodeHostKind::Gitee => "/api/v5",
            CodeHostKind::Gitea => "/api/v1",
        }
    }

    /// Returns the name of the user that the token belongs to (Gitea: assumed).
    pub const fn job_user(self) -> &'static str {
        match self {
            CodeHostKind::GitHub => "github-actions[bot]",
            CodeHostKind::GitLab => "project_42_bot",
            CodeHostKind::Gitee => "team-bot",
            CodeHostKind::Gitea => "gitea-actions",
        }
    }

    /// Returns the longest comment in characters (GitHub: answer of the API; GitLab: documented; others:
    /// assumed).
    const fn longest_comment(self) -> usize {
        match self {
            CodeHostKind::GitLab => 1_000_000,
            _ => 65_536,
        }
    }

    /// Returns the environment of a pipeline for a pull request, or for a push.
    ///
    /// # Panics
    /// If the description of the event cannot be written.
    pub fn environment(self, host: &CodeHost, run: &PipelineRun<'_>) -> Vec<(String, String)> {
        let api = format!("{}{}", host.url(), self.base());
        let zeros = "0".repeat(40);
        let mut variables = vec![("CI", "true".to_owned())];
        match self {
            CodeHostKind::GitHub | CodeHostKind::Gitea => {
                let event = match run.change {
                    Some(change) => json!({ "pull_request": {
                        "number": change.number,
                        "head": { "sha": run.commit, "repo": { "full_name": change.source } },
                        "base": { "sha": run.base, "repo": { "full_name": REPOSITORY } },
                    } }),
                    None => json!({
                        "before": run.base.unwrap_or(&zeros),
                        "after": run.commit,
                        "repository": { "default_branch": "main" },
                    }),
                };
                let path = run.folder.join("event.json");
                // A job that runs at the same time reads the whole file, and never a part of it.
                let file = tempfile::NamedTempFile::new_in(run.folder).unwrap();
                std::fs::write(file.path(), event.to_string()).unwrap();
                file.persist(&path).unwrap();
                let reference = match run.change {
                    Some(change) => format!("refs/pull/{}/merge", change.number),
                    None => "refs/heads/main".to_owned(),
                };
                variables.extend([
                    ("GITHUB_ACTIONS", "true".to_owned()),
                    ("GITHUB_EVENT_PATH", path.display().to_string()),
                    // That of the trial merge, which must not be used.
                    (
                        "GITHUB_SHA",
                        match run.change {
                            Some(_) => "f".repeat(40),
                            None => run.commit.to_owned(),
                        },
                    ),
                    ("GITHUB_REF", reference),
                    ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
                    ("GITHUB_SERVER_URL", host.url()),
                    ("GITHUB_API_URL", api),
                    ("GITHUB_RUN_ID", "99".to_owned()),
                    ("GITHUB_TOKEN", run.token.to_owned()),
                ]);
                if self == CodeHostKind::Gitea {
                    variables.push(("GITEA_ACTIONS", "true".to_owned()));
                }
            }
            CodeHostKind::GitLab => {
                variables.extend([
                    ("GITLAB_CI", "true".to_owned()),
                    ("CI_API_V4_URL", api),
                    ("CI_PROJECT_ID", PROJECT.to_string()),
                    ("CI_COMMIT_SHA", run.commit.to_owned()),
                    ("CI_JOB_URL", format!("{}/jobs/1", host.url())),
                    ("GITLAB_TOKEN", run.token.to_owned()),
                ]);
                match run.change {
                    Some(change) => variables.extend([
                        ("CI_MERGE_REQUEST_IID", change.number.to_string()),
                        ("CI_MERGE_REQUEST_PROJECT_ID", PROJECT.to_string()),
                        (
                            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
                            change.project().to_string(),
                        ),
                        (
                            "CI_MERGE_REQUEST_DIFF_BASE_SHA",
                            run.base.unwrap_or_default().to_owned(),
                        ),
                    ]),
                    None => variables.extend([
                        ("CI_COMMIT_BRANCH", "main".to_owned()),
                        ("CI_DEFAULT_BRANCH", "main".to_owned()),
                        (
                            "CI_COMMIT_BEFORE_SHA",
                            run.base.unwrap_or(&zeros).to_owned(),
                        ),
                    ]),
                }
            }
            CodeHostKind::Gitee => {
                variables.extend([
                    ("GITEE_PIPELINE_NAME", "eci".to_owned()),
                    ("GITEE_REPO", "shop".to_owned()),
                    ("GITEE_BRANCH", "main".to_owned()),
                    ("ECI_CI_API", api),
                    ("ECI_CI_REPOSITORY", REPOSITORY.to_owned()),
                    ("ECI_CI_HOST", "gitee".to_owned()),
                    ("ECI_CI_TOKEN", run.token.to_owned()),
                ]);
                match run.change {
                    Some(change) => variables.extend([
                        ("GITEE_COMMIT", run.base.unwrap_or_default().to_owned()),
                        ("GITEE_SOURCE_COMMIT", run.commit.to_owned()),
                        ("GITEE_PULL_ID", change.number.to_string()),
                    ]),
                    None => variables.push(("GITEE_COMMIT", run.commit.to_owned())),
                }
            }
        }
        let variables = variables.into_iter();
        variables
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// A run of a pipeline.
#[derive(Clone, Copy, Debug)]
pub struct PipelineRun<'a> {
    /// The commit.
    pub commit: &'a str,
    /// The commit to compare with.
    pub base: Option<&'a str>,
    /// The pull request.
    pub change: Option<Change<'a>>,
    /// The token.
    pub token: &'a str,
    /// A folder for files of the CI system.
    pub folder: &'a std::path::Path,
}

/// A pull request.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The number.
    pub number: u64,
    /// The repository that it comes from.
    pub source: &'a str,
}

impl Change<'_> {
    fn project(self) -> u64 {
        if self.source == REPOSITORY {
            PROJECT
        } else {
            PROJECT + 1
        }
    }
}

/// The repositories and pull requests of a code host.
#[derive(Debug, Default)]
pub struct World {
    /// The comments: pull request and text, by ID.
    pub comments: BTreeMap<u64, Post>,
    /// The issues, closed ones as well.
    pub issues: BTreeMap<u64, Issue>,
    /// The statuses in the order of their arrival.
    pub statuses: Vec<CommitStatus>,
    /// The last commit and the source of each pull request.
    pub changes: BTreeMap<u64, PullRequest>,
    /// The last commit of each branch.
    pub branches: BTreeMap<String, String>,
    /// The pull request that a commit came from.
    pub merged: BTreeMap<String, u64>,
    /// The files that the job for a pull request has kept, by their paths.
    pub artifacts: BTreeMap<String, String>,
    /// All requests.
    pub requests: Vec<String>,
    /// Requests that the reference does not have.
    pub unknown: Vec<String>,
    /// Whether the token may only read.
    pub is_read_only: bool,
    next: u64,
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Post {
    /// The pull request.
    pub change: u64,
    /// The text.
    pub text: String,
    /// The name of its author.
    pub author: String,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
    /// Whether it is open.
    pub is_open: bool,
}

/// A status of a commit.
#[derive(Clone, Debug)]
pub struct CommitStatus {
    /// The commit.
    pub commit: String,
    /// The purpose.
    pub context: String,
    /// The state, as the code host names it.
    pub state: String,
    /// A few words.
    pub description: String,
}

/// A pull request.
#[derive(Clone, Debug)]
pub struct PullRequest {
    /// The last commit.
    pub head: String,
    /// The repository that it comes from.
    pub source: String,
}

/// A code host that is served over HTTP.
pub struct CodeHost {
    /// The code host that it imitates.
    pub kind: CodeHostKind,
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    _runtime: Runtime,
}

/// The state of the handler.
#[derive(Clone)]
struct Server {
    kind: CodeHostKind,
    world: Arc<Mutex<World>>,
}

impl CodeHost {
    /// Starts a code host.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(kind: CodeHostKind) -> CodeHost {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let world = Arc::new(Mutex::new(World::default()));
        let server = Server {
            kind,
            world: world.clone(),
        };
        let router = Router::new().fallback(handle).with_state(server);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await });
        CodeHost {
            kind,
            address,
            world,
            _runtime: runtime,
        }
    }

    /// Returns its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what it knows.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a pull request, or pushes to it.
    pub fn push(&self, number: u64, head: &str) {
        self.push_from(number, head, REPOSITORY);
    }

    /// Opens a pull request of another repository.
    pub fn push_from(&self, number: u64, head: &str, source: &str) {
        let change = PullRequest {
            head: head.to_owned(),
            source: source.to_owned(),
        };
        self.world().changes.insert(number, change);
    }

    /// Returns the texts of the comments on a pull request.
    pub fn comments(&self, number: u64) -> Vec<String> {
        let world = self.world();
        let comments = world.comments.values();
        let comments = comments.filter(|comment| comment.change == number);
        comments.map(|comment| comment.text.clone()).collect()
    }

    /// Returns the open issues.
    pub fn open_issues(&self) -> Vec<Issue> {
        let world = self.world();
        let issues = world.issues.values().filter(|issue| issue.is_open);
        issues.cloned().collect()
    }

    /// Returns the last status of a commit for a purpose.
    pub fn status(&self, commit: &str, context: &str) -> Option<CommitStatus> {
        let world = self.world();
        let statuses = world.statuses.iter().rev();
        let mut statuses =
            statuses.filter(|status| status.commit == commit && status.context == context);
        statuses.next().cloned()
    }

    /// Checks that every request was one that the reference has.
    ///
    /// # Panics
    /// If one was not.
    #[track_caller]
    pub fn assert_knows_all_requests(&self) {
        let unknown = &self.world().unknown;
        assert!(unknown.is_empty(), "{:?}: {unknown:?}", self.kind);
    }
}

async fn handle(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    };
    let mut world = server.world.lock().unwrap_or_else(PoisonError::into_inner);
    let line = format!("{} {}", parts.method, parts.uri.path());
    world.requests.push(line.clone());
    if let Some(file) = parts.uri.path().strip_prefix("/storage/") {
        // Another server, which must not get the token.
        let is_anonymous = parts.headers.get("private-token").is_none();
        return match world.artifacts.get(file) {
            Some(text) if is_anonymous => text.clone().into_response(),
            _ => answer(400, Value::Null),
        };
    }
    if !is_authorized(server.kind, &parts.headers) {
        return answer(401, json!({ "message": "Bad credentials" }));
    }
    if world.is_read_only && parts.method != "GET" {
        let words = "Resource not accessible by integration";
        return answer(403, json!({ "message": words }));
    }
    let Some(path) = parts.uri.path().strip_prefix(server.kind.base()) else {
        world.unknown.push(line);
        return answer(404, json!({ "message": "Not Found" }));
    };
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let call = Call {
        kind: server.kind,
        method: parts.method.as_str(),
        segments: &segments,
        page: page(parts.uri.query().unwrap_or_default()),
        query: parts.uri.query().unwrap_or_default(),
        host: parts.headers["host"].to_str().unwrap_or_default(),
        body: &body,
    };
    match call.routed(&mut world) {
        Some(response) => response,
        None => {
            world.unknown.push(line);
            answer(404, json!({ "message": "Not Found" }))
        }
    }
}

/// Returns whether the token comes in the header that the code host has for it.
fn is_authorized(kind: CodeHostKind, headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match kind {
        CodeHostKind::GitHub => {
            // GitHub refuses requests without a user agent.
            header("user-agent").is_some()
                && header("authorization") == Some(&format!("Bearer {TOKEN}"))
        }
        CodeHostKind::GitLab => header("private-token") == Some(TOKEN),
        CodeHostKind::Gitee => header("authorization") == Some(&format!("Bearer {TOKEN}")),
        CodeHostKind::Gitea => header("authorization") == Some(&format!("token {TOKEN}")),
    }
}

/// A requested page.
#[derive(Clone, Copy)]
struct Page {
    number: usize,
    size: usize,
}

fn page(query: &str) -> Page {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found.and_then(|(_, value)| value.parse().ok())
    };
    Page {
        number: value("page").unwrap_or(1),
        size: value("per_page").or(value("limit")).unwrap_or(20),
    }
}

fn answer(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let headers = [("content-type", "application/json")];
    if body.is_null() {
        return status.into_response();
    }
    (status, headers, body.to_string()).into_response()
}

/// A request to the API.
struct Call<'a> {
    kind: CodeHostKind,
    method: &'a str,
    segments: &'a [&'a str],
    page: Page,
    query: &'a str,
    host: &'a str,
    body: &'a Value,
}

impl Call<'_> {
    fn routed(&self, world: &mut World) -> Option<Response> {
        if let ("GET", ["user"]) = (self.method, self.segments) {
            let user = self.kind.job_user();
            return Some(match self.kind {
                // The token of a job belongs to no user.
                CodeHostKind::GitHub => {
                    let words = "Resource not accessible by integration";
                    answer(403, json!({ "message": words }))
                }
                CodeHostKind::GitLab => answer(200, json!({ "id": 9, "username": user })),
                _ => answer(200, json!({ "id": 9, "login": user })),
            });
        }
        match self.kind {
            CodeHostKind::GitHub | CodeHostKind::Gitea => self.like_github(world),
            CodeHostKind::GitLab => self.gitlab(world),
            CodeHostKind::Gitee => self.gitee(world),
        }
    }

    fn like_github(&self, world: &mut World) -> Option<Response> {
        let rest = self.segments.strip_prefix(&["repos", "team", "shop"])?;
        match (self.method, rest) {
            ("GET", ["issues", number, "comments"]) => {
                self.list_comments(world, number.parse().ok()?)
            }
            ("POST", ["issues", number, "comments"]) => {
                self.create_comment(world, number.parse().ok()?)
            }
            ("PATCH", ["issues", "comments", id]) => self.update_comment(world, id),
            ("DELETE", ["issues", "comments", id]) => delete_comment(world, id),
            ("POST", ["statuses", commit]) => {
                let states = ["pending", "success", "failure", "error"];
                self.set_status(world, commit, &states, "context")
            }
            ("GET", ["commits", commit, "statuses"]) => {
                self.list_statuses(world, commit, "context")
            }
            ("GET", ["pulls", number]) => get_change(world, number),
            ("GET", ["branches", branch]) => get_branch(world, branch),
            ("GET", ["commits", commit, "pulls"]) if self.kind == CodeHostKind::GitHub => {
                let found = world.merged.get(*commit).copied();
                let found = found.and_then(|number| pull_request(world, number));
                Some(answer(200, found.into_iter().collect()))
            }
            ("GET", ["commits", commit, "pull"]) if self.kind == CodeHostKind::Gitea => {
                let found = world.merged.get(*commit).copied();
                let found = found.and_then(|number| pull_request(world, number));
                Some(match found {
                    Some(found) => answer(200, found),
                    None => answer(404, json!({ "message": "not found" })),
                })
            }
            ("GET", ["issues"]) => Some(self.list_issues(world)),
            ("POST", ["issues"]) => self.create_issue(world, "body"),
            ("PATCH", ["issues", number]) => self.update_issue(world, number, "body"),
            _ => None,
        }
    }

    fn gitee(&self, world: &mut World) -> Option<Response> {
        if let ["repos", "team", "issues", rest @ ..] = self.segments {
            // The repository is part of the document.
            if self.body["repo"] != "shop" {
                return Some(answer(400, json!({ "message": "repo is missing" })));
            }
            return match (self.method, rest) {
                ("POST", []) => self.create_issue(world, "body"),
                ("PATCH", [number]) => {
                    let number = number.trim_start_matches('I').to_owned();
                    self.update_issue(world, &number, "body")
                }
                _ => None,
            };
        }
        let rest = self.segments.strip_prefix(&["repos", "team", "shop"])?;
        match (self.method, rest) {
            ("GET", ["pulls", number, "comments"]) => {
                self.list_comments(world, number.parse().ok()?)
            }
            ("POST", ["pulls", number, "comments"]) => {
                self.create_comment(world, number.parse().ok()?)
            }
            ("PATCH", ["pulls", "comments", id]) => self.update_comment(world, id),
            ("DELETE", ["pulls", "comments", id]) => delete_comment(world, id),
            ("POST", ["check-runs"]) => {
                let text = |pointer: &str| {
                    let text = self.body.pointer(pointer)?.as_str()?;
                    Some(text.to_owned())
                };
                let conclusions = ["neutral", "success", "failure"];
                let state = text("/conclusion")?;
                if text("/status")? != "completed" || !conclusions.contains(&&*state) {
                    return Some(answer(400, json!({ "message": "invalid check" })));
                }
                world.statuses.push(CommitStatus {
                    commit: text("/head_sha")?,
                    context: text("/name")?,
                    description: text("/output/title")?,
                    state,
                });
                text("/output/summary")?;
                Some(answer(201, json!({ "id": 1 })))
            }
            ("GET", ["pulls", number]) => get_change(world, number),
            ("GET", ["branches", branch]) => get_branch(world, branch),
            ("GET", ["issues"]) => Some(self.list_issues(world)),
            _ => None,
        }
    }

    fn gitlab(&self, world: &mut World) -> Option<Response> {
        let rest = self.segments.strip_prefix(&["projects", "42"])?;
        match (self.method, rest) {
            ("GET", ["merge_requests", number, "notes"]) => {
                self.list_comments(world, number.parse().ok()?)
            }
            ("POST", ["merge_requests", number, "notes"]) => {
                self.create_comment(world, number.parse().ok()?)
            }
            ("PUT", ["merge_requests", _, "notes", id]) => self.update_comment(world, id),
            ("DELETE", ["merge_requests", _, "notes", id]) => delete_comment(world, id),
            ("POST", ["statuses", commit]) => {
                let states = ["pending", "running", "success", "failed", "canceled"];
                let same = |status: &&CommitStatus| {
                    status.commit == *commit && Some(&*status.context) == self.body["name"].as_str()
                };
                let last = world.statuses.iter().rev().find(same);
                if last.is_some_and(|last| Some(&*last.state) == self.body["state"].as_str()) {
                    let words = "Cannot transition status via :enqueue from :pending";
                    return Some(answer(400, json!({ "message": words })));
                }
                self.set_status(world, commit, &states, "name")
            }
            ("GET", ["repository", "commits", commit, "statuses"]) => {
                self.list_statuses(world, commit, "name")
            }
            ("GET", ["merge_requests", number]) => {
                let number: u64 = number.parse().ok()?;
                Some(match merge_request(world, number) {
                    Some(found) => answer(200, found),
                    None => answer(404, json!({ "message": "404 Not found" })),
                })
            }
            ("GET", ["repository", "branches", branch]) => get_branch(world, branch),
            (
                "GET",
                [
                    "jobs",
                    "artifacts",
                    "refs%2Fmerge-requests%2F7%2Fhead",
                    "raw",
                    file @ ..,
                ],
            ) if self.query == "job=eci%3Aplan" => {
                let file = file.join("/");
                if !world.artifacts.contains_key(&file) {
                    return Some(answer(404, json!({ "message": "404 Not found" })));
                }
                // GitLab redirects to an object store, where it has one.
                let host = self.host.replace("127.0.0.1", "localhost");
                let place = format!("http://{host}/storage/{file}");
                Some((StatusCode::FOUND, [("location", place)]).into_response())
            }
            ("GET", ["repository", "commits", commit, "merge_requests"]) => {
                let found = world.merged.get(*commit).copied();
                let found = found.and_then(|number| merge_request(world, number));
                Some(answer(200, found.into_iter().collect()))
            }
            ("GET", ["issues"]) => Some(self.list_issues(world)),
            ("POST", ["issues"]) => self.create_issue(world, "description"),
            ("PUT", ["issues", number]) => self.update_issue(world, number, "description"),
            _ => None,
        }
    }

    fn set_author(&self, post: &mut Value, author: &str) {
        if self.kind == CodeHostKind::GitLab {
            post["author"] = json!({ "username": author });
            return;
        }
        post["user"] = json!({ "login": author });
        if self.kind == CodeHostKind::GitHub {
            let is_bot = author.ends_with("[bot]");
            post["user"]["type"] = if is_bot { "Bot" } else { "User" }.into();
        }
    }

    fn list_statuses(&self, world: &World, commit: &str, context: &str) -> Option<Response> {
        let statuses = world.statuses.iter().rev();
        let statuses = statuses.filter(|status| status.commit == commit);
        let state = if self.kind == CodeHostKind::GitLab {
            "status"
        } else {
            "state"
        };
        let statuses: Vec<Value> = statuses
            .map(|status| json!({ context: status.context, state: status.state }))
            .collect();
        Some(answer(200, self.paged(&statuses)))
    }

    fn paged(&self, all: &[Value]) -> Value {
        let Page { number, size } = self.page;
        // Gitea has no pages of comments.
        if self.kind == CodeHostKind::Gitea {
            return all.to_vec().into();
        }
        all.chunks(size)
            .nth(number - 1)
            .unwrap_or_default()
            .to_vec()
            .into()
    }

    fn list_comments(&self, world: &World, number: u64) -> Option<Response> {
        let comments = world.comments.iter();
        let comments = comments.filter(|(_, comment)| comment.change == number);
        let comments: Vec<Value> = comments
            .map(|(id, comment)| {
                let mut json = json!({ "id": id, "body": comment.text });
                self.set_author(&mut json, &comment.author);
                json
            })
            .collect();
        Some(answer(200, self.paged(&comments)))
    }

    /// Returns the text of a comment, or the words of its refusal.
    fn text(&self) -> Result<String, String> {
        let Some(text) = self.body["body"].as_str().filter(|text| !text.is_empty()) else {
            return Err("body is missing".to_owned());
        };
        let longest = self.kind.longest_comment();
        if text.chars().count() > longest {
            return Err(format!(
                "Body is too long (maximum is {longest} characters)"
            ));
        }
        Ok(text.to_owned())
    }

    fn create_comment(&self, world: &mut World, change: u64) -> Option<Response> {
        if !world.changes.contains_key(&change) {
            return Some(answer(404, json!({ "message": "Not Found" })));
        }
        Some(match self.text() {
            Err(words) => answer(422, json!({ "message": words })),
            Ok(text) => {
                world.next += 1;
                let id = world.next;
                let author = self.kind.job_user().to_owned();
                world.comments.insert(
                    id,
                    Post {
                        change,
                        text,
                        author,
                    },
                );
                answer(201, json!({ "id": id }))
            }
        })
    }

    fn update_comment(&self, world: &mut World, id: &str) -> Option<Response> {
        let Some(comment) = world.comments.get_mut(&id.parse().ok()?) else {
            return Some(answer(404, json!({ "message": "Not Found" })));
        };
        Some(match self.text() {
            Err(words) => answer(422, json!({ "message": words })),
            Ok(text) => {
                comment.text = text;
                answer(200, json!({ "id": id }))
            }
        })
    }

    fn set_status(
        &self,
        world: &mut World,
        commit: &str,
        states: &[&str],
        context: &str,
    ) -> Option<Response> {
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        let status = CommitStatus {
            commit: commit.to_owned(),
            context: text(context),
            state: text("state"),
            description: text("description"),
        };
        let longest = if self.kind == CodeHostKind::GitHub {
            140
        } else {
            255
        };
        let is_valid = states.contains(&&*status.state)
            && !status.context.is_empty()
            && status.description.chars().count() <= longest;
        if !is_valid {
            return Some(answer(422, json!({ "message": "Validation Failed" })));
        }
        world.statuses.push(status);
        Some(answer(201, json!({ "id": 1 })))
    }

    fn list_issues(&self, world: &World) -> Response {
        let text = if self.kind == CodeHostKind::GitLab {
            "description"
        } else {
            "body"
        };
        let issues = world.issues.iter().filter(|(_, issue)| issue.is_open);
        let issues: Vec<Value> = issues
            .map(|(number, issue)| {
                let mut json =
                    json!({ "title": issue.title, text: issue.text, "id": number + 1000 });
                self.set_author(&mut json, self.kind.job_user());
                match self.kind {
                    CodeHostKind::GitLab => json["iid"] = (*number).into(),
                    CodeHostKind::Gitee => json["number"] = format!("I{number}").into(),
                    _ => json["number"] = (*number).into(),
                }
                json
            })
            .collect();
        answer(200, self.paged(&issues))
    }

    fn create_issue(&self, world: &mut World, text: &str) -> Option<Response> {
        world.next += 1;
        let issue = Issue {
            title: self.body["title"].as_str()?.to_owned(),
            text: self.body[text].as_str()?.to_owned(),
            is_open: true,
        };
        world.issues.insert(world.next, issue);
        Some(answer(201, json!({ "id": 1 })))
    }

    fn update_issue(&self, world: &mut World, number: &str, text: &str) -> Option<Response> {
        let Some(issue) = world.issues.get_mut(&number.parse().ok()?) else {
            return Some(answer(404, json!({ "message": "Not Found" })));
        };
        if let Some(title) = self.body["title"].as_str() {
            title.clone_into(&mut issue.title);
        }
        if let Some(text) = self.body[text].as_str() {
            text.clone_into(&mut issue.text);
        }
        let closes = match self.kind {
            CodeHostKind::GitLab => self.body["state_event"] == "close",
            _ => self.body["state"] == "closed",
        };
        issue.is_open &= !closes;
        Some(answer(200, json!({ "id": 1 })))
    }
}

fn delete_comment(world: &mut World, id: &str) -> Option<Response> {
    Some(match world.comments.remove(&id.parse().ok()?) {
        Some(_) => answer(204, Value::Null),
        None => answer(404, json!({ "message": "Not Found" })),
    })
}

fn pull_request(world: &World, number: u64) -> Option<Value> {
    let change = world.changes.get(&number)?;
    Some(json!({
        "number": number,
        "head": { "sha": change.head, "repo": { "full_name": change.source } },
        "base": { "repo": { "full_name": REPOSITORY } },
    }))
}

fn merge_request(world: &World, number: u64) -> Option<Value> {
    let change = world.changes.get(&number)?;
    let source = Change {
        number,
        source: &change.source,
    };
    Some(json!({
        "iid": number,
        "sha": change.head,
        "source_project_id": source.project(),
        "target_project_id": PROJECT,
    }))
}

fn get_change(world: &World, number: &str) -> Option<Response> {
    Some(match pull_request(world, number.parse().ok()?) {
        Some(found) => answer(200, found),
        None => answer(404, json!({ "message": "Not Found" })),
    })
}

fn get_branch(world: &World, branch: &str) -> Option<Response> {
    Some(match world.branches.get(branch) {
        // GitHub and Gitee have `sha`, GitLab and Gitea `id`.
        Some(head) => answer(200, json!({ "commit": { "sha": head, "id": head } })),
        None => answer(404, json!({ "message": "Branch not found" })),
    })
}
