//! `eci ci drift`

use eci_ci::client::CommentOutcome;
use eci_ci::{CommentText, IssueText, Marker, Section};
use eci_core::truncate;
use eci_engine::{Engine, EngineOptions, Mode, PlanOptions};
use eci_planner::{Drift, Plan};
use eci_render::{RESOURCE, Style};
use eci_text::{In, Lang, Text, markdown_code, text};

use super::directories::ConfigurationDirectory;
use super::job::{Job, refused};
use crate::arguments::CiDriftArgs;
use crate::commands::plan::recovery_reporter;
use crate::context::Context;
use crate::error::CommandError;
use crate::error_report::report;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{print_stderr, print_stdout};

/// Compares every directory with the cloud, and keeps one issue for each that differs.
pub(super) async fn drift(
    context: &Context,
    args: &CiDriftArgs,
) -> Result<ExitStatus, CommandError> {
    let job = Job::open(context, &args.ci)?;
    let directories = job.directories()?;
    let (mut has_drift, mut has_failed) = (false, false);
    for directory in &directories {
        match compare(&job, directory).await {
            Ok(found) => has_drift |= found,
            Err(CommandError::Interrupted) => return Err(CommandError::Interrupted),
            // The other directories are compared all the same. Nothing is known of this one, so its issue
            // stays as it is.
            Err(failure) => {
                has_failed = true;
                print_stderr(&report(&failure, context, context.err));
            }
        }
    }
    close_issues_of_deleted(&job, &directories).await?;
    Ok(if has_failed {
        ExitStatus::Failed
    } else if has_drift && args.detailed_exit_code {
        ExitStatus::Changes
    } else {
        ExitStatus::Done
    })
}

/// Closes the issues about directories that no longer exist: no other run would.
///
/// A job for named directories knows nothing of the others, and neither does one that began below the top about
/// what is elsewhere.
async fn close_issues_of_deleted(
    job: &Job<'_>,
    directories: &[ConfigurationDirectory],
) -> Result<(), CommandError> {
    let Some(client) = job.client.as_ref() else {
        return Ok(());
    };
    if !job.args.directories.is_empty() {
        return Ok(());
    }
    let context = job.context;
    let top = context.directory()?;
    let top = top
        .canonicalize()
        .map_err(|error| CommandError::unlistable(top, &error))?;
    let open = client.directories_with_drift(&job.args.name).await;
    for place in open.map_err(refused)? {
        let is_known = directories.iter().any(|it| it.place.path == place);
        if is_known || !job.root().join(&place).starts_with(&top) {
            continue;
        }
        let marker = Marker::drift(&job.args.name, &place);
        let text = text!(
            en: "{mark}\nNo configuration is left in {name}, or it is a module now, so its drift is no longer checked. Resources in its state stay in the cloud.\n",
            zh: "{mark}\n此目录已无配置或已改为模块，因此不再检查其漂移：{name}。其状态中的资源仍保留在云端。\n",
            mark = marker.line(),
            name = called(&place, markdown_code),
        );
        let closed = client.close_issue(&marker, text.get(context.lang()));
        closed.await.map_err(refused)?;
        context.note(&text!(
            en: "Closed the issue about drift in {name}, which is no longer a directory with a state.",
            zh: "已关闭关于漂移的 Issue，该目录已不再有状态：{name}。",
            name = called(&place, quoted),
        ));
    }
    Ok(())
}

