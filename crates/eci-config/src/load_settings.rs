//! Reads settings alone, even if other tables have errors.

use std::path::Path;
use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::within;

use crate::backend::{StateBlocks, read_other_state, read_state_settings};
use crate::environment::{Environment, Files};
use crate::modules::build;
use crate::parse::{Block, Declarations, Definition, Overlay, gather, read_directory, read_file};
use crate::settings::{ProviderSettings, is_unknown, read_provider};
use crate::state_settings::{OtherState, StateSettings};
use crate::variables::Variables;

/// Reads `[provider]`, even if other tables have errors.
///
/// Commands that inspect running containers work while the manifests are being edited, and
/// without values of variables that the provider does not use.
///
/// # Errors
///
/// Errors in `[provider]` itself, or a directory that cannot be read.
pub fn load_provider(
    directory: &Path,
    variables: &Variables,
) -> Result<ProviderSettings, Diagnostics> {
    load_alone(directory, variables, |settings, diagnostics| {
        let block = settings.declarations.provider.as_ref();
        let provider = read_provider(settings.environment, block, diagnostics);
        ReadSettings {
            settings: provider,
            has_unknown: settings.has_unknown(block),
        }
    })
}

/// Reads `[backend]` and `[encryption]`, even if other tables have errors: a state can be inspected
/// while the manifests are being edited.
///
/// # Errors
///
/// Errors in these tables themselves, or a directory that cannot be read.
pub fn load_state(directory: &Path, variables: &Variables) -> Result<StateSettings, Diagnostics> {
    load_state_of(directory, None, variables)
}

/// Reads `[backend]` and `[encryption]` of another file.
///
/// They may refer to the variables and locals of the manifests. Without `[encryption]`, it is that of the manifests. Settings of the command line are those of the
/// manifests, and not of the file.
///
/// # Errors
///
/// As [`load_state`], and if the file cannot be read.
pub fn load_state_from(
    directory: &Path,
    file: &Path,
    variables: &Variables,
) -> Result<StateSettings, Diagnostics> {
    let mut variables = variables.clone();
    variables.clear_backend();
    load_state_of(directory, Some(file), &variables)
}

/// Reads `[state.NAME]`, even if other tables have errors: the configurations that this one depends on.
///
/// # Errors
///
/// Errors in these tables themselves, or a directory that cannot be read.
pub fn load_other_states(
    directory: &Path,
    variables: &Variables,
) -> Result<Vec<OtherState>, Diagnostics> {
    load_alone(directory, variables, |settings, diagnostics| {
        let states = settings.declarations.states.iter();
        let encryption = settings.declarations.encryption.as_deref();
        let states = states.filter_map(|block| {
            read_other_state(settings.environment, block, encryption, diagnostics)
        });
        ReadSettings {
            settings: states.collect(),
            has_unknown: false,
        }
    })
}

fn load_state_of(
    directory: &Path,
    file: Option<&Path>,
    variables: &Variables,
) -> Result<StateSettings, Diagnostics> {
    let mut unreadable = Diagnostics::default();
    let other = file.map(|file| {
        let manifest = read_file(file, "", &Overlay::default(), &mut unreadable);
        gather(Vec::from_iter(manifest), &mut unreadable)
    });
    if unreadable.has_errors() {
        return Err(unreadable);
    }
    load_alone(directory, variables, |settings, diagnostics| {
        let own = &settings.declarations;
        let hiding = settings.parsed.iter();
        let hiding = hiding.filter(|it| may_hide_a_backend(it, own.backend.as_ref()));
        let hiding: Vec<Diagnostic> = hiding.cloned().collect();
        let is_torn = hiding.iter().any(is_of_syntax);
        diagnostics.0.extend(hiding);
        let other = other.as_ref();
        let encryption = other.and_then(|other| other.encryption.as_deref());
        let blocks = StateBlocks {
            backend: other.unwrap_or(own).backend.as_ref(),
            encryption: encryption.or(own.encryption.as_deref()),
        };
        // What is missing may come after the error of syntax.
        let mut missing = Diagnostics::default();
        let found = if is_torn { &mut missing } else { diagnostics };
        let state = read_state_settings(settings.environment, blocks, found);
        let has_unknown =
            settings.has_unknown(blocks.backend) || settings.has_unknown(blocks.encryption);
        ReadSettings {
            settings: state.within(directory),
            has_unknown: has_unknown && !is_torn,
        }
    })
}

/// Returns whether an error is the reason why a part of a file was not read.
fn is_of_syntax(error: &Diagnostic) -> bool {
    [codes::UNREADABLE, codes::ENCODING, codes::TOML].contains(&error.code)
}

