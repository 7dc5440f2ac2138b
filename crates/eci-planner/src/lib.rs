//! The pure planner: a dependency graph and the actions that lead to the desired state.
