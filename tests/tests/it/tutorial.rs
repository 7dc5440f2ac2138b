//! The tutorial, the README and the page on diagnostics show real output, in each language.
//!
//! The commands of a page are run, and the output must be as the page shows it in its language. `…` is any number of
//! lines. With `UPDATE=1`, each line that differs is replaced by the most similar line of the output: read what it wrote.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use eci_tests::Project;
use eci_tests::binaries::{self, workspace};
use regex::Regex;
use similar::TextDiff;

/// A line that is any number of lines.
const ELISION: &str = "…";

/// The least similarity of a line and its update.
const SIMILAR: f32 = 0.5;

/// A part that differs between two runs, apart from durations: an ID or an IP address.
static ID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"eci-[0-9a-z]{20,}|eip-[0-9a-z]{10}\b|\b(?:198\.1[89]|10\.0)\.\d+\.\d+").unwrap()
});

/// The configuration whose plan the README shows.
const PLANNED: &str = r#"[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[output.address]
value = '${eip.front.address}'

[container_group.web]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
eip = "front"

[[container_group.web.containers]]
name = "nginx"
image = "nginx:1.28"
cpu = 1
memory = 2

[container_group.worker]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-a1b2c3d4e5"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"

[[container_group.worker.containers]]
name = "worker"
image = "busybox:1.36"
cpu = 1
memory = 2
command = ["sleep", "infinity"]

[eip.front]
bandwidth = 5
"#;

/// The configuration whose error the page on diagnostics shows.
const MISSPELLED: &str = r#"[container_group.web]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
restart_polcy = "Always"
containers = [{ name = "nginx", image = "nginx:1.27", cpu = 1, memory = 2 }]
"#;

/// A page in one language.
struct Page {
    lang: &'static str,
    path: PathBuf,
    lines: Vec<String>,
}

/// The content of a code block.
struct Block {
    language: String,
    /// The index of its first line in the page.
    start: usize,
    lines: Vec<String>,
}

/// An output that a page shows, and the real one.
struct Sample {
    /// The index of its first line in the page.
    start: usize,
    shown: Vec<String>,
    output: Vec<String>,
}

impl Page {
    fn in_each_language(english: &str, chinese: &str) -> [Page; 2] {
        [("en", english), ("zh", chinese)].map(|(lang, path)| {
            let path = workspace().join(path);
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(str::to_owned).collect();
            Page { lang, path, lines }
        })
    }

    fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut is_open = false;
        for (index, line) in self.lines.iter().enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                is_open = !is_open;
                if is_open {
                    let language = language.to_owned();
                    let (start, lines) = (index + 1, Vec::new());
                    blocks.push(Block {
                        language,
                        start,
                        lines,
                    });
                }
            } else if is_open {
                blocks.last_mut().unwrap().lines.push(line.clone());
            }
        }
        blocks
    }

    /// Returns the blocks in this language.
    fn blocks_in(&self, language: &str) -> Vec<Block> {
        let mut blocks = self.blocks();
        blocks.retain(|block| block.language == language);
        blocks
    }

    /// Runs a command line in a project and returns the lines of its output.
    fn run(&self, project: &Project, line: &str) -> Vec<String> {
        let mut paths = vec![binaries::program("eci").parent().unwrap().to_owned()];
        paths.extend(env::split_paths(&env::var_os("PATH").unwrap()));
        let prompts = ["eci apply", "eci destroy"];
        let is_prompted = prompts.iter().any(|it| line.starts_with(it));
        let approved = if is_prompted && !line.ends_with("--auto-approve") {
            format!("{line} --auto-approve")
        } else {
            line.to_owned()
        };
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {approved}")])
            .current_dir(project.path())
            .env_clear()
            .env("PATH", env::join_paths(paths).unwrap())
            .env("HOME", project.path())
            .env("ECI_LANG", self.lang)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Checks the samples of this page, or updates them.
    fn check(&self, samples: &[Sample]) {
        let stale: Vec<&Sample> = samples.iter().filter(|it| !it.is_current()).collect();
        if env::var_os("UPDATE").is_some() {
            let ids = ids(samples);
            let mut lines = self.lines.clone();
            for sample in stale.iter().rev() {
                let end = sample.start + sample.shown.len();
                lines.splice(sample.start..end, sample.updated(&ids));
            }
            fs::write(&self.path, lines.join("\n") + "\n").unwrap();
            return;
        }
        let problems: Vec<String> = stale.iter().map(|it| it.problem(&self.path)).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n\n"));
        assert_one_to_one(samples);
    }
}

impl Sample {
    fn is_current(&self) -> bool {
        matches(&self.shown, &self.output)
    }

    fn problem(&self, path: &std::path::Path) -> String {
        let (path, line) = (path.display(), self.start + 1);
        let output = self.output.join("\n");
        format!("{path}:{line} shows another output (UPDATE=1 updates similar lines):\n{output}")
    }

