//! The options of a run.

use std::time::Duration;

use eci_api::DEFAULT_TIMEOUT;
use eci_state::CloudIdentity;

use crate::failpoints;

/// The longest time after the client's timeout at which a call may still take effect (assumed).
const MARGIN: Duration = Duration::from_secs(15);

/// The options of a run.
///
/// ```
/// let options = eci_executor::ApplyOptions::default().with_parallelism(4);
/// assert_eq!(options.parallelism, 4);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApplyOptions {
    /// The number of resources that may be worked on at a time.
    pub parallelism: usize,
    /// The pauses between two reads of a resource that is worked on.
    pub poll: PollInterval,
    /// The time in which a group has to become ready, where its `timeouts` do not say.
    pub create_timeout: Duration,
    /// The time for a change, where its `timeouts` do not say.
    pub update_timeout: Duration,
    /// The time for a delete, where its `timeouts` do not say.
    pub delete_timeout: Duration,
    /// The time in which a call without a clear answer may still take effect: the client's own timeout,
    /// with a margin.
    pub consistency_window: Duration,
    /// The time in which a new resource becomes visible, and in which a resource that changes
    /// without a request comes to rest.
    pub visible_within: Duration,
    /// The command line, for the journal.
    pub command: String,
    /// The cloud that the run is about, which the state records; the caller has checked that the
    /// state belongs to it, see [`Snapshot::belongs_to`](eci_state::Snapshot::belongs_to).
    pub cloud: Option<CloudIdentity>,
}

impl ApplyOptions {
    /// Returns these options with another number of resources at a time.
    #[must_use]
    pub fn with_parallelism(self, parallelism: usize) -> ApplyOptions {
        ApplyOptions {
            parallelism,
            ..self
        }
    }

    /// Returns these options with other pauses between looks.
    #[must_use]
    pub fn with_poll(self, poll: PollInterval) -> ApplyOptions {
        ApplyOptions { poll, ..self }
    }

    /// Returns these options with one time for creates, changes and deletes alike, where the `timeouts`
    /// of a resource do not say.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> ApplyOptions {
        ApplyOptions {
            create_timeout: timeout,
            update_timeout: timeout,
            delete_timeout: timeout,
            ..self
        }
    }

    /// Returns these options with the command line for the journal.
    #[must_use]
    pub fn with_command(self, command: impl Into<String>) -> ApplyOptions {
        let command = command.into();
        ApplyOptions { command, ..self }
    }

    /// Returns these options with the cloud that the state records.
    #[must_use]
    pub fn with_cloud(self, cloud: Option<CloudIdentity>) -> ApplyOptions {
        ApplyOptions { cloud, ..self }
    }
}

impl Default for ApplyOptions {
    fn default() -> ApplyOptions {
        const MINUTE: Duration = Duration::from_secs(60);
        ApplyOptions {
            parallelism: 10,
            poll: PollInterval {
                initial: Duration::from_millis(100),
                max: Duration::from_secs(3),
            },
            create_timeout: 10 * MINUTE,
            update_timeout: 10 * MINUTE,
            delete_timeout: 10 * MINUTE,
            consistency_window: failpoints::consistency_window()
                .unwrap_or(DEFAULT_TIMEOUT + MARGIN),
            visible_within: failpoints::consistency_window().unwrap_or(Duration::from_secs(20)),
            command: String::new(),
            cloud: None,
        }
    }
}

/// The pauses between two reads of a resource that is worked on: each is longer than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollInterval {
    /// The first pause.
    pub initial: Duration,
    /// The longest pause.
    pub max: Duration,
}

impl PollInterval {
    /// Returns the pause after another one.
    pub(crate) fn after(self, pause: Duration) -> Duration {
        pause.mul_f64(1.5).min(self.max)
    }
}
