//! Requests of a pipeline to a code host: one comment, issue and status, however often it runs.

use std::collections::BTreeSet;

use eci_text::{Text, text};
use serde_json::Value;

use crate::error::HostError;
use crate::host::{
    ChangeInfo, CodeHost, CommitStatus, Post, Request, Response, StatusState, Transport,
};
use crate::hosts::code_host;
use crate::marker::Marker;
use crate::pipeline::Repository;

/// The most pages of a list that are read: more comments than that are not searched.
const MOST_PAGES: u32 = 100;

/// The longest text of a code host that a message repeats.
const LONGEST_MESSAGE: usize = 300;

/// A client of a code host.
pub struct CodeHostClient<T> {
    transport: T,
    host: Box<dyn CodeHost>,
    repository: Repository,
    /// The name under which the token writes, if it is known.
    user: Option<String>,
}

/// The comment on a change request.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'a> {
    /// The number of the change request.
    pub change: &'a str,
    /// The mark.
    pub marker: &'a Marker,
    /// The text, with the mark.
    pub text: &'a str,
    /// The commit that the text is about.
    pub commit: &'a str,
    /// Whether a comment that does not exist is created.
    pub creates: bool,
}

/// The effect of writing a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentOutcome {
    /// The comment was created.
    Created,
    /// The comment was updated.
    Updated,
    /// The change request has another last commit by now: the comment belongs to that one.
    Outdated,
    /// The comment does not exist, and was not to be created.
    Absent,
}

/// The text of an issue.
#[derive(Clone, Copy, Debug)]
pub struct IssueText<'a> {
    /// The mark.
    pub marker: &'a Marker,
    /// The title.
    pub title: &'a str,
    /// The text, with the mark.
    pub text: &'a str,
}

/// A list of posts.
#[derive(Clone, Copy)]
enum PostList<'a> {
    Comments(&'a str),
    Issues,
}

impl<T: Transport> CodeHostClient<T> {
    /// Creates a client for a repository.
    pub fn new(repository: &Repository, transport: T) -> CodeHostClient<T> {
        CodeHostClient {
            transport,
            host: code_host(repository),
            repository: repository.clone(),
            user: None,
        }
    }

    /// Returns this client with the name under which its token writes; by default that which the code host shows.
    #[must_use]
    pub fn writing_as(self, user: Option<String>) -> CodeHostClient<T> {
        CodeHostClient { user, ..self }
    }

    /// Returns the longest comment in bytes.
    pub fn longest_comment(&self) -> usize {
        self.host.limits().comment
    }

