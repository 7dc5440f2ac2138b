//! Diagnostics of the configurations that are open.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_lsp::lsp_types::{
    CodeDescription, Diagnostic as LspDiagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    Location, NumberOrString, Range, TextEdit, Url,
};
use eci_config::{Overlay, ValueSource, ValuesFileError, Variables, load_with};
use eci_core::diagnostic::{Label, Source, Span};
use eci_core::regular::{self, LARGEST_TEXT};
use eci_core::{Code, Diagnostic, Diagnostics, Severity};
use eci_planner::{Observations, PlannerOptions, plan};
use eci_state::Snapshot;
use eci_text::Lang;
use serde_json::json;

use crate::text;

/// The origin of diagnostics that editors show.
pub(crate) const ORIGIN: &str = "eci";

/// The directory of the pages in which every code is explained.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs");

/// The diagnostics by file.
pub(crate) type Report = BTreeMap<PathBuf, Vec<LspDiagnostic>>;

/// Checks every configuration that has an open document.
pub(crate) fn check(directories: &[PathBuf], overlay: &Overlay, lang: Lang) -> Report {
    let mut report = Report::new();
    for directory in directories {
        let found = check_directory(directory, overlay);
        let mut publisher = DiagnosticsPublisher::new(directory, lang);
        for diagnostic in &found.0 {
            if let Some((path, reported)) = publisher.publish(diagnostic) {
                let of_file = report.entry(path).or_default();
                // A module that several configurations use is checked with each of them.
                if !of_file.contains(&reported) {
                    of_file.push(reported);
                }
            }
        }
    }
    report
}

/// Returns all diagnostics that can be found without a cloud, as `eci validate` does.
fn check_directory(directory: &Path, overlay: &Overlay) -> Diagnostics {
    let mut found = Diagnostics::default();
    let variables = values(directory, overlay, &mut found);
    let configuration = match load_with(directory, &variables, overlay) {
        Ok(configuration) => configuration,
        Err(mut diagnostics) => {
            diagnostics.0.append(&mut found.0);
            return diagnostics;
        }
    };
    found.0.extend(configuration.warnings.0.iter().cloned());
    let planned = Snapshot::new_random().ok();
    let planned = planned.map(|empty| {
        plan(
            &configuration,
            &empty,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
    });
    if let Some(Err(diagnostics)) = planned {
        found.0.extend(diagnostics.0);
        found.sort();
    }
    found
}

/// Returns the values in the variable files that are read automatically; for one with invalid TOML,
/// the diagnostics.
fn values(directory: &Path, overlay: &Overlay, found: &mut Diagnostics) -> Variables {
    let mut variables = Variables::default();
    // Values are often given where eci runs, which is not known here.
    variables.leave_missing_unknown();
    let files = Variables::own_files(directory, overlay).unwrap_or_default();
    for path in files {
        let text = match overlay.text(&path) {
            Some(text) => text.to_owned(),
            // Unreadable files are reported where eci runs.
            None => regular::read_to_string(&path, LARGEST_TEXT).unwrap_or_default(),
        };
        if let Err(ValuesFileError::NotToml { diagnostics, .. }) =
            variables.read_text(&path, text, ValueSource::File)
        {
            found.0.extend(diagnostics.0);
        }
    }
    variables
}

/// Converts diagnostics of one configuration to those of the LSP.
struct DiagnosticsPublisher<'a> {
    directory: &'a Path,
    /// The texts that places refer to, with their lines found once.
    texts: HashMap<*const Source, text::Text>,
    lang: Lang,
}

