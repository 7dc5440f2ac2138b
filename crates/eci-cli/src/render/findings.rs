//! What is wrong with the manifests, for programs: editors, pipelines, code hosts.

use std::collections::BTreeSet;

use eci_core::diagnostic::{Edit, Label, Place};
use eci_core::{Code, Diagnostic, Diagnostics, Severity};
use serde_json::{Value as Json, json};

/// The schema of the version of SARIF that is written.
const SARIF_SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One document of all that was found.
pub fn findings_json(diagnostics: &Diagnostics) -> Json {
    let count = |severity| {
        let all = diagnostics.0.iter();
        all.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    json!({
        "format_version": "1.0",
        "valid": !diagnostics.has_errors(),
        "error_count": count(Severity::Error),
        "warning_count": count(Severity::Warning),
        "diagnostics": diagnostics.0.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(diagnostic: &Diagnostic) -> Json {
    let primary = diagnostic.primary.as_ref();
    json!({
        "severity": severity(diagnostic),
        "code": diagnostic.code.number,
        "name": diagnostic.code.name,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "file": primary.map(|label| &label.place.source.name),
        "range": primary.map(|label| range(&label.place)),
        "label": primary.map(|label| &label.text),
        "related": diagnostic.secondary.iter().map(related).collect::<Vec<_>>(),
        "suggestion": diagnostic.edit.as_ref().map(suggestion),
    })
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Lines and columns are counted from 1, columns in characters, bytes from 0.
fn range(place: &Place) -> Json {
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
        "label": label.text,
    })
}

fn suggestion(edit: &Edit) -> Json {
    json!({
        "file": edit.place.source.name,
        "range": range(&edit.place),
        "replacement": edit.replacement,
    })
}

/// A log in SARIF 2.1.0, which code hosts show beside the lines of a change. The prefix is the
/// way from the root of the repository to the directory of the manifests.
pub fn findings_sarif(diagnostics: &Diagnostics, prefix: &str) -> Json {
    let used: BTreeSet<&str> = diagnostics.0.iter().map(|it| it.code.number).collect();
    let rules: Vec<&Code> = eci_core::codes::all()
        .filter(|code| used.contains(code.number))
        .collect();
    let results = diagnostics.0.iter().map(|diagnostic| {
        let index = rules.iter().position(|code| *code == diagnostic.code);
        result(diagnostic, index, prefix)
    });
    json!({
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "eci",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            // Columns count characters, not the UTF-16 units that SARIF takes otherwise.
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: &Code) -> Json {
    json!({
        "id": code.number,
        "name": code.name,
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": format!("{} {}", code.what, code.why) },
        "help": {
            "text": code.mend,
            "markdown": super::explain::explanation_markdown(code),
        },
        "defaultConfiguration": { "level": match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        } },
    })
}

/// What is wrong and the way out.
fn text_of(diagnostic: &Diagnostic) -> String {
    match &diagnostic.help {
        Some(help) => format!("{}: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, prefix: &str) -> Json {
    let primary = diagnostic.primary.iter();
    let mut result = json!({
        "ruleId": diagnostic.code.number,
        "ruleIndex": rule,
        "level": severity(diagnostic),
        "message": { "text": text_of(diagnostic) },
        "locations": primary.map(|label| location(label, prefix)).collect::<Vec<_>>(),
    });
    if !diagnostic.secondary.is_empty() {
        let related = diagnostic
            .secondary
            .iter()
            .map(|label| location(label, prefix));
        result["relatedLocations"] = Json::Array(related.collect());
    }
    if let Some(edit) = &diagnostic.edit {
        result["fixes"] = json!([{
            "description": { "text": diagnostic.help },
            "artifactChanges": [{
                "artifactLocation": artifact(&edit.place, prefix),
                "replacements": [{
                    "deletedRegion": region(&edit.place),
                    "insertedContent": { "text": edit.replacement },
                }],
            }],
        }]);
    }
    result
}

fn location(label: &Label, prefix: &str) -> Json {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&label.place, prefix),
            "region": region(&label.place),
        },
    });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn artifact(place: &Place, prefix: &str) -> Json {
    json!({ "uri": uri(prefix, &place.source.name) })
}

fn joined(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.to_owned(),
        prefix => format!("{prefix}/{name}"),
    }
}

/// A relative reference: what a URI cannot have is written as `%` and two digits.
fn uri(prefix: &str, name: &str) -> String {
    let path = joined(prefix, name);
    let mut uri = String::with_capacity(path.len());
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

fn region(place: &Place) -> Json {
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
pub fn findings_github(diagnostics: &Diagnostics, prefix: &str) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(',', "%2C").replace(':', "%3A");
    let mut lines = String::new();
    for diagnostic in &diagnostics.0 {
        let mut properties = format!("title={}", diagnostic.code.number);
        if let Some(Label { place, .. }) = &diagnostic.primary {
            let (line, column) = place.source.position(place.range.start);
            let file = property(&joined(prefix, &place.source.name));
            properties = format!("file={file},line={line},col={column},{properties}");
        }
        let text = escaped(&text_of(diagnostic));
        lines.push_str(&format!(
            "::{} {properties}::{text}\n",
            severity(diagnostic)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eci_core::codes;
    use eci_core::diagnostic::Source;

    use super::*;

    fn found() -> Diagnostics {
        let text = "# 网站\n[eip.web]\n带宽 = 5\nbandwith = 5\n";
        let source = Arc::new(Source::new("网 1.eci.toml", text));
        let place = |part: &str| {
            let at = text.find(part).unwrap_or_default();
            Place::new(&source, at..at + part.len())
        };
        Diagnostics(vec![
            Diagnostic::new(codes::UNKNOWN_KEY, "an eip has no key `bandwith`")
                .at(place("bandwith"), "here")
                .also(place("[eip.web]"), "in this table")
                .did_you_mean("bandwith", "bandwidth"),
            Diagnostic::new(codes::CLOSED_PORT, "port 80 is closed"),
        ])
    }

    #[test]
    fn programs_get_places_and_the_change_that_mends() {
        insta::assert_snapshot!(format!("{:#}", findings_json(&found())));
    }

    #[test]
    fn a_workflow_gets_one_line_each_with_signs_escaped() {
        assert_eq!(
            findings_github(&found(), "50%"),
            "::error file=50%25/网 1.eci.toml,line=4,col=1,title=E0202::an eip has no key \
             `bandwith`: did you mean `bandwidth`?\n\
             ::warning title=W0704::port 80 is closed\n"
        );
    }

    #[test]
    fn code_hosts_get_rules_places_and_fixes() {
        let mut log = findings_sarif(&found(), "deploy/prod");
        log["runs"][0]["tool"]["driver"]["semanticVersion"] = json!("[version]");
        insta::assert_snapshot!(format!("{log:#}"));
    }
}
