//! The address of a database as people write it.

/// The schemes that the driver knows.
const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// Returns the scheme of an address that is not one of PostgreSQL.
pub(crate) fn other_scheme(url: &str) -> Option<String> {
    let (scheme, _) = url.trim().split_once("://")?;
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    (is_scheme(scheme) && !SCHEMES.contains(&scheme)).then(|| scheme.to_owned())
}

/// The modes of TLS that the driver knows.
const SSL_MODES: [&str; 3] = ["disable", "prefer", "require"];

/// The longest mode of TLS that a message shows: a longer text may be a password.
const LONGEST_MODE: usize = 16;

/// Returns the mode of TLS of an address if the driver does not know it.
pub(crate) fn unsupported_sslmode(url: &str) -> Option<String> {
    let starts = url.match_indices("sslmode=").filter(|(at, _)| {
        let before = url[..*at].chars().next_back();
        before.is_none_or(|c| c == '?' || c == '&' || c.is_whitespace())
    });
    let (at, key) = starts.last()?;
    let value = &url[at + key.len()..];
    let end = value.find(|c: char| c == '&' || c.is_whitespace());
    let mode = &value[..end.unwrap_or(value.len())];
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    let is_mode = !mode.is_empty() && mode.len() <= LONGEST_MODE && mode.chars().all(is_word);
    (is_mode && !SSL_MODES.contains(&mode)).then(|| mode.to_owned())
}

/// Returns an address in which the host begins after the last `@` before its path, also for the driver.
///
/// It takes the first, so that the rest of a password with `@` would be a part of the name of the host,
/// which messages show.
pub(crate) fn with_escaped_password(url: &str) -> String {
    let url = url.trim();
    let escaped = || {
        let (scheme, rest) = url.split_once("://")?;
        // Parameters may contain `@`.
        let parameters = rest
            .rfind('?')
            .filter(|at| rest[*at..].contains('=') && !rest[*at..].contains('/'));
        let end = parameters.unwrap_or(rest.len());
        let (user, host) = rest[..end].rsplit_once('@')?;
        let user = user.replace('@', "%40");
        Some(format!("{scheme}://{user}@{host}{}", &rest[end..]))
    };
    escaped().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_begins_after_the_last_at_sign() {
        for (url, expected) in [
            ("postgres://u:p@ss@h/db", "postgres://u:p%40ss@h/db"),
            (
                "postgres://u:p@s/s@h:5433/db?sslmode=require\n",
                "postgres://u:p%40s/s@h:5433/db?sslmode=require",
            ),
            (
                "postgres://u:p@h/db?application_name=a@b",
                "postgres://u:p@h/db?application_name=a@b",
            ),
            ("postgres://h/db", "postgres://h/db"),
            ("host=h password=a@b", "host=h password=a@b"),
        ] {
            assert_eq!(with_escaped_password(url), expected);
        }
    }

    #[test]
    fn a_mode_of_tls_that_the_driver_does_not_know_is_named() {
        for (url, mode) in [
            (
                "postgres://u:p@h/db?sslmode=verify-full",
                Some("verify-full"),
            ),
            (
                "postgres://h/db?a=b&sslmode=verify-ca&c=d",
                Some("verify-ca"),
            ),
            ("host=h sslmode=requier\n", Some("requier")),
            ("postgres://h/db?sslmode=require", None),
            ("postgres://u:sslmode=hush@h/db", None),
            ("postgres://h/db?sslmode=p@ssw0rd", None),
            ("postgres://h/db", None),
        ] {
            assert_eq!(unsupported_sslmode(url).as_deref(), mode, "{url}");
        }
    }

    #[test]
    fn another_scheme_is_named_and_nothing_else() {
        for (url, scheme) in [
            ("mysql://u:p@h/db", Some("mysql")),
            (
                "postgresql+psycopg2://u:p@h/db",
                Some("postgresql+psycopg2"),
            ),
            ("postgres://u:p@h/db", None),
            ("postgresql://u:p@h/db", None),
            ("host=h password=a://b", None),
            ("hush hush", None),
        ] {
            assert_eq!(other_scheme(url).as_deref(), scheme);
        }
    }
}
