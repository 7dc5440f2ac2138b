//! The dependency graph of a configuration.

use std::collections::BTreeMap;

use eci_config::Configuration;
use eci_core::address::ModuleStep;
use eci_core::kinds::NodeShape;
use eci_core::{Address, Subject};
use serde_json::{Value as Json, json};

use super::document;

/// The resources of a configuration and their dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Graph {
    /// Each resource with the place of its table.
    pub nodes: Vec<(Address, String)>,
    /// From a dependent resource to its dependency.
    pub edges: Vec<(Address, Address)>,
}

impl Graph {
    /// Creates the graph of a configuration, in the order of its manifests.
    pub fn of(configuration: &Configuration) -> Graph {
        let mut graph = Graph::default();
        for resource in &configuration.resources {
            let address = &resource.address;
            graph
                .nodes
                .push((address.clone(), resource.place.to_string()));
            let needed = resource.references.iter();
            graph
                .edges
                .extend(needed.map(|needed| (address.clone(), needed.clone())));
        }
        graph
    }

    /// Returns the graph for Graphviz.
    pub fn dot(&self) -> String {
        let mut text = "digraph eci {\n  rankdir = \"LR\"\n".to_owned();
        self.dot_cluster(&Cluster::of(&self.nodes), 0, &mut text);
        for (from, to) in &self.edges {
            text.push_str(&format!("  {} -> {}\n", dot_name(from), dot_name(to)));
        }
        text + "}\n"
    }

    /// Writes the resources of a module, each by its name in it, and the modules in it as clusters.
    fn dot_cluster(&self, cluster: &Cluster<'_>, depth: usize, text: &mut String) {
        let indent = "  ".repeat(depth + 1);
        for at in &cluster.nodes {
            let address = &self.nodes[*at].0;
            let shape = match address.kind().properties().shape {
                NodeShape::Box => "box",
                NodeShape::Cylinder => "cylinder",
                NodeShape::Ellipse => "ellipse",
            };
            let name = dot_name(address);
            let label = match depth {
                0 => String::new(),
                _ => format!(", label = {}", dot_name(address.inside(depth))),
            };
            text.push_str(&format!("{indent}{name} [shape = \"{shape}\"{label}]\n"));
        }
        for (module, child) in &cluster.modules {
            let around = Subject::Module(child.steps.to_vec());
            let name = dot_name(format!("cluster_{around}"));
            let label = dot_name(module.to_string());
            text.push_str(&format!("{indent}subgraph {name} {{\n"));
            text.push_str(&format!("{indent}  label = {label}\n"));
            self.dot_cluster(child, depth + 1, text);
            text.push_str(&format!("{indent}}}\n"));
        }
    }

    /// Returns the graph for Markdown.
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        let numbers: BTreeMap<&Address, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(at, (address, _))| (address, at))
            .collect();
        self.mermaid_cluster(&Cluster::of(&self.nodes), 0, &mut 0, &mut text);
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (numbers.get(from), numbers.get(to)) {
                text.push_str(&format!("  n{from} --> n{to}\n"));
            }
        }
        text
    }

    fn mermaid_cluster(
        &self,
        cluster: &Cluster<'_>,
        depth: usize,
        number: &mut usize,
        text: &mut String,
    ) {
        let indent = "  ".repeat(depth + 1);
        for at in &cluster.nodes {
            let address = &self.nodes[*at].0;
            let (open, close) = match address.kind().properties().shape {
                NodeShape::Box => ("[", "]"),
                NodeShape::Cylinder => ("[(", ")]"),
                NodeShape::Ellipse => ("([", "])"),
            };
            let name = mermaid_text(&address.inside(depth).to_string());
            text.push_str(&format!("{indent}n{at}{open}\"{name}\"{close}\n"));
        }
        for (module, child) in &cluster.modules {
            let name = mermaid_text(&module.to_string());
            text.push_str(&format!("{indent}subgraph m{number}[\"{name}\"]\n"));
            *number += 1;
            self.mermaid_cluster(child, depth + 1, number, text);
            text.push_str(&format!("{indent}end\n"));
        }
    }

    /// Returns the graph for programs.
    pub fn json(&self) -> Json {
        let nodes = self.nodes.iter().map(|(address, place)| {
            let mut fields = document::identity(address);
            fields.insert("place".into(), json!(place));
            Json::Object(fields)
        });
        let edges = self
            .edges
            .iter()
            .map(|(from, to)| json!({ "from": from.to_string(), "to": to.to_string() }));
        json!({
            "format_version": "1.0",
            "nodes": nodes.collect::<Vec<_>>(),
            "edges": edges.collect::<Vec<_>>(),
        })
    }
}

/// The resources of one module, by their numbers, and the modules in it.
#[derive(Default)]
struct Cluster<'a> {
    nodes: Vec<usize>,
    modules: BTreeMap<&'a ModuleStep, Cluster<'a>>,
    /// The modules around, this one the last.
    steps: &'a [ModuleStep],
}

impl<'a> Cluster<'a> {
    fn of(nodes: &'a [(Address, String)]) -> Cluster<'a> {
        let mut root = Cluster::default();
        for (at, (address, _)) in nodes.iter().enumerate() {
            let mut here = &mut root;
            for (depth, step) in address.modules().iter().enumerate() {
                here = here.modules.entry(step).or_default();
                here.steps = &address.modules()[..=depth];
            }
            here.nodes.push(at);
        }
        root
    }
}

/// Returns the name in quotes, with `"` and `\` escaped.
fn dot_name(name: impl ToString) -> String {
    let text = name.to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Escapes a name so that Mermaid reads it as text.
fn mermaid_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;

    use super::*;

    fn graph() -> Graph {
        let web = Address::new(Kind::ContainerGroup, "web").instance("a \"1\" #");
        let eip = Address::new(Kind::Eip, "front");
        let conf = Address::new(Kind::Volume, "conf");
        let place = |line: usize| format!("web.eci.toml:{line}");
        Graph {
            nodes: vec![
                (eip.clone(), place(3)),
                (conf.clone(), place(6)),
                (web.clone(), place(10)),
            ],
            edges: vec![(web.clone(), eip), (web, conf)],
        }
    }

    #[test]
    fn every_form_has_each_resource_and_each_edge() {
        insta::assert_snapshot!("dot", graph().dot());
        insta::assert_snapshot!("mermaid", graph().mermaid());
        insta::assert_snapshot!("graph_json", format!("{:#}", graph().json()));
    }

    #[test]
    fn each_module_is_a_cluster_in_the_one_around_it() {
        let address = |text: &str| text.parse::<Address>().unwrap_or_else(|it| panic!("{it}"));
        let nodes = [
            "eip.front",
            "module.a[\"x\"].container_group.web",
            "module.a[\"x\"].module.b.volume.data",
            "module.c.volume.data",
        ]
        .map(|text| (address(text), "m.eci.toml:1".to_owned()));
        let edges = vec![
            (nodes[1].0.clone(), nodes[0].0.clone()),
            (nodes[1].0.clone(), nodes[2].0.clone()),
        ];
        let graph = Graph {
            nodes: nodes.into(),
            edges,
        };
        insta::assert_snapshot!("dot_of_modules", graph.dot());
        insta::assert_snapshot!("mermaid_of_modules", graph.mermaid());
    }

    #[test]
    fn an_empty_graph_is_one_too() {
        let empty = Graph::default();
        assert_eq!(empty.dot(), "digraph eci {\n  rankdir = \"LR\"\n}\n");
        assert_eq!(empty.mermaid(), "flowchart LR\n");
    }
}
