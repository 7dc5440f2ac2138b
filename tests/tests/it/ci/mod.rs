//! `eci ci`: pipelines for pull requests and for the main branch, on the four code hosts; the files in
//! `ci/` for them; and the script that installs the program in them.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod install;
mod provided_files;

use std::path::Path;
use std::process::Command;

use eci_tests::code_host::{Change, CodeHost, CodeHostKind, PipelineRun, Post, REPOSITORY, TOKEN};
use eci_tests::servers::Postgres;
use eci_tests::{Cloud, Eci, Project, Run};

const PROVIDER: &str = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n";

/// The number of the pull request.
const PULL: u64 = 7;

fn group(name: &str) -> String {
    format!(
        r#"
        [container_group.{name}]
        vpc_id = "vpc-1"
        vswitch_id = "subnet-1"
        security_group_id = "sg-1"
        az_name = "az1"
        containers = [{{ name = "main", image = "nginx:1.27" }}]
        "#
    )
}

/// A repository, its code host and its cloud.
struct Team {
    project: Project,
    host: CodeHost,
    cloud: Cloud,
    /// Variables of every job.
    variables: Vec<(String, String)>,
}

impl Team {
    /// Creates a repository with these files on its main branch.
    fn new(kind: CodeHostKind, files: &[(&str, &str)]) -> Team {
        let project = Project::empty();
        let team = Team {
            project,
            host: CodeHost::start(kind),
            cloud: Cloud::start(),
            variables: Vec::new(),
        };
        team.git(&["init", "--quiet", "--initial-branch", "main"]);
        team.write(".gitignore", "state/\neci-ci/\nevent.json\n.config/\n");
        for (file, text) in files {
            team.write(file, text);
        }
        let commit = team.commit("first");
        team.host.world().branches.insert("main".to_owned(), commit);
        team
    }

    fn path(&self) -> &Path {
        self.project.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.path(), arguments)
    }

    /// Commits all files and returns the commit.
    fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits a change on a branch, and pushes it to the pull request.
    fn propose(&self, file: &str, text: &str) -> String {
        if self.git(&["branch", "--show-current"]) == "main" {
            self.git(&["checkout", "--quiet", "-B", "feature"]);
        }
        self.write(file, text);
        let commit = self.commit("change");
        self.host.push(PULL, &commit);
        commit
    }

    /// Merges the branch into the main branch with these options, and returns the commit.
    fn merge(&self, options: &[&str]) -> String {
        self.git(&["checkout", "--quiet", "main"]);
        let mut arguments = vec!["merge", "--quiet"];
        arguments.extend(options);
        arguments.push("feature");
        self.git(&arguments);
        if options.contains(&"--squash") {
            self.git(&["commit", "--quiet", "--message", "squashed"]);
        }
        let commit = self.head();
        let mut world = self.host.world();
        world.branches.insert("main".to_owned(), commit.clone());
        commit
    }

    fn job(&self, command: &str, run: &PipelineRun<'_>) -> Eci {
        let mut eci = Eci::new("eci", self.path())
            .args(command.split_whitespace())
            .args(self.cloud.flags());
        // Gitee Go does not name the default branch.
        if command.starts_with("ci apply") && self.host.kind == CodeHostKind::Gitee {
            eci = eci.args(["--branch", "main"]);
        }
        let environment = self.host.kind.environment(&self.host, run);
        for (name, value) in environment.iter().chain(&self.variables) {
            eci = eci.env(name, value);
        }
        eci
    }

    /// Returns a job for the pull request at a commit.
    fn pull_job(&self, command: &str, commit: &str) -> Eci {
        let base = self.git(&["rev-parse", "main"]);
        self.job(
            command,
            &PipelineRun {
                commit,
                base: Some(&base),
                change: Some(Change {
                    number: PULL,
                    source: REPOSITORY,
                }),
                token: TOKEN,
                folder: self.path(),
            },
        )
    }

    /// Returns a job for a push to the main branch.
    fn push_job(&self, command: &str, commit: &str) -> Eci {
        let run = PipelineRun {
            commit,
            base: None,
            change: None,
            token: TOKEN,
            folder: self.path(),
        };
        self.job(command, &run)
    }

    fn plan(&self) -> Run {
        self.pull_job("ci plan", &self.head()).run()
    }

    fn apply(&self) -> Run {
        self.push_job("ci apply", &self.head()).run()
    }

    #[track_caller]
    fn only_comment(&self) -> String {
        let mut comments = self.host.comments(PULL);
        assert_eq!(comments.len(), 1, "{comments:?}");
        comments.remove(0)
    }
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn web(names: &[&str]) -> String {
    let groups: String = names.iter().map(|name| group(name)).collect();
    format!("{PROVIDER}{groups}")
}

/// A server with states, and the backend and variables for it.
struct SharedState {
    server: Postgres,
}

impl SharedState {
    fn start() -> Option<SharedState> {
        let server = Postgres::start()?;
        Some(SharedState { server })
    }

    fn manifest(&self, names: &[&str]) -> String {
        format!(
            "{}\n[backend.postgres]\n[[encryption.key]]\nkey_env = \"ECI_STATE_KEY\"\n",
            web(names)
        )
    }

    fn team(&self, kind: CodeHostKind, names: &[&str]) -> Team {
        let mut team = Team::new(kind, &[("web.eci.toml", &self.manifest(names))]);
        team.variables = self.variables();
        team
    }

    fn variables(&self) -> Vec<(String, String)> {
        vec![
            ("ECI_STATE_URL".to_owned(), self.server.url()),
            // A key requires no derivation, which takes a part of a second for each command.
            ("ECI_STATE_KEY".to_owned(), "ab".repeat(32)),
        ]
    }
}

#[test]
fn a_pull_request_has_one_comment_that_is_updated_and_a_status_on_every_code_host() {
    for kind in CodeHostKind::ALL {
        let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
        let first = team.propose("web.eci.toml", &web(&["a"]));
        team.plan().exits(0).says("Created a comment");
        let comment = team.only_comment();
        assert!(comment.contains("### eci plan: 1 to create"), "{comment}");
        assert!(comment.contains("container_group.a"), "{comment}");
        let status = team.host.status(&first, "eci/plan").unwrap();
        assert_eq!(status.state, "success", "{kind:?}");
        assert!(status.description.starts_with("1 to create,"));

        let second = team.propose("web.eci.toml", &web(&["a", "b"]));
        team.plan().exits(0).says("Updated the comment");
        let comment = team.only_comment();
        assert!(comment.contains("2 to create"), "{comment}");
        assert!(comment.contains(&second[..7]), "{comment}");

        let run = team.pull_job("ci plan --lang zh", &second).run().exits(0);
        run.says(if kind == CodeHostKind::GitLab {
            "已更新合并请求 7 中的评论"
        } else {
            "已更新拉取请求 7 中的评论"
        });

        let broken = team.propose("web.eci.toml", "[container_group.a]\nimage = 1\n");
        team.plan().exits(1);
        assert!(team.only_comment().contains("### eci plan: failed"));
        let status = team.host.status(&broken, "eci/plan").unwrap();
        assert!(status.state.starts_with("fail"), "{status:?}");
        team.host.assert_knows_all_requests();
        assert!(team.cloud.names().is_empty());
    }
}

