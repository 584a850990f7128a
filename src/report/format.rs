//! The report in the forms that other tools read.

use crate::lists::Collect;
use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{Diagnostic, Report, Severity, text};
use crate::json::Value;
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
    let rules = rules::all().map(|rule| {
        let summary = match locale {
            Locale::English => rule.summary.en,
            Locale::Japanese => rule.summary.ja,
        };
        object(vec![("id", rule.name.into()), ("shortDescription", message(summary))])
    });
    let rules = rules.collect_vec();
    let suppressed = report.suppressed.iter().map(|found| (found, true));
    let results = report.diagnostics.iter().map(|found| (found, false)).chain(suppressed);
    let results = results.map(|(found, suppressed)| sarif_result(found, suppressed)).collect_vec();
    let driver = vec![("name", "execlens".into()), ("version", report.version.into()), ("rules", rules.into())];
    let run = vec![
        ("tool", object(vec![("driver", object(driver))])),
        ("columnKind", "utf16CodeUnits".into()),
        ("results", results.into()),
    ];
    object(vec![
        ("$schema", "https://json.schemastore.org/sarif-2.1.0.json".into()),
        ("version", "2.1.0".into()),
        ("runs", vec![object(run)].into()),
    ])
}

fn sarif_result(found: &Diagnostic, suppressed: bool) -> Value {
    let level = match Severity::of(found) {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    };
    let text = match &found.condition {
        Some(condition) => &format!("{} ({})", found.message, condition.text),
        None => &found.message,
    };
    let location = object(vec![("physicalLocation", place(&super::write::uri(&found.path), &found.range))]);
    let mut result = vec![
        ("ruleId", found.code.into()),
        ("level", level.into()),
        ("message", message(text)),
        ("locations", vec![location].into()),
    ];
    if let Some(index) = rules::all().position(|rule| rule.name == found.code) {
        result.push(("ruleIndex", Value::Number(Some(index as u64))));
    }
    let related = found.related_information.iter().map(|related| {
        let place = place(&related.location.uri, &related.location.range);
        object(vec![("physicalLocation", place), ("message", message(&related.message))])
    });
    let related = related.collect_vec();
    if !related.is_empty() {
        result.push(("relatedLocations", related.into()));
    }
    let fixes = found.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(sarif_fix).collect_vec();
    if !fixes.is_empty() {
        result.push(("fixes", fixes.into()));
    }
    if suppressed {
        result.push(("suppressions", vec![object(vec![("kind", "inSource".into())])].into()));
    }
    object(result)
}

fn sarif_fix(fix: &super::Fix) -> Value {
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let replacement =
            object(vec![("deletedRegion", region(&edit.range)), ("insertedContent", message(&edit.new_text))]);
        match changes.iter_mut().find(|(path, _)| *path == edit.path) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((&edit.path, vec![replacement])),
        }
    }
    let changes = changes.into_iter().map(|(path, replacements)| {
        object(vec![("artifactLocation", location(&super::write::uri(path))), ("replacements", replacements.into())])
    });
    object(vec![("description", message(&fix.title)), ("artifactChanges", changes.collect_vec().into())])
}

fn message(text: &str) -> Value {
    object(vec![("text", text.into())])
}

fn place(uri: &str, range: &super::Range) -> Value {
    object(vec![("artifactLocation", location(uri)), ("region", region(range))])
}

fn location(uri: &str) -> Value {
    object(vec![("uri", uri.into())])
}

/// SARIF counts from one.
fn region(range: &super::Range) -> Value {
    let one_based = |number: u32| Value::Number(Some(u64::from(number) + 1));
    object(vec![
        ("startLine", one_based(range.start.line)),
        ("startColumn", one_based(range.start.character)),
        ("endLine", one_based(range.end.line)),
        ("endColumn", one_based(range.end.character)),
    ])
}

fn object(members: Vec<(&str, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect_map())
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(items)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
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
