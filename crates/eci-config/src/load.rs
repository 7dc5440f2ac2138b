//! From a directory to a configuration.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use eci_core::diagnostic::{Severity, Source};
use eci_core::{Code, Diagnostics, codes};
use sha2::{Digest as _, Sha256};

use crate::changes::{Changes, read_changes};
use crate::configuration::Configuration;
use crate::environment::{Environment, Files, Variables};
use crate::expression::hex;
use crate::manifest::{Manifest, gather, read_directory};
use crate::output::read_outputs;
use crate::preview::{Preview, check_shared};
use crate::resource::{Resource, build_resources, declare_resources, expand_instances};
use crate::settings::{read_provider, read_state_path};

/// Reads every manifest of a directory and checks all of it.
///
/// Manifests are the files `*.eci.toml` directly in the directory, read in name order.
///
/// # Errors
///
/// Everything that is wrong, of all files, sorted by place.
pub fn load(directory: &Path, variables: &Variables) -> Result<Configuration, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let manifests = read_directory(directory, &mut diagnostics)?;
    let broken: BTreeSet<String> = manifests
        .iter()
        .filter(|manifest| manifest.broken)
        .map(|manifest| manifest.source.name.clone())
        .collect();
    let sources: Vec<Arc<Source>> = manifests.iter().map(|it| it.source.clone()).collect();
    let loaded = Loaded::from_manifests(directory, manifests, variables, &mut diagnostics);
    if !broken.is_empty() {
        drop_consequences(&broken, &mut diagnostics);
    }
    let allowed = &loaded.provider.allow;
    diagnostics.0.retain(|diagnostic| {
        diagnostic.severity == Severity::Error || !allowed.contains(&diagnostic.code)
    });
    diagnostics.sort();
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let digest = digest(&sources, &loaded.environment.files, variables);
    Ok(loaded.into_configuration(directory, sources, digest, diagnostics))
}

/// What the manifests say, checked.
struct Loaded {
    environment: Arc<Environment>,
    resources: Vec<Arc<Resource>>,
    index: HashMap<eci_core::Address, usize>,
    outputs: Vec<crate::Output>,
    changes: Changes,
    provider: crate::ProviderSettings,
    state_path: std::path::PathBuf,
}

impl Loaded {
    fn from_manifests(
        directory: &Path,
        manifests: Vec<Manifest>,
        variables: &Variables,
        diagnostics: &mut Diagnostics,
    ) -> Loaded {
        let declarations = gather(manifests, diagnostics);
        let mut environment = Environment::new(Files::new(directory));
        environment.set_variables(&declarations.variables, variables, diagnostics);
        let mut tables = declare_resources(&mut environment, declarations.resources);
        environment.set_locals(declarations.locals, diagnostics);
        environment.is_incomplete = diagnostics.has_errors();
        expand_instances(&mut environment, &mut tables, diagnostics);
        environment.finish_locals(diagnostics);
        let provider = read_provider(&environment, declarations.provider.as_ref(), diagnostics);
        let state_path = read_state_path(&environment, declarations.backend.as_ref(), diagnostics);
        let changes = read_changes(&environment, &declarations.changes, diagnostics);
        environment.default_tags = provider.default_tags.clone();
        let environment = Arc::new(environment);

        let resources: Vec<Arc<Resource>> = build_resources(&environment, tables, diagnostics)
            .into_iter()
            .map(Arc::new)
            .collect();
        let index = resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (resource.address.clone(), at))
            .collect();
        let outputs = read_outputs(&environment, declarations.outputs, diagnostics);
        let mut needed = environment.resources_behind_locals();
        needed.extend(outputs.iter().flat_map(|output| output.references.clone()));
        let preview = Preview::of(&resources, &index, needed, diagnostics);
        check_shared(&resources, &index, &preview, diagnostics);
        for output in &outputs {
            if let Err(mut found) = output.evaluate(&preview) {
                diagnostics.0.append(&mut found.0);
            }
        }
        environment.check_locals(&preview, diagnostics);
        environment.files.seal();
        Loaded {
            environment,
            resources,
            index,
            outputs,
            changes,
            provider,
            state_path,
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
        self.environment.files.for_each(|path, content| {
            files.insert(path.to_owned(), hex(&Sha256::digest(content)));
        });
        Configuration {
            directory: directory.to_owned(),
            provider: self.provider,
            state_path: directory.join(self.state_path),
            resources: self.resources,
            outputs: self.outputs.into_iter().map(Arc::new).collect(),
            moved: self.changes.moved,
            removed: self.changes.removed,
            imports: self.changes.imports,
            warnings,
            sources,
            digest,
            variables: self.environment.variables.clone(),
            files,
            index: self.index,
        }
    }
}

/// What is told of names that may stand in the part of a file that was not understood.
const MAY_BE_MISSING: [&Code; 7] = [
    codes::UNKNOWN_REFERENCE,
    codes::UNKNOWN_VARIABLE,
    codes::UNDECLARED_VARIABLE,
    codes::UNKNOWN_LOCAL,
    codes::LABEL,
    codes::DEPENDS_ON,
    codes::REPLACE_TRIGGERED_BY,
];

/// Where a file is no valid TOML, only a part of it was understood: what seems wrong with that
/// part, or missing because of it, may not be.
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

/// SHA-256 over all that was read, each part with its length in front.
fn digest(sources: &[Arc<Source>], files: &Files, variables: &Variables) -> String {
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
    files.for_each(|path, content| part(b'f', path, content));
    for (name, given) in variables.iter() {
        part(b'v', name, given.text.as_bytes());
    }
    hex(&hash.finalize())
}
