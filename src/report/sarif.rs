//! The report as SARIF 2.1.0 (OASIS), for code scanning and editors.

use serde::{Serialize, Serializer};

use super::{Diagnostic, Fix, Range, Report, Severity, write};
use crate::json::Value;
use crate::lists::Collect;
use crate::rules;
use crate::text::Locale;

pub(super) fn sarif(report: &Report, locale: Locale) -> Value {
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
        (
            "$schema",
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json".into(),
        ),
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
    let location = object(vec![("physicalLocation", place(&write::uri(&found.path), &found.range))]);
    let mut result = vec![
        ("ruleId", found.code.into()),
        ("level", level.into()),
        ("message", message(text)),
        ("locations", vec![location].into()),
    ];
    if let Some(index) = rules::all().position(|rule| rule.name == found.code) {
        result.push(("ruleIndex", Value::Number(Some(index as u64))));
    }
    let related = related_locations(found);
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

/// The places that belong to the finding, then the steps of its argument that have one, each with a number of its own.
fn related_locations(found: &Diagnostic) -> Vec<Value> {
    let labels = found.related_information.iter().map(|label| {
        let place = place(&label.location.uri, &label.location.range);
        (place, message(&label.message))
    });
    let steps = found.evidence.iter().filter_map(|step| {
        let at = step.location.as_ref()?;
        Some((place(&write::uri(&at.path), &at.range), message(&step.text)))
    });
    let numbered = labels.chain(steps).enumerate().map(|(id, (place, text))| {
        object(vec![("id", Value::Number(Some(id as u64))), ("physicalLocation", place), ("message", text)])
    });
    numbered.collect_vec()
}

fn sarif_fix(fix: &Fix) -> Value {
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
        object(vec![("artifactLocation", location(&write::uri(path))), ("replacements", replacements.into())])
    });
    object(vec![("description", message(&fix.title)), ("artifactChanges", changes.collect_vec().into())])
}

fn message(text: &str) -> Value {
    object(vec![("text", text.into())])
}

fn place(uri: &str, range: &Range) -> Value {
    object(vec![("artifactLocation", location(uri)), ("region", region(range))])
}

fn location(uri: &str) -> Value {
    object(vec![("uri", uri.into())])
}

/// SARIF counts from one.
fn region(range: &Range) -> Value {
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
            Self::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (&**name, value))),
        }
    }
}