/// Compares one directory; returns whether it has drift.
async fn compare(job: &Job<'_>, directory: &ConfigurationDirectory) -> Result<bool, CommandError> {
    let context = job.context.in_directory(directory.path.clone());
    let plan = refreshed(&context, job).await?;
    let has_drift = plan.drift().iter().any(Drift::matters);
    let lang = context.lang();
    let place = &*directory.place.path;
    let heading = match place {
        "" => text!(en: "Root directory", zh: "根目录"),
        path => text!(en: "Directory {name}", zh: "目录 {name}", name = path),
    };
    let shown = eci_render::plan::drift_text(&plan, Style::plain().with_lang(lang));
    print_stdout(&format!("{}\n\n{shown}\n", heading.get(lang)))?;
    job.artifacts
        .write(&directory.place.path, "drift.txt", &shown)?;
    let Some(client) = &job.client else {
        return Ok(has_drift);
    };
    let marker = Marker::drift(&job.args.name, place);
    if !has_drift {
        let text = text!(
            en: "{mark}\nThe drift in {name} no longer exists.\n",
            zh: "{mark}\n漂移已消除：{name}。\n",
            mark = marker.line(),
            name = called(place, markdown_code),
        );
        let closed = client.close_issue(&marker, text.get(lang)).await;
        if closed.map_err(refused)? {
            context.note(&text!(
                en: "Closed the issue about drift in {name}.",
                zh: "已关闭关于漂移的 Issue：{name}。",
                name = called(place, quoted),
            ));
        }
        return Ok(false);
    }
    let title = text!(
        en: "Drift in {name}",
        zh: "存在漂移：{name}",
        name = called(place, str::to_owned),
    );
    let text = issue_text(&marker, &plan, context.lang(), client.longest_comment());
    let issue = IssueText {
        marker: &marker,
        title: title.get(lang),
        text: &text,
    };
    match client.put_issue(issue).await.map_err(refused)? {
        CommentOutcome::Created => context.note(&text!(
            en: "Created an issue about drift in {name}.",
            zh: "已创建关于漂移的 Issue：{name}。",
            name = called(place, quoted),
        )),
        _ => context.note(&text!(
            en: "Updated the issue about drift in {name}.",
            zh: "已更新关于漂移的 Issue：{name}。",
            name = called(place, quoted),
        )),
    }
    Ok(true)
}

/// Returns how a directory is named in a sentence: its path in a form, or words for the root of the repository.
fn called(path: &str, form: impl FnOnce(&str) -> String) -> Text {
    match path {
        "" => text!(en: "the root directory", zh: "根目录"),
        path => Text::verbatim(form(path)),
    }
}

/// Returns a path in backticks.
fn quoted(path: &str) -> String {
    format!("`{}`", truncate(path))
}

/// Compares the state with the cloud.
async fn refreshed(context: &Context, job: &Job<'_>) -> Result<Plan, CommandError> {
    let mut signals = Signals::listen()?;
    let variables = context.variables(&job.args.variables)?;
    let configuration = context.reading(&mut signals, || context.load_with(&variables))?;
    let state = context.reading(&mut signals, || context.state_of(&configuration))?;
    let snapshot = context.reading(&mut signals, || state.read())?;
    let provider = context.cloud(&configuration.provider, &state);
    let options = EngineOptions::default().with_apply(context.settings());
    let engine = Engine::builder(provider.clone())
        .options(options)
        .reporter(recovery_reporter(context))
        .build();
    let mut preview = engine.preview_of(&*state, &configuration, snapshot)?;
    let options = PlanOptions::default().with_mode(Mode::RefreshOnly);
    let planned = signals.unless(preview.plan(&options)).await;
    provider.close().await;
    planned
}

/// Returns the text of an issue.
///
/// It has no time and no commit, so that it stays the same while the drift does: every change of it
/// notifies people.
fn issue_text(marker: &Marker, plan: &Plan, lang: Lang, limit: usize) -> String {
    let title = text!(en: "eci drift", zh: "eci 漂移");
    let body = eci_render::plan::markdown(plan, None, lang);
    let (_, body) = body.split_once("\n\n").unwrap_or(("", &body));
    let count = plan.drift().iter().filter(|it| it.matters()).count();
    let sections = [Section {
        directory: String::new(),
        headline: In(&RESOURCE.count(count), lang).to_string(),
        body: body.to_owned(),
    }];
    let origin = text!(
        en: "The actual resources differ from the last-applied values. `eci plan` shows what would be changed.",
        zh: "实际资源与上次应用的值不同。`eci plan` 显示将执行的变更。",
    );
    CommentText {
        marker,
        title: &title,
        origin: origin.get(lang),
        note: None,
        sections: &sections,
    }
    .within(limit, lang)
}
