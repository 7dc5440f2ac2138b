//! `eci validate`

use std::path::Path;

use eci_config::Configuration;
use eci_core::{Diagnostics, Kind};
use eci_render::RepositoryLocation;
use eci_text::{Lang, List, Noun, Text, text};

use crate::arguments::{CheckFormat, ValidateArgs};
use crate::check::check;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Checks the configuration without the cloud, and without values of variables that are given elsewhere.
pub(crate) fn validate(context: &Context, args: &ValidateArgs) -> Result<ExitStatus, CommandError> {
    match checked(context, args) {
        // Programs get every error in the same document.
        Err(CommandError::Error { error, help }) if args.format == CheckFormat::Json => {
            let help = help.map(|help| context.hint(help.en()));
            let summary = context.hint(&format!("{error:#}"));
            document(&eci_render::error_json(&summary, help.as_deref()))?;
            Ok(ExitStatus::Failed)
        }
        result => result,
    }
}

fn checked(context: &Context, args: &ValidateArgs) -> Result<ExitStatus, CommandError> {
    let mut variables = context.variables(&args.variables)?;
    variables.leave_missing_unknown();
    // Without access to other states, their outputs are unknown.
    variables.leave_states_unknown();
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
    let found = &context.hinted(found);
    match args.format {
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

/// Returns the place of a directory in its repository: a code host knows files by their paths in
/// it.
fn repository(directory: &Path) -> RepositoryLocation {
    let Ok(directory) = directory.canonicalize() else {
        return RepositoryLocation::default();
    };
    let mut ancestors = directory.ancestors();
    let root = ancestors.find(|ancestor| ancestor.join(".git").exists());
    let below = root.and_then(|root| directory.strip_prefix(root).ok());
    let steps = below.into_iter().flat_map(Path::components);
    let steps: Vec<_> = steps
        .map(|step| step.as_os_str().to_string_lossy())
        .collect();
    RepositoryLocation {
        within: steps.join("/"),
        directory: directory.to_string_lossy().into_owned(),
    }
}

fn as_text(
    context: &Context,
    checked: &Result<Configuration, Diagnostics>,
) -> Result<(), CommandError> {
    match checked {
        Err(diagnostics) => context.print_diagnostics(diagnostics),
        Ok(configuration) => {
            context.warn(configuration);
            let lang = context.lang();
            let valid = valid(configuration);
            print_stdout(&context.out.folded(&format!("{}\n", valid.get(lang))))?;
            let missing = missing(configuration);
            if !missing.is_empty() {
                context.note(&text!(
                    en: "Not checked because no value is set: {names}",
                    zh: "因没有值而未校验：{names}",
                    names = List::and(missing),
                ));
            }
        }
    }
    Ok(())
}

/// Returns the variables that have no value.
fn missing(configuration: &Configuration) -> Vec<String> {
    let all = configuration.variables.iter();
    all.filter(|(_, value)| value.is_unknown())
        .map(|(name, _)| format!("var.{name}"))
        .collect()
}

/// Returns the message about a valid configuration, with what it declares.
fn valid(configuration: &Configuration) -> Text {
    // Those that others are attached to come first.
    let kinds = Kind::ALL.into_iter().rev().map(|kind| {
        let all = configuration.resources.iter();
        let number = all.filter(|resource| resource.address.kind() == kind);
        kind.properties().nouns.counted.count(number.count())
    });
    let counts = kinds.chain([OUTPUT.count(configuration.outputs.len())]);
    let counts: Vec<Text> = counts
        .filter(|count| count.number() > 0)
        .map(|count| Text::of(&count))
        .collect();
    if counts.is_empty() {
        return text!(
            en: "The configuration is valid: no resources.",
            zh: "配置有效：没有资源。",
        );
    }
    let joined = |lang: Lang| {
        let counts: Vec<&str> = counts.iter().map(|count| count.get(lang)).collect();
        counts.join(lang.pick(", ", "，"))
    };
    text!(
        en: "The configuration is valid: {counts}.",
        zh: "配置有效：{counts}。",
        counts = Text::new(joined(Lang::En), joined(Lang::Zh)),
    )
}

const OUTPUT: Noun = Noun {
    one: "output",
    many: "outputs",
    zh: "输出",
    measure: "个",
};
