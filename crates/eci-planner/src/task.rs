//! The tasks of a plan: the parts of its steps.

use std::fmt;

/// The kind of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskKind {
    /// No work: the task represents a resource that stays as it is.
    NoOp,
    /// Waits until an unchanged resource is ready: the run that created or changed it ended before
    /// it observed that.
    Wait,
    /// Makes the resource.
    Create,
    /// Goes on with the order of an earlier run that makes it.
    Resume,
    /// Changes it in place.
    Update,
    /// Detaches EIPs and disks from a container group before its own change, for a task that
    /// comes before that.
    Detach,
    /// Takes what only one resource can have from the one that is replaced.
    Unbind,
    /// Gives a resource what one that it takes the place of had until now.
    Bind,
    /// Deletes it.
    Delete,
    /// Takes over what is there already.
    Import,
    /// Removes it from the state, without a call.
    Forget,
}

impl TaskKind {
    /// Returns the name in output for programs.
    pub fn name(self) -> &'static str {
        match self {
            TaskKind::NoOp => "no-op",
            TaskKind::Wait => "wait",
            TaskKind::Create => "create",
            TaskKind::Resume => "resume",
            TaskKind::Update => "update",
            TaskKind::Detach => "detach",
            TaskKind::Unbind => "unbind",
            TaskKind::Bind => "bind",
            TaskKind::Delete => "delete",
            TaskKind::Import => "import",
            TaskKind::Forget => "forget",
        }
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One part of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The number of the step that it is part of.
    pub step: usize,
    /// Its kind.
    pub kind: TaskKind,
    /// The numbers of the tasks that must be done first.
    pub depends_on: Vec<usize>,
}