#[test]
fn only_directories_that_a_change_affects_are_planned() {
    let call = "[module.web]\nsource = \"../../modules/web\"\n";
    let module = format!(
        "{}\n[output.name]\nvalue = '${{file(\"${{path.module}}/name.txt\")}}'\n",
        group("web")
    );
    let environment = |name: &str| format!("{PROVIDER}{call}# {name}\n");
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("envs/dev/main.eci.toml", &environment("dev")),
            ("envs/prod/main.eci.toml", &environment("prod")),
            ("envs/other/main.eci.toml", &web(&["other"])),
            ("modules/web/web.eci.toml", &module),
            ("modules/web/name.txt", "shop"),
            ("README.md", "x"),
        ],
    );
    team.propose("README.md", "y");
    team.plan().exits(0);
    assert!(team.host.comments(PULL).is_empty());

    team.propose("envs/dev/eci.vars.toml", "");
    team.plan().exits(0);
    let comment = team.only_comment();
    assert!(comment.contains("`envs/dev` · "), "{comment}");
    assert!(!comment.contains("envs/prod"), "{comment}");

    // A file that the module reads.
    team.propose("modules/web/name.txt", "market");
    let run = team.plan().exits(0);
    let comment = team.only_comment();
    assert!(comment.contains("### eci plan: 2 directories"), "{comment}");
    assert!(
        comment.contains("<code>envs/dev</code>: 1 to create"),
        "{comment}"
    );
    assert!(comment.contains("<code>envs/prod</code>"), "{comment}");
    assert!(!comment.contains("envs/other"), "{comment}");
    assert!(run.stdout.contains("Directory envs/prod: 1 to create"));

    team.pull_job("ci plan --all", &team.head()).run().exits(0);
    assert!(team.only_comment().contains("3 directories"));
    let chinese = team.pull_job("ci plan --all --lang zh", &team.head());
    chinese.run().exits(0);
    let status = team.host.status(&team.head(), "eci/plan").unwrap();
    assert_eq!(status.description, "已生成 3 个目录的计划");
    team.pull_job(
        "ci plan --all --directory envs/other --name other",
        &team.head(),
    )
    .run()
    .exits(0);
    assert_eq!(team.host.comments(PULL).len(), 2);
}

#[test]
fn a_shallow_clone_without_the_base_plans_every_directory() {
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("a/a.eci.toml", &web(&["a"])),
            ("b/b.eci.toml", &web(&["b"])),
        ],
    );
    let commit = team.propose("a/a.eci.toml", &web(&["a", "c"]));
    let run = PipelineRun {
        commit: &commit,
        base: Some(&"9".repeat(40)),
        change: Some(Change {
            number: PULL,
            source: REPOSITORY,
        }),
        token: TOKEN,
        folder: team.path(),
    };
    team.job("ci plan", &run)
        .run()
        .exits(0)
        .says("all directories are included");
    assert!(team.only_comment().contains("2 directories"));
}

#[test]
fn the_reviewed_plan_is_applied_from_another_machine() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let team = shared.team(CodeHostKind::GitHub, &[]);
    team.propose("web.eci.toml", &shared.manifest(&["a"]));
    team.plan().exits(0);
    // The history has the commit of the pull request, not that of the trial merge.
    let history = team.pull_job("state history", &team.head()).run().exits(0);
    assert!(
        history.stdout.contains(&team.head()[..7]),
        "{}",
        history.stdout
    );
    // The plan is in the store, encrypted, and nowhere else.
    let plans =
        "select string_agg(encode(content, 'escape'), '') from eci.journal where series = 'plan'";
    let tables = "select table_name from information_schema.tables where table_schema = 'eci' and table_name <> 'states'";
    let table = shared.server.run(tables);
    let stored = shared
        .server
        .run(&plans.replace("journal", table.lines().next().unwrap()));
    assert!(stored.contains("\"lineage\""), "{stored}");
    assert!(!stored.contains("container_group"), "{stored}");

    let commit = team.merge(&["--no-ff"]);
    // Another machine has nothing but the repository.
    for folder in ["state", "eci-ci"] {
        let _ = std::fs::remove_dir_all(team.path().join(folder));
    }
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a"]);
    let status = team.host.status(&commit, "eci/apply").unwrap();
    assert_eq!(status.state, "success");
    // Once more, as when a job is repeated: nothing is left to do.
    team.apply().exits(0);
    assert_eq!(team.cloud.created().len(), 1);
    team.host.assert_knows_all_requests();
}

#[test]
fn a_plan_is_found_after_a_merge_as_one_commit() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let team = shared.team(CodeHostKind::GitLab, &[]);
    let head = team.propose("web.eci.toml", &shared.manifest(&["a"]));
    team.plan().exits(0);
    // The same files.
    let commit = team.merge(&["--squash"]);
    assert_ne!(commit, head);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a"]);

    // Other files: only the code host knows where the commit comes from.
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    let head = team.propose("web.eci.toml", &shared.manifest(&["a", "b"]));
    team.plan().exits(0);
    team.git(&["checkout", "--quiet", "main"]);
    team.write("README.md", "meanwhile");
    team.commit("meanwhile");
    let commit = team.merge(&["--squash"]);
    team.apply().exits(1).says("no plan of `.` was reviewed");
    {
        let mut world = team.host.world();
        world.merged.insert(commit, PULL);
    }
    assert_eq!(team.host.world().changes[&PULL].head, head);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a", "b"]);
    team.host.assert_knows_all_requests();
}

#[test]
fn a_state_that_has_changed_gets_a_new_plan_that_must_have_the_same_steps() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let team = shared.team(CodeHostKind::GitHub, &["a"]);
    team.push_job("ci apply --auto-approve", &team.head())
        .run()
        .exits(0);
    team.propose("web.eci.toml", &shared.manifest(&["a", "b"]));
    team.plan().exits(0);
    let taint = |command: &str| {
        let run = team.push_job(command, &team.head()).run();
        run.exits(0);
    };
    // The serial moves, the steps do not.
    taint("taint container_group.a");
    taint("untaint container_group.a");
    team.merge(&["--no-ff"]);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a", "b"]);

    team.git(&["checkout", "--quiet", "-B", "feature"]);
    team.propose("web.eci.toml", &shared.manifest(&["a", "b", "c"]));
    team.plan().exits(0);
    taint("taint container_group.a");
    team.merge(&["--no-ff"]);
    let refused = team.apply().exits(1);
    let refused = refused.says("that was reviewed for commit");
    let refused = refused.says("the planned action on container_group.a is");
    refused.says("run `eci ci plan` for this commit");
    assert_eq!(team.cloud.names(), ["a", "b"]);
    team.push_job("ci apply --lang zh", &team.head())
        .run()
        .exits(1)
        .says("评审的 `.` 的计划已不适用");
}

