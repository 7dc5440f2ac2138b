//! The connection of a command to its cloud, and the notices of the engine on the terminal.

use eci_config::ProviderSettings;
use eci_engine::{ConnectOptions, Notice, NoticeListener, Provider, SandboxOptions};
use eci_render::style::visible;
use eci_text::Lang;

use super::{Context, ProgramOutput, StateLocation, hints};
use crate::arguments::GlobalArgs;
use crate::stdio::print_stderr;

impl Context {
    /// Returns the cloud of a command, which is connected when it is first needed: a plan of an
    /// empty state requires no credentials.
    pub(crate) fn cloud(&self, settings: &ProviderSettings, state: &StateLocation) -> Provider {
        let globals = &self.globals;
        let mut options = ConnectOptions::default();
        options.endpoints = globals.endpoints.clone();
        if let Some(directory) = &globals.directory {
            options.directory = directory.clone();
        }
        options.sandbox = globals.sandbox.then(|| {
            let mut sandbox = SandboxOptions::default();
            sandbox.data = Some(state.sandbox());
            if let Some(speed) = globals.sandbox_speed {
                sandbox.speed = speed;
            }
            sandbox
        });
        let listener = self.notices();
        Provider::lazy(settings, options.on_notice(move |notice| listener(notice)))
    }

    /// Returns the listener that prints notices.
    pub(crate) fn notices(&self) -> NoticeListener {
        let (globals, output, lang) = (self.globals.clone(), self.program_output, self.lang());
        std::sync::Arc::new(move |notice| print(notice, &globals, output, lang))
    }
}

fn print(notice: &Notice, globals: &GlobalArgs, output: ProgramOutput, lang: Lang) {
    let text = notice.text();
    let text = text.get(lang);
    match notice {
        // A warning, also where only errors are of interest.
        Notice::CredentialsReadable { .. } => print_stderr(text),
        _ if globals.quiet => {}
        // A run with messages for programs has one for each operation.
        Notice::Recovering { .. } if output == ProgramOutput::Everything => {}
        Notice::Retrying { .. } => print_stderr(&visible(text)),
        _ => print_stderr(&hints::repeated(globals, text)),
    }
}
