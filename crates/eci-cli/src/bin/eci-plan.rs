//! `eci-plan …` is `eci plan …`.

use std::process::ExitCode;

mod launcher;

fn main() -> ExitCode {
    launcher::launch("eci-plan")
}
