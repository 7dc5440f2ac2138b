//! Unknown and sensitive values through every function: each call of the tables that has a value
//! is repeated with an argument, or a part of one, that is unknown or sensitive.

use eci_core::Value;
use hcl_edit::Span;
use hcl_edit::expr::Expression;

use crate::conformance::{ExpectedResult, bare, cases, directory};
use crate::directory::group;

/// A value that only the cloud knows.
const UNKNOWN: &str = "container_group.web.intranet_ip";

/// A call of a function, in another form, and what it gives without any marks.
struct Call {
    function: String,
    expression: String,
    plain: Value,
}

/// The calls of the tables, each as often as it has parts, with a part rewritten.
fn calls(
    parts: fn(&Expression, &mut Vec<std::ops::Range<usize>>),
    rewrite: impl Fn(&str) -> String,
) -> Vec<Call> {
    let functions: Vec<&str> = eci_lang::functions().map(|it| it.name).collect();
    let mut calls = Vec::new();
    for case in cases() {
        let ExpectedResult::Json(json) = &case.expected else {
            continue;
        };
        let Ok(Expression::FuncCall(call)) = case.expression.parse::<Expression>() else {
            continue;
        };
        let is_about = call.name.name.as_str() == case.topic;
        if !is_about || !functions.contains(&&*case.topic) || call.args.expand_final() {
            continue;
        }
        // A tree that is parsed separately has no spans.
        let tree = hcl_edit::parser::parse_expr(&case.expression).unwrap();
        let Expression::FuncCall(call) = &tree else {
            continue;
        };
        let mut ranges = Vec::new();
        call.args.iter().for_each(|it| parts(it, &mut ranges));
        for range in ranges {
            let mut expression = case.expression.clone();
            expression.replace_range(range.clone(), &rewrite(&case.expression[range]));
            calls.push(Call {
                function: case.topic.clone(),
                expression,
                plain: serde_json::from_str(json).unwrap(),
            });
        }
    }
    calls
}

/// The arguments themselves.
fn whole(argument: &Expression, ranges: &mut Vec<std::ops::Range<usize>>) {
    ranges.extend(argument.span());
}

/// The items and entries of lists and tables.
fn parts(argument: &Expression, ranges: &mut Vec<std::ops::Range<usize>>) {
    match argument {
        Expression::Array(items) => ranges.extend(items.iter().filter_map(Span::span)),
        Expression::Object(entries) => {
            ranges.extend(entries.iter().filter_map(|(_, value)| value.expr().span()));
        }
        _ => {}
    }
}

/// Returns the result of each call; a text that says so where it fails.
fn values(calls: &[Call]) -> Vec<Value> {
    let directory = directory();
    let mut values = Vec::new();
    for batch in calls.chunks(400) {
        let mut manifest = group("web", "");
        for (at, call) in batch.iter().enumerate() {
            // A list shows the marks of what it holds.
            let tried = format!("${{[try({}, \"it fails\")]}}", call.expression);
            let quoted = serde_json::to_string(&tried).unwrap();
            manifest += &format!("[output.o{at}]\nsensitive = true\nvalue = {quoted}\n");
        }
        std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
        let configuration = directory.load().unwrap();
        let mut found: Vec<(usize, Value)> = configuration
            .outputs
            .iter()
            .map(|output| {
                let value = output.evaluate(&eci_config::EmptyScope).unwrap();
                let item = value.as_list().unwrap()[0].clone();
                (output.name[1..].parse().unwrap(), item)
            })
            .collect();
        found.sort_by_key(|(at, _)| *at);
        values.extend(found.into_iter().map(|(_, value)| value));
    }
    values
}

fn wrong(calls: &[Call], is_right: impl Fn(&Call, &Value) -> bool) -> Vec<String> {
    let values = values(calls);
    assert!(calls.len() > 100, "{} calls only", calls.len());
    calls
        .iter()
        .zip(values)
        .filter(|(call, value)| !is_right(call, value))
        .map(|(call, value)| format!("{} gives {value:?}, not {:?}", call.expression, call.plain))
        .collect()
}

