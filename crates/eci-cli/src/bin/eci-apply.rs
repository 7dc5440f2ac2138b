//! `eci-apply …` is `eci apply …`.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main(eci_cli::Program::Apply)
}
