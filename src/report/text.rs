//! The report as plain text, for a terminal.

use crate::lists::Collect;
use std::fmt::Write as _;

use super::{Diagnostic, Fix, Location, Report, Severity};
use crate::text::Locale;

/// Words of the layout; the sentences themselves are in the report's language already.
pub(super) struct Words {
    pub(super) condition: &'static str,
    because: &'static str,
    pub(super) you_see: &'static str,
    pub(super) to_mend: &'static str,
    settled_by: &'static str,
    pub(super) unknown: &'static str,
    silenced: &'static str,
    messages: &'static str,
}

const ENGLISH: Words = Words {
    condition: "if",
    because: "because",
    you_see: "you would see",
    to_mend: "to mend it",
    settled_by: "to be sure, drop",
    unknown: "not known",
    silenced: "silenced by a comment",
    messages: "the message says",
};

const JAPANESE: Words = Words {
    condition: "条件：",
    because: "理由",
    you_see: "表示されるメッセージ",
    to_mend: "修正方法",
    settled_by: "確定するには次を追加してください",
    unknown: "わからないこと",
    silenced: "コメントで抑制済み",
    messages: "メッセージの意味",
};

pub(super) fn words(locale: Locale) -> &'static Words {
    match locale {
        Locale::English => &ENGLISH,
        Locale::Japanese => &JAPANESE,
    }
}

/// Plain text, as a terminal shows it.
#[must_use]
pub(super) fn text(report: &Report, locale: Locale) -> String {
    let words = words(locale);
    let mut out = String::new();
    let _ = writeln!(out, "{}: {}", report.verdict.name(), report.summary);
    for found in &report.diagnostics {
        out.push('\n');
        diagnostic(&mut out, found, words);
    }
    if !report.unknowns.is_empty() {
        let _ = writeln!(out, "\n{}", words.unknown);
        for unknown in &report.unknowns {
            let _ = writeln!(out, "  {}{}", unknown.text, at(unknown.location.as_ref()));
            settlers(&mut out, &unknown.settled_by, words);
        }
    }
    if !report.messages.is_empty() {
        let _ = writeln!(out, "\n{}", words.messages);
        for message in &report.messages {
            let _ = writeln!(out, "  {}\n    {} [{}]", message.text, message.meaning, message.codes.join(", "));
        }
    }
    for program in report.programs.iter().filter(|program| !program.images.is_empty()) {
        let _ = writeln!(out, "\n{}: {}", program.path, program.needs.description);
        for image in &program.images {
            let code = image.code.map(|code| format!(" [{code}]")).unwrap_or_default();
            let _ = writeln!(out, "  {:<11} {}{code} {}", image.verdict.name(), image.reference, image.reason);
        }
    }
    for found in &report.suppressed {
        let _ = writeln!(out, "\n{}: {} [{}]", words.silenced, found.message, found.code);
    }
    out
}

fn diagnostic(out: &mut String, found: &Diagnostic, words: &Words) {
    let start = found.range.start;
    let severity = Severity::of(found).name();
    let (line, column) = (start.line + 1, start.character + 1);
    let _ = writeln!(out, "{}:{line}:{column}: {severity}: {} [{}]", found.path, found.message, found.code);
    if let Some(condition) = &found.condition {
        let _ = writeln!(out, "  {} {}", words.condition, condition.text);
        settlers(out, &condition.settled_by, words);
    }
    if !found.evidence.is_empty() {
        let _ = writeln!(out, "  {}", words.because);
        for (n, step) in found.evidence.iter().enumerate() {
            let source = step.source.as_ref().map(|source| format!(" ({})", source.record)).unwrap_or_default();
            let _ = writeln!(out, "    {}. {}{}{source}", n + 1, step.text, at(step.location.as_ref()));
        }
    }
    if let Some(message) = found.runtime_messages.first() {
        let _ = writeln!(out, "  {} ({})", words.you_see, message.engine);
        for line in message.text.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    if !found.fixes.is_empty() {
        let _ = writeln!(out, "  {}", words.to_mend);
        for (n, one) in found.fixes.iter().enumerate() {
            fix(out, n + 1, one);
        }
    }
}

fn fix(out: &mut String, number: usize, fix: &Fix) {
    let _ = writeln!(out, "    {number}. {} ({})", fix.title, fix.tradeoff);
    for edit in &fix.edits {
        let (start, end) = (edit.range.start, edit.range.end);
        let sign = match (start == end, edit.new_text.is_empty()) {
            (true, _) => "+",
            (false, true) => "-",
            (false, false) => "~",
        };
        let text = edit.new_text.trim_matches(['\r', '\n']).replace('\n', "\n         ");
        let _ = writeln!(out, "       {}:{}:{} {sign} {text}", edit.path, start.line + 1, start.character + 1);
    }
}

fn settlers(out: &mut String, settlers: &[super::Settler], words: &Words) {
    if settlers.is_empty() {
        return;
    }
    let names: Vec<String> = settlers.iter().map(super::Settler::name).collect_vec();
    let _ = writeln!(out, "  {}: {}", words.settled_by, names.join(", "));
}

/// Where a sentence has its place, to stand after it.
pub(super) fn at(location: Option<&Location>) -> String {
    let Some(at) = location else { return String::new() };
    let (start, end) = (at.range.start, at.range.end);
    // A program has no lines.
    if start == end && start.line == 0 && start.character == 0 {
        return format!(" ({})", at.path);
    }
    format!(" ({}:{})", at.path, start.line + 1)
}
