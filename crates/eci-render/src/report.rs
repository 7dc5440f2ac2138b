//! Diagnostics of manifests for programs: editors, pipelines, code hosts.

use std::collections::BTreeSet;

use super::diagnostics::MOST_DRAWN;
use eci_core::diagnostic::{Edit, Label, Span};
use eci_core::{Code, Diagnostic, Diagnostics, Severity};
use eci_text::{Lang, workflow, workflow_property};
use serde_json::{Map as Object, Value as Json, json};

/// The schema of the version of SARIF that is written.
const SARIF_SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Returns one document of all diagnostics.
pub fn findings_json(diagnostics: &Diagnostics) -> Json {
    let count = |severity| {
        let all = diagnostics.0.iter();
        all.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let mut document = json!({
        "format_version": "1.0",
        "valid": !diagnostics.has_errors(),
        "error_count": count(Severity::Error),
        "warning_count": count(Severity::Warning),
        "diagnostics": written(diagnostics).map(finding).collect::<Vec<_>>(),
    });
    let omitted = omitted(diagnostics);
    if omitted > 0 {
        document["omitted"] = json!(omitted);
    }
    document
}

/// Returns the diagnostics that are written: as many as are drawn, for a document of all of them
/// may take gigabytes.
pub(crate) fn written(diagnostics: &Diagnostics) -> impl Iterator<Item = &Diagnostic> {
    diagnostics.0.iter().take(MOST_DRAWN)
}

/// Returns the number of diagnostics that are not written.
pub(crate) fn omitted(diagnostics: &Diagnostics) -> usize {
    diagnostics.0.len().saturating_sub(MOST_DRAWN)
}

/// Returns a finding in the form of Terraform's diagnostics, with additional members.
fn finding(diagnostic: &Diagnostic) -> Json {
    let primary = diagnostic.primary.as_ref();
    let mut finding = published(diagnostic);
    let ours = json!({
        "code": diagnostic.code.number,
        "name": diagnostic.code.name,
        "message": diagnostic.message.en(),
        "help": diagnostic.advice().map(|text| text.to_string()),
        "file": primary.map(|label| &label.place.source.name),
        "label": primary.map(|label| label.text.en()),
        "related": diagnostic.secondary.iter().map(related).collect::<Vec<_>>(),
        "suggestion": diagnostic.edit.as_ref().map(suggestion),
        "instances": diagnostic.instances,
    });
    if let Json::Object(ours) = ours {
        finding.extend(ours);
    }
    Json::Object(finding)
}

/// Returns a diagnostic in Terraform's form.
pub(crate) fn published(diagnostic: &Diagnostic) -> Object<String, Json> {
    let primary = diagnostic.primary.as_ref();
    let label = primary.map(|label| label.text.en());
    let label = label.filter(|text| !text.is_empty()).map(str::to_owned);
    let more = diagnostic.secondary.iter();
    let more = more.map(|label| format!("{}: {}", label.place, label.text));
    let code = format!("`eci explain {}` says more.", diagnostic.code.number);
    let parts = label
        .into_iter()
        .chain(more)
        .chain(diagnostic.instances().map(|text| text.to_string()));
    let parts = parts.chain(diagnostic.advice().map(|text| text.to_string()));
    let detail: Vec<String> = parts.chain([code]).collect();
    let mut fields = Object::new();
    fields.insert("severity".into(), json!(severity(diagnostic)));
    fields.insert("summary".into(), json!(diagnostic.message.en()));
    fields.insert("detail".into(), json!(detail.join("\n")));
    if let Some(label) = primary {
        let mut range = range(&label.place);
        range["filename"] = json!(label.place.source.name);
        fields.insert("range".into(), range);
    }
    fields
}

/// Returns an error without a place, in the form of Terraform's diagnostics.
pub(crate) fn problem(summary: &str, detail: Option<&str>) -> Object<String, Json> {
    let mut fields = Object::new();
    fields.insert("severity".into(), json!("error"));
    fields.insert("summary".into(), json!(summary));
    fields.insert("detail".into(), json!(detail.unwrap_or_default()));
    fields
}

/// Returns one document of an error that has no place in a manifest.
pub fn error_json(summary: &str, detail: Option<&str>) -> Json {
    let problem = problem(summary, detail);
    json!({
        "format_version": "1.0",
        "valid": false,
        "error_count": 1,
        "warning_count": 0,
        "diagnostics": [problem],
    })
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Returns the range of a place.
///
/// Lines and columns are counted from 1, columns in characters, bytes from 0.
fn range(place: &Span) -> Json {
    let position = |offset| {
        let (line, column) = place.source.position(offset);
        json!({ "line": line, "column": column, "byte": offset.min(place.source.text.len()) })
    };
    json!({ "start": position(place.range.start), "end": position(place.range.end) })
}

fn related(label: &Label) -> Json {
    json!({
        "file": label.place.source.name,
        "range": range(&label.place),
        "label": label.text.en(),
    })
}

fn suggestion(edit: &Edit) -> Json {
    json!({
        "file": edit.place.source.name,
        "range": range(&edit.place),
        "replacement": edit.replacement,
    })
}

/// The location of manifests in a repository, for readers who know them by their paths there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryLocation {
    /// The path from the root of the repository to the directory of the manifests, with `/`
    /// between names; empty without a repository.
    pub within: String,
    /// The directory itself, from the root of the file system.
    pub directory: String,
}

impl RepositoryLocation {
    /// Returns the path of a file in the repository, without any `..`; for one outside of the
    /// repository, its path in the file system.
    fn path(&self, name: &str) -> String {
        let below = plain(&[&self.within, name]);
        below.unwrap_or_else(|| {
            let path = plain(&[&self.directory, name]).unwrap_or_default();
            format!("/{path}")
        })
    }

    /// Returns the path as a URI or a relative reference: characters that a URI cannot have become
    /// `%` and two digits.
    fn uri(&self, name: &str) -> String {
        let path = self.path(name);
        let mut uri = String::with_capacity(path.len());
        if path.starts_with('/') {
            uri.push_str("file://");
        }
        for byte in path.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    uri.push(char::from(byte));
                }
                other => uri.push_str(&format!("%{other:02X}")),
            }
        }
        uri
    }
}

