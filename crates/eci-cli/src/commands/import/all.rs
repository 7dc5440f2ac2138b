//! `eci import --all`: manifests for what runs.

use std::fs;
use std::path::Path;

use eci_config::ProviderSettings;
use eci_core::{Diagnostics, Value, codes};
use eci_format::MANIFEST_ENDING;
use eci_state::atomic_file;
use eci_text::text;

use super::account;
use crate::arguments::ImportArgs;
use crate::commands::init::created;
use crate::context::{Context, in_shell};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::generate::{GenerateInput, Manifest, ReportedGroup, manifests};
use crate::signals::Signals;
use crate::stdio::print_stdout;

/// Writes manifests for all groups that carry the tags, with their EIPs and disks; without a tag
/// also for the EIPs and disks that nothing has.
pub(super) async fn write(
    context: &Context,
    args: &ImportArgs,
    directory: &Path,
) -> Result<ExitStatus, CommandError> {
    let path = context.path(directory)?;
    check_free(&path)?;
    let mut signals = Signals::listen()?;
    let (settings, state) = context.reading(&mut signals, || {
        Ok::<_, CommandError>((settings(context, args)?, context.state_location()?))
    })?;
    let access = context.cloud(&settings, &state);
    let found = signals.unless(account::found(&access, args)).await;
    let region = access.region();
    access.close().await;
    let account = found?.adoptable(context);
    if account.is_empty() {
        return Err(if context.globals.sandbox && args.tags.is_empty() {
            CommandError::new(
                text!(
                    en: "no container group, EIP, or disk found that can be imported: the simulated cloud of this directory has none",
                    zh: "未找到可导入的容器组、弹性 IP 或云硬盘：此目录的模拟云中没有这些资源",
                ),
                text!(
                    en: "omit `--sandbox` to import from the cloud, or run the command in the directory whose `eci apply --sandbox` created the resources",
                    zh: "去掉 `--sandbox` 以从云端导入，或在曾以 `eci apply --sandbox` 创建资源的目录中执行此命令",
                ),
            )
        } else if args.tags.is_empty() {
            CommandError::new(
                text!(
                    en: "no container group, EIP, or disk found that can be imported",
                    zh: "未找到可导入的容器组、弹性 IP 或云硬盘",
                ),
                text!(en: "check the region and the account", zh: "检查区域和账号"),
            )
        } else {
            CommandError::new(
                text!(
                    en: "no container group with these tags found that can be imported",
                    zh: "未找到带有这些标签且可导入的容器组",
                ),
                text!(
                    en: "check the tags and the region, or omit `--tag` to import the whole region",
                    zh: "检查标签和区域，或去掉 `--tag` 以导入整个区域",
                ),
            )
        });
    }
    if !account.groups.is_empty() && args.az_name.is_none() {
        return Err(CommandError::new(
            text!(
                en: "missing zone: it is required in the manifest of a container group, and the cloud does \
                     not report it",
                zh: "缺少可用区：容器组的清单必须设置可用区，而云端不返回该信息",
            ),
            text!(
                en: "use `--az-name NAME`, for example `--az-name cn-huadong1-jsnj1A-public-ctcloud`",
                zh: "使用 `--az-name NAME`，例如 `--az-name cn-huadong1-jsnj1A-public-ctcloud`",
            ),
        ));
    }
    let surroundings = GenerateInput {
        region: region.as_deref(),
        az_name: args.az_name.as_deref(),
        lang: context.lang(),
    };
    let written = manifests(&account, surroundings);
    write_manifests(&path, &written)?;
    print_result(context, &path, &account.groups, &written)?;
    let directory = in_shell(directory);
    let next = if context.globals.sandbox {
        // `--sandbox` there would use another simulated cloud, next to that state.
        text!(
            en: "The manifests describe the simulated cloud that is stored with this state. To import the \
                 resources, run `eci sandbox serve --data {data}`, and set the variables that it prints \
                 before `eci plan -C {directory}`.",
            zh: "清单描述的是与此状态存放在一起的模拟云。如需导入这些资源，执行 `eci sandbox serve --data {data}`，并在执行 `eci plan -C {directory}` 之前设置其输出的环境变量。",
            data = in_shell(&state.sandbox()),
            directory = directory,
        )
    } else {
        text!(
            en: "Run `eci plan -C {directory}` to review the import, and `eci apply -C {directory}` to \
                 apply it.",
            zh: "执行 `eci plan -C {directory}` 查看导入计划，执行 `eci apply -C {directory}` 进行导入。",
            directory = directory,
        )
    };
    context.note(&next);
    Ok(ExitStatus::Done)
}

/// Returns `[provider]` of the manifests here, if there are any.
fn settings(context: &Context, args: &ImportArgs) -> Result<ProviderSettings, CommandError> {
    let variables = context.variables(&args.variables)?;
    match eci_config::load_provider(context.directory()?, &variables) {
        Ok(settings) => Ok(settings),
        Err(diagnostics) if is_empty(&diagnostics) => Ok(ProviderSettings::default()),
        Err(diagnostics) => Err(diagnostics.into()),
    }
}

fn is_empty(diagnostics: &Diagnostics) -> bool {
    let mut found = diagnostics.0.iter();
    found.any(|diagnostic| diagnostic.code == codes::NO_MANIFESTS)
}

/// Refuses a directory with manifests, so that they are not mixed with the written ones.
fn check_free(path: &Path) -> Result<(), CommandError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(path, &error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| unwritable(path, &error))?.file_name();
        if name.to_string_lossy().ends_with(MANIFEST_ENDING) {
            return Err(CommandError::new(
                text!(
                    en: "`{path}` already contains manifests",
                    zh: "`{path}` 中已有清单",
                    path = path.display(),
                ),
                text!(
                    en: "use `--write` with a new directory",
                    zh: "为 `--write` 指定新目录",
                ),
            ));
        }
    }
    Ok(())
}

fn write_manifests(path: &Path, written: &[Manifest]) -> Result<(), CommandError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
    for manifest in written {
        let place = path.join(&manifest.name);
        // The values of environment variables are among what the cloud reports.
        let written = atomic_file::replace_private(&place, manifest.text.as_bytes());
        written.map_err(|error| unwritable(&place, &error))?;
    }
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> CommandError {
    let help = text!(
        en: "use `--write` with a writable directory",
        zh: "为 `--write` 指定可写的目录",
    );
    CommandError::unwritable(path, error, help)
}

fn print_result(
    context: &Context,
    path: &Path,
    groups: &[ReportedGroup],
    written: &[Manifest],
) -> Result<(), CommandError> {
    let lines = written.iter().map(|manifest| {
        let line = created(&path.join(&manifest.name));
        format!("{}\n", line.get(context.lang()))
    });
    print_stdout(&lines.collect::<String>())?;
    let clear = groups
        .iter()
        .any(|group| has_environment(&group.attributes));
    if clear {
        context.say(&text!(
            en: "warning: the manifests contain the values of environment variables as reported by the \
                 cloud\nhelp: replace secrets with variables that have `sensitive = true`",
            zh: "警告: 清单中包含云端返回的环境变量的值\n帮助: 将其中的机密信息改为设置了 `sensitive = true` 的变量",
        ));
    }
    Ok(())
}

fn has_environment(attributes: &eci_core::Map) -> bool {
    let lists = [
        attributes.get("containers"),
        attributes.get("init_containers"),
    ];
    let containers = lists.into_iter().flatten().filter_map(Value::as_list);
    let mut containers = containers.flatten();
    containers.any(|container| container.get("env").is_some())
}