#[test]
fn two_changes_of_one_resource_are_applied_one_after_the_other_as_they_were_reviewed() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let manifest = shared.manifest(&["a"]);
    let manifest = manifest.replace("\"nginx:1.27\"", "'${var.image}'");
    let manifest = manifest.replace("az_name", "tags = { owner = '${var.owner}' }\naz_name");
    let variable = |name: &str, value: &str| format!("[variable.{name}]\ndefault = \"{value}\"\n");
    let mut team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("web.eci.toml", &manifest),
            ("image.eci.toml", &variable("image", "nginx:1.27")),
            ("owner.eci.toml", &variable("owner", "one")),
        ],
    );
    team.variables = shared.variables();
    team.push_job("ci apply --auto-approve", &team.head())
        .run()
        .exits(0);
    // The first one also adds a container group and an output.
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    let added = format!("{}[output.new]\nvalue = \"x\"\n", group("b"));
    team.write("b.eci.toml", &added);
    team.propose("image.eci.toml", &variable("image", "nginx:1.28"));
    team.plan().exits(0);
    team.git(&["checkout", "--quiet", "-B", "other", "main"]);
    team.propose("owner.eci.toml", &variable("owner", "two"));
    team.plan().exits(0);

    team.merge(&["--no-ff"]);
    team.apply().exits(0).says("1 created, 1 updated");
    team.git(&["branch", "--force", "feature", "other"]);
    team.merge(&["--no-ff"]);
    team.apply().exits(0).says("Apply complete: 1 updated.");
    let groups = team.cloud.groups();
    let a = groups.iter().find(|it| it["containerGroupName"] == "a");
    let a = a.unwrap().to_string();
    assert!(a.contains("nginx:1.28") && a.contains("two"), "{a}");

    // A reviewed change of the same attribute from another value is refused with both.
    team.git(&["checkout", "--quiet", "-B", "feature", "main"]);
    team.propose("owner.eci.toml", &variable("owner", "three"));
    team.plan().exits(0);
    team.merge(&["--no-ff"]);
    edit_tags(&team, "a", "somebody");
    // The serial moves, so that the cloud is read again.
    for command in ["taint container_group.a", "untaint container_group.a"] {
        team.push_job(command, &team.head()).run().exits(0);
    }
    let refused = team.apply().exits(1);
    refused.says(
        "tags.owner of container_group.a was \"two\" when the plan was created, and is \"somebody\" now",
    );
}

#[test]
fn a_commit_without_a_reviewed_plan_is_not_applied() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let team = shared.team(CodeHostKind::Gitea, &[]);
    let reviewed = team.propose("web.eci.toml", &shared.manifest(&["a"]));
    team.plan().exits(0);
    // A push after the review, whose pipeline did not run.
    team.propose("web.eci.toml", &shared.manifest(&["a", "b"]));
    let commit = team.merge(&["--no-ff"]);
    let refused = team.apply().exits(1);
    let refused = refused.says(&format!("was reviewed for commit {}", &commit[..7]));
    refused.says(&format!("the latest one is for commit {}", &reviewed[..7]));
    assert!(team.cloud.names().is_empty());
    let status = team.host.status(&commit, "eci/apply").unwrap();
    assert_eq!(status.state, "failure");
    team.push_job("ci apply --auto-approve", &commit)
        .run()
        .exits(0);
    assert_eq!(team.cloud.names(), ["a", "b"]);
    team.host.assert_knows_all_requests();
}

#[test]
fn an_approved_plan_of_a_commit_that_is_no_longer_the_head_is_named_as_such() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let team = shared.team(CodeHostKind::GitHub, &[]);
    team.propose("web.eci.toml", &shared.manifest(&["a"]));
    team.plan().exits(0);
    let first = team.merge(&["--no-ff"]);
    // The next change is merged and applied before the job of the first one runs.
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    team.propose("web.eci.toml", &shared.manifest(&["a", "b"]));
    team.plan().exits(0);
    let second = team.merge(&["--no-ff"]);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a", "b"]);

    team.git(&["checkout", "--quiet", &first]);
    let refused = team.push_job("ci apply", &first).run().exits(1);
    let refused = refused.says(&format!(
        "commit {} is no longer the head of the branch, which is {}",
        &first[..7],
        &second[..7]
    ));
    refused.says(&format!("apply in the pipeline of {}", &second[..7]));
    // Nothing of the second change is undone.
    assert_eq!(team.cloud.names(), ["a", "b"]);
}

#[test]
fn pipelines_of_two_commits_at_once_leave_the_comment_of_the_newer_one() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let first = team.propose("web.eci.toml", &web(&["a"]));
    // A clone for each pipeline.
    let clone = Project::empty();
    git(
        clone.path(),
        &["clone", "--quiet", &team.path().display().to_string(), "."],
    );
    let base = team.git(&["rev-parse", "main"]);
    let second = team.propose("web.eci.toml", &web(&["a", "b"]));
    let run = PipelineRun {
        commit: &first,
        base: Some(&base),
        change: Some(Change {
            number: PULL,
            source: REPOSITORY,
        }),
        token: TOKEN,
        folder: clone.path(),
    };
    let mut older = Eci::new("eci", clone.path())
        .args(["ci", "plan"])
        .args(team.cloud.flags());
    for (name, value) in team.host.kind.environment(&team.host, &run) {
        older = older.env(&name, value);
    }
    let older = older.start();
    let newer = team.pull_job("ci plan", &second).start();
    newer.wait().exits(0);
    older
        .wait()
        .exits(0)
        .says("is no longer the head of pull request 7");
    let comment = team.only_comment();
    assert!(comment.contains("2 to create"), "{comment}");
    // Each commit has the status of its pipeline.
    for (commit, description) in [(first, "1 to create"), (second, "2 to create")] {
        let status = team.host.status(&commit, "eci/plan").unwrap();
        assert!(status.description.starts_with(description), "{status:?}");
    }
}

#[test]
fn pipelines_of_one_commit_at_once_leave_one_comment() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.propose("web.eci.toml", &web(&["a"]));
    let jobs: Vec<_> = (0..4)
        .map(|at| {
            let artifacts = format!("ci plan --artifacts eci-ci/{at}");
            team.pull_job(&artifacts, &commit).start()
        })
        .collect();
    for job in jobs {
        job.wait().exits(0);
    }
    assert!(team.only_comment().contains("1 to create"));
}

#[test]
fn a_fork_without_secrets_is_validated_and_never_planned() {
    for kind in CodeHostKind::ALL {
        let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
        let commit = team.propose("web.eci.toml", &web(&["a"]));
        team.host.push_from(PULL, &commit, "stranger/shop");
        let base = team.git(&["rev-parse", "main"]);
        let job = |token: &str, command: &str| {
            let run = PipelineRun {
                commit: &commit,
                base: Some(&base),
                change: Some(Change {
                    number: PULL,
                    source: "stranger/shop",
                }),
                token,
                folder: team.path(),
            };
            // Its secrets would be there by mistake: still nothing is planned.
            team.job(command, &run)
        };
        job(TOKEN, "ci plan").run().exits(0);
        let comment = team.only_comment();
        assert!(comment.contains("### eci validate: valid"), "{comment}");
        assert!(comment.contains("comes from a fork"), "{comment}");
        assert!(!comment.contains("container_group"), "{comment}");
        assert!(!team.path().join("state").exists());

        // The token of a fork may only read.
        team.host.world().is_read_only = true;
        job(TOKEN, "ci plan")
            .run()
            .exits(0)
            .says("the token lacks the permission");
        job("", "ci plan --lang zh").run().exits(0);
        team.host.assert_knows_all_requests();
    }
}

