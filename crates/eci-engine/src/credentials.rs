//! Credentials, found in the environment or in a file, never on the command line.

use std::path::{Path, PathBuf};

use eci_api::Credentials;
use eci_core::regular;
use eci_text::{In, Lang, Text, messages, text};
use secrecy::{ExposeSecret as _, SecretString};
use toml::Table;

/// The environment variable that names the region where no manifest does.
pub const REGION_VARIABLE: &str = "CTYUN_REGION_ID";

/// The pairs of variables that can hold an access key and its secret key; the first that is
/// set counts.
const PAIRS: [Pair; 2] = [
    Pair::new("CTYUN_AK", "CTYUN_SK"),
    Pair::new("CTAPI_AK", "CTAPI_SK"),
];

/// Two variables of the environment that hold an access key and its secret key.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    access: &'static str,
    secret: &'static str,
}

impl Pair {
    pub(crate) const fn new(access: &'static str, secret: &'static str) -> Pair {
        Pair { access, secret }
    }
}

/// The reason why credentials are missing.
///
/// No message shows the content of a file or a variable.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Credentials that are given nowhere.
    Missing,
    /// Only one of two is.
    Half {
        /// The variable that is set.
        set: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// One is set, and empty.
    Empty {
        /// The variable.
        variable: &'static str,
    },
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// The file is not valid.
    NotValid {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: Text,
    },
}

messages! { CredentialsError:
    CredentialsError::Missing => en("no credentials found"), zh("未找到凭证");
    CredentialsError::Half { set, missing } =>
        en("`{set}` is set, but `{missing}` is not"),
        zh("已设置 `{set}`，但未设置 `{missing}`");
    CredentialsError::Empty { variable } =>
        en("no credentials found: `{variable}` is set, but empty"),
        zh("未找到凭证：已设置 `{variable}`，但其值为空");
    CredentialsError::Unreadable { path, cause } =>
        en("failed to read the credentials file `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("读取凭证文件 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    CredentialsError::NotValid { path, problem } =>
        en("invalid credentials file `{}`: {problem}", path.display()),
        zh("凭证文件 `{}` 无效：{}", path.display(), problem.get(Lang::Zh));
}

impl CredentialsError {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            CredentialsError::Missing => text!(
                en: "set `CTYUN_AK` and `CTYUN_SK` (or `CTAPI_AK` and `CTAPI_SK`), or set \
                     `credentials_file` in `[provider]`, or use `--sandbox` to try eci without an account",
                zh: "设置 `CTYUN_AK` 和 `CTYUN_SK`（或 `CTAPI_AK` 和 `CTAPI_SK`），或在 `[provider]` 中设置 `credentials_file`；如需在没有账号时试用，使用 `--sandbox`",
            ),
            CredentialsError::Half { missing, .. } => text!(
                en: "set `{variable}`",
                zh: "设置 `{variable}`",
                variable = missing,
            ),
            CredentialsError::Empty { variable } => text!(
                en: "set `{variable}`; in a pipeline, check that it may read the secret: pipelines of forks may not",
                zh: "设置 `{variable}`；在流水线中，检查其是否有权读取该机密信息：派生仓库的流水线无权读取",
                variable = variable,
            ),
            CredentialsError::Unreadable { .. } => text!(
                en: "check `credentials_file` in `[provider]` and the permissions of the file, or set \
                     `CTYUN_AK` and `CTYUN_SK`",
                zh: "检查 `[provider]` 中的 `credentials_file` 和文件权限，或设置 `CTYUN_AK` 和 `CTYUN_SK`",
            ),
            CredentialsError::NotValid { .. } => text!(
                en: "the file must have two lines, `access_key = \"…\"` and `secret_key = \"…\"`",
                zh: "文件应包含两行：`access_key = \"…\"` 和 `secret_key = \"…\"`",
            ),
        }
    }
}

/// Credentials, and whether other accounts of this machine may read the file that has them.
#[derive(Debug)]
pub(crate) struct AccessKeys {
    pub(crate) access_key: String,
    pub(crate) secret_key: SecretString,
    pub(crate) readable_by_others: bool,
}

impl AccessKeys {
    /// Returns the credentials of the cloud.
    pub(crate) fn credentials(self) -> Credentials {
        Credentials::new(self.access_key, self.secret_key.expose_secret())
    }
}

/// Looks for credentials: in the environment, then in the file.
///
/// `variable` gives what a variable of the environment holds.
pub(crate) fn find(
    variable: impl Fn(&str) -> Option<String>,
    file: Option<&Path>,
) -> Result<AccessKeys, CredentialsError> {
    find_in(&PAIRS, variable, file)
}

