//! `eci` with points at which it can be made to die, for rehearsals; see `eci_state::crash`.
//! It is built only with the feature `failpoints`, and is not delivered.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main()
}
