//! The parts of a URL as text, so that no message and no file repeats a user or a password.

/// The parts of a URL, as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlParts<'a> {
    /// The scheme, without `://`.
    pub scheme: &'a str,
    /// The user, and the password if there is one, without `@`.
    pub credentials: Option<&'a str>,
    /// The host, and the port if there is one.
    pub host: &'a str,
    /// The path and all that follows.
    pub rest: &'a str,
}

impl<'a> UrlParts<'a> {
    /// Splits a URL; none if it has no scheme.
    ///
    /// ```
    /// let parts = eci_text::UrlParts::of("https://me:secret@eci.example/v4").unwrap();
    /// assert_eq!(parts.credentials, Some("me:secret"));
    /// assert_eq!((parts.host, parts.rest), ("eci.example", "/v4"));
    /// ```
    pub fn of(url: &'a str) -> Option<UrlParts<'a>> {
        let (scheme, behind) = url.split_once("://")?;
        let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at(end);
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials), host),
            None => (None, authority),
        };
        Some(UrlParts {
            scheme,
            credentials,
            host,
            rest,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_user_and_a_password_end_at_the_last_at_sign_before_the_path() {
        let credentials = |url| UrlParts::of(url).unwrap().credentials;
        assert_eq!(credentials("https://a@b@c:1"), Some("a@b"));
        assert_eq!(credentials("https://@c"), Some(""));
        for url in ["https://c/a@b", "https://c?a@b", "https://c#a@b", "://"] {
            assert_eq!(credentials(url), None, "{url}");
        }
        assert_eq!(UrlParts::of("c.example"), None);
    }
}
