//! The report in the forms that other tools read.

use std::fmt::Write as _;

use super::{Report, Severity, markdown, sarif, text};
use crate::input::Input;
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

/// The report in another form; `files` and `locale` are those that it was made of and in.
#[must_use]
pub fn format(report: &Report, files: &[Input], format: Format, locale: Locale) -> String {
    match format {
        Format::Text => text::text(report, locale),
        // Neither can fail: a report is strings and numbers, and its maps have string keys.
        Format::Json => serde_json::to_string_pretty(report).unwrap_or_default(),
        Format::Sarif => serde_json::to_string_pretty(&sarif::sarif(report, locale)).unwrap_or_default(),
        Format::Github => github(report),
        Format::Markdown => markdown::markdown(report, files, locale),
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
