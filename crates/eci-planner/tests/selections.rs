//! Partial plans, refresh-only plans, and resources that are moved or removed from the state.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::{Diagnostics, Map, Value};
use eci_planner::{Action, Mode, Observation, Observations, Plan, PlannerOptions, Reason, plan};

use scene::{GROUP, OTHER, actions, address, configuration, done, empty, pending_create, reason};

fn both() -> String {
    format!("{GROUP}{OTHER}")
}

fn options(mode: Mode, targets: &[&str], exclude: &[&str]) -> PlannerOptions {
    let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    PlannerOptions::default()
        .with_mode(mode)
        .with_targets(addresses(targets))
        .with_exclude(addresses(exclude))
}

fn planned(manifest: &str, options: &PlannerOptions) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        options,
    )
}

/// The plan for `after` on a state that has `before`.
fn then(before: &str, after: &str, options: &PlannerOptions) -> Result<Plan, Diagnostics> {
    let first = planned(before, &PlannerOptions::default()).unwrap();
    let state = done(&first, &empty());
    plan(
        &configuration(after),
        &state,
        &Observations::empty(),
        options,
    )
}

fn names(plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = actions(plan).into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[test]
fn a_target_selects_its_dependencies_and_nothing_else() {
    let plan = planned(
        &both(),
        &options(Mode::Apply, &["container_group.web"], &[]),
    )
    .unwrap();
    assert_eq!(
        names(&plan),
        ["container_group.web", "eip.front", "volume.conf"]
    );
}

#[test]
fn dependents_of_an_excluded_resource_are_left_out_with_it() {
    let plan = planned(
        &both(),
        &options(Mode::Apply, &[], &["container_group.web"]),
    )
    .unwrap();
    assert_eq!(names(&plan), ["eip.front", "volume.conf"]);
}

#[test]
fn a_destroyed_target_takes_its_dependents_along() {
    let web = options(Mode::Destroy, &["container_group.web"], &[]);
    let plan = then(&both(), &both(), &web).unwrap();
    assert_eq!(
        names(&plan),
        ["container_group.other", "container_group.web"]
    );
    let kept = options(Mode::Destroy, &[], &["container_group.web"]);
    let plan = then(&both(), &both(), &kept).unwrap();
    assert_eq!(names(&plan), ["container_group.other"]);
}

#[test]
fn an_instance_and_all_instances_can_be_meant() {
    let many = GROUP
        .replace("volume = \"conf\"", "volume = 'conf[\"a\"]'")
        .replace("[volume.conf]", "[volume.conf]\nfor_each = [\"a\", \"b\"]");
    let one = planned(&many, &options(Mode::Apply, &["volume.conf[\"b\"]"], &[])).unwrap();
    assert_eq!(names(&one), ["volume.conf[\"b\"]"]);
    let all = planned(&many, &options(Mode::Apply, &["volume.conf"], &[])).unwrap();
    assert_eq!(names(&all), ["volume.conf[\"a\"]", "volume.conf[\"b\"]"]);
}

#[test]
fn an_option_that_names_nothing_is_an_error_with_a_suggestion() {
    for wrong in [
        options(Mode::Apply, &["container_group.wep"], &[]),
        options(Mode::Apply, &[], &["container_group.wep"]),
    ] {
        let error = planned(&both(), &wrong).unwrap_err().to_string();
        assert!(
            error.contains("did you mean `container_group.web`?"),
            "{error}"
        );
    }
    let replace = PlannerOptions::default().with_replace(vec![address("container_group.wep")]);
    assert!(planned(&both(), &replace).is_err());
}

#[test]
fn a_replacement_that_is_left_out_is_an_error() {
    let replace = |targets: &[&str], exclude: &[&str]| {
        options(Mode::Apply, targets, exclude).with_replace(vec![address("container_group.web")])
    };
    for wrong in [
        replace(&["volume.conf"], &[]),
        replace(&[], &["container_group.web"]),
    ] {
        let error = then(&both(), &both(), &wrong).unwrap_err().to_string();
        assert!(error.contains("--target container_group.web"), "{error}");
    }
    assert!(then(&both(), &both(), &replace(&["container_group.web"], &[])).is_ok());
}

#[test]
fn a_replacement_can_be_requested() {
    let replace = PlannerOptions::default().with_replace(vec![address("container_group.web")]);
    let plan = then(&both(), &both(), &replace).unwrap();
    let replaced = ("container_group.web".to_owned(), Action::Replace);
    assert!(actions(&plan).contains(&replaced));
    assert_eq!(
        reason(&plan, "container_group.web"),
        Some(&Reason::Requested)
    );
}

#[test]
fn a_refresh_alone_changes_nothing_but_what_is_known() {
    let first = planned(&both(), &PlannerOptions::default()).unwrap();
    let state = done(&first, &empty());
    let web = address("container_group.web");
    let mut reported: Map = Map::clone(&state.resources[&web].observed);
    reported.insert("tags".into(), Value::from([("stranger", "here")]));
    let mut observed = Observations::empty();
    observed.insert(web, Observation::Present(reported.into()));
    observed.insert(address("container_group.other"), Observation::Missing);
    let changed = configuration(&both().replace("nginx:1", "nginx:2"));
    let options = options(Mode::RefreshOnly, &[], &[]);
    let plan = plan(&changed, &state, &observed, &options).unwrap();
    assert_eq!(
        actions(&plan),
        [("container_group.other".to_owned(), Action::Forget)]
    );
    assert_eq!(plan.drift().len(), 2);
    assert_eq!(plan.refreshed().len(), 1);
}

#[test]
fn a_move_onto_what_is_there_or_from_what_is_still_declared_is_an_error() {
    let moved = "[[moved]]\nfrom = \"container_group.other\"\nto = \"container_group.web\"\n";
    let still = then(
        &both(),
        &format!("{}{moved}", both()),
        &PlannerOptions::default(),
    )
    .unwrap_err();
    assert!(still.to_string().contains("still declared"), "{still}");
    let onto = then(
        &both(),
        &format!("{GROUP}{moved}"),
        &PlannerOptions::default(),
    )
    .unwrap_err();
    assert!(onto.to_string().contains("the state already has"), "{onto}");
}

#[test]
fn all_instances_move_with_their_resource() {
    let volumes = |name: &str| {
        format!(
            "[volume.{name}]\nfor_each = [\"a\", \"b\"]\nname = 'v-${{each.key}}'\ntype = \"EmptyDirVolume\"\n"
        )
    };
    let moved = "[[moved]]\nfrom = \"volume.old\"\nto = \"volume.new\"\n";
    let after = format!("{}{moved}", volumes("new"));
    let plan = then(&volumes("old"), &after, &PlannerOptions::default()).unwrap();
    let expected: Vec<_> = ["a", "b"]
        .map(|key| (format!("volume.new[\"{key}\"]"), Action::Move))
        .into();
    assert_eq!(actions(&plan), expected);
}

#[test]
fn a_removed_resource_is_kept_or_deleted_as_the_manifest_says() {
    let removed =
        |destroy: &str| format!("{GROUP}[[removed]]\nfrom = \"container_group.other\"\n{destroy}");
    let kept = then(&both(), &removed(""), &PlannerOptions::default()).unwrap();
    let deleted = then(
        &both(),
        &removed("destroy = true\n"),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(
        actions(&kept),
        [("container_group.other".to_owned(), Action::Forget)]
    );
    assert_eq!(
        reason(&kept, "container_group.other"),
        Some(&Reason::Removed)
    );
    assert_eq!(
        actions(&deleted),
        [("container_group.other".to_owned(), Action::Delete)]
    );
}

#[test]
fn a_disk_cannot_be_in_both_groups_of_a_replacement() {
    let disk = GROUP.replace(
        "type = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\", content = \"one\" }]",
        "type = \"DiskVolume\"\nvolume_handle = \"disk-1\"\nfs_type = \"ext4\"",
    ) + "[container_group.web.lifecycle]\ncreate_before_destroy = true\n";
    let after = disk.replace("vpc-1", "vpc-2");
    let error = then(&disk, &after, &PlannerOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("disk-1") && error.contains("one container group at a time"),
        "{error}"
    );
}

#[test]
fn an_eip_is_taken_from_one_group_before_the_other_gets_it() {
    let two = |of_web: &str, of_app: &str| {
        let group = |name: &str, eip: &str| {
            format!(
                "[container_group.{name}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
                 security_group_id = \"g\"\naz_name = \"z\"\n{eip}\
                 containers = [{{ name = \"a\", image = \"a:1\" }}]\n"
            )
        };
        let eips = "[eip.one]\nid = \"eip-1\"\n[eip.two]\nid = \"eip-2\"\n";
        format!("{eips}{}{}", group("app", of_app), group("web", of_web))
    };
    let (one, two_) = ("eip = \"one\"\n", "eip = \"two\"\n");
    let plan = then(&two(one, ""), &two("", one), &PlannerOptions::default()).unwrap();
    let task = |of: &str| {
        let found = plan.tasks().iter();
        let mut found = found
            .zip(0..)
            .filter(|(task, _)| plan.steps()[task.step].address == address(of));
        found.next().map(|(task, at)| (task.clone(), at)).unwrap()
    };
    let (app, web) = (task("container_group.app"), task("container_group.web"));
    assert!(app.0.depends_on.contains(&web.1), "{:?}", plan.tasks());
    assert!(!web.0.depends_on.contains(&app.1));
    // Two that swap cannot wait for each other.
    let swap = then(&two(one, two_), &two(two_, one), &PlannerOptions::default()).unwrap();
    let dependencies: Vec<Vec<usize>> = swap
        .tasks()
        .iter()
        .map(|task| task.depends_on.clone())
        .collect();
    assert!(
        eci_planner::graph::DependencyGraph::new(&dependencies)
            .order()
            .is_ok()
    );
}

/// Returns `db`, `app` that depends on it, and other resources.
fn with_database(rest: &str) -> String {
    let group = |name: &str, env: &str| {
        format!(
            "[container_group.{name}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
             security_group_id = \"g\"\naz_name = \"z\"\n\
             containers = [{{ name = \"a\", image = \"{name}:1\"{env} }}]\n"
        )
    };
    let dependencies =
        |name: &str| format!(", env = {{ ADDRESS = '${{container_group.{name}.intranet_ip}}' }}");
    let mut text = group("db", "") + &group("app", &dependencies("db"));
    for (name, dependency) in rest.split_whitespace().filter_map(|it| it.split_once('>')) {
        text += &group(name, &dependencies(dependency));
    }
    text
}

#[test]
fn a_target_that_stays_takes_no_deleted_dependent_along() {
    let before = with_database("old>db older>old");
    let after = with_database("").replace("app:1", "app:2");
    for target in ["container_group.app", "container_group.db"] {
        let plan = then(&before, &after, &options(Mode::Apply, &[target], &[])).unwrap();
        assert!(
            !names(&plan).iter().any(|name| name.contains("old")),
            "{target}"
        );
    }
    // One that is deleted takes its own dependents along.
    let old = options(Mode::Apply, &["container_group.old"], &[]);
    let plan = then(&before, &after, &old).unwrap();
    assert_eq!(
        names(&plan),
        ["container_group.old", "container_group.older"]
    );
}

#[test]
fn an_exclusion_keeps_dependencies_of_a_delete_and_leaves_the_rest_in() {
    let before = with_database("old>db older>old");
    let after = with_database("")
        .replace("db:1", "db:2")
        .replace("app:1", "app:2");
    let kept = options(Mode::Apply, &[], &["container_group.older"]);
    let plan = then(&before, &after, &kept).unwrap();
    assert_eq!(names(&plan), ["container_group.app", "container_group.db"]);
}

#[test]
fn a_partial_plan_lists_the_dependents_that_it_leaves_out() {
    let before = with_database("web>app other>web");
    let after = before.replace("db:1", "db:2");
    let omitted = |options: &PlannerOptions| -> Option<Vec<String>> {
        let plan = then(&before, &after, options).unwrap();
        let warned = plan.warnings().0.iter().any(|it| it.code.number == "W0902");
        assert_eq!(plan.partial().is_some(), warned);
        let omitted = plan.partial()?.omitted_dependents.iter();
        Some(
            omitted
                .map(|it| format!("{} > {}", it.address, it.depends_on))
                .collect(),
        )
    };
    let target = |name: &str| options(Mode::Apply, &[name], &[]);
    assert_eq!(
        omitted(&target("container_group.db")).unwrap(),
        [
            "container_group.app > container_group.db",
            "container_group.web > container_group.app",
            "container_group.other > container_group.web",
        ]
    );
    let excluded = options(Mode::Apply, &[], &["container_group.web"]);
    assert_eq!(omitted(&excluded).unwrap().len(), 2);
    // What excludes its dependents with it lists these, whether anything before it changes or not.
    let excluded = options(Mode::Apply, &[], &["container_group.db"]);
    assert_eq!(
        omitted(&excluded).unwrap(),
        [
            "container_group.app > container_group.db",
            "container_group.web > container_group.app",
            "container_group.other > container_group.web",
        ]
    );
    assert_eq!(omitted(&PlannerOptions::default()), None);
    // What stays as it is makes no difference to its dependents.
    let plan = then(&before, &before, &target("container_group.db")).unwrap();
    assert_eq!(plan.partial().unwrap().omitted_dependents, []);
}

#[test]
fn a_partial_plan_lists_dependents_that_the_state_alone_has() {
    let before = with_database("old>db older>old");
    let after = with_database("").replace("db:1", "db:2");
    let target = options(Mode::Apply, &["container_group.app"], &[]);
    let exclude = options(Mode::Apply, &[], &["container_group.old"]);
    for options in [target, exclude] {
        let plan = then(&before, &after, &options).unwrap();
        let omitted = plan.partial().unwrap().omitted_dependents.iter();
        let omitted = omitted.map(|it| format!("{} > {}", it.address, it.depends_on));
        let old = "container_group.old > container_group.db".to_owned();
        assert!(omitted.collect::<Vec<_>>().contains(&old), "{options:?}");
    }
}

#[test]
fn what_is_declared_or_pending_is_a_target_of_a_destroy() {
    let target = options(Mode::Destroy, &["container_group.web"], &[]);
    assert_eq!(actions(&planned(GROUP, &target).unwrap()), []);
    assert!(planned("", &target).is_err());
    let mut state = empty();
    state
        .open_intents
        .push(pending_create("container_group.web"));
    for mode in [Mode::Apply, Mode::Destroy] {
        let target = options(mode, &["container_group.web"], &[]);
        let plan = plan(&configuration(""), &state, &Observations::empty(), &target);
        assert_eq!(actions(&plan.unwrap()), []);
    }
}
