//! Loads a directory into a configuration.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use base16ct::lower::encode_string;
use eci_core::diagnostic::{Severity, Source};
use eci_core::suggest::replenish;
use eci_core::{Code, Diagnostics, codes};
use eci_lang::{Budget, within, without_marks};
use sha2::{Digest as _, Sha256};

use crate::backend::{StateBlocks, check_keys, read_state_settings};
use crate::check::{Preview, check_shared};
use crate::configuration::Configuration;
use crate::environment::{Environment, Files, Modules};
use crate::modules::{BuiltModules, build, read_definitions};
use crate::output::read_outputs;
use crate::parse::{ChangeBlocks, Definition, Definitions, Overlay};
use crate::refactoring::{Changes, EnclosingModules, read_changes};
use crate::resource::{Resource, build_resources};
use crate::settings::read_provider;
use crate::state_settings::StateSettings;
use crate::type_error_hints::{self, TypeErrorHints};
use crate::variables::Variables;

/// Reads every manifest of a directory and checks all of it.
///
/// Manifests are the files `*.eci.toml` directly in the directory, read in name order.
///
/// # Errors
///
/// Everything that is wrong, of all files, sorted by place.
pub fn load(directory: &Path, variables: &Variables) -> Result<Configuration, Diagnostics> {
    load_with(directory, variables, &Overlay::default())
}

/// Reads a directory like [`load`], with texts in the place of files that an editor has not saved.
///
/// # Errors
///
/// Everything that is wrong, of all files, sorted by place.
pub fn load_with(
    directory: &Path,
    variables: &Variables,
    overlay: &Overlay,
) -> Result<Configuration, Diagnostics> {
    let ReadConfiguration { configuration, .. } = read(directory, variables, overlay)?;
    if configuration.warnings.has_errors() {
        Err(configuration.warnings)
    } else {
        Ok(configuration)
    }
}

/// Reads a directory like [`load`], even if it has errors, so that expressions can inspect it.
///
/// Nothing may be planned from the result. Invalid values are unknown, and all errors are among
/// the warnings.
///
/// # Errors
///
/// A file that could not be read to its end: what it declares is not known.
pub fn load_lenient(directory: &Path, variables: &Variables) -> Result<Configuration, Diagnostics> {
    let ReadConfiguration {
        configuration,
        is_torn,
    } = read(directory, variables, &Overlay::default())?;
    if is_torn {
        Err(configuration.warnings)
    } else {
        Ok(configuration)
    }
}

/// Returns the names of the manifests of a directory and of the modules that it calls, relative to it.
/// Nothing in them is evaluated.
///
/// # Errors
///
/// The directory cannot be read.
pub fn manifest_names(directory: &Path) -> Result<Vec<String>, Diagnostics> {
    let budget = Arc::<Budget>::default();
    let mut discarded = Diagnostics::default();
    let definitions = within(&budget, || {
        read_definitions(directory, &Overlay::default(), &budget, &mut discarded)
    })?;
    let sources = definitions.sources.iter();
    Ok(sources.map(|source| source.name.clone()).collect())
}

/// The configuration of a directory, valid or not.
struct ReadConfiguration {
    /// The configuration, with all errors among its warnings.
    configuration: Configuration,
    /// Whether a file is invalid TOML, so that a part of it was not understood.
    is_torn: bool,
}

fn read(
    directory: &Path,
    variables: &Variables,
    overlay: &Overlay,
) -> Result<ReadConfiguration, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    replenish();
    let budget = Arc::<Budget>::default();
    let Definitions {
        root,
        directories,
        sources,
        broken,
    } = within(&budget, || {
        read_definitions(directory, overlay, &budget, &mut diagnostics)
    })?;
    let modules = directories.iter().map(|it| &**it);
    let files = Arc::new(Files::with_modules(directory, modules).with_budget(&budget));
    budget.extend(sources.iter().map(|source| source.text.len()).sum());
    let loaded = within(&budget, || {
        CheckedConfiguration::from_definitions(&root, files, variables, &mut diagnostics)
    });
    budget.report(&mut diagnostics);
    if !budget.is_exhausted() {
        budget.renew();
    }
    if !broken.is_empty() {
        drop_consequences(&broken, &mut diagnostics);
    }
    let allowed = &loaded.provider.allow;
    diagnostics.0.retain(|diagnostic| {
        diagnostic.severity == Severity::Error || !allowed.contains(&diagnostic.code)
    });
    diagnostics.sort();
    // The digest of an invalid configuration is never compared.
    let digest = if diagnostics.has_errors() {
        String::new()
    } else {
        digest(&sources, loaded.modules.root())
    };
    let is_torn = !broken.is_empty();
    let configuration = loaded.into_configuration(directory, sources, digest, diagnostics);
    Ok(ReadConfiguration {
        configuration,
        is_torn,
    })
}

/// The configuration after all checks.
struct CheckedConfiguration {
    root: Arc<Definition>,
    modules: Arc<Modules>,
    resources: Vec<Arc<Resource>>,
    index: HashMap<eci_core::Address, usize>,
    outputs: Vec<crate::Output>,
    changes: Changes,
    provider: crate::ProviderSettings,
    state: StateSettings,
}

