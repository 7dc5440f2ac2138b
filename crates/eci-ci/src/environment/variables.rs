//! Variables and documents, as the files of CI systems read them.

use serde_json::Value;

use crate::pipeline::CiSystem;
use crate::remote::Remote;

/// The variables and documents that describe a pipeline.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    event: Option<&'a Value>,
    remote: Option<&'a str>,
    pub(super) head: Option<&'a str>,
}

impl<'a> Environment<'a> {
    /// Creates an environment of variables alone.
    pub fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Environment<'a> {
        Environment {
            variable,
            event: None,
            remote: None,
            head: None,
        }
    }

    /// Sets the document at `GITHUB_EVENT_PATH`.
    #[must_use]
    pub fn with_event(mut self, event: Option<&'a Value>) -> Environment<'a> {
        self.event = event;
        self
    }

    /// Sets the address of the remote `origin` of the working copy.
    #[must_use]
    pub fn with_remote(mut self, remote: Option<&'a str>) -> Environment<'a> {
        self.remote = remote;
        self
    }

    /// Sets the commit of the working copy.
    #[must_use]
    pub fn with_head(mut self, head: Option<&'a str>) -> Environment<'a> {
        self.head = head;
        self
    }

    /// Returns a variable, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    /// Returns the first of several variables that is set.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Returns whether a variable says yes.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| !matches!(&*value, "0" | "false"))
    }

    /// Returns a commit, unless it is the null commit.
    pub(super) fn commit(&self, name: &str) -> Option<String> {
        self.get(name).filter(|commit| !is_none(commit))
    }

    /// Returns a text of the event, by its JSON pointer.
    pub(super) fn event(&self, pointer: &str) -> Option<String> {
        match self.event?.pointer(pointer)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn remote(&self) -> Option<Remote> {
        self.remote.and_then(Remote::parse)
    }

    /// Returns the CI system.
    pub(super) fn system(&self) -> Option<CiSystem> {
        // Gitea and Forgejo also set the variables of GitHub.
        let systems = [
            (
                CiSystem::GiteaActions,
                self.is_set("GITEA_ACTIONS") || self.is_set("FORGEJO_ACTIONS"),
            ),
            (CiSystem::GitHubActions, self.is_set("GITHUB_ACTIONS")),
            (CiSystem::GitLabCi, self.is_set("GITLAB_CI")),
            (
                CiSystem::GiteeGo,
                self.get("GITEE_PIPELINE_NAME").is_some() || self.get("GITEE_REPO").is_some(),
            ),
            (CiSystem::Jenkins, self.get("JENKINS_URL").is_some()),
            (CiSystem::Other, self.get("ECI_CI_HOST").is_some()),
        ];
        let mut systems = systems.into_iter();
        systems.find(|(_, is)| *is).map(|(system, _)| system)
    }
}

/// Returns whether a commit is the null commit, which consists of zeros.
pub(crate) fn is_none(commit: &str) -> bool {
    commit.bytes().all(|byte| byte == b'0')
}
