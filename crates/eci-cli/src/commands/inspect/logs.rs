//! `eci logs`

use std::time::Duration;

use eci_api::types::{DescribedContainer, DescribedGroup, LogExcerpt};
use eci_api::{Client, Status};
use eci_engine::SANDBOX_POLL;
use eci_provider::ResourceProvider;
use eci_provider::readiness::phase;
use eci_render::text_of;
use eci_text::{Text, Verbatim, text};

use super::follow::{PrintedLines, reaches_back, without_time};
use super::{InspectContext, RecordedGroup, no_longer_exists, redactor};
use crate::arguments;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::foreign;

/// The pause between two reads of a log that is followed.
const PAUSE: Duration = Duration::from_secs(1);

/// The number of additional lines that are requested where the last lines are followed; they
/// distinguish new lines from old ones.
const BEYOND: i64 = 200;
const MOST: i64 = 1_000_000;

/// Shows what a container wrote.
pub(crate) async fn logs(
    context: &Context,
    args: &arguments::LogsArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let inspection = InspectContext::load(context, &args.variables, &mut signals)?;
    let group = inspection.group(&args.address)?;
    let container = group.container(args.container.as_deref())?;
    let excerpt = excerpt(args, &container);
    let access = inspection.access(context)?;
    let work = async {
        let provider = access.adapter().await?;
        if args.follow {
            let log = FollowedLog {
                context,
                provider,
                group: &group,
                container: &container,
                args,
            };
            return log.run(excerpt).await;
        }
        let content = match provider.log(&group.id, &excerpt).await {
            Ok(content) => content,
            Err(error) => {
                let absent = absent_log(provider, &group, &excerpt).await;
                return Err(absent.unwrap_or_else(|| group.failed(error)));
            }
        };
        foreign(&content)?;
        // A prompt or another file that is appended begins on a separate line.
        if !content.is_empty() && !content.ends_with('\n') {
            foreign("\n")?;
        }
        Ok(())
    };
    let done = tokio::select! {
        biased;
        // Ctrl-C is the normal end of following a log, and is not reported.
        _ = signals.next() => Ok(ExitStatus::Interrupted),
        done = work => done.map(|()| ExitStatus::Done),
    };
    access.close().await;
    done
}

fn excerpt(args: &arguments::LogsArgs, container: &str) -> LogExcerpt {
    LogExcerpt {
        container_name: Some(container.to_owned()),
        tail: args.tail.map(i64::from),
        previous: args.previous.then_some(true),
        since_seconds: args.since.map(seconds),
        timestamps: args.timestamps.then_some(true),
        ..LogExcerpt::default()
    }
}

/// Returns the error about a log that does not exist, after a call for it failed; none if it exists.
async fn absent_log(
    provider: &ResourceProvider<Client>,
    group: &RecordedGroup<'_>,
    excerpt: &LogExcerpt,
) -> Option<CommandError> {
    let name = excerpt.container_name.as_deref()?;
    let observed = provider.describe_group(&group.id).await.ok()??;
    let status = log_status(&observed.group, name);
    let container = group.shown(name);
    if excerpt.previous == Some(true) && !status.has_restarted {
        return Some(CommandError::new(
            text!(
                en: "container `{container}` of {address} has not been restarted",
                zh: "{address} 的容器 `{container}` 尚未重启过",
                container = container,
                address = Verbatim(group.address),
            ),
            text!(en: "omit `--previous`", zh: "去掉 `--previous`"),
        ));
    }
    (!status.has_log).then(|| {
        let redactor = redactor(&group.known(), Some(&observed));
        CommandError::new(
            text!(
                en: "container `{container}` of {address} has no log yet ({phase})",
                zh: "{address} 的容器 `{container}` 尚无日志（{phase}）",
                container = container,
                address = Verbatim(group.address),
                phase = redactor.cover_message(status.phase),
            ),
            text!(
                en: "use `--follow` to wait for the log",
                zh: "使用 `--follow` 等待日志",
            ),
        )
    })
}

/// Returns whole seconds, at least one: the cloud knows no shorter time.
fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis().div_ceil(1000).max(1)).unwrap_or(i64::MAX)
}

