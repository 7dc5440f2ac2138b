//! The operations that a pipeline may perform for a change.

use eci_ci::{HostError, Pipeline};
use eci_core::{Diagnostic, Diagnostics};
use eci_text::{Text, text};

use super::job::{Job, refused};
use crate::error::CommandError;

/// The operations that a pipeline may perform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// All: the change comes from the team.
    Plan,
    /// Validation only: the manifests may be those of a stranger, and a plan reads secrets for them.
    Validate(ChangeOrigin),
}

/// The origin of a change that is validated only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeOrigin {
    Fork,
    /// Neither the environment nor the code host says it.
    Unknown,
}

impl Access {
    /// Determines what the pipeline may do.
    pub(super) async fn of(job: &mut Job<'_>) -> Result<Access, CommandError> {
        let Some(change) = job.pipeline.change.clone() else {
            return Ok(Access::Plan);
        };
        let info = match job.change_info().await {
            Ok(info) => info,
            // The environment is sufficient, and the token of a fork may read nothing.
            Err(_) if change.is_fork == Some(true) => None,
            Err(error) => return Err(error),
        };
        if let Some(info) = &info {
            job.correct_commit(info);
        }
        let is_fork = change.is_fork.or(info.and_then(|info| info.is_fork));
        match is_fork {
            Some(false) => Ok(Access::Plan),
            Some(true) => Ok(Access::Validate(ChangeOrigin::Fork)),
            None => {
                job.context.note(&text!(
                    en: "note: whether the {change} comes from a fork is unknown without a token, so it is validated only\nhelp: set `ECI_CI_TOKEN`",
                    zh: "说明: 没有令牌，无法确定{change}是否来自派生仓库，因此仅校验\n帮助: 设置 `ECI_CI_TOKEN`",
                    change = job.pipeline.change_request(),
                ));
                Ok(Access::Validate(ChangeOrigin::Unknown))
            }
        }
    }

    /// Returns an error of the code host, unless it is about the token of a fork, which has none or one
    /// that may only read.
    pub(super) fn checked(
        self,
        job: &Job<'_>,
        result: Result<(), HostError>,
    ) -> Result<(), CommandError> {
        match result {
            Err(error) if self != Access::Plan && error.is_about_the_token() => {
                job.context.note(&text!(
                    en: "note: {error}",
                    zh: "说明: {error}",
                    error = error,
                ));
                Ok(())
            }
            result => result.map_err(refused),
        }
    }

    pub(super) fn title(self) -> Text {
        match self {
            Access::Plan => text!(en: "eci plan", zh: "eci plan"),
            Access::Validate(_) => text!(en: "eci validate", zh: "eci validate"),
        }
    }

    /// Returns an error as far as it may be shown: that of a stranger's manifests contains texts that they choose.
    pub(super) fn shown(self, error: CommandError) -> CommandError {
        match error {
            CommandError::Diagnostics(diagnostics) if self != Access::Plan => {
                let diagnostics = diagnostics.0.iter().map(without_values);
                CommandError::Diagnostics(Diagnostics(diagnostics.collect()))
            }
            error => error,
        }
    }

    pub(super) fn note(self, pipeline: &Pipeline) -> Option<Text> {
        Some(match self {
            Access::Plan => return None,
            Access::Validate(ChangeOrigin::Unknown) => text!(
                en: "It is unknown whether this {change} comes from a fork. Its manifests were validated, but not planned: a plan reads the state and secrets of the team. To get a plan, give the pipeline a token of the code host in `ECI_CI_TOKEN`.",
                zh: "无法确定此{change}是否来自派生仓库。清单已校验，但未生成计划：计划会读取团队的状态和机密信息。如需计划，在 `ECI_CI_TOKEN` 中向流水线提供代码托管平台的令牌。",
                change = pipeline.change_request(),
            ),
            Access::Validate(ChangeOrigin::Fork) => text!(
                en: "This {change} comes from a fork. Its manifests were validated, but not planned: a plan reads the state and secrets of the team. Of errors, only kind and place are shown: run `eci validate` in your working copy for the rest. To get a plan, push the commit to a branch of this repository.",
                zh: "此{change}来自派生仓库。清单已校验，但未生成计划：计划会读取团队的状态和机密信息。错误仅显示种类和位置，在自己的工作副本中执行 `eci validate` 可查看完整内容。如需计划，将该提交推送到本仓库的分支。",
                change = pipeline.change_request(),
            ),
        })
    }
}

/// Returns a diagnostic with its kind and place alone: nothing that an expression has evaluated to, and no
/// line of a file.
fn without_values(diagnostic: &Diagnostic) -> Diagnostic {
    let kind = diagnostic.code.title.clone();
    let place = diagnostic.primary.as_ref().map(|label| &label.place);
    let message = match place {
        Some(place) => text!(
            en: "{place}: {kind}",
            zh: "{place}：{kind}",
            place = place.to_string(),
            kind = kind,
        ),
        None => kind,
    };
    Diagnostic::new(diagnostic.code, message)
}
