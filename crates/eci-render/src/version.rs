//! The version of eci.

use std::env::consts::{ARCH, OS};

use serde_json::{Value, json};

use crate::document::TERRAFORM;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Returns the version as a line.
pub fn text() -> String {
    format!("eci {VERSION}\n")
}

/// Returns the version as `terraform version -json` prints it.
pub fn json() -> Value {
    json!({
        "terraform_version": TERRAFORM,
        "eci_version": VERSION,
        "platform": platform(),
        "provider_selections": {},
        "terraform_outdated": false,
    })
}

/// Returns the platform by the names that Terraform uses, for example `linux_amd64`.
fn platform() -> String {
    let system = match OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}_{processor}")
}
