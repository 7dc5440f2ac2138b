//! Plans and states as JSON: in the published form, with correct changes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use eci_tests::{Cloud, Project, PublishedForms, Run, examples};
use serde_json::{Value as Json, json};

/// The keys at the top of a plan that Terraform does not have.
const OURS: [&str; 9] = [
    "cost",
    "detachments",
    "eci_version",
    "ignored_drift",
    "pending_operations",
    "partial",
    "protections",
    "taken_over",
    "waiting",
];

const NETWORK: &str = r#"
az_name = "az1"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
cpu = 1
memory = 2
"#;

/// A group with a secret in its environment, an EIP that it links, and volumes under keys.
fn manifest() -> String {
    format!(
        r#"
[variable.token]
sensitive = true

[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[eip.front]
name = "front"
bandwidth = 5

[volume.data]
for_each = ["a", "b"]
type = "EmptyDirVolume"
name = '${{each.key}}'

[container_group.web]
{NETWORK}
eip = "front"
volumes = ['data["a"]', 'data["b"]']
depends_on = ["eip.front"]

[[container_group.web.containers]]
name = "app"
image = "nginx:1.27"
env = {{ TOKEN = '${{var.token}}', MODE = "on" }}

[[container_group.web.containers]]
name = "log"
image = "busybox:1.36"

[output.address]
value = '${{eip.front.address}}'

[output.token]
value = '${{var.token}}'
sensitive = true

[output.ports]
value = [80, "https", {{ on = true }}]
"#
    )
}

/// The one line of JSON that a run said.
fn line(run: &Run) -> Json {
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    run.json()
}

/// The plan as it is shown, which is the same after it was saved, in the published form.
#[track_caller]
fn plan(project: &Project, cloud: &Cloud, flags: &[&str]) -> Json {
    let command = project.eci("plan --format json --out plan.eciplan");
    let run = command
        .args(cloud.flags())
        .args(flags.iter().copied())
        .run();
    let fresh = line(&run.exits(0));
    let saved = line(
        &project
            .eci("show --format json plan.eciplan")
            .run()
            .exits(0),
    );
    assert_eq!(saved, fresh);
    let wrong = PublishedForms::read().check(&fresh, "Plan", &OURS);
    assert_eq!(wrong, [""; 0]);
    assert_eq!(fresh["terraform_version"], "1.11.4");
    for change in changes(&fresh) {
        assert!(change["change"]["after_unknown"].is_object(), "{change}");
        if change["change"]["actions"] == json!(["no-op"]) {
            assert_eq!(change["change"]["before"], change["change"]["after"]);
        }
    }
    fresh
}

#[track_caller]
fn state(project: &Project) -> Json {
    let state = line(&project.eci("show --format json").run().exits(0));
    let wrong = PublishedForms::read().check(&state, "State", &[]);
    assert_eq!(wrong, [""; 0]);
    state
}

fn changes(plan: &Json) -> &[Json] {
    plan["resource_changes"].as_array().unwrap()
}

#[track_caller]
fn change<'a>(plan: &'a Json, address: &str) -> &'a Json {
    let mut changes = changes(plan).iter();
    let change = changes.find(|change| change["address"] == address);
    change.unwrap_or_else(|| panic!("{address} is not in {plan}"))
}

/// The paths at which two values differ.
fn differences(one: &Json, other: &Json, at: &str, found: &mut BTreeSet<String>) {
    match (one, other) {
        (Json::Object(left), Json::Object(right)) => {
            for key in left.keys().chain(right.keys()) {
                let values = [left, right].map(|it| it.get(key).unwrap_or(&Json::Null));
                differences(values[0], values[1], &format!("{at}.{key}"), found);
            }
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}[{index}]"), found);
            }
        }
        (left, right) if left == right => {}
        _ => drop(found.insert(at.to_owned())),
    }
}

/// Returns the paths at which a change has a known difference.
#[track_caller]
fn differing(change: &Json) -> Vec<String> {
    let change = &change["change"];
    let mut found = BTreeSet::new();
    differences(&change["before"], &change["after"], "", &mut found);
    let is_known = |path: &String| {
        let pointer = path.replace(['.', '['], "/").replace(']', "");
        change["after_unknown"].pointer(&pointer) != Some(&json!(true))
    };
    found.into_iter().filter(is_known).collect()
}

