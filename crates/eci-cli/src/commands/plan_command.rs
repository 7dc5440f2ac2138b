//! The command that shows the plan of another command.

use eci_core::quote::shell_word;
use eci_engine::PlanOptions;
use eci_planner::Mode;

use crate::arguments::VariableArgs;
use crate::command_line;
use crate::context::in_shell;

/// Returns the command that shows a plan with these options, for a hint.
///
/// Values of variables may be secrets and are left out.
pub(super) fn of(options: &PlanOptions, variables: &VariableArgs) -> String {
    let mut command = "eci plan".to_owned();
    let mut add = |words: &str| {
        command.push(' ');
        command.push_str(words);
    };
    match options.mode {
        Mode::Destroy => add("--destroy"),
        Mode::RefreshOnly => add("--refresh-only"),
        Mode::Apply => {}
    }
    for address in &options.replace {
        add(&format!("--replace {}", shell_word(&address.to_string())));
    }
    for target in &options.targets {
        add(&format!("--target {}", shell_word(&target.to_string())));
    }
    for excluded in &options.exclude {
        add(&format!("--exclude {}", shell_word(&excluded.to_string())));
    }
    if !options.refresh.refresh {
        add("--refresh=false");
    }
    if options.refresh.allow_missing {
        add("--allow-missing");
    }
    for assignment in &variables.values {
        let hidden = command_line::hidden(assignment);
        add(&format!("--var {}", shell_word(&hidden)));
    }
    for file in &variables.files {
        add(&format!("--var-file {}", in_shell(file)));
    }
    command
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Command, Eci};

    #[test]
    fn a_plan_has_the_options_of_the_command_without_values() {
        for (line, expected) in [
            ("eci apply", "eci plan"),
            (
                "eci apply --auto-approve --destroy --target eip.a --exclude eip.b --refresh=false --allow-missing",
                "eci plan --destroy --target eip.a --exclude eip.b --refresh=false --allow-missing",
            ),
            (
                "eci apply --refresh-only --var password=hush --var-file a.vars.toml",
                "eci plan --refresh-only --var password=… --var-file a.vars.toml",
            ),
            (
                "eci apply --replace container_group.web",
                "eci plan --replace container_group.web",
            ),
        ] {
            let eci = Eci::try_parse_from(line.split(' ')).unwrap();
            let Command::Apply(args) = eci.command else {
                panic!("{line}");
            };
            let options = args.mode.options(&args.selection);
            let options = options.with_refresh(args.refresh.options(args.missing));
            assert_eq!(of(&options, &args.variables), expected);
        }
    }
}
