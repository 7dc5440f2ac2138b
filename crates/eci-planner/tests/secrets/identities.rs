//! Secrets in the identities of list elements: names, servers and ports, elements that are
//! sensitive as a whole, and lists that are.

use eci_planner::Action;

use super::scene::{self, address};
use super::world::{NEW, OLD, World, assert_hidden, record};

/// A manifest with a place for lists, and what two variables have.
fn manifest(lists: &str, secret: &str) -> String {
    format!(
        r#"
[variable.v]
default = "{secret}"
sensitive = true

[variable.port]
default = 8000
sensitive = true

[variable.container]
default = {{ name = "side", image = "r.example/{secret}", env = {{ LEVEL = "info" }}, command = ["serve"] }}
sensitive = true

[container_group.web]
name = "web"
vpc_id = "vpc-1"
vswitch_id = "s"
security_group_id = "sg"
az_name = "z"
{lists}
"#
    )
}

const MAIN: &str =
    r#"{ name = "main", image = "r.example/main", env = { A = "b" }, working_dir = "/" }"#;

/// Lists with a secret in what identifies an element.
fn forms() -> Vec<String> {
    let named = r#"{ name = '${var.v}', image = "r.example/side", env = { A = "b" } }"#;
    let ported = r#"{ name = "side", image = "r.example/side", ports = [{ port = '${var.port}' }, { port = 9000 }] }"#;
    let mut forms = Vec::new();
    for list in ["containers", "init_containers"] {
        let main = match list {
            "containers" => String::new(),
            _ => format!("containers = [{MAIN}]\n"),
        };
        for element in [named, ported, "'${var.container}'"] {
            for elements in [
                element.to_owned(),
                format!("{MAIN}, {element}").replace("\"main\"", "\"first\""),
                format!("{element}, {MAIN}").replace("\"main\"", "\"last\""),
            ] {
                forms.push(format!("{main}{list} = [{elements}]\n"));
            }
        }
        forms.push(format!("{main}{list} = '${{[var.container]}}'\n"));
        forms.push(format!(
            "{main}{list} = '${{sensitive([{{ name = \"side\", image = \"r\" }}])}}'\n"
        ));
    }
    let credential = r#"{ server = "r.example", user_name = '${var.v}', password = "p" }"#;
    let other = r#"{ server = "other.example", user_name = "me", password = "p" }"#;
    for credentials in [credential.to_owned(), format!("{other}, {credential}")] {
        forms.push(format!(
            "containers = [{MAIN}]\nimage_registry_credentials = [{credentials}]\n"
        ));
    }
    forms
}

#[test]
fn a_secret_that_identifies_an_element_is_neither_change_nor_drift() {
    for form in forms() {
        let text = manifest(&form, OLD);
        let mut world = World::new(&text);
        for round in 0..2 {
            let (plan, shown) = world.plan(&text);
            assert_hidden(&shown, OLD, &form);
            let changes = &plan.steps()[0].changes;
            assert_eq!(scene::actions(&plan), [], "{form}: {changes:?}");
            assert_eq!(plan.drift(), [], "{form}");
            assert!(round == 0 || plan.refreshed().is_empty(), "{form}");
            record(&mut world.snapshot, &plan);
        }
    }
}

#[test]
fn a_change_next_to_a_secret_that_identifies_an_element_is_not_drift() {
    for form in forms() {
        let mut world = World::new(&manifest(&form, OLD));
        let tagged = manifest(&format!("tags = {{ a = \"b\" }}\n{form}"), OLD);
        let (update, _) = world.plan(&tagged);
        assert_eq!(
            scene::changed(&update, "container_group.web"),
            ["tags.a"],
            "{form}"
        );
        // The secret itself changes.
        let changed = manifest(&form, NEW);
        if World::new(&changed).cloud == world.cloud {
            continue;
        }
        let (update, shown) = world.plan(&changed);
        assert_hidden(&shown, OLD, &form);
        assert_hidden(&shown, NEW, &form);
        assert_eq!(update.drift(), [], "{form}");
        let action = scene::actions(&update);
        assert!(
            matches!(action[..], [(_, Action::Update | Action::Replace)]),
            "{form}: {action:?}"
        );
        world.apply_plan(&update);
        let (next, _) = world.plan(&changed);
        assert_eq!(scene::actions(&next), [], "{form}");
    }
}

#[test]
fn what_others_do_to_an_element_that_a_secret_identifies_is_drift_once() {
    let web = address("container_group.web");
    for form in forms().into_iter().filter(|form| !form.contains("init_")) {
        let text = manifest(&form, OLD);
        let mut world = World::new(&text);
        let applied = world.cloud.clone();
        let at = applied
            .iter()
            .position(|(address, _)| *address == web)
            .unwrap();
        let containers = world.cloud[at].1[&"containers".into()]
            .as_list()
            .unwrap()
            .to_vec();
        let edited = containers.into_iter().map(|container| {
            let mut container = container.as_map().unwrap().clone();
            container.insert("image".into(), "r.example/edited".into());
            eci_core::Value::map(container)
        });
        let edited = eci_core::Value::list(edited.collect());
        world.cloud[at].1.insert("containers".into(), edited);
        let (update, _) = world.plan(&text);
        assert_eq!(update.drift().len(), 1, "{form}");
        assert_eq!(scene::actions(&update).len(), 1, "{form}");
        world.cloud = applied;
        let (next, _) = world.plan(&text);
        assert_eq!(scene::actions(&next), [], "{form}");
    }
}

#[test]
fn an_element_identified_by_a_secret_may_move() {
    let named = r#"{ name = '${var.v}', image = "r.example/side", env = { A = "b" } }"#;
    for element in [named, "'${var.container}'"] {
        let before = manifest(&format!("containers = [{element}, {MAIN}]"), OLD);
        let after = manifest(&format!("containers = [{MAIN}, {element}]"), OLD);
        let mut world = World::new(&before);
        for _ in 0..2 {
            let (plan, _) = world.plan(&after);
            assert_eq!(scene::actions(&plan), [], "{element}");
            assert_eq!(plan.drift(), [], "{element}");
            record(&mut world.snapshot, &plan);
        }
        assert!(world.plan(&after).0.refreshed().is_empty(), "{element}");
    }
}
