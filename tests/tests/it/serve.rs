//! The sandbox as a server in a separate process.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use eci_tests::{Eci, Project, RunningProgram};

/// A sandbox with its world in a directory of the project.
struct Server {
    running: RunningProgram,
    endpoint: String,
}

impl Server {
    fn start(project: &Project, more: &[&str]) -> Server {
        let serve = project
            .eci("sandbox serve --listen 127.0.0.1:0 --data world --speed instant --format json")
            .args(more);
        let running = serve.start();
        running.until("listening", || running.so_far().0.ends_with('\n'));
        let started: serde_json::Value = serde_json::from_str(&running.so_far().0).unwrap();
        let endpoint = started["endpoint"].as_str().unwrap().to_owned();
        Server { running, endpoint }
    }

    fn command(&self, program: &'static str, project: &Project, flag: &str) -> Eci {
        let command = Eci::new(program, project.path()).arg(flag);
        command.env("CTYUN_ECI_ENDPOINT", self.endpoint.clone())
    }

    fn apply(&self, project: &Project) -> Eci {
        self.command("eci-apply", project, "--auto-approve")
    }

    fn plan(&self, project: &Project) -> Eci {
        self.command("eci-plan", project, "--detailed-exitcode")
    }

    /// The state follows its cloud to another port.
    fn migrated_here(&self, project: &Project) {
        let refused = self.plan(project).run().exits(1);
        assert!(
            refused.stderr.contains("eci state cloud --set"),
            "{}",
            refused.stderr
        );
        let set = project.eci("state cloud --set");
        let set = set.env("CTYUN_ECI_ENDPOINT", self.endpoint.clone());
        set.run().exits(0);
    }

    fn stop(self) {
        self.running.signal("INT");
        self.running.wait().exits(0);
    }
}

#[test]
fn a_world_outlives_its_server() {
    let project = Project::example("quickstart");
    let server = Server::start(&project, &[]);
    server.apply(&project).run().exits(0);
    server.plan(&project).run().exits(0);
    server.stop();

    let server = Server::start(&project, &[]);
    server.migrated_here(&project);
    server.plan(&project).run().exits(0).says("No changes.");
    server.stop();
}

#[test]
fn a_world_outlives_a_server_that_was_killed() {
    let project = Project::example("web-three-tier");
    let server = Server::start(&project, &[]);
    server.apply(&project).run().exits(0);
    server.running.kill();

    let server = Server::start(&project, &[]);
    server.migrated_here(&project);
    server.plan(&project).run().exits(0).says("No changes.");
}

#[test]
fn faults_are_read_from_a_file() {
    let project = Project::example("quickstart");
    let rules = "[[rule]]\noperation = \"createContainerGroup\"\nnth = 1\nfault = \"cut_after\"\n";
    project.write("faults.toml", rules);
    let server = Server::start(&project, &["--faults", "faults.toml"]);
    server.apply(&project).run().exits(0);
    server.plan(&project).run().exits(0);

    project.write("faults.toml", "[[rule]]\noperation = \"createGroup\"\n");
    let serve = project.eci("sandbox serve --listen 127.0.0.1:0 --faults faults.toml");
    serve
        .run()
        .exits(1)
        .says("createContainerGroup")
        .says("faults.toml");
}

#[test]
fn accounts_are_served_and_others_refused() {
    let project = Project::example("quickstart");
    let (key, secret) = (
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
    );
    let account = format!("--account={key}={secret}");
    let server = Server::start(&project, &[&account, "--behavior=largest_page=1"]);
    assert!(!server.running.so_far().0.contains(secret));
    let refused = server.apply(&project).run().exits(1);
    refused.says("Unauthorized").says("sandbox");
    let wrong = server.apply(&project).env("CTYUN_AK", key);
    wrong
        .env("CTYUN_SK", "wrong")
        .run()
        .exits(1)
        .says("signature");
    let right = |command: Eci| command.env("CTYUN_AK", key).env("CTYUN_SK", secret);
    right(server.apply(&project)).run().exits(0);
    right(server.plan(&project)).run().exits(0);
    server.stop();

    let wrong = project.eci("sandbox serve --listen 127.0.0.1:0 --account only-a-key");
    wrong.run().exits(1).says("AK=SK");
    let wrong = project.eci("sandbox serve --listen 127.0.0.1:0 --behavior polite=true");
    wrong.run().exits(1).says("polite").says("beijing_times");
}