/// Returns a job that plans the pull request of a fork at a commit.
fn fork_job(team: &Team, commit: &str) -> Eci {
    team.host.push_from(PULL, commit, "stranger/shop");
    let base = team.git(&["rev-parse", "main"]);
    let run = PipelineRun {
        commit,
        base: Some(&base),
        change: Some(Change {
            number: PULL,
            source: "stranger/shop",
        }),
        token: TOKEN,
        folder: team.path(),
    };
    team.job("ci plan", &run)
}

#[test]
fn manifests_of_a_fork_get_no_value_of_the_job_and_no_credentials_of_the_checkout() {
    const SECRET: &str = "the-real-secret-key";
    let key = "[[encryption.key]]\nkey_env = \"ECI_STATE_KEY\"\n";
    let check = |condition: &str, message: &str| {
        format!(
            "{PROVIDER}[variable.a]\ndefault = \"x\"\n\
             [[variable.a.validation]]\ncondition = '${{{condition}}}'\n\
             error_message = '${{{message}}}'\n"
        )
    };
    let never = "var.a == \"y\"";
    let attempts = [
        format!(
            "{PROVIDER}[backend.s3]\nbucket = \"a\"\nendpoint = '${{env(\"CTYUN_SK\")}}'\n{key}"
        ),
        format!(
            "{PROVIDER}[backend.s3]\nbucket = \"a\"\nendpoint = \"https://x.example\"\ndialect = '${{env(\"CTYUN_SK\")}}'\n{key}"
        ),
        format!(
            "{PROVIDER}[variable.sk]\ntype = \"string\"\n[[variable.sk.validation]]\ncondition = '${{var.sk == \"x\"}}'\nerror_message = '${{var.sk}}'\n"
        ),
        format!("{PROVIDER}[backend.s3]\nbucket = \"a\"\nregion = \"r\"\n{key}"),
        check(never, "file(\".git/config\")"),
        check(never, "join(\" \", fileset(\".git\", \"**\"))"),
        check(
            "!strcontains(try(file(\".git/config\"), \"\"), \"secret\")",
            "\"one bit\"",
        ),
    ];
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    team.git(&["config", "http.extraheader", SECRET]);
    let results = attempts.map(|attempt| {
        let commit = team.propose("web.eci.toml", &attempt);
        let run = fork_job(&team, &commit)
            .env("CTYUN_SK", SECRET)
            .env("ECI_VAR_sk", SECRET)
            .env("ECI_BACKEND_ENDPOINT", SECRET)
            .run();
        let comment = team.only_comment();
        let outputs = [&comment, &run.stdout, &run.stderr];
        for output in outputs {
            assert!(!output.contains(SECRET), "{attempt}\n{output}");
        }
        comment.contains("### eci validate: valid")
    });
    // What is not read is unknown, and no error. What may not be read is one.
    assert_eq!(results, [true, true, true, true, false, false, true]);
}

#[cfg(unix)]
#[test]
fn manifests_of_a_fork_lead_to_no_file_outside_of_the_working_copy() {
    let outside = Project::new("image = \"the-real-secret-key\"\n[provider]\nregion_id = \"x\"\n");
    let place = std::fs::canonicalize(outside.path()).unwrap();
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let depth = team.path().canonicalize().unwrap().components().count() - 1;
    let source = format!(
        "{}{}",
        "../".repeat(depth).trim_end_matches('/'),
        place.display()
    );
    let call = format!("{PROVIDER}[module.x]\nsource = \"{source}\"\n");
    let refused = |commit: &str| {
        let run = fork_job(&team, commit).run().exits(1);
        assert!(!run.stdout.contains("real-secret"), "{}", run.stdout);
        let comment = team.only_comment();
        assert!(
            comment.contains("leads out of the working copy"),
            "{comment}"
        );
        assert!(!comment.contains("real-secret"), "{comment}");
    };
    refused(&team.propose("web.eci.toml", &call));
    team.write("web.eci.toml", &web(&[]));
    for name in ["b.eci.toml", "eci.vars.toml"] {
        let link = team.path().join(name);
        std::os::unix::fs::symlink(place.join("main.eci.toml"), &link).unwrap();
        refused(&team.commit("link"));
        std::fs::remove_file(&link).unwrap();
    }
}

/// A runner may keep other files than those of the working copy.
#[cfg(unix)]
#[test]
fn artifacts_of_a_fork_are_not_written_through_its_links() {
    let outside = Project::new("");
    let place = outside.path().canonicalize().unwrap();
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let link = team.path().join("eci-ci");
    for (target, to) in [("eci-ci", &place), ("eci-ci/comment.md", &place.join("x"))] {
        let _ = std::fs::remove_file(&link);
        let _ = std::fs::remove_dir_all(&link);
        let target = team.path().join(target);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(place.join("x"), "keep").unwrap();
        std::os::unix::fs::symlink(to, &target).unwrap();
        let commit = team.propose("web.eci.toml", &web(&["a"]));
        let run = fork_job(&team, &commit).run();
        run.says("is a link");
        assert!(!place.join("comment.md").exists());
        assert_eq!(std::fs::read(place.join("x")).unwrap(), b"keep");
    }
}

#[test]
fn a_change_of_unknown_origin_is_validated_and_not_called_a_fork() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&["a"]))]);
    let commit = team.propose("web.eci.toml", &web(&["a", "b"]));
    let job = |commit: &str| {
        Eci::new("eci", team.path())
            .args(["ci", "plan"])
            .args(team.cloud.flags())
            .env("ECI_CI_HOST", "gitea")
            .env("ECI_CI_API", "http://127.0.0.1:9/api")
            .env("ECI_CI_REPOSITORY", REPOSITORY)
            .env("ECI_CI_CHANGE", "7")
            .env("ECI_CI_BRANCH", "main")
            .env("ECI_CI_COMMIT", commit)
    };
    // A branch and a short hash lead to the commit.
    for name in [&commit, &commit[..7], "feature"] {
        let run = job(name).run().exits(0);
        run.says("without a token").says("`ECI_CI_TOKEN`");
        let comment = std::fs::read_to_string(team.path().join("eci-ci/comment.md")).unwrap();
        assert!(
            comment.contains(&format!("`{}`", &commit[..7])),
            "{comment}"
        );
        assert!(comment.contains("It is unknown whether"), "{comment}");
        assert!(!comment.contains("This pull request"), "{comment}");
    }
    let without_scheme = job(&commit).env("ECI_CI_TOKEN", "x");
    let without_scheme = without_scheme.env("ECI_CI_API", "git.example.com");
    without_scheme
        .run()
        .exits(1)
        .says("cannot use the API of Gitea at `git.example.com`: not a URL")
        .says("set `ECI_CI_API` to the address of its API");
    let torn = job(&commit).env("ECI_CI_TOKEN", "one\ntwo").run().exits(1);
    torn.says("the token of Gitea contains a line break")
        .omits("two");
    let unknown = job("no-such-branch").run().exits(1);
    unknown
        .says("commit or branch `no-such-branch` not found")
        .says("`ECI_CI_COMMIT`");
    let missing = job(&commit).args(["--directory", "no-such-directory"]);
    let missing = missing.without_env("ECI_CI_REPOSITORY").run().exits(1);
    missing
        .says("help: set `ECI_CI_REPOSITORY`\n")
        .says("help: correct `--directory`");
}

