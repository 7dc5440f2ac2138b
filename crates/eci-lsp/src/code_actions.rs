//! Changes that mend what is wrong.

use std::collections::HashMap;

use async_lsp::lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Diagnostic, TextEdit, Url, WorkspaceEdit,
};

/// The actions for these diagnostics, which are as they were told.
pub(crate) fn actions(diagnostics: &[Diagnostic]) -> Vec<CodeActionOrCommand> {
    let actions = diagnostics.iter().filter_map(action);
    actions.map(CodeActionOrCommand::CodeAction).collect()
}

fn action(diagnostic: &Diagnostic) -> Option<CodeAction> {
    let data = diagnostic.data.as_ref()?;
    let file: Url = serde_json::from_value(data.get("file")?.clone()).ok()?;
    let change: TextEdit = serde_json::from_value(data.get("change")?.clone()).ok()?;
    let title = match &*change.new_text {
        "" => "Remove it".to_owned(),
        text if text.contains('\n') || text.len() > 60 => "Apply the suggestion".to_owned(),
        text => format!("Change it to `{text}`"),
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