impl CheckedConfiguration {
    fn from_definitions(
        root: &Arc<Definition>,
        files: Arc<Files>,
        variables: &Variables,
        diagnostics: &mut Diagnostics,
    ) -> CheckedConfiguration {
        let BuiltModules {
            mut modules,
            tables,
            definitions,
        } = build(root, files, variables, diagnostics);
        let declarations = &root.declarations;
        let environment = modules.root();
        let provider = read_provider(environment, declarations.provider.as_ref(), diagnostics);
        let blocks = StateBlocks {
            backend: declarations.backend.as_ref(),
            encryption: declarations.encryption.as_deref(),
        };
        let state = read_state_settings(environment, blocks, diagnostics);
        check_keys(&state, blocks, diagnostics);
        environment.check_states(diagnostics);
        let changes = read_changes(
            environment,
            change_blocks(&modules, &definitions),
            diagnostics,
        );
        modules.set_default_tags(&provider.default_tags);
        let modules = Arc::new(modules);

        let mut resources = Vec::new();
        for (module, tables) in tables.into_iter().enumerate() {
            resources.extend(build_resources(&modules, module, tables, diagnostics));
        }
        let index = resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (resource.address.clone(), at))
            .collect();
        let outputs = read_outputs(&modules, &declarations.outputs, diagnostics);
        let needed = modules.resources_anywhere();
        let by_outputs = outputs.iter().flat_map(|output| output.references.clone());
        let preview = Preview::of(
            &resources,
            &index,
            needed.into_iter().chain(by_outputs),
            diagnostics,
        );
        check_shared(&resources, &index, &preview, diagnostics);
        if !modules.budget().is_exhausted() {
            for output in &outputs {
                if let Err(mut found) = output.evaluate(&preview) {
                    diagnostics.0.append(&mut found.0);
                }
            }
            modules.check(&preview, diagnostics);
        }
        if diagnostics.0.iter().any(type_error_hints::is_misfit) {
            let mut declared = TypeErrorHints::default();
            for (environment, definition) in modules.all().iter().zip(&definitions) {
                declared.add(environment, &definition.declarations);
            }
            declared.explain(diagnostics);
        }
        modules.root().files.seal();
        CheckedConfiguration {
            root: root.clone(),
            modules,
            resources,
            index,
            outputs,
            changes,
            provider,
            state,
        }
    }

    fn into_configuration(
        self,
        directory: &Path,
        sources: Vec<Arc<Source>>,
        digest: String,
        warnings: Diagnostics,
    ) -> Configuration {
        let mut files = BTreeMap::new();
        self.modules.root().files.for_each(|path, content| {
            files.insert(path.to_owned(), encode_string(&Sha256::digest(content)));
        });
        Configuration {
            directory: directory.to_owned(),
            provider: self.provider,
            state: self.state.within(directory),
            resources: self.resources,
            modules: self.modules.listed(),
            outputs: self.outputs.into_iter().map(Arc::new).collect(),
            moved: self.changes.moved,
            removed: self.changes.removed,
            imports: self.changes.imports,
            warnings,
            sources,
            digest,
            variables: self.modules.root().variables.clone(),
            files,
            index: self.index,
            evaluated: self.modules,
            root: self.root,
        }
    }
}

/// Codes of errors about names that the unreadable part of a file may declare.
const MAY_BE_MISSING: [&Code; 12] = [
    codes::UNKNOWN_REFERENCE,
    codes::UNKNOWN_VARIABLE,
    codes::UNDECLARED_VARIABLE,
    codes::UNKNOWN_LOCAL,
    codes::RESOURCE_NAME,
    codes::DEPENDS_ON,
    codes::REPLACE_TRIGGERED_BY,
    codes::UNKNOWN_MODULE,
    codes::UNKNOWN_INPUT,
    codes::UNKNOWN_OUTPUT,
    codes::MISSING_INPUT,
    codes::MODULE_SOURCE,
];

/// Returns the `[[moved]]`, `[[removed]]` and `[[import]]` tables of each module once,
/// however many instances it has.
fn change_blocks<'a>(
    modules: &Modules,
    definitions: &'a [Arc<Definition>],
) -> Vec<(EnclosingModules, &'a ChangeBlocks)> {
    let mut known = HashSet::new();
    let all = modules.all().iter().zip(definitions);
    all.filter_map(|(environment, definition)| {
        let names = environment.path.iter().map(|step| step.name.clone());
        let within = EnclosingModules(names.collect());
        let is_new = known.insert(within.clone());
        is_new.then_some((within, &definition.declarations.changes))
    })
    .collect()
}

/// Drops errors that invalid TOML may have caused.
///
/// Only a part of such a file was read: declarations that seem to be missing may be in the rest.
fn drop_consequences(broken: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    diagnostics.0.retain(|diagnostic| {
        let name = diagnostic
            .primary
            .as_ref()
            .map(|label| label.place.source.name.as_str());
        let in_broken = name.is_some_and(|name| broken.contains(name));
        let may_be_missing = MAY_BE_MISSING.contains(&diagnostic.code);
        diagnostic.severity == Severity::Error
            && (diagnostic.code == codes::TOML || !(in_broken || may_be_missing))
    });
}

/// Computes SHA-256 over everything that was read, each part with its length in front.
fn digest(sources: &[Arc<Source>], environment: &Environment) -> String {
    let mut hash = Sha256::new();
    let mut part = |kind: u8, name: &str, content: &[u8]| {
        hash.update([kind]);
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    };
    for source in sources {
        part(b'm', &source.name, source.text.as_bytes());
    }
    environment
        .files
        .for_each(|path, content| part(b'f', path, content));
    for (name, value) in &environment.variables {
        // Nothing of it is unknown or marked any more: this cannot fail.
        let value = serde_json::to_vec(&*without_marks(value).0).unwrap_or_default();
        part(b'v', name, &value);
    }
    encode_string(&hash.finalize())
}