/// Returns the names on a joined path, with every `..` resolved; `None` if it leads out of its
/// beginning.
fn plain(parts: &[&str]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in parts.iter().flat_map(|part| part.split('/')) {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// Returns a log in SARIF 2.1.0, which code hosts show next to the lines of a change.
pub fn findings_sarif(diagnostics: &Diagnostics, repository: &RepositoryLocation) -> Json {
    let used: BTreeSet<&str> = written(diagnostics).map(|it| it.code.number).collect();
    let rules: Vec<&Code> = eci_core::codes::all()
        .filter(|code| used.contains(code.number))
        .collect();
    let results = written(diagnostics).map(|diagnostic| {
        let index = rules.iter().position(|code| *code == diagnostic.code);
        result(diagnostic, index, repository)
    });
    let mut log = json!({
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "eci",
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            // Columns count characters, not the UTF-16 units that SARIF takes otherwise.
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    let omitted = omitted(diagnostics);
    if omitted > 0 {
        log["runs"][0]["properties"] = json!({ "omitted": omitted });
    }
    log
}

fn rule(code: &Code) -> Json {
    json!({
        "id": code.number,
        "name": code.name,
        "shortDescription": { "text": code.title.en() },
        "fullDescription": { "text": format!("{} {}", code.found, code.reason) },
        "help": {
            "text": code.fix.en(),
            "markdown": super::explain::explanation_markdown(code, Lang::En),
        },
        "defaultConfiguration": { "level": match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        } },
    })
}

/// Returns the message, its instance, and the remedy.
fn text_of(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.en().to_owned();
    if let Some(instances) = diagnostic.instances() {
        text = format!("{text} ({instances})");
    }
    match diagnostic.advice() {
        Some(help) => format!("{text}: {help}"),
        None => text,
    }
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, repository: &RepositoryLocation) -> Json {
    let primary = diagnostic.primary.iter();
    let mut result = json!({
        "ruleId": diagnostic.code.number,
        "ruleIndex": rule,
        "level": severity(diagnostic),
        "message": { "text": text_of(diagnostic) },
        "locations": primary.map(|label| location(label, repository)).collect::<Vec<_>>(),
    });
    if !diagnostic.secondary.is_empty() {
        let related = diagnostic
            .secondary
            .iter()
            .map(|label| location(label, repository));
        result["relatedLocations"] = Json::Array(related.collect());
    }
    if let Some(edit) = &diagnostic.edit {
        result["fixes"] = json!([{
            "description": { "text": diagnostic.advice().map(|text| text.to_string()) },
            "artifactChanges": [{
                "artifactLocation": artifact(&edit.place, repository),
                "replacements": [{
                    "deletedRegion": region(&edit.place),
                    "insertedContent": { "text": edit.replacement },
                }],
            }],
        }]);
    }
    result
}

fn location(label: &Label, repository: &RepositoryLocation) -> Json {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&label.place, repository),
            "region": region(&label.place),
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text.en() });
    }
    location
}

fn artifact(place: &Span, repository: &RepositoryLocation) -> Json {
    json!({ "uri": repository.uri(&place.source.name) })
}

