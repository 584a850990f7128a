//! The report as Markdown, to paste into an issue or a chat.

use std::fmt::Write as _;
use std::ops::Range;

use super::text::{Words, at, words};
use super::{Diagnostic, Fix, Report, Severity};
use crate::fix::{self, Edit};
use crate::input::Input;
use crate::lists::{self, Collect};
use crate::project::MAXIMUM_TEXT;
use crate::source::{LineIndex, Position, Span};
use crate::text::Locale;

/// Markdown; the files are read again for the lines that the best fix of each finding changes.
pub(super) fn markdown(report: &Report, files: &[Input], locale: Locale) -> String {
    let words = words(locale);
    let mut out = format!("**{}**\n", report.summary);
    for found in &report.diagnostics {
        finding(&mut out, found, files, words);
    }
    for message in &report.messages {
        let _ = writeln!(out, "\n- {}", message.meaning);
    }
    for unknown in &report.unknowns {
        let _ = writeln!(out, "\n- {}: {}{}", words.unknown, unknown.text, at(unknown.location.as_ref()));
    }
    let _ = writeln!(out, "\n_execlens {}_", report.version);
    out
}

fn finding(out: &mut String, found: &Diagnostic, files: &[Input], words: &Words) {
    let _ = writeln!(out, "\n### {}\n", found.message);
    let line = found.range.start.line + 1;
    let _ = writeln!(out, "`{}:{line}` · `{}` · {}", found.path, found.code, Severity::of(found).name());
    if let Some(condition) = &found.condition {
        let _ = writeln!(out, "\n**{}** {}", words.condition, condition.text);
    }
    if !found.evidence.is_empty() {
        out.push('\n');
    }
    for (n, step) in found.evidence.iter().enumerate() {
        let _ = writeln!(out, "{}. {}{}", n + 1, step.text, at(step.location.as_ref()));
    }
    if !found.runtime_messages.is_empty() {
        let _ = writeln!(out, "\n{}:", words.you_see);
        let lines = found.runtime_messages.iter().map(|message| message.text.as_str()).collect_vec();
        fenced(out, "text", &lines.join("\n"));
    }
    let Some(best) = found.fixes.first() else { return };
    let _ = writeln!(out, "\n{}:\n", words.to_mend);
    for fix in &found.fixes {
        let _ = writeln!(out, "- **{}**: {}", fix.title, fix.tradeoff);
    }
    let change = change(best, files);
    if !change.is_empty() {
        fenced(out, "diff", &change);
    }
}

/// A block that nothing in it can end.
fn fenced(out: &mut String, language: &str, text: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    let _ = writeln!(out, "\n{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'));
}

/// The lines that a fix takes away and puts in, as a diff without context has them.
fn change(fix: &Fix, files: &[Input]) -> String {
    let mut paths = fix.edits.iter().map(|edit| edit.path.as_str()).collect_vec();
    paths.dedup();
    let mut out = String::new();
    for path in paths {
        let head = files.iter().find(|file| &*file.path == path).and_then(|file| file.head(MAXIMUM_TEXT).ok());
        let Some(head) = head else { continue };
        let text = String::from_utf8_lossy(&head);
        let lines = LineIndex::new(&text);
        let edits = fix.edits.iter().filter(|edit| edit.path == path).map(|edit| Edit {
            path: path.into(),
            span: Span::new(lines.offset(edit.range.start), lines.offset(edit.range.end)),
            new_text: edit.new_text.clone(),
        });
        for region in regions(&edits.collect_vec(), &lines) {
            let before = &text[region.lines];
            let after = fix::apply(before, &region.edits.iter().collect_vec());
            write_difference(&mut out, before, &after);
        }
    }
    out
}

/// Neighbouring lines and the edits in them, whose spans count from the region's start.
struct Region {
    lines: Range<usize>,
    edits: Vec<Edit>,
}

fn regions(edits: &[Edit], lines: &LineIndex) -> Vec<Region> {
    let mut sorted = edits.to_vec();
    lists::sort_by_key(&mut sorted, |edit| edit.span);
    let mut regions: Vec<Region> = Vec::new();
    for mut edit in sorted {
        let line_start = |line| lines.offset(Position { line, character: 0 });
        let start = line_start(lines.position(edit.span.start).line);
        let end = line_start(lines.position(edit.span.end).line + 1);
        if regions.last().is_none_or(|last| last.lines.end <= start) {
            regions.push(Region { lines: start..end, edits: Vec::new() });
        }
        let Some(region) = regions.last_mut() else { continue };
        region.lines.end = region.lines.end.max(end);
        let from_start = |offset: u32| (offset as usize).saturating_sub(region.lines.start);
        edit.span = Span::new(from_start(edit.span.start), from_start(edit.span.end));
        region.edits.push(edit);
    }
    regions
}

/// The lines without those that both texts begin or end with.
fn write_difference(out: &mut String, before: &str, after: &str) {
    let (before, after) = (before.lines().collect_vec(), after.lines().collect_vec());
    let head = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
    let (before, after) = (&before[head..], &after[head..]);
    let tail = before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new).count();
    for line in &before[..before.len() - tail] {
        let _ = writeln!(out, "-{line}");
    }
    for line in &after[..after.len() - tail] {
        let _ = writeln!(out, "+{line}");
    }
}
