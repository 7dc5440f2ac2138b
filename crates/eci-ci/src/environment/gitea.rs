//! Gitea Actions and Forgejo Actions: they set the variables of GitHub Actions (Gitea documentation).

use super::{Environment, github};
use crate::pipeline::{CiSystem, Pipeline};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    github::from_actions(environment, CiSystem::GiteaActions)
}
