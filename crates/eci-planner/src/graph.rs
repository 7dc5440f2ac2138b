//! Dependencies, their order, and the cycles in them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// A graph over things with numbers from 0: an edge leads from what is needed to what needs
/// it.
#[derive(Clone, Debug)]
pub struct Graph {
    graph: DiGraph<(), ()>,
}

impl Graph {
    /// Returns a graph of so many nodes; `needs` gives what each of them needs. A node that needs
    /// itself is a cycle.
    pub fn new(needs: &[Vec<usize>]) -> Graph {
        let edges = needs.iter().map(Vec::len).sum();
        let mut graph = DiGraph::with_capacity(needs.len(), edges);
        for _ in needs {
            graph.add_node(());
        }
        for (node, needed) in needs.iter().enumerate() {
            for other in needed {
                graph.add_edge(NodeIndex::new(*other), NodeIndex::new(node), ());
            }
        }
        Graph { graph }
    }

    /// Returns the nodes that directly depend on a node.
    pub fn needed_by(&self, node: usize) -> impl Iterator<Item = usize> {
        self.graph
            .neighbors_directed(NodeIndex::new(node), Direction::Outgoing)
            .map(NodeIndex::index)
    }

    /// Returns the number of edges lead to a node.
    pub fn need_count(&self, node: usize) -> usize {
        self.graph
            .edges_directed(NodeIndex::new(node), Direction::Incoming)
            .count()
    }

    /// Returns all nodes, each after what it needs, and otherwise by number.
    ///
    /// # Errors
    /// If nodes need one another: the nodes of one cycle, each needing the one after it, the
    /// last needing the first.
    pub fn order(&self) -> Result<Vec<usize>, Vec<usize>> {
        let count = self.graph.node_count();
        let mut missing: Vec<usize> = (0..count).map(|node| self.need_count(node)).collect();
        let mut ready: BinaryHeap<Reverse<usize>> = (0..count)
            .filter(|node| missing[*node] == 0)
            .map(Reverse)
            .collect();
        let mut order = Vec::with_capacity(count);
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            for next in self.needed_by(node) {
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
        // Within a component every node needs another one of it: walking from need to need
        // comes back to a node that was passed, and from there the path is a cycle.
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
    fn each_comes_after_what_it_needs_and_otherwise_by_number() {
        let graph = Graph::new(&[vec![3], vec![], vec![1], vec![]]);
        assert_eq!(graph.order(), Ok(vec![1, 2, 3, 0]));
        assert_eq!(graph.needed_by(1).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_cycle_is_given_as_the_path_that_closes() {
        let graph = Graph::new(&[vec![], vec![2, 0], vec![3], vec![1], vec![3]]);
        assert_eq!(graph.order(), Err(vec![1, 2, 3]));
    }

    #[test]
    fn a_node_that_needs_itself_is_a_cycle() {
        assert_eq!(Graph::new(&[vec![], vec![1]]).order(), Err(vec![1]));
    }
}