#[test]
fn a_broken_manifest_of_a_fork_fails_with_its_location() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.propose("web.eci.toml", "[container_group.a]\nimage = 1\n");
    team.host.push_from(PULL, &commit, "stranger/shop");
    let run = PipelineRun {
        commit: &commit,
        base: None,
        change: Some(Change {
            number: PULL,
            source: "stranger/shop",
        }),
        token: TOKEN,
        folder: team.path(),
    };
    team.job("ci plan", &run).run().exits(1);
    let comment = team.only_comment();
    assert!(comment.contains("web.eci.toml:"), "{comment}");
    assert!(comment.contains("comes from a fork"), "{comment}");
}

#[test]
fn drift_has_one_issue_that_is_updated_and_closed() {
    for kind in CodeHostKind::ALL {
        let team = Team::new(
            kind,
            &[
                ("a/a.eci.toml", &web(&["a"])),
                ("b/b.eci.toml", &web(&["b"])),
            ],
        );
        let commit = team.head();
        team.push_job("ci apply --all --auto-approve", &commit)
            .run()
            .exits(0);
        let drift = |code| {
            let job = team.push_job("ci drift --detailed-exitcode", &commit);
            job.run().exits(code)
        };
        drift(0);
        assert!(team.host.open_issues().is_empty());

        edit_tags(&team, "a", "one");
        drift(2).says("Created an issue about drift in `a`");
        let issues = team.host.open_issues();
        assert_eq!(issues.len(), 1, "{issues:?}");
        assert_eq!(issues[0].title, "Drift in a");
        assert!(issues[0].text.contains("container_group.a"), "{issues:?}");
        // The next night: the same issue, without a change that would notify anybody.
        let before = team.host.world().requests.len();
        drift(2);
        let world = team.host.world();
        let requests = &world.requests[before..];
        assert!(
            requests.iter().all(|it| it.starts_with("GET")),
            "{requests:?}"
        );
        drop(world);
        edit_tags(&team, "a", "two");
        drift(2);
        let updated = team.host.open_issues();
        assert_eq!(updated.len(), 1);
        assert_ne!(updated[0].text, issues[0].text);

        team.push_job("ci apply --all --auto-approve", &commit)
            .run()
            .exits(0);
        drift(0).says("Closed the issue about drift in `a`");
        assert!(team.host.open_issues().is_empty());
        team.host.assert_knows_all_requests();
    }
}

#[test]
fn the_issue_about_a_directory_that_was_deleted_is_closed() {
    for kind in CodeHostKind::ALL {
        let team = Team::new(
            kind,
            &[
                ("a-1/a.eci.toml", &web(&["a"])),
                ("b/b.eci.toml", &web(&["b"])),
            ],
        );
        let apply = "ci apply --all --auto-approve";
        team.push_job(apply, &team.head()).run().exits(0);
        edit_tags(&team, "a", "one");
        edit_tags(&team, "b", "one");
        let drift = |command: &str| team.push_job(command, &team.head()).run();
        drift("ci drift").exits(0);
        assert_eq!(team.host.open_issues().len(), 2);
        team.git(&["rm", "--quiet", "-r", "a-1"]);
        team.commit("delete");
        // Jobs that know nothing of it leave it.
        drift("ci drift --directory b").exits(0);
        drift("ci drift -C b").exits(0);
        drift("ci drift --name other").exits(0);
        let about = |title: &str| {
            let issues = team.host.open_issues();
            issues.iter().filter(|issue| issue.title == title).count()
        };
        assert_eq!(about("Drift in a-1"), 1);
        let run = drift("ci drift").exits(0);
        run.says("Closed the issue about drift in `a-1`, which is no longer");
        assert_eq!(about("Drift in a-1"), 0);
        assert_eq!(about("Drift in b"), 2);
        let world = team.host.world();
        let mut issues = world.issues.values();
        let closed = issues.find(|issue| issue.title == "Drift in a-1");
        let text = closed.unwrap().text.clone();
        drop(world);
        assert!(text.contains("stay in the cloud"), "{text}");
        team.host.assert_knows_all_requests();
    }
}

#[test]
fn drift_in_the_root_directory_is_named_in_words_and_announces_no_update() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&["a"]))]);
    let commit = team.head();
    let apply = "ci apply --all --auto-approve";
    team.push_job(apply, &commit).run().exits(0);
    edit_tags(&team, "a", "one");
    let run = team.push_job("ci drift", &commit).run().exits(0);
    let run = run.says("Created an issue about drift in the root directory.");
    assert!(run.stdout.starts_with("Root directory\n"), "{run}");
    assert!(run.stdout.contains("Nothing was changed."), "{run}");
    assert!(!run.stdout.contains("will be updated"), "{run}");
    assert_eq!(
        team.host.open_issues()[0].title,
        "Drift in the root directory"
    );
}

#[test]
fn a_description_of_the_event_that_cannot_be_read_is_reported() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.head();
    let job = |path: &str| {
        team.push_job("ci plan", &commit)
            .env("GITHUB_EVENT_PATH", path)
            .run()
    };
    job("nowhere.json")
        .exits(0)
        .says("failed to read the event of the pipeline in `nowhere.json`: ")
        .says("check `GITHUB_EVENT_PATH`");
    team.write("broken.json", "{");
    job("broken.json").exits(0).says("warning: failed to read");
}

#[test]
fn a_directory_without_a_repository_is_named_as_the_reason() {
    let project = Project::new(&web(&[]));
    let cloud = Cloud::start();
    let job = |lang: &str| {
        let words = format!("ci plan --lang {lang}");
        let job = project.eci(&words).args(cloud.flags());
        job.env("ECI_CI_HOST", "gitea").env("ECI_CI_BRANCH", "main")
    };
    let hash = "0".repeat(39) + "1";
    let planned = job("en").env("ECI_CI_COMMIT", &hash).run().exits(0);
    planned.says("is not a Git repository, so all directories are included");
    let planned = job("zh").env("ECI_CI_COMMIT", &hash).run().exits(0);
    planned.says("不是 Git 仓库，因此包括全部目录");
    let named = job("en").env("ECI_CI_COMMIT", "main").run().exits(1);
    named.says("is not a Git repository");
    let unnamed = job("en").run().exits(1);
    unnamed
        .says("the commit of this pipeline is unknown: ")
        .says("is not a Git repository");
}

