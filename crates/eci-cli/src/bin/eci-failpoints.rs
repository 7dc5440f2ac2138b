//! `eci` with points at which it can be killed, for crash tests; see `eci_state::failpoint`.
//! It is built only with the feature `failpoints`, and is not delivered.

use std::process::ExitCode;

fn main() -> ExitCode {
    eci_cli::main()
}
