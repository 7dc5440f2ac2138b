//! Changes that fix diagnostics.

use std::collections::HashMap;

use async_lsp::lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Diagnostic, TextEdit, Url, WorkspaceEdit,
};
use eci_text::{Lang, say};

/// Returns the actions for these diagnostics, which are as they were published.
pub(crate) fn actions(diagnostics: &[Diagnostic], lang: Lang) -> Vec<CodeActionOrCommand> {
    let actions = diagnostics.iter().filter_map(|it| action(it, lang));
    actions.map(CodeActionOrCommand::CodeAction).collect()
}

fn action(diagnostic: &Diagnostic, lang: Lang) -> Option<CodeAction> {
    let data = diagnostic.data.as_ref()?;
    let file: Url = serde_json::from_value(data.get("file")?.clone()).ok()?;
    let change: TextEdit = serde_json::from_value(data.get("change")?.clone()).ok()?;
    let title = match &*change.new_text {
        "" => say!(lang, en: "Remove", zh: "删除"),
        text if text.contains('\n') || text.len() > 60 => {
            say!(lang, en: "Apply the suggested change", zh: "应用修改建议")
        }
        text => say!(lang, en: "Replace with `{text}`", zh: "替换为 `{text}`", text = text),
    };
    Some(CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![diagnostic.clone()]),
        edit: Some(WorkspaceEdit::new(HashMap::from([(file, vec![change])]))),
        is_preferred: Some(true),
        ..CodeAction::default()
    })
}
