//! Locations of states: partial settings, the environment, workspaces, and the outputs of other states.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use eci_tests::machines::{Machine, Place, manifests};
use eci_tests::servers::{Postgres, SeaweedFs};
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, Project};

/// Returns a machine with this backend table, and the variables of a place.
fn machine<'a>(cloud: &'a Cloud, place: &Place, backend: &str) -> Machine<'a> {
    Machine {
        project: Project::new(&manifests(backend, &["web"])),
        cloud,
        variables: place.variables(),
    }
}

#[test]
fn settings_come_from_the_command_line_the_manifests_and_the_environment() {
    let (server, cloud) = (StateServer::start(), Cloud::start());
    let addresses = ["one", "two", "three"].map(|name| server.gitlab_address(name));
    let place = Place::GitLab(server);
    let Place::GitLab(server) = &place else {
        unreachable!("it is a server")
    };
    let partial = machine(&cloud, &place, "[backend.http]\nretry_wait_min = 0\n");
    let missing = partial.plan().run().exits(1);
    missing
        .says("missing key `address`")
        .says("--backend address=");
    let given = format!("--backend=address={}", addresses[0]);
    partial.apply().arg(&given).run().exits(0);
    assert!(server.document("one").is_some());
    let as_terraform = format!("-backend-config=address={}", addresses[0]);
    partial
        .plan()
        .arg(as_terraform)
        .run()
        .exits(0)
        .says("No changes.");
    let listed = partial.eci("state list").arg(&given).run().exits(0);
    assert_eq!(listed.stdout, "container_group.web\n");

    // The command line goes before the environment, and so do the manifests.
    for variable in ["ECI_BACKEND_ADDRESS", "TF_HTTP_ADDRESS"] {
        let of_environment = || partial.plan().env(variable, &*addresses[1]);
        of_environment().run().exits(2).says("1 to create");
        of_environment()
            .arg(&given)
            .run()
            .exits(0)
            .says("No changes.");
    }
    let whole = format!("[backend.http]\naddress = {:?}\n", addresses[0]);
    let whole = machine(&cloud, &place, &whole);
    let plan = whole.plan().env("TF_HTTP_ADDRESS", &*addresses[1]);
    plan.run().exits(0).says("No changes.");

    // Hints repeat what was given.
    let held = partial.eci("state show container_group.wbe").arg(&given);
    held.run().exits(1).says("not found");
    let unknown = partial
        .plan()
        .args(["--backend", "adress=x"])
        .run()
        .exits(1);
    unknown
        .says("unsupported key `adress` in `--backend`")
        .says("did you mean `address`");
    partial
        .plan()
        .args(["--backend", "address"])
        .run()
        .exits(1)
        .says("KEY=VALUE");
    let retries = partial.plan().args([&*given, "--backend=retry_max=often"]);
    retries.run().exits(1).says("integer from 0 to 100");
}

#[test]
fn an_error_in_the_manifests_does_not_lead_to_the_state_in_the_default_directory() {
    let cloud = Cloud::start();
    let project = Project::new(&manifests("", &["web"]));
    project.apply(&cloud).run().exits(0);
    let before = project.state();
    project.write("state.json", &before.to_document().unwrap());
    let broken = [
        ("[backend.s3]\nbucket = \"states\"\nx = [\n", "error[E0"),
        ("[backend.zos]\nbucket = \"states\"\n", "`zos`"),
    ];
    for (backend, message) in broken {
        for in_another in [false, true] {
            let file = if in_another {
                "state.eci.toml"
            } else {
                "main.eci.toml"
            };
            let text = if in_another {
                backend.to_owned()
            } else {
                manifests(backend, &["web"])
            };
            project.write("main.eci.toml", &manifests("", &["web"]));
            project.write("state.eci.toml", "");
            project.write(file, &text);
            for command in [
                "state list",
                "output",
                "taint container_group.web",
                "workspace new other",
                "state push state.json",
                "force-unlock 0",
            ] {
                let run = project.eci(command).run().exits(1);
                run.says(message).says(file);
            }
        }
    }
    project.write("main.eci.toml", &manifests("", &["web"]));
    project.write("state.eci.toml", "");
    assert_eq!(project.state().serial, before.serial);
    project.eci("workspace list").run().exits(0);
    assert!(!project.path().join("state/workspaces/other").exists());
}