fn region(place: &Span) -> Json {
    let (line, column) = place.source.position(place.range.start);
    let (end_line, end_column) = place.source.position(place.range.end);
    json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

/// Commands by which a workflow of GitHub annotates the lines of a change.
pub fn findings_github(diagnostics: &Diagnostics, repository: &RepositoryLocation) -> String {
    let mut lines = String::new();
    for diagnostic in written(diagnostics) {
        let mut properties = format!("title={}", diagnostic.code.number);
        if let Some(Label { place, .. }) = &diagnostic.primary {
            let (line, column) = place.source.position(place.range.start);
            let file = workflow_property(&repository.path(&place.source.name));
            properties = format!("file={file},line={line},col={column},{properties}");
        }
        let text = workflow(&text_of(diagnostic));
        lines.push_str(&format!(
            "::{} {properties}::{text}\n",
            severity(diagnostic)
        ));
    }
    let omitted = omitted(diagnostics);
    if omitted > 0 {
        lines.push_str(&format!("::notice::{omitted} more are not shown\n"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eci_core::codes;
    use eci_core::diagnostic::Source;
    use eci_text::Text;

    use super::*;

    fn found() -> Diagnostics {
        let text = "# 网站\n[eip.web]\n带宽 = 5\nbandwith = 5\n";
        let source = Arc::new(Source::new("网 1.eci.toml", text));
        let place = |part: &str| {
            let at = text.find(part).unwrap_or_default();
            Span::new(&source, at..at + part.len())
        };
        Diagnostics(vec![
            Diagnostic::new(
                codes::UNKNOWN_KEY,
                Text::verbatim("an eip has no key `bandwith`"),
            )
            .primary(place("bandwith"), Text::verbatim("here"))
            .secondary(place("[eip.web]"), Text::verbatim("in this table"))
            .did_you_mean("bandwith", "bandwidth"),
            Diagnostic::new(codes::CLOSED_PORT, Text::verbatim("port 80 is closed")),
        ])
    }

    fn within(path: &str) -> RepositoryLocation {
        RepositoryLocation {
            within: path.to_owned(),
            directory: format!("/home/me/shop/{path}"),
        }
    }

    #[test]
    fn of_very_many_the_first_are_written_and_the_others_counted() {
        let one = found().0.remove(0);
        let many = Diagnostics(vec![one; MOST_DRAWN + 7]);
        let document = findings_json(&many);
        assert_eq!(document["omitted"], 7);
        assert_eq!(document["error_count"], MOST_DRAWN + 7);
        assert_eq!(
            document["diagnostics"].as_array().map(Vec::len),
            Some(MOST_DRAWN)
        );
        let run = &findings_sarif(&many, &within(""))["runs"][0];
        assert_eq!(run["properties"]["omitted"], 7);
        assert_eq!(run["results"].as_array().map(Vec::len), Some(MOST_DRAWN));
        let lines = findings_github(&many, &within(""));
        assert!(lines.ends_with("\n::notice::7 more are not shown\n"));
        assert_eq!(lines.lines().count(), MOST_DRAWN + 1);
        assert_eq!(findings_json(&found()).get("omitted"), None);
    }

    #[test]
    fn a_path_has_no_way_back_in_it() {
        let repository = within("envs/dev");
        let module = "../../modules/web/web.eci.toml";
        assert_eq!(repository.path(module), "modules/web/web.eci.toml");
        assert_eq!(repository.path("./a b.eci.toml"), "envs/dev/a b.eci.toml");
        let outside = "../../../other/web.eci.toml";
        assert_eq!(repository.path(outside), "/home/me/other/web.eci.toml");
        let uri = repository.uri("../../../other/a b.eci.toml");
        assert_eq!(uri, "file:///home/me/other/a%20b.eci.toml");
        // Without a repository, paths begin at the directory.
        let alone = RepositoryLocation {
            within: String::new(),
            ..within("envs/dev")
        };
        assert_eq!(alone.path("web.eci.toml"), "web.eci.toml");
        assert_eq!(alone.path(module), "/home/me/shop/modules/web/web.eci.toml");
    }

    #[test]
    fn programs_get_places_and_fixes() {
        insta::assert_snapshot!(format!("{:#}", findings_json(&found())));
    }

    #[test]
    fn a_workflow_gets_one_line_each_with_signs_escaped() {
        assert_eq!(
            findings_github(&found(), &within("50%")),
            "::error file=50%25/网 1.eci.toml,line=4,col=1,title=E0202::an eip has no key \
             `bandwith`: did you mean `bandwidth`?\n\
             ::warning title=W0704::port 80 is closed\n"
        );
    }

    #[test]
    fn code_hosts_get_rules_places_and_fixes() {
        let mut log = findings_sarif(&found(), &within("deploy/prod"));
        log["runs"][0]["tool"]["driver"]["semanticVersion"] = json!("[version]");
        insta::assert_snapshot!(format!("{log:#}"));
    }
}
