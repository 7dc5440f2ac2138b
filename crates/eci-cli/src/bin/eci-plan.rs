//! `eci-plan …` is `eci plan …`.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main(eci_cli::Program::Plan)
}
