//! `eci state cloud`

use eci_state::{CloudDifference, CloudIdentity, Record, Snapshot, Store as _};
use eci_text::{Spaced, Text, text};

use super::change::{open, record};
use crate::arguments::CloudArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stdout;

const NOT_RECORDED: Text = Text::fixed(
    "not recorded; the first run records it",
    "未记录，首次运行时记录",
);

/// Shows the cloud that the state belongs to, or records the one that the manifests name.
pub(super) async fn cloud(context: &Context, args: &CloudArgs) -> Result<ExitStatus, CommandError> {
    if !args.set {
        let snapshot = context.reading(&mut Signals::listen()?, || context.existing_state())?;
        let text = snapshot.cloud.as_ref().map_or(NOT_RECORDED, Text::of);
        let line = format!("{}\n", text.get(context.lang()));
        print_stdout(&context.out.folded(&line))?;
        return Ok(ExitStatus::Done);
    }
    let (settings, state) = context.reading(&mut Signals::listen()?, || {
        let settings = context.load_provider(&args.variables)?;
        Ok::<_, CommandError>((settings, context.state_location()?))
    })?;
    let access = context.cloud(&settings, &state);
    let Some(cloud) = access.identity() else {
        return Err(CommandError::new(
            text!(en: "no region is set", zh: "未设置区域"),
            text!(
                en: "set `region_id` in `[provider]`, or set `CTYUN_REGION_ID`",
                zh: "在 `[provider]` 中设置 `region_id`，或设置 `CTYUN_REGION_ID`",
            ),
        ));
    };
    let mut store = open(context, args.lock.timeout).await?;
    if let Some(recorded) = &store.snapshot().cloud
        && store.snapshot().is_bound()
        && recorded.region != cloud.region
    {
        return Err(CommandError::new(
            text!(
                en: "the resources of the state are in region {recorded}, not in region {current}",
                zh: "状态中的资源位于区域 {recorded}，而不是区域 {current}",
                recorded = recorded.region.as_str(),
                current = cloud.region.as_str(),
            ),
            text!(
                en: "use region {recorded}; for resources in {current}, use another state directory or workspace",
                zh: "使用区域 {recorded}；{current} 中的资源应使用其他状态目录或工作区",
                recorded = recorded.region.as_str(),
                current = cloud.region.as_str(),
            ),
        ));
    }
    check_sandbox(store.snapshot(), &cloud)?;
    let before = store.snapshot().cloud.clone();
    if let Some(cloud) = store.snapshot().cloud_to_record(&cloud) {
        record(&mut store, &[Record::Cloud { cloud }])?;
    }
    store.close()?;
    context.note(&match before {
        Some(before) if before.to_string() != cloud.to_string() => {
            text!(
                en: "The state belonged to {before}. It now belongs to {cloud}.",
                zh: "状态原属于{before}，现属于{cloud}。",
                before = Spaced(&before),
                cloud = Spaced(&cloud),
            )
        }
        _ => text!(
            en: "The state belongs to {cloud}.",
            zh: "状态属于{cloud}。",
            cloud = Spaced(&cloud),
        ),
    });
    Ok(ExitStatus::Done)
}

/// Checks that a state with resources does not change between the simulated cloud and another one: none of its resources can
/// exist there.
fn check_sandbox(snapshot: &Snapshot, current: &CloudIdentity) -> Result<(), CommandError> {
    let Err(another) = snapshot.belongs_to(current) else {
        return Ok(());
    };
    if !another.differences.contains(&CloudDifference::Sandbox) {
        return Ok(());
    }
    let message = text!(
        en: "the resources of the state belong to {recorded} and cannot exist in {current}",
        zh: "状态中的资源属于{recorded}，不可能存在于{current}",
        recorded = Spaced(&*another.recorded),
        current = Spaced(current),
    );
    let help = if another.recorded.is_sandbox() {
        text!(
            en: "run `eci destroy --sandbox` first, or use another directory or `--state`",
            zh: "先执行 `eci destroy --sandbox`，或使用其他目录或 `--state`",
        )
    } else {
        text!(
            en: "omit `--sandbox`; for the simulated cloud, use another directory or `--state`",
            zh: "省略 `--sandbox`；模拟云应使用其他目录或 `--state`",
        )
    };
    Err(CommandError::new(message, help))
}
