//! States in directories that are encrypted because the manifests have `[[encryption.key]]`.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, thread};

use eci_sandbox::{Fault, Rule};
use eci_tests::machines::{KEY, Machine, Place, manifests};
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, Eci, Project, binaries};

/// The steps at which a change of the form dies.
const STEPS: [&str; 4] = [
    "conversion-locked",
    "entry-begun",
    "conversion-copied",
    "conversion-switched",
];

fn machine<'a>(cloud: &'a Cloud, names: &[&str]) -> Machine<'a> {
    let machine = Machine {
        project: Project::new(&manifests("", names)),
        cloud,
        variables: Vec::new(),
    };
    machine.project.write("old.toml", KEY);
    machine
}

/// Puts the key into the manifests, or removes it.
fn encrypted(machine: &Machine<'_>, is_encrypted: bool) {
    let key = if is_encrypted { KEY } else { "" };
    machine.project.write("key.eci.toml", key);
}

fn state(machine: &Machine<'_>) -> PathBuf {
    machine.project.path().join("state")
}

/// Returns the files of a folder and of all below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Nothing in the directory of a state is readable without the key.
fn check_encrypted(machine: &Machine<'_>) {
    let found = files(&state(machine));
    assert!(!found.is_empty());
    for file in found {
        let content = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&content);
        for word in ["digest_key", "hush-hush", "nginx", "container_group"] {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn a_program_that_prints_no_key_is_named_where_a_new_data_key_requires_it() {
    let cloud = Cloud::start();
    for place in [
        Place::Encrypted,
        Place::Http(StateServer::start()),
        Place::GitLab(StateServer::start()),
    ] {
        let machine = place.machine(&cloud, &["web"]);
        let program = format!("{KEY}[[encryption.key]]\nprogram = [\"echo\", \"hush\"]\n");
        machine.project.edit("main.eci.toml", KEY, &program);
        let refused = machine.apply().run().exits(1);
        refused
            .omits("hush")
            .says("failed to encrypt the state at")
            .says("the program `echo` of `[[encryption.key]]` failed: its output is not a key of 32 bytes")
            .says("help: supply that secret, or remove its `[[encryption.key]]`");
        let chinese = machine.apply().args(["--lang", "zh"]).run().exits(1);
        chinese.says("程序 `echo` 失败").says("提供该机密信息");
        // A state that exists is used with the other key, and keeps its own one.
        machine.project.edit("main.eci.toml", &program, KEY);
        machine.apply().run().exits(0);
        machine.project.edit("main.eci.toml", KEY, &program);
        machine.plan().run().exits(0);
        let refused = machine.eci("state re-encrypt").run().exits(1);
        refused.says("failed to encrypt the state at");
        machine.destroy().run().exits(0);
    }
}

const SECRET: &str = "[variable.token]\nsensitive = true\ndefault = \"hush-hush\"\n";

#[test]
fn a_key_encrypts_all_that_a_directory_has_of_a_state() {
    let cloud = Cloud::start();
    let machine = Place::Encrypted.machine(&cloud, &["web"]);
    machine.project.write("secret.eci.toml", SECRET);
    machine.project.edit(
        "main.eci.toml",
        "image =",
        "env = { TOKEN = '${var.token}' }, image =",
    );
    machine.plan().run().exits(2);
    assert!(!state(&machine).exists(), "a plan writes nothing");
    machine.apply().run().exits(0);
    check_encrypted(&machine);
    machine.plan().run().exits(0).says("No changes.");
    for command in ["show", "state list", "state show container_group.web"] {
        let shown = machine.eci(command).run().exits(0);
        assert!(shown.stdout.contains("container_group.web"), "{shown}");
    }
    let with_cloud = machine.eci_on_cloud("status").run().exits(0);
    assert!(with_cloud.stdout.contains("container_group.web"));
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    let plan = machine.eci_on_cloud("plan --out next.plan");
    plan.run().exits(0);
    machine.eci_on_cloud("apply next.plan").run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
    let flag = machine.eci("state list --state state").run().exits(0);
    assert_eq!(flag.stdout, "container_group.web\n");
    check_encrypted(&machine);

    let without = machine
        .eci("state list")
        .without_env("ECI_STATE_PASSPHRASE");
    without
        .run()
        .exits(1)
        .says("`ECI_STATE_PASSPHRASE` is not set");
    let wrong = machine
        .eci("state list")
        .env("ECI_STATE_PASSPHRASE", "another passphrase");
    wrong
        .run()
        .exits(1)
        .says("none of the configured keys decrypts");
    assert_eq!(cloud.created(), ["web"]);
    machine.destroy().run().exits(0);
}

#[test]
fn any_of_several_keys_decrypts_and_a_new_data_key_requires_all() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    let other = "[[encryption.key]]\npassphrase_env = \"OTHER_PASSPHRASE\"\n";
    machine
        .project
        .write("key.eci.toml", &format!("{KEY}{other}"));
    let with_other = |command: Eci| command.env("OTHER_PASSPHRASE", "another horse battery");
    let refused = machine.apply().run().exits(1);
    refused
        .says("`OTHER_PASSPHRASE` is not set")
        .says("every `[[encryption.key]]`");
    assert_eq!(cloud.created(), Vec::<String>::new());
    with_other(machine.apply()).run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
    with_other(machine.plan())
        .without_env("ECI_STATE_PASSPHRASE")
        .run()
        .exits(0)
        .says("No changes.");
    machine
        .eci("state list")
        .run()
        .exits(0)
        .says("container_group.web");
    machine
        .eci("state re-encrypt")
        .run()
        .exits(1)
        .says("`OTHER_PASSPHRASE` is not set");
    machine.plan().run().exits(0).says("No changes.");
    let neither = machine.plan().without_env("ECI_STATE_PASSPHRASE").run();
    neither.exits(1).says("`ECI_STATE_PASSPHRASE` is not set");
}

#[test]
fn a_run_that_was_killed_is_continued_at_once() {
    let mut died = 0;
    for pass in 1..20 {
        let cloud = Cloud::start();
        let machine = Place::Encrypted.machine(&cloud, &["one", "three", "two"]);
        let apply = Eci::new(binaries::FAILPOINTS, machine.project.path())
            .args(["apply", "--auto-approve", "--parallelism", "1"])
            .args(cloud.flags())
            .env("ECI_FAILPOINT", format!("entry-written:{pass}"));
        let run = machine.with(apply).run();
        if !run.died() {
            break;
        }
        died += 1;
        let began = Instant::now();
        machine.apply().run().exits(0).omits("locked");
        let elapsed = began.elapsed();
        // Less than a lease, which is two minutes.
        assert!(elapsed < Duration::from_secs(90), "{elapsed:?}");
        assert_eq!(cloud.created(), ["one", "three", "two"], "{pass}");
        machine.plan().run().exits(0).says("No changes.");
    }
    assert!(died > 3, "{died}");
}

#[test]
fn one_run_at_a_time_has_an_encrypted_directory() {
    let cloud = Cloud::start();
    let machine = Place::Encrypted.machine(&cloud, &["web"]);
    cloud.fail([Rule {
        fault: None,
        latency: Some(Duration::from_secs(3)),
        ..Rule::new("createContainerGroup", Fault::Hang)
    }]);
    let running = machine.apply().start();
    running.until("at the create", || cloud.calls("createContainerGroup") == 1);
    machine.apply().run().exits(1).says("is locked by");
    let waited = machine.apply().args(["--lock-timeout", "60s"]).start();
    thread::sleep(Duration::from_millis(200));
    running.wait().exits(0);
    waited.wait().exits(0).says("No changes.");
    let unlocked = machine.eci("force-unlock 4711").run().exits(1);
    unlocked.says("is not locked");
    assert_eq!(cloud.created(), ["web"]);
}

/// Every command that reads or writes a state in the other form is refused.
fn check_refused(machine: &Machine<'_>, message: &str) {
    let commands = [
        "state list",
        "show",
        "state history",
        "state recover --offline",
        "state mv container_group.web container_group.front",
        "state pull",
        "output",
    ];
    for command in commands {
        let refused = machine.eci(command).run();
        assert!(refused.code() != 0, "{command}: {refused}");
        refused.says(message).says("eci init --migrate");
    }
    for command in [machine.plan(), machine.apply(), machine.destroy()] {
        command.run().exits(1).says(message);
    }
}

#[test]
fn only_a_migration_changes_the_form_of_a_state() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    machine
        .apply()
        .env("CI_COMMIT_SHA", "aaaa1111")
        .run()
        .exits(0);
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    machine.apply().run().exits(0);
    let history = || machine.eci("state history").run().exits(0).stdout;
    let before = history();
    let pulled = machine.eci("state pull").run().exits(0).stdout;

    encrypted(&machine, true);
    check_refused(&machine, "is not encrypted, but the manifests have");
    let chinese = machine.eci("state list --lang zh").run().exits(1);
    chinese.says("中的状态未加密");
    let done = machine.eci("init --migrate").run().exits(0);
    done.says("Encrypted the state in `state`: serial");
    check_encrypted(&machine);
    assert_eq!(history(), before);
    assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
    machine.plan().run().exits(0).says("No changes.");
    let again = machine.eci("init --migrate").run().exits(0);
    again.says("No changes. The state in `state` is encrypted.");
    let first = machine.eci("state show --at 2 container_group.web").run();
    assert!(first.stdout.contains("nginx"), "{first}");

    encrypted(&machine, false);
    check_refused(&machine, "is encrypted, but the manifests have no");
    machine
        .eci("init --migrate")
        .run()
        .exits(1)
        .says("`eci init --migrate FILE`");
    let done = machine.eci("init --migrate old.toml").run().exits(0);
    done.says("Decrypted the state in `state`: serial");
    assert!(!state(&machine).join("encrypted").exists());
    assert_eq!(history(), before);
    assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
    machine.plan().run().exits(0).says("No changes.");
    let again = machine.eci("init --migrate old.toml").run().exits(0);
    again.says("No changes. The state in `state` is not encrypted.");
    assert_eq!(cloud.created(), ["web"]);
}

