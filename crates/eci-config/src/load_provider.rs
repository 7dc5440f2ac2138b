//! Reads the provider configuration alone, even if other tables have errors.

use std::path::Path;
use std::sync::Arc;

use eci_core::Diagnostics;
use eci_lang::within;

use crate::environment::{Files, Variables};
use crate::modules::{Definition, build};
use crate::parse::{Overlay, gather, read_directory};
use crate::settings::{ProviderSettings, is_unknown, read_provider};

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
    let mut elsewhere = Diagnostics::default();
    let manifests = read_directory(directory, "", &Overlay::default(), &mut elsewhere)
        .map_err(|error| error.into_diagnostics(directory))?;
    // The provider cannot depend on modules.
    let root = Arc::new(Definition::alone(gather(manifests, &mut elsewhere)));
    let files = Arc::new(Files::new(directory));
    let budget = files.budget().clone();
    let built = within(&budget, || build(&root, files, variables, &mut elsewhere));
    let environment = built.modules.root();
    let declarations = &root.declarations;
    let block = declarations.provider.as_ref();
    let mut diagnostics = Diagnostics::default();
    let provider = read_provider(environment, block, &mut diagnostics);
    if block.is_some_and(|block| is_unknown(environment, block)) {
        diagnostics.0.append(&mut elsewhere.0);
    }
    budget.report(&mut diagnostics);
    diagnostics.sort();
    if diagnostics.has_errors() {
        Err(diagnostics)
    } else {
        Ok(provider)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
}
