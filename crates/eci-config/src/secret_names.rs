//! Names of environment variables, flags and variables that probably hold secrets.

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

/// Whether an environment variable, or a flag, of that name probably holds a secret.
pub(crate) fn names_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let is_named = SECRET_WORDS.iter().any(|word| name.contains(word))
        || SECRET_ENDS.iter().any(|end| name.ends_with(end));
    is_named && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether the name of a variable is that of a secret, and of nothing about one.
pub(crate) fn ends_like_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    let words = SECRET_WORDS.iter().chain(&SECRET_ENDS);
    words.copied().any(|word| name.ends_with(word))
}

/// `--db-password` as it would be called in the environment.
pub(crate) fn flag_name(flag: &str) -> String {
    flag.trim_start_matches('-').replace(['-', '.'], "_")
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
            &flag_name("--db-password"),
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
}