/// Looks for credentials: in these variables of the environment, then in the file.
pub(crate) fn find_in(
    pairs: &[Pair],
    variable: impl Fn(&str) -> Option<String>,
    file: Option<&Path>,
) -> Result<AccessKeys, CredentialsError> {
    let set = |name| {
        let value = variable(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    for Pair { access, secret } in pairs.iter().copied() {
        let half = |set, missing| {
            Err(match variable(missing) {
                Some(_) => CredentialsError::Empty { variable: missing },
                None => CredentialsError::Half { set, missing },
            })
        };
        match (set(access), set(secret)) {
            (Some(access), Some(secret)) => {
                return Ok(AccessKeys {
                    access_key: access,
                    secret_key: secret.into(),
                    readable_by_others: false,
                });
            }
            (Some(_), None) => return half(access, secret),
            (None, Some(_)) => return half(secret, access),
            (None, None) => {}
        }
    }
    match file {
        Some(path) => read(path),
        None => {
            let names = pairs.iter().flat_map(|pair| [pair.access, pair.secret]);
            let mut empty = names.filter(|name| variable(name).is_some());
            Err(match empty.next() {
                Some(variable) => CredentialsError::Empty { variable },
                None => CredentialsError::Missing,
            })
        }
    }
}

/// The largest file of credentials, in bytes.
const LARGEST: u64 = 64 << 10;

fn read(path: &Path) -> Result<AccessKeys, CredentialsError> {
    let text =
        regular::read_to_string(path, LARGEST).map_err(|cause| CredentialsError::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
    let not_valid = |problem: Text| CredentialsError::NotValid {
        path: path.to_owned(),
        problem,
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = line_of(&text, &error);
        not_valid(text!(
            en: "invalid TOML in line {line}: {cause}",
            zh: "第 {line} 行的 TOML 无效：{cause}",
            line = line,
            cause = error.message(),
        ))
    })?;
    let key = |name: &str| match table.get(name).map(|value| value.as_str()) {
        Some(Some(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(_) => Err(not_valid(text!(
            en: "`{name}` must be a string and not empty",
            zh: "`{name}` 必须是非空字符串",
            name = name,
        ))),
        None => Err(not_valid(text!(
            en: "missing required key `{name}`",
            zh: "缺少必填键 `{name}`",
            name = name,
        ))),
    };
    let known = ["access_key", "secret_key"];
    if let Some(unknown) = table.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(not_valid(text!(
            en: "unsupported key `{name}`",
            zh: "不支持键 `{name}`",
            name = unknown,
        )));
    }
    Ok(AccessKeys {
        access_key: key("access_key")?,
        secret_key: key("secret_key")?.into(),
        readable_by_others: readable_by_others(path),
    })
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_: &Path) -> bool {
    false
}

/// Returns the line of an error, from 1.
fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.as_bytes()[..start].iter();
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with(
        variables: &[(&str, &str)],
        file: Option<&Path>,
    ) -> Result<AccessKeys, CredentialsError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        find(variable, file)
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[cfg(unix)]
    #[test]
    fn what_may_never_end_is_not_a_credentials_file() {
        let Err(error) = with(&[], Some(Path::new("/dev/zero"))) else {
            panic!("a device was read");
        };
        assert!(error.to_string().contains("it is not a file"), "{error}");
    }

    #[test]
    fn the_first_pair_that_is_set_counts_and_blanks_around_keys_do_not() {
        let both = [
            ("CTAPI_AK", "b"),
            ("CTAPI_SK", "s"),
            ("CTYUN_AK", " a\r\n"),
            ("CTYUN_SK", "s"),
        ];
        assert_eq!(with(&both, None).unwrap().access_key, "a");
        assert_eq!(with(&both[..2], None).unwrap().access_key, "b");
    }

    #[test]
    fn half_a_pair_is_an_error_that_names_the_other_half() {
        let error = with(&[("CTYUN_AK", "a")], None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`CTYUN_AK` is set, but `CTYUN_SK` is not"
        );
    }

    #[test]
    fn a_variable_that_is_empty_is_named() {
        for variables in [
            &[("CTYUN_AK", "a"), ("CTYUN_SK", "")],
            &[("CTYUN_AK", " "), ("CTYUN_SK", "s")],
            &[("CTYUN_AK", ""), ("CTYUN_SK", "")],
        ] {
            let error = with(variables, None).unwrap_err().to_string();
            assert!(error.contains("is set, but empty"), "{error}");
        }
        let file = file("access_key = \"a\"\nsecret_key = \"s\"\n");
        let empty = [("CTYUN_AK", ""), ("CTYUN_SK", "")];
        assert_eq!(with(&empty, Some(file.path())).unwrap().access_key, "a");
    }

    #[test]
    fn without_any_credentials_every_way_to_give_them_is_named() {
        let error = with(&[], None).unwrap_err().help().en().to_owned();
        for way in [
            "CTYUN_AK",
            "CTYUN_SK",
            "CTAPI_AK",
            "credentials_file",
            "--sandbox",
        ] {
            assert!(error.contains(way), "{way}: {error}");
        }
    }

    #[test]
    fn a_file_serves_where_the_environment_has_none() {
        let file = file("access_key = \"a\"\nsecret_key = \"s\"\n");
        let found = with(&[], Some(file.path())).unwrap();
        assert_eq!(found.access_key, "a");
        assert!(!found.readable_by_others);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_worth_a_warning() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = file("access_key = \"a\"\nsecret_key = \"s\"\n");
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(file.path(), open).unwrap();
        assert!(with(&[], Some(file.path())).unwrap().readable_by_others);
    }

    #[test]
    fn errors_in_a_file_do_not_show_what_it_holds() {
        for (text, problem) in [
            ("access_key = \"a\"", "missing required key `secret_key`"),
            (
                "access_key = \"a\"\nsecret_key = 12345",
                "`secret_key` must be a string",
            ),
            (
                "access_key = \"a\"\nsecret_key = hunter2",
                "invalid TOML in line 2",
            ),
            (
                "access_key = \"a\"\nsecret_key = \"hunter2\"\nx = 1",
                "unsupported key `x`",
            ),
        ] {
            let file = file(text);
            let error = with(&[], Some(file.path())).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
            assert!(
                !error.contains("hunter2") && !error.contains("12345"),
                "{error}"
            );
        }
        let error = with(&[], Some(Path::new("/no/such/file"))).unwrap_err();
        assert!(matches!(error, CredentialsError::Unreadable { .. }));
    }
}