/// A log that is followed.
struct FollowedLog<'a> {
    context: &'a Context,
    provider: &'a ResourceProvider<Client>,
    group: &'a RecordedGroup<'a>,
    container: &'a str,
    args: &'a arguments::LogsArgs,
}

/// The status of a container at one read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LogStatus {
    /// The number of the run.
    restarts: i64,
    /// Whether an earlier run of it ended.
    has_restarted: bool,
    /// Whether it has written anything that could be read.
    has_log: bool,
    /// Whether it will write nothing more.
    is_over: bool,
    /// The condition that it waits for.
    phase: Text,
}

impl FollowedLog<'_> {
    async fn run(&self, first: LogExcerpt) -> Result<(), CommandError> {
        let pause = if self.context.globals.sandbox {
            SANDBOX_POLL.max
        } else {
            PAUSE
        };
        let mut printed = match first.since_seconds {
            Some(_) => PrintedLines::from_an_age(),
            None => PrintedLines::default(),
        };
        let mut excerpt = LogExcerpt {
            tail: first.tail.map(|tail| tail + BEYOND),
            timestamps: Some(true),
            ..first
        };
        let mut tail = self.args.tail.map(|tail| tail as usize);
        let Some(mut status) = self.status().await? else {
            return Err(self.missing());
        };
        if !status.has_log && !status.is_over {
            let container = self.group.shown(self.container);
            self.context.note(&text!(
                en: "Container `{container}` has no log yet ({phase}).",
                zh: "容器 `{container}` 尚无日志（{phase}）。",
                container = container,
                phase = status.phase,
            ));
        }
        loop {
            let content = self.read(&status, &mut excerpt).await?;
            let next = self.status().await?;
            // What was just read may be of either run; the one before is read as such.
            let is_next_run = next
                .as_ref()
                .is_some_and(|next| next.restarts != status.restarts);
            let content = if is_next_run {
                self.read_previous(&excerpt).await?
            } else {
                content
            };
            let is_over = status.is_over || next.is_none();
            let news = if is_over || is_next_run {
                printed.last_news(&content)
            } else {
                printed.news(&content)
            };
            let lines = match tail.take_if(|_| status.has_log) {
                Some(tail) => &news[news.len().saturating_sub(tail)..],
                None => &news[..],
            };
            if !self.print(lines)? {
                return Ok(());
            }
            if let Some(start) = printed.start_time() {
                excerpt = LogExcerpt {
                    container_name: excerpt.container_name,
                    timestamps: Some(true),
                    start_time: Some(start),
                    ..LogExcerpt::default()
                };
            }
            match next {
                Some(next) if !is_over => status = next,
                _ => return Ok(()),
            }
            if !is_next_run {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Reads the log of the container; of the last lines as many as it takes to go on from there.
    async fn read(
        &self,
        status: &LogStatus,
        excerpt: &mut LogExcerpt,
    ) -> Result<String, CommandError> {
        if !status.has_log {
            return Ok(String::new());
        }
        loop {
            let content = match self.provider.log(&self.group.id, excerpt).await {
                Ok(content) => content,
                // It was deleted while it was read, which the next read reports.
                Err(error) if error.is_not_found() => return Ok(String::new()),
                Err(error) => return Err(error.into()),
            };
            match excerpt.tail {
                Some(tail) if !reaches_back(&content, tail) => {
                    excerpt.tail = tail.checked_mul(8).filter(|tail| *tail < MOST);
                }
                _ => return Ok(content),
            }
        }
    }

    /// Reads the log of the run before the current one.
    async fn read_previous(&self, excerpt: &LogExcerpt) -> Result<String, CommandError> {
        let excerpt = LogExcerpt {
            previous: Some(true),
            ..excerpt.clone()
        };
        match self.provider.log(&self.group.id, &excerpt).await {
            Ok(content) => Ok(content),
            Err(error) => {
                self.context.note(&text!(
                    en: "failed to read the last log lines of container `{container}` before its restart: {cause}",
                    zh: "读取容器 `{container}` 重启前的最后日志失败：{cause}",
                    container = self.group.shown(self.container),
                    cause = text_of(&error),
                ));
                Ok(String::new())
            }
        }
    }

    /// Reads the status of the container; `None` if the group no longer exists.
    async fn status(&self) -> Result<Option<LogStatus>, CommandError> {
        let group = self.provider.describe_group(&self.group.id).await?;
        Ok(group.map(|group| {
            let redactor = redactor(&self.group.known(), Some(&group));
            let status = log_status(&group.group, self.container);
            LogStatus {
                phase: redactor.cover_message(status.phase),
                ..status
            }
        }))
    }

    /// Writes lines; whether anyone still reads them.
    fn print(&self, lines: &[String]) -> Result<bool, CommandError> {
        let mut text = String::new();
        for line in lines {
            text.push_str(if self.args.timestamps {
                line
            } else {
                without_time(line)
            });
            text.push('\n');
        }
        Ok(foreign(&text)?)
    }

    fn missing(&self) -> CommandError {
        no_longer_exists(self.group.address, self.group.id.as_str())
    }
}

/// The role of a container in its group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Init,
    Main,
}

fn log_status(group: &DescribedGroup, name: &str) -> LogStatus {
    let init = group.init_containers.iter().map(|it| (it, Role::Init));
    let main = group.containers.iter().map(|it| (it, Role::Main));
    let found = main.chain(init).find(|(it, _)| it.name == name);
    let has_ended = matches!(
        group.status,
        Status::Succeeded | Status::Failed | Status::ScheduleFailed | Status::Expired
    );
    let restarts = found
        .and_then(|(container, _)| container.restart_count)
        .unwrap_or(0);
    LogStatus {
        restarts,
        has_restarted: restarts > 0
            || found.is_some_and(|(container, _)| container.previous_state.is_some()),
        has_log: found.is_some_and(|(container, _)| has_written(container)),
        is_over: has_ended
            || found.is_some_and(|(container, role)| is_over(group, container, role)),
        phase: phase(group),
    }
}

fn has_written(container: &DescribedContainer) -> bool {
    let now = container.current_state.as_ref();
    let now = now.and_then(|state| state.state.as_deref());
    matches!(now, Some("Running" | "Terminated")) || container.previous_state.is_some()
}

/// Returns whether a container has ended and is not started again.
fn is_over(group: &DescribedGroup, container: &DescribedContainer, role: Role) -> bool {
    let Some(state) = &container.current_state else {
        return false;
    };
    let ended_well = state.exit_code == Some(0);
    state.state.as_deref() == Some("Terminated")
        && match group.restart_policy.as_deref() {
            Some("Never") => true,
            Some("OnFailure") => ended_well,
            _ => role == Role::Init && ended_well,
        }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn status(policy: &str, status: &str, current: Json, previous: Json) -> LogStatus {
        let group = DescribedGroup::from_report(json!({
            "containerGroupId": "eci-1", "status": status, "restartPolicy": policy,
            "containers": [{
                "name": "a", "restartCount": 2,
                "currentState": current, "previousState": previous,
            }],
        }));
        log_status(&group.unwrap(), "a")
    }

    #[test]
    fn a_container_that_ends_is_over_unless_it_is_started_again() {
        let ended = |code: i64| json!({ "state": "Terminated", "exitCode": code });
        let is_over = |policy, code| status(policy, "Running", ended(code), Json::Null).is_over;
        assert!(is_over("Never", 1) && is_over("OnFailure", 0));
        assert!(!is_over("OnFailure", 1) && !is_over("Always", 0));
        let failed = status("Always", "Failed", ended(1), Json::Null);
        assert!(failed.is_over && failed.has_log);
    }

    #[test]
    fn a_container_that_waits_has_a_log_only_of_an_earlier_run() {
        let waiting = || json!({ "state": "Waiting", "reason": "CrashLoopBackOff" });
        let first = status("Always", "Pending", waiting(), Json::Null);
        assert!(!first.has_log && !first.is_over);
        let again = status(
            "Always",
            "Running",
            waiting(),
            json!({ "state": "Terminated" }),
        );
        assert!(again.has_log);
        assert_eq!(again.restarts, 2);
    }

    #[test]
    fn parts_of_seconds_count_as_whole_ones() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(1500)), 2);
        assert_eq!(seconds(Duration::from_secs(600)), 600);
    }
}