#[test]
fn a_directory_can_be_given_on_the_command_line() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &Place::Directory, "");
    machine
        .apply()
        .args(["--backend", "path=elsewhere"])
        .run()
        .exits(0);
    assert!(machine.project.path().join("elsewhere/state.json").exists());
    assert!(!machine.project.path().join("state/state.json").exists());
    let plan = machine.plan().env("ECI_BACKEND_PATH", "elsewhere");
    plan.run().exits(0).says("No changes.");
}

#[test]
fn settings_use_variables_the_workspace_and_the_environment() {
    let (server, cloud) = (StateServer::start(), Cloud::start());
    let address = server.gitlab_address("");
    let place = Place::GitLab(server);
    let Place::GitLab(server) = &place else {
        unreachable!("it is a server")
    };
    let backend = "[variable.team]\ndefault = \"shop\"\n[backend.http]\n\
         address = '${env(\"STATES\")}${var.team}-${eci.workspace}'\nretry_wait_min = 0\n";
    let machine = machine(&cloud, &place, backend);
    let unset = machine.plan().run().exits(1);
    unset.says("environment variable `STATES` is not set");
    machine.apply().env("STATES", &*address).run().exits(0);
    assert!(server.document("shop-default").is_some());
    let staging = |command: &str| machine.eci(command).env("STATES", &*address);
    staging("workspace new staging").run().exits(0);
    assert!(server.document("shop-staging").is_some());
    let plan = machine.plan().env("STATES", &*address);
    plan.run()
        .exits(2)
        .says("Workspace staging")
        .says("1 to create");
    staging("workspace list")
        .run()
        .exits(1)
        .says("depend on `eci.workspace`");
    staging("workspace select default").run().exits(0);
    let plan = machine.plan().env("STATES", &*address);
    plan.run().exits(0).says("No changes.");

    // Elsewhere it would make plans differ from machine to machine.
    machine.project.write(
        "out.eci.toml",
        "[output.home]\nvalue = '${env(\"HOME\")}'\n",
    );
    let refused = machine.plan().env("STATES", &*address).run().exits(1);
    refused.says("`env` can be used only in `[backend]` and `[state]`");
}

/// Workspaces of a store that can have several states.
fn has_workspaces(place: &Place) {
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["web"]);
    machine.project.edit(
        "main.eci.toml",
        "vpc_id",
        "name = 'web-${eci.workspace}'\nvpc_id",
    );
    machine.apply().run().exits(0);
    let list = || machine.eci("workspace list").run().exits(0).stdout;
    assert_eq!(list(), "* default  1 resource\n");
    let created = machine.eci("workspace new staging").run().exits(0);
    created.says("Created and selected workspace `staging`");
    assert_eq!(list(), "  default  1 resource\n* staging  empty\n");
    machine
        .eci("workspace new staging")
        .run()
        .exits(1)
        .says("already exists");
    machine.apply().run().exits(0).says("Workspace staging");
    assert_eq!(cloud.names(), ["web-default", "web-staging"]);

    // Another machine knows both, and has selected neither.
    let other = place.machine(&cloud, &["web"]);
    let listed = other.eci("workspace list").run().exits(0).stdout;
    assert_eq!(listed, "* default  1 resource\n  staging  1 resource\n");
    let at = other.eci("state list --workspace staging").run().exits(0);
    assert_eq!(at.stdout, "container_group.web\n");
    let unknown = other.eci("state list --workspace stagin").run().exits(1);
    unknown
        .says("workspace `stagin` not found")
        .says("did you mean `staging`");

    machine.eci("workspace select default").run().exits(0);
    let kept = machine.eci("workspace delete staging").run().exits(1);
    kept.says("its state has 1 resource");
    machine
        .eci_on_cloud("destroy --auto-approve --workspace staging")
        .run()
        .exits(0);
    machine.eci("workspace delete staging").run().exits(0);
    assert_eq!(list(), "* default  1 resource\n");
    machine.eci("workspace delete default").run().exits(1);
    machine.plan().run().exits(0).says("No changes.");
    machine.eci("workspace new staging").run().exits(0);
    machine.plan().run().exits(2).says("1 to create");
}