    /// Returns the output with the lines left out that are left out now, and the IDs of the page.
    fn updated(&self, ids: &BTreeMap<String, String>) -> Vec<String> {
        let mut updated = Vec::new();
        let mut next = 0;
        for (index, shown) in self.shown.iter().enumerate() {
            let is_before_prompt = self.shown.get(index + 1).is_some_and(|it| is_prompt(it));
            if is_prompt(shown) || shown.is_empty() && is_before_prompt {
                updated.push(shown.clone());
                continue;
            }
            let rest = self.output.iter().enumerate().skip(next);
            let similarity = |line: &str| TextDiff::from_chars(masked(shown), masked(line)).ratio();
            let ranked = rest.map(|(index, line)| (similarity(line), index));
            let best =
                ranked.max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(&one.1)));
            let Some((_, index)) = best.filter(|best| best.0 >= SIMILAR && shown != ELISION) else {
                continue;
            };
            if index > next && updated.last().is_none_or(|it| it != ELISION) {
                updated.push(ELISION.to_owned());
            }
            let line = &self.output[index];
            updated.push(if masked(line) == masked(shown) {
                shown.clone()
            } else {
                let renamed = ID.replace_all(line, |found: &regex::Captures| {
                    let known = ids.get(&found[0]).cloned();
                    known.unwrap_or_else(|| found[0].to_owned())
                });
                renamed.into_owned()
            });
            next = index + 1;
        }
        if next < self.output.len() {
            updated.push(ELISION.to_owned());
        }
        updated
    }
}

/// Returns the line without what differs between two runs, and without alignment.
fn masked(line: &str) -> String {
    static DURATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\d+(?:\.\d)?s\b").unwrap());
    static SPACES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\S) {2,}").unwrap());
    let line = ID.replace_all(line, "ID");
    let line = DURATION.replace_all(&line, "0s");
    SPACES.replace_all(&line, "$1  ").trim_end().to_owned()
}

/// Returns whether the line is a prompt or the answer to one: commands are run without.
fn is_prompt(line: &str) -> bool {
    static TEXTS: LazyLock<String> = LazyLock::new(|| {
        let path = workspace().join("crates/eci-cli/src/commands/approve.rs");
        fs::read_to_string(path).unwrap()
    });
    line.starts_with("> ") || line.contains("`yes`") && TEXTS.contains(&format!(": \"{line}\""))
}

/// Returns whether an output is as it is shown.
fn matches(shown: &[String], output: &[String]) -> bool {
    match shown.split_first() {
        None => output.is_empty(),
        // A prompt is preceded by an empty line.
        Some((first, rest)) if first.is_empty() && rest.first().is_some_and(|it| is_prompt(it)) => {
            matches(rest, output)
        }
        Some((first, rest)) if first == ELISION || is_prompt(first) => {
            (0..=output.len()).any(|skipped| matches(rest, &output[skipped..]))
        }
        Some((first, rest)) => match output.split_first() {
            Some((line, more)) => masked(first) == masked(line) && matches(rest, more),
            None => false,
        },
    }
}

/// Returns the pairs of IDs in lines of outputs and in the same lines of the page.
fn pairs(samples: &[Sample]) -> Vec<[String; 2]> {
    let mut pairs = Vec::new();
    for sample in samples {
        for shown in &sample.shown {
            let mask = masked(shown);
            let mut same = sample.output.iter().filter(|line| masked(line) == mask);
            if let (Some(line), None) = (same.next(), same.next()) {
                let both = ID.find_iter(line).zip(ID.find_iter(shown));
                pairs.extend(
                    both.map(|(real, shown)| [real, shown].map(|it| it.as_str().to_owned())),
                );
            }
        }
    }
    pairs
}

fn ids(samples: &[Sample]) -> BTreeMap<String, String> {
    pairs(samples)
        .into_iter()
        .map(|[real, shown]| (real, shown))
        .collect()
}

/// Checks that one ID of a run is one ID on the page.
fn assert_one_to_one(samples: &[Sample]) {
    let ids = ids(samples);
    for [real, shown] in pairs(samples) {
        assert_eq!(
            ids[&real], shown,
            "one ID of the run is two IDs on the page"
        );
    }
}

/// Returns the commands of a block with what is shown of their outputs.
fn commands(block: &Block) -> Vec<(String, Sample)> {
    let mut commands: Vec<(String, Sample)> = Vec::new();
    for (index, line) in block.lines.iter().enumerate() {
        if let Some(command) = line.strip_prefix("$ ") {
            let sample = Sample {
                start: block.start + index + 1,
                shown: Vec::new(),
                output: Vec::new(),
            };
            commands.push((command.to_owned(), sample));
        } else {
            commands.last_mut().unwrap().1.shown.push(line.clone());
        }
    }
    commands
}

