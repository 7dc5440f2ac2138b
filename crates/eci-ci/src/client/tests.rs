use std::cell::{Cell, RefCell};

use pollster::block_on;
use serde_json::json;

use super::*;
use crate::host::{Method, StatusState, TransportError};
use crate::pipeline::HostKind;

/// A code host in memory, in the form of GitHub.
#[derive(Default)]
struct World {
    comments: RefCell<Vec<Value>>,
    issues: RefCell<Vec<Value>>,
    head: RefCell<String>,
    requests: RefCell<Vec<String>>,
    next: Cell<u64>,
    /// The answer to a create is lost.
    loses_answers: Cell<bool>,
    /// Another pipeline creates a comment with this text just before.
    rival: RefCell<Option<String>>,
    /// Every request gets this status.
    refuses: Cell<Option<u16>>,
}

/// Returns whether a post has this number.
fn is(post: &Value, field: &str, number: &str) -> bool {
    post[field].as_u64() == number.parse().ok()
}

impl World {
    fn id(&self) -> u64 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    fn create_comment(&self, text: &Value) {
        self.create_comment_by("eci", text);
    }

    fn create_comment_by(&self, author: &str, text: &Value) {
        let comment = json!({ "id": self.id(), "body": text, "user": { "login": author } });
        self.comments.borrow_mut().push(comment);
    }

    fn answer(&self, request: &Request) -> Value {
        let path = &*request.path;
        let body = request.body.clone().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let page = path.split("page=").last().unwrap_or("1");
        let paged = |all: &[Value]| {
            // Pages of two.
            let page: usize = page.parse().unwrap();
            all.chunks(2).nth(page - 1).unwrap_or_default().to_vec()
        };
        match request.method {
            Method::Get if path == "/user" => json!({ "login": "ECI" }),
            Method::Get if path.contains("/pulls/") => {
                json!({ "head": { "sha": *self.head.borrow() } })
            }
            Method::Get if path.contains("/comments?") => {
                json!(paged(&self.comments.borrow()))
            }
            Method::Get => json!(paged(&self.issues.borrow())),
            Method::Post if path.ends_with("/comments") => {
                if let Some(rival) = self.rival.take() {
                    self.create_comment(&rival.into());
                }
                self.create_comment(&body["body"]);
                Value::Null
            }
            Method::Post if path.contains("/statuses/") => Value::Null,
            Method::Post => {
                let mut issue = body;
                issue["number"] = self.id().into();
                issue["user"] = json!({ "login": "eci" });
                self.issues.borrow_mut().push(issue);
                Value::Null
            }
            Method::Patch if path.contains("/comments/") => {
                let mut comments = self.comments.borrow_mut();
                let mut comments = comments.iter_mut();
                let found = comments.find(|it| is(it, "id", last));
                found.unwrap()["body"] = body["body"].clone();
                Value::Null
            }
            Method::Patch => {
                let mut issues = self.issues.borrow_mut();
                if body["state"] == "closed" {
                    issues.retain(|it| !is(it, "number", last));
                } else {
                    let mut issues = issues.iter_mut();
                    let found = issues.find(|it| is(it, "number", last));
                    found.unwrap()["body"] = body["body"].clone();
                }
                Value::Null
            }
            Method::Delete => {
                let mut comments = self.comments.borrow_mut();
                comments.retain(|it| !is(it, "id", last));
                Value::Null
            }
            Method::Put => Value::Null,
        }
    }

    fn texts(&self) -> Vec<String> {
        let comments = self.comments.borrow();
        let texts = comments.iter().map(|it| it["body"].as_str().unwrap());
        texts.map(str::to_owned).collect()
    }

    fn writes(&self) -> Vec<String> {
        let requests = self.requests.borrow();
        let writes = requests.iter().filter(|it| !it.starts_with("GET"));
        writes.cloned().collect()
    }
}

impl Transport for &World {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let line = format!("{} {}", request.method.name(), request.path);
        self.requests.borrow_mut().push(line);
        if let Some(status) = self.refuses.get() {
            return Ok(Response {
                status,
                body: json!({ "message": "no" }),
            });
        }
        let body = self.answer(&request);
        if request.method == Method::Post && self.loses_answers.get() {
            return Err(TransportError(Text::verbatim("connection reset")));
        }
        Ok(Response { status: 200, body })
    }
}

fn client(world: &World) -> CodeHostClient<&World> {
    let repository = Repository {
        host: HostKind::GitHub,
        api: String::new(),
        path: "team/shop".to_owned(),
    };
    CodeHostClient::new(&repository, world)
}

