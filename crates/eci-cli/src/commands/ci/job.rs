//! A job of a pipeline: its environment, its code host, its directories.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eci_ci::directories::shown_path;
use eci_ci::host::ChangeInfo;
use eci_ci::pipeline::short;
use eci_ci::{
    CiSystem, CodeHostClient, CommitStatus, Directory, Environment, EnvironmentError, HostError,
    Pipeline, StatusState, affected,
};
use eci_core::regular::{self, LARGEST_TEXT};
use eci_core::truncate;
use eci_text::{List, Text, text};
use serde_json::Value;

use super::artifacts::Artifacts;
use super::directories::{self, ConfigurationDirectory, DirectorySettings};
use super::git::{Base, BaseKind, Git};
use super::modules::called_modules;
use super::revisions::Revisions;
use super::transport::HttpTransport;
use crate::arguments::{ChangeArgs, CiArgs};
use crate::context::{Context, manifests_in};
use crate::error::CommandError;

/// The variable with the file that describes the event in Actions.
const EVENT: &str = "GITHUB_EVENT_PATH";

/// The most commits before a push whose statuses are read.
const MOST_SKIPPED: usize = 50;

/// A job of a pipeline.
pub(super) struct Job<'a> {
    pub(super) context: &'a Context,
    pub(super) args: &'a CiArgs,
    pub(super) pipeline: Pipeline,
    /// The code host, if its place and a token are known.
    pub(super) client: Option<CodeHostClient<HttpTransport>>,
    pub(super) git: Git,
    pub(super) artifacts: Artifacts,
    root: PathBuf,
}