impl<'a> DiagnosticsPublisher<'a> {
    fn new(directory: &'a Path, lang: Lang) -> DiagnosticsPublisher<'a> {
        DiagnosticsPublisher {
            directory,
            texts: HashMap::new(),
            lang,
        }
    }

    /// Returns the file and the LSP diagnostic to publish for it.
    fn publish(&mut self, diagnostic: &Diagnostic) -> Option<(PathBuf, LspDiagnostic)> {
        // A directory without manifests, or an unreadable one, has no location for a diagnostic.
        let Label { place, text } = diagnostic.primary.as_ref()?;
        let mut message = diagnostic.message.get(self.lang).to_owned();
        let instances = diagnostic.instances();
        let advice = diagnostic.advice();
        let more = [Some(text.clone()), instances, advice];
        for more in more.into_iter().flatten() {
            if !more.is_empty() {
                message.push('\n');
                message.push_str(more.get(self.lang));
            }
        }
        let secondary = diagnostic.secondary.iter();
        let related = secondary.filter_map(|label| {
            Some(DiagnosticRelatedInformation {
                location: Location::new(self.url(&label.place)?, self.range(&label.place)),
                message: label.text.get(self.lang).to_owned(),
            })
        });
        let related: Vec<DiagnosticRelatedInformation> = related.collect();
        let reported = LspDiagnostic {
            range: self.range(place),
            severity: Some(severity(diagnostic)),
            code: Some(NumberOrString::String(diagnostic.code.number.to_owned())),
            code_description: explained(diagnostic.code, self.lang),
            source: Some(ORIGIN.to_owned()),
            message,
            related_information: (!related.is_empty()).then_some(related),
            tags: None,
            data: self.change(diagnostic),
        };
        Some((self.path(place), reported))
    }

    /// Returns the fix, for the code action that applies it.
    fn change(&mut self, diagnostic: &Diagnostic) -> Option<serde_json::Value> {
        let edit = diagnostic.edit.as_ref()?;
        let change = TextEdit::new(self.range(&edit.place), edit.replacement.clone());
        Some(json!({ "file": self.url(&edit.place)?, "change": change }))
    }

    fn path(&self, place: &Span) -> PathBuf {
        eci_config::plain_path(&self.directory.join(&place.source.name))
    }

    fn url(&self, place: &Span) -> Option<Url> {
        Url::from_file_path(self.path(place)).ok()
    }

    fn range(&mut self, place: &Span) -> Range {
        let text = self.texts.entry(Arc::as_ptr(&place.source));
        let text = text.or_insert_with(|| text::Text::new(&*place.source.text));
        text.range(&place.range)
    }
}

fn explained(code: &Code, lang: Lang) -> Option<CodeDescription> {
    // The heading as code hosts make an anchor of it.
    let colon = lang.pick(" ", "");
    let title = code.title.get(lang);
    let heading = format!("{} {}{colon}{title}", code.number, code.name).to_lowercase();
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let anchor: String = heading.chars().filter(kept).collect();
    let page = lang.pick("codes.md", "zh/codes.md");
    let href = Url::parse(&format!("{PAGES}/{page}#{}", anchor.replace(' ', "-"))).ok()?;
    Some(CodeDescription { href })
}

fn severity(diagnostic: &Diagnostic) -> DiagnosticSeverity {
    match diagnostic.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
    }
}

#[cfg(test)]
mod tests {
    use eci_core::codes;

    use super::*;

    #[test]
    fn a_code_is_explained_on_the_page_in_the_language_of_the_editor() {
        let link = |lang| explained(codes::UNKNOWN_KEY, lang).map(|it| it.href.to_string());
        let english = link(Lang::En).unwrap_or_default();
        assert!(
            english.ends_with("/docs/codes.md#e0202-unknown-key-unsupported-key"),
            "{english}"
        );
        let chinese = link(Lang::Zh).unwrap_or_default();
        let anchor = Url::parse("https://a/#e0202-unknown-key不支持的键")
            .map(|url| url.fragment().unwrap_or_default().to_owned());
        let anchor = anchor.unwrap_or_default();
        assert!(
            chinese.ends_with(&format!("/docs/zh/codes.md#{anchor}")),
            "{chinese}"
        );
    }
}
