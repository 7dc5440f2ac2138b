//! Common parts of the whole-program tests: they run the real binaries, in real
//! directories, against a simulated cloud that is served over HTTP.
//!
//! * [`binaries`]: finds the programs, and builds them where they are missing or out of date;
//! * [`command`]: runs one in a clean environment and keeps what it said;
//! * [`project`]: a separate directory of manifests for each test;
//! * [`cloud`]: a sandbox in the process of the test, and what it knows;
//! * [`code_host`]: GitHub, GitLab, Gitee and Gitea, as far as pipelines use them;
//! * [`devices`]: stores of states: what every device must do, and devices that fail;
//! * [`sources`]: the Rust files of this project, with and without their tests;
//! * [`servers`]: real servers, each in a separate directory and at a separate port;
//! * [`state_server`]: a server of states as Terraform's `http` backend expects it;
//! * [`machines`]: machines that share a state;
//! * [`expressions`]: any text as an expression;
//! * [`fuzzing`]: any bytes as what the programs read;
//! * [`in_process`]: the libraries at work without the programs;
//! * [`vendor_page`]: the fields of the API reference, read from its tables;
//! * [`model`]: the fields of the types that are sent, read from the types;
//! * [`published`]: the published forms of Terraform's documents, field by field;
//! * [`crash_testing`]: runs that are killed, interrupted and raced, again and again;
//! * [`roundtrip`]: random configurations, applied, edited and destroyed while calls fail;
//! * [`seeds`]: random cases on all processors;
//! * [`scenario`]: what a team does to its cloud step by step, as data;
//! * [`store_server`]: states in a database or a bucket;
//! * [`tcp_proxy`]: a network that can be cut;
//! * [`tool`]: programs of other projects;
//! * [`untranslated`]: sentences in English in the output of a command in Chinese;
//! * [`wire`]: values by their place in a body.
//!
//! A harness has no caller who could do better than to stop: it panics, with everything that
//! helps to understand why.

#![allow(clippy::unwrap_used)]

pub mod binaries;
pub mod cloud;
pub mod code_host;
pub mod command;
pub mod crash_testing;
pub mod devices;
pub mod expressions;
pub mod fuzzing;
pub mod imports;
pub mod in_process;
pub mod machines;
pub mod model;
pub mod project;
pub mod published;
pub mod roundtrip;
pub mod scenario;
pub mod seeds;
pub mod servers;
pub mod sources;
pub mod state_server;
pub mod store_server;
pub mod tcp_proxy;
pub mod tool;
pub mod untranslated;
pub mod vendor_page;
pub mod wire;

pub use cloud::{Cloud, REGION};
pub use command::{Eci, Run, RunningProgram};
pub use project::{GROUP_WITH_DISK, Project, examples};
pub use published::PublishedForms;
