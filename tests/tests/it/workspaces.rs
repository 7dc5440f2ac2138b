//! Several states of one configuration.

#![allow(clippy::unwrap_used)]

use eci_tests::{Cloud, Eci, Project};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[container_group.web]
name = 'web-${eci.workspace}'
cpu = 1
memory = 2
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
containers = [{ name = "web", image = "nginx:1.27" }]

[output.where]
value = '${eci.workspace}'
"#;

fn on(cloud: &Cloud, command: Eci) -> Eci {
    command.args(cloud.flags())
}

#[test]
fn each_workspace_has_its_own_state_in_one_cloud() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let list = || project.eci("workspace list").run().exits(0).stdout;
    assert_eq!(list(), "* default  empty\n");
    project.apply(&cloud).run().exits(0).says("\"default\"");
    project
        .eci("workspace new staging")
        .run()
        .exits(0)
        .says("selected");
    assert_eq!(list(), "  default  1 resource\n* staging  empty\n");

    let plan = project.plan(&cloud).run().exits(2);
    assert!(plan.stdout.starts_with("Workspace staging\n\n"), "{plan}");
    plan.says("web-staging").says("1 to create");
    project
        .apply(&cloud)
        .run()
        .exits(0)
        .says("Workspace staging");
    assert_eq!(cloud.names(), ["web-default", "web-staging"]);
    assert!(
        project
            .path()
            .join("state/workspaces/staging/state.json")
            .exists()
    );

    let output = |command: Eci| command.run().exits(0).stdout.trim_end().to_owned();
    assert_eq!(output(project.eci("output where --raw")), "staging");
    let flag = project.eci("output where --raw --workspace default");
    assert_eq!(output(flag), "default");
    let set = project
        .eci("output where --raw")
        .env("ECI_WORKSPACE", "default");
    assert_eq!(output(set), "default");
    project.assert_no_changes(&cloud);

    project.destroy(&cloud).run().exits(0);
    assert_eq!(cloud.names(), ["web-default"]);
    project
        .eci("workspace delete staging")
        .run()
        .exits(1)
        .says("another one first");
    project.eci("workspace select default").run().exits(0);
    project.eci("workspace delete staging").run().exits(0);
    assert_eq!(list(), "* default  1 resource\n");
}

#[test]
fn a_wrong_name_creates_nothing_and_lists_the_workspaces() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.eci("workspace new staging").run().exits(0);
    let apply = || project.apply(&cloud).args(["--workspace", "stagin"]).run();
    apply()
        .exits(1)
        .says("did you mean `staging`?")
        .says("eci workspace new stagin");
    project
        .eci("workspace select production")
        .run()
        .exits(1)
        .says("`default` or `staging`")
        .says("eci workspace new production");
    project
        .eci("workspace new ../x")
        .run()
        .exits(1)
        .says("invalid workspace name `../x`");
    project
        .eci("workspace new staging")
        .run()
        .exits(1)
        .says("already");
    project
        .eci("workspace delete default")
        .run()
        .exits(1)
        .says("cannot delete the workspace `default`");
    // Also as the current one.
    project
        .eci("workspace delete default --workspace default")
        .run()
        .exits(1)
        .says("cannot delete the workspace `default`");
    assert!(cloud.names().is_empty());
    assert_eq!(
        project.eci("workspace show").run().exits(0).stdout,
        "staging\n"
    );
}

#[test]
fn a_workspace_with_resources_is_deleted_only_by_force_which_lists_them() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.eci("workspace new dev").run().exits(0);
    project.apply(&cloud).run().exits(0);
    project.eci("workspace select default").run().exits(0);
    project
        .eci("workspace delete dev")
        .run()
        .exits(1)
        .says("not empty: its state has 1 resource")
        .says("eci destroy --workspace dev");
    project
        .eci("workspace delete dev --force")
        .run()
        .exits(0)
        .says("container_group.web  (eci-");
    assert_eq!(cloud.names(), ["web-dev"]);
}

#[test]
fn a_saved_plan_belongs_to_its_workspace() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.eci("workspace new dev").run().exits(0);
    project
        .plan(&cloud)
        .args(["--out", "dev.eciplan"])
        .run()
        .exits(2);
    let apply = |name: &str| {
        let flags = ["apply", "dev.eciplan", "--workspace", name];
        on(&cloud, project.eci("").args(flags)).run()
    };
    apply("default").exits(1).says("another state");
    apply("dev").exits(0);
    assert_eq!(cloud.names(), ["web-dev"]);
}

#[test]
fn workspaces_share_the_embedded_sandbox() {
    let project = Project::new(MANIFEST);
    let apply = |name: &str| {
        let flags = ["--auto-approve", "--sandbox", "--sandbox-speed", "instant"];
        let command = Eci::new("eci-apply", project.path()).args(flags);
        command.args(["--workspace", name]).run()
    };
    project.eci("workspace new dev").run().exits(0);
    apply("default").exits(0);
    apply("dev").exits(0);
    assert!(project.path().join("state/sandbox").is_dir());
    // Objects of the other workspace are unchanged, and each state records that its cloud is the
    // sandbox.
    for name in ["default", "dev"] {
        project
            .eci("plan --detailed-exitcode --sandbox --sandbox-speed instant --workspace")
            .arg(name)
            .run()
            .exits(0);
        project
            .eci("plan --refresh=false --workspace")
            .arg(name)
            .run()
            .exits(1)
            .says("of the sandbox, but this run uses");
    }
}

#[test]
fn the_place_of_the_state_may_not_depend_on_what_is_in_it() {
    let project = Project::new("[backend.local]\npath = '${eci.workspace}'\n");
    project
        .eci("validate")
        .run()
        .exits(1)
        .says("`eci` cannot be used in the backend configuration");
    let project = Project::new("[output.x]\nvalue = '${terraform.workspace}'\n");
    project.eci("validate").run().exits(1).says("eci.workspace");
}