#[test]
fn a_database_has_workspaces() {
    if let Some(server) = Postgres::start() {
        has_workspaces(&Place::Postgres(server));
    }
}

#[test]
fn a_bucket_has_workspaces() {
    if let Some(server) = SeaweedFs::start() {
        has_workspaces(&Place::Bucket(server));
    }
}

#[test]
fn a_server_of_documents_has_no_workspaces() {
    let (place, cloud) = (Place::GitLab(StateServer::start()), Cloud::start());
    let machine = place.machine(&cloud, &["web"]);
    let refused = machine.eci("workspace new staging").run().exits(1);
    refused
        .says("has only one state")
        .says("use `eci.workspace` in `address`");
}

const NETWORK: &str = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n\
     [variable.token]\nsensitive = true\ndefault = \"hush-hush\"\n\
     [output.vpc_id]\nvalue = \"vpc-7\"\n\
     [output.ports]\nvalue = [80, 443]\n\
     [output.token]\nvalue = '${var.token}'\nsensitive = true\n";

#[test]
fn outputs_of_another_state_are_read_and_sensitive_ones_are_not() {
    let (place, cloud) = (Place::GitLab(StateServer::start()), Cloud::start());
    let Place::GitLab(server) = &place else {
        unreachable!("it is a server")
    };
    let key = "[[encryption.key]]\npassphrase_env = \"ECI_STATE_PASSPHRASE\"\n";
    let network = Machine {
        project: Project::new(&format!(
            "{NETWORK}{}{key}",
            server.gitlab_backend("network")
        )),
        cloud: &cloud,
        variables: place.variables(),
    };
    let app = machine(&cloud, &place, key);
    let table = |extra: &str| {
        let address = server.gitlab_address("network");
        format!(
            "[state.network]\nbackend.http = {{ address = {address:?}, retry_wait_min = 0 }}\n{extra}"
        )
    };
    app.project.write("network.eci.toml", &table(""));
    app.project
        .edit("main.eci.toml", "\"vpc-1\"", "'${state.network.vpc_id}'");
    app.eci("validate").run().exits(0);
    let early = app.plan().run().exits(1);
    early
        .says("failed to read the outputs of `state.network`")
        .says("no state found");
    network.apply().run().exits(0);
    app.plan().run().exits(2).says("vpc-7");
    app.apply().run().exits(0);
    app.plan().run().exits(0).says("No changes.");
    assert!(app.project.path().join("state/encrypted").exists());

    // Its outputs change, and the plan follows.
    network.project.edit("main.eci.toml", "vpc-7", "vpc-8");
    network.apply().run().exits(0);
    app.plan().run().exits(2).says("vpc-7").says("vpc-8");

    let with_output = |expression: &str| {
        let output = format!("[output.o]\nvalue = '${{{expression}}}'\n");
        app.project.write("network.eci.toml", &table(&output));
        app.plan().run()
    };
    with_output("state.network.ports[1] + 1")
        .exits(2)
        .says("444");
    let secret = with_output("state.network.token").exits(1);
    let secret = secret.says("`state.network.token` is sensitive");
    assert!(!secret.stderr.contains("hush-hush"));
    let typo = with_output("state.network.vpc").exits(1);
    typo.says("has no output `vpc`")
        .says("did you mean `state.network.vpc_id`");
    with_output("state.netwrok.vpc_id")
        .exits(1)
        .says("undeclared state `state.netwrok`");
    app.project.write("network.eci.toml", "[state.network]\n");
    app.plan().run().exits(1).says("missing key `backend`");
}

