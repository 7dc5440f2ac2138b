//! `eci import ADDR ID` and `eci orphans --adopt`: an existing object is recorded in the state.
//!
//! Nothing but the state is written: what the configuration declares otherwise, and the operation tag of
//! this state, are for the next plan, which is shown.

use eci_config::Configuration;
use eci_core::DigestKey;
use eci_engine::{Adoption, Engine, ImportOutcome};
use eci_render::plan::DocumentSource;
use eci_text::{Verbatim, text};
use jiff::Timestamp;
use serde_json::json;

use crate::arguments::{Format, RunArgs, VariableArgs};
use crate::commands::apply;
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stderr};

/// Records what is adopted, all or nothing, and shows what the next plan would change.
pub(in crate::commands) async fn adopt(
    context: &Context,
    variables: &VariableArgs,
    adopted: &[Adoption],
    args: &RunArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let mut variables = context.variables(variables)?;
    let configuration = context.load_prompting(&mut variables, &mut signals).await?;
    let state = context.reading(&mut signals, || context.state_of(&configuration))?;
    let provider = context.cloud(&configuration.provider, &state);
    let engine = Engine::builder(provider.clone())
        .options(apply::options(context, args))
        .build();
    let opening = context.open_state(&state, args.lock_timeout, &mut signals);
    let mut run = engine.run(&*state, opening.await?, &configuration);
    context.warn(&configuration);
    let imported = signals.unless(run.import(adopted)).await;
    provider.close().await;
    let shown = imported.and_then(|outcome| {
        let result = ImportResult {
            adopted,
            outcome: &outcome,
            configuration: &configuration,
            key: &run.snapshot().digest_key,
        };
        print_result(context, &state, args.format, result)
    });
    let closing = context.close_state(&state, run.into_store(), shown);
    closing.await?;
    Ok(ExitStatus::Done)
}

/// The result of an import.
#[derive(Clone, Copy)]
struct ImportResult<'a> {
    adopted: &'a [Adoption],
    outcome: &'a ImportOutcome,
    configuration: &'a Configuration,
    /// The key of the digests in the plan.
    key: &'a DigestKey,
}

fn print_result(
    context: &Context,
    state: &StateLocation,
    format: Format,
    result: ImportResult<'_>,
) -> Result<(), CommandError> {
    let ImportResult {
        adopted, outcome, ..
    } = result;
    if !outcome.warnings.0.is_empty() {
        let warnings = context.hinted(&outcome.warnings);
        context.note_rendered(&eci_render::diagnostics(&warnings, context.err));
    }
    if format == Format::Json {
        let imported = adopted.iter();
        let imported: Vec<_> = imported
            .map(|it| json!({ "address": it.address.to_string(), "id": it.id }))
            .collect();
        let mut answer = json!({ "imported": imported });
        match &outcome.next_plan {
            Ok(plan) => {
                answer["next_plan"] = eci_render::plan::json(DocumentSource {
                    plan,
                    created: Timestamp::now(),
                    outline: &eci_planner::outline(result.configuration, plan),
                    key: Some(result.key),
                    cost: None,
                });
            }
            Err(problems) => {
                let problems = problems.0.iter();
                let errors = problems.map(|problem| problem.message.to_string());
                answer["next_plan_errors"] = errors.collect::<Vec<_>>().into();
            }
        }
        return Ok(document(&answer)?);
    }
    for Adoption { address, id, .. } in adopted {
        context.note(&text!(
            en: "{address}: imported ({id})",
            zh: "{address}：已导入（{id}）",
            address = Verbatim(address),
            id = id,
        ));
    }
    for address in &outcome.companions {
        context.note(&text!(
            en: "{address}: imported with its container group",
            zh: "{address}：已随容器组导入",
            address = Verbatim(address),
        ));
    }
    let plan = match &outcome.next_plan {
        Ok(plan) => plan,
        Err(problems) => {
            context.note(&text!(
                en: "Only the state was changed. The next plan fails until this is resolved. Import other \
                     resources that belong together first:\n",
                zh: "仅变更了状态。解决以下问题之前，下次计划会失败。先导入其他相关资源：\n",
            ));
            context.print_diagnostics(problems);
            return Ok(());
        }
    };
    for replaced in &outcome.replaced_eips {
        context.note(&text!(
            en: "{group} has an EIP with the IP address {ip}, and {eip} is not in the state. Run \
                 `eci import {word} ID` to keep it; otherwise the next apply creates another one.",
            zh: "{group} 有 IP 地址为 {ip} 的弹性 IP，而 {eip} 不在状态中。如需保留，执行 `eci import {word} ID`，否则下次应用会创建新的弹性 IP。",
            group = Verbatim(&replaced.group),
            ip = replaced.ip.as_str(),
            eip = Verbatim(&replaced.eip),
            word = Verbatim(replaced.eip.in_shell()),
        ));
    }
    context.note(&text!(
        en: "Only the state was changed. The next plan:\n",
        zh: "仅变更了状态。下次计划：\n",
    ));
    let text = eci_render::plan::text(plan, None, context.err);
    print_stderr(&state.headed(text, context.lang()));
    Ok(())
}