impl<'a> Job<'a> {
    /// Reads the environment of the pipeline.
    pub(super) fn open(context: &'a Context, args: &'a CiArgs) -> Result<Job<'a>, CommandError> {
        let directory = context.directory()?;
        let git = Git::new(directory);
        check_git(&git, directory)?;
        let variable = |name: &str| std::env::var(name).ok();
        let event = event(context, &variable);
        let (remote, head) = (git.remote(), git.head());
        let environment = Environment::new(&variable)
            .with_event(event.as_ref())
            .with_remote(remote.as_deref())
            .with_head(head.as_deref());
        let mut pipeline = Pipeline::read(&environment).map_err(|error| unknown(&git, error))?;
        pipeline.commit = whole_commit(&git, &pipeline.commit)?;
        let client = client(context, &pipeline, &variable)?;
        let root = match git.root() {
            Some(root) => root,
            None => directory
                .canonicalize()
                .map_err(|error| CommandError::unlistable(directory, &error))?,
        };
        Ok(Job {
            artifacts: Artifacts::new(&args.artifacts, directory, root.clone()),
            context,
            args,
            pipeline,
            client,
            git,
            root,
        })
    }

    /// Returns the top directory of the working copy.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns those directories that the change affects, or all of them.
    pub(super) fn affected(
        &self,
        args: &ChangeArgs,
        mut all: Vec<ConfigurationDirectory>,
    ) -> Result<Vec<ConfigurationDirectory>, CommandError> {
        if args.all {
            return Ok(all);
        }
        let changed = self
            .base(args)
            .and_then(|base| self.git.changed_since(&base));
        let Some(changed) = changed else {
            if let Some(base) = &args.base {
                return Err(CommandError::new(
                    text!(
                        en: "commit or branch `{base}` not found",
                        zh: "未找到提交或分支 `{base}`",
                        base = base,
                    ),
                    text!(
                        en: "check out the full history, or use `--all` for all directories",
                        zh: "检出完整历史，或使用 `--all` 处理全部目录",
                    ),
                ));
            }
            if let Some(cause) = self.git.absence() {
                self.context.note(&text!(
                    en: "note: {cause}, so all directories are included",
                    zh: "说明: {cause}，因此包括全部目录",
                    cause = cause,
                ));
                return Ok(all);
            }
            self.context.note(&text!(
                en: "note: the commit before this change is unknown, so all directories are included, but deleted ones only if the last commit deleted them\nhelp: specify that commit with `--base COMMIT`",
                zh: "说明: 无法确定此变更之前的提交，因此包括全部目录，但已删除的目录仅包括最近一次提交删除的目录\n帮助: 使用 `--base COMMIT` 指定该提交",
            ));
            return Ok(all);
        };
        let places: Vec<Directory> = all.iter().map(|it| it.place.clone()).collect();
        let affected: BTreeSet<&str> = affected(&places, &changed)
            .into_iter()
            .map(|place| &*place.path)
            .collect();
        all.retain(|it| affected.contains(&*it.place.path));
        Ok(all)
    }

    /// Returns the directories that the change deletes with all of their manifests, below that of the command.
    pub(super) fn deleted(&self, args: &ChangeArgs) -> Result<BTreeSet<String>, CommandError> {
        // At least what the last commit deleted, where the base is unknown.
        let base = self.base(args).or_else(|| {
            let revision = self.git.parent()?;
            let kind = BaseKind::Previous;
            Some(Base { revision, kind })
        });
        let Some(base) = base.filter(|_| self.args.directories.is_empty()) else {
            return Ok(BTreeSet::new());
        };
        let changed = self.git.changed_since(&base).unwrap_or_default();
        let directory = self.context.directory()?;
        let directory = directory.canonicalize();
        let directory = directory.unwrap_or_else(|_| self.root.clone());
        let mut deleted = eci_ci::deleted(&changed, |folder| {
            !manifests_in(&self.root.join(folder)).is_empty()
        });
        deleted.retain(|folder| self.root.join(folder).starts_with(&directory));
        if !deleted.is_empty() {
            // What others called as a module has no resources but theirs.
            let called = called_modules(&self.git.manifests_with(&base, "source"));
            deleted.retain(|folder| !called.contains(folder));
        }
        Ok(deleted)
    }

    /// Returns all directories.
    pub(super) fn directories(&self) -> Result<Vec<ConfigurationDirectory>, CommandError> {
        directories::find(self.context, self.args, &self.root)
    }

    /// Returns the settings of a directory.
    pub(super) fn settings<'d>(
        &self,
        directory: &'d ConfigurationDirectory,
    ) -> Result<&'d DirectorySettings, CommandError> {
        directory.settings(self.context, &self.args.variables)
    }

    fn base(&self, args: &ChangeArgs) -> Option<Base> {
        let target = |revision: &String| Base {
            revision: revision.clone(),
            kind: BaseKind::Target,
        };
        if let Some(base) = &args.base {
            return Some(target(base));
        }
        match &self.pipeline.change {
            Some(change) => change.base.as_ref().or(change.target.as_ref()).map(target),
            None => {
                let previous = self.pipeline.previous.clone();
                // Not every CI system names the commit before a push. A merge shows it.
                let previous = previous.or_else(|| self.git.before_merge())?;
                Some(Base {
                    revision: previous,
                    kind: BaseKind::Previous,
                })
            }
        }
    }

    /// Returns what the code host knows of the change request; `None` without one or without a token.
    pub(super) async fn change_info(&self) -> Result<Option<ChangeInfo>, CommandError> {
        match (&self.client, &self.pipeline.change) {
            (Some(client), Some(change)) => {
                let info = client.change(&change.number).await;
                info.map(Some).map_err(refused)
            }
            _ => Ok(None),
        }
    }

    /// Returns a saved plan of a directory among the artifacts that the code host keeps of the change request.
    pub(super) async fn saved_plan(
        &self,
        place: &str,
        revisions: &[String],
    ) -> Result<Option<String>, CommandError> {
        let Some(client) = &self.client else {
            return Ok(None);
        };
        let directory = self.context.directory()?.canonicalize().ok();
        let directory = directory
            .as_deref()
            .and_then(|it| it.strip_prefix(&self.root).ok());
        let (Some(directory), Some(folder)) = (
            directory.and_then(Path::to_str),
            self.args.artifacts.to_str(),
        ) else {
            return Ok(None);
        };
        let names = Artifacts::names(place, revisions).into_iter();
        let paths =
            names.filter_map(|name| eci_ci::normal(&format!("{directory}/{folder}/{name}")));
        let paths: Vec<String> = paths.collect();
        let found = client.artifact(&self.pipeline.commit, &paths).await;
        found.map_err(refused)
    }

    /// Takes the last commit of the change request for that of the pipeline, where the CI system names
    /// that of a trial merge.
    pub(super) fn correct_commit(&mut self, info: &ChangeInfo) {
        let names_merges = matches!(self.pipeline.system, CiSystem::Jenkins | CiSystem::Other);
        if names_merges && self.git.contains(&info.head) {
            self.pipeline.commit.clone_from(&info.head);
        }
    }

    /// Refuses to report on a commit that is not in the working copy: `pull_request_target`, for example,
    /// checks out the target branch.
    pub(super) fn check_checkout(&self) -> Result<(), CommandError> {
        let (Some(change), Some(head)) = (&self.pipeline.change, self.git.head()) else {
            return Ok(());
        };
        if self.git.has_change(&self.pipeline.commit) {
            return Ok(());
        }
        Err(CommandError::new(
            text!(
                en: "the working copy has commit {head}, not commit {commit} of {change} {number}",
                zh: "工作副本的提交为 {head}，不是{change} {number} 的提交 {commit}",
                head = short(&head),
                commit = self.pipeline.short_commit(),
                change = self.pipeline.change_request(),
                number = truncate(&change.number),
            ),
            text!(
                en: "first check out that commit or a merge of it; with Actions, use the event `pull_request`, not `pull_request_target`",
                zh: "先检出该提交或其合并提交；在 Actions 中使用事件 `pull_request`，而不是 `pull_request_target`",
            ),
        ))
    }

    /// Refuses to apply other files than those of the commit: a job may have checked out a branch that is not
    /// merged.
    pub(super) fn check_head(&self) -> Result<(), CommandError> {
        let head = self.git.head();
        let Some(head) = head.filter(|head| *head != self.pipeline.commit) else {
            return Ok(());
        };
        Err(CommandError::new(
            text!(
                en: "the working copy has commit {head}, not commit {commit}",
                zh: "工作副本的提交为 {head}，不是提交 {commit}",
                head = short(&head),
                commit = self.pipeline.short_commit(),
            ),
            text!(
                en: "check out the commit that the pipeline runs for",
                zh: "检出流水线所针对的提交",
            ),
        ))
    }

    /// Returns the commits of the branch whose jobs did not apply, because they were canceled before their end,
    /// for example by a newer one in the same group: their changes are applied together with that of this
    /// commit. The commit to compare with is that before them.
    pub(super) async fn catch_up(&mut self) -> Result<Vec<String>, CommandError> {
        let (Some(client), Some(previous)) = (&self.client, &self.pipeline.previous) else {
            return Ok(Vec::new());
        };
        if !client.shows_statuses() {
            return Ok(Vec::new());
        }
        let context = self.status_context("apply");
        let mut skipped = Vec::new();
        for commit in self.git.line_of(previous, MOST_SKIPPED) {
            match client.status(&commit, &context).await.map_err(refused)? {
                None | Some(StatusState::Pending) => skipped.push(commit),
                Some(StatusState::Success | StatusState::Failure) => {
                    if let Some(last) = skipped.last() {
                        self.context.note(&text!(
                            en: "note: the jobs of {n} earlier commits, from {first} on, did not finish, so their changes are included",
                            zh: "说明: {first} 起的 {n} 个较早提交的作业未执行完，因此包括其变更",
                            n = skipped.len(),
                            first = short(last),
                        ));
                        self.pipeline.previous = Some(commit);
                    }
                    return Ok(skipped);
                }
            }
        }
        // No job of the branch has ever applied.
        Ok(Vec::new())
    }

    pub(super) fn revisions(&self) -> Revisions {
        Revisions {
            commit: self.pipeline.commit.clone(),
            tree: self.git.tree(),
        }
    }

    /// Sets the status of the commit, for example `eci/plan`.
    pub(super) async fn set_status(
        &self,
        purpose: &str,
        state: StatusState,
        description: &Text,
    ) -> Result<(), HostError> {
        let Some(client) = &self.client else {
            return Ok(());
        };
        let status = CommitStatus {
            context: self.status_context(purpose),
            state,
            description: description.get(self.context.lang()).to_owned(),
            page: self.pipeline.page.clone(),
        };
        client.set_status(&self.pipeline.commit, &status).await
    }

    fn status_context(&self, purpose: &str) -> String {
        match &*self.args.name {
            "eci" => format!("eci/{purpose}"),
            name => format!("eci/{purpose} ({name})"),
        }
    }

    /// Returns commit and run as Markdown.
    pub(super) fn origin(&self) -> String {
        let commit = eci_text::markdown_code(self.pipeline.short_commit());
        let mut origin = commit;
        if let Some(page) = &self.pipeline.page {
            let page = page.replace(')', "%29").replace(' ', "%20");
            origin.push_str(&format!(" · [{}]({page})", self.pipeline.system.name()));
        }
        origin
    }
}

