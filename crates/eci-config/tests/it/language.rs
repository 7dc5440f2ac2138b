//! The expression language: every construct, and how unknown and sensitive travel.

use eci_core::Value;

use crate::directory::{Directory, errors, load, outputs, value};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_construct_has_its_value() {
    for (expression, expected) in [
        ("${1 + 2 * 3}", "7"),
        ("${(1 + 2) * 3}", "9"),
        ("${7 % 4}", "3"),
        ("${7 / 2}", "3.5"),
        ("${-(3)}", "-3"),
        ("${1 < 2 && !(2 <= 1)}", "true"),
        ("${1 == 1.0 && \"a\" != \"b\" || false}", "true"),
        ("${true ? \"yes\" : \"no\"}", "\"yes\""),
        ("${[1, 2, 3][1]}", "2"),
        ("${{ a = 1, \"b\" = 2 }.b}", "2"),
        ("${{ a = 1 }[\"a\"]}", "1"),
        ("${{ (upper(\"k\")) = 1 }}", "{\"K\": 1}"),
        ("${[for x in [1, 2, 3] : x * 2 if x > 1]}", "[4, 6]"),
        (
            "${[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]}",
            "[\"0a\", \"1b\"]",
        ),
        (
            "${{ for k, v in { a = 1, b = 2 } : v => k }}",
            "{\"1\": \"a\", \"2\": \"b\"}",
        ),
        (
            "${{ for x in [\"ab\", \"ac\", \"b\"] : split(\"\", x)[0] => x... }}",
            "{\"a\": [\"ab\", \"ac\"], \"b\": [\"b\"]}",
        ),
        ("${[{ a = 1 }, { a = 2 }][*].a}", "[1, 2]"),
        ("${[{ a = { b = 1 } }].*.a.b}", "[1]"),
        ("${[[1, 2], [3]][*][0]}", "[1, 3]"),
        ("n is ${2} and ${true}", "\"n is 2 and true\""),
        (
            "$${x} is literal, so is %%{y}",
            "\"${x} is literal, so is %{y}\"",
        ),
        ("%{ if 1 > 2 }a%{ else }b%{ endif }c", "\"bc\""),
        ("%{ for x in [1, 2] }<${x}>%{ endfor }", "\"<1><2>\""),
        ("a  ${~ \"b\" ~}  c", "\"abc\""),
        ("x %{~ if true ~} y %{~ endif ~} z", "\"xyz\""),
        ("${try([][0], \"none\")}", "\"none\""),
        ("${can([][0])}", "false"),
        ("${null == null}", "true"),
        ("${false && [][0]}", "false"),
        ("${path.module}", "\".\""),
    ] {
        assert_eq!(value(expression), json(expected), "{expression}");
    }
}

