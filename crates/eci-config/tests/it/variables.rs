//! Variables: their types, where their values come from, and their rules.

use eci_config::{EmptyScope, ValueSource, Variables, load_variables};
use eci_core::{Severity, Value};

use crate::directory::{Directory, lines};

/// Loads a manifest whose variables are given texts on the command line.
fn with_variables(manifest: &str, given: &[(&str, &str)]) -> Result<Value, Vec<String>> {
    let mut variables = Variables::default();
    for (name, text) in given {
        variables.set(*name, text, ValueSource::CliArg);
    }
    let directory = Directory::with(&[("main.eci.toml", manifest)]);
    match eci_config::load(directory.path(), &variables) {
        Ok(configuration) => {
            let output = &configuration.outputs[0];
            Ok(output.evaluate(&EmptyScope).unwrap())
        }
        Err(diagnostics) => Err(lines(&diagnostics)),
    }
}

/// Returns the diagnostics of a manifest whose variables have the values of a file.
fn with_file(manifest: &str, values: &str) -> Vec<String> {
    let directory = Directory::with(&[("main.eci.toml", manifest), ("eci.vars.toml", values)]);
    let mut variables = Variables::default();
    let path = directory.path().join("eci.vars.toml");
    variables.read_file(&path, ValueSource::File).unwrap();
    let shown = directory.path().display().to_string() + "/";
    let diagnostics = match eci_config::load(directory.path(), &variables) {
        Ok(configuration) => configuration.warnings.clone(),
        Err(diagnostics) => diagnostics,
    };
    let lines = lines(&diagnostics).into_iter();
    lines.map(|line| line.replace(&shown, "")).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_variable_takes_the_type_it_declares() {
    for (ty, text, expected) in [
        ("string", "5", "\"5\""),
        ("string", "[\"a\"]", "\"[\\\"a\\\"]\""),
        ("number", "5.50", "5.5"),
        ("bool", "true", "true"),
        ("list(number)", "[1, \"2\"]", "[1, 2]"),
        ("set(string)", "[\"b\", \"a\", \"b\"]", "[\"a\", \"b\"]"),
        ("tuple([string, number])", "[1, \"2\"]", "[\"1\", 2]"),
        ("map(string)", "{ a = 1 }", "{\"a\": \"1\"}"),
        (
            "object({ port = number, name = optional(string), weight = optional(number, 1 + 1) })",
            "{ port = \"80\", more = true }",
            "{\"port\": 80, \"name\": null, \"weight\": 2}",
        ),
        ("any", "[1, \"a\"]", "[1, \"a\"]"),
        ("list(any)", "[1, \"a\"]", "[\"1\", \"a\"]"),
    ] {
        let manifest = format!("[variable.x]\ntype = '{ty}'\n[output.it]\nvalue = '${{var.x}}'\n");
        let value = with_variables(&manifest, &[("x", text)]);
        assert_eq!(value, Ok(json(expected)), "{ty} {text}");
    }
}

#[test]
fn a_variable_without_type_takes_after_its_default() {
    let manifest = "[variable.x]\ndefault = 1\n[output.it]\nvalue = '${var.x}'\n";
    assert_eq!(with_variables(manifest, &[("x", "2")]), Ok(Value::from(2)));
    assert_eq!(with_variables(manifest, &[]), Ok(Value::from(1)));
    let manifest = "[variable.x]\ndefault = \"a\"\n[output.it]\nvalue = '${var.x}'\n";
    assert_eq!(
        with_variables(manifest, &[("x", "2")]),
        Ok(Value::from("2"))
    );
}

#[test]
fn a_variable_that_may_not_be_null_takes_its_default_instead() {
    let manifest = "[variable.x]\ntype = \"any\"\nnullable = false\ndefault = 1\n\
                    [output.it]\nvalue = '${var.x}'\n";
    assert_eq!(
        with_variables(manifest, &[("x", "null")]),
        Ok(Value::from(1))
    );
    let nullable = manifest.replace("nullable = false\n", "");
    assert_eq!(with_variables(&nullable, &[("x", "null")]), Ok(Value::Null));
}

#[test]
fn variables_that_do_not_fit_say_why() {
    let manifest = r#"
[variable.count]
type = "number"
[variable.size]
default = 3
validation = [{ condition = '${var.size <= 2}', error_message = "at most 2, not ${var.size}" }]
[variable.shape]
type = "object({ port = number })"
default = { prot = 80 }
[variable.kind]
type = "lst(string)"
default = []
[variable.token]
type = "number"
sensitive = true
[variable.names]
type = "list(string)"
[variable.more]
type = "list(string)"
[output.it]
value = 1
"#;
    let given = [
        ("cuont", "1"),
        ("token", "secret("),
        ("names", "[upper(\"a\")]"),
        ("more", "[var.count]"),
    ];
    insta::assert_snapshot!(with_variables(manifest, &given).unwrap_err().join("\n"));
}

#[test]
fn bad_types_point_at_the_part_that_is_wrong() {
    let manifest = "\
[variable.a]
type = 'list(object({ port = nubmer }))'
[variable.b]
type = 'object({ port = optional(number, \"x\") })'
[variable.c]
type = 'object({ port = optional(number, var.a) })'
[variable.d]
type = 'tuple(string)'
[variable.e]
type = 'list'
[variable.f]
type = 'optional(string)'
";
    insta::assert_snapshot!(with_variables(manifest, &[]).unwrap_err().join("\n"));
}

#[test]
fn a_value_in_a_file_that_does_not_fit_is_reported_with_its_place() {
    let manifest = "[variable.ports]\ntype = \"map(list(number))\"\n[variable.token]\n\
                    type = \"number\"\nsensitive = true\n";
    let values = "token = \"hunter2\"\n[ports]\nweb = [80, \"many\"]\n";
    insta::assert_snapshot!(with_file(manifest, values).join("\n"));
}

#[test]
fn a_value_for_what_is_not_declared_is_an_error_on_the_command_line_alone() {
    let manifest = "[variable.image]\ndefault = \"a\"\n";
    assert_eq!(
        with_file(manifest, "imgae = \"b\"\n"),
        ["value for undeclared variable `imgae` from `eci.vars.toml:1:9` (did you mean `image`?)"]
    );
    let loaded = |rank| {
        let directory = Directory::with(&[("main.eci.toml", manifest)]);
        let mut variables = Variables::default();
        variables.set("imgae", "b", rank);
        eci_config::load(directory.path(), &variables)
    };
    assert!(
        loaded(ValueSource::Environment)
            .unwrap()
            .warnings
            .0
            .is_empty()
    );
    let diagnostics = loaded(ValueSource::CliArg).unwrap_err();
    assert_eq!(diagnostics.0[0].severity, Severity::Error);
}

#[test]
fn a_misspelled_optional_attribute_is_worth_a_warning() {
    let manifest =
        "[variable.app]\ntype = 'object({ port = number, weight = optional(number) })'\n";
    assert_eq!(
        with_file(manifest, "[app]\nport = 80\nweigth = 2\nowner = \"me\"\n"),
        [
            "eci.vars.toml:3:10: `weigth` is ignored: the type of variable `app` does not have the attribute (did you mean `weight`?)"
        ]
    );
}

#[test]
fn a_validation_may_read_other_variables_and_shows_both_places() {
    let manifest = r#"
[variable.min]
default = 2
[[variable.min.validation]]
condition = '${var.min > 0}'
error_message = "it must be positive"
[[variable.min.validation]]
condition = '${var.min <= var.max}'
error_message = "it must be at most max, which is ${var.max}"
[variable.max]
type = "number"
[variable.password]
sensitive = true
validation = { condition = '${length(var.password) > 8}', error_message = "not ${var.password}" }
[output.it]
value = 1
"#;
    let directory = Directory::with(&[("main.eci.toml", manifest)]);
    let mut variables = Variables::default();
    variables.set("max", "1", ValueSource::CliArg);
    variables.set("password", "short", ValueSource::Environment);
    let diagnostics = eci_config::load(directory.path(), &variables).unwrap_err();
    insta::assert_snapshot!(lines(&diagnostics).join("\n"));
    let second = &diagnostics.0[0].secondary[0];
    assert_eq!(second.place.position(), (3, 11));
    assert!(diagnostics.0[1].secondary.is_empty());
    assert!(
        !format!("{diagnostics:?}").contains("short\""),
        "{diagnostics:?}"
    );
}

#[test]
fn prompts_are_listed_and_answers_are_checked() {
    let manifest = "\
[variable.region]
type = \"string\"
description = \"where it runs\"
validation = { condition = '${var.region != \"huadong1\"}', error_message = \"it begins with cn-\" }
[variable.token]
type = \"number\"
sensitive = true
[variable.size]
default = 1
[nonsense
";
    let directory = Directory::with(&[("main.eci.toml", manifest)]);
    let declared = load_variables(directory.path()).unwrap();
    let missing = declared.missing(&Variables::default());
    let names: Vec<_> = missing.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["region", "token"]);
    assert_eq!(missing[0].description.as_deref(), Some("where it runs"));
    assert_eq!(missing[0].ty.as_deref(), Some("string"));
    assert!(!missing[0].sensitive && missing[1].sensitive);

    assert!(declared.check("region", "cn-huadong1").is_ok());
    assert!(declared.check("token", "7").is_ok());
    let message = declared
        .check("region", "huadong1")
        .unwrap_err()
        .to_string();
    assert!(message.contains("it begins with cn-"), "{message}");
    let error = declared.check("token", "hunter2").unwrap_err();
    assert!(error.to_string().contains("expected a number"), "{error}");
    assert!(!format!("{error:?}").contains("hunter2"));
}
