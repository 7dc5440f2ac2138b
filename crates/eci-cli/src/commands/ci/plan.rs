//! `eci ci plan`

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eci_ci::client::CommentOutcome;
use eci_ci::comment::DIRECTORY;
use eci_ci::directories::shown_path;
use eci_ci::{Comment, CommentText, HostError, Marker, Section, StatusState};
use eci_engine::{Backend, Engine, EngineOptions, PlanOptions, StoredPlan};
use eci_planner::{Plan, SavedPlan};
use eci_render::Style;
use eci_text::{Lang, List, Text, text};
use jiff::Timestamp;

use super::access::Access;
use super::directories::ConfigurationDirectory;
use super::job::Job;
use super::order::readers;
use super::revisions::Revisions;
use super::same_state::with_the_same_state;
use crate::arguments::CiPlanArgs;
use crate::check::check;
use crate::commands::plan::{create_state, recovery_reporter};
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::error_report::{page_style, report};
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stdout;

/// The time to wait for another pipeline that creates the state.
const CREATION_TIMEOUT: Duration = Duration::from_secs(120);

/// Plans the directories that a change affects, and comments on it.
pub(super) async fn plan(context: &Context, args: &CiPlanArgs) -> Result<ExitStatus, CommandError> {
    let mut job = Job::open(context, &args.ci)?;
    let access = Access::of(&mut job).await?;
    job.check_checkout()?;
    // Nothing of a stranger's manifests is evaluated before.
    let context = if access == Access::Plan {
        context.for_commit(&job.pipeline.commit)
    } else {
        context.isolated_in(job.root())
    };
    job.context = &context;
    let all = job.directories()?;
    // The settings of a stranger are not evaluated as a whole, and have no effect.
    let same_state = match access {
        Access::Plan => with_the_same_state(&job, &all),
        Access::Validate(_) => BTreeMap::new(),
    };
    let directories = job.affected(&args.change, all)?;
    let pending = text!(en: "planning", zh: "正在生成计划");
    access.checked(
        &job,
        job.set_status("plan", StatusState::Pending, &pending).await,
    )?;
    let mut results = Vec::with_capacity(directories.len());
    for directory in &directories {
        let result = match (access, same_state.get(&directory.place.path)) {
            (_, Some(same)) => Err(same.error(directory)),
            (Access::Plan, None) => plan_directory(&job, directory).await,
            (Access::Validate(_), None) => validate_directory(&job, directory),
        };
        let result = match result {
            Err(CommandError::Interrupted) => return Err(CommandError::Interrupted),
            Err(failure) => DirectoryPlan::failed(&job, directory, &access.shown(failure)),
            Ok(planned) => planned,
        };
        show(&job, directory, &result)?;
        results.push(result);
    }
    for name in job.deleted(&args.change)? {
        let result = deleted(&job, &name);
        print_stdout(&result.heading(context.lang()))?;
        results.push(result);
    }
    let mut kinds = results.iter().map(|result| result.kind);
    let has_failed = kinds.any(|kind| kind == ResultKind::Failed);
    let summary = summary(&results);
    let note = match access {
        Access::Plan => note_on_readers(&job, &directories),
        Access::Validate(_) => access.note(&job.pipeline),
    };
    let sections: Vec<Section> = results.into_iter().map(|result| result.section).collect();
    let commented = comment(&job, &access.title(), note.as_ref(), &sections).await;
    access.checked(&job, commented)?;
    let state = if has_failed {
        StatusState::Failure
    } else {
        StatusState::Success
    };
    access.checked(&job, job.set_status("plan", state, &summary).await)?;
    Ok(if has_failed {
        ExitStatus::Failed
    } else {
        ExitStatus::Done
    })
}

/// The result for one directory.
struct DirectoryPlan {
    section: Section,
    /// The complete result for people.
    text: String,
    kind: ResultKind,
}

/// The kind of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResultKind {
    /// A plan was created, or the manifests are valid.
    Done,
    Failed,
    /// The change deletes the manifests.
    Deleted,
}

impl DirectoryPlan {
    /// Returns the result as it is printed.
    fn heading(&self, lang: Lang) -> String {
        let heading = text!(
            en: "Directory {name}: {headline}",
            zh: "目录 {name}：{headline}",
            name = shown_path(&self.section.directory),
            headline = self.section.headline,
        );
        let separator = if self.text.is_empty() { "" } else { "\n" };
        format!("{}\n{separator}{}\n", heading.get(lang), self.text)
    }

    fn failed(
        job: &Job<'_>,
        directory: &ConfigurationDirectory,
        failure: &CommandError,
    ) -> DirectoryPlan {
        let context = job.context;
        let text = report(failure, context, page_style(context));
        let lang = context.lang();
        let body = eci_render::plan::failed_markdown(&text, lang);
        DirectoryPlan {
            section: section(directory, &body, lang),
            text,
            kind: ResultKind::Failed,
        }
    }
}

