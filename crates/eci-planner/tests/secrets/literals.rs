//! Secrets that are literals in manifests: where a value was sensitive before, and in the inputs of
//! modules, which only their use shows to be secrets.

use eci_config::Configuration;
use eci_planner::{Observations, PlannerOptions, outline, plan};

use super::scene::{address, configuration, empty};
use super::world::{OLD, World, assert_hidden, manifest, places, with};

#[test]
fn a_literal_that_was_sensitive_before_is_in_no_saved_plan() {
    for place in places() {
        let world = World::new(&manifest(place, OLD, true));
        let observed = world.observed();
        let literal = configuration(&with(place, OLD));
        let plan = plan(
            &literal,
            &world.snapshot,
            &observed,
            &PlannerOptions::default(),
        )
        .unwrap();
        let saved = world.saved(&plan, &literal, &observed);
        assert_hidden(&saved, OLD, &format!("place {place}"));
    }
}

/// Ways to pass a secret to a module and to read it there: the keys of the call, the declaration in
/// the module, and the expression.
const GIVEN: [[&str; 3]; 6] = [
    ["inputs = { v = \"@\" }", "", "var.v"],
    ["inputs = { v = [\"a\", \"@\"] }", "", "var.v[1]"],
    [
        "inputs = { v = { a = [{ b = \"@\" }] } }",
        "",
        "var.v.a[0].b",
    ],
    ["for_each = [\"k\"]\ninputs = { v = \"@\" }", "", "var.v"],
    [
        "for_each = { k = \"@\" }\ninputs = { v = '${each.value}' }",
        "",
        "var.v",
    ],
    ["", "default = \"@\"\n", "var.v"],
];

/// A configuration in which a module is called by another one.
fn nested([call, declaration, expression]: [&str; 3], place: usize) -> Configuration {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace('@', OLD)).unwrap();
    };
    let (call, declaration) = (call.replace('@', OLD), declaration.replace('@', OLD));
    write("main.eci.toml", "[module.outer]\nsource = \"./outer\"\n");
    write(
        "outer/main.eci.toml",
        &format!("[module.inner]\nsource = \"./inner\"\n{call}\n"),
    );
    let tables = with(place, &format!("${{sensitive({expression})}}"));
    write(
        "outer/inner/main.eci.toml",
        &format!("[variable.v]\n{declaration}{tables}"),
    );
    eci_config::load(directory.path(), &Default::default()).unwrap()
}

#[test]
fn an_input_of_a_module_that_becomes_a_secret_is_in_no_outline() {
    for given in GIVEN {
        for place in places() {
            let configuration = nested(given, place);
            let plan = plan(
                &configuration,
                &empty(),
                &Observations::empty(),
                &PlannerOptions::default(),
            )
            .unwrap();
            let shown = serde_json::to_string(&outline(&configuration, &plan)).unwrap();
            assert_hidden(&shown, OLD, &format!("{given:?}, place {place}"));
            // A value that is not a secret is displayed.
            assert!(shown.contains("ConfigFileVolume"), "{shown}");
        }
    }
}

#[test]
fn an_input_of_a_module_is_hidden_where_the_plan_leaves_out_what_it_is_for() {
    let configuration = nested(GIVEN[0], 0);
    let options = PlannerOptions::default()
        .with_targets(vec![address("module.outer.module.inner.eip.front").into()]);
    let plan = plan(&configuration, &empty(), &Observations::empty(), &options).unwrap();
    let shown = serde_json::to_string(&outline(&configuration, &plan)).unwrap();
    assert_hidden(&shown, OLD, "targeted");
}
