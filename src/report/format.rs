//! The report in the forms that other tools read.

use crate::lists::Collect;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Diagnostic, Report, Severity, text};
use crate::rules;
use crate::text::Locale;

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text, for a terminal.
    Text,
    /// The report itself, as `report.d.ts` has it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands that GitHub Actions turns into annotations.
    Github,
    /// Markdown, to paste into an issue.
    Markdown,
}

impl Format {
    /// Reads a name: `sarif`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "github" => Self::Github,
            "markdown" => Self::Markdown,
            _ => return None,
        })
    }
}

/// The report in another form; `locale` is the one that it was made in.
#[must_use]
pub fn format(report: &Report, format: Format, locale: Locale) -> String {
    match format {
        Format::Text => text::text(report, locale),
        // Neither can fail: a report is strings and numbers, and its maps have string keys.
        Format::Json => serde_json::to_string_pretty(report).unwrap_or_default(),
        Format::Sarif => serde_json::to_string_pretty(&sarif(report, locale)).unwrap_or_default(),
        Format::Github => github(report),
        Format::Markdown => markdown(report),
    }
}

/// SARIF 2.1.0 (OASIS).
fn sarif(report: &Report, locale: Locale) -> Value {
    let rules: Vec<Value> = rules::all()
        .map(|rule| {
            let summary = match locale {
                Locale::English => rule.summary.en,
                Locale::Japanese => rule.summary.ja,
            };
            json!({ "id": rule.name, "shortDescription": { "text": summary } })
        })
        .collect_vec();
    let suppressed = report.suppressed.iter().map(|found| (found, true));
    let results: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|found| (found, false))
        .chain(suppressed)
        .map(|(found, suppressed)| sarif_result(found, suppressed))
        .collect_vec();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "execlens", "version": report.version, "rules": rules } },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn sarif_result(found: &Diagnostic, suppressed: bool) -> Value {
    let level = match Severity::of(found) {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    };
    let index = rules::all().position(|rule| rule.name == found.code);
    let message = match &found.condition {
        Some(condition) => format!("{} ({})", found.message, condition.text),
        None => found.message.clone(),
    };
    let related: Vec<Value> = found
        .related_information
        .iter()
        .map(|related| {
            json!({
                "physicalLocation": place(&related.location.uri, &related.location.range),
                "message": { "text": related.message },
            })
        })
        .collect_vec();
    let fixes: Vec<Value> = found.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(sarif_fix).collect_vec();
    let mut result = json!({
        "ruleId": found.code,
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": place(&super::write::uri(&found.path), &found.range) }],
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    if suppressed {
        result["suppressions"] = json!([{ "kind": "inSource" }]);
    }
    result
}

fn sarif_fix(fix: &super::Fix) -> Value {
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let replacement = json!({ "deletedRegion": region(&edit.range), "insertedContent": { "text": edit.new_text } });
        match changes.iter_mut().find(|(path, _)| *path == edit.path) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((&edit.path, vec![replacement])),
        }
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(path, replacements)| {
            json!({ "artifactLocation": { "uri": super::write::uri(path) }, "replacements": replacements })
        })
        .collect_vec();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

fn place(uri: &str, range: &super::Range) -> Value {
    json!({ "artifactLocation": { "uri": uri }, "region": region(range) })
}

/// SARIF counts from one.
fn region(range: &super::Range) -> Value {
    json!({
        "startLine": range.start.line + 1,
        "startColumn": range.start.character + 1,
        "endLine": range.end.line + 1,
        "endColumn": range.end.character + 1,
    })
}

/// GitHub's workflow commands: `::error file=…,line=…::message`.
fn github(report: &Report) -> String {
    let mut out = String::new();
    for found in &report.diagnostics {
        let command = match Severity::of(found) {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "notice",
        };
        let (start, end) = (found.range.start, found.range.end);
        let condition = found.condition.as_ref().map(|condition| format!(" ({})", condition.text)).unwrap_or_default();
        let fix = found.fixes.first().map(|fix| format!("\n{}", fix.title)).unwrap_or_default();
        let _ = writeln!(
            out,
            "::{command} file={},line={},col={},endLine={},title={}::{}",
            property(&found.path),
            start.line + 1,
            start.character + 1,
            end.line + 1,
            property(found.code),
            data(&format!("{}{condition}{fix}", found.message)),
        );
    }
    out
}

/// As the runner unescapes it (actions/toolkit, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn markdown(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "**{}**: {}", report.verdict.name(), report.summary);
    for found in &report.diagnostics {
        let _ = writeln!(out, "\n### {}\n", found.message);
        let line = found.range.start.line + 1;
        let _ = writeln!(out, "`{}`, line {line} · `{}` · {}", found.path, found.code, Severity::of(found).name());
        if let Some(condition) = &found.condition {
            let _ = writeln!(out, "\n> {}", condition.text);
        }
        out.push('\n');
        for (n, step) in found.evidence.iter().enumerate() {
            let place = step.location.as_ref().map(|at| format!(" (`{}`:{})", at.path, at.range.start.line + 1));
            let _ = writeln!(out, "{}. {}{}", n + 1, step.text, place.unwrap_or_default());
        }
        if let Some(message) = found.runtime_messages.first() {
            let fence = fence(&message.text);
            let _ = writeln!(out, "\n{fence}text\n{}\n{fence}", message.text);
        }
        for fix in &found.fixes {
            let _ = writeln!(out, "\n- {}: {}", fix.title, fix.tradeoff);
        }
    }
    for unknown in &report.unknowns {
        let _ = writeln!(out, "\n- {}", unknown.text);
    }
    out
}

/// A fence that the text cannot close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(3))
}