/// A command reads the state as it is, or refuses to.
fn check_refused_or_whole(machine: &Machine<'_>, pulled: &str) {
    let read = machine.eci("state pull").run();
    if read.code() == 0 {
        assert_eq!(read.stdout, pulled);
    } else {
        read.says("eci init --migrate");
    }
}

#[test]
fn a_change_of_the_form_that_was_killed_is_repeated() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    machine.apply().run().exits(0);
    let mut is_encrypted = false;
    // Each dies once on the way there, and once on the way back.
    for step in STEPS.into_iter().flat_map(|step| [step; 2]) {
        let pulled = machine.eci("state pull").run().exits(0).stdout;
        encrypted(&machine, !is_encrypted);
        let died = machine.eci_until(step, "init --migrate old.toml").run();
        assert!(died.died(), "{step}: {died}");
        check_refused_or_whole(&machine, &pulled);
        if step != "conversion-switched" && !is_encrypted {
            // The old form still counts.
            encrypted(&machine, false);
            assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
            encrypted(&machine, true);
        }
        machine.eci("init --migrate old.toml").run().exits(0);
        is_encrypted = !is_encrypted;
        assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
        machine.plan().run().exits(0).says("No changes.");
        for remaining in ["encrypted.new", "encrypted.old"] {
            assert!(!state(&machine).join(remaining).exists(), "{step}");
        }
        if is_encrypted {
            check_encrypted(&machine);
        }
    }
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_state_that_came_back_in_its_old_form_is_removed_only_if_it_is_a_version_of_the_new_one() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    machine.apply().run().exits(0);
    let old = fs::read(state(&machine).join("state.json")).unwrap();
    encrypted(&machine, true);
    machine.eci("init --migrate").run().exits(0);
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    machine.apply().run().exits(0);
    // Somebody restores a backup of the old form.
    fs::write(state(&machine).join("state.json"), &old).unwrap();
    machine.plan().run().exits(1).says("is not encrypted");
    machine.eci("init --migrate").run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
    assert!(!state(&machine).join("state.json").exists());

    // One that has changed since is not.
    let other = Project::new(&manifests("", &["web"]));
    fs::create_dir(other.path().join("state")).unwrap();
    fs::write(other.path().join("state/state.json"), &old).unwrap();
    let changed = Machine {
        project: other,
        cloud: &cloud,
        variables: Vec::new(),
    };
    let mv = "state mv container_group.web container_group.front";
    changed.eci(mv).run().exits(0);
    fs::copy(
        state(&changed).join("state.json"),
        state(&machine).join("state.json"),
    )
    .unwrap();
    let refused = machine.eci("init --migrate").run().exits(1);
    refused.says("was changed both in");
}