/// Returns the result for a directory whose manifests the change deletes.
fn deleted(job: &Job<'_>, name: &str) -> DirectoryPlan {
    let headline = text!(
        en: "deleted, but its resources remain",
        zh: "已删除，但其资源仍保留",
    );
    let body = text!(
        en: "The change deletes the manifests of this directory, not the resources in its state: they stay in the cloud, and no pipeline manages them any longer. To delete them as well, first remove them from the manifests in a change that is applied, or run `eci destroy`. If the directory only moved and its state keeps its address, no resource is affected.",
        zh: "此变更删除该目录的清单，但不删除其状态中的资源：资源仍保留在云端，且不再由任何流水线管理。如需一并删除，先在一次变更中从清单移除并应用，或执行 `eci destroy`。如果目录只是移动且状态地址不变，则资源不受影响。",
    );
    let lang = job.context.lang();
    DirectoryPlan {
        section: Section {
            directory: name.to_owned(),
            headline: headline.get(lang).to_owned(),
            body: format!("{}\n", body.get(lang)),
        },
        text: body.get(lang).to_owned(),
        kind: ResultKind::Deleted,
    }
}

/// Creates the plan of a directory, and keeps it for its review.
async fn plan_directory(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
) -> Result<DirectoryPlan, CommandError> {
    let context = job.context.in_directory(directory.path.clone());
    let mut signals = Signals::listen()?;
    let variables = context.variables(&job.args.variables)?;
    let configuration = context.reading(&mut signals, || context.load_with(&variables))?;
    let state = context.reading(&mut signals, || context.state_of(&configuration))?;
    create_state(&context, &state, CREATION_TIMEOUT, &mut signals).await?;
    let snapshot = context.reading(&mut signals, || state.read())?;
    let provider = context.cloud(&configuration.provider, &state);
    let options = EngineOptions::default().with_apply(context.settings());
    let engine = Engine::builder(provider.clone())
        .options(options)
        .reporter(recovery_reporter(&context))
        .build();
    let mut preview = engine.preview_of(&*state, &configuration, snapshot)?;
    context.warn(&configuration);
    context.reading(&mut signals, || {
        context.note_other_runs(&state, preview.snapshot())
    })?;
    let planned = signals.unless(preview.plan(&PlanOptions::default())).await;
    provider.close().await;
    let plan = planned?;
    context.warn_of(&plan, &configuration);
    let saved = preview.save(&plan, &variables, Timestamp::now());
    keep(job, directory, &state, &saved)?;
    Ok(shown(job, directory, &state, &plan))
}

fn shown(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
    state: &StateLocation,
    plan: &Plan,
) -> DirectoryPlan {
    let lang = job.context.lang();
    let body = eci_render::plan::markdown(plan, None, lang);
    let text = eci_render::plan::text(plan, None, Style::plain().with_lang(lang));
    DirectoryPlan {
        section: section(directory, &body, lang),
        text: state.headed(text, lang),
        kind: ResultKind::Done,
    }
}

/// Keeps a plan in the store of the state, or as an artifact where the state is not in a shared store.
fn keep(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
    state: &StateLocation,
    saved: &SavedPlan,
) -> Result<(), CommandError> {
    let Revisions { commit, tree } = job.revisions();
    let document = saved.to_document()?;
    match &**state {
        Backend::Shared(store) => {
            let change = job.pipeline.change.as_ref();
            store.put_plan(&StoredPlan {
                commit,
                tree,
                name: job.args.name.clone(),
                change: change.map(|change| change.number.clone()),
                created: saved.origin.created,
                document,
            })?;
            Ok(())
        }
        _ => {
            let revisions = Revisions { commit, tree };
            let place = &directory.place.path;
            job.artifacts.save(place, &revisions, &document)
        }
    }
}

/// Checks the manifests of a directory, without secrets, state and cloud.
fn validate_directory(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
) -> Result<DirectoryPlan, CommandError> {
    let context = job.context.in_directory(directory.path.clone());
    let variables = context.variables(&job.args.variables)?;
    let configuration = context.load_with(&variables)?;
    check(configuration)??;
    let lang = context.lang();
    let valid = lang.pick("valid", "有效");
    Ok(DirectoryPlan {
        section: Section {
            directory: directory.place.path.clone(),
            headline: valid.to_owned(),
            body: String::new(),
        },
        text: String::new(),
        kind: ResultKind::Done,
    })
}

/// Returns the section of a comment, whose headline is that of the Markdown.
fn section(directory: &ConfigurationDirectory, markdown: &str, lang: Lang) -> Section {
    let (heading, body) = markdown.split_once("\n\n").unwrap_or((markdown, ""));
    let prefix = lang.pick("### eci plan: ", "### eci plan：");
    Section {
        directory: directory.place.path.clone(),
        headline: heading.strip_prefix(prefix).unwrap_or(heading).to_owned(),
        body: body.to_owned(),
    }
}