#[test]
fn documents_of_the_examples_have_the_published_form_from_the_first_plan_to_the_last() {
    for example in examples() {
        let (project, cloud) = (Project::example(&example), Cloud::start());
        plan(&project, &cloud, &[]);
        project.apply(&cloud).run().exits(0);
        let unchanged = plan(&project, &cloud, &[]);
        for change in changes(&unchanged) {
            assert_eq!(change["change"]["actions"], json!(["no-op"]), "{example}");
        }
        state(&project);
        // It has a disk that is protected.
        if example == "stateful" {
            continue;
        }
        let destroyed = plan(&project, &cloud, &["--destroy"]);
        for change in changes(&destroyed) {
            assert_eq!(change["change"]["after_unknown"], json!({}), "{example}");
        }
    }
}

#[test]
fn a_change_differs_only_in_the_changed_attributes() {
    let (project, cloud) = (Project::new(&manifest()), Cloud::start());
    project.write("eci.vars.toml", "token = \"one-secret\"\n");
    project.apply(&cloud).run().exits(0);

    // A secret alone.
    project.write("eci.vars.toml", "token = \"another-secret\"\n");
    let document = plan(&project, &cloud, &[]);
    assert!(!document.to_string().contains("another-secret"));
    let web = change(&document, "container_group.web");
    assert_eq!(differing(web), [".containers[0].env.TOKEN"]);
    let token = &document["output_changes"]["token"];
    assert_ne!(token["before"], token["after"]);
    let kept = change(&document, "eip.front");
    assert_eq!(kept["change"]["actions"], json!(["no-op"]));

    // An image, and another container in front.
    project.write("eci.vars.toml", "token = \"one-secret\"\n");
    project.edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    let document = plan(&project, &cloud, &[]);
    let web = change(&document, "container_group.web");
    assert_eq!(differing(web), [".containers[0].image"]);

    // Paths that force a replacement, with the index in their list.
    project.edit("main.eci.toml", "nginx:1.28", "nginx:1.27");
    project.edit("main.eci.toml", "vpc-1", "vpc-2");
    let document = plan(&project, &cloud, &[]);
    let web = change(&document, "container_group.web");
    assert_eq!(web["action_reason"], "replace_because_cannot_update");
    assert_eq!(web["change"]["replace_paths"], json!([["vpc_id"]]));
    // What the cloud chose is known again only afterwards.
    assert_eq!(differing(web), [".vpc_id"]);
    assert_eq!(web["change"]["after_unknown"]["intranet_ip"], true);
}