    /// Returns what is known of a change request.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn change(&self, change: &str) -> Result<ChangeInfo, HostError> {
        let operation = text!(
            en: "read the {change}",
            zh: "读取{change}",
            change = self.host.kind().change_request(),
        );
        let answer = self.send(self.host.get_change(change), &operation).await?;
        let read = self.host.read_change(&answer);
        read.ok_or_else(|| self.unexpected(operation))
    }

    /// Returns the last commit of a branch.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn branch_head(&self, branch: &str) -> Result<String, HostError> {
        let operation = text!(en: "read the branch", zh: "读取分支");
        let answer = self.send(self.host.get_branch(branch), &operation).await?;
        let read = self.host.read_branch(&answer);
        read.ok_or_else(|| self.unexpected(operation))
    }

    /// Returns the last commits of the change requests that a commit came from, for example of one that was
    /// merged as a single commit; none if the code host does not show it.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn changes_of(&self, commit: &str) -> Result<Vec<String>, HostError> {
        let operation = text!(
            en: "find the {change} of a commit",
            zh: "查找提交所属的{change}",
            change = self.host.kind().change_request(),
        );
        let Some(request) = self.host.find_changes(commit) else {
            return Ok(Vec::new());
        };
        match self.send(request, &operation).await {
            Ok(answer) => {
                let read = self.host.read_changes(&answer);
                read.ok_or_else(|| self.unexpected(operation))
            }
            // A commit that was pushed directly.
            Err(HostError::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Returns the first of several files among the artifacts of the change requests that a commit came from.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn artifact(
        &self,
        commit: &str,
        paths: &[String],
    ) -> Result<Option<String>, HostError> {
        let operation = text!(en: "read the artifacts", zh: "读取制品");
        let Some(request) = self.host.find_changes(commit) else {
            return Ok(None);
        };
        let answer = match self.send(request, &operation).await {
            Ok(answer) => answer,
            Err(HostError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let numbers = self.host.read_change_numbers(&answer);
        let numbers = numbers.ok_or_else(|| self.unexpected(operation.clone()))?;
        for number in &numbers {
            for path in paths {
                let Some(request) = self.host.get_artifact(number, path) else {
                    return Ok(None);
                };
                match self.send(request, &operation).await {
                    Ok(Value::String(text)) => return Ok(Some(text)),
                    Ok(_) => return Err(self.unexpected(operation)),
                    Err(HostError::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(None)
    }

    /// Creates or updates the comment with a mark, and removes others with it.
    ///
    /// A pipeline whose commit is not the last one of the change request any more writes nothing: its
    /// answer would replace that for the newer commit.
    ///
    /// Not cancel safe: the comment may be written all the same. The next call finds it by its mark.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn put_comment(&self, comment: Comment<'_>) -> Result<CommentOutcome, HostError> {
        let Comment {
            change,
            marker,
            text,
            commit,
            creates,
        } = comment;
        let mut found = self.posts(PostList::Comments(change), marker).await?;
        // As late as possible: a push may have come since this pipeline began.
        if self.change(change).await?.head != commit {
            return Ok(CommentOutcome::Outdated);
        }
        if found.is_empty() && !creates {
            return Ok(CommentOutcome::Absent);
        }
        let mut written = CommentOutcome::Updated;
        if found.is_empty() {
            let operation = text!(en: "create the comment", zh: "创建评论");
            let request = self.host.create_comment(change, text);
            let created = self.send(request, &operation).await;
            // Another pipeline may have created one at the same time, and an answer that is lost does not
            // mean that nothing was created.
            found = self.posts(PostList::Comments(change), marker).await?;
            let is_there = found.iter().any(|post| same(&post.text, text));
            match created {
                Err(error) if !is_there => return Err(error),
                _ => written = CommentOutcome::Created,
            }
        }
        let mut found = found.into_iter();
        if let Some(first) = found.next()
            && !same(&first.text, text)
        {
            let operation = text!(en: "update the comment", zh: "更新评论");
            let request = self.host.update_comment(change, &first.id, text);
            self.send(request, &operation).await?;
        }
        for other in found {
            let operation = text!(en: "delete a duplicate comment", zh: "删除重复的评论");
            let request = self.host.delete_comment(change, &other.id);
            match self.send(request, &operation).await {
                // Both pipelines remove it.
                Ok(_) | Err(HostError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Returns the state of the newest status of a commit for a purpose; `None` if it has none, or the code
    /// host does not show it.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn status(
        &self,
        commit: &str,
        context: &str,
    ) -> Result<Option<StatusState>, HostError> {
        let operation = text!(en: "read the commit status", zh: "读取提交状态");
        let Some(request) = self.host.list_statuses(commit) else {
            return Ok(None);
        };
        let answer = self.send(request, &operation).await?;
        let read = self.host.read_status(&answer, context);
        read.ok_or_else(|| self.unexpected(operation))
    }

    /// Returns whether statuses of commits can be read.
    pub fn shows_statuses(&self) -> bool {
        self.host.list_statuses("").is_some()
    }

    /// Sets the status of a commit.
    ///
    /// Not cancel safe: the status may be set all the same. Setting it again does no harm.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn set_status(&self, commit: &str, status: &CommitStatus) -> Result<(), HostError> {
        let operation = text!(en: "set the commit status", zh: "设置提交状态");
        let mut status = status.clone();
        status.description = shortened(&status.description, self.host.limits().description);
        let Some(request) = self.host.set_status(commit, &status) else {
            return Ok(());
        };
        match self.send(request, &operation).await {
            // GitLab refuses to set the state that a status has already.
            Err(HostError::Refused { message, .. })
                if message.contains("Cannot transition status") =>
            {
                Ok(())
            }
            sent => sent.map(drop),
        }
    }

    /// Creates or updates the open issue with a mark; returns whether it was created.
    ///
    /// Not cancel safe: the issue may be written all the same. The next call finds it by its mark.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn put_issue(&self, issue: IssueText<'_>) -> Result<CommentOutcome, HostError> {
        let IssueText {
            marker,
            title,
            text,
        } = issue;
        let found = self.posts(PostList::Issues, marker).await?;
        let Some(first) = found.first() else {
            let operation = text!(en: "create the issue", zh: "创建 Issue");
            let request = self.host.create_issue(title, text);
            self.send(request, &operation).await?;
            return Ok(CommentOutcome::Created);
        };
        if !same(&first.text, text) {
            let operation = text!(en: "update the issue", zh: "更新 Issue");
            let request = self.host.update_issue(&first.id, title, text);
            self.send(request, &operation).await?;
        }
        Ok(CommentOutcome::Updated)
    }

    /// Closes the open issues with a mark, with a last text; returns whether there was one.
    ///
    /// Not cancel safe: some of the issues may be closed by then. The next call closes the others.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn close_issue(&self, marker: &Marker, text: &str) -> Result<bool, HostError> {
        let operation = text!(en: "close the issue", zh: "关闭 Issue");
        let found = self.posts(PostList::Issues, marker).await?;
        for issue in &found {
            let request = self.host.close_issue(&issue.id, text);
            self.send(request, &operation).await?;
        }
        Ok(!found.is_empty())
    }

    /// Returns the directories with an open issue about drift in the pipeline of this name.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the code host does not answer, or refuses.
    pub async fn directories_with_drift(&self, name: &str) -> Result<BTreeSet<String>, HostError> {
        let directory = |post: &Post| Marker::directory_of_drift(name, &post.text);
        let is_about_drift = |post: &Post| directory(post).is_some();
        let found = self.posts_that(PostList::Issues, is_about_drift).await?;
        Ok(found.iter().filter_map(directory).collect())
    }

    /// Returns the posts with a mark, the oldest first.
    async fn posts(&self, list: PostList<'_>, marker: &Marker) -> Result<Vec<Post>, HostError> {
        self.posts_that(list, |post| marker.is_of(&post.text)).await
    }

    /// Returns the posts by the user of the token for which a condition holds, the oldest first.
    async fn posts_that(
        &self,
        list: PostList<'_>,
        condition: impl Fn(&Post) -> bool,
    ) -> Result<Vec<Post>, HostError> {
        let operation = match list {
            PostList::Comments(_) => text!(en: "list the comments", zh: "列出评论"),
            PostList::Issues => text!(en: "list the issues", zh: "列出 Issue"),
        };
        let mut known = BTreeSet::new();
        let mut found = Vec::new();
        for page in 1..=MOST_PAGES {
            let request = match list {
                PostList::Comments(change) => self.host.list_comments(change, page),
                PostList::Issues => self.host.list_issues(page),
            };
            let answer = self.send(request, &operation).await?;
            // A page is empty behind the last one; some filter entries out, which are counted, too.
            let is_last = answer.as_array().is_none_or(Vec::is_empty);
            let posts = match list {
                PostList::Comments(_) => self.host.read_comments(&answer),
                PostList::Issues => self.host.read_issues(&answer),
            };
            let posts = posts.ok_or_else(|| self.unexpected(operation.clone()))?;
            let before = known.len();
            let has_posts = !posts.is_empty();
            for post in posts {
                if known.insert(post.id.clone()) && condition(&post) {
                    found.push(post);
                }
            }
            // A server without pages answers every request with the whole list.
            if is_last || has_posts && known.len() == before {
                break;
            }
        }
        found.sort_by_key(|post| (post.id.len(), post.id.clone()));
        self.own(found).await
    }

    /// Returns those posts that the user of the token has written: anyone can copy a mark.
    async fn own(&self, mut posts: Vec<Post>) -> Result<Vec<Post>, HostError> {
        if posts.is_empty() {
            return Ok(posts);
        }
        let user = match &self.user {
            Some(user) => Some(user.clone()),
            None => self.shown_user().await?,
        };
        posts.retain(|post| match (&user, &post.author) {
            (Some(user), Some(author)) => author.eq_ignore_ascii_case(user),
            (Some(_), None) => false,
            (None, _) => self.host.may_be_of_a_job(post),
        });
        Ok(posts)
    }

    /// Returns the user of the token as the code host shows it; `None` for the token of a job or an app.
    async fn shown_user(&self) -> Result<Option<String>, HostError> {
        let operation = text!(en: "read the user of the token", zh: "读取令牌的用户");
        match self.send(self.host.get_user(), &operation).await {
            Ok(answer) => {
                let read = self.host.read_user(&answer);
                read.map(Some).ok_or_else(|| self.unexpected(operation))
            }
            Err(error) if error.is_about_the_token() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn send(&self, request: Request, operation: &Text) -> Result<Value, HostError> {
        let host = self.host.kind();
        let operation = operation.clone();
        let Response { status, body } = match self.transport.send(request).await {
            Ok(response) => response,
            Err(cause) => {
                return Err(HostError::Unreachable {
                    host,
                    operation,
                    cause,
                });
            }
        };
        Err(match status {
            200..=299 => return Ok(body),
            401 => HostError::Unauthorized { host, operation },
            403 => HostError::Forbidden {
                host,
                operation,
                message: words(&body),
            },
            404 => HostError::NotFound {
                host,
                operation,
                repository: self.repository.path.clone(),
            },
            _ => HostError::Refused {
                host,
                operation,
                status,
                message: words(&body),
            },
        })
    }

    fn unexpected(&self, operation: Text) -> HostError {
        HostError::Unexpected {
            host: self.host.kind(),
            operation,
        }
    }
}

/// Returns whether two texts are the same for a code host, which may change ends of lines.
fn same(one: &str, two: &str) -> bool {
    let lines = |text: &str| text.trim_end().replace("\r\n", "\n");
    lines(one) == lines(two)
}

/// Returns the words of an error.
fn words(body: &Value) -> String {
    let words = ["message", "error_description", "error"].iter();
    let found = words.filter_map(|name| body.get(name)).find_map(|words| {
        let text = match words {
            Value::String(text) => text.clone(),
            Value::Null => return None,
            other => other.to_string(),
        };
        (!text.is_empty()).then_some(text)
    });
    let found = found.unwrap_or_else(|| "?".to_owned());
    shortened(&eci_text::line(&found), LONGEST_MESSAGE)
}

/// Returns a text with at most this number of bytes.
fn shortened(text: &str, limit: usize) -> String {
    const REST: &str = "…";
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = limit.saturating_sub(REST.len());
    let kept = text.char_indices().map(|(at, _)| at);
    let end = kept.take_while(|at| *at <= end).last().unwrap_or_default();
    format!("{}{REST}", &text[..end])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
