//! Plans that are saved and applied later.
#![allow(clippy::unwrap_used)]

mod scene;

use std::path::Path;
use std::sync::Arc;

use eci_config::{Configuration, ValueSource, Variables};
use eci_core::{Address, DigestKey, Lineage, Map, Serial, Value};
use eci_planner::{
    Observation, Observations, Plan, PlannerOptions, SavedError, SavedPlan, SavedPlanInputs, plan,
};
use eci_state::{ResourceState, Snapshot};

use scene::origin;

const MANIFEST: &str = r#"
[variable.image]
type = "string"

[variable.token]
type = "string"
sensitive = true

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
[[container_group.web.containers]]
name = "app"
image = '${var.image}'
env = { TOKEN = '${var.token}', MOTD = '${file("motd.txt")}' }

[output.address]
value = '${container_group.web.intranet_ip}'
"#;

/// All inputs of a plan.
struct Setting {
    directory: tempfile::TempDir,
    variables: Variables,
    snapshot: Snapshot,
    observed: Observations,
}

impl Setting {
    /// Nothing is created yet.
    fn new() -> Setting {
        let directory = tempfile::tempdir().unwrap();
        let mut variables = Variables::default();
        variables.set("image", "app:1", ValueSource::CliArg);
        variables.set("token", "hunter2", ValueSource::CliArg);
        let mut setting = Setting {
            directory,
            variables,
            snapshot: Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32])),
            observed: Observations::empty(),
        };
        setting.write("web.eci.toml", MANIFEST);
        setting.write("motd.txt", "welcome");
        setting.snapshot.serial = Serial(3);
        setting
    }

    /// The group was created, and its tags were changed in the cloud.
    fn drifted() -> Setting {
        Setting::drifted_with("app:1", "eci-1")
    }

    /// The group was created with an image and an ID.
    fn drifted_with(image: &str, id: &str) -> Setting {
        let mut setting = Setting::new();
        setting.variables.set("image", image, ValueSource::CliArg);
        let (plan, configuration) = setting.plan();
        drop(configuration);
        let group: Address = "container_group.web".parse().unwrap();
        let desired = plan.steps()[0].desired.clone().unwrap();
        let redacted = |map: &Map| -> Map {
            let entries = map.iter();
            entries
                .map(|(name, value)| (name.clone(), setting.snapshot.digest_key.redact(value)))
                .collect()
        };
        let state = ResourceState {
            id: Some(id.into()),
            applied: Arc::new(redacted(&desired)),
            observed: Arc::new(redacted(&desired)),
            ..ResourceState::default()
        };
        let mut reported = clear(&desired);
        reported.insert("id".into(), Value::from(id));
        reported.insert("status".into(), Value::from("Running"));
        setting.snapshot.resources.insert(group.clone(), state);
        setting.report(reported, "b");
        setting
    }

    /// The cloud reports the group with this owner in its tags.
    fn report(&mut self, mut attributes: Map, owner: &str) {
        attributes.insert("tags".into(), Value::from([("owner", owner)]));
        let group: Address = "container_group.web".parse().unwrap();
        let observation = Observation::Present(attributes.into());
        self.observed.insert(group, observation);
    }

    /// Returns why a saved plan of another setting does not have the effect of the plan of this one.
    fn difference_from(&self, saved: &SavedPlan) -> Option<String> {
        let result = saved.check_plan(&self.plan().0, &self.snapshot);
        result.err().map(|error| error.to_string())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn load(&self, variables: &Variables) -> Configuration {
        eci_config::load(self.path(), variables).unwrap()
    }

    fn plan(&self) -> (Plan, Configuration) {
        let configuration = self.load(&self.variables);
        let plan = plan(
            &configuration,
            &self.snapshot,
            &self.observed,
            &PlannerOptions::default(),
        );
        (plan.unwrap(), configuration)
    }

    fn saved(&self) -> SavedPlan {
        let (plan, configuration) = self.plan();
        SavedPlan::new(
            &plan,
            SavedPlanInputs {
                configuration: &configuration,
                variables: &self.variables,
                snapshot: &self.snapshot,
                observed: &self.observed,
            },
            origin(),
        )
    }

    /// Returns the result of applying a plan in this setting.
    fn apply(&self, text: &str) -> Result<Plan, SavedError> {
        let saved = SavedPlan::from_document(text.as_bytes())?;
        let mut variables = self.variables.clone();
        saved.give_variables(&mut variables)?;
        let configuration = self.load(&variables);
        saved.check_state(&self.snapshot)?;
        saved.check_inputs(&configuration, &variables, &self.snapshot)?;
        let observed = saved.observed();
        let plan = plan(&configuration, &self.snapshot, &observed, &saved.options).unwrap();
        saved.check_plan(&plan, &self.snapshot)?;
        Ok(plan)
    }
}

