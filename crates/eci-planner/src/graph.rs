//! Dependencies, their order, and the cycles in them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// A graph over nodes with numbers from 0: an edge leads from a dependency to its dependent.
#[derive(Clone, Debug)]
pub struct DependencyGraph {
    graph: DiGraph<(), ()>,
}

impl DependencyGraph {
    /// Creates a graph with one node per element of `dependencies`, which lists the dependencies of
    /// each node. A node that depends on itself is a cycle.
    pub fn new(dependencies: &[Vec<usize>]) -> DependencyGraph {
        let edges = dependencies.iter().map(Vec::len).sum();
        let mut graph = DiGraph::with_capacity(dependencies.len(), edges);
        for _ in dependencies {
            graph.add_node(());
        }
        for (node, predecessors) in dependencies.iter().enumerate() {
            for other in predecessors {
                graph.add_edge(NodeIndex::new(*other), NodeIndex::new(node), ());
            }
        }
        DependencyGraph { graph }
    }

    /// Returns the nodes that directly depend on a node.
    pub fn dependents(&self, node: usize) -> impl Iterator<Item = usize> {
        self.graph
            .neighbors_directed(NodeIndex::new(node), Direction::Outgoing)
            .map(NodeIndex::index)
    }

    /// Returns the number of direct dependencies of a node.
    pub fn dependency_count(&self, node: usize) -> usize {
        self.graph
            .edges_directed(NodeIndex::new(node), Direction::Incoming)
            .count()
    }

    /// Returns all nodes, each after its dependencies, and otherwise by number.
    ///
    /// # Errors
    /// If nodes depend on each other: the nodes of one cycle, each depending on the next, the last
    /// on the first.
    pub fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        let count = self.graph.node_count();
        let mut missing: Vec<usize> = (0..count).map(|node| self.dependency_count(node)).collect();
        let mut ready: BinaryHeap<Reverse<usize>> = (0..count)
            .filter(|node| missing[*node] == 0)
            .map(Reverse)
            .collect();
        let mut order = Vec::with_capacity(count);
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            for next in self.dependents(node) {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(Reverse(next));
                }
            }
        }
        if order.len() == count {
            Ok(order)
        } else {
            Err(self.cycle())
        }
    }

    /// Returns the strongly connected components with more than one node, that is, all that is in
    /// cycles: each sorted, and the list too.
    pub(crate) fn components(&self) -> Vec<Vec<usize>> {
        let components = tarjan_scc(&self.graph).into_iter();
        let mut components: Vec<Vec<usize>> = components
            .filter(|nodes| nodes.len() > 1)
            .map(|nodes| {
                let mut nodes: Vec<usize> = nodes.into_iter().map(NodeIndex::index).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect();
        components.sort_unstable();
        components
    }

    /// Returns the nodes of one cycle; empty if there is none.
    fn cycle(&self) -> Vec<usize> {
        let closes = |nodes: &Vec<NodeIndex>| {
            nodes.len() > 1
                || nodes
                    .iter()
                    .any(|node| self.graph.contains_edge(*node, *node))
        };
        let component = tarjan_scc(&self.graph).into_iter().find(closes);
        let Some(component) = component.map(BTreeSet::from_iter) else {
            return Vec::new();
        };
        // Within a component every node depends on another one of it: following dependencies comes
        // back to a visited node, and from there the path is a cycle.
        let Some(first) = component.first().copied() else {
            return Vec::new();
        };
        let mut path = vec![first];
        let mut place = HashMap::from([(first, 0)]);
        loop {
            let here = path[path.len() - 1];
            let next = self
                .graph
                .neighbors_directed(here, Direction::Incoming)
                .filter(|node| component.contains(node))
                .min();
            let Some(next) = next else {
                return Vec::new();
            };
            if let Some(start) = place.get(&next) {
                return path[*start..].iter().map(|node| node.index()).collect();
            }
            place.insert(next, path.len());
            path.push(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_follow_their_dependencies_and_otherwise_their_numbers() {
        let graph = DependencyGraph::new(&[vec![3], vec![], vec![1], vec![]]);
        assert_eq!(graph.order(), Ok(vec![1, 2, 3, 0]));
        assert_eq!(graph.dependents(1).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_cycle_is_given_as_the_path_that_closes() {
        let graph = DependencyGraph::new(&[vec![], vec![2, 0], vec![3], vec![1], vec![3]]);
        assert_eq!(graph.order(), Err(vec![1, 2, 3]));
    }

    #[test]
    fn a_node_that_depends_on_itself_is_a_cycle() {
        assert_eq!(
            DependencyGraph::new(&[vec![], vec![1]]).order(),
            Err(vec![1])
        );
    }
}