/// Returns whether an error may be the reason why a backend, or a part of it, was not read: the command would
/// continue with a state in another place, which is worse than not to continue.
fn may_hide_a_backend(error: &Diagnostic, found: Option<&Block>) -> bool {
    let may_be_of_backend = || {
        let source = error.primary.as_ref().map(|label| &label.place.source);
        source.is_none_or(|source| may_name_a_backend(&source.text))
    };
    if error.code == codes::UNKNOWN_BACKEND || error.code == codes::NOT_SUPPORTED {
        return true;
    }
    if is_of_syntax(error) {
        return may_be_of_backend();
    }
    error.code == codes::TYPE_MISMATCH && found.is_none() && may_be_of_backend()
}

/// Returns whether a manifest must be parsed to know its backend; most have none, and there may be
/// many.
pub fn may_name_a_backend(text: &str) -> bool {
    // A quoted key may have any of its letters written as an escape.
    text.contains("backend") || text.contains("\\u") || text.contains("\\U") || text.contains("\\x")
}

/// The declarations of a root module, and the names that they may use.
struct Settings<'a> {
    declarations: &'a Declarations,
    environment: &'a Environment,
    /// The errors of parsing them.
    parsed: &'a [Diagnostic],
}

impl Settings<'_> {
    fn has_unknown(&self, block: Option<&Block>) -> bool {
        block.is_some_and(|block| is_unknown(self.environment, block))
    }
}

/// Settings as they were read.
struct ReadSettings<T> {
    settings: T,
    /// Whether errors elsewhere are the reason why values of them are unknown.
    has_unknown: bool,
}

