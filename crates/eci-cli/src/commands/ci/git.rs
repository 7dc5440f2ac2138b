//! The working copy of a pipeline, as the program `git` describes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use eci_text::{Text, text};

/// The words of git about a directory without a working copy.
const NOT_A_REPOSITORY: &str = "not a git repository";

/// A working copy.
#[derive(Debug)]
pub(super) struct Git {
    directory: PathBuf,
}

impl Git {
    pub(super) fn new(directory: &Path) -> Git {
        Git {
            directory: directory.to_owned(),
        }
    }

    /// Returns the top directory; `None` without a working copy or without the program.
    pub(super) fn root(&self) -> Option<PathBuf> {
        let root = self.line(&["rev-parse", "--show-toplevel"])?;
        PathBuf::from(root).canonicalize().ok()
    }

    /// Returns the words of git about a directory that it refuses, for example one of another user.
    pub(super) fn refusal(&self) -> Option<String> {
        let output = self.run(&["rev-parse", "--show-toplevel"]).ok()?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        // A directory without a working copy has no commits to compare.
        if output.status.success() || words.contains(NOT_A_REPOSITORY) {
            return None;
        }
        let first = words.lines().find(|line| !line.trim().is_empty())?;
        Some(first.trim_start_matches("fatal: ").to_owned())
    }

    /// Returns why a working copy is missing; `None` if it exists.
    pub(super) fn absence(&self) -> Option<Text> {
        let Ok(output) = self.run(&["rev-parse", "--show-toplevel"]) else {
            return Some(text!(en: "the program `git` was not found", zh: "未找到程序 `git`"));
        };
        let words = String::from_utf8_lossy(&output.stderr);
        let is_missing = !output.status.success() && words.contains(NOT_A_REPOSITORY);
        is_missing.then(|| {
            let path = self.directory.canonicalize();
            let path = path.unwrap_or_else(|_| self.directory.clone());
            text!(
                en: "`{path}` is not a Git repository",
                zh: "`{path}` 不是 Git 仓库",
                path = path.display(),
            )
        })
    }

    /// Returns the commit.
    pub(super) fn head(&self) -> Option<String> {
        self.line(&["rev-parse", "HEAD"])
    }

    /// Returns the hash of the files of the commit.
    pub(super) fn tree(&self) -> Option<String> {
        self.line(&["rev-parse", "HEAD^{tree}"])
    }

    /// Returns whether the working copy has a change: its commit, or one that merges or follows it.
    ///
    /// A shallow clone has no commit before its first one, but the names of its parents.
    pub(super) fn has_change(&self, commit: &str) -> bool {
        let text = self.output(&["cat-file", "commit", "HEAD"]);
        let text = text.unwrap_or_default();
        let mut parents = text.lines().filter_map(|line| line.strip_prefix("parent "));
        self.head().as_deref() == Some(commit)
            || parents.any(|parent| parent == commit)
            || self.contains(commit)
    }

    /// Returns commits of the branch before one, the newest first, and that one itself: what was merged is
    /// none of them.
    pub(super) fn line_of(&self, commit: &str, most: usize) -> Vec<String> {
        let most = format!("--max-count={most}");
        let arguments = [
            "rev-list",
            "--first-parent",
            &most,
            "--end-of-options",
            commit,
        ];
        let lines = self.output(&arguments).unwrap_or_default();
        lines.lines().map(str::to_owned).collect()
    }

    /// Returns the commits that another one merges, and the hash of its files.
    pub(super) fn revisions_of(&self, commit: &str) -> Vec<String> {
        let tree = format!("{commit}^{{tree}}");
        let tree = self.line(&["rev-parse", "--verify", "--end-of-options", &tree]);
        self.merged_by(commit).into_iter().chain(tree).collect()
    }

    /// Returns the commits that the commit merges: its parents except the first.
    pub(super) fn merged(&self) -> Vec<String> {
        self.merged_by("HEAD")
    }

    fn merged_by(&self, commit: &str) -> Vec<String> {
        let arguments = [
            "rev-list",
            "--parents",
            "-n",
            "1",
            "--end-of-options",
            commit,
        ];
        let line = self.line(&arguments).unwrap_or_default();
        line.split_whitespace().skip(2).map(str::to_owned).collect()
    }

    /// Returns the commit that the branch had before a merge; `None` if the commit is not a merge.
    pub(super) fn before_merge(&self) -> Option<String> {
        if self.merged().is_empty() {
            return None;
        }
        self.parent()
    }

    /// Returns the first parent of the commit; `None` if a shallow clone does not have it.
    pub(super) fn parent(&self) -> Option<String> {
        self.resolved("HEAD^1")
    }

