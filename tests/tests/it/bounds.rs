//! Expensive manifests of at most a megabyte, each checked by a separate process whose time and
//! memory are measured. `BOUNDS=all` checks all of them; by default one or a few of each sort are
//! checked.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::process::{Child, Stdio};
use std::time::Duration;

use eci_tests::Project;
use eci_tests::binaries;

/// The largest size of the manifests of one configuration.
const MEGABYTE: usize = 1_000_000;

/// The most processor time. A build for tests is slower by a factor of about ten, and its budget is
/// a quarter as large.
const MOST_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 15 } else { 5 });

/// The most memory in KiB.
const MOST_MEMORY: u64 = 1 << 20;

/// The resources that a process has taken so far.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    time: Duration,
    /// The most memory at one time, in KiB.
    memory: u64,
}

/// Waits for the end of a process. Its memory is read while it runs and its time once it has
/// ended, before the system forgets it.
fn usage(mut child: Child) -> Usage {
    let about = |what: &str| {
        let path = format!("/proc/{}/{what}", child.id());
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let mut usage = Usage::default();
    loop {
        let status = about("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let memory = line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok());
        usage.memory = usage.memory.max(memory.unwrap_or_default());
        let stat = about("stat");
        // The name before may contain anything.
        let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<u64>().ok());
        // A tick is a hundredth of a second.
        let ticks = ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default();
        usage.time = Duration::from_millis(ticks * 10);
        if fields.first().is_none_or(|state| *state == "Z") || usage.time > 2 * MOST_TIME {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    child.wait().unwrap();
    usage
}

/// Returns the first few of these, or all of them on request.
fn some_of<T>(few: usize, all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    let count = match std::env::var("BOUNDS").as_deref() {
        Ok("all") => usize::MAX,
        _ => few,
    };
    all.into_iter().take(count)
}

/// A manifest and its path.
struct Manifest<'a> {
    path: &'a str,
    text: String,
}

/// The manifest of the root, and the path of the one of a module.
const MAIN: &str = "main.eci.toml";
const CALLED: &str = "a/main.eci.toml";

/// Checks manifests within the bounds.
fn check(name: &str, manifests: &[Manifest<'_>]) {
    check_by(&["validate"], name, manifests);
}

/// Checks manifests within the bounds by a command.
fn check_by(command: &[&str], name: &str, manifests: &[Manifest<'_>]) {
    let size: usize = manifests.iter().map(|it| it.text.len()).sum();
    assert!(size <= MEGABYTE, "{name}: {size}");
    let project = Project::empty();
    for manifest in manifests {
        let path = project.path().join(manifest.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        project.write(manifest.path, &manifest.text);
    }
    let child = binaries::command("eci")
        .args(command)
        .arg("-C")
        .arg(project.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let usage = usage(child.unwrap());
    assert!(usage.memory > 0, "{name}: {usage:?}");
    assert!(usage.time < MOST_TIME, "{name}: {usage:?}");
    assert!(usage.memory < MOST_MEMORY, "{name}: {usage:?}");
}

fn check_one(name: &str, text: String) {
    check(name, &[Manifest { path: MAIN, text }]);
}

/// Checks a manifest and that of the module in `a`.
fn check_both(name: &str, text: String, called: String) {
    let called = Manifest {
        path: CALLED,
        text: called,
    };
    check(name, &[Manifest { path: MAIN, text }, called]);
}

/// Concatenates as many parts as fit into a number of bytes.
fn up_to(bytes: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for at in 0.. {
        let part = part(at);
        if text.len() + part.len() > bytes {
            break;
        }
        text.push_str(&part);
    }
    text
}

/// Concatenates a head and as many lines as fit into a megabyte, with a reserve.
fn filled(head: &str, line: impl Fn(usize) -> String) -> String {
    head.to_owned() + &up_to(MEGABYTE - 1000 - head.len(), line)
}

/// A local of a megabyte of text.
const LONG: &str =
    "[locals]\nlong = '${join(\"\", [for i in range(1000) : format(\"%1000d\", i)])}'\n";

/// Nine thousand keys.
const KEYS: &str = "${flatten([for a in range(9) : [for b in range(1000) : \"k${a}x${b}\"]])}";

#[test]
fn very_many_mistakes_are_reported_soon() {
    let locals = |line: fn(usize) -> String| filled("[locals]\n", line);
    let cases = [
        (
            "one line",
            filled("[locals]\nl = [", |_| "'${u}',".to_owned()) + "]\n",
        ),
        (
            "undeclared",
            locals(|at| format!("l{at} = '${{local.u{at}}}'\n")),
        ),
        (
            "functions",
            locals(|at| format!("l{at} = '${{uper{at}(1)}}'\n")),
        ),
        ("syntax", locals(|at| format!("l{at} = '${{1 + }}'\n"))),
        ("twice", locals(|_| "a = 1\n".to_owned())),
        ("toml", filled("", |_| "a = '\n".to_owned())),
        (
            "empty",
            filled("", |at| format!("[container_group.a{at}]\n")),
        ),
    ];
    for (name, text) in some_of(1, cases) {
        check_one(name, text);
    }
}

#[test]
fn very_many_mistakes_are_written_soon_in_every_format() {
    let text = filled("[variable.ab]\n[locals]\na = '", |_| "${var.b}".to_owned()) + "'\n";
    let formats = [
        ["validate", "--format", "json"],
        ["validate", "--format", "sarif"],
        ["validate", "--format", "github"],
        ["plan", "--format", "json"],
        ["plan", "--format", "events"],
    ];
    for command in formats {
        let text = text.clone();
        check_by(
            &command,
            &command.join(" "),
            &[Manifest { path: MAIN, text }],
        );
    }
}

#[test]
fn values_that_are_held_at_one_time_are_bounded() {
    let values = [
        "join(\"\", [for i in range(16) : local.long])",
        "{for i in range(1000) : \"${i}\" => {a = i}}",
        "[for i in range(1000) : [i]]",
        "setproduct(range(100), range(100))",
        "split(\" \", local.long)",
        "jsondecode(\"[${join(\",\", [for i in range(1000) : \"[1]\"])}]\")",
        "yamldecode(\"[${join(\",\", [for i in range(1000) : \"{a: 1}\"])}]\")",
    ];
    for value in some_of(1, values) {
        let text = filled(LONG, |at| format!("l{at} = '${{{value}}}'\n"));
        check_one(value, text);
    }
}

#[test]
fn instances_of_resources_and_modules_are_bounded() {
    let each = |name: &str| format!("[eip.{name}]\nfor_each = '{KEYS}'\nauto = true\n");
    let pair = each("a") + &each("b") + "depends_on = ['eip.a']\n";
    check_one("dependencies", pair);
    if some_of(1, 0..2).count() == 1 {
        return;
    }
    check_one("resources", filled("", |at| each(&format!("a{at}"))));
    let called = filled("", |at| format!("[eip.a{at}]\nauto = true\n"));
    check_both("modules", call(), called);
    let eips = (0..1000).map(|at| format!("[eip.a{at}]\nauto = true\n"));
    let names: Vec<String> = (0..1000).map(|at| format!("eip.a{at}.address")).collect();
    let local = format!("[locals]\nall = '${{[{}]}}'\n", names.join(", "));
    let head = eips.collect::<String>() + &local;
    let volume = |at| format!("[volume.v{at}]\nname = '${{local.all[{}]}}'\n", at % 1000);
    check_one("references", filled(&head, volume));
}

/// A module with nine thousand instances.
fn call() -> String {
    format!("[module.a]\nsource = './a'\nfor_each = '{KEYS}'\n")
}

/// A container group with nine thousand instances and some text in its table and that of its
/// container.
fn group(own: &str, container: &str) -> String {
    format!(
        "[container_group.g]\nfor_each = '{KEYS}'\naz_name = 'z'\nvpc_id = 'v'\nvswitch_id = 's'\n\
         security_group_id = 'g'\n{own}\n[[container_group.g.containers]]\nname = 'c'\n\
         image = 'x'\n{container}\n"
    )
}

/// Half a megabyte of elements between a beginning and an end.
fn many(begin: &str, element: impl Fn(usize) -> String, end: &str) -> String {
    begin.to_owned() + &up_to(MEGABYTE / 2, element) + end
}

#[test]
fn what_is_written_is_done_with_for_few_instances_where_it_is_much() {
    let ignored = |path: fn(usize) -> String| {
        let path = |at| format!("'{}',", path(at));
        many("lifecycle = { ignore_changes = [", path, "] }")
    };
    let eips = up_to(MEGABYTE / 3, |at| format!("[eip.e{at}]\n"));
    let named = |begin: &str, end: &str| {
        let names = up_to(MEGABYTE / 3, |at| format!("'eip.e{at}',"));
        group(&format!("{begin}{names}{end}"), "") + &eips
    };
    let mount = |at| format!("{{ volume = 'v', mount_path = '/p{at}' }},");
    let env = |at| format!("A{at} = '${{local.u{at}}}',");
    let key = |at: usize| format!("zz{at} = 1\n");
    let containers =
        |at| format!("[[container_group.g.containers]]\nname = 'c{at}'\nimage = 'x'\n");
    let containers = up_to(MEGABYTE / 3, containers);
    let by_name = ignored(|at| format!("containers[\"x{at}\"].image"));
    let cases = [
        ("values", group("", &many("env = {", env, "A = 'x' }"))),
        (
            "ignored",
            group(&ignored(|at| format!("containers[{at}].image")), ""),
        ),
        (
            "ignored and right",
            group(&ignored(|at| format!("tags.a{at}")), ""),
        ),
        ("ignored by name", group(&by_name, &containers)),
        (
            "timeouts",
            group(
                &many("timeouts = {", |at| format!("x{at} = '1m',"), "x = '1m' }"),
                "",
            ),
        ),
        ("keys", group(&many("", key, ""), "")),
        (
            "replacing",
            named("lifecycle = { replace_triggered_by = [", "] }"),
        ),
        ("dependencies", named("depends_on = [", "]")),
        ("mounts", group("", &many("volume_mounts = [", mount, "]"))),
        (
            "ports",
            group(
                "",
                &many("ports = [", |at| format!("{{ port = {} }},", at % 3), "]"),
            ),
        ),
        (
            "containers",
            group("", &many("", |_| containers[..60].to_owned(), "")),
        ),
    ];
    for (name, text) in some_of(2, cases) {
        check_one(name, text);
    }
}

#[test]
fn what_is_wrong_in_a_module_is_found_in_few_of_its_instances_where_it_is_much() {
    let inputs = many(
        "[module.a.inputs]\n",
        |at| format!("v{at} = '${{local.u}}'\n"),
        "",
    );
    let variables = up_to(MEGABYTE / 3, |at| format!("[variable.v{at}]\n"));
    let ty = up_to(MEGABYTE / 2, |at| format!("a{at} = optional(string),"));
    let ty = format!("[variable.o]\ntype = 'object({{{ty}}})'\ndefault = {{}}\n");
    let rule = "[[variable.v.validation]]\ncondition = '${var.v == 2}'\nerror_message = 'e'\n";
    let rules = filled("[variable.v]\ndefault = 1\n", |_| rule.to_owned());
    let calls = |at| format!("[module.m{at}]\nsource = './a'\n");
    let waiting = many("depends_on = [", |_| "'eip.e',".to_owned(), "]\n");
    let waiting = call() + &waiting + &format!("[eip.e]\nfor_each = '{KEYS}'\n");
    let cases = [
        ("inputs", call() + &inputs, variables.clone()),
        (
            "locals",
            call(),
            filled("[locals]\n", |at| format!("l{at} = '${{local.u{at}}}'\n")),
        ),
        (
            "outputs",
            call(),
            filled("", |at| format!("[output.o{at}]\nvalue = '${{local.u}}'\n")),
        ),
        ("type", call(), ty),
        ("rules", call(), rules),
        ("calls", up_to(MEGABYTE / 2, calls), variables),
        ("waiting", waiting, "[eip.a]\n[eip.b]\n".to_owned()),
    ];
    for (name, text, called) in some_of(1, cases) {
        check_both(name, text, called);
    }
}

#[test]
fn types_of_any_width_and_depth_are_compared_soon() {
    let object = |count, attribute: &str| {
        let attributes = (0..count).map(|at| format!("a{at} = {attribute},"));
        format!("object({{{}}})", attributes.collect::<String>())
    };
    let wide =
        |ty: &str, default: String| format!("[variable.o]\ntype = '{ty}'\ndefault = {default}\n");
    let list = |element: fn(usize) -> String| format!("[{}]", up_to(MEGABYTE / 2, element));
    let table = |key: char| {
        let entries = up_to(MEGABYTE / 3, |at| format!("{key}{at} = 1,"));
        format!("{{{entries}a = 1}}")
    };
    let optional = object(1000, "optional(string)");
    let deep = format!("{}string{}", "list(".repeat(60), ")".repeat(60));
    let both = up_to(MEGABYTE - 1000, |_| object(1000, "string") + ",");
    let keys: String = (0..1000).map(|at| format!("a{at}=1,")).collect();
    let objects = up_to(MEGABYTE - 1000, |_| format!("{{{keys}}},"));
    let defaults = list(|_| "{},".to_owned());
    let cases = [
        ("missing", wide(&object(60_000, "string"), "{}".to_owned())),
        ("objects", format!("[locals]\nl = '${{[{objects}]}}'\n")),
        ("types", wide(&format!("tuple([{both}])"), "[]".to_owned())),
        (
            "list of objects",
            wide(&format!("list({optional})"), defaults),
        ),
        ("misspelled", wide(&optional, table('b'))),
        ("map", wide("map(number)", table('a'))),
        ("set", wide("set(string)", list(|at| format!("'a{at}',")))),
        (
            "set of objects",
            wide(
                "set(object({ a = number }))",
                list(|at| format!("{{a={at}}},")),
            ),
        ),
        (
            "deep",
            wide(&deep, list(|_| "[".repeat(50) + &"]".repeat(50) + ",")),
        ),
    ];
    for (name, text) in some_of(1, cases) {
        check_one(name, text);
    }
}

#[test]
fn a_line_of_any_length_is_looked_through_once() {
    let key = |at: usize| format!("a{at}=1\n");
    let keys = up_to(MEGABYTE / 2 - 100, key);
    let tables = up_to(MEGABYTE / 2 - 100, |at| format!("[eip.a{at}]\n"));
    let cases = [
        ("carriage returns", "\r".repeat(MEGABYTE)),
        ("keys", "a\r".repeat(MEGABYTE / 2)),
        ("comments", "# x\r".repeat(MEGABYTE / 4)),
        ("secrets", "password=".repeat(MEGABYTE / 9)),
        ("keys twice", format!("[locals]\n{keys}{keys}")),
        ("tables twice", tables.repeat(2)),
    ];
    for (name, text) in some_of(3, cases) {
        check_one(name, text);
    }
}

const LEAVES: [&str; 6] = [
    "local.long",
    "range(1000)",
    "x",
    "\"a${x}\"",
    "[x, x]",
    "{a = x}",
];

/// Nested expressions, each inserted at the `E` of the outer one.
const AROUND: [&str; 24] = [
    "[for x in range(1000) : E]",
    "{for x in range(1000) : \"k${x}\" => E}",
    "join(\"\", [for x in range(100) : E])",
    "length(E)",
    "try(E, E)",
    "can(E)",
    "E == E",
    "x > 1 ? E : E",
    "jsonencode(E)",
    "yamldecode(yamlencode(E))",
    "jsondecode(jsonencode(E))",
    "split(\"\", E)",
    "substr(E, 5, 100000)",
    "regexall(\"[0-9]+\", E)",
    "replace(E, \"/[0-9]/\", \"$0$0\")",
    "concat(E, E)",
    "flatten([E, E])",
    "setproduct(E, E)",
    "distinct(E)",
    "sha512(E)",
    "format(\"%s%v\", E, E)",
    "E[*]",
    "base64gzip(E)",
    "\"${E}%{ for y in range(1000) }${E}%{ endfor }\"",
];

/// An expression put together at random of what can be large.
fn expression(random: &mut fastrand::Rng, depth: usize) -> String {
    if depth == 0 {
        return LEAVES[random.usize(..LEAVES.len())].to_owned();
    }
    let mut text = String::new();
    for (at, part) in AROUND[random.usize(..AROUND.len())].split('E').enumerate() {
        if at > 0 {
            text.push_str(&expression(random, depth - 1));
        }
        text.push_str(part);
    }
    text
}

#[test]
fn the_cost_of_any_expression_is_bounded() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in some_of(4, 0..60) {
        let depth = random.usize(1..5);
        let value = expression(&mut random, depth);
        let output = format!("[output.o]\nvalue = '''${{[for x in range(1000) : {value}]}}'''\n");
        check_one(&value, LONG.to_owned() + &output);
    }
}