/// Changes a tag of a container group, as a person does in the console.
fn edit_tags(team: &Team, name: &str, value: &str) {
    let groups = team.cloud.groups();
    let mut groups = groups.iter();
    let group = groups.find(|group| group["containerGroupName"] == name);
    let id = group.unwrap()["containerGroupId"].as_str().unwrap();
    let tags = vec![("owner".to_owned(), value.to_owned())];
    let change = eci_sandbox::OutOfBandChange::SetTags(tags);
    team.cloud.sandbox().apply_out_of_band(id, change).unwrap();
}

#[test]
fn a_comment_is_shorter_than_its_limit_and_the_artifact_is_complete() {
    let names: Vec<String> = (0..60).map(|at| format!("group{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let many = web(&names);
    let paths: Vec<String> = (0..12)
        .map(|at| format!("envs/e{at:02}/web.eci.toml"))
        .collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (&**path, "")).collect();
    let team = Team::new(CodeHostKind::GitHub, &files);
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    for path in &paths {
        team.write(path, &many);
    }
    team.propose("x", "x");
    team.plan().exits(0);
    let comment = team.only_comment();
    assert!(comment.len() <= 65_536, "{}", comment.len());
    assert!(comment.contains("Shortened"), "{comment}");
    for path in &paths {
        let directory = path.strip_suffix("/web.eci.toml").unwrap();
        assert!(comment.contains(directory), "{directory}");
        let plan = team.path().join("eci-ci").join(directory).join("plan.txt");
        let plan = std::fs::read_to_string(plan).unwrap();
        assert!(plan.contains("container_group.group059"));
    }
    let whole = std::fs::read_to_string(team.path().join("eci-ci/comment.md")).unwrap();
    assert!(whole.len() > comment.len());
    assert_eq!(
        comment.matches("<details>").count(),
        comment.matches("</details>").count()
    );
}

#[test]
fn a_wrong_token_is_reported_with_its_fix() {
    for (kind, fix) in [
        (CodeHostKind::GitHub, "set `GITHUB_TOKEN`"),
        (CodeHostKind::GitLab, "set `GITLAB_TOKEN`"),
        (CodeHostKind::Gitee, "set `ECI_CI_TOKEN`"),
        (CodeHostKind::Gitea, "set `GITEA_TOKEN`"),
    ] {
        let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
        let commit = team.propose("web.eci.toml", &web(&["a"]));
        let base = team.git(&["rev-parse", "main"]);
        let run = PipelineRun {
            commit: &commit,
            base: Some(&base),
            change: Some(Change {
                number: PULL,
                source: REPOSITORY,
            }),
            token: "hush-hush",
            folder: team.path(),
        };
        let failed = team.job("ci plan", &run).run().exits(1);
        let failed = failed.says("the token is not valid").says(fix);
        failed.omits("hush-hush");
        team.job("ci plan --lang zh", &run)
            .run()
            .exits(1)
            .says("令牌无效");
    }
}

#[test]
fn a_token_that_may_only_read_is_reported_with_the_permissions() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    team.propose("web.eci.toml", &web(&["a"]));
    team.host.world().is_read_only = true;
    let failed = team.plan().exits(1).says("lacks the permission");
    failed.says("pull-requests: write");
}

#[test]
fn without_a_pipeline_the_help_names_the_commands_for_a_terminal() {
    let project = Project::new(&web(&[]));
    let run = project.eci("ci plan").run().exits(1);
    let run = run.says("no CI system found in the environment");
    run.says("use `eci plan`");
    project
        .eci("ci plan --lang zh")
        .run()
        .exits(1)
        .says("环境中未找到 CI 系统");
    let other = project.eci("ci plan").env("ECI_CI_HOST", "gitea");
    let other = other.run().exits(1);
    other
        .says("the commit of this pipeline is unknown")
        .says("first check out the repository with git");
}

#[test]
fn a_pull_request_is_never_applied() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.propose("web.eci.toml", &web(&["a"]));
    team.pull_job("ci apply --auto-approve", &commit)
        .run()
        .exits(1)
        .says("cannot apply in a pipeline for pull request 7");
    assert!(team.cloud.names().is_empty());
}

#[test]
fn a_branch_that_is_not_merged_is_never_applied() {
    for kind in [CodeHostKind::GitHub, CodeHostKind::GitLab] {
        let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
        let commit = team.propose("web.eci.toml", &web(&["a"]));
        team.plan().exits(0);
        let mut world = team.host.world();
        world.branches.insert("feature".to_owned(), commit.clone());
        drop(world);
        let job = |command: &str, branch: &str| {
            team.push_job(command, &commit)
                .env("GITHUB_REF", format!("refs/heads/{branch}"))
                .env("CI_COMMIT_BRANCH", branch)
        };
        let refused = job("ci apply", "feature").run().exits(1);
        refused
            .says("cannot apply in the pipeline for branch `feature`, only in that for `main`")
            .says("merge the branch first");
        let refused = job("ci apply --branch main --lang zh", "feature")
            .run()
            .exits(1);
        refused.says("无法在分支 `feature` 的流水线中应用");
        // A job for the default branch that has checked out another one.
        let main = team.git(&["rev-parse", "main"]);
        let refused = team.push_job("ci apply", &main).run().exits(1);
        refused.says(&format!(
            "the working copy has commit {}, not",
            &commit[..7]
        ));
        let tag = team.push_job("ci apply", &commit);
        let tag = tag
            .env("GITHUB_REF", "refs/tags/v1")
            .env("CI_COMMIT_BRANCH", "");
        tag.run().exits(1).says("that runs for no branch");
        assert!(team.cloud.names().is_empty());
        assert!(team.host.status(&commit, "eci/apply").is_none());
        // A branch whose pushes are reviewed.
        job("ci apply --branch main --branch feature", "feature")
            .run()
            .exits(0);
        assert_eq!(team.cloud.names(), ["a"]);
    }
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let unnamed = Eci::new("eci", team.path())
        .args(["ci", "apply"])
        .args(team.cloud.flags());
    let unnamed = unnamed
        .env("ECI_CI_HOST", "gitea")
        .env("ECI_CI_BRANCH", "main");
    let refused = unnamed
        .run()
        .exits(1)
        .says("does not name the default branch");
    refused.says("`--branch main`");
}

#[test]
fn a_comment_of_another_user_with_the_mark_is_not_changed() {
    for (kind, author) in CodeHostKind::ALL
        .into_iter()
        .map(|kind| (kind, "stranger"))
        .chain([(CodeHostKind::GitHub, "dependabot[bot]")])
    {
        let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
        team.propose("web.eci.toml", &web(&["a"]));
        let copied = "<!-- eci-plan name=eci -->\nNothing to see.";
        let insert = |id| {
            let post = Post {
                change: PULL,
                text: copied.to_owned(),
                author: author.to_owned(),
            };
            team.host.world().comments.insert(id, post);
        };
        insert(0);
        team.plan().exits(0).says("Created a comment");
        insert(99);
        team.plan().exits(0).says("Updated the comment");
        let comments = team.host.comments(PULL);
        let is_copied: Vec<bool> = comments.iter().map(|it| it == copied).collect();
        assert_eq!(is_copied, [true, false, true], "{kind:?}: {comments:?}");
        team.host.assert_knows_all_requests();
    }
}

