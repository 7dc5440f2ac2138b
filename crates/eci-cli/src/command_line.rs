//! The command line as it is recorded in locks and journals.

use std::ffi::OsString;
use std::path::Path;

use eci_core::quote::shell_word;

/// Returns the command line, quoted for a shell; without values of variables, which may be secrets.
pub(crate) fn recorded(arguments: &[OsString]) -> String {
    let mut words = Vec::with_capacity(arguments.len());
    let mut after_var = false;
    for (at, argument) in arguments.iter().enumerate() {
        let text = argument.to_string_lossy();
        let word = match at {
            0 => Path::new(&*text).file_name().map_or_else(
                || text.clone().into_owned(),
                |name| name.to_string_lossy().into_owned(),
            ),
            _ if after_var => hidden(&text),
            _ => match text.strip_prefix("--var=") {
                Some(assignment) => format!("--var={}", hidden(assignment)),
                None => text.clone().into_owned(),
            },
        };
        after_var = text == "--var";
        words.push(shell_word(&word));
    }
    words.join(" ")
}

/// Removes the value of `name=value`.
pub(crate) fn hidden(assignment: &str) -> String {
    match assignment.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        recorded(&words)
    }

    #[test]
    fn values_of_variables_are_not_recorded() {
        assert_eq!(
            of(&[
                "/usr/bin/eci",
                "apply",
                "--var",
                "password=hunter2",
                "--var=key=hunter3"
            ]),
            "eci apply --var password=… --var=key=…"
        );
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_need_it() {
        assert_eq!(of(&["eci", "-C", "my web", ""]), "eci -C 'my web' ''");
    }
}
