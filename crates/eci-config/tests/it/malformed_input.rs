//! Manifests that try to take all time, all memory or the stack: each is an error, soon.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eci_config::Scope;
use eci_core::{Address, Diagnostics, Value};

use crate::directory::{Directory, lines, load};

/// The most time of a processor that a manifest may take; a build for tests is slower.
const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 5 });

/// The time that the processor has worked for this thread.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap()
}

/// Loads on a small stack, and not for ever.
fn refused(manifest: &str) -> String {
    let text = manifest.to_owned();
    let loading = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || (load(&text).map(drop), processor_time()));
    let (outcome, took): (Result<(), Diagnostics>, _) = loading.unwrap().join().unwrap();
    assert!(took < LONGEST, "{took:?}");
    lines(&outcome.expect_err("it is refused")).join("\n")
}

/// Each local holds the one before twice.
fn doubling(first: &str, next: impl Fn(usize) -> String) -> String {
    let mut manifest = format!("[locals]\nl0 = {first}\n");
    for at in 1..60 {
        manifest.push_str(&format!("l{at} = {}\n", next(at - 1)));
    }
    manifest + "[output.o]\nvalue = '${local.l59}'\n"
}

#[test]
fn text_that_doubles_again_and_again_is_refused() {
    let error = refused(&doubling("'0123456789'", |l| {
        format!("'${{local.l{l}}}${{local.l{l}}}'")
    }));
    assert!(error.contains("limit of 16 MiB"), "{error}");
}

#[test]
fn lists_that_double_again_and_again_are_refused() {
    for next in [
        |l: usize| format!("['${{local.l{l}}}', '${{local.l{l}}}']"),
        |l: usize| format!("'${{[local.l{l}, local.l{l}]}}'"),
        |l: usize| format!("'${{concat(local.l{l}, local.l{l})}}'"),
        |l: usize| format!("{{ a = '${{local.l{l}}}', b = '${{local.l{l}}}' }}"),
    ] {
        let error = refused(&doubling("['x']", next));
        assert!(error.contains("limit of 16 MiB"), "{error}");
    }
}

#[test]
fn what_doubles_and_is_known_only_after_apply_is_refused() {
    let manifest = doubling("['${eip.a.address}']", |l| {
        format!("['${{local.l{l}}}', '${{local.l{l}}}']")
    });
    let error = refused(&(manifest + "[eip.a]\nauto = true\n"));
    assert!(
        error.contains("exceeds its limit") || error.contains("limit of 16 MiB"),
        "{error}"
    );
}

#[test]
fn a_for_within_a_for_within_a_for_ends() {
    let error = refused(
        "[output.o]\nvalue = '${[for a in range(1000) : [for b in range(1000) : \
         [for c in range(1000) : a]]]}'\n",
    );
    assert!(error.contains("exceeds its limit"), "{error}");
    let error = refused(
        "[output.o]\nvalue = '%{ for a in range(1000) }%{ for b in range(1000) }\
         %{ for c in range(1000) }x%{ endfor }%{ endfor }%{ endfor }'\n",
    );
    assert!(error.contains("exceeds its limit"), "{error}");
}

#[test]
fn names_that_hold_names_many_times_are_refused() {
    let mut expression = "a".to_owned();
    let mut heads = String::new();
    for at in 0..30 {
        heads.push_str(&format!("[for x{at} in [[{expression}, {expression}]] : "));
        expression = format!("x{at}");
    }
    let tails = "]".repeat(30);
    let value = heads.replacen("[[a, a]]", "[[1, 1]]", 1) + &expression + &tails;
    let error = refused(&format!("[output.o]\nvalue = '${{{value}}}'\n"));
    assert!(
        error.contains("limit of 16 MiB") || error.contains("too deep"),
        "{error}"
    );
}

#[test]
fn functions_that_make_much_of_little_are_refused() {
    let long = "[locals]\nlong = '${join(\"\", [for i in range(1000) : format(\"%1000d\", i)])}'\n";
    for value in [
        "join(local.long, [for i in range(1000) : \"\"])",
        "replace(local.long, \" \", local.long)",
        "join(\"\", [for i in range(1000) : local.long])",
        "jsonencode([for i in range(1000) : local.long])",
        "upper(join(\"\", [for i in range(1000) : local.long]))",
    ] {
        let error = refused(&format!("{long}[output.o]\nvalue = '${{{value}}}'\n"));
        assert!(error.contains("limit of 16 MiB"), "{value}: {error}");
    }
}