/// Replaces the passphrase of a state by a key.
fn is_re_encrypted(place: &Place) {
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["web"]);
    machine.apply().run().exits(0);
    let with_new = |command: eci_tests::Eci| command.env("NEW", "5e".repeat(32));
    let key = "passphrase_env = \"ECI_STATE_PASSPHRASE\"\n";
    let both = format!("{key}[[encryption.key]]\nkey_env = \"NEW\"\n");
    machine.project.edit("main.eci.toml", key, &both);
    let serial = || {
        let listed = with_new(machine.eci("state history --format json"));
        let listed: serde_json::Value =
            serde_json::from_str(&listed.run().exits(0).stdout).unwrap();
        listed["versions"][0]["serial"].as_u64().unwrap()
    };
    let before = serial();
    let done = with_new(machine.eci("state re-encrypt")).run().exits(0);
    done.says("Encrypted the state with a new data key");
    assert_eq!(serial(), before + 1);
    // Now the key alone decrypts it, and the passphrase still does.
    machine
        .project
        .edit("main.eci.toml", &both, "key_env = \"NEW\"\n");
    with_new(machine.plan()).run().exits(0).says("No changes.");
    with_new(machine.eci("state re-encrypt")).run().exits(0);
    with_new(machine.plan()).run().exits(0).says("No changes.");
    let first = format!("state show --at {before} container_group.web");
    if !matches!(place, Place::Http(_)) {
        // Earlier documents of GitLab have separate keys.
        let earlier = with_new(machine.eci(&first)).run();
        let is_readable = !matches!(place, Place::GitLab(_));
        assert_eq!(earlier.stdout.contains("nginx"), is_readable, "{earlier}");
    }
    machine
        .project
        .edit("main.eci.toml", "key_env = \"NEW\"\n", key);
    let old = machine.plan().run().exits(1);
    old.says("none of the configured keys decrypts the state");
}

#[test]
fn a_state_in_a_database_is_re_encrypted_for_other_keys() {
    if let Some(server) = Postgres::start() {
        is_re_encrypted(&Place::Postgres(server));
    }
}

#[test]
fn a_state_on_a_server_is_re_encrypted_for_other_keys() {
    is_re_encrypted(&Place::GitLab(StateServer::start()));
}

#[test]
fn a_state_in_a_directory_is_re_encrypted_for_other_keys() {
    is_re_encrypted(&Place::Encrypted);
    let cloud = Cloud::start();
    let local = Place::Directory.machine(&cloud, &["web"]);
    local.apply().run().exits(0);
    local
        .eci("state re-encrypt")
        .run()
        .exits(1)
        .says("is not encrypted");
}

#[test]
fn a_damaged_state_in_a_database_is_rebuilt() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let place = Place::Postgres(server);
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["api", "web"]);
    machine.apply().run().exits(0);
    let Place::Postgres(server) = &place else {
        unreachable!("it is a database")
    };
    machine
        .eci_on_cloud("state recover")
        .run()
        .exits(0)
        .says("is not damaged");
    server.run(
        "update eci.eci_objects set content = 'hush' where series = 'snapshot' and number = \
         (select max(number) from eci.eci_objects where series = 'snapshot')",
    );
    machine
        .plan()
        .run()
        .exits(1)
        .says("is damaged")
        .says("eci state recover");
    let rebuilt = machine.eci_on_cloud("state recover").run().exits(0);
    rebuilt
        .says("snapshot/")
        .says("Rebuilt the state from the snapshot with serial");
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["api", "web"]);
    machine
        .eci_on_cloud("state recover")
        .run()
        .exits(0)
        .says("is not damaged");
}

