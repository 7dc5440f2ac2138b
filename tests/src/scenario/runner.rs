//! Plays a scenario: step by step, with the real programs.

use std::collections::BTreeMap;
use std::path::Path;

use eci_sandbox::{Fault, OutOfBandChange as Change, Rule};
use serde_json::Value;

use super::expected::{self, Texts};
use super::mask::Names;
use super::script::{OutOfBandChange, Script, Step};
use super::{Scenario, calls};
use crate::untranslated::untranslated;
use crate::{Cloud, Eci, Project, REGION, Run};

/// One call after another, so that their order is always the same.
const IN_ORDER: &str = "--parallelism=1";

/// The calls that list.
const LISTS: [&str; 3] = ["describeContainerGroups", "eip/new-list", "ebs/list-ebs"];

/// The calls that create or order.
const CREATES: [&str; 3] = ["createContainerGroup", "eip/create", "ebs/new-ebs"];

/// The calls that order, and that a token makes harmless to repeat.
const ORDERS: [&str; 4] = ["eip/create", "eip/delete", "ebs/new-ebs", "ebs/refund-ebs"];

/// Every other list lacks a row, every other order is done twice, and every third create is refused
/// although it was done: the next one may be the one that finds that out.
fn lies() -> Vec<Rule> {
    let lists = LISTS.map(|list| (2, Rule::new(list, Fault::MissingRow)));
    let orders = ORDERS.map(|order| (2, Rule::new(order, Fault::Duplicated)));
    let creates = CREATES.map(|create| (3, Rule::refused_after(create, 422)));
    let rules = lists.into_iter().chain(orders).chain(creates);
    let lies = rules.map(|(every, rule)| Rule {
        every: Some(every),
        ..rule
    });
    lies.collect()
}

/// The mode of playing a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayMode {
    /// A comparison with the files of its folder.
    Compare,
    /// The result is recorded as expected.
    Update,
    /// In a cloud that lies: the plans and how runs end are the same.
    WithLies,
    /// In Chinese: runs end in the same way, and no sentence is in English.
    InChinese,
}

/// The exit code of an apply of which some failed.
const SOME_FAILED: i32 = 3;

/// Commands that talk to the cloud.
const CALLING_COMMANDS: [&str; 10] = [
    "apply", "destroy", "events", "exec", "import", "logs", "orphans", "plan", "refresh", "restart",
];

