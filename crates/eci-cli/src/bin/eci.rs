//! `eci`: every command.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main(eci_cli::Program::Eci)
}