/// Reads the description of an event.
fn read_event(path: &Path) -> Result<Value, Text> {
    let text = regular::read_to_string(path, LARGEST_TEXT).map_err(|error| Text::of(&error))?;
    serde_json::from_str(&text).map_err(|error| Text::of_error(&error))
}

/// Returns the event of the pipeline, as far as Actions describe it in a file.
fn event(context: &Context, variable: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let path = variable(EVENT).filter(|path| !path.is_empty())?;
    match read_event(Path::new(&path)) {
        Ok(event) => Some(event),
        Err(cause) => {
            context.say(&text!(
                en: "warning: failed to read the event of the pipeline in `{path}`: {cause}\nhelp: check `{variable}`",
                zh: "警告: 读取 `{path}` 中的流水线事件失败：{cause}\n帮助: 检查 `{variable}`",
                path = truncate(&path),
                cause = cause,
                variable = EVENT,
            ));
            None
        }
    }
}

/// Returns the error about a pipeline that is not recognized.
fn unknown(git: &Git, error: EnvironmentError) -> CommandError {
    let help = error.help();
    match (&error, git.absence()) {
        (EnvironmentError::NoCommit(_), Some(cause)) => CommandError::new(
            text!(
                en: "the commit of this pipeline is unknown: {cause}",
                zh: "此流水线的提交未知：{cause}",
                cause = cause,
            ),
            help,
        ),
        _ => CommandError::with_help(error, Some(help)),
    }
}

