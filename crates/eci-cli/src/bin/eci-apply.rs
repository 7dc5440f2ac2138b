//! `eci-apply …` is `eci apply …`.

use std::process::ExitCode;

mod launcher;

fn main() -> ExitCode {
    launcher::launch("eci-apply")
}
