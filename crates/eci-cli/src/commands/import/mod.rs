//! `eci import`

mod account;
mod adopt;
mod all;

use std::path::Path;

use eci_engine::Adoption;
use eci_text::text;

pub(super) use adopt::adopt;

use crate::arguments;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Adopts one resource, or writes manifests for many.
pub(crate) async fn import(
    context: &Context,
    args: &arguments::ImportArgs,
) -> Result<ExitStatus, CommandError> {
    match (&args.address, &args.id, &args.write) {
        (Some(address), Some(id), _) => {
            let adoption = Adoption::new(address.clone(), id).with_take_over(args.take_over);
            adopt(context, &args.variables, &[adoption], &args.run).await
        }
        (_, _, Some(directory)) => all::write(context, args, Path::new(directory)).await,
        // The command line takes one or the other.
        _ => Err(CommandError::new(
            text!(en: "no resource specified", zh: "未指定资源"),
            text!(
                en: "specify a resource address and an ID, or use `--all` with `--write`",
                zh: "指定资源地址和 ID，或同时使用 `--all` 和 `--write`",
            ),
        )),
    }
}
