//! `eci ci apply`

use eci_ci::StatusState;
use eci_ci::pipeline::short;
use eci_core::truncate;
use eci_engine::Backend;
use eci_planner::SavedPlan;
use eci_planner::saved::SavedError;
use eci_text::{List, Text, text};

use super::directories::ConfigurationDirectory;
use super::job::{Job, named, refused};
use super::order::in_order;
use super::same_state::with_the_same_state;
use crate::arguments::{CiApplyArgs, Format, RunArgs};
use crate::commands::apply::{ApplySource, Review, apply as apply_plan};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Applies the plans that were reviewed for the commit of the pipeline.
pub(super) async fn apply(
    context: &Context,
    args: &CiApplyArgs,
) -> Result<ExitStatus, CommandError> {
    let mut job = Job::open(context, &args.ci)?;
    if let Some(change) = &job.pipeline.change {
        return Err(CommandError::new(
            text!(
                en: "cannot apply in a pipeline for {change} {number}",
                zh: "无法在{change} {number} 的流水线中应用",
                change = job.pipeline.change_request(),
                number = change.number,
            ),
            text!(
                en: "run `eci ci plan` for each {change}, and `eci ci apply` for the main branch",
                zh: "对{change}执行 `eci ci plan`，对主分支执行 `eci ci apply`",
                change = job.pipeline.change_request(),
            ),
        ));
    }
    check_branch(&job, &args.branches)?;
    job.check_head()?;
    let skipped = job.catch_up().await?;
    let all = job.directories()?;
    let same_state = with_the_same_state(&job, &all);
    let affected = job.affected(&args.change, all)?;
    for directory in &affected {
        if let Some(same) = same_state.get(&directory.place.path) {
            return Err(same.error(directory));
        }
    }
    let directories = in_order(&job, affected)?;
    for name in job.deleted(&args.change)? {
        job.context.say(&text!(
            en: "warning: directory `{name}` was deleted, but the resources in its state remain",
            zh: "警告: 目录 `{name}` 已删除，但其状态中的资源仍保留",
            name = truncate(&name),
        ));
    }
    let pending = text!(en: "applying", zh: "正在应用");
    let status = job.set_status("apply", StatusState::Pending, &pending);
    status.await.map_err(refused)?;
    let reviews = Reviews::new(&job, &skipped).await;
    let applied = match reviews {
        Ok(reviews) => apply_all(&reviews, args, &directories).await,
        Err(error) => Err(error),
    };
    let (state, description) = match &applied {
        Ok(ExitStatus::Done) => (StatusState::Success, text!(en: "applied", zh: "已应用")),
        _ => (
            StatusState::Failure,
            text!(en: "apply failed", zh: "应用失败"),
        ),
    };
    let reported = job.set_status("apply", state, &description).await;
    // What failed first is reported.
    let exit = applied?;
    reported.map_err(refused)?;
    Ok(exit)
}

/// Refuses a branch whose changes are not merged: a plan of it may be saved, but no one has approved it.
fn check_branch(job: &Job<'_>, allowed: &[String]) -> Result<(), CommandError> {
    let pipeline = &job.pipeline;
    let allowed = match allowed {
        [] => Vec::from_iter(pipeline.default_branch.clone()),
        named => named.to_vec(),
    };
    let Some(branch) = &pipeline.branch else {
        return Err(CommandError::new(
            text!(
                en: "cannot apply in a pipeline that runs for no branch",
                zh: "无法在不针对分支的流水线中应用",
            ),
            text!(
                en: "run `eci ci apply` in the pipeline for a push to the default branch; in another CI system, set `ECI_CI_BRANCH`",
                zh: "在推送到默认分支的流水线中执行 `eci ci apply`；在其他 CI 系统中设置 `ECI_CI_BRANCH`",
            ),
        ));
    };
    if allowed.contains(branch) {
        return Ok(());
    }
    let branch = truncate(branch);
    Err(if allowed.is_empty() {
        CommandError::new(
            text!(
                en: "cannot apply in the pipeline for branch `{branch}`: {system} does not name the default branch",
                zh: "无法在分支 `{branch}` 的流水线中应用：{system} 未提供默认分支",
                branch = branch,
                system = pipeline.system.name(),
            ),
            text!(
                en: "name each branch whose pipelines apply, for example `--branch main`",
                zh: "指定由其流水线应用的各分支，例如 `--branch main`",
            ),
        )
    } else {
        CommandError::new(
            text!(
                en: "cannot apply in the pipeline for branch `{branch}`, only in that for {allowed}",
                zh: "无法在分支 `{branch}` 的流水线中应用，仅可在 {allowed} 的流水线中应用",
                branch = branch,
                allowed = List::or(allowed.iter().map(|name| format!("`{}`", truncate(name)))),
            ),
            text!(
                en: "merge the branch first; or use `--branch {branch}` if changes are reviewed before they are pushed to it",
                zh: "先合并该分支；如果变更在推送到该分支之前已经评审，使用 `--branch {branch}`",
                branch = branch,
            ),
        )
    })
}

