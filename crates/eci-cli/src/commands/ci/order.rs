//! The order of applies.

use std::collections::BTreeMap;

use eci_ci::directories::Node;
use eci_engine::{Backend, connect_other_state};
use eci_text::{List, text};

use super::directories::ConfigurationDirectory;
use super::job::{Job, named};
use crate::error::CommandError;

/// Returns the directories in the order of their applies: each after those whose outputs it reads with
/// `[state.NAME]`, and otherwise in the order of their paths.
///
/// A single directory depends on none of the others, so that nothing is read of it.
pub(super) fn in_order(
    job: &Job<'_>,
    directories: Vec<ConfigurationDirectory>,
) -> Result<Vec<ConfigurationDirectory>, CommandError> {
    if directories.len() < 2 {
        return Ok(directories);
    }
    let nodes = directories.iter().map(|directory| node(job, directory));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    match eci_ci::in_order(&nodes) {
        Ok(order) => {
            let mut directories: Vec<_> = directories.into_iter().map(Some).collect();
            let ordered = order.into_iter().filter_map(|at| directories[at].take());
            Ok(ordered.collect())
        }
        Err(cycle) => {
            let names = cycle
                .into_iter()
                .map(|at| named(&directories[at]).to_owned());
            Err(CommandError::new(
                text!(
                    en: "cycle of configurations that read each other's outputs: {names}",
                    zh: "配置之间循环读取输出：{names}",
                    names = List::and(names.collect::<Vec<_>>()),
                ),
                text!(
                    en: "remove one of the `[state.NAME]` tables, and pass the value in a variable",
                    zh: "移除其中一个 `[state.NAME]` 表，改用变量传递该值",
                ),
            ))
        }
    }
}

/// Returns the directories whose outputs others of them read, each with its readers.
///
/// Errors are reported where a plan is created.
pub(super) fn readers(
    job: &Job<'_>,
    directories: &[ConfigurationDirectory],
) -> BTreeMap<String, Vec<String>> {
    let nodes = directories.iter().map(|directory| node(job, directory));
    let nodes: Vec<Node> = nodes.map(Result::unwrap_or_default).collect();
    let mut readers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (reader, directory) in nodes.iter().zip(directories) {
        for (read, producer) in nodes.iter().zip(directories) {
            if reader.reads.contains(&read.state) {
                let readers = readers.entry(named(producer).to_owned()).or_default();
                readers.push(named(directory).to_owned());
            }
        }
    }
    readers
}

/// Returns the state of a directory and those that it reads.
///
/// No more of the manifests is evaluated: the outputs that they read may not exist yet.
fn node(job: &Job<'_>, directory: &ConfigurationDirectory) -> Result<Node, CommandError> {
    let settings = job.settings(directory)?;
    let context = &settings.context;
    let own = context.place_of(&settings.state)?;
    let mut reads = Vec::new();
    let others = eci_config::load_other_states(context.directory()?, &settings.variables)?;
    for other in others {
        let backend = connect_other_state(&other)?;
        let workspace = other.workspace.parse()?;
        // A store without workspaces is refused when the outputs are read.
        let place = backend.workspace(&workspace).unwrap_or(backend);
        reads.push(address(&place, &other.workspace));
    }
    Ok(Node {
        state: address(&own, own.workspace.as_str()),
        reads,
    })
}

/// Returns a text that is the same for the same state.
pub(super) fn address(state: &Backend, workspace: &str) -> String {
    format!("{}\n{workspace}", state.permanent_location())
}