/// The cloud knows no secrets.
fn clear(map: &Map) -> Map {
    let entries = map.iter();
    entries
        .map(|(name, value)| (name.clone(), clear_value(value)))
        .collect()
}

fn clear_value(value: &Value) -> Value {
    match value.reveal().0 {
        Value::Map(entries) => Value::map(clear(entries)),
        Value::List(items) => Value::list(items.iter().map(clear_value).collect()),
        other => other.clone(),
    }
}

fn refused(setting: &Setting, text: &str) -> String {
    let error = setting.apply(text).unwrap_err();
    format!("{error} ({})", error.help())
}

#[test]
fn a_saved_plan_is_created_again_unchanged() {
    for setting in [Setting::new(), Setting::drifted()] {
        let text = setting.saved().to_document().unwrap();
        let (before, _) = setting.plan();
        let after = setting.apply(&text).unwrap();
        let displayed = |plan: &Plan| {
            let steps = plan.steps().iter();
            let steps = steps.map(|step| (step.address.clone(), step.action, step.changes.clone()));
            steps.collect::<Vec<_>>()
        };
        assert_eq!(displayed(&after), displayed(&before));
        assert!(!after.tasks().is_empty());
        let shown = SavedPlan::from_document(text.as_bytes()).unwrap().plan();
        assert_eq!(displayed(&shown), displayed(&before));
        let place = |plan: &Plan| plan.steps()[0].place.as_ref().map(ToString::to_string);
        assert_eq!(place(&shown), place(&before));
    }
}

#[test]
fn no_secret_is_in_a_saved_plan() {
    for setting in [Setting::new(), Setting::drifted()] {
        let text = setting.saved().to_document().unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("app:1"), "{text}");
    }
}

#[test]
fn values_of_variables_are_kept_unless_they_are_sensitive() {
    let mut setting = Setting::new();
    let text = setting.saved().to_document().unwrap();
    setting.variables = Variables::default();
    let problem = refused(&setting, &text);
    assert!(problem.contains("ECI_VAR_token=…"), "{problem}");
    setting
        .variables
        .set("token", "hunter2", ValueSource::CliArg);
    assert!(setting.apply(&text).is_ok());
    setting
        .variables
        .set("token", "hunter3", ValueSource::CliArg);
    let problem = refused(&setting, &text);
    assert!(
        problem.contains("variable `token` does not have the value"),
        "{problem}"
    );
    setting
        .variables
        .set("token", "hunter2", ValueSource::CliArg);
    setting.variables.set("image", "app:2", ValueSource::CliArg);
    let problem = refused(&setting, &text);
    assert!(
        problem.contains("variable `image` does not have the value"),
        "{problem}"
    );
}

#[test]
fn what_moved_since_is_named() {
    let mut setting = Setting::new();
    let text = setting.saved().to_document().unwrap();

    setting.write("web.eci.toml", &format!("{MANIFEST}\n# a word\n"));
    let problem = refused(&setting, &text);
    assert!(problem.contains("web.eci.toml changed"), "{problem}");
    setting.write("web.eci.toml", MANIFEST);

    setting.write("more.eci.toml", "");
    let problem = refused(&setting, &text);
    assert!(problem.contains("more.eci.toml was added"), "{problem}");
    std::fs::remove_file(setting.path().join("more.eci.toml")).unwrap();

    setting.write("motd.txt", "hello");
    let problem = refused(&setting, &text);
    assert!(problem.contains("motd.txt"), "{problem}");
    setting.write("motd.txt", "welcome");

    let saved = SavedPlan::from_document(text.as_bytes()).unwrap();
    assert!(saved.check_cloud("region r-1").is_ok());
    assert!(saved.check_cloud("region r-2").is_err());

    setting.snapshot.serial = Serial(5);
    let problem = refused(&setting, &text);
    assert!(problem.contains("from serial 3 to 5"), "{problem}");
    setting.snapshot.serial = Serial(3);

    setting.snapshot.lineage = Lineage::new("m");
    let problem = refused(&setting, &text);
    assert!(problem.contains("another state"), "{problem}");
    setting.snapshot.lineage = Lineage::new("l");
    assert!(setting.apply(&text).is_ok());
}

