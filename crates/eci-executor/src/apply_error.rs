//! Errors that end an apply.

use eci_state::StateError;
use eci_text::{In, Lang, List, Text, messages, text};

/// The reason why a run could not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// The state could not be written.
    ///
    /// Nothing new was started after that.
    State(StateError),
    /// The plan was created from another state.
    OtherState {
        /// The lineage of the state that the plan was created from.
        planned: String,
        /// The lineage of the state.
        found: String,
    },
    /// The state has changed since the plan was created.
    StalePlan {
        /// The serial that the plan was created from.
        planned: u64,
        /// The serial of the state.
        found: u64,
    },
    /// The state has records that the plan does not take into account.
    Outdated,
    /// Operations of an earlier run are pending that the plan does not take into account.
    Pending {
        /// The resources.
        resources: Vec<String>,
    },
}

messages! { ApplyError:
    ApplyError::State(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    ApplyError::OtherState { planned, found } =>
        en("the plan was created from the state with lineage {planned}, but this state has lineage {found}"),
        zh("生成计划时状态的谱系 ID 为 {planned}，而当前状态的谱系 ID 为 {found}");
    ApplyError::StalePlan { planned, found } =>
        en("the plan is stale: the state changed from serial {planned} to {found} after the plan was created"),
        zh("计划已过期：生成计划后，状态的序列号从 {planned} 变为 {found}");
    ApplyError::Outdated =>
        en("the plan is stale: the state changed after the plan was created"),
        zh("计划已过期：生成计划后，状态发生了变更");
    ApplyError::Pending { resources } =>
        en("the plan does not include the pending operations of an earlier run on {}",
            In(&List::and(resources.iter()), Lang::En)),
        zh("计划未包含先前的运行在以下资源上未完成的操作：{}",
            In(&List::and(resources.iter()), Lang::Zh));
}

impl From<StateError> for ApplyError {
    fn from(error: StateError) -> ApplyError {
        ApplyError::State(error)
    }
}

impl ApplyError {
    /// Returns what to do about it.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            ApplyError::State(error) => return error.help(),
            ApplyError::OtherState { .. } => text!(
                en: "apply the plan to the state that it was created from, or create a new plan",
                zh: "将计划应用到生成该计划时的状态，或重新生成计划",
            ),
            ApplyError::StalePlan { .. } | ApplyError::Outdated => text!(
                en: "create a new plan with `eci plan --out FILE`",
                zh: "使用 `eci plan --out FILE` 重新生成计划",
            ),
            ApplyError::Pending { .. } => text!(
                en: "run `eci apply` without a saved plan to recover them and to create a new plan",
                zh: "不使用已保存的计划执行 `eci apply`，恢复这些操作并重新生成计划",
            ),
        })
    }
}
