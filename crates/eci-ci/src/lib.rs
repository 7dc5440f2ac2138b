//! Pipelines of a repository of manifests: plan for a pull request, apply on the main branch.
//!
//! Nothing here reads the environment, runs a program or opens a connection: the caller passes in what
//! it has read, and sends requests through a [`Transport`].
//!
//! * [`pipeline`], [`environment`]: what the variables of a CI system say about a run;
//! * [`directories`]: the configuration directories that a change affects, and the order of applies;
//! * [`comment`], [`marker`]: the text of a comment, below the limit of the code host;
//! * [`host`], [`hosts`]: the API of each code host, as requests and answers;
//! * [`client`]: one comment, one issue and one status, however often a pipeline runs.
//!
//! ```
//! use eci_ci::{CiSystem, Environment, Pipeline};
//!
//! let variable = |name: &str| match name {
//!     "GITLAB_CI" => Some("true".to_owned()),
//!     "CI_COMMIT_SHA" => Some("1f2e3d4c".to_owned()),
//!     "CI_MERGE_REQUEST_IID" => Some("7".to_owned()),
//!     _ => None,
//! };
//! let pipeline = Pipeline::read(&Environment::new(&variable))?;
//! assert_eq!(pipeline.system, CiSystem::GitLabCi);
//! assert_eq!(pipeline.change.unwrap().number, "7");
//! # Ok::<(), eci_ci::EnvironmentError>(())
//! ```

pub mod client;
pub mod comment;
pub mod directories;
pub mod environment;
pub mod error;
pub mod host;
pub mod hosts;
pub mod marker;
pub mod pipeline;

mod remote;

pub use client::{CodeHostClient, Comment, IssueText};
pub use comment::{CommentText, Section};
pub use directories::{Directory, affected, deleted, in_order, normal};
pub use environment::{Environment, EnvironmentError};
pub use error::HostError;
pub use host::{CodeHost, CommitStatus, Request, Response, StatusState, Transport, TransportError};
pub use hosts::code_host;
pub use marker::Marker;
pub use pipeline::{ChangeRequest, CiSystem, HostKind, Pipeline, Repository};
