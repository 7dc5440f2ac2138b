//! Probable secrets, by their name or by their form: environment variables, options of command
//! lines, and addresses with a password.

/// A part of a field that probably is a secret although the field is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretHint {
    /// An environment variable with the name of a secret, or whose value has a password.
    Environment,
    /// The value of an option with the name of a secret, or an address with a password.
    CommandLine,
}

/// A part of a command line that probably is or has a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandSecret<'a> {
    /// Its place in the command line, from 0.
    pub index: usize,
    /// The option that it is the value of; `None` for an address with a password.
    pub option: Option<&'a str>,
}

/// Words in the names of environment variables that hold secrets.
const SECRET_WORDS: [&str; 10] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
];

/// Endings of such names that only describe a secret, and do not hold one.
const HARMLESS_ENDS: [&str; 10] = [
    "_FILE", "_PATH", "_DIR", "_URL", "_URI", "_TTL", "_NAME", "_ID", "_HEADER", "_ENABLED",
];

/// Endings of names of secrets that contain none of these words.
const SECRET_ENDS: [&str; 3] = ["_PASS", "_PWD", "_AUTH"];

/// Returns whether an environment variable or an option of that name probably holds a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let is_named = SECRET_WORDS.iter().any(|word| name.contains(word))
        || SECRET_ENDS.iter().any(|end| name.ends_with(end));
    is_named && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end))
}

/// Returns whether the name of a variable is that of a secret, and not of its file, path or ID.
pub fn ends_like_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let words = SECRET_WORDS.iter().chain(&SECRET_ENDS);
    words.copied().any(|word| name.ends_with(word))
}

/// Returns the secrets of a command line: of options with a value (`--password=hush`), or with the
/// value after them, and of addresses. `None` is a part whose text is not known.
pub fn secrets_in_command<'a>(
    parts: impl IntoIterator<Item = Option<&'a str>>,
) -> Vec<CommandSecret<'a>> {
    let mut secrets = Vec::new();
    let mut before: Option<&str> = None;
    for (index, part) in parts.into_iter().enumerate() {
        let option = before.take();
        let Some(text) = part else {
            continue;
        };
        let option = match (option, text.split_once('=')) {
            (Some(option), _) if !text.starts_with('-') => is_secret(text).then_some(option),
            (_, Some((option, value))) if names_secret(&variable_name(option)) => {
                is_secret(value).then_some(option)
            }
            _ => None,
        };
        if text.starts_with('-') && names_secret(&variable_name(text)) {
            before = Some(text);
        }
        if option.is_some() || holds_password(text) {
            secrets.push(CommandSecret { index, option });
        }
    }
    secrets
}

/// Returns whether an environment variable probably is or has a secret.
pub fn is_secret_variable(name: &str, value: &str) -> bool {
    (names_secret(name) && is_secret(value)) || holds_password(value)
}

/// Returns whether a text may be a secret.
///
/// What is empty, a number or a boolean is not.
pub fn is_secret(text: &str) -> bool {
    !(text.is_empty() || text.parse::<f64>().is_ok() || matches!(text, "true" | "false"))
}

/// Returns whether a text is an address with credentials in it: `scheme://user:password@host`.
pub fn holds_password(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let userinfo = authority.rsplit_once('@').map(|(userinfo, _)| userinfo);
    let password = userinfo.and_then(|userinfo| userinfo.split_once(':'));
    password.is_some_and(|(_, password)| !password.is_empty())
}

/// Returns the name that `--db-password` would have in the environment.
fn variable_name(option: &str) -> String {
    option.trim_start_matches('-').replace(['-', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_whether_an_environment_variable_holds_a_secret() {
        for secret in [
            "DB_PASSWORD",
            "api_key",
            "GITHUB_TOKEN",
            "REDIS_AUTH",
            "DB_PASS",
            &variable_name("--db-password"),
            "AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(names_secret(secret), "{secret}");
        }
        for plain in [
            "DB_PASSWORD_FILE",
            "TOKEN_URL",
            "AWS_ACCESS_KEY_ID",
            "LOG_LEVEL",
            "AUTHOR",
            "PASSENGERS",
        ] {
            assert!(!names_secret(plain), "{plain}");
        }
    }

    #[test]
    fn addresses_may_hold_passwords() {
        for address in [
            "postgres://u:hunter2@h/db",
            "amqp://:p@h",
            "https://u:p@h:80/?q",
        ] {
            assert!(holds_password(address), "{address}");
        }
        for plain in [
            "postgres://u@h/db",
            "https://h:80/a@b:c",
            "u:p@h",
            "https://u:@h",
        ] {
            assert!(!holds_password(plain), "{plain}");
        }
    }

    #[test]
    fn values_of_secret_options_are_found_in_both_forms() {
        let command = [
            "app",
            "--password=hush",
            "--token",
            "t0",
            "--token",
            "--level",
            "5",
        ];
        let found = secrets_in_command(command.map(Some));
        let expected = [(1, "--password"), (3, "--token")];
        let expected = expected.map(|(index, option)| CommandSecret {
            index,
            option: Some(option),
        });
        assert_eq!(found, expected);
        let unknown = [Some("--password"), None, Some("word"), Some("a://u:p@h")];
        let address = CommandSecret {
            index: 3,
            option: None,
        };
        assert_eq!(secrets_in_command(unknown), [address]);
    }
}
