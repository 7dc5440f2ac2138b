//! Manifests that want to take all time, all memory or the stack: each is an error, soon.

use std::time::{Duration, Instant};

use eci_core::Diagnostics;

use crate::directory::{Directory, lines, load};

/// Loads on a small stack, and not for ever.
fn refused(manifest: &str) -> String {
    let manifest = manifest.to_owned();
    let began = Instant::now();
    let loading = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || load(&manifest).map(drop));
    let outcome: Result<(), Diagnostics> = loading.unwrap().join().unwrap();
    let took = began.elapsed();
    assert!(took < Duration::from_secs(60), "{took:?}");
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
    assert!(error.contains("larger than 16 MiB"), "{error}");
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
        assert!(error.contains("larger than 16 MiB"), "{error}");
    }
}

#[test]
fn what_doubles_and_is_known_only_after_apply_is_refused() {
    let manifest = doubling("['${eip.a.address}']", |l| {
        format!("['${{local.l{l}}}', '${{local.l{l}}}']")
    });
    let error = refused(&(manifest + "[eip.a]\nauto = true\n"));
    assert!(error.contains("more steps than"), "{error}");
}

#[test]
fn a_for_within_a_for_within_a_for_ends() {
    let error = refused(
        "[output.o]\nvalue = '${[for a in range(1000) : [for b in range(1000) : \
         [for c in range(1000) : a]]]}'\n",
    );
    assert!(error.contains("more steps than"), "{error}");
    let error = refused(
        "[output.o]\nvalue = '%{ for a in range(1000) }%{ for b in range(1000) }\
         %{ for c in range(1000) }x%{ endfor }%{ endfor }%{ endfor }'\n",
    );
    assert!(error.contains("more steps than"), "{error}");
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
        error.contains("larger than 16 MiB") || error.contains("too deep"),
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
        assert!(error.contains("larger than 16 MiB"), "{value}: {error}");
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
        let is_bounded = [
            "larger than 16 MiB",
            "more steps than",
            "at most 1 MiB of text",
        ];
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
        // Of lists of nothing but lists there is no end, though nothing in them has a size.
        let doubled = doubling("[]", |l| format!("'${{[local.l{l}, local.l{l}]}}'"));
        let error = refused(&doubled.replace("local.l59", function));
        assert!(
            error.contains("larger than 16 MiB") || error.contains("more steps than"),
            "{function}: {error}"
        );
    }
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
    assert!(error.contains("larger than 16 MiB"), "{error}");
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
        assert!(error.contains("it is too large"), "{error}");
    }
}

#[test]
fn a_manifest_that_is_too_large_is_not_read() {
    let error = refused(&format!("[locals]\nx = \"{}\"\n", "x".repeat(100 << 20)));
    assert!(error.contains("it is larger than 32 MiB"), "{error}");
}

#[test]
fn tables_and_lists_within_one_another_are_refused() {
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
    assert!(errors[0].contains("not UTF-8 at byte 5"), "{errors:?}");
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_a_circle_or_out_are_refused() {
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
    assert!(errors.contains("cannot read \"loop\""), "{errors}");
    let out = errors.matches("leads out of the configuration's directory");
    assert_eq!(out.count(), 3, "{errors}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let directory =
        Directory::with(&[("main.eci.toml", "[output.o]\nvalue = '${file(\"pipe\")}'\n")]);
    let made = std::process::Command::new("mkfifo")
        .arg(directory.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let errors = lines(&directory.load().unwrap_err()).join("\n");
    assert!(errors.contains("it is not a file"), "{errors}");
}

#[cfg(unix)]
#[test]
fn a_manifest_that_cannot_be_read_is_not_passed_over() {
    let directory = Directory::with(&[("a.eci.toml", "[eip.web]\nauto = true\n")]);
    let (link, pipe) = ("b.eci.toml", "c.eci.toml");
    std::os::unix::fs::symlink("nowhere", directory.path().join(link)).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(directory.path().join(pipe))
        .status();
    assert!(made.unwrap().success());
    let told = lines(&directory.load().unwrap_err());
    assert_eq!(told.len(), 2, "{told:?}");
    for (line, name) in told.iter().zip([link, pipe]) {
        assert!(
            line.contains("cannot read") && line.contains(name),
            "{line}"
        );
    }
}