#[test]
fn a_user_who_may_create_nothing_uses_the_table_of_an_administrator() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let cloud = Cloud::start();
    let key = "[[encryption.key]]\nkey_env = \"ECI_STATE_KEY\"\n";
    let machine = Machine {
        project: Project::new(&manifests(&format!("[backend.postgres]\n{key}"), &["web"])),
        cloud: &cloud,
        variables: vec![
            (
                "ECI_STATE_URL",
                format!("postgres://app:p@ss@127.0.0.1:{}/postgres", server.port()),
            ),
            ("ECI_STATE_KEY", "ab".repeat(32)),
        ],
    };
    server.run("create role app login password 'p@ss'");
    let location = format!("postgres://127.0.0.1:{}/postgres/eci/", server.port());
    let denied = machine.apply().run().exits(1);
    let denied = denied.says("permission denied").says(&location);
    assert!(!denied.stderr.contains("ss@"), "{denied}");
    // As docs/state.md says.
    server.run(
        "create schema eci; \
         create table eci.eci_objects (state text not null, series text not null, number bigint not null, \
         content bytea not null, created timestamptz not null default clock_timestamp(), \
         primary key (state, series, number)); \
         grant usage on schema eci to app; \
         grant select, insert, delete on eci.eci_objects to app",
    );
    machine.apply().run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
}

#[test]
fn an_address_that_is_empty_or_of_another_database_says_so() {
    let key = "[[encryption.key]]\npassphrase_env = \"ECI_STATE_PASSPHRASE\"\n";
    let project = Project::new(&manifests(&format!("[backend.postgres]\n{key}"), &["web"]));
    let plan = || {
        let passphrase = "a long passphrase of mine";
        project.eci("plan").env("ECI_STATE_PASSPHRASE", passphrase)
    };
    let empty = plan().env("ECI_STATE_URL", "");
    empty.run().exits(1).says("`ECI_STATE_URL` is empty");
    let other = plan().env("ECI_STATE_URL", "mysql://user:hush@db/eci");
    let other = other.run().exits(1).says("found `mysql://`");
    assert!(!other.stderr.contains("hush"), "{other}");
    let address = plan().env("ECI_STATE_URL", "postgres://db/eci");
    let no_passphrase = address.env("ECI_STATE_PASSPHRASE", "");
    no_passphrase
        .run()
        .exits(1)
        .says("`ECI_STATE_PASSPHRASE` is empty");
}

#[test]
fn a_shared_state_without_a_key_is_an_error_already_in_a_check() {
    let project = Project::new("[backend.postgres]\n");
    let refused = project.eci("validate").run().exits(1);
    refused.says("missing `[[encryption.key]]`");
}

#[test]
fn a_database_that_was_restored_from_an_older_backup_is_refused_where_its_end_is_known() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let place = Place::Postgres(server);
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["api", "web"]);
    let Place::Postgres(server) = &place else {
        unreachable!("it is a database")
    };
    let manifest = machine.project.read("main.eci.toml");
    let first = manifest.split_once("[container_group.web]").unwrap().0;
    machine.project.write("main.eci.toml", first);
    machine.apply().run().exits(0);
    server.run("create table eci.backup as select * from eci.eci_objects");
    machine.project.write("main.eci.toml", &manifest);
    machine.apply().run().exits(0);
    server.run("delete from eci.eci_objects");
    server.run("insert into eci.eci_objects select * from eci.backup");

    let refused = machine.apply().run().exits(1);
    refused
        .says("was rolled back: it ends with entry")
        .says("eci state recover");
    machine
        .apply()
        .args(["--lang", "zh"])
        .run()
        .exits(1)
        .says("被回滚");
    machine.plan().run().exits(1).says("was rolled back");
    assert_eq!(cloud.created(), ["api", "web"]);
    // It is not accepted as long as the cloud cannot be searched.
    let recover = machine.eci_on_cloud("state recover");
    let refused = recover
        .without_env("CTYUN_AK")
        .without_env("CTYUN_SK")
        .run();
    refused.exits(1).says("The state was not changed");
    machine.apply().run().exits(1).says("was rolled back");
    let recovered = machine.eci_on_cloud("state recover").run();
    let recovered = recovered
        .says("was rolled back")
        .says("container group  web");
    let id = recovered.stderr.split_once("eci-").unwrap().1;
    let id: String = id.chars().take_while(char::is_ascii_alphanumeric).collect();
    machine
        .eci_on_cloud(&format!("orphans --adopt container_group.web=eci-{id}"))
        .run()
        .exits(0);
    machine.plan().run().exits(0).says("No changes.");
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), ["api", "web"]);
}