#[test]
fn functions_give_what_terraform_gives() {
    for (expression, expected) in [
        ("base64encode(\"AK:SK\")", "\"QUs6U0s=\""),
        ("base64decode(\"aGk=\")", "\"hi\""),
        (
            "jsonencode({ b = [1, 2.5, null], a = \"<x>\" })",
            r#""{\"a\":\"\\u003cx\\u003e\",\"b\":[1,2.5,null]}""#,
        ),
        ("jsondecode(\"{\\\"a\\\": [1, true]}\").a[1]", "true"),
        ("join(\", \", [\"a\", \"b\"], [\"c\"])", "\"a, b, c\""),
        ("split(\",\", \"a,b,\")", "[\"a\", \"b\", \"\"]"),
        ("split(\",\", \"\")", "[\"\"]"),
        (
            "format(\"%s-%03d-%5.2f|%-4s|%v|%q|%x|%%\", \"a\", 7, 3.14159, \"b\", [1], \"c\", 255)",
            r#""a-007- 3.14|b   |[1]|\"c\"|ff|%""#,
        ),
        ("format(\"%05d|%+d\", -42, 3)", "\"-0042|+3\""),
        ("upper(lower(\"AbC\"))", "\"ABC\""),
        ("trimspace(\" a \\n\")", "\"a\""),
        ("replace(\"1 + 2\", \"+\", \"-\")", "\"1 - 2\""),
        ("length(\"名字\")", "2"),
        ("length([1, 2]) + length({ a = 1 })", "3"),
        ("concat([1], [], [2, 3])", "[1, 2, 3]"),
        ("concat([[1], [2]]...)", "[1, 2]"),
        (
            "merge({ a = 1, b = 1 }, null, { b = 2 })",
            "{\"a\": 1, \"b\": 2}",
        ),
        ("keys({ b = 1, a = 2 })", "[\"a\", \"b\"]"),
        ("values({ b = 1, a = 2 })", "[2, 1]"),
        ("lookup({ a = 1 }, \"a\")", "1"),
        ("lookup({ a = 1 }, \"b\", 2)", "2"),
        ("contains([1, \"a\"], \"a\")", "true"),
        (
            "[tostring(1), tostring(true), tonumber(\"2\"), tobool(\"true\")]",
            "[\"1\", \"true\", 2, true]",
        ),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        ("[min(3, 1, 2), max(1, 2.5)]", "[1, 2.5]"),
        (
            "[range(3), range(1, 4), range(4, 0, -2), range(2, 0)]",
            "[[0, 1, 2], [1, 2, 3], [4, 2], [2, 1]]",
        ),
        ("coalesce(null, \"\", \"a\")", "\"a\""),
        (
            "sha256(\"abc\")",
            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
        ),
        ("nonsensitive(sensitive(1)) + 1", "2"),
    ] {
        assert_eq!(
            value(&format!("${{{expression}}}")),
            json(expected),
            "{expression}"
        );
    }
}

/// The value of the first item of a list, in which UNKNOWN is known only after apply and
/// SECRET is sensitive.
fn marked(expression: &str) -> Value {
    let expression = expression
        .replace("UNKNOWN", "container_group.web.intranet_ip")
        .replace("SECRET", "sensitive(\"s\")");
    let group = crate::directory::group("web", "");
    let manifest = format!("{group}\n[output.it]\nsensitive = true\nvalue = '''{expression}'''\n");
    let configuration = load(&manifest).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let output = configuration.outputs[0].evaluate(&eci_config::EmptyScope);
    let Value::Sensitive(inner) = output.unwrap() else {
        panic!("the output is sensitive");
    };
    // An output is sensitive as a whole, which hides the mark of its value: a list shows it.
    inner
        .expose()
        .as_list()
        .map_or(Value::Null, |items| items[0].clone())
}

#[test]
fn unknown_travels_through_every_operation() {
    for expression in [
        "${[UNKNOWN]}",
        "${[\"${UNKNOWN}\"]}",
        "${[\"at ${UNKNOWN}:80\"]}",
        "${[UNKNOWN == \"a\"]}",
        "${[!can(tonumber(UNKNOWN))]}",
        "${[upper(UNKNOWN)]}",
        "${[join(\",\", [\"a\", UNKNOWN])]}",
        "${[UNKNOWN == \"a\" ? 1 : 2]}",
        "${[[\"a\", \"b\"][length(UNKNOWN)]]}",
        "${[{ (UNKNOWN) = 1 }]}",
        "${[[for x in split(\",\", UNKNOWN) : x]]}",
        "${[UNKNOWN == \"a\" && true]}",
        "${[\"%{ if UNKNOWN == \"a\" }a%{ endif }\"]}",
        "${[length([1, 2]) + length(UNKNOWN)]}",
    ] {
        assert_eq!(marked(expression), Value::Unknown, "{expression}");
    }
    assert_eq!(marked("${[false && UNKNOWN == \"a\"]}"), Value::from(false));
    assert_eq!(marked("${[UNKNOWN == \"a\" || true]}"), Value::from(true));
    assert_eq!(marked("${[length([UNKNOWN, UNKNOWN])]}"), Value::from(2));
    assert_eq!(marked("${[try(UNKNOWN, 1)]}"), Value::Unknown);
}

