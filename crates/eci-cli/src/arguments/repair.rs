//! Arguments of the commands that repair a state.

use clap::Args;
use eci_core::Address;
use eci_core::address::AddressError;
use eci_render::text_of;
use eci_text::{Message, text};

use super::inspect::LockTimeoutArgs;
use super::{RunArgs, VariableArgs};

/// `eci orphans`
#[derive(Debug, Args)]
pub(crate) struct OrphansArgs {
    /// Record an orphaned resource under this address, as `eci import` does; can be repeated
    #[arg(long, value_name = "ADDR=ID", value_parser = adoption)]
    pub(crate) adopt: Vec<(Address, String)>,
    /// Delete the orphaned resources, except disks
    #[arg(long, conflicts_with = "adopt")]
    pub(crate) delete: bool,
    /// Also delete disks, with all data on them
    #[arg(long, requires = "delete")]
    pub(crate) include_disks: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// `eci taint` and `eci untaint`
#[derive(Debug, Args)]
pub(crate) struct TaintArgs {
    /// The container group, for example container_group.web
    #[arg(value_name = "ADDR")]
    pub(crate) address: Address,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci force-unlock`
#[derive(Debug, Args)]
pub(crate) struct ForceUnlockArgs {
    /// The lock ID; without it, the lock is only shown
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
}

/// Parses an address and an ID. The address may have a key with any character in it, and an ID has
/// no `=`.
fn adoption(text: &str) -> Result<(Address, String), Message> {
    let parts = text.rsplit_once('=');
    match parts.map(|(address, id)| (address.trim(), id.trim())) {
        Some((address, id)) if !id.is_empty() => {
            let address: Address = address
                .parse()
                .map_err(|error: AddressError| Message::new(text_of(&error)).because(error))?;
            Ok((address, id.to_owned()))
        }
        _ => Err(Message::new(text!(
            en: "expected ADDR=ID, for example container_group.web=eci-0a1b2c3d",
            zh: "应为 ADDR=ID，例如 container_group.web=eci-0a1b2c3d",
        ))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_adoption_is_read_from_behind() {
        let (address, id) = adoption(r#"container_group.web["a=b"]=eci-1"#).unwrap();
        assert_eq!(address.to_string(), r#"container_group.web["a=b"]"#);
        assert_eq!(id, "eci-1");
        assert!(adoption("container_group.web=").is_err());
        assert!(adoption("container_group.web= ").is_err());
        let (address, id) = adoption(" container_group.web = eci-1\n").unwrap();
        assert_eq!(
            (&*address.to_string(), &*id),
            ("container_group.web", "eci-1")
        );
    }
}