#[test]
fn a_job_without_the_commit_of_its_pull_request_reports_nothing_about_it() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.propose("web.eci.toml", "[container_group.a]\nimage = 1\n");
    // As `pull_request_target` does.
    team.git(&["checkout", "--quiet", "main"]);
    let refused = team.pull_job("ci plan", &commit).run().exits(1);
    refused
        .says(&format!("not commit {} of pull request 7", &commit[..7]))
        .says("use the event `pull_request`");
    assert!(team.host.status(&commit, "eci/plan").is_none());
    assert!(team.host.comments(PULL).is_empty());

    // A trial merge in a shallow clone.
    team.git(&["checkout", "--quiet", "-B", "trial"]);
    team.git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "meanwhile",
    ]);
    team.git(&["merge", "--quiet", "--no-ff", "feature"]);
    let clone = Project::empty();
    let from = format!("file://{}", team.path().display());
    git(
        clone.path(),
        &[
            "clone",
            "--quiet",
            "--depth=1",
            "--branch",
            "trial",
            &from,
            ".",
        ],
    );
    let mut job = Eci::new("eci", clone.path())
        .args(["ci", "plan"])
        .args(team.cloud.flags());
    let run = PipelineRun {
        commit: &commit,
        base: None,
        change: Some(Change {
            number: PULL,
            source: REPOSITORY,
        }),
        token: TOKEN,
        folder: clone.path(),
    };
    for (name, value) in team.host.kind.environment(&team.host, &run) {
        job = job.env(&name, value);
    }
    job.run().exits(1);
    assert_eq!(
        team.host.status(&commit, "eci/plan").unwrap().state,
        "failure"
    );
}

#[test]
fn a_working_copy_that_git_refuses_is_reported_with_the_cause_and_the_fix() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    let commit = team.propose("web.eci.toml", &web(&["a"]));
    let refused = team.pull_job("ci plan", &commit);
    let refused = refused
        .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        .run()
        .exits(1);
    refused
        .says("detected dubious ownership in repository")
        .says("run `git config --global --add safe.directory /");
}

#[test]
fn a_change_whose_job_was_canceled_is_applied_by_the_next_one() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let manifest = |directory: &str, names: &[&str]| {
        let text = shared.manifest(names);
        text.replace(
            "[backend.postgres]",
            &format!("[backend.postgres]\nname = \"{directory}\""),
        )
    };
    for kind in [
        CodeHostKind::GitHub,
        CodeHostKind::GitLab,
        CodeHostKind::Gitea,
    ] {
        let name = |directory: &str| format!("{kind:?}-{directory}").to_lowercase();
        let (a, b) = (name("a"), name("b"));
        let mut team = Team::new(
            kind,
            &[
                ("a/a.eci.toml", &manifest(&a, &[])),
                ("b/b.eci.toml", &manifest(&b, &[])),
            ],
        );
        team.variables = shared.variables();
        let push = |before: &str, commit: &str| {
            let run = PipelineRun {
                commit,
                base: Some(before),
                change: None,
                token: TOKEN,
                folder: team.path(),
            };
            team.job("ci apply", &run).run()
        };
        let first = team.head();
        push(&"0".repeat(40), &first).exits(0);
        team.propose("a/a.eci.toml", &manifest(&a, &["a"]));
        team.plan().exits(0);
        // Its job is canceled before it begins, by that of the next one.
        let second = team.merge(&["--no-ff"]);
        team.git(&["checkout", "--quiet", "-B", "feature"]);
        team.propose("b/b.eci.toml", &manifest(&b, &["b"]));
        team.plan().exits(0);
        let third = team.merge(&["--no-ff"]);
        let run = push(&second, &third).exits(0);
        run.says(&format!("from {} on, did not finish", &second[..7]));
        assert_eq!(team.cloud.names(), ["a", "b"], "{kind:?}");
        team.host.assert_knows_all_requests();
        // Nothing is caught up twice.
        let run = push(&third, &team.commit("empty")).exits(0);
        assert!(!run.stdout.contains("Directory"), "{}", run.stdout);
    }
}

#[test]
fn a_deleted_directory_is_reported_with_the_resources_that_remain() {
    let module = "[module.x]\nsource = \"../shared\"\n";
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("a/a.eci.toml", &web(&["a"])),
            ("b/b.eci.toml", &format!("{PROVIDER}{module}")),
            ("shared/x.eci.toml", &group("x")),
        ],
    );
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    for file in ["a/a.eci.toml", "shared/x.eci.toml"] {
        std::fs::remove_file(team.path().join(file)).unwrap();
    }
    team.propose("b/b.eci.toml", PROVIDER);
    team.plan().exits(0);
    let comment = team.only_comment();
    assert!(
        comment.contains("deleted, but its resources remain"),
        "{comment}"
    );
    assert!(comment.contains("<code>a</code>"), "{comment}");
    let status = team.host.status(&team.head(), "eci/plan").unwrap();
    assert_eq!(status.description, "2 directories, 1 deleted");
    // What was a module has no resources but those of `b`.
    assert!(!comment.contains("shared"), "{comment}");
    let before = team.git(&["rev-parse", "main"]);
    let commit = team.merge(&["--no-ff"]);
    let run = PipelineRun {
        commit: &commit,
        base: Some(&before),
        change: None,
        token: TOKEN,
        folder: team.path(),
    };
    team.job("ci apply", &run)
        .run()
        .says("directory `a` was deleted");
}

#[test]
fn a_directory_that_the_last_commit_deletes_is_reported_where_the_commit_before_is_unknown() {
    let files = [("a/a.eci.toml", web(&["a"])), ("b/b.eci.toml", web(&[]))];
    let files = files.each_ref().map(|(path, text)| (*path, &**text));
    let team = Team::new(CodeHostKind::GitHub, &files);
    team.git(&["rm", "--quiet", "-r", "a"]);
    let commit = team.commit("delete");
    let mut world = team.host.world();
    world.branches.insert("main".to_owned(), commit.clone());
    drop(world);
    let job = team.push_job("ci apply --auto-approve", &commit);
    job.run()
        .says("the commit before this change is unknown")
        .says("directory `a` was deleted");
}

#[test]
fn a_deleted_directory_is_reported_whatever_paths_its_manifests_and_those_of_others_contain() {
    let own = "[backend.local]\npath = \"../../states/web\"\n";
    let other = "[state.web]\nbackend.local = { path = \"../../states/web\" }\n";
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("envs/web/a.eci.toml", &format!("{own}{}", web(&["a"]))),
            ("envs/b/b.eci.toml", &format!("{other}{PROVIDER}")),
        ],
    );
    team.git(&["checkout", "--quiet", "-B", "feature"]);
    team.git(&["rm", "--quiet", "-r", "envs"]);
    team.propose("README.md", "x");
    team.plan().exits(0);
    let comment = team.only_comment();
    for name in ["envs/b", "envs/web"] {
        let reported = format!("<code>{name}</code>: deleted, but its resources remain");
        assert!(comment.contains(&reported), "{name}\n{comment}");
    }
}

