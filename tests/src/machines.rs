//! Machines that share a state: directories that have nothing in common but the manifests, the store,
//! its key, and the credentials of the cloud.

use std::fmt::Write as _;

use crate::servers::{Bucket as _, Postgres, SeaweedFs};
use crate::state_server::{self, StateServer};
use crate::{Cloud, Eci, Project, REGION, binaries};

/// Short leases, so that no test waits for one of two minutes.
const LEASE_MS: &str = "2000";

/// The passphrase of all machines.
pub const PASSPHRASE: &str = "correct horse battery staple";

/// The key of all machines, in a manifest.
pub const KEY: &str = "[[encryption.key]]\npassphrase_env = \"ECI_STATE_PASSPHRASE\"\n";

/// A machine: a separate directory with the manifests.
#[derive(Debug)]
pub struct Machine<'a> {
    /// The directory.
    pub project: Project,
    /// The cloud of all machines.
    pub cloud: &'a Cloud,
    /// The variables of the store.
    pub variables: Vec<(&'static str, String)>,
}

impl Machine<'_> {
    /// Adds the variables of the store, the passphrase, and short leases.
    pub fn with(&self, command: Eci) -> Eci {
        let mut command = command
            .env("ECI_STATE_PASSPHRASE", PASSPHRASE)
            .env("ECI_LEASE_MS", LEASE_MS);
        for (name, value) in &self.variables {
            command = command.env(name, value);
        }
        command
    }

    /// `eci-apply --auto-approve --parallelism 1`.
    pub fn apply(&self) -> Eci {
        let apply = self.project.apply(self.cloud);
        self.with(apply.args(["--parallelism", "1"]))
    }

    /// `eci-plan --detailed-exitcode`.
    pub fn plan(&self) -> Eci {
        self.with(self.project.plan(self.cloud))
    }

    /// `eci destroy --auto-approve`.
    pub fn destroy(&self) -> Eci {
        self.with(self.project.destroy(self.cloud))
    }

    /// Returns a command without a cloud.
    pub fn eci(&self, command: &str) -> Eci {
        self.with(self.project.eci(command))
    }

    /// Returns a command that dies when it passes a failpoint for the first time.
    pub fn eci_until(&self, failpoint: &str, command: &str) -> Eci {
        let eci = Eci::new(binaries::FAILPOINTS, self.project.path())
            .args(command.split_whitespace())
            .env("ECI_FAILPOINT", format!("{failpoint}:1"));
        self.with(eci)
    }

    /// Returns a command with the cloud.
    pub fn eci_on_cloud(&self, command: &str) -> Eci {
        self.with(self.project.eci(command).args(self.cloud.flags()))
    }
}

/// Returns manifests with this backend and container groups of these names, and with a key for a store.
pub fn manifests(backend: &str, names: &[&str]) -> String {
    let key = if backend.contains("[backend.") {
        KEY
    } else {
        ""
    };
    let mut manifest = format!("[provider]\nregion_id = {REGION:?}\n{backend}\n{key}");
    for name in names {
        // Writing to a string does not fail.
        let _ = write!(
            manifest,
            r#"
            [container_group.{name}]
            vpc_id = "vpc-1"
            vswitch_id = "subnet-1"
            security_group_id = "sg-1"
            az_name = "az1"
            containers = [{{ name = "main", image = "nginx:1.27" }}]
            "#
        );
    }
    manifest
}

/// A place for states: a server, or directories.
#[derive(Debug)]
pub enum Place {
    /// A directory in that of the manifests.
    Directory,
    /// A directory in that of the manifests, encrypted.
    Encrypted,
    /// A database.
    Postgres(Postgres),
    /// A bucket.
    Bucket(SeaweedFs),
    /// A server of documents.
    Http(StateServer),
    /// A server of documents as GitLab is one.
    GitLab(StateServer),
}

impl Place {
    /// Returns every place whose server is installed.
    pub fn all() -> Vec<Place> {
        let mut places = vec![
            Place::Directory,
            Place::Encrypted,
            Place::GitLab(StateServer::start()),
        ];
        places.extend(Postgres::start().map(Place::Postgres));
        places.extend(SeaweedFs::start().map(Place::Bucket));
        places
    }

    /// Returns the table of the backend.
    pub fn backend(&self) -> String {
        match self {
            Place::Directory => String::new(),
            Place::Encrypted => KEY.to_owned(),
            Place::Http(server) => server.backend("shop"),
            Place::GitLab(server) => server.gitlab_backend("shop"),
            Place::Postgres(server) => server.table("shop"),
            Place::Bucket(server) => server.table_at("shop", server.port()),
        }
    }

    /// Returns the variables of the store.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        match self {
            Place::Directory | Place::Encrypted => Vec::new(),
            Place::Http(_) | Place::GitLab(_) => vec![
                ("TF_HTTP_USERNAME", state_server::USER.to_owned()),
                ("TF_HTTP_PASSWORD", state_server::PASSWORD.to_owned()),
            ],
            Place::Postgres(server) => server.variables_at(server.port()),
            Place::Bucket(server) => server.variables(),
        }
    }

    /// Returns a machine with container groups of these names.
    pub fn machine<'a>(&self, cloud: &'a Cloud, names: &[&str]) -> Machine<'a> {
        Machine {
            project: Project::new(&manifests(&self.backend(), names)),
            cloud,
            variables: self.variables(),
        }
    }
}
