//! `eci validate`

use std::path::Path;

use eci_config::Configuration;
use eci_core::{Diagnostics, Kind};
use eci_render::Repository;
use eci_text::Text;

use crate::arguments::{CheckFormat, ValidateArgs};
use crate::check::check;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stderr, print_stdout};

/// Checks everything that needs no cloud, and no values of variables that are given elsewhere.
pub(crate) fn validate(
    context: &Context,
    asked: &ValidateArgs,
) -> Result<ExitStatus, CommandError> {
    match checked(context, asked) {
        // Programs are told what is wrong in the same document, whatever it is.
        Err(CommandError::Error { error, help }) if asked.format == CheckFormat::Json => {
            document(&eci_render::error_json(
                &format!("{error:#}"),
                help.as_ref().map(Text::en),
            ))?;
            Ok(ExitStatus::Failed)
        }
        result => result,
    }
}

fn checked(context: &Context, asked: &ValidateArgs) -> Result<ExitStatus, CommandError> {
    let mut variables = context.variables(&asked.variables)?;
    variables.leave_missing_unknown();
    let checked = match context.load_with(&variables) {
        Ok(configuration) => check(configuration)?,
        Err(CommandError::Diagnostics(diagnostics)) => Err(diagnostics),
        Err(failure) => return Err(failure),
    };
    let exit = match checked {
        Ok(_) => ExitStatus::Done,
        Err(_) => ExitStatus::Failed,
    };
    let found = match &checked {
        Ok(configuration) => &configuration.warnings,
        Err(diagnostics) => diagnostics,
    };
    match asked.format {
        CheckFormat::Text => as_text(context, &checked)?,
        CheckFormat::Json => document(&eci_render::findings_json(found))?,
        CheckFormat::Sarif => {
            document(&eci_render::findings_sarif(
                found,
                &repository(context.directory()?),
            ))?;
        }
        CheckFormat::Github => {
            print_stdout(&eci_render::findings_github(
                found,
                &repository(context.directory()?),
            ))?;
        }
    }
    // The process ends. To take all of this apart first would be a tenth of its work.
    std::mem::forget(checked);
    Ok(exit)
}

/// Where a directory is, for a code host, which knows its files by their paths in the repository.
fn repository(directory: &Path) -> Repository {
    let Ok(directory) = directory.canonicalize() else {
        return Repository::default();
    };
    let mut ancestors = directory.ancestors();
    let root = ancestors.find(|ancestor| ancestor.join(".git").exists());
    let below = root.and_then(|root| directory.strip_prefix(root).ok());
    let steps = below.into_iter().flat_map(Path::components);
    let steps: Vec<_> = steps
        .map(|step| step.as_os_str().to_string_lossy())
        .collect();
    Repository {
        within: steps.join("/"),
        directory: directory.to_string_lossy().into_owned(),
    }
}

fn as_text(
    context: &Context,
    checked: &Result<Configuration, Diagnostics>,
) -> Result<(), CommandError> {
    match checked {
        Err(diagnostics) => print_stderr(&eci_render::diagnostics(diagnostics, context.err)),
        Ok(configuration) => {
            context.warn(configuration);
            print_stdout(&format!(
                "The configuration is valid: {}.\n",
                counts(configuration)
            ))?;
            let missing = missing(configuration);
            if !missing.is_empty() {
                context.note(&format!(
                    "Without a value, and so not checked with one: {}",
                    missing.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// The variables that have no value.
fn missing(configuration: &Configuration) -> Vec<String> {
    let all = configuration.variables.iter();
    all.filter(|(_, value)| value.is_unknown())
        .map(|(name, _)| format!("var.{name}"))
        .collect()
}

/// `2 container groups, 1 volume, 1 output`
fn counts(configuration: &Configuration) -> String {
    let of = |kind| {
        let all = configuration.resources.iter();
        all.filter(|resource| resource.address.kind() == kind)
            .count()
    };
    let kinds = Kind::ALL.into_iter().rev();
    let tables = kinds.map(|kind| (of(kind), kind.properties().nouns.table));
    let parts: Vec<String> = tables
        .chain([(configuration.outputs.len(), "output")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match parts.is_empty() {
        true => "it has no resources".to_owned(),
        false => parts.join(", "),
    }
}
