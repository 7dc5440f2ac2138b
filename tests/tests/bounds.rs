//! Manifests of at most a megabyte that ask for much, each checked by a process of its own whose
//! time and memory are measured. `BOUNDS=all` checks all of them, and otherwise one or a few of each
//! sort.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use eci_tests::Project;
use eci_tests::binaries::program;

/// The largest size of the manifests of one configuration.
const MEGABYTE: usize = 1_000_000;

/// The most processor time. A build for tests is slower by a factor of about ten, and its budget is
/// a quarter as large.
const MOST_TIME: Duration = Duration::from_secs(match cfg!(debug_assertions) {
    true => 15,
    false => 5,
});

/// The most memory in KiB.
const MOST_MEMORY: u64 = 1 << 20;

/// What a process has taken so far.
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

/// The first few of these, or all of them if all were asked for.
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

/// Checks manifests within the bounds.
fn check(name: &str, manifests: &[Manifest<'_>]) {
    let size: usize = manifests.iter().map(|it| it.text.len()).sum();
    assert!(size <= MEGABYTE, "{name}: {size}");
    let project = Project::empty();
    for manifest in manifests {
        let path = project.path().join(manifest.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        project.write(manifest.path, &manifest.text);
    }
    let child = Command::new(program("eci"))
        .args(["validate", "-C"])
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
    let path = "main.eci.toml";
    check(name, &[Manifest { path, text }]);
}

/// A head, and as many lines as fit into a megabyte with something else.
fn filled(head: &str, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    for at in 0.. {
        let line = line(at);
        if text.len() + line.len() > MEGABYTE - 1000 {
            break;
        }
        text.push_str(&line);
    }
    text
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
    let call = Manifest {
        path: "main.eci.toml",
        text: format!("[module.a]\nsource = './a'\nfor_each = '{KEYS}'\n"),
    };
    let called = Manifest {
        path: "a/main.eci.toml",
        text: filled("", |at| format!("[eip.a{at}]\nauto = true\n")),
    };
    check("modules", &[call, called]);
    let eips = (0..1000).map(|at| format!("[eip.a{at}]\nauto = true\n"));
    let names: Vec<String> = (0..1000).map(|at| format!("eip.a{at}.address")).collect();
    let local = format!("[locals]\nall = '${{[{}]}}'\n", names.join(", "));
    let head = eips.collect::<String>() + &local;
    let volume = |at| format!("[volume.v{at}]\nname = '${{local.all[{}]}}'\n", at % 1000);
    check_one("references", filled(&head, volume));
}

const LEAVES: [&str; 6] = [
    "local.long",
    "range(1000)",
    "x",
    "\"a${x}\"",
    "[x, x]",
    "{a = x}",
];

/// Expressions around others, each of which stands where there is an `E`.
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
