//! `eci state cloud`

use eci_state::{Record, Store as _};

use super::change::{open, record};
use crate::arguments::CloudArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Shows the cloud that the state belongs to, or records the one that the manifests name.
pub(super) async fn cloud(
    context: &Context,
    asked: &CloudArgs,
) -> Result<ExitStatus, CommandError> {
    if !asked.set {
        let snapshot = context.existing_state()?;
        print_stdout(&match &snapshot.cloud {
            Some(cloud) => format!("{cloud}\n"),
            None => "not recorded: the first run records it\n".to_owned(),
        })?;
        return Ok(ExitStatus::Done);
    }
    let settings = context.load_provider(&asked.variables)?;
    let access = context.cloud(&settings, &context.state_directory()?);
    let Some(cloud) = access.identity() else {
        return Err(CommandError::new(
            "no region is given, so that there is no cloud to record",
            "write `region_id = \"…\"` under [provider], or set CTYUN_REGION_ID",
        ));
    };
    let mut store = open(context, asked.lock.timeout).await?;
    if let Some(recorded) = &store.snapshot().cloud
        && store.snapshot().is_bound()
        && recorded.region != cloud.region
    {
        return Err(CommandError::new(
            format!(
                "the resources of the state are in the region {}, and no other region can have them",
                recorded.region
            ),
            format!(
                "run with the region {}; for resources in {}, use a state of its own: another \
                 directory or workspace",
                recorded.region, cloud.region
            ),
        ));
    }
    let before = store.snapshot().cloud.as_ref().map(ToString::to_string);
    if let Some(cloud) = store.snapshot().cloud_to_record(&cloud) {
        record(&mut store, &[Record::Cloud { cloud }])?;
    }
    context.note(&match before {
        Some(before) if before != cloud.to_string() => {
            format!("The state belonged to {before}, and belongs to {cloud} from now on.")
        }
        _ => format!("The state belongs to {cloud}."),
    });
    Ok(ExitStatus::Done)
}