#[test]
fn an_unknown_argument_gives_what_is_unknown_or_right() {
    let calls = calls(whole, |_| UNKNOWN.to_owned());
    let wrong = wrong(&calls, |call, value| match &*call.function {
        // What is not evaluated need not be known.
        "try" => value.is_unknown() || *value == call.plain,
        _ => value.is_unknown(),
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unknown_part_gives_what_is_unknown_or_right() {
    let calls = calls(parts, |_| UNKNOWN.to_owned());
    let wrong = wrong(&calls, |call, value| {
        value.has_unknown() || *value == call.plain
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sensitive_argument_gives_a_sensitive_result() {
    let calls = calls(whole, |argument| format!("sensitive({argument})"));
    let wrong = wrong(&calls, |call, value| match &*call.function {
        "nonsensitive" => *value == call.plain,
        "issensitive" => *value == Value::from(true),
        // An argument that fails before it is sensitive says nothing about anything sensitive.
        "can" | "try" => bare(value) == call.plain,
        _ => matches!(value, Value::Sensitive(_)) && bare(value) == call.plain,
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sensitive_part_is_never_shown() {
    // The same values, but for what is sensitive: whatever shows is shown by both.
    let secret = calls(parts, |part| format!("sensitive({part})"));
    let wrong = wrong(&secret, |call, value| match &*call.function {
        "issensitive" => *value == call.plain,
        // Only lists and tables of values are taken apart without their values.
        _ => bare(value) == call.plain,
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let marked = |call: &Call| call.expression.contains("hunter2");
    let quoted = |part: &str| part.starts_with('"');
    let plain: Vec<Call> = calls(parts, |part| {
        if quoted(part) {
            "\"hunter2\"".to_owned()
        } else {
            part.to_owned()
        }
    });
    let hidden: Vec<Call> = calls(parts, |part| {
        if quoted(part) {
            "sensitive(\"hunter2\")".to_owned()
        } else {
            part.to_owned()
        }
    });
    let shown = values(&plain);
    let hidden_values = values(&hidden);
    let mut count = 0;
    for ((call, shown), hidden) in hidden.iter().zip(shown).zip(hidden_values) {
        if !marked(call) || shown == Value::from("it fails") {
            continue;
        }
        assert_eq!(bare(&hidden), shown, "{}", call.expression);
        let text = format!("{hidden:?}");
        assert!(
            !text.contains("hunter2"),
            "{} shows {text}",
            call.expression
        );
        // Not in another form either: what comes of it is sensitive wherever it differs.
        count += usize::from(format!("{shown:?}").contains("hunter2"));
    }
    assert!(count > 30, "{count}");
}

/// Returns the value of an output, with a sensitive `var.pin` of "4711".
fn output(expression: &str) -> Value {
    let manifest = format!(
        "[variable.pin]\nsensitive = true\ndefault = \"4711\"\n[variable.open]\ndefault = \"4711\"\n\
         [locals]\nmixed = {{ host = \"a\", pin = '${{var.pin}}' }}\n\
         [output.o]\nvalue = '''${{[{expression}]}}'''\nsensitive = true\n"
    );
    // A list shows the marks of what it holds.
    crate::directory::outputs(&manifest)["o"].as_list().unwrap()[0].clone()
}

#[test]
fn the_failure_of_a_sensitive_value_is_sensitive() {
    for sensitive in [
        r#"can(regex("^47", var.pin))"#,
        r#"can(regex("^48", var.pin))"#,
        r#"can(tonumber("${var.pin}x"))"#,
        r#"can(local.mixed.pin.deeper)"#,
        r#"can(jsonencode(local.mixed))"#,
        r#"can([for c in split("", var.pin) : tonumber(c)])"#,
        r#"can(tonumber(sensitive("x")))"#,
        r#"can(can(tonumber(var.pin)) ? 1 : tonumber("x"))"#,
        r#"can(try(tonumber("x${var.pin}"), 1))"#,
        r#"can({ a = 1 }[var.pin])"#,
        r#"try(tonumber("x${var.pin}"), "no number")"#,
        r#"try(var.pin == "4712" ? 1 : tonumber("x"), "not 4712")"#,
        r#"try(tonumber("x"), tonumber("x${var.pin}"), 3)"#,
        r#"try(local.mixed.pin.deeper, 1)"#,
        r#"[for c in ["a"] : c if can(regex("^47", var.pin))]"#,
        r#"{ for c in ["a"] : c => 1 if !can(regex("^47", var.pin)) }"#,
        r#"join("", flatten([for i in [1, 2] : [for c in split("", "0123456789") : c if can(regex("^.{${i}}${c}", var.pin))]]))"#,
        r#""%{ if can(regex("^47", var.pin)) }yes%{ endif }""#,
    ] {
        let value = output(sensitive);
        assert!(value.has_sensitive(), "{sensitive}: {value:?}");
    }
    for open in [
        r#"can(regex("^47", var.open))"#,
        r#"can(local.mixed.host)"#,
        r#"can(local.mixed.host.deeper)"#,
        r#"can(local.mixed.no)"#,
        r#"try(local.mixed.no, "none")"#,
        r#"try(var.open, var.pin)"#,
        r#"[can(tonumber(var.pin)), can(tonumber("x"))][1]"#,
        r#"nonsensitive(can(tonumber(var.pin)))"#,
    ] {
        let value = output(open);
        assert!(!value.has_sensitive(), "{open}: {value:?}");
    }
    let parts = output(r#"try(local.mixed, "none")"#);
    assert!(matches!(parts, Value::Map(_)), "{parts:?}");
}