#[test]
fn each_workspace_of_a_directory_is_encrypted() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    machine.project.edit(
        "main.eci.toml",
        "vpc_id",
        "name = 'web-${eci.workspace}'\nvpc_id",
    );
    machine.apply().run().exits(0);
    machine.eci("workspace new staging").run().exits(0);
    machine.apply().run().exits(0);
    machine.eci("workspace select default").run().exits(0);
    encrypted(&machine, true);
    let kept = machine.eci("workspace delete staging --force").run();
    kept.exits(1).says("is not encrypted");
    let done = machine.eci("init --migrate").run().exits(0);
    done.says("Workspace `staging` is not encrypted yet")
        .says("eci init --migrate state --workspace staging");
    machine.eci("workspace select staging").run().exits(0);
    let refused = machine.eci("state list").run().exits(1);
    refused.says("help: run `eci init --migrate` to encrypt the state");
    let done = machine.eci("init --migrate").run();
    done.exits(0).omits("Workspace `");
    machine.eci("workspace select default").run().exits(0);
    let list = || machine.eci("workspace list").run().exits(0).stdout;
    assert_eq!(list(), "* default  1 resource\n  staging  1 resource\n");
    machine.plan().run().exits(0).says("No changes.");
    let plan = machine.plan().args(["--workspace", "staging"]);
    plan.run().exits(0).says("No changes.");
    machine.eci("workspace new dev").run().exits(0);
    assert_eq!(
        list(),
        "  default  1 resource\n* dev      empty\n  staging  1 resource\n"
    );
    machine.eci("workspace select default").run().exits(0);
    let kept = machine.eci("workspace delete staging").run().exits(1);
    kept.says("has 1 resource");
    machine.eci("workspace delete dev").run().exits(0);
    assert!(!state(&machine).join("workspaces/dev").exists());
    check_encrypted(&machine);
    // Without the key, an encrypted workspace is not treated as an empty one.
    encrypted(&machine, false);
    let kept = machine.eci("workspace delete staging --force").run();
    kept.exits(1).says("is encrypted");
    assert_eq!(cloud.names(), ["web-default", "web-staging"]);
}