#[test]
fn sensitive_travels_through_every_operation() {
    let secret = |value: Value| value.into_sensitive();
    for (expression, expected) in [
        ("${[SECRET]}", Value::from("s")),
        ("${[\"a ${SECRET}\"]}", Value::from("a s")),
        ("${[SECRET == \"s\"]}", Value::from(true)),
        ("${[upper(SECRET)]}", Value::from("S")),
        ("${[join(\",\", [\"a\", SECRET])]}", Value::from("a,s")),
        ("${[SECRET == \"s\" ? 1 : 2]}", Value::from(1)),
        ("${[{ s = 1 }[SECRET]]}", Value::from(1)),
        ("${[length(SECRET)]}", Value::from(1)),
        ("${[{ a = SECRET }.a]}", Value::from("s")),
        ("${[[SECRET][0]]}", Value::from("s")),
        ("${[merge({ a = SECRET }, { b = 1 }).a]}", Value::from("s")),
        (
            "${[[for x in [1] : x if SECRET == \"s\"]]}",
            Value::list(vec![Value::from(1)]),
        ),
        (
            "${[\"%{ if SECRET == \"s\" }a%{ endif }\"]}",
            Value::from("a"),
        ),
        ("${[sha256(SECRET) != \"\"]}", Value::from(true)),
        ("${[\"${UNKNOWN}${SECRET}\"]}", Value::Unknown),
        ("${[UNKNOWN == \"a\" ? SECRET : \"x\"]}", Value::Unknown),
    ] {
        assert_eq!(marked(expression), secret(expected), "{expression}");
    }
    assert_eq!(marked("${[length([SECRET])]}"), Value::from(1));
    assert_eq!(
        marked("${[merge({ a = SECRET }, { b = 1 }).b]}"),
        Value::from(1)
    );
    assert_eq!(marked("${[keys({ a = SECRET })[0]]}"), Value::from("a"));
    assert_eq!(marked("${[nonsensitive(SECRET)]}"), Value::from("s"));
}

#[test]
fn a_single_expression_keeps_its_type_in_any_kind_of_string() {
    let all = outputs(
        "[locals]\nn = 3\n[output.a]\nvalue = '${local.n}'\n[output.b]\nvalue = \"${local.n}\"\n\
         [output.c]\nvalue = '''${local.n}'''\n[output.d]\nvalue = \"\"\"\n${local.n}\"\"\"\n\
         [output.e]\nvalue = '${local.n} '\n",
    );
    for name in ["a", "b", "c", "d"] {
        assert_eq!(all[name], Value::from(3), "{name}");
    }
    assert_eq!(all["e"], Value::from("3 "));
}

#[test]
fn locals_depend_on_each_other_in_any_order() {
    let all = outputs(
        "[locals]\na = '${local.b + 1}'\nb = '${local.c[1]}'\nc = [1, '${var.n}']\n\
         [variable.n]\ntype = \"number\"\ndefault = 41\n[output.it]\nvalue = '${local.a}'\n",
    );
    assert_eq!(all["it"], Value::from(42));
}

#[test]
fn a_sensitive_variable_reaches_no_output_that_is_not() {
    let manifest =
        "[variable.x]\nsensitive = true\ndefault = \"1\"\n[output.it]\nvalue = '${upper(var.x)}'\n";
    assert_eq!(
        errors(manifest),
        [
            "main.eci.toml:5:9: output `it` has a sensitive value, but is not marked as sensitive (set `sensitive = true`, or use `nonsensitive(…)` if the value is not a secret)"
        ]
    );
}

