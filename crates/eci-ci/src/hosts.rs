//! The code hosts, one file each.

mod gitea;
mod gitee;
mod github;
mod gitlab;

#[cfg(test)]
mod tests;

use crate::host::CodeHost;
use crate::pipeline::{HostKind, Repository};

/// Returns the API of the code host of a repository.
pub fn code_host(repository: &Repository) -> Box<dyn CodeHost> {
    match repository.host {
        HostKind::GitHub => Box::new(github::GitHub::new(repository)),
        HostKind::GitLab => Box::new(gitlab::GitLab::new(repository)),
        HostKind::Gitee => Box::new(gitee::Gitee::new(repository)),
        HostKind::Gitea => Box::new(gitea::Gitea::new(repository)),
    }
}