#[test]
fn a_deletion_says_whether_its_key_its_table_or_its_module_was_removed() {
    let module = "[volume.x]\ntype = \"EmptyDirVolume\"\n";
    let manifest = |keys: &str| {
        let sets = format!("for_each = {keys}\ntype = \"EmptyDirVolume\"\n");
        let sets = sets.replace("for_each = none\n", "");
        format!(
            "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n[volume.set]\n{sets}\
             [volume.alone]\ntype = \"EmptyDirVolume\"\n"
        )
    };
    let call = "[module.m]\nsource = \"./m\"\n";
    let (project, cloud) = (Project::empty(), Cloud::start());
    std::fs::create_dir(project.path().join("m")).unwrap();
    project.write("m/main.eci.toml", module);
    let write = |keys: &str, more: &str| {
        project.write("main.eci.toml", &format!("{}{more}", manifest(keys)));
    };
    write(r#"["a", "b"]"#, call);
    project.apply(&cloud).run().exits(0);
    let reason = |address: &str| {
        let document = plan(&project, &cloud, &[]);
        change(&document, address)["action_reason"].clone()
    };
    write(r#"["a"]"#, call);
    assert_eq!(reason(r#"volume.set["b"]"#), "delete_because_each_key");
    write("none", call);
    assert_eq!(
        reason(r#"volume.set["b"]"#),
        "delete_because_wrong_repetition"
    );
    write(r#"["a", "b"]"#, "");
    assert_eq!(reason("module.m.volume.x"), "delete_because_no_module");
    project.write(
        "main.eci.toml",
        "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n",
    );
    assert_eq!(reason("volume.alone"), "delete_because_no_resource_config");
    write(r#"["a", "b"]"#, call);
    let destroyed = plan(&project, &cloud, &["--destroy"]);
    assert_eq!(
        change(&destroyed, "volume.alone").get("action_reason"),
        None
    );
}

#[test]
fn a_state_has_dependencies_taints_and_the_types_of_outputs() {
    let (project, cloud) = (Project::new(&manifest()), Cloud::start());
    project.write("eci.vars.toml", "token = \"one-secret\"\n");
    project.apply(&cloud).run().exits(0);
    let tainted = project.eci("taint container_group.web");
    tainted.args(cloud.flags()).run().exits(0);
    let state = state(&project);
    let resources = state["values"]["root_module"]["resources"].as_array();
    let mut resources = resources.unwrap().iter();
    let web = resources.find(|it| it["address"] == "container_group.web");
    let web = web.unwrap();
    assert_eq!(web["tainted"], true);
    let dependencies = web["depends_on"].as_array().unwrap();
    assert!(dependencies.contains(&json!("eip.front")), "{web}");
    let outputs = &state["values"]["outputs"];
    assert_eq!(outputs["address"]["type"], "string");
    let ports = json!(["tuple", ["number", "string", ["object", { "on": "bool" }]]]);
    assert_eq!(outputs["ports"]["type"], ports);
    let token = &outputs["token"];
    assert_eq!(
        (&token["sensitive"], &token["type"]),
        (&json!(true), &json!("string"))
    );
    let text = token["value"].as_str().unwrap();
    assert!(text.starts_with("(sensitive "), "{outputs}");

    let document = plan(&project, &cloud, &[]);
    let web = change(&document, "container_group.web");
    assert_eq!(web["action_reason"], "replace_because_tainted");
}

#[test]
fn a_configuration_names_what_its_expressions_refer_to_and_the_modules_it_calls() {
    let (project, cloud) = (Project::new(&manifest()), Cloud::start());
    project.write("eci.vars.toml", "token = \"one-secret\"\n");
    let root = &plan(&project, &cloud, &[])["configuration"]["root_module"];
    let resources = root["resources"].as_array().unwrap();
    let web = &resources[0];
    assert_eq!(web["address"], "container_group.web");
    let of = |key: &str| &web["expressions"][key];
    assert_eq!(*of("eip"), json!({ "references": ["eip.front"] }));
    let volumes = json!({
        "references": [r#"volume.data["a"]"#, "volume.data", r#"volume.data["b"]"#]
    });
    assert_eq!(*of("volumes"), volumes);
    assert_eq!(*of("cpu"), json!({ "constant_value": 1 }));
    // Values next to a secret are shown.
    let image = &of("containers")[0]["image"];
    assert!(image["constant_value"].is_string(), "{image}");
    let env = &of("containers")[0]["env"];
    assert_eq!(*env, json!({ "references": ["var.token"] }));
    assert_eq!(web["depends_on"], json!(["eip.front"]));
    let data = &resources[2];
    assert_eq!(
        data["for_each_expression"],
        json!({ "constant_value": ["a", "b"] })
    );
    let address = &root["outputs"]["address"]["expression"];
    assert_eq!(
        *address,
        json!({ "references": ["eip.front.address", "eip.front"] })
    );
    assert_eq!(root["variables"]["token"], json!({ "sensitive": true }));

    let project = Project::example("gitops/envs/dev");
    let root = &plan(&project, &cloud, &[])["configuration"]["root_module"];
    let call = &root["module_calls"]["web"];
    assert_eq!(call["source"], "../../modules/web");
    let name = json!({ "references": ["var.environment", "each.key"] });
    assert_eq!(call["expressions"]["name"], name);
    assert!(call["module"]["resources"].as_array().unwrap().len() > 1);
}

#[test]
fn a_partial_plan_is_not_complete() {
    let (project, cloud) = (Project::new(&manifest()), Cloud::start());
    project.write("eci.vars.toml", "token = \"one-secret\"\n");
    assert_eq!(plan(&project, &cloud, &[])["complete"], true);
    let part = plan(&project, &cloud, &["--target", "eip.front"]);
    assert_eq!(part["complete"], false);
    let part = plan(&project, &cloud, &["--exclude", "container_group.web"]);
    assert_eq!(part["complete"], false);
}