#[test]
fn a_plan_with_another_effect_is_refused() {
    let setting = Setting::new();
    let drifted = Setting::drifted();
    let problem = drifted
        .saved()
        .check_plan(&setting.plan().0, &setting.snapshot)
        .unwrap_err()
        .to_string();
    assert!(
        problem.contains("is update of tags.owner, but a new plan has create"),
        "{problem}"
    );
}

#[test]
fn a_damaged_plan_and_what_is_not_a_plan_are_refused() {
    let setting = Setting::new();
    let text = setting.saved().to_document().unwrap();
    let problem = refused(&setting, &text.replace("app:1", "app:2"));
    assert!(problem.contains("damaged"), "{problem}");
    let problem = refused(
        &setting,
        &text.replace(r#"{"format":6,"#, r#"{"format":9,"#),
    );
    assert!(problem.contains("format 9"), "{problem}");
    assert!(refused(&setting, "[eip.web]").contains("invalid saved plan"));
}

const TWO_GROUPS: [&str; 2] = [
    "[eip.front]\nid = \"eip-1\"\n",
    r#"[container_group.worker]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "app", image = "app:1" }]
"#,
];

#[test]
fn a_plan_from_the_same_tables_at_other_lines_or_in_another_file_has_the_same_effect() {
    let mut setting = Setting::drifted();
    let [eip, worker] = TWO_GROUPS;
    setting.write("more.eci.toml", &format!("{eip}\n{worker}"));
    let saved = setting.saved().to_document().unwrap();
    let saved = SavedPlan::from_document(saved.as_bytes()).unwrap();
    let check = |setting: &Setting| saved.check_plan(&setting.plan().0, &setting.snapshot);

    setting.write("more.eci.toml", &format!("# comment\n\n{worker}\n{eip}"));
    setting.write("web.eci.toml", &format!("# comment\n{MANIFEST}"));
    check(&setting).unwrap();
    setting.write("more.eci.toml", eip);
    setting.write("a.eci.toml", worker);
    check(&setting).unwrap();

    // Every change of a step counts all the same.
    for (other, expected) in [
        (
            worker.replace("app:1", "app:2"),
            "containers[0].image of container_group.worker becomes \"app:1\" in the plan, but \"app:2\"",
        ),
        (
            worker.replace("subnet-1", "subnet-2"),
            "vswitch_id of container_group.worker becomes \"subnet-1\"",
        ),
        (
            format!("{worker}tags = {{ a = \"b\" }}\n"),
            "of container_group.worker does not become the same value",
        ),
        (
            format!("{worker}depends_on = [\"eip.front\"]\n"),
            "container_group.worker has other dependencies",
        ),
        (
            String::new(),
            "action on container_group.worker is create, but a new plan has no change",
        ),
    ] {
        setting.write("a.eci.toml", &other);
        let differs = check(&setting).expect_err(&other).to_string();
        assert!(differs.contains(expected), "{other}: {differs}");
    }
    setting.write("a.eci.toml", worker);
    setting.variables.set("image", "app:2", ValueSource::CliArg);
    assert!(check(&setting).is_err());

    // The same attribute gets another value.
    let saved = setting.saved();
    setting.variables.set("image", "app:3", ValueSource::CliArg);
    let differs = saved.check_plan(&setting.plan().0, &setting.snapshot);
    let differs = differs.unwrap_err().to_string();
    let expected = "becomes \"app:2\" in the plan, but \"app:3\" in a new plan";
    assert!(differs.contains(expected), "{differs}");
}

#[test]
fn what_a_plan_leaves_as_it_is_may_have_changed() {
    let saved = Setting::drifted().saved();
    // Another change of the image was applied, or the group was replaced.
    for other in [
        Setting::drifted_with("app:2", "eci-1"),
        Setting::drifted_with("app:1", "eci-2"),
    ] {
        assert_eq!(other.difference_from(&saved), None);
    }
    // Another resource was added, and is not changed; or is changed.
    let mut other = Setting::drifted();
    other.write("more.eci.toml", TWO_GROUPS[0]);
    let existing: Map = [("id".into(), Value::from("eip-1"))].into_iter().collect();
    let state = ResourceState {
        id: Some("eip-1".into()),
        applied: Arc::new(existing.clone()),
        observed: Arc::new(existing.clone()),
        ..ResourceState::default()
    };
    let eip: Address = "eip.front".parse().unwrap();
    other.snapshot.resources.insert(eip.clone(), state);
    let observation = Observation::Present(existing.into());
    other.observed.insert(eip, observation);
    assert_eq!(other.difference_from(&saved), None);
    let other = Setting::drifted();
    other.write("more.eci.toml", TWO_GROUPS[1]);
    let differs = other.difference_from(&saved).unwrap();
    let expected = "no change, but a new plan has create";
    assert!(differs.contains(expected), "{differs}");
}

#[test]
fn the_value_that_differs_is_named_unless_it_is_a_secret() {
    let mut setting = Setting::drifted();
    let saved = setting.saved();
    let group: Address = "container_group.web".parse().unwrap();
    let Some(Observation::Present(reported)) = setting.observed.get(&group) else {
        panic!("the group is reported");
    };
    let reported = Map::clone(reported);
    setting.report(reported, "c");
    let differs = setting.difference_from(&saved).unwrap();
    let expected =
        "tags.owner of container_group.web was \"b\" when the plan was created, and is \"c\" now";
    assert!(differs.contains(expected), "{differs}");

    let with_token = |token: &str| {
        let mut setting = Setting::drifted();
        setting.variables.set("token", token, ValueSource::CliArg);
        setting
    };
    let saved = with_token("hunter3").saved();
    let differs = with_token("hunter4").difference_from(&saved).unwrap();
    let expected =
        "containers[\"app\"].env.TOKEN of container_group.web does not become the same value";
    assert!(differs.contains(expected), "{differs}");
    assert!(!differs.contains("hunter"), "{differs}");

    // What is deleted is the object that was shown.
    let replaced = |id: &str| {
        let setting = Setting::drifted_with("app:1", id);
        setting.write("web.eci.toml", &MANIFEST.replace("vpc-1", "vpc-2"));
        setting
    };
    let saved = replaced("eci-1").saved();
    assert_eq!(replaced("eci-1").difference_from(&saved), None);
    let differs = replaced("eci-2").difference_from(&saved).unwrap();
    let expected = "container_group.web was eci-1 when the plan was created, and is eci-2 now";
    assert!(differs.contains(expected), "{differs}");
    let other = replaced("eci-1");
    let first = MANIFEST.replace("vpc-1", "vpc-2");
    let first = first.replace(
        "az_name",
        "lifecycle = { create_before_destroy = true }\naz_name",
    );
    other.write("web.eci.toml", &first);
    let differs = other.difference_from(&saved).unwrap();
    let expected = "performs the replacement of container_group.web in another way";
    assert!(differs.contains(expected), "{differs}");
}

#[test]
fn the_output_that_differs_is_named_with_its_value_unless_it_is_sensitive() {
    let with_output = |value: &str, rest: &str| {
        let setting = Setting::drifted();
        let output = format!("\n[output.e]\nvalue = \"{value}\"\n{rest}");
        setting.write("web.eci.toml", &format!("{MANIFEST}{output}"));
        setting
    };
    let saved = with_output("one", "").saved();
    assert_eq!(with_output("one", "").difference_from(&saved), None);
    let differs = with_output("two", "").difference_from(&saved).unwrap();
    let expected = "output `e` becomes \"one\" in the plan, but \"two\" in a new plan";
    assert!(differs.contains(expected), "{differs}");
    let saved = with_output("one", "sensitive = true\n").saved();
    let differs = with_output("two", "sensitive = true\n").difference_from(&saved);
    let differs = differs.unwrap();
    assert!(
        differs.contains("output `e` would have another value"),
        "{differs}"
    );
    assert!(!differs.contains("two"), "{differs}");
}