/// Applies one directory after the other, up to the first that is not applied completely.
async fn apply_all(
    reviews: &Reviews<'_>,
    args: &CiApplyArgs,
    directories: &[ConfigurationDirectory],
) -> Result<ExitStatus, CommandError> {
    let job = reviews.job;
    for (at, directory) in directories.iter().enumerate() {
        let heading = text!(
            en: "Directory {name}",
            zh: "目录 {name}",
            name = named(directory),
        );
        print_stdout(&format!("{}\n", heading.get(job.context.lang())))?;
        let exit = apply_one(reviews, args, directory).await;
        let left = &directories[at + 1..];
        if !matches!(exit, Ok(ExitStatus::Done)) && !left.is_empty() {
            job.context.say(&text!(
                en: "note: not applied: {names}",
                zh: "说明: 未应用：{names}",
                names = List::and(left.iter().map(|other| format!("`{}`", named(other)))),
            ));
        }
        match exit? {
            ExitStatus::Done => {}
            exit => return Ok(exit),
        }
    }
    Ok(ExitStatus::Done)
}

/// Applies one directory.
async fn apply_one(
    reviews: &Reviews<'_>,
    args: &CiApplyArgs,
    directory: &ConfigurationDirectory,
) -> Result<ExitStatus, CommandError> {
    let job = reviews.job;
    let context = job.context.in_directory(directory.path.clone());
    let review = reviews.of(&context, directory).await?;
    let run = RunArgs {
        auto_approve: args.auto_approve,
        parallelism: args.parallelism,
        lock_timeout: args.lock_timeout,
        format: Format::Text,
    };
    let source = ApplySource::Reviewed(Box::new(review));
    apply_plan(&context, &job.args.variables, source, &run).await
}

/// The plans that were reviewed for a commit.
struct Reviews<'a> {
    job: &'a Job<'a>,
    /// The commits and trees whose plans are those of this commit.
    revisions: Vec<String>,
    /// The last commit of the branch by now, if it is another one.
    newer: Option<String>,
}

impl<'a> Reviews<'a> {
    async fn new(job: &'a Job<'a>, skipped: &[String]) -> Result<Reviews<'a>, CommandError> {
        let commit = &job.pipeline.commit;
        let mut revisions = vec![commit.clone()];
        // A pull request that is merged, or that has the same files as the result.
        revisions.extend(job.git.merged());
        revisions.extend(job.git.tree());
        let mut newer = None;
        if let Some(client) = &job.client {
            // One that is merged as a single commit.
            revisions.extend(client.changes_of(commit).await.map_err(refused)?);
            if let Some(branch) = &job.pipeline.branch {
                let head = client.branch_head(branch).await.map_err(refused)?;
                newer = Some(head).filter(|head| head != commit);
            }
        }
        // The plans of changes that are caught up, the newest first.
        for commit in skipped {
            revisions.push(commit.clone());
            revisions.extend(job.git.revisions_of(commit));
            if let Some(client) = &job.client {
                revisions.extend(client.changes_of(commit).await.map_err(refused)?);
            }
        }
        Ok(Reviews {
            job,
            revisions,
            newer,
        })
    }

    /// Returns what was reviewed of a directory.
    async fn of(
        &self,
        context: &Context,
        directory: &ConfigurationDirectory,
    ) -> Result<Review, CommandError> {
        let job = self.job;
        let variables = context.variables(&job.args.variables)?;
        let configuration = context.load_with(&variables)?;
        let state = context.state_of(&configuration)?;
        let mut latest = None;
        let document = match &*state {
            Backend::Shared(store) => {
                let found = store.find_plans(&self.revisions)?;
                let mut found = found.into_iter();
                let found = found.find(|plan| plan.name == job.args.name);
                if found.is_none() {
                    latest = store.latest_plan()?.map(|plan| plan.commit);
                }
                found.map(|plan| plan.document.into_bytes())
            }
            _ => {
                let place = &directory.place.path;
                match job.artifacts.find(place, &self.revisions) {
                    Some(found) => Some(found),
                    None => {
                        let kept = job.saved_plan(place, &self.revisions).await?;
                        kept.map(String::into_bytes)
                    }
                }
            }
        };
        let plan = document.map(|document| SavedPlan::from_document(&document));
        let refusal = UnusablePlan {
            directory: named(directory).to_owned(),
            commit: short(&job.pipeline.commit).to_owned(),
            newer: self.newer.as_deref().map(|it| short(it).to_owned()),
            latest: latest.map(|it| short(&it).to_owned()),
        };
        Ok(Review {
            plan: plan.transpose()?,
            refusal: Box::new(move |stale| refusal.error(stale)),
        })
    }
}

