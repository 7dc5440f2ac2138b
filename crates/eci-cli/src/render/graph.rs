//! The dependency graph of a configuration.

use std::collections::BTreeMap;

use eci_config::Configuration;
use eci_core::{Address, Kind};
use serde_json::{Value as Json, json};

use super::document;

/// The resources of a configuration and which of them needs which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Each resource with the place of its table.
    pub nodes: Vec<(Address, String)>,
    /// From what needs something to what it needs.
    pub edges: Vec<(Address, Address)>,
}

impl Graph {
    /// The graph of a configuration, in the order of its manifests.
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

    /// For Graphviz.
    pub fn dot(&self) -> String {
        let mut text = "digraph eci {\n  rankdir = \"LR\"\n".to_owned();
        for (address, _) in &self.nodes {
            let shape = match address.kind() {
                Kind::ContainerGroup => "box",
                Kind::Volume => "cylinder",
                Kind::Eip => "ellipse",
            };
            let line = format!("  {} [shape = \"{shape}\"]\n", dot_name(address));
            text.push_str(&line);
        }
        for (from, to) in &self.edges {
            text.push_str(&format!("  {} -> {}\n", dot_name(from), dot_name(to)));
        }
        text + "}\n"
    }

    /// For Markdown.
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        let numbers: BTreeMap<&Address, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(at, (address, _))| (address, at))
            .collect();
        for (at, (address, _)) in self.nodes.iter().enumerate() {
            let (open, close) = match address.kind() {
                Kind::ContainerGroup => ("[", "]"),
                Kind::Volume => ("[(", ")]"),
                Kind::Eip => ("([", "])"),
            };
            let name = mermaid_text(address);
            text.push_str(&format!("  n{at}{open}\"{name}\"{close}\n"));
        }
        for (from, to) in &self.edges {
            if let (Some(from), Some(to)) = (numbers.get(from), numbers.get(to)) {
                text.push_str(&format!("  n{from} --> n{to}\n"));
            }
        }
        text
    }

    /// For programs.
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

/// The address in quotes, with `"` and `\` escaped.
fn dot_name(address: &Address) -> String {
    let text = address.to_string();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The address without what Mermaid would read as its own.
fn mermaid_text(address: &Address) -> String {
    let text = address.to_string();
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
    fn an_empty_graph_is_one_too() {
        let empty = Graph::default();
        assert_eq!(empty.dot(), "digraph eci {\n  rankdir = \"LR\"\n}\n");
        assert_eq!(empty.mermaid(), "flowchart LR\n");
    }
}