#[test]
fn every_function_that_makes_much_of_little_is_refused() {
    let long = "[locals]\nlong = '${join(\"\", [for i in range(1000) : format(\"%1000d\", i)])}'\n\
                many = '${range(1000)}'\n";
    for value in [
        "setproduct(local.many, local.many, local.many)",
        "replace(local.long, \"/ /\", local.long)",
        "replace(local.long, \"/.*/\", join(\"\", [for i in local.many : \"$0\"]))",
        "formatlist(\"%s\", [for i in local.many : local.long])",
        "formatlist(local.long, local.many)",
        "formatlist(\"%s %s\", local.many, local.long)",
        "indent(1000000, replace(local.long, \" \", \"\\n\"))",
        "indent(9223372036854775807, \"a\\nb\")",
        "yamlencode([for i in local.many : local.long])",
        "urlencode(replace(local.long, \" \", \"名名名\"))",
        "templatestring(\"%%{ for x in xs }$${y}%%{ endfor }\", { xs = local.many, y = local.long })",
        "regexall(\"\", join(\"\", [for i in range(5) : local.long]))",
    ] {
        let error = refused(&format!("{long}[output.o]\nvalue = '${{{value}}}'\n"));
        let is_bounded = ["limit of 16 MiB", "exceeds its limit", "exceeds 1 MiB"];
        assert!(
            is_bounded.iter().any(|bound| error.contains(bound)) || error.contains("does not use"),
            "{value}: {error}"
        );
    }
}

#[test]
fn functions_over_what_doubles_again_and_again_end() {
    for function in [
        "flatten(local.l59)",
        "coalesce(local.l59, [])",
        "tolist(local.l59)",
        "chunklist(local.l59, 1)",
        "distinct(local.l59)",
        "toset(local.l59)",
        "setunion(local.l59)",
        "setproduct(local.l59, local.l59)",
        "matchkeys(local.l59, local.l59, local.l59)",
        "jsonencode(local.l59)",
        "formatlist(\"%v\", local.l59)",
        "true ? local.l59 : [local.l59]",
    ] {
        // Lists of nothing but lists grow without end, though nothing in them has a size.
        let doubled = doubling("[]", |l| format!("'${{[local.l{l}, local.l{l}]}}'"));
        let error = refused(&doubled.replace("local.l59", function));
        assert!(
            error.contains("limit of 16 MiB") || error.contains("exceeds its limit"),
            "{function}: {error}"
        );
    }
}

/// A text of a megabyte, in few characters.
const LONG: &str =
    "[locals]\na = '${join(\"\", [for i in range(1000) : format(\"%1000d\", i)])}'\n";

