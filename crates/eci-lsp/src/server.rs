//! Messages in, messages out: one loop owns the state, and each question goes to a function.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_lsp::lsp_types::{self as lsp, Url, notification, request};
use async_lsp::router::Router;
use async_lsp::{ClientSocket, ErrorCode, ResponseError, Result};
use eci_text::{In, Lang, Localize};

use crate::check::{Report, check};
use crate::completion::{ClientCapabilities, completion};
use crate::text::Text;
use crate::workspace::{Directory, File, Place, Workspace};
use crate::{code_actions, definition, formatting, hover, rename, symbols};

/// The pause without changes before everything is checked again.
const PAUSE: Duration = Duration::from_millis(150);

/// The state of the server.
struct Server {
    client: ClientSocket,
    workspace: Workspace,
    abilities: ClientCapabilities,
    /// Counts the changes: a check of an earlier one is of no use.
    change: u64,
    /// The diagnostics published last.
    report: Report,
    /// The language of everything that is said.
    lang: Lang,
    /// Whether the locale of the editor selects the language.
    follows_editor: bool,
}

/// A choice of the language of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LangChoice {
    /// A language, whatever the locale of the editor.
    Fixed(Lang),
    /// The language of the locale of the editor.
    OfEditor {
        /// The language for an editor that sends no locale.
        default: Lang,
    },
}

impl LangChoice {
    /// Returns the language before the editor has sent anything.
    fn initial(self) -> Lang {
        match self {
            LangChoice::Fixed(lang) | LangChoice::OfEditor { default: lang } => lang,
        }
    }
}

/// Nothing changed for a while.
struct AnalysisDone(u64);

/// A check is done.
struct CheckDone(u64, Report);

/// Returns the server with every question that it answers.
///
/// A default language applies until the editor sends its locale.
pub(crate) fn router(client: ClientSocket, lang: LangChoice) -> Router<impl Send> {
    let mut router = Router::new(Server {
        client,
        workspace: Workspace::default(),
        abilities: ClientCapabilities::default(),
        change: 0,
        report: Report::new(),
        lang: lang.initial(),
        follows_editor: matches!(lang, LangChoice::OfEditor { .. }),
    });
    register_notifications(&mut router);
    register_requests(&mut router);
    router
}

/// Registers the handlers of the start and end, and of notifications.
fn register_notifications(router: &mut Router<Server>) {
    router
        .request::<request::Initialize, _>(|server, params| {
            let answer = server.initialize(&params);
            async move { Ok(answer) }
        })
        .request::<request::Shutdown, _>(|_, ()| async { Ok(()) })
        .notification::<notification::Initialized>(|_, _| ControlFlow::Continue(()))
        .notification::<notification::DidOpenTextDocument>(|server, params| {
            let document = params.text_document;
            server.open(&document.uri, Text::new(document.text))
        })
        .notification::<notification::DidChangeTextDocument>(|server, params| {
            server.changed(&params.text_document.uri, params.content_changes)
        })
        .notification::<notification::DidCloseTextDocument>(|server, params| {
            if let Some(path) = path_of(&params.text_document.uri) {
                server.workspace.close(&path);
            }
            server.touch()
        })
        .notification::<notification::DidSaveTextDocument>(|server, _| server.touch())
        .notification::<notification::DidChangeWatchedFiles>(|server, _| server.touch())
        // Unknown notifications are ignored.
        .unhandled_notification(|_, _| ControlFlow::Continue(()))
        .event::<AnalysisDone>(Server::on_analysis_done)
        .event::<CheckDone>(Server::checked);
}

