//! Suggestions of the parser, reduced to names that are near to what was written.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Suggests the option or the command that is nearest to an unknown one, or none.
pub(super) fn suggest(error: &mut Error, command: &Command) {
    with_near_option(error, command);
    with_near_command(error, command);
    without_tip_for_values(error, command);
}

/// Suggests the option of the command that is nearest to an unknown one, or none.
fn with_near_option(error: &mut Error, command: &Command) {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    if error.get(ContextKind::SuggestedArg).is_none() {
        return;
    }
    let options = command
        .get_arguments()
        .filter(|option| !option.is_hide_set());
    let known = options.filter_map(clap::Arg::get_long);
    let near = eci_core::suggest::nearest(unknown.trim_start_matches('-'), known);
    let near = near.map(|near| ContextValue::String(format!("--{near}")));
    error.remove(ContextKind::SuggestedArg);
    if let Some(near) = near {
        error.insert(ContextKind::SuggestedArg, near);
    }
}

/// Suggests the command that is nearest to an unknown one after `help`, where the parser suggests none.
fn with_near_command(error: &mut Error, command: &Command) {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let is_unknown = error.kind() == ErrorKind::InvalidSubcommand;
    if !is_unknown || error.get(ContextKind::SuggestedSubcommand).is_some() {
        return;
    }
    let known = command
        .get_subcommands()
        .filter(|known| !known.is_hide_set());
    let near = eci_core::suggest::nearest(unknown, known.map(Command::get_name));
    if let Some(near) = near.map(str::to_owned) {
        let near = ContextValue::Strings(vec![near]);
        error.insert(ContextKind::SuggestedSubcommand, near);
    }
}

/// Removes the tip to pass an unknown option as a value: no command but `exec` has such values.
fn without_tip_for_values(error: &mut Error, command: &Command) {
    let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested) else {
        return;
    };
    if command.get_name() == "exec" {
        return;
    }
    let is_for_values = |tip: &&StyledStr| tip.to_string().starts_with("to pass '");
    let tips = tips.iter().filter(|tip| !is_for_values(tip)).cloned();
    let tips = ContextValue::StyledStrs(tips.collect());
    error.insert(ContextKind::Suggested, tips);
}

/// Removes suggested commands and values that are not near to what was written.
pub(super) fn remove_distant(error: &mut Error) {
    for (written, suggested) in [
        (
            ContextKind::InvalidSubcommand,
            ContextKind::SuggestedSubcommand,
        ),
        (ContextKind::InvalidValue, ContextKind::SuggestedValue),
    ] {
        let Some(ContextValue::String(written)) = error.get(written) else {
            continue;
        };
        let is_near = |name: &String| eci_core::suggest::nearest(written, [&**name]).is_some();
        let near = match error.get(suggested) {
            Some(ContextValue::String(name)) if !is_near(name) => None,
            Some(ContextValue::Strings(names)) => {
                let near: Vec<String> =
                    names.iter().filter(|name| is_near(name)).cloned().collect();
                (!near.is_empty()).then_some(ContextValue::Strings(near))
            }
            _ => continue,
        };
        error.remove(suggested);
        if let Some(near) = near {
            error.insert(suggested, near);
        }
    }
}