#[test]
fn functions_that_read_much_consume_the_budget() {
    let short = format!(
        "{LONG}[output.o]\nvalue = '${{[for i in range(1000) : [for j in range(1000) : length(local.a)]]}}'\n"
    );
    assert!(short.len() <= 201, "{}", short.len());
    for function in [
        "length(local.a)",
        "substr(local.a, 999000 + i, 1)",
        "substr(local.a, -1, 1)",
        "strrev(local.a)",
        "split(\" \", local.a)",
        "split(\"\", local.a)",
        "regexall(\"${i}(x|y){100}${j}\", local.a)",
        "can(regex(\"(a{500}${i}${j}){9}\", \"a\"))",
        "replace(local.a, \"/[0-9]/\", \"\")",
        "startswith(local.a, local.a)",
        "trimprefix(local.a, \"x\")",
        "title(local.a)",
        "sha512(local.a)",
        "base64gzip(local.a)",
        "fileset(\"${join(\"\", [for k in range(i) : \"./\"])}\", \"**\")",
        "try(length(local.a) / 0, 1)",
    ] {
        let error = refused(&short.replace("length(local.a)", function));
        assert!(
            error.contains("exceeds its limit") || error.contains("limit of 16 MiB"),
            "{function}: {error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

/// A scope in which every resource has an address.
struct AddressScope;

impl Scope for AddressScope {
    fn resource(&self, _: &Address) -> Option<Value> {
        let address = (Arc::from("address"), Value::from("10.0.0.2"));
        Some(Value::map([address].into_iter().collect()))
    }
}

/// `count` loops within each other over the characters of an expression.
fn loops(count: usize, text: &str) -> String {
    let heads = (0..count).map(|at| format!("[for x{at} in split(\"\", {text}) : "));
    heads.collect::<String>() + "1" + &"]".repeat(count)
}

#[test]
fn an_error_that_is_caught_does_not_hide_that_it_was_too_much() {
    let value = loops(9, "\"10.0.0.2\"");
    for caught in [
        format!("can({value})"),
        format!("try({value}, 1)"),
        format!("true ? 1 : {value}"),
    ] {
        let error = refused(&format!("[output.o]\nvalue = '${{{caught}}}'\n"));
        assert!(error.contains("exceeds its limit"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn what_is_too_much_only_once_it_is_known_is_an_error_of_whatever_is_evaluated() {
    let loops = loops(9, "eip.a.address");
    let manifest = format!(
        "[eip.a]\nauto = true\n[eip.b]\nid = '${{can({loops}) ? \"eip-1\" : \"eip-2\"}}'\n\
         [output.o]\nvalue = '${{eip.a.address}}'\n"
    );
    let directory = Directory::with(&[("main.eci.toml", &manifest)]);
    let configuration = directory.load().unwrap();
    configuration.check_budget().unwrap();
    for _ in 0..2 {
        let errors = configuration.resources[1]
            .evaluate(&AddressScope)
            .unwrap_err();
        let errors = lines(&errors);
        assert!(errors[0].contains("exceeds its limit"), "{errors:?}");
        assert_eq!(errors.len(), 1, "{errors:?}");
    }
    assert!(configuration.outputs[0].evaluate(&AddressScope).is_err());
    assert!(configuration.check_budget().is_err());
}

#[test]
fn instances_and_their_references_consume_the_budget() {
    let keys = "${flatten([for a in range(10) : [for b in range(1000) : \"${a}x${b}\"]])}";
    let each =
        |name: &str, rest: &str| format!("[eip.{name}]\nfor_each = '{keys}'\nauto = true\n{rest}");
    let names: Vec<String> = (0..1000).map(|at| format!("eip.a{at}.address")).collect();
    let all: String = (0..1000)
        .map(|at| format!("[eip.a{at}]\nauto = true\n[output.o{at}]\nvalue = '${{local.all}}'\n"))
        .collect();
    for manifest in [
        (0..50).map(|at| each(&format!("e{at}"), "")).collect(),
        each("a", "") + &each("b", "depends_on = ['eip.a']\n"),
        each("a", "") + &each("b", "name = '${eip.a[each.key].address}'\n"),
        format!("{all}[locals]\nall = '${{[{}]}}'\n", names.join(", ")),
    ] {
        let error = refused(&manifest);
        assert!(error.contains("exceeds its limit"), "{error:.400}");
    }
    // Three megabytes as they are written are no blow-up.
    let many = (0..100_000).map(|at| format!("[eip.name_{at}]\nauto = true\n"));
    load(&many.collect::<String>()).unwrap();
}

#[test]
fn modules_that_call_modules_consume_the_budget() {
    let call = |name: &str, next: &str| format!("[module.{name}]\nsource = \"{next}\"\n");
    let twice = |next: &str| call("a", next) + &call("b", next);
    let mut files = vec![("main.eci.toml".to_owned(), twice("./m0"))];
    for at in 0..12 {
        let next = twice(&format!("../m{}", at + 1));
        files.push((format!("m{at}/main.eci.toml"), next));
    }
    let many = (0..1000).map(|at| format!("[eip.e{at}]\nauto = true\n"));
    files.push(("m12/main.eci.toml".to_owned(), many.collect()));
    let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
    let errors = lines(&Directory::with(&files).load().unwrap_err());
    assert!(errors[0].contains("exceeds its limit"), "{errors:?}");
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn what_many_settings_hold_together_consumes_the_budget() {
    let mut manifest = LONG.to_owned();
    for at in 0..200 {
        manifest.push_str(&format!(
            "l{at} = '${{join(\"\", [for i in range(16) : local.a])}}'\n"
        ));
    }
    assert!(manifest.len() < 16_000);
    let error = refused(&manifest);
    assert!(error.contains("exceeds its limit"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn a_hundred_thousand_mistakes_are_reported_soon() {
    let names: String = (0..16_000)
        .map(|at| format!("l{at} = '${{local.u{at}}}'\n"))
        .collect();
    let error = refused(&format!("[locals]\n{names}"));
    assert!(error.lines().count() >= 16_000, "{error:.400}");
    let keys: String = (0..100_000).map(|at| format!("k{at} = 1\n")).collect();
    refused(&format!("[eip.web]\n{keys}"));
    let functions: String = (0..16_000)
        .map(|at| format!("l{at} = '${{uper{at}(1)}}'\n"))
        .collect();
    refused(&format!("[locals]\n{functions}"));
}

#[test]
fn yaml_that_holds_itself_many_times_is_refused() {
    let mut text = String::from("a0: &a0 [x, x]\\n");
    for at in 1..60 {
        let before = at - 1;
        text += &format!("a{at}: &a{at} [*a{before}, *a{before}]\\n");
    }
    let error = refused(&format!(
        "[output.o]\nvalue = '${{yamldecode(\"{text}\")}}'\n"
    ));
    assert!(error.contains("limit of 16 MiB"), "{error}");
    for deep in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "{a: ".repeat(100_000),
    ] {
        refused(&format!(
            "[output.o]\nvalue = '${{yamldecode(\"{deep}\")}}'\n"
        ));
        refused(&format!(
            "[output.o]\nvalue = '${{jsondecode(\"{deep}\")}}'\n"
        ));
    }
}

#[test]
fn regular_expressions_end_soon() {
    let manifest = |pattern: &str| {
        format!(
            "[locals]\nlong = '${{join(\"\", [for i in range(1000) : format(\"%0100d\", i)])}}'\n\
             [output.o]\nvalue = '${{length(regexall(\"{pattern}\", local.long))}}'\n"
        )
    };
    for pattern in [
        "(0*)*1x",
        "(0|0)*(0|0)*x",
        "(.{500}){8}x",
        "0*0*0*0*0*0*0*x",
    ] {
        let began = Instant::now();
        let _ = load(&manifest(pattern));
        assert!(began.elapsed() < Duration::from_secs(30), "{pattern}");
    }
    for pattern in ["((.{1000}){1000}){1000}", "(.{500}){8}x"] {
        let error = refused(&manifest(pattern));
        assert!(error.contains("` is too large"), "{error}");
    }
}

#[test]
fn a_manifest_that_is_too_large_is_not_read() {
    let error = refused(&format!("[locals]\nx = \"{}\"\n", "x".repeat(100 << 20)));
    assert!(error.contains("it is larger than 32 MiB"), "{error}");
}

#[test]
fn deeply_nested_tables_and_lists_are_refused() {
    for depth in [1_000, 100_000] {
        for manifest in [
            format!("x = {}{}\n", "[".repeat(depth), "]".repeat(depth)),
            format!("x = {}1{}\n", "{a=".repeat(depth), "}".repeat(depth)),
            format!("[{}]\n", vec!["a"; depth].join(".")),
            format!("{} = 1\n", vec!["a"; depth].join(".")),
        ] {
            refused(&manifest);
        }
    }
}

#[test]
fn numbers_that_no_machine_has_are_refused() {
    for number in ["9".repeat(100_000), "1e999999".to_owned(), "nan".to_owned()] {
        refused(&format!("[output.o]\nvalue = {number}\n"));
    }
    // In expressions they are either refused or what the machine makes of them.
    let _ = load(&format!(
        "[output.o]\nvalue = '${{{}}}'\n",
        "9".repeat(100_000)
    ));
    let _ = load("[output.o]\nvalue = '${1e308 * 1e308}'\n");
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let directory = Directory::with(&[]);
    std::fs::write(directory.path().join("a.eci.toml"), b"x = \"\xff\xfe\"\n").unwrap();
    let errors = lines(&directory.load().unwrap_err());
    assert!(
        errors[0].contains("not valid UTF-8 at byte 5"),
        "{errors:?}"
    );
}

#[cfg(unix)]
#[test]
fn links_in_a_cycle_or_to_the_outside_are_refused() {
    use std::os::unix::fs::symlink;

    let directory = Directory::with(&[(
        "main.eci.toml",
        "[output.o]\nvalue = '${file(\"loop\")}'\n\
         [output.p]\nvalue = '${file(\"../../etc/passwd\")}'\n\
         [output.q]\nvalue = '${file(\"zero\")}'\n\
         [output.r]\nvalue = '${file(\"/etc/passwd\")}'\n",
    )]);
    symlink("loop", directory.path().join("loop")).unwrap();
    symlink("/dev/zero", directory.path().join("zero")).unwrap();
    symlink("round.eci.toml", directory.path().join("round.eci.toml")).unwrap();
    symlink(".", directory.path().join("self")).unwrap();
    let errors = lines(&directory.load().unwrap_err()).join("\n");
    assert!(errors.contains("failed to read `loop`"), "{errors}");
    let out = errors.matches("is outside of the configuration directory");
    assert_eq!(out.count(), 3, "{errors}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let directory =
        Directory::with(&[("main.eci.toml", "[output.o]\nvalue = '${file(\"pipe\")}'\n")]);
    let created = std::process::Command::new("mkfifo")
        .arg(directory.path().join("pipe"))
        .status();
    assert!(created.unwrap().success());
    let errors = lines(&directory.load().unwrap_err()).join("\n");
    assert!(errors.contains("it is not a file"), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_manifest_that_cannot_be_read_is_not_ignored() {
    let directory = Directory::with(&[("a.eci.toml", "[eip.web]\nauto = true\n")]);
    let (link, pipe) = ("b.eci.toml", "c.eci.toml");
    std::os::unix::fs::symlink("nowhere", directory.path().join(link)).unwrap();
    let created = std::process::Command::new("mkfifo")
        .arg(directory.path().join(pipe))
        .status();
    assert!(created.unwrap().success());
    let reported = lines(&directory.load().unwrap_err());
    assert_eq!(reported.len(), 2, "{reported:?}");
    for (line, name) in reported.iter().zip([link, pipe]) {
        assert!(
            line.contains("failed to read") && line.contains(name),
            "{line}"
        );
    }
}