/// Registers the handlers of requests.
fn register_requests(router: &mut Router<Server>) {
    router
        .request::<request::Completion, _>(|server, params| {
            let abilities = server.abilities;
            let at = params.text_document_position;
            let items = server.at(&at, |place| completion(place, abilities));
            async move { Ok(items.map(lsp::CompletionResponse::Array)) }
        })
        .request::<request::HoverRequest, _>(|server, params| {
            let at = params.text_document_position_params;
            let path = path_of(&at.text_document.uri).unwrap_or_default();
            let reported = server
                .report
                .get(&path)
                .map_or(&[][..], |reported| reported);
            let answer = server
                .at(&at, |place| hover::hover(place, reported))
                .flatten();
            async move { Ok(answer) }
        })
        .request::<request::GotoDefinition, _>(|server, params| {
            let at = params.text_document_position_params;
            let answer = server.at(&at, definition::definition).flatten();
            async move { Ok(answer.map(lsp::GotoDefinitionResponse::Scalar)) }
        })
        .request::<request::References, _>(|server, params| {
            let declaration = params.context.include_declaration;
            let at = params.text_document_position;
            let answer = server.at(&at, |place| definition::references(place, declaration));
            async move { Ok(answer) }
        })
        .request::<request::DocumentHighlightRequest, _>(|server, params| {
            let at = params.text_document_position_params;
            let ranges = server.at(&at, definition::highlights).unwrap_or_default();
            let marks = ranges
                .into_iter()
                .map(|range| lsp::DocumentHighlight { range, kind: None });
            let marks: Vec<lsp::DocumentHighlight> = marks.collect();
            async move { Ok(Some(marks)) }
        })
        .request::<request::PrepareRenameRequest, _>(|server, at| {
            let answer = server.at(&at, rename::prepare).transpose();
            let answer = answer.map_err(|error| refused(&error, server.lang));
            let answer =
                answer.map(|found| {
                    found.map(|(range, placeholder)| {
                        lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder }
                    })
                });
            async move { answer }
        })
        .request::<request::Rename, _>(|server, params| {
            let at = params.text_document_position;
            let answer = server.at(&at, |place| rename::rename(place, &params.new_name));
            let answer = answer.transpose();
            let answer = answer.map_err(|error| refused(&error, server.lang));
            async move { answer }
        })
        .request::<request::DocumentSymbolRequest, _>(|server, params| {
            let file = server.file(&params.text_document.uri);
            let answer = file.map(symbols::document_symbols);
            async move { Ok(answer.map(lsp::DocumentSymbolResponse::Nested)) }
        })
        .request::<request::WorkspaceSymbolRequest, _>(|server, params| {
            let answer = server.symbols(&params.query);
            async move { Ok(Some(lsp::WorkspaceSymbolResponse::Flat(answer))) }
        })
        .request::<request::Formatting, _>(|server, params| {
            let file = server.file(&params.text_document.uri);
            let answer = file.map(formatting::formatting).transpose();
            let answer = answer.map_err(|error| refused(&error, server.lang));
            async move { answer }
        })
        .request::<request::CodeActionRequest, _>(|server, params| {
            let answer = code_actions::actions(&params.context.diagnostics, server.lang);
            async move { Ok(Some(answer)) }
        });
}

/// Returns a request that failed, with the reason.
fn refused(error: &impl Localize, lang: Lang) -> ResponseError {
    ResponseError::new(ErrorCode::REQUEST_FAILED, In(error, lang))
}