#[test]
fn an_expression_may_go_over_lines_and_hold_comments() {
    for (expression, expected) in [
        ("${1 +\n 2\n * 3}", "7"),
        ("${true\n ? 1\n : 2}", "1"),
        ("${[\n1,\n2, # two\n]}", "[1, 2]"),
        (
            "${{\n a = 1 // one\n b = (2 +\n 3), c = [\n4]\n}}",
            "{\"a\": 1, \"b\": 5, \"c\": [4]}",
        ),
        ("${[for x in [1, 2] :\n x +\n 1\n if x > 1\n]}", "[3]"),
        (
            "${{\n for k, v in { a = 1 } :\n v => k\n}}",
            "{\"1\": \"a\"}",
        ),
        ("${max(\n1,\n[2,\n3]...)}", "3"),
        ("${{ a = [{ b = 1 }] }\n.a[0]\n .b}", "1"),
        ("${ # first\n 1 /* two */ + 2}", "3"),
        (
            "${<<EOT\nline ${1 + 1}\n  two\nEOT\n}",
            "\"line 2\\n  two\\n\"",
        ),
        (
            "${upper(<<-EOT\n    line\n      two\n    EOT\n)}",
            "\"LINE\\n  TWO\\n\"",
        ),
        (
            "a\n  %{ if true ~}\n  b\n  %{~ endif }\nc\n",
            "\"a\\n    b\\n\\nc\\n\"",
        ),
    ] {
        let quoted = serde_json::to_string(expression).unwrap();
        let manifest = format!("[output.it]\nvalue = {quoted}\n");
        assert_eq!(outputs(&manifest)["it"], json(expected), "{expression}");
    }
}

#[test]
fn where_the_parser_ends_a_line_brackets_help() {
    for (refused, read) in [
        ("${{ a = 1 +\n 2 }.a}", "${{ a = (1 +\n 2) }.a}"),
        (
            "%{ if true &&\n true }3%{ endif }",
            "%{ if (true &&\n true) }3%{ endif }",
        ),
    ] {
        let manifest = |it| {
            format!(
                "[output.it]\nvalue = {}\n",
                serde_json::to_string(it).unwrap()
            )
        };
        assert!(errors(&manifest(refused))[0].contains(" expression"));
        let value = outputs(&manifest(read)).remove("it").unwrap();
        assert!(
            value == Value::from(3) || value == Value::from("3"),
            "{read}"
        );
    }
}

#[test]
fn what_terraform_has_and_we_have_not_says_why() {
    for (call, part) in [
        ("timestamp()", "pass the time in a variable"),
        ("uuid()", "use `uuidv5"),
        ("bcrypt(\"a\")", "its salt is random"),
        ("abspath(\".\")", "differs from machine to machine"),
        (
            "provider::aws::arn_parse(\"a\")",
            "use the functions without `::`",
        ),
        ("type(1)", "available only in `eci console`"),
    ] {
        let error = errors(&format!("[output.it]\nvalue = '${{{call}}}'\n"));
        assert!(error[0].contains(part), "{call}: {error:?}");
    }
}

#[test]
fn what_an_editor_has_not_saved_is_read_in_the_place_of_the_file() {
    let directory = Directory::with(&[
        ("a.eci.toml", "[output.a]\nvalue = '${local.b}'\n"),
        ("b.eci.toml", "[locals]\nb = \"saved\"\n"),
    ]);
    let mut overlay = eci_config::Overlay::default();
    let path = |name| directory.path().join(name);
    overlay.insert(&path("b.eci.toml"), "[locals]\nb = '${local.c}'\n");
    overlay.insert(&path("new.eci.toml"), "[locals]\nc = \"shown\"\n");
    overlay.insert(&path("notes.txt"), "not a manifest");
    let variables = eci_config::Variables::default();
    let loaded = eci_config::load_with(directory.path(), &variables, &overlay).unwrap();
    let value = loaded.outputs[0].evaluate(&eci_config::EmptyScope).unwrap();
    assert_eq!(value, "shown".into());
}