#[test]
fn the_directory_whose_form_is_changed_is_the_configured_one() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &["web"]);
    let backend = "[backend.local]\npath = \"vault\"\n";
    machine.project.write("backend.eci.toml", backend);
    machine.apply().run().exits(0);
    let other = machine.project.path().join("other");
    fs::create_dir(&other).unwrap();
    let plain = machine.project.path().join("vault/state.json");
    fs::copy(plain, other.join("state.json")).unwrap();

    encrypted(&machine, true);
    let done = machine.eci("init --migrate").run().exits(0);
    done.says("Encrypted the state in `vault`");
    let again = machine.eci("init --migrate").run().exits(0);
    again.says("No changes. The state in `vault` is encrypted.");
    machine
        .eci("state list --state other")
        .run()
        .exits(1)
        .says("the state in `other` is not encrypted");
    let done = machine.eci("init --migrate --state other").run().exits(0);
    done.says("Encrypted the state in `other`");
    let list = machine.eci("state list --state other").run().exits(0);
    assert_eq!(list.stdout, "container_group.web\n");

    encrypted(&machine, false);
    let done = machine.eci("init --migrate old.toml").run().exits(0);
    done.says("Decrypted the state in `vault`");
    let done = machine
        .eci("init --migrate old.toml --state other")
        .run()
        .exits(0);
    done.says("Decrypted the state in `other`");
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["web"]);
}

/// Returns the number after the last of these words.
fn serial_after(text: &str, words: &str) -> u64 {
    let (_, rest) = text.rsplit_once(words).unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

#[test]
fn a_damaged_state_in_an_encrypted_directory_is_rebuilt() {
    let cloud = Cloud::start();
    let machine = Place::Encrypted.machine(&cloud, &["api", "web"]);
    machine.eci("state recover").run().exits(1).says("no state");
    machine.apply().run().exits(0);
    let sound = machine.eci_on_cloud("state recover").run().exits(0);
    sound.says("is not damaged");
    let snapshots = files(&state(&machine).join("encrypted/snapshot"));
    let newest = snapshots.into_iter().max().unwrap();
    fs::write(&newest, "hush").unwrap();
    machine
        .plan()
        .run()
        .exits(1)
        .says("is damaged")
        .says("eci state recover");
    let rebuilt = machine.eci_on_cloud("state recover").run().exits(0);
    let rebuilt = rebuilt.says("Rebuilt the state from the snapshot with serial");
    // The last serial that is reported is that of the last version.
    let reported = serial_after(&rebuilt.stderr, "as serial ");
    let history = machine.eci("state history --format json").run().exits(0);
    let history: serde_json::Value = serde_json::from_str(&history.stdout).unwrap();
    let serials = history["versions"].as_array().unwrap().iter();
    let last = serials.filter_map(|it| it["serial"].as_u64()).max();
    assert_eq!(last, Some(reported), "{rebuilt}");
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["api", "web"]);
}

#[test]
fn the_state_of_another_directory_is_read_in_its_form() {
    let cloud = Cloud::start();
    let output = "[output.vpc_id]\nvalue = \"vpc-7\"\n";
    let network = machine(&cloud, &[]);
    network.project.write("out.eci.toml", output);
    network.apply().run().exits(0);
    let app = Place::Encrypted.machine(&cloud, &["web"]);
    let path = state(&network);
    app.project.write(
        "network.eci.toml",
        &format!("[state.network]\nbackend.local = {{ path = {path:?} }}\n"),
    );
    app.project
        .edit("main.eci.toml", "\"vpc-1\"", "'${state.network.vpc_id}'");
    app.plan().run().exits(2).says("vpc-7");
    encrypted(&network, true);
    network.eci("init --migrate").run().exits(0);
    app.plan().run().exits(2).says("vpc-7");
}
