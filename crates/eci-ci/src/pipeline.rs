//! A run of a pipeline.

use eci_text::{Text, text};
use secrecy::SecretString;

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CiSystem {
    /// GitHub Actions.
    GitHubActions,
    /// GitLab CI.
    GitLabCi,
    /// Gitee Go.
    GiteeGo,
    /// Gitea Actions and Forgejo Actions.
    GiteaActions,
    /// Jenkins.
    Jenkins,
    /// Another system, which is described by `ECI_CI_…` variables.
    Other,
}

impl CiSystem {
    /// Returns the name, as its vendor writes it.
    pub const fn name(self) -> &'static str {
        match self {
            CiSystem::GitHubActions => "GitHub Actions",
            CiSystem::GitLabCi => "GitLab CI",
            CiSystem::GiteeGo => "Gitee Go",
            CiSystem::GiteaActions => "Gitea Actions",
            CiSystem::Jenkins => "Jenkins",
            CiSystem::Other => "CI",
        }
    }
}

/// A code host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKind {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitee.
    Gitee,
    /// Gitea and Forgejo.
    Gitea,
}

impl HostKind {
    /// All code hosts.
    pub const ALL: [HostKind; 4] = [
        HostKind::GitHub,
        HostKind::GitLab,
        HostKind::Gitee,
        HostKind::Gitea,
    ];

    /// Returns the name, as its vendor writes it.
    pub const fn name(self) -> &'static str {
        match self {
            HostKind::GitHub => "GitHub",
            HostKind::GitLab => "GitLab",
            HostKind::Gitee => "Gitee",
            HostKind::Gitea => "Gitea",
        }
    }

    /// Returns the word for a change request: that of the code host.
    pub fn change_request(self) -> Text {
        match self {
            HostKind::GitLab => text!(en: "merge request", zh: "合并请求"),
            _ => text!(en: "pull request", zh: "拉取请求"),
        }
    }

    /// Returns the code host of this name, in any case; Forgejo has the API of Gitea.
    pub fn named(name: &str) -> Option<HostKind> {
        if name.eq_ignore_ascii_case("forgejo") {
            return Some(HostKind::Gitea);
        }
        let mut all = HostKind::ALL.into_iter();
        all.find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// A repository on a code host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repository {
    /// The code host.
    pub host: HostKind,
    /// The base URL of its API, without a slash at the end.
    pub api: String,
    /// The path, for example `team/shop`; on GitLab also the number of a project.
    pub path: String,
}

/// A pull request or merge request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeRequest {
    /// The number.
    pub number: String,
    /// The branch that it is to be merged into.
    pub target: Option<String>,
    /// The commit of that branch from which it departs, if the CI system names it.
    pub base: Option<String>,
    /// Whether it comes from a fork; `None` if the CI system does not say.
    pub is_fork: Option<bool>,
}

/// A run of a pipeline, as its environment describes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pipeline {
    /// The CI system.
    pub system: CiSystem,
    /// The commit: of a change request its own last one, not the one of a trial merge.
    pub commit: String,
    /// The branch, unless it runs for a change request or a tag.
    pub branch: Option<String>,
    /// The branch that change requests are merged into by default, if the CI system names it.
    pub default_branch: Option<String>,
    /// The commit of the branch before the push.
    pub previous: Option<String>,
    /// The change request that it runs for.
    pub change: Option<ChangeRequest>,
    /// The repository, if its place is known.
    pub repository: Option<Repository>,
    /// The token for the API of the code host.
    pub token: Option<SecretString>,
    /// The name under which that token writes, where the code host does not show it to the token: the
    /// token of an app has no user.
    pub user: Option<String>,
    /// The page of the run.
    pub page: Option<String>,
}

impl Pipeline {
    /// Returns the word for a change request: that of the code host.
    pub fn change_request(&self) -> Text {
        let host = self.repository.as_ref().map(|repository| repository.host);
        host.unwrap_or(HostKind::GitHub).change_request()
    }

    /// Returns the first characters of the commit, as code hosts show it.
    pub fn short_commit(&self) -> &str {
        short(&self.commit)
    }
}

/// Returns the first characters of a commit.
pub fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}
