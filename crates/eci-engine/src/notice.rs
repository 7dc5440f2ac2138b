//! Notices about a run as a whole.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eci_backend::Outage;
use eci_state::{Holder, HolderStatus};
use eci_text::{Noun, SECOND, Spaced, Text, text};
use jiff::SignedDuration;

/// A notice about a run as a whole.
///
/// Progress of single resources is an [`Event`](crate::Event) instead.
///
/// `Display` gives the sentence that the command prints.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Other accounts of this machine may read the file of credentials.
    CredentialsReadable {
        /// The file.
        path: PathBuf,
    },
    /// The clock of this machine differs from the cloud's by more than two minutes.
    ClockDiffers {
        /// The time by which the cloud's clock is ahead.
        ahead: SignedDuration,
    },
    /// A call failed and is repeated.
    Retrying {
        /// The call, its error and the pause.
        message: Text,
    },
    /// The first call of a run failed and is repeated.
    Reconnecting {
        /// The error.
        message: Text,
    },
    /// The state is locked by another run, for which this one waits.
    WaitingForLock {
        /// The other run, where the lock names it.
        holder: Option<Holder>,
    },
    /// The calls of an earlier run that lost the state may still take effect for this time.
    WaitingForCalls {
        /// The time.
        time: Duration,
    },
    /// The store of the state does not answer, and the request is repeated.
    StoreOutage {
        /// The outage.
        outage: Outage,
    },
    /// An earlier run ended without releasing the state.
    LockLeft {
        /// The earlier run.
        holder: Holder,
    },
    /// Operations of an earlier run are recovered.
    Recovering {
        /// The number of operations.
        operations: usize,
    },
    /// The actual state is being read, which takes longer than usual.
    Reading,
    /// Prices are being queried, which takes longer than usual.
    QueryingPrices,
    /// The state does not say which cloud it belongs to: from now on, to the one of this run.
    RecordsCloud {
        /// The cloud.
        cloud: Text,
    },
}

impl Notice {
    /// Returns the sentence that the command prints.
    pub fn text(&self) -> Text {
        match self {
            Notice::CredentialsReadable { path } => text!(
                en: "warning: the credentials file `{path}` is readable by others\nhelp: run `chmod 600 {path}`",
                zh: "警告: 其他用户可以读取凭证文件 `{path}`\n帮助: 执行 `chmod 600 {path}`",
                path = path.display(),
            ),
            Notice::ClockDiffers { ahead } if ahead.is_positive() => text!(
                en: "warning: the clock of this machine is {seconds} behind that of the cloud\nhelp: synchronize it, for example with NTP",
                zh: "警告: 本机时钟比云端慢 {seconds}\n帮助: 同步时钟，例如使用 NTP",
                seconds = SECOND.count_u64(ahead.unsigned_abs().as_secs()),
            ),
            Notice::ClockDiffers { ahead } => text!(
                en: "warning: the clock of this machine is {seconds} ahead of that of the cloud\nhelp: synchronize it, for example with NTP",
                zh: "警告: 本机时钟比云端快 {seconds}\n帮助: 同步时钟，例如使用 NTP",
                seconds = SECOND.count_u64(ahead.unsigned_abs().as_secs()),
            ),
            Notice::Retrying { message } => text!(
                en: "note: {message}",
                zh: "说明: {message}",
                message = message,
            ),
            Notice::Reconnecting { message } => text!(
                en: "{message}; retrying",
                zh: "{message}，正在重试",
                message = message,
            ),
            Notice::WaitingForLock {
                holder: Some(other),
            } if other.status() == HolderStatus::Ended => text!(
                en: "Waiting for the state lock, held by {run}. That process has ended: `eci force-unlock` shows how to \
                     end the lock.",
                zh: "正在等待状态锁，持有者为{run}，该进程已结束：`eci force-unlock` 显示如何解除锁。",
                run = Spaced(other),
            ),
            Notice::WaitingForLock {
                holder: Some(other),
            } => text!(
                en: "Waiting for the state lock, held by {run}.",
                zh: "正在等待状态锁，持有者为{run}。",
                run = Spaced(other),
            ),
            Notice::WaitingForLock { holder: None } => text!(
                en: "Waiting for the state lock, held by another run.",
                zh: "正在等待状态锁，持有者为其他运行。",
            ),
            Notice::WaitingForCalls { time } => text!(
                en: "Waiting {seconds} until no call of the earlier run can take effect.",
                zh: "等待 {seconds}，直到先前运行的调用不再生效。",
                seconds = SECOND.count(time.as_secs() as usize + 1),
            ),
            Notice::StoreOutage { outage } => of_outage(outage),
            Notice::LockLeft { holder } => text!(
                en: "note: an earlier run ended without releasing the state lock: {run}",
                zh: "说明: 先前的运行在释放状态锁之前结束：{run}",
                run = holder,
            ),
            Notice::Recovering { operations } => text!(
                en: "Recovering {operations} of an earlier run.",
                zh: "正在恢复先前运行中 {operations}。",
                operations = PENDING.count(*operations),
            ),
            Notice::Reading => text!(
                en: "Reading the actual state from the cloud...",
                zh: "正在从云端读取实际状态...",
            ),
            Notice::QueryingPrices => text!(en: "Querying prices...", zh: "正在查询价格..."),
            Notice::RecordsCloud { cloud } => text!(
                en: "note: the state was written by an earlier version and does not record its cloud; it now \
                     belongs to {cloud}",
                zh: "说明: 状态由较早版本写入，未记录所属的云，现属于{cloud}",
                cloud = cloud,
            ),
        }
    }
}

fn of_outage(outage: &Outage) -> Text {
    let Outage {
        location,
        cause,
        left,
        ..
    } = outage;
    let seconds = SECOND.count(left.as_secs() as usize);
    match cause {
        Some(cause) => text!(
            en: "Failed to access the state at `{location}`: {cause}. Retrying for up to {seconds}.",
            zh: "访问位于 `{location}` 的状态失败：{cause}。将继续重试，最长 {seconds}。",
            location = location,
            cause = cause,
            seconds = seconds,
        ),
        None => text!(
            en: "Waiting for the store of the state at `{location}`, for up to {seconds}.",
            zh: "正在等待位于 `{location}` 的状态的存储响应，最长 {seconds}。",
            location = location,
            seconds = seconds,
        ),
    }
}

/// English.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

const PENDING: Noun = Noun {
    one: "pending operation",
    many: "pending operations",
    zh: "未完成的操作",
    measure: "个",
};

/// A listener for notices.
///
/// It is called from async tasks and must not block.
pub type NoticeListener = Arc<dyn Fn(&Notice) + Send + Sync>;

#[cfg(test)]
mod tests {
    use eci_text::Lang;

    use super::*;

    #[test]
    fn a_clock_that_differs_is_behind_or_ahead_in_each_language() {
        for (minutes, en, zh) in [
            (5, "300 seconds behind", "慢 300 秒"),
            (-5, "300 seconds ahead of", "快 300 秒"),
        ] {
            let ahead = SignedDuration::from_mins(minutes);
            let text = Notice::ClockDiffers { ahead }.text();
            assert!(text.get(Lang::En).contains(en), "{text}");
            assert!(text.get(Lang::Zh).contains(zh), "{}", text.get(Lang::Zh));
        }
    }
}