/// Returns the client of the code host, or notes why nothing is written on it.
fn client(
    context: &Context,
    pipeline: &Pipeline,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<CodeHostClient<HttpTransport>>, CommandError> {
    Ok(match (&pipeline.repository, &pipeline.token) {
        (Some(repository), Some(token)) => {
            let transport = HttpTransport::new(repository, token)?;
            let client = CodeHostClient::new(repository, transport);
            Some(client.writing_as(pipeline.user.clone()))
        }
        (Some(repository), None) => {
            context.note(&text!(
                en: "note: nothing is written on {host} without a token\nhelp: set `ECI_CI_TOKEN`",
                zh: "说明: 没有令牌，因此不在 {host} 上写入任何内容\n帮助: 设置 `ECI_CI_TOKEN`",
                host = repository.host.name(),
            ));
            None
        }
        (None, _) => {
            context.note(&text!(
                en: "note: nothing is written on the code host, because its address is unknown\nhelp: set {variables}",
                zh: "说明: 代码托管平台的地址未知，因此不在其上写入任何内容\n帮助: 设置 {variables}",
                variables = List::and(missing_of_address(variable)),
            ));
            None
        }
    })
}

/// Reports why git refuses the working copy: without its history, every directory would be included.
fn check_git(git: &Git, directory: &Path) -> Result<(), CommandError> {
    let Some(cause) = git.refusal() else {
        return Ok(());
    };
    let directory = directory.canonicalize();
    let directory = directory.unwrap_or_else(|_| PathBuf::from("."));
    let message = text!(
        en: "git cannot read the working copy: {cause}",
        zh: "git 无法读取工作副本：{cause}",
        cause = truncate(eci_text::line(&cause)),
    );
    let help = if cause.contains("dubious ownership") {
        // git names the top directory at the end of its sentence.
        let quoted = cause.split('\'').nth(1).map(str::to_owned);
        text!(
            en: "first run `git config --global --add safe.directory {path}`",
            zh: "先执行 `git config --global --add safe.directory {path}`",
            path = quoted.unwrap_or_else(|| directory.display().to_string()),
        )
    } else {
        text!(
            en: "run `git status` in the job to see the full message",
            zh: "在作业中执行 `git status` 查看完整消息",
        )
    };
    Err(CommandError::new(message, help))
}

/// Returns the hash of a commit.
///
/// CI systems name it; a person may have set a branch or a short hash, which identify no plan on another
/// day.
fn whole_commit(git: &Git, commit: &str) -> Result<String, CommandError> {
    let is_hash = |text: &str| {
        matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if is_hash(commit) {
        return Ok(commit.to_owned());
    }
    git.local(commit).ok_or_else(|| {
        CommandError::new(
            match git.absence() {
                Some(cause) => text!(
                    en: "cannot find commit or branch `{commit}`: {cause}",
                    zh: "无法查找提交或分支 `{commit}`：{cause}",
                    commit = truncate(commit),
                    cause = cause,
                ),
                None => text!(
                    en: "commit or branch `{commit}` not found in the working copy",
                    zh: "工作副本中未找到提交或分支 `{commit}`",
                    commit = truncate(commit),
                ),
            },
            text!(
                en: "set `ECI_CI_COMMIT` to the complete hash of the commit, or unset it to use that of the working copy",
                zh: "将 `ECI_CI_COMMIT` 设置为提交的完整哈希；或取消设置，使用工作副本的提交",
            ),
        )
    })
}

/// Returns the variables of the address of a code host that are not set, or all of them.
fn missing_of_address(variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let all = ["ECI_CI_HOST", "ECI_CI_API", "ECI_CI_REPOSITORY"];
    let is_missing = |name: &&str| variable(name).is_none_or(|value| value.is_empty());
    let missing: Vec<&str> = all.into_iter().filter(is_missing).collect();
    let named = if missing.is_empty() {
        &all[..]
    } else {
        &missing
    };
    named.iter().map(|name| format!("`{name}`")).collect()
}

/// Returns the error of a code host as that of the command.
pub(super) fn refused(error: HostError) -> CommandError {
    let help = error.help();
    CommandError::with_help(error, Some(help))
}

/// Returns how a directory is named in messages.
pub(super) fn named(directory: &ConfigurationDirectory) -> &str {
    shown_path(&directory.place.path)
}
