//! How plans are drawn.

use eci_core::Kind;
use eci_planner::{Action, Plan};

use super::samples::{changes, creates, map, plan, step};
use super::{json, markdown, text};
use crate::render::Style;

#[test]
fn a_first_plan_shows_what_the_manifests_give() {
    insta::assert_snapshot!(text(&creates(), Style::plain()));
}

#[test]
fn a_later_plan_shows_what_changes_and_why() {
    insta::assert_snapshot!(text(&changes(), Style::plain()));
}

#[test]
fn a_narrow_terminal_gets_shorter_lines() {
    insta::assert_snapshot!(text(&changes(), Style::plain().with_width(44)));
}

#[test]
fn a_plan_is_a_comment_of_a_pull_request() {
    insta::assert_snapshot!(markdown(&changes()));
}

#[test]
fn a_plan_is_a_document_of_terraforms_form() {
    let document = json(&changes());
    insta::assert_snapshot!(format!("{document:#}"));
    let created = &json(&creates())["resource_changes"][2];
    insta::assert_snapshot!("a_create_in_terraforms_form", format!("{created:#}"));
}

#[test]
fn an_empty_plan_says_so() {
    assert_eq!(
        text(&plan(Vec::new()), Style::plain()),
        "No changes. There are no resources.\n"
    );
    let same = plan(vec![step(Kind::Eip, "web", Action::NoOp, None)]);
    assert_eq!(
        text(&same, Style::plain()),
        "No changes. Everything is as the manifests say; 1 unchanged.\n"
    );
    assert_eq!(
        markdown(&same),
        "### eci plan: no changes\n\n1 unchanged.\n"
    );
}

#[test]
fn no_form_of_a_plan_shows_a_secret_or_its_digest() {
    let every_form = |plan: &Plan| {
        let style = Style::plain().with_color(true);
        [text(plan, style), markdown(plan), json(plan).to_string()].concat()
    };
    for plan in [creates(), changes()] {
        let shown = every_form(&plan);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains("hmac"), "{shown}");
    }
}

#[test]
fn a_field_that_is_always_secret_is_hidden_even_without_its_mark() {
    let credential = map([
        ("server", "registry.example".into()),
        ("user_name", "u".into()),
        ("password", "hunter2".into()),
    ]);
    let wanted = map([(
        "image_registry_credentials",
        eci_core::Value::list(vec![credential.into()]),
    )]);
    let mut created = step(Kind::ContainerGroup, "web", Action::Create, None);
    created.desired = Some(wanted);
    let created = plan(vec![created]);
    for width in [60, 200] {
        let shown = text(&created, Style::plain().with_width(width));
        assert!(shown.contains("(sensitive)"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
