//! Order in which tasks may begin.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use eci_core::Address;
use eci_planner::Task;
use eci_planner::graph::DependencyGraph;

/// The scheduled tasks of a plan: a task begins when all its dependencies are over.
pub(crate) struct Schedule {
    graph: DependencyGraph,
    missing: Vec<usize>,
    ready: BinaryHeap<Reverse<usize>>,
    /// For a task that cannot be done: the resource that failed before it.
    blocked: Vec<Option<Address>>,
}

/// The next step of a task.
pub(crate) enum NextStep {
    /// The start of the task.
    Begin(usize),
    /// The skipping of the task, because this resource failed.
    Skip(usize, Address),
}

impl Schedule {
    pub(crate) fn new(tasks: &[Task]) -> Schedule {
        let dependencies: Vec<Vec<usize>> =
            tasks.iter().map(|task| task.depends_on.clone()).collect();
        let graph = DependencyGraph::new(&dependencies);
        let missing: Vec<usize> = (0..tasks.len())
            .map(|task| graph.dependency_count(task))
            .collect();
        let ready = (0..tasks.len())
            .filter(|task| missing[*task] == 0)
            .map(Reverse)
            .collect();
        Schedule {
            graph,
            missing,
            ready,
            blocked: vec![None; tasks.len()],
        }
    }

    /// Returns the next task whose dependencies are over, in the order of the plan.
    pub(crate) fn next(&mut self) -> Option<NextStep> {
        let Reverse(task) = self.ready.pop()?;
        Some(match self.blocked[task].clone() {
            Some(because) => NextStep::Skip(task, because),
            None => NextStep::Begin(task),
        })
    }

    /// Marks a task as over; `failed` names the resource that failed, if it was not done.
    pub(crate) fn over(&mut self, task: usize, failed: Option<&Address>) {
        for next in self.graph.dependents(task) {
            if let Some(failed) = failed {
                self.blocked[next].get_or_insert_with(|| failed.clone());
            }
            self.missing[next] -= 1;
            if self.missing[next] == 0 {
                self.ready.push(Reverse(next));
            }
        }
    }
}
