//! Tests of how plans are drawn.
#![allow(clippy::unwrap_used)]

use eci_core::{Address, Kind};
use eci_planner::{
    Action, Mode, OmittedDependent, PartialScope, Plan, RecordUpdate, Task, TaskKind,
};
use eci_text::Lang;

use super::fixtures::document as json;
use super::fixtures::{adoptions, assembled, changes, creates, map, output, parts, plan, step};
use super::{html, markdown, terraform_json, text};
use crate::Style;
use crate::typography;

#[test]
fn a_first_plan_shows_what_the_manifests_give() {
    insta::assert_snapshot!(text(&creates(), None, Style::plain()));
}

#[test]
fn a_later_plan_shows_what_changes_and_why() {
    insta::assert_snapshot!(text(&changes(), None, Style::plain()));
}

#[test]
fn a_narrow_terminal_gets_shorter_lines() {
    insta::assert_snapshot!(text(&changes(), None, Style::plain().with_width(44)));
}

#[test]
fn plans_are_in_chinese_and_fit_the_terminal() {
    for (name, plan) in [
        ("creates", creates()),
        ("changes", changes()),
        ("adoptions", adoptions()),
    ] {
        for width in [50, 80] {
            for lang in Lang::ALL {
                let style = Style::plain().with_width(width).with_lang(lang);
                let shown = text(&plan, None, style);
                insta::assert_snapshot!(format!("{name}_{}_{width}", lang.name()), shown);
                if lang == Lang::Zh {
                    typography::check(&shown);
                }
            }
        }
        let comment = markdown(&plan, None, Lang::Zh);
        typography::check(&comment);
        insta::assert_snapshot!(format!("{name}_zh_comment"), comment);
        let page = html(&plan, None, Some("a"), Lang::Zh);
        assert!(page.contains("<html lang=\"zh-CN\">"), "{page}");
    }
}

#[test]
fn a_plan_is_a_comment_of_a_pull_request() {
    insta::assert_snapshot!(markdown(&changes(), None, Lang::En));
}

#[test]
fn a_plan_is_a_complete_page() {
    let page = html(&changes(), None, Some("staging"), Lang::En);
    let (_, body) = page.split_once("<body>").unwrap();
    insta::assert_snapshot!(body);
    assert!(!page.contains("\x1b"), "{page}");
}

#[test]
fn nothing_that_a_plan_shows_means_anything_to_a_browser() {
    let mut created = step(Kind::ContainerGroup, "web", Action::Create, None);
    let name = "</pre><script>alert('x')</script>&";
    created.desired = Some(map([("name", name.into())]).into());
    let page = html(&plan(vec![created]), None, Some("<b>"), Lang::En);
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{page}");
}

#[test]
fn a_plan_is_a_document_of_terraforms_form() {
    let document = json(&changes());
    insta::assert_snapshot!(format!("{document:#}"));
    let created = &json(&creates())["resource_changes"][2];
    insta::assert_snapshot!("a_create_in_terraforms_form", format!("{created:#}"));
}

#[test]
fn changes_of_the_state_only_are_separated() {
    insta::assert_snapshot!(text(&adoptions(), None, Style::plain()));
    insta::assert_snapshot!(
        "the_same_as_a_comment",
        markdown(&adoptions(), None, Lang::En)
    );
}

#[test]
fn what_changes_only_in_the_state_is_a_no_op_to_terraforms_consumers() {
    let document = json(&adoptions());
    let actions: Vec<String> = document["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            format!(
                "{} {} {} {}",
                change["address"],
                change["change"]["actions"],
                change["change"]["importing"],
                change["previous_address"]
            )
        })
        .collect();
    insta::assert_snapshot!(actions.join("\n"));
}

#[test]
fn the_document_has_the_form_that_terraforms_consumers_read() {
    for plan in [
        creates(),
        changes(),
        adoptions(),
        failing(),
        plan(Vec::new()),
    ] {
        let text = json(&plan).to_string();
        let read: terraform_json::Plan = serde_json::from_str(&text).unwrap();
        read.check();
    }
}

/// Creates a plan with nothing but an output that cannot be evaluated.
fn failing() -> Plan {
    let mut parts = parts(vec![step(Kind::Eip, "web", Action::NoOp, None)]);
    let mut failing = output("number", "7".into(), "7".into(), false);
    failing.failed = true;
    parts.outputs = vec![failing];
    assembled(parts)
}

#[test]
fn an_output_that_fails_remains_planned_in_every_format() {
    let expected = "! number   (cannot be evaluated; keeps its value)";
    let shown = text(&failing(), None, Style::plain());
    assert!(
        shown.contains(expected) && shown.contains("Plan:"),
        "{shown}"
    );
    for shown in [
        markdown(&failing(), None, Lang::En),
        html(&failing(), None, None, Lang::En),
    ] {
        assert!(shown.contains(" number   (cannot be evaluated"), "{shown}");
        assert!(!shown.contains("no changes"), "{shown}");
    }
    let document = json(&failing());
    assert_eq!(document["applyable"], true);
    let number = &document["output_changes"]["number"];
    assert_eq!(number["after_unknown"], true, "{number}");
}