fn marked(text: &str) -> String {
    format!("{}\n{text}", Marker::plan("eci").line())
}

fn put(world: &World, text: &str, commit: &str) -> Result<CommentOutcome, HostError> {
    block_on(client(world).put_comment(Comment {
        change: "7",
        marker: &Marker::plan("eci"),
        text: &marked(text),
        commit,
        creates: true,
    }))
}

fn world(head: &str) -> World {
    let world = World::default();
    head.clone_into(&mut world.head.borrow_mut());
    world
}

#[test]
fn one_comment_is_created_and_then_updated() {
    let world = world("a");
    // The comment is not on the first page.
    for other in ["hello", "<!-- eci-plan name=other -->\nx", "bye"] {
        world.create_comment(&other.into());
    }
    assert_eq!(put(&world, "one", "a").unwrap(), CommentOutcome::Created);
    assert_eq!(put(&world, "two", "a").unwrap(), CommentOutcome::Updated);
    assert_eq!(world.texts()[3..], [marked("two")]);
    // The same again requires no call.
    let writes = world.writes().len();
    put(&world, "two", "a").unwrap();
    assert_eq!(world.writes().len(), writes);
}

#[test]
fn a_comment_of_another_user_is_neither_updated_nor_deleted() {
    let world = world("a");
    world.create_comment_by("stranger", &marked("copied").into());
    assert_eq!(put(&world, "one", "a").unwrap(), CommentOutcome::Created);
    world.create_comment_by("stranger", &marked("copied again").into());
    assert_eq!(put(&world, "two", "a").unwrap(), CommentOutcome::Updated);
    let expected = [marked("copied"), marked("two"), marked("copied again")];
    assert_eq!(world.texts(), expected);
}

#[test]
fn a_pipeline_of_an_earlier_commit_leaves_the_comment_to_the_later_one() {
    let world = world("b");
    assert_eq!(put(&world, "of a", "a").unwrap(), CommentOutcome::Outdated);
    assert!(world.texts().is_empty());
    put(&world, "of b", "b").unwrap();
    assert_eq!(put(&world, "of a", "a").unwrap(), CommentOutcome::Outdated);
    assert_eq!(world.texts(), [marked("of b")]);
}

#[test]
fn two_pipelines_at_once_leave_one_comment() {
    let world = world("a");
    *world.rival.borrow_mut() = Some(marked("of the rival"));
    put(&world, "mine", "a").unwrap();
    assert_eq!(world.texts(), [marked("mine")]);
}

#[test]
fn a_comment_whose_answer_is_lost_is_found() {
    let world = world("a");
    world.loses_answers.set(true);
    assert_eq!(put(&world, "one", "a").unwrap(), CommentOutcome::Created);
    assert_eq!(world.texts(), [marked("one")]);
}

#[test]
fn refusals_name_the_cause_and_a_fix() {
    for (status, expected, fix) in [
        (401, "the token is not valid", "github.token"),
        (403, "lacks the permission: no", "pull-requests: write"),
        (404, "not found in `team/shop`", "permissions"),
        (500, "HTTP 500: no", "again"),
    ] {
        let world = world("a");
        world.refuses.set(Some(status));
        let error = put(&world, "one", "a").unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.help().en().contains(fix), "{}", error.help());
    }
}

#[test]
fn the_description_of_a_status_fits() {
    let world = world("a");
    let status = CommitStatus {
        context: "eci/plan".to_owned(),
        state: StatusState::Success,
        description: "创建".repeat(100),
        page: None,
    };
    block_on(client(&world).set_status("a", &status)).unwrap();
    assert_eq!(world.writes(), ["POST /repos/team/shop/statuses/a"]);
    let text = shortened(&status.description, 140);
    assert!(text.len() <= 140 && text.ends_with('…'), "{text}");
}

#[test]
fn one_issue_is_created_updated_and_closed() {
    let world = world("a");
    let marker = Marker::drift("eci", "web");
    let put = |text: &str| {
        block_on(client(&world).put_issue(IssueText {
            marker: &marker,
            title: "drift",
            text: &format!("{}\n{text}", marker.line()),
        }))
        .unwrap()
    };
    assert_eq!(put("one"), CommentOutcome::Created);
    assert_eq!(put("two"), CommentOutcome::Updated);
    assert_eq!(world.issues.borrow().len(), 1);
    let close = || block_on(client(&world).close_issue(&marker, "resolved")).unwrap();
    assert!(close());
    assert!(world.issues.borrow().is_empty());
    assert!(!close());
}
