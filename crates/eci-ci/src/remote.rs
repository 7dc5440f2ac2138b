//! The address of a remote of Git.

use eci_text::UrlParts;

use crate::pipeline::HostKind;

/// A remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    /// The scheme and host for the API: `https://gitee.com`.
    pub(crate) origin: String,
    /// The path of the repository.
    pub(crate) path: String,
}

impl Remote {
    /// Parses an address: a URL, or `user@host:path` as SSH has it.
    pub(crate) fn parse(address: &str) -> Option<Remote> {
        let address = address.trim();
        let cut = |path: &str| {
            let path = path.trim_matches('/');
            let path = path.strip_suffix(".git").unwrap_or(path);
            (!path.is_empty()).then(|| path.to_owned())
        };
        if let Some(parts) = UrlParts::of(address) {
            let is_web = matches!(parts.scheme, "http" | "https");
            // The port of SSH is not that of the web server.
            let (scheme, host) = if is_web {
                (parts.scheme, parts.host)
            } else {
                ("https", parts.host.split(':').next()?)
            };
            return Some(Remote {
                origin: format!("{scheme}://{host}"),
                path: cut(parts.rest)?,
            });
        }
        let (host, path) = address.split_once(':')?;
        let host = host.rsplit('@').next()?;
        if host.is_empty() || host.contains('/') {
            return None;
        }
        Some(Remote {
            origin: format!("https://{host}"),
            path: cut(path)?,
        })
    }

    /// Returns the code host, as far as its name shows.
    pub(crate) fn kind(&self) -> Option<HostKind> {
        let host = self.origin.rsplit("//").next()?;
        let names = [
            ("github", HostKind::GitHub),
            ("gitlab", HostKind::GitLab),
            ("gitee", HostKind::Gitee),
            ("gitea", HostKind::Gitea),
            ("forgejo", HostKind::Gitea),
            ("codeberg", HostKind::Gitea),
        ];
        let found = names.into_iter().find(|(name, _)| host.contains(name));
        found.map(|(_, kind)| kind)
    }

    /// Returns the base URL of the API of a code host here.
    pub(crate) fn api(&self, kind: HostKind) -> String {
        let origin = &self.origin;
        match kind {
            HostKind::GitHub if origin.ends_with("//github.com") => {
                "https://api.github.com".to_owned()
            }
            HostKind::GitHub => format!("{origin}/api/v3"),
            HostKind::GitLab => format!("{origin}/api/v4"),
            HostKind::Gitee => format!("{origin}/api/v5"),
            HostKind::Gitea => format!("{origin}/api/v1"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_remotes_name_host_and_path() {
        for address in [
            "https://gitee.com/team/shop.git",
            "https://robot:hush@gitee.com/team/shop",
            "git@gitee.com:team/shop.git",
            "ssh://git@gitee.com:22/team/shop.git/",
        ] {
            let remote = Remote::parse(address).unwrap();
            assert_eq!(remote.origin, "https://gitee.com", "{address}");
            assert_eq!(remote.path, "team/shop", "{address}");
            assert_eq!(remote.kind(), Some(HostKind::Gitee));
        }
        let local = Remote::parse("http://127.0.0.1:8080/team/shop.git").unwrap();
        assert_eq!(local.origin, "http://127.0.0.1:8080");
        assert_eq!(local.kind(), None);
        for address in ["", "/srv/shop.git", "../shop", "https://gitee.com/"] {
            assert_eq!(Remote::parse(address), None, "{address}");
        }
    }

    #[test]
    fn each_code_host_has_its_api_at_another_path() {
        let api = |address: &str| {
            let remote = Remote::parse(address).unwrap();
            remote.api(remote.kind().unwrap())
        };
        assert_eq!(api("git@github.com:a/b"), "https://api.github.com");
        let enterprise = "git@github.example.com:a/b";
        assert_eq!(api(enterprise), "https://github.example.com/api/v3");
        assert_eq!(api("git@gitlab.com:a/b/c"), "https://gitlab.com/api/v4");
        assert_eq!(api("git@codeberg.org:a/b"), "https://codeberg.org/api/v1");
    }
}