#[test]
fn a_refresh_says_what_the_state_learns() {
    let refresh = |refreshed: Vec<RecordUpdate>| {
        let mut parts = parts(vec![step(Kind::ContainerGroup, "web", Action::NoOp, None)]);
        parts.options.mode = Mode::RefreshOnly;
        parts.refreshed = refreshed;
        text(&assembled(parts), None, Style::plain())
    };
    let shown = refresh(Vec::new());
    assert_eq!(
        shown,
        "No changes. The state matches the actual resources.\n"
    );
    let shown = refresh(vec![RecordUpdate {
        address: Address::new(Kind::ContainerGroup, "web"),
        observed: map([("status", "Running".into())]).into(),
        applied: None,
    }]);
    assert_eq!(
        shown,
        "Refresh: 1 resource will be updated in the state. Nothing changes in the cloud.\n"
    );
}

#[test]
fn drift_that_is_only_reported_is_not_announced_as_an_update() {
    let compared = |refreshed: Vec<RecordUpdate>, lang: Lang| {
        let mut parts = parts(vec![step(Kind::ContainerGroup, "web", Action::NoOp, None)]);
        parts.options.mode = Mode::RefreshOnly;
        parts.refreshed = refreshed;
        super::drift_text(&assembled(parts), Style::plain().with_lang(lang))
    };
    let update = RecordUpdate {
        address: Address::new(Kind::ContainerGroup, "web"),
        observed: map([("status", "Running".into())]).into(),
        applied: None,
    };
    assert_eq!(
        compared(vec![update.clone()], Lang::En),
        "Drift: 1 resource in the state would be updated by `eci refresh`. Nothing was changed.\n"
    );
    crate::typography::check(&compared(vec![update], Lang::Zh));
    assert_eq!(
        compared(Vec::new(), Lang::En),
        "No changes. The state matches the actual resources.\n"
    );
}

#[test]
fn an_empty_plan_of_a_part_says_nothing_of_the_rest() {
    let mut parts = parts(vec![step(Kind::Eip, "web", Action::NoOp, None)]);
    parts.options.targets = vec![parts.steps[0].address.clone().into()];
    let shown = text(&assembled(parts), None, Style::plain());
    assert!(shown.contains("The selected resources"), "{shown}");
}

#[test]
fn an_empty_plan_says_so() {
    assert_eq!(
        text(&plan(Vec::new()), None, Style::plain()),
        "No changes. There are no resources in the configuration or the state.\n"
    );
    let same = plan(vec![step(Kind::Eip, "web", Action::NoOp, None)]);
    assert_eq!(
        text(&same, None, Style::plain()),
        "No changes. The infrastructure matches the configuration (1 resource unchanged).\n"
    );
    assert_eq!(
        markdown(&same, None, Lang::En),
        "### eci plan: no changes\n\n1 resource unchanged.\n"
    );
}

#[test]
fn pending_readiness_is_reported_in_every_format() {
    let plan = plan(vec![step(Kind::ContainerGroup, "web", Action::NoOp, None)]);
    let before = json(&plan);
    assert_eq!(
        (&before["applyable"], before.get("waiting")),
        (&false.into(), None)
    );
    let mut parts = plan.into_parts();
    parts.tasks.push(Task {
        step: 0,
        kind: TaskKind::Wait,
        depends_on: Vec::new(),
    });
    let plan = assembled(parts);
    let head = "Not confirmed as ready by the last run; eci will wait for:";
    for text in [
        text(&plan, None, Style::plain()),
        markdown(&plan, None, Lang::En),
        html(&plan, None, None, Lang::En),
    ] {
        let is_reported = text.contains(head) && text.contains("  container_group.web\n");
        assert!(is_reported, "{text}");
    }
    let document = json(&plan);
    assert_eq!(document["waiting"][0], "container_group.web");
    assert_eq!(document["applyable"], true);
}

#[test]
fn no_form_of_a_plan_shows_a_secret_or_its_digest() {
    let every_form = |plan: &Plan| {
        let style = Style::plain().with_color(true);
        [
            text(plan, None, style),
            markdown(plan, None, Lang::En),
            html(plan, None, None, Lang::En),
            json(plan).to_string(),
        ]
        .concat()
    };
    for plan in [creates(), changes(), adoptions()] {
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
    let desired = map([(
        "image_registry_credentials",
        eci_core::Value::list(vec![credential.into()]),
    )]);
    let mut created = step(Kind::ContainerGroup, "web", Action::Create, None);
    created.desired = Some(desired.into());
    let created = plan(vec![created]);
    for width in [60, 200] {
        let shown = text(&created, None, Style::plain().with_width(width));
        assert!(shown.contains("(sensitive)"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_partial_plan_says_so_and_lists_the_dependents_left_out() {
    let mut parts = changes().into_parts();
    parts.options.targets = vec!["container_group.db".parse().unwrap()];
    parts.partial = Some(PartialScope {
        omitted_dependents: vec![OmittedDependent {
            address: "container_group.front".parse().unwrap(),
            depends_on: "container_group.db".parse().unwrap(),
        }],
    });
    let plan = assembled(parts);
    for text in [
        text(&plan, None, Style::plain()),
        markdown(&plan, None, Lang::En),
        html(&plan, None, None, Lang::En),
    ] {
        let is_reported =
            text.contains("This plan is partial") && text.contains("container_group.front");
        assert!(is_reported, "{text}");
    }
    let document = json(&plan);
    assert_eq!(document["complete"], false);
    assert_eq!(
        document["partial"],
        serde_json::json!({
            "targets": ["container_group.db"],
            "exclude": [],
            "omitted_dependents": [
                { "address": "container_group.front", "depends_on": "container_group.db" },
            ],
        })
    );
}