#[test]
fn the_tutorial_shows_what_its_commands_print() {
    for page in Page::in_each_language("docs/tutorial.md", "docs/zh/tutorial.md") {
        let project = Project::empty();
        let mut samples = Vec::new();
        let (mut configurations, mut consoles) = (0, 0);
        for block in page.blocks() {
            let text = block.lines.join("\n") + "\n";
            match &*block.language {
                "toml" => {
                    configurations += 1;
                    add_configuration(&project, configurations, &text);
                }
                "console" => {
                    consoles += 1;
                    edit_before(&project, consoles);
                    for (command, mut sample) in commands(&block) {
                        sample.output = page.run(&project, &command);
                        samples.push(sample);
                    }
                }
                _ => {}
            }
        }
        assert_eq!((configurations, consoles), (7, 17));
        page.check(&samples);
    }
}

/// Adds a configuration of the tutorial where its text says.
fn add_configuration(project: &Project, number: usize, text: &str) {
    const MAIN: &str = "web.eci.toml";
    let append = || project.write(MAIN, &format!("{}\n{text}", project.read(MAIN)));
    match number {
        1 => project.write(MAIN, text),
        2 => project.edit(MAIN, "image = \"nginx:1.28\"\n", text),
        3 | 5 => append(),
        4 => {
            let zone = "az_name = \"cn-huadong1-jsnj1A-public-ctcloud\"\n";
            project.edit(MAIN, zone, &format!("{zone}{text}"));
        }
        6 => project.write("workers.eci.toml", text),
        _ => {
            let state = fs::read_to_string(project.path().join("state/state.json"));
            let state = state.unwrap_or_default();
            let id = ID
                .find_iter(&state)
                .find(|it| it.as_str().starts_with("eip-"));
            let id = id.expect("the state has the EIP").as_str();
            let own = ID.replace(text, id);
            project.write("colleague/eip.eci.toml", &own);
        }
    }
}

/// Makes the edit that the tutorial requires before one of its `console` blocks.
fn edit_before(project: &Project, number: usize) {
    match number {
        5 => project.edit("web.eci.toml", "nginx:1.27", "nginx:1.28"),
        6 => project.edit("web.eci.toml", "subnet-y9n723knrg", "subnet-a1b2c3d4e5"),
        12 => project.edit("workers.eci.toml", "\"mail\", ", ""),
        _ => {}
    }
}

#[test]
fn the_readme_shows_what_the_quickstart_and_a_plan_print() {
    for page in Page::in_each_language("README.md", "README.zh.md") {
        let [plan, apply]: [Block; 2] = page.blocks_in("text").try_into().ok().unwrap();
        let quickstart = Project::example("quickstart");
        let applied = page.run(&quickstart, "eci apply --sandbox");

        let project = Project::empty();
        let manifest = PLANNED
            .replace("eip = \"front\"\n", "")
            .replace("nginx:1.28", "nginx:1.27")
            .replace("subnet-a1b2c3d4e5", "subnet-y9n723knrg");
        let (resources, _) = manifest.split_once("[eip.front]").unwrap();
        let (provider, groups) = resources.split_once("[output.address]").unwrap();
        let (_, groups) = groups.split_once("\n\n").unwrap();
        project.write("web.eci.toml", &format!("{provider}{groups}"));
        page.run(&project, "eci apply --sandbox");
        project.write("web.eci.toml", PLANNED);
        let planned = page.run(&project, "eci plan --sandbox");
        let sample = |block: Block, output| Sample {
            start: block.start,
            shown: block.lines,
            output,
        };
        page.check(&[sample(plan, planned), sample(apply, applied)]);
    }
}

#[test]
fn the_page_on_diagnostics_shows_a_real_error() {
    for page in Page::in_each_language("docs/diagnostics.md", "docs/zh/diagnostics.md") {
        let [block]: [Block; 1] = page.blocks_in("text").try_into().ok().unwrap();
        let project = Project::empty();
        project.write("web.eci.toml", MISSPELLED);
        let mut output = page.run(&project, "eci validate");
        let end = output.iter().position(String::is_empty).unwrap();
        output.truncate(end);
        page.check(&[Sample {
            start: block.start,
            shown: block.lines,
            output,
        }]);
    }
}

#[test]
fn a_stale_line_is_found_and_updated() {
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (one, other) = ("eip-aaaaaaaaaa", "eip-bbbbbbbbbb");
    let output = lines(&format!(
        "x: created ({other})\nfurther\nlines\nPlan: 1 to create.\ny uses {other}"
    ));
    let sample = |shown: String| Sample {
        start: 0,
        shown: lines(&shown),
        output: output.clone(),
    };
    let current = sample(format!(
        "x: created ({one})\n…\nPlan: 1 to create.\ny uses {one}"
    ));
    assert!(current.is_current());
    let stale = sample(format!(
        "x: created ({one})\n…\nPlan: 2 to create.\ny used {one}"
    ));
    assert!(!stale.is_current());
    let updated = stale.updated(&ids(&[current, sample(String::new())]));
    assert_eq!(
        updated,
        lines(&format!(
            "x: created ({one})\n…\nPlan: 1 to create.\ny uses {one}"
        ))
    );
    assert!(!sample(format!("x: created ({one})")).is_current());
}
