//! `eci exec`

use eci_api::types::{ExecAnswer, ExecContainerCommand};
use eci_text::text;

use super::InspectContext;
use crate::arguments;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::foreign;

/// Runs a command in a container and shows what it wrote.
///
/// The cloud does not report the exit code of the command.
pub(crate) async fn exec(
    context: &Context,
    args: &arguments::ExecArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let inspection = InspectContext::load(context, &args.variables, &mut signals)?;
    let group = inspection.group(&args.address)?;
    let command = ExecContainerCommand {
        container_group_id: group.id.clone(),
        container_name: group.container(args.container.as_deref())?,
        command: args.command.clone(),
        stdin: Some(false),
        tty: Some(false),
        sync: Some(true),
    };
    let access = inspection.access(context)?;
    let running = async {
        let provider = access.adapter().await?;
        let lineage = &inspection.snapshot.lineage;
        group.check_owner(provider, lineage).await?;
        let answered = provider.exec(&command).await;
        answered.map_err(|error| group.failed(error))
    };
    let answered = signals.unless(running).await;
    access.close().await;
    foreign(&written(answered?)?)?;
    Ok(ExitStatus::Done)
}

/// Returns the output of the command.
fn written(answered: ExecAnswer) -> Result<String, CommandError> {
    let session = answered.web_socket_uri;
    match answered.sync_response {
        Some(text) if !text.is_empty() => Ok(text),
        // Its address lets anyone in who knows it, and is not shown.
        _ if session.is_some_and(|uri| !uri.expose().is_empty()) => Err(CommandError::new(
            text!(
                en: "the cloud opened an interactive session, which is not supported",
                zh: "云端打开了交互式会话，eci 不支持",
            ),
            text!(
                en: "specify a command that exits by itself, for example `sh -c 'ps; df'`, or use the \
                     session in the CTyun console",
                zh: "指定会自行结束的命令，例如 `sh -c 'ps; df'`，或使用天翼云控制台中的会话",
            ),
        )),
        _ => Ok(String::new()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_api::types::Secret;

    use super::*;

    #[test]
    fn an_answer_is_shown_and_a_session_is_refused_without_its_address() {
        let session = || Some(Secret::new("wss://x?token=hunter2"));
        let answered = |text: Option<&str>, web_socket_uri| ExecAnswer {
            web_socket_uri,
            sync_response: text.map(str::to_owned),
        };
        assert_eq!(written(answered(Some("ok\n"), session())).unwrap(), "ok\n");
        let silent = answered(Some(""), Some(Secret::new("")));
        assert_eq!(written(silent).unwrap(), "");
        let refused = format!("{:?}", written(answered(None, session())).unwrap_err());
        assert!(refused.contains("interactive"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}