    /// Returns the address of the remote.
    pub(super) fn remote(&self) -> Option<String> {
        self.line(&["remote", "get-url", "origin"])
    }

    /// Returns whether a commit is the one of the working copy, or an ancestor of it.
    pub(super) fn contains(&self, commit: &str) -> bool {
        let Some(commit) = self.resolved(commit) else {
            return false;
        };
        self.output(&["merge-base", "--is-ancestor", &commit, "HEAD"])
            .is_some()
    }

    /// Returns the files that differ between a commit or branch and the working copy's commit; `None` if
    /// that is unknown, because a shallow clone does not have it and it cannot be fetched.
    pub(super) fn changed_since(&self, base: &Base) -> Option<BTreeSet<String>> {
        let commit = self.found(&base.revision)?;
        let departed = match base.kind {
            // What has come to the target branch since is not part of the change. A shallow clone does not
            // show where they departed: then it counts as changed, which plans too much.
            BaseKind::Target => self
                .line(&["merge-base", &commit, "HEAD"])
                .unwrap_or(commit),
            BaseKind::Previous => commit,
        };
        let files = self.output(&[
            "-c",
            "diff.relative=false",
            "diff",
            "--name-only",
            "--no-renames",
            "-z",
            &departed,
            "HEAD",
        ])?;
        let files = files.split('\0').filter(|file| !file.is_empty());
        Some(files.map(str::to_owned).collect())
    }

    /// Returns the manifests of a commit that contain a word.
    pub(super) fn manifests_with(&self, base: &Base, word: &str) -> Vec<CommittedFile> {
        let Some(commit) = self.found(&base.revision) else {
            return Vec::new();
        };
        let arguments = [
            "grep",
            "--files-with-matches",
            "--full-name",
            "-z",
            "--fixed-strings",
            "-e",
            word,
            &commit,
            "--",
            ":(top)*.eci.toml",
        ];
        let names = self.output(&arguments).unwrap_or_default();
        let names = names.split('\0').filter(|name| !name.is_empty());
        let files = names.filter_map(|name| {
            let text = self.output(&["cat-file", "blob", name])?;
            let (_, path) = name.split_once(':')?;
            Some(CommittedFile {
                path: path.to_owned(),
                text,
            })
        });
        files.collect()
    }

    /// Returns the commit of a hash or branch, if the working copy has it.
    pub(super) fn local(&self, revision: &str) -> Option<String> {
        let remote = || self.resolved(&format!("refs/remotes/origin/{revision}"));
        self.resolved(revision).or_else(remote)
    }

    /// Returns a commit, which is fetched if it is missing.
    fn found(&self, revision: &str) -> Option<String> {
        if let Some(commit) = self.local(revision) {
            return Some(commit);
        }
        if revision.starts_with('-') {
            return None;
        }
        let is_shallow = self.line(&["rev-parse", "--is-shallow-repository"]);
        let mut fetch = vec!["fetch", "--quiet", "--no-tags"];
        // A complete clone must not become shallow.
        if is_shallow.as_deref() == Some("true") {
            fetch.push("--depth=1");
        }
        fetch.extend(["origin", revision]);
        self.output(&fetch)?;
        self.resolved("FETCH_HEAD")
    }

    fn resolved(&self, revision: &str) -> Option<String> {
        let commit = format!("{revision}^{{commit}}");
        self.line(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ])
    }

    fn line(&self, arguments: &[&str]) -> Option<String> {
        let line = self.output(arguments)?.trim().to_owned();
        (!line.is_empty()).then_some(line)
    }

    fn run(&self, arguments: &[&str]) -> std::io::Result<Output> {
        Command::new("git")
            .arg("-C")
            .arg(&self.directory)
            .args(arguments)
            .env("GIT_TERMINAL_PROMPT", "0")
            // Its words are recognized.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .output()
    }

    /// Returns the output; `None` if the program is missing or failed.
    fn output(&self, arguments: &[&str]) -> Option<String> {
        let output = self.run(arguments).ok()?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            tracing::debug!(?arguments, words = words.trim(), "git failed");
            return None;
        }
        String::from_utf8(output.stdout).ok()
    }
}

/// A file of a commit.
#[derive(Clone, Debug)]
pub(super) struct CommittedFile {
    /// The path in the repository.
    pub(super) path: String,
    pub(super) text: String,
}

/// The commit that the working copy is compared with.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// A commit or a branch.
    pub(super) revision: String,
    pub(super) kind: BaseKind,
}

/// The relation of a base to the working copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaseKind {
    /// The branch that the change is to be merged into.
    Target,
    /// The commit of the same branch before the push.
    Previous,
}
