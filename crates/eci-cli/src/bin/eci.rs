//! `eci`: every command; under the name `eci-plan` or `eci-apply`, that command alone.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main()
}
