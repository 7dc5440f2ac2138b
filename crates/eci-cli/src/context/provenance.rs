//! The user and the pipeline of a run, and whether a person watches it, as far as the environment shows.

#[cfg(unix)]
use std::path::Path;

#[cfg(unix)]
use eci_core::regular::{self, LARGEST_TEXT};
use eci_state::Provenance;

/// Returns whether this run is unattended, so that another one may succeed it once its lease has expired.
pub(super) fn unattended() -> bool {
    let set = |name: &str| std::env::var(name).ok();
    set("CI").is_some_and(|ci| !matches!(&*ci, "" | "0" | "false"))
}

/// Returns on whose behalf this run changes a state, as far as the environment shows.
pub(crate) fn provenance() -> Provenance {
    let first = |names: &[&str]| {
        let mut set = names.iter().filter_map(|name| std::env::var(name).ok());
        set.find(|value| !value.is_empty())
    };
    let mut provenance = Provenance::default();
    provenance.user = first(&[
        "GITHUB_ACTOR",
        "GITLAB_USER_LOGIN",
        "GITEE_PIPELINE_TRIGGER_USER",
        "USER",
        "USERNAME",
    ]);
    provenance.user = provenance.user.or_else(user_of_process);
    provenance.commit = first(&["GITHUB_SHA", "CI_COMMIT_SHA", "GITEE_COMMIT", "GIT_COMMIT"]);
    provenance.pipeline = first(&["CI_PIPELINE_URL", "BUILD_URL"]);
    provenance
}

/// Returns the user of this process: its name, or else its number.
///
/// Services and containers often have no `USER`.
#[cfg(unix)]
fn user_of_process() -> Option<String> {
    let id = rustix::process::getuid().as_raw().to_string();
    let users = regular::read_to_string(Path::new("/etc/passwd"), LARGEST_TEXT).unwrap_or_default();
    Some(user_with_id(&users, &id).map_or(id.clone(), str::to_owned))
}

/// Returns the user of this process where the system has no number of it.
#[cfg(not(unix))]
fn user_of_process() -> Option<String> {
    None
}

/// Returns the name of a user in the form of `/etc/passwd`.
#[cfg(unix)]
fn user_with_id<'a>(users: &'a str, id: &str) -> Option<&'a str> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next().filter(|name| !name.is_empty())?;
        (parts.nth(1) == Some(id)).then_some(name)
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_name_in_the_environment_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user_with_id(users, "1000"), Some("ada"));
        assert_eq!(user_with_id(users, "0"), Some("root"));
        assert_eq!(user_with_id(users, "100"), None);
        assert!(user_of_process().is_some_and(|user| !user.is_empty()));
    }
}
