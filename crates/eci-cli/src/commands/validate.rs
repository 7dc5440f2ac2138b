//! `eci validate`

use eci_config::Configuration;
use eci_core::{Diagnostics, Kind, Severity};
use eci_planner::{Observed, plan};
use eci_state::Snapshot;
use serde_json::json;

use crate::answer::{answer, document, say};
use crate::arguments::{Format, Validate};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;

/// Checks everything that needs no cloud.
pub(crate) fn validate(context: &Context, asked: &Validate) -> Result<Exit, Failure> {
    let checked = match context.load(&asked.variables) {
        Ok(configuration) => planned(configuration)?,
        Err(Failure::Diagnostics(diagnostics)) => Err(diagnostics),
        Err(failure) => return Err(failure),
    };
    let exit = match checked {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Failed,
    };
    match asked.format {
        Format::Json => as_json(&checked)?,
        Format::Text => as_text(context, &checked)?,
    }
    Ok(exit)
}

/// Plans for an empty cloud: finds cycles, and what fails only when it is computed.
fn planned(configuration: Configuration) -> Result<Result<Configuration, Diagnostics>, Failure> {
    let planned = plan(&configuration, &Snapshot::fresh()?, &Observed::nothing());
    Ok(match planned {
        Ok(_) => Ok(configuration),
        Err(mut diagnostics) => {
            diagnostics.0.extend(configuration.warnings.0);
            diagnostics.sort();
            Err(diagnostics)
        }
    })
}

fn as_json(checked: &Result<Configuration, Diagnostics>) -> Result<(), Failure> {
    let diagnostics = match checked {
        Ok(configuration) => &configuration.warnings,
        Err(diagnostics) => diagnostics,
    };
    let count = |severity| {
        let all = diagnostics.0.iter();
        all.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    document(&json!({
        "format_version": "1.0",
        "valid": checked.is_ok(),
        "error_count": count(Severity::Error),
        "warning_count": count(Severity::Warning),
        "diagnostics": render::diagnostics_json(diagnostics),
    }))?;
    Ok(())
}

fn as_text(context: &Context, checked: &Result<Configuration, Diagnostics>) -> Result<(), Failure> {
    match checked {
        Err(diagnostics) => say(&render::diagnostics(diagnostics, context.err)),
        Ok(configuration) => {
            context.warn(configuration);
            answer(&format!(
                "The configuration is valid: {}.\n",
                counts(configuration)
            ))?;
        }
    }
    Ok(())
}

/// `2 container groups, 1 volume, 1 output`
fn counts(configuration: &Configuration) -> String {
    let of = |kind| {
        let all = configuration.resources.iter();
        all.filter(|resource| resource.address.kind() == kind)
            .count()
    };
    let counted = [
        (of(Kind::ContainerGroup), "container group"),
        (of(Kind::Volume), "volume"),
        (of(Kind::Eip), "EIP"),
        (configuration.outputs.len(), "output"),
    ];
    let parts: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match parts.is_empty() {
        true => "it has no resources".to_owned(),
        false => parts.join(", "),
    }
}
