//! A server that continues after an unreadable notification and logs it to the editor.

use std::ops::ControlFlow;
use std::task::{Context, Poll};

use async_lsp::lsp_types::{LogMessageParams, MessageType, notification};
use async_lsp::{AnyEvent, AnyNotification, AnyRequest, ClientSocket, Error, LspService, Result};
use tower_service::Service;

/// A service that accepts wrong notifications: they cannot be answered, so that what is wrong with them goes to the
/// editor's log.
pub(crate) struct LenientService<S> {
    client: ClientSocket,
    service: S,
}

impl<S> LenientService<S> {
    pub(crate) fn new(client: ClientSocket, service: S) -> LenientService<S> {
        LenientService { client, service }
    }
}

impl<S: LspService> Service<AnyRequest> for LenientService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: AnyRequest) -> Self::Future {
        self.service.call(request)
    }
}

impl<S: LspService> LspService for LenientService<S> {
    fn notify(&mut self, notification: AnyNotification) -> ControlFlow<Result<()>> {
        let method = notification.method.clone();
        match self.service.notify(notification) {
            ControlFlow::Break(Err(error @ Error::Deserialize(_))) => {
                let message = format!("`{method}` cannot be read: {error}");
                let typ = MessageType::ERROR;
                let params = LogMessageParams { typ, message };
                let _ = self.client.notify::<notification::LogMessage>(params);
                ControlFlow::Continue(())
            }
            flow => flow,
        }
    }

    fn emit(&mut self, event: AnyEvent) -> ControlFlow<Result<()>> {
        self.service.emit(event)
    }
}