fn load_alone<T>(
    directory: &Path,
    variables: &Variables,
    read: impl FnOnce(&Settings<'_>, &mut Diagnostics) -> ReadSettings<T>,
) -> Result<T, Diagnostics> {
    let mut elsewhere = Diagnostics::default();
    let manifests = read_directory(directory, "", &Overlay::default(), &mut elsewhere)
        .map_err(|error| error.into_diagnostics(directory))?;
    // Settings cannot depend on modules.
    let root = Arc::new(Definition::alone(gather(manifests, &mut elsewhere)));
    let parsed = elsewhere.0.len();
    let files = Arc::new(Files::new(directory));
    let budget = files.budget().clone();
    let built = within(&budget, || build(&root, files, variables, &mut elsewhere));
    let settings = Settings {
        declarations: &root.declarations,
        environment: built.modules.root(),
        parsed: &elsewhere.0[..parsed],
    };
    let mut diagnostics = Diagnostics::default();
    let ReadSettings {
        settings,
        has_unknown,
    } = read(&settings, &mut diagnostics);
    if has_unknown {
        diagnostics.0.append(&mut elsewhere.0);
    }
    budget.report(&mut diagnostics);
    diagnostics.sort();
    if diagnostics.has_errors() {
        Err(diagnostics)
    } else {
        Ok(settings)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::state_settings::{BackendSettings, EncryptionKey, S3BackendSettings};

    fn load(text: &str) -> Result<ProviderSettings, Diagnostics> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
        load_provider(directory.path(), &Variables::default())
    }

    #[test]
    fn the_provider_is_read_while_the_rest_is_wrong() {
        let provider = load(
            "[provider]\nregion_id = '${local.region}'\n[locals]\nregion = \"r-1\"\n\
             [variable.password]\nsensitive = true\n\
             [container_group.web]\nvpc = '${var.nonsense}'\n",
        );
        assert_eq!(provider.unwrap().region_id.as_deref(), Some("r-1"));
        let torn = load("[provider]\nregion_id = \"r-1\"\n[eip.web]\nbandwidth = ");
        assert_eq!(torn.unwrap().region_id.as_deref(), Some("r-1"));
    }

    #[test]
    fn errors_in_the_provider_itself_are_reported() {
        let wrong = load("[provider]\nregoin_id = \"r-1\"\n").unwrap_err();
        assert!(wrong.to_string().contains("regoin_id"), "{wrong}");
        let missing =
            load("[provider]\nregion_id = '${var.region}'\n[variable.region]\ntype = \"string\"\n");
        let missing = missing.unwrap_err().to_string();
        assert!(missing.contains("variable `region`"), "{missing}");
    }

    #[test]
    fn the_backend_is_read_while_the_rest_is_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let text = "[backend.s3]\nbucket = \"states\"\nendpoint = \"https://zos.example\"\n\
             prefix = '${local.team}/production'\n[locals]\nteam = \"shop\"\n\
             [[encryption.key]]\npassphrase_env = \"PASSPHRASE\"\n\
             [container_group.web]\nvpc = '${var.nonsense}'\n";
        std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
        let state = load_state(directory.path(), &Variables::default()).unwrap();
        let expected = BackendSettings::S3(S3BackendSettings {
            bucket: "states".to_owned(),
            prefix: "shop/production".to_owned(),
            endpoint: "https://zos.example".to_owned(),
            region: "us-east-1".to_owned(),
            dialect: "standard".to_owned(),
            credentials_file: None,
        });
        assert_eq!(state.backend, expected);
        let key = EncryptionKey::PassphraseEnv("PASSPHRASE".to_owned());
        assert_eq!(state.keys, [key]);
    }

    #[test]
    fn a_place_varies_with_expressions_other_than_the_workspace() {
        for (prefix, expected) in [
            ("shop", false),
            ("shop/${eci.workspace}", false),
            ("shop/${local.team}", true),
            ("${upper(eci.workspace)}", true),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let text = format!(
                "[backend.s3]\nbucket = \"states\"\nendpoint = \"https://zos.example\"\n\
                 prefix = '{prefix}'\n[locals]\nteam = \"web\"\n"
            );
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            let state = load_state(directory.path(), &Variables::default()).unwrap();
            assert_eq!(state.varies, expected, "{prefix}");
        }
    }

    #[test]
    fn an_error_that_may_hide_the_backend_is_reported() {
        let elsewhere = "[eip.web]\nbandwidth = ";
        for (text, expected) in [
            (
                "[backend.s3]\nbucket = \"a\"\nx = [\n",
                Some("unclosed list"),
            ),
            ("[backend.zos]\nbucket = \"a\"\n", Some("`zos`")),
            ("backend = 3\n", Some("backend")),
            ("[locals]\na = [", None),
            ("nonsense = 1\n[container_group.backend]\n", None),
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("a.eci.toml"), elsewhere).unwrap();
            std::fs::write(directory.path().join("b.eci.toml"), text).unwrap();
            let loaded = load_state(directory.path(), &Variables::default());
            match expected {
                Some(expected) => {
                    let error = loaded.unwrap_err().to_string();
                    assert!(error.contains(expected), "{text}: {error}");
                }
                None => assert!(loaded.is_ok(), "{text}: {loaded:?}"),
            }
        }
    }

    #[test]
    fn an_error_of_syntax_is_reported_without_its_consequences() {
        for text in [
            "[backend.s3]\nbucket = \"a\"\n[eip.web\n",
            "[backend.s3]\nbucket = \"a\"\nx = [\n",
            "[backend.s3]\nbucket = '${var.bucket}'\nendpoint = \n",
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            let errors = load_state(directory.path(), &Variables::default()).unwrap_err();
            let codes: Vec<_> = errors.0.iter().map(|error| error.code).collect();
            assert_eq!(codes, [codes::TOML], "{text}: {errors}");
        }
    }

    #[test]
    fn errors_in_the_backend_itself_are_reported() {
        for (text, expected) in [
            ("[backend.s3]\nbucket = \"a\"\n", "missing key `endpoint`"),
            (
                "[backend.oss]\nbucket = \"a\"\n",
                "use `[backend.s3]` with `dialect = \"oss\"`",
            ),
            ("[backend.zos]\n", "use `[backend.s3]` with `endpoint`"),
            ("[backend.pg]\n", "did you mean `postgres`"),
            (
                "[backend.s3]\nbucket = \"a\"\nendpoint = \"b\"\ndialect = \"os\"\n",
                "did you mean",
            ),
            ("[backend.postgres]\nurl = \"a\"\n", "unsupported key `url`"),
            ("[[encryption.key]]\n", "must have one of"),
            (
                "[backend.s3]\nbucket = \"a\"\nendpoint = \"zos.example\"\n",
                "`endpoint` must start with `https://` or `http://`, found \"zos.example\"",
            ),
            ("[backend.local]\n[backend.postgres]\n", "duplicate backend"),
            ("[backend.postgre]\n", "did you mean `postgres`"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            let error = crate::load(directory.path(), &Variables::default()).unwrap_err();
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_with_an_error_is_not_called_missing() {
        for (key, expected) in [
            ("program = \"cat\"", "`program` must be a list of strings"),
            (
                "passphrase = \"hush\"",
                "write its name as `passphrase_env`",
            ),
            ("key = \"hush\"", "write its name as `key_env`"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let text = format!("[[encryption.key]]\n{key}\n");
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            let error = crate::load(directory.path(), &Variables::default()).unwrap_err();
            let errors = error.to_string();
            assert!(errors.contains(expected), "{key}: {errors}");
            assert!(!errors.contains("must have one of"), "{key}: {errors}");
        }
    }
}