/// Prints a result, and writes it as an artifact.
fn show(
    job: &Job<'_>,
    directory: &ConfigurationDirectory,
    result: &DirectoryPlan,
) -> Result<(), CommandError> {
    let place = &directory.place.path;
    let complete = match &*result.text {
        "" => &result.section.headline,
        text => text,
    };
    job.artifacts.write(place, "plan.txt", complete)?;
    Ok(print_stdout(&result.heading(job.context.lang()))?)
}

/// Returns what reviewers should know where a change affects a directory and one that reads its outputs: the plan
/// of the latter has the outputs of before.
fn note_on_readers(job: &Job<'_>, directories: &[ConfigurationDirectory]) -> Option<Text> {
    if directories.len() < 2 {
        return None;
    }
    let readers = readers(job, directories);
    if readers.is_empty() {
        return None;
    }
    let code = |names: Vec<&String>| {
        let names = names.into_iter().map(|name| eci_text::markdown_code(name));
        List::and(names.collect::<Vec<_>>())
    };
    let of: BTreeSet<&String> = readers.values().flatten().collect();
    Some(text!(
        en: "The plan of {readers} is based on the present outputs of {producers}, which this {change} also affects. If they change when it is applied, the plan is refused: run `eci ci plan` on the default branch then, review it, and repeat the job.",
        zh: "{readers} 的计划基于 {producers} 的当前输出，而此{change}也影响后者。如果这些输出在应用后变化，该计划会被拒绝：此时在默认分支上执行 `eci ci plan`，评审后重新执行作业。",
        readers = code(Vec::from_iter(of)),
        producers = code(readers.keys().collect()),
        change = job.pipeline.change_request(),
    ))
}

/// Returns the results in a few words.
fn summary(results: &[DirectoryPlan]) -> Text {
    let count = |kind: ResultKind| results.iter().filter(|result| result.kind == kind).count();
    let failed = count(ResultKind::Failed);
    let deleted = count(ResultKind::Deleted);
    match results {
        [] => text!(en: "no directory is affected", zh: "没有受影响的目录"),
        [one] => Text::verbatim(one.section.headline.clone()),
        all if failed > 0 => text!(
            en: "{directories}, {failed} failed",
            zh: "{directories}，{failed} 个失败",
            directories = DIRECTORY.count(all.len()),
            failed = failed,
        ),
        all if deleted > 0 => text!(
            en: "{directories}, {deleted} deleted",
            zh: "{directories}，{deleted} 个已删除",
            directories = DIRECTORY.count(all.len()),
            deleted = deleted,
        ),
        all => text!(
            en: "{directories} planned",
            zh: "已生成 {directories}的计划",
            directories = DIRECTORY.count(all.len()),
        ),
    }
}

/// Writes the comment on the change request, and its whole text as an artifact.
async fn comment(
    job: &Job<'_>,
    title: &Text,
    note: Option<&Text>,
    sections: &[Section],
) -> Result<(), HostError> {
    let lang = job.context.lang();
    let marker = Marker::plan(&job.args.name);
    let origin = job.origin();
    let comment = CommentText {
        marker: &marker,
        title,
        origin: &origin,
        note,
        sections,
    };
    if let Err(error) = job.artifacts.write("", "comment.md", &comment.whole(lang)) {
        job.context.say(&text!(
            en: "{error}",
            zh: "{error}",
            error = Text::verbatim(report(&error, job.context, page_style(job.context))),
        ));
    }
    let (Some(client), Some(change)) = (&job.client, &job.pipeline.change) else {
        return Ok(());
    };
    let text = comment.within(client.longest_comment(), lang);
    let written = client.put_comment(Comment {
        change: &change.number,
        marker: &marker,
        text: &text,
        commit: &job.pipeline.commit,
        creates: !sections.is_empty(),
    });
    match written.await? {
        CommentOutcome::Outdated => job.context.note(&text!(
            en: "note: commit {commit} is no longer the head of {change} {number}, so the comment is left to the newer commit",
            zh: "说明: 提交 {commit} 已不是{change} {number} 的最新提交，评论留给较新的提交",
            commit = job.pipeline.short_commit(),
            change = job.pipeline.change_request(),
            number = change.number,
        )),
        CommentOutcome::Created => job.context.note(&text!(
            en: "Created a comment on {change} {number}.",
            zh: "已在{change} {number} 中创建评论。",
            change = job.pipeline.change_request(),
            number = change.number,
        )),
        CommentOutcome::Updated => job.context.note(&text!(
            en: "Updated the comment on {change} {number}.",
            zh: "已更新{change} {number} 中的评论。",
            change = job.pipeline.change_request(),
            number = change.number,
        )),
        _ => {}
    }
    Ok(())
}