#[test]
fn directories_with_the_same_state_are_neither_planned_nor_applied() {
    let Some(shared) = SharedState::start() else {
        return;
    };
    let manifest = |name: &str| shared.manifest(&[name]);
    let mut team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("a/a.eci.toml", &manifest("a")),
            ("b/b.eci.toml", &manifest("b")),
            ("c/c.eci.toml", &web(&["c"])),
        ],
    );
    team.variables = shared.variables();
    team.propose("c/c.eci.toml", &web(&["c", "d"]));
    // What the change does not affect does not stop it.
    team.plan().exits(0);
    let commit = team.propose("a/a.eci.toml", &format!("{}# changed\n", manifest("a")));
    let run = team.plan().exits(1);
    run.says("the state of `a` is also that of `b`: `postgres://")
        .says("set a different `name` in `[backend.postgres]` of each directory");
    let comment = team.only_comment();
    assert!(comment.contains("is also that of"), "{comment}");
    assert_eq!(
        team.host.status(&commit, "eci/plan").unwrap().state,
        "failure"
    );
    team.pull_job("ci plan --lang zh", &commit)
        .run()
        .exits(1)
        .says("`a` 与 `b` 使用同一个状态");
    // Each has a place, and one option for both replaces them.
    let named = |name: &str| {
        let table = format!("[backend.postgres]\nname = \"same-{name}\"");
        manifest(name).replace("[backend.postgres]", &table)
    };
    team.propose("a/a.eci.toml", &named("a"));
    let commit = team.propose("b/b.eci.toml", &named("b"));
    team.plan().exits(0);
    team.pull_job(
        "ci plan --backend name=one --directory a --directory b",
        &commit,
    )
    .run()
    .exits(1)
    .says("is also that of");
    // A directory that is named twice is one.
    team.pull_job("ci plan --directory a --directory a", &commit)
        .run()
        .exits(0);
    let commit = team.merge(&["--no-ff"]);
    let refused = team.push_job(
        "ci apply --auto-approve --all --backend name=one --directory a --directory b",
        &commit,
    );
    refused.run().exits(1).says("is also that of");
    assert!(team.cloud.names().is_empty());
}

#[test]
fn a_change_of_a_directory_and_a_reader_of_its_outputs_is_announced() {
    let network = format!(
        "{}\n[output.image]\nvalue = \"nginx:1.27\"\n",
        web(&["net"])
    );
    let reads = "[state.network]\nbackend.local = { path = \"../z/state\" }\n";
    let app = web(&["app"]).replace("\"nginx:1.27\"", "'${state.network.image}'");
    let app = format!("{reads}{app}");
    let team = Team::new(
        CodeHostKind::GitHub,
        &[("a/a.eci.toml", &app), ("z/z.eci.toml", &network)],
    );
    team.push_job("ci apply --all --auto-approve", &team.head())
        .run()
        .exits(0);
    team.propose("z/z.eci.toml", &network.replace("1.27", "1.28"));
    team.plan().exits(0);
    assert!(!team.only_comment().contains("present outputs"));
    team.propose("a/a.eci.toml", &format!("{app}# changed\n"));
    team.plan().exits(0);
    let comment = team.only_comment();
    let expected = "The plan of `a` is based on the present outputs of `z`";
    assert!(comment.contains(expected), "{comment}");

    team.merge(&["--no-ff"]);
    let refused = team.push_job("ci apply --all", &team.head()).run().exits(1);
    refused
        .says("the planned action on container_group.app")
        .says("also where outputs that it reads changed by an apply");
}

#[test]
fn a_plan_that_no_store_keeps_is_read_from_the_artifacts_of_the_merge_request() {
    let team = Team::new(CodeHostKind::GitLab, &[("a/web.eci.toml", &web(&[]))]);
    team.propose("a/web.eci.toml", &web(&["a"]));
    team.plan().exits(0);
    let folder = team.path().join("eci-ci");
    for entry in std::fs::read_dir(folder.join("a")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut world = team.host.world();
        world.artifacts.insert(format!("eci-ci/a/{name}"), text);
    }
    std::fs::remove_dir_all(folder).unwrap();
    let commit = team.merge(&["--squash"]);
    team.apply().exits(1).says("no plan of `a` was reviewed");
    team.host.world().merged.insert(commit, PULL);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a"]);
    team.host.assert_knows_all_requests();
}

#[test]
fn after_a_merge_only_the_merged_directories_are_applied_without_the_commit_before() {
    let team = Team::new(
        CodeHostKind::Gitee,
        &[("a/a.eci.toml", &web(&[])), ("b/b.eci.toml", &web(&["b"]))],
    );
    team.propose("a/a.eci.toml", &web(&["a"]));
    team.plan().exits(0);
    team.merge(&["--no-ff"]);
    let run = team.apply().exits(0);
    assert!(!run.stdout.contains("Directory b"), "{}", run.stdout);
    assert_eq!(team.cloud.names(), ["a"]);
}

#[test]
fn directories_are_applied_after_those_whose_outputs_they_read() {
    let network = format!(
        "{}\n[output.image]\nvalue = \"nginx:1.27\"\n",
        web(&["net"])
    );
    let reads = "[state.network]\nbackend.local = { path = \"../z/state\" }\n";
    let app = web(&["app"]).replace("\"nginx:1.27\"", "'${state.network.image}'");
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("a/a.eci.toml", &format!("{reads}{app}")),
            ("z/z.eci.toml", &network),
        ],
    );
    let run = team
        .push_job("ci apply --all --auto-approve", &team.head())
        .run()
        .exits(0);
    let at = |directory: &str| run.stdout.find(directory).unwrap();
    assert!(at("Directory z") < at("Directory a"), "{}", run.stdout);
    assert_eq!(team.cloud.names(), ["app", "net"]);

    team.write(
        "z/z.eci.toml",
        &format!("[state.app]\nbackend.local = {{ path = \"../a/state\" }}\n{network}"),
    );
    team.push_job("ci apply --all", &team.commit("cycle"))
        .run()
        .exits(1)
        .says("cycle of configurations that read each other's outputs: a and z");
}

#[test]
fn a_local_state_has_its_reviewed_plans_in_the_artifacts() {
    let team = Team::new(CodeHostKind::GitHub, &[("web.eci.toml", &web(&[]))]);
    team.propose("web.eci.toml", &web(&["a"]));
    team.plan().exits(0);
    team.merge(&["--no-ff"]);
    team.apply().exits(0);
    assert_eq!(team.cloud.names(), ["a"]);

    team.git(&["checkout", "--quiet", "-B", "feature"]);
    team.propose("web.eci.toml", &web(&["a", "b"]));
    team.plan().exits(0);
    team.merge(&["--no-ff"]);
    std::fs::remove_dir_all(team.path().join("eci-ci")).unwrap();
    team.apply().exits(1).says("was reviewed for commit");
    assert_eq!(team.cloud.names(), ["a"]);
}
