//! `eci console`

#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::process::{Output, Stdio};

use eci_tests::{Cloud, Project, Run};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.image]
default = "nginx:1.27"

[variable.password]
default = "hush"
sensitive = true

[locals]
names = ["a", "b"]

[container_group.web]
cpu = 1
memory = 2
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
containers = [{ name = "web", image = '${var.image}' }]
"#;

fn ask(project: &Project, expression: &str) -> Run {
    project.eci("console -e").arg(expression).run()
}

#[test]
fn expressions_are_evaluated_against_the_configuration_and_the_state() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let gives = |expression: &str, expected: &str| {
        let run = ask(&project, expression).exits(0);
        assert_eq!(run.stdout, format!("{expected}\n"), "{expression}: {run}");
    };
    gives("var.image", "\"nginx:1.27\"");
    gives("[for name in local.names : upper(name)]", "[\"A\", \"B\"]");
    gives("var.password", "(sensitive)");
    gives("eci.workspace", "\"default\"");
    gives("type(local.names)", "tuple([\n    string,\n    string,\n])");
    gives("container_group.web.intranet_ip", "(known after apply)");
    project.write("other.txt", "not named by a manifest");
    gives("file(\"other.txt\")", "\"not named by a manifest\"");
    project.apply(&cloud).run().exits(0);
    let address = cloud.groups()[0]["intranetIp"].as_str().unwrap().to_owned();
    gives("container_group.web.intranet_ip", &format!("\"{address}\""));
}

#[test]
fn a_long_value_is_shown_to_its_end_and_a_secret_one_not_at_all() {
    let project = Project::new(MANIFEST);
    let long = "配置".repeat(100);
    let run = ask(&project, &format!("\"{long}\"")).exits(0);
    assert_eq!(run.stdout, format!("\"{long}\"\n"));
    let run = ask(&project, &format!("[\"{long}\", var.password]")).exits(0);
    assert_eq!(
        run.stdout,
        format!("[\n    \"{long}\",\n    (sensitive),\n]\n")
    );
    run.omits("hush");
}

#[test]
fn an_error_elsewhere_is_reported_once_and_blocks_nothing() {
    let wrong = "[eip.front]\nname = \"?\"\n\n[variable.given]\n";
    let project = Project::new(&format!("{MANIFEST}\n{wrong}"));
    let console = project.eci("console -e var.image -e var.given -e local.names");
    let run = console.run().exits(0);
    assert_eq!(
        run.stdout,
        "\"nginx:1.27\"\n(known after apply)\n[\"a\", \"b\"]\n"
    );
    assert_eq!(run.stderr.matches("2 errors").count(), 1, "{run}");
    run.says("no value for required variable `given`")
        .says("name = \"?\"");
    project.write("torn.eci.toml", "[locals]\nx = ");
    ask(&project, "var.image").exits(1).says("torn.eci.toml:2");
}

#[test]
fn an_expression_may_begin_with_a_hyphen() {
    let project = Project::new("[variable.n]\ndefault = 7\n");
    let run = ask(&project, "-var.n").exits(0);
    assert_eq!(run.stdout, "-7\n");
}

#[test]
fn an_error_points_into_the_expression() {
    let project = Project::new(MANIFEST);
    ask(&project, "upper(var.imgae)")
        .exits(1)
        .says("expression:1:")
        .says("upper(var.imgae)")
        .says("var.image");
    ask(&project, "1 +").exits(1);
    ask(&project, "length(var.password, 1)")
        .exits(1)
        .omits("hush");
}

/// Runs a console that reads this from a pipe.
fn piped(project: &Project, input: &str) -> Output {
    let mut child = eci_tests::binaries::command("eci")
        .current_dir(project.path())
        .arg("console")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn lines_from_a_pipe_are_answered_one_by_one_up_to_the_first_that_is_wrong() {
    let project = Project::new(MANIFEST);
    let input = "1 + 1\n\n[\n  var.image,\n]\nvar.nope\n3 + 3\n";
    let output = piped(&project, input);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "2\n[\"nginx:1.27\"]\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("var.nope")
    );
}

#[test]
fn a_session_ends_with_the_word_for_it() {
    let project = Project::new(MANIFEST);
    for word in ["exit", " quit "] {
        let output = piped(&project, &format!("1 + 1\n{word}\n3 + 3\n"));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "2\n");
        assert_eq!(output.status.code(), Some(0));
    }
}