/// The reason why nothing is applied.
struct UnusablePlan {
    directory: String,
    commit: String,
    /// The last commit of the branch, if it is another one.
    newer: Option<String>,
    /// The commit of the latest plan of the directory.
    latest: Option<String>,
}

impl UnusablePlan {
    fn error(&self, stale: Option<&SavedError>) -> CommandError {
        CommandError::new(self.message(stale), self.help(stale))
    }

    fn message(&self, stale: Option<&SavedError>) -> Text {
        let (directory, commit) = (truncate(&self.directory), &self.commit);
        match (stale, &self.newer, &self.latest) {
            (Some(stale), Some(newer), _) => text!(
                en: "commit {commit} is no longer the head of the branch, which is {newer}, and its plan of `{directory}` no longer applies: {stale}",
                zh: "提交 {commit} 已不是分支的最新提交（最新为 {newer}），其 `{directory}` 的计划已不适用：{stale}",
                commit = commit,
                newer = newer,
                directory = directory,
                stale = stale,
            ),
            (Some(stale), None, _) => text!(
                en: "the plan of `{directory}` that was reviewed for commit {commit} no longer applies: {stale}",
                zh: "为提交 {commit} 评审的 `{directory}` 的计划已不适用：{stale}",
                commit = commit,
                directory = directory,
                stale = stale,
            ),
            (None, _, Some(latest)) => text!(
                en: "no plan of `{directory}` was reviewed for commit {commit}; the latest one is for commit {latest}",
                zh: "没有为提交 {commit} 评审 `{directory}` 的计划，最近的计划针对提交 {latest}",
                commit = commit,
                directory = directory,
                latest = latest,
            ),
            (None, _, None) => text!(
                en: "no plan of `{directory}` was reviewed for commit {commit}",
                zh: "没有为提交 {commit} 评审 `{directory}` 的计划",
                commit = commit,
                directory = directory,
            ),
        }
    }

    fn help(&self, stale: Option<&SavedError>) -> Text {
        match (stale, &self.newer) {
            (Some(_), Some(newer)) => text!(
                en: "apply in the pipeline of {newer}, which includes this commit",
                zh: "在 {newer} 的流水线中应用，它包含此提交",
                newer = newer,
            ),
            (Some(_), None) => text!(
                en: "run `eci ci plan` for this commit on the default branch, also where outputs that it reads changed by an apply; review the plan, and run this job again; or use `--auto-approve` to apply a new plan without review",
                zh: "在默认分支上为此提交执行 `eci ci plan`（其读取的输出因应用而变化时也是如此），评审计划后重新执行此作业；或使用 `--auto-approve` 直接应用新的计划",
            ),
            _ => text!(
                en: "run `eci ci plan` for this commit, review the plan, and run this job again; or use `--auto-approve` to apply a new plan without review",
                zh: "为此提交执行 `eci ci plan`，评审计划后重新执行此作业；或使用 `--auto-approve` 直接应用新的计划",
            ),
        }
    }
}