/// Plays a scenario and compares what comes out with what is expected, or writes it down.
///
/// # Errors
///
/// What went otherwise than expected.
///
/// # Panics
///
/// If the scenario is not well written, or the harness fails.
pub fn play(scenario: &Scenario, mode: PlayMode) -> Result<(), String> {
    let script = Script::read(&scenario.directory);
    let mut stage = Stage {
        lies: mode == PlayMode::WithLies,
        lang: match mode {
            PlayMode::InChinese => "zh",
            _ => "en",
        },
        cloud: Cloud::in_memory(),
        project: Project::empty(),
        texts: Texts::new(),
        calls: 0,
    };
    let mut problems = String::new();
    for (at, step) in script.steps.iter().enumerate() {
        let number = at + 1;
        stage.set(&scenario.directory.join(number.to_string()));
        if let Err(problem) = stage.step(number, step) {
            problems += &format!("step {number}: {problem}\n");
            break;
        }
    }
    let folder = scenario.directory.join("expected");
    let compared = match mode {
        PlayMode::Update => {
            expected::write(&folder, &stage.texts);
            Ok(())
        }
        PlayMode::Compare => expected::compare(&folder, &stage.texts),
        // It takes other calls to find out the truth.
        PlayMode::WithLies => {
            let is_plan = |name: &str| name.ends_with(".plan.txt");
            expected::compare_those(&folder, &stage.texts, is_plan)
        }
        PlayMode::InChinese => {
            let texts = stage.texts.iter();
            let shown = texts.filter(|(name, _)| !name.ends_with(".calls.txt"));
            let english: String = shown
                .flat_map(|(name, text)| untranslated(text).map(move |line| (name, line)))
                .map(|(name, line)| format!("{name} is in English: {line}\n"))
                .collect();
            if english.is_empty() {
                Ok(())
            } else {
                Err(english)
            }
        }
    };
    if let Err(differences) = compared {
        problems += &differences;
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

struct Stage {
    /// Whether the cloud lies.
    lies: bool,
    lang: &'static str,
    cloud: Cloud,
    project: Project,
    texts: Texts,
    /// The number of changing calls in earlier steps.
    calls: usize,
}

impl Stage {
    /// Makes these the manifests, if they are there.
    fn set(&self, manifests: &Path) {
        if manifests.is_dir() {
            self.project.replace_by(manifests);
        }
    }

    fn step(&mut self, number: usize, step: &Step) -> Result<(), String> {
        for change in &step.out_of_band {
            self.change_out_of_band(change);
        }
        // What a step lets fail would not fail as it says.
        if self.lies && step.faults.is_empty() {
            self.cloud.fail(lies())
        } else {
            self.cloud.fail(step.faults.iter().cloned())
        }
        self.commands(number, "before", &step.before)?;
        let mut exit = None;
        if step.plan && !step.setup {
            exit = Some(self.plan(number, step));
        }
        if step.apply {
            exit = Some(self.apply(number, step));
        }
        self.cloud.heal();
        let after = self.commands(number, "after", &step.after);
        self.note_calls(number, step.setup);
        after?;
        let expected = step.expect_exit.unwrap_or(if step.apply { 0 } else { 2 });
        if exit.is_some_and(|exit| exit != expected) {
            let exit = exit.unwrap_or_default();
            let said = self.texts.get(&format!("{number}.apply.txt"));
            let said = said.cloned().unwrap_or_default();
            return Err(format!("it exits with {exit}, not {expected}\n{said}"));
        }
        let is_complete = step.apply && expected == 0;
        if step.expect_empty_plan.unwrap_or(is_complete) {
            self.check_no_changes(step)
        } else {
            Ok(())
        }
    }

    fn plan(&mut self, number: usize, step: &Step) -> i32 {
        let command = self
            .project
            .plan(&self.cloud)
            .args(self.words(&step.flags))
            .args(self.words(&step.plan_flags));
        let flags = [step.flags.as_str(), &step.plan_flags].join(" ");
        let shown = format!("eci-plan {}", flags.trim());
        let run = self.with_variables(command, step).run();
        let text = self.transcript(&shown, &run);
        self.texts.insert(format!("{number}.plan.txt"), text);
        run.code()
    }

    fn apply(&mut self, number: usize, step: &Step) -> i32 {
        let flags = step.apply_flags.as_ref().unwrap_or(&step.flags);
        let command = self.project.apply(&self.cloud).args(self.words(flags));
        let run = self.with_variables(command.arg(IN_ORDER), step).run();
        if run.code() != 0 {
            let mut text = self.transcript(&format!("eci-apply {flags}"), &run);
            // It begins with the plan, which is there already.
            if let Some(plan) = self.texts.get(&format!("{number}.plan.txt")) {
                let said = plan
                    .split_once('\n')
                    .and_then(|(_, said)| said.rsplit_once("exit"));
                let (said, _) = said.unwrap_or_default();
                if run.code() == SOME_FAILED && !said.is_empty() {
                    text = text.replace(said, "(the plan)\n");
                }
            }
            self.texts.insert(format!("{number}.apply.txt"), text);
        }
        run.code()
    }

    fn check_no_changes(&self, step: &Step) -> Result<(), String> {
        let run = self
            .with_variables(self.project.plan(&self.cloud), step)
            .run();
        match run.code() {
            0 => Ok(()),
            _ => Err(format!(
                "the next plan is not empty:\n{}",
                self.transcript("eci-plan", &run)
            )),
        }
    }

    fn commands(&mut self, number: usize, when: &str, commands: &[String]) -> Result<(), String> {
        let mut text = String::new();
        let mut wrong = String::new();
        for line in commands {
            let (command, fails) = match line.strip_prefix("! ") {
                Some(command) => (command, true),
                None => (line.as_str(), false),
            };
            let mut eci = self.in_region(Eci::new("eci", self.project.path()));
            eci = eci.args(self.words(command));
            if CALLING_COMMANDS
                .iter()
                .any(|name| command.starts_with(name))
            {
                eci = eci.args(self.cloud.flags());
            }
            let run = eci.run();
            let transcript = self.transcript(&format!("eci {command}"), &run);
            if (run.code() != 0) != fails {
                wrong += &transcript;
            }
            text += &transcript;
        }
        if !text.is_empty() {
            self.texts.insert(format!("{number}.{when}.txt"), text);
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("a command ends otherwise than expected:\n{wrong}"))
        }
    }

    fn note_calls(&mut self, number: usize, setup: bool) {
        let requests = self.cloud.sandbox().requests(None);
        let names = Names::of(self.cloud.sandbox());
        let text = calls::shown(&requests[self.calls..], &names);
        self.calls = requests.len();
        if setup {
            return;
        }
        self.texts.insert(format!("{number}.calls.txt"), text);
    }

    /// Returns the command line, its whole output and its exit code.
    fn transcript(&self, command: &str, run: &Run) -> String {
        let command = command.trim_end();
        let mut text = format!("$ {command}\n");
        for said in [&run.stdout, &run.stderr] {
            text += said;
            if !said.is_empty() && !said.ends_with('\n') {
                text.push('\n');
            }
        }
        text += &format!("exit {}\n", run.code());
        let directory = self.project.path().display().to_string();
        Names::of(self.cloud.sandbox()).mask(&text.replace(&directory, "[project]"))
    }

    fn with_variables(&self, command: Eci, step: &Step) -> Eci {
        let names = Names::of(self.cloud.sandbox());
        let values = step.variables.iter().flat_map(|(name, value)| {
            [
                "--var".to_owned(),
                format!("{name}={}", names.unmask(value)),
            ]
        });
        self.in_region(command).args(values.collect::<Vec<_>>())
    }

    /// Saves the manifests from repeating it.
    fn in_region(&self, command: Eci) -> Eci {
        let command = command.env("CTYUN_REGION_ID", REGION);
        command.env("ECI_LANG", self.lang)
    }

    fn words(&self, line: &str) -> Vec<String> {
        let line = Names::of(self.cloud.sandbox()).unmask(line);
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn change_out_of_band(&self, change: &OutOfBandChange) {
        let group = |name: &str| {
            let group = self.group(name);
            group["containerGroupId"].as_str().unwrap().to_owned()
        };
        let real_id = |id: &str| Names::of(self.cloud.sandbox()).unmask(id);
        let (id, change) = match change {
            OutOfBandChange::Delete { group: name } => (group(name), Change::Delete),
            OutOfBandChange::Tag {
                group: name,
                set,
                remove,
            } => {
                let mut tags = tags(&self.group(name));
                tags.retain(|key, _| !remove.contains(key));
                tags.extend(set.clone());
                (group(name), Change::SetTags(tags.into_iter().collect()))
            }
            OutOfBandChange::Fail { group: name } => (group(name), Change::Fail),
            OutOfBandChange::Resize {
                group: name,
                cpu,
                memory,
            } => {
                let (cpu, memory) = (*cpu, *memory);
                (group(name), Change::Resize { cpu, memory })
            }
            OutOfBandChange::Restart { group: name } => (group(name), Change::Restart),
            OutOfBandChange::Update { group: name, with } => {
                let body = serde_json::from_str(&real_id(with)).unwrap();
                (group(name), Change::Update(body))
            }
            OutOfBandChange::Bind { id, to } => (real_id(id), Change::Bind(to.clone())),
            OutOfBandChange::Take { id } => (real_id(id), Change::Delete),
            OutOfBandChange::Rename { id, to } => (real_id(id), Change::Rename(to.clone())),
            OutOfBandChange::SetBandwidth { id, to } => (real_id(id), Change::SetBandwidth(*to)),
            OutOfBandChange::SetSize { id, to } => (real_id(id), Change::SetSize(*to)),
            OutOfBandChange::Freeze { id } => (real_id(id), Change::Freeze(true)),
            OutOfBandChange::Break { id } => (real_id(id), Change::Break),
            OutOfBandChange::Expire { id } => (real_id(id), Change::Expire),
        };
        self.cloud.sandbox().apply_out_of_band(&id, change).unwrap();
    }

    fn group(&self, name: &str) -> Value {
        let groups = self.cloud.groups();
        let found = groups
            .into_iter()
            .find(|group| group["containerGroupName"] == name);
        found.unwrap_or_else(|| panic!("the cloud has no group {name}"))
    }
}

fn tags(group: &Value) -> BTreeMap<String, String> {
    let tags = group["tags"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tags.map(|tag| (text(&tag["key"]), text(&tag["value"])))
        .collect()
}
