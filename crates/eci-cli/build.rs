//! Leaves out of the delivered program what it does not use: its symbols, and the tables with which a panic would
//! unwind the stack. With `panic = "abort"` (which a build script does not see) none does, and they are a tenth of the
//! program.

use std::path::PathBuf;
use std::{env, fs, io};

/// A linker script that is added to the linker's own.
const NO_UNWIND_TABLES: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;\n";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("PROFILE", "release") {
        return Ok(());
    }
    link_argument("-Wl,--strip-all");
    // Only the linkers of GNU systems were tried.
    if is("CARGO_CFG_TARGET_ENV", "gnu") {
        let directory = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
        let script = PathBuf::from(directory).join("no_unwind_tables.ld");
        fs::write(&script, NO_UNWIND_TABLES)?;
        link_argument(&format!("-T{}", script.display()));
        link_argument("-Wl,--no-eh-frame-hdr");
    }
    Ok(())
}

fn link_argument(argument: &str) {
    println!("cargo:rustc-link-arg-bins={argument}");
}