/// Returns the file of an address; `None` for what is in no file.
fn path_of(url: &Url) -> Option<PathBuf> {
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

impl Server {
    fn initialize(&mut self, params: &lsp::InitializeParams) -> lsp::InitializeResult {
        let folders = params.workspace_folders.iter().flatten().map(|it| &it.uri);
        #[allow(deprecated)] // Older editors say no more than this.
        let root = params.root_uri.iter();
        let roots: BTreeSet<PathBuf> = folders.chain(root).filter_map(path_of).collect();
        self.workspace.roots = roots.into_iter().collect();
        if let Some(locale) = &params.locale
            && self.follows_editor
        {
            self.lang = Lang::of_locale(locale);
        }
        let completion = params.capabilities.text_document.as_ref();
        let completion = completion.and_then(|it| it.completion.as_ref());
        let item = completion.and_then(|it| it.completion_item.as_ref());
        self.abilities.snippets = item.and_then(|it| it.snippet_support).unwrap_or_default();
        lsp::InitializeResult {
            capabilities: capabilities(),
            server_info: Some(lsp::ServerInfo {
                name: "eci".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }

    fn open(&mut self, url: &Url, text: Text) -> ControlFlow<Result<()>> {
        if let Some(path) = path_of(url) {
            self.workspace.open(&path, text);
        }
        self.touch()
    }

    fn changed(
        &mut self,
        url: &Url,
        changes: Vec<lsp::TextDocumentContentChangeEvent>,
    ) -> ControlFlow<Result<()>> {
        let Some(file) = self.file(url) else {
            return ControlFlow::Continue(());
        };
        let mut text = file.text.clone();
        for change in changes {
            text.change(change);
        }
        self.open(url, text)
    }

    /// Starts a check of everything after a pause without further changes.
    fn touch(&mut self) -> ControlFlow<Result<()>> {
        self.change += 1;
        let (client, change) = (self.client.clone(), self.change);
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            // Once the loop has ended, the message is not required.
            let _ = client.emit(AnalysisDone(change));
        });
        ControlFlow::Continue(())
    }

    fn on_analysis_done(&mut self, AnalysisDone(change): AnalysisDone) -> ControlFlow<Result<()>> {
        if change == self.change {
            let client = self.client.clone();
            let directories = self.workspace.directories();
            let overlay = self.workspace.overlay();
            let lang = self.lang;
            tokio::task::spawn_blocking(move || {
                let report = check(&directories, &overlay, lang);
                let _ = client.emit(CheckDone(change, report));
            });
        }
        ControlFlow::Continue(())
    }

    /// Publishes the diagnostics found, and empty lists for files that have none any more.
    fn checked(&mut self, CheckDone(change, report): CheckDone) -> ControlFlow<Result<()>> {
        if change != self.change {
            return ControlFlow::Continue(());
        }
        let files: BTreeSet<&PathBuf> = self.report.keys().chain(report.keys()).collect();
        for file in files {
            let diagnostics = report.get(file).cloned().unwrap_or_default();
            let Ok(uri) = Url::from_file_path(file) else {
                continue;
            };
            let params = lsp::PublishDiagnosticsParams::new(uri, diagnostics, None);
            let _ = self
                .client
                .notify::<notification::PublishDiagnostics>(params);
        }
        self.report = report;
        ControlFlow::Continue(())
    }

    fn file(&self, url: &Url) -> Option<&File> {
        let file = self.workspace.file(&path_of(url)?)?;
        Some(file)
    }

    /// Answers a question about a place in an open document.
    fn at<T>(
        &self,
        at: &lsp::TextDocumentPositionParams,
        answer: impl FnOnce(Place<'_>) -> T,
    ) -> Option<T> {
        let file = self.file(&at.text_document.uri)?;
        let directory = self.directory(file.path.parent()?);
        Some(answer(Place {
            workspace: &self.workspace,
            directory: &directory,
            file,
            offset: file.text.offset(at.position),
            lang: self.lang,
        }))
    }

    fn directory(&self, path: &Path) -> Directory {
        self.workspace.directory(path)
    }

    fn symbols(&self, query: &str) -> Vec<lsp::SymbolInformation> {
        let mut directories: BTreeSet<PathBuf> = self.workspace.directories().into_iter().collect();
        directories.extend(self.workspace.roots.iter().cloned());
        let found = directories
            .iter()
            .flat_map(|path| symbols::workspace_symbols(&self.directory(path), query, self.lang));
        found.collect()
    }
}

fn capabilities() -> lsp::ServerCapabilities {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
        ..lsp::TextDocumentSyncOptions::default()
    };
    let triggers = [".", "\"", "'", "[", "{", "$"];
    lsp::ServerCapabilities {
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(sync)),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(triggers.map(str::to_owned).to_vec()),
            ..lsp::CompletionOptions::default()
        }),
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        definition_provider: Some(lsp::OneOf::Left(true)),
        references_provider: Some(lsp::OneOf::Left(true)),
        document_highlight_provider: Some(lsp::OneOf::Left(true)),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        workspace_symbol_provider: Some(lsp::OneOf::Left(true)),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        })),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
            lsp::CodeActionOptions {
                code_action_kinds: Some(vec![lsp::CodeActionKind::QUICKFIX]),
                ..lsp::CodeActionOptions::default()
            },
        )),
        ..lsp::ServerCapabilities::default()
    }
}
