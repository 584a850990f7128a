//! Each rule's file is its page: whole in both languages, its examples true, its messages found again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use execlens::fix::{self, Edit};
use execlens::input::Input;
use execlens::message;
use execlens::options::Options;
use execlens::platform::Platform;
use execlens::report::{Diagnostic, FileEdit, Position, Report};
use execlens::rules::{self, Check, Rule};
use execlens::source::Span;
use execlens::verdict::Verdict;

const MOMENTS: [&str; 5] = ["build", "engine", "kernel", "loader", "runtime"];

const ENGLISH: [&str; 6] = ["What happens", "Why", "Example", "What to do", "When this is wrong", "References"];
const JAPANESE: [&str; 6] = ["何が起きるか", "原因", "例", "対処", "この判定が当てはまらない場合", "参考"];

struct Page {
    rule: &'static Rule,
    english: String,
    japanese: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules")
}

fn pages() -> Vec<Page> {
    rules::all()
        .map(|rule| {
            let file = rule.name.replace('-', "_");
            let moment = MOMENTS[rule.moment as usize];
            let source = fs::read_to_string(folder().join(moment).join(format!("{file}.rs"))).expect(rule.name);
            let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
            let english = docs.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
            let japanese = fs::read_to_string(folder().join(moment).join(format!("{file}.ja.md"))).expect(rule.name);
            Page { rule, english, japanese }
        })
        .collect()
}

#[test]
fn every_file_of_a_rule_is_listed() {
    let mut listed: Vec<String> = rules::all().map(|rule| rule.name.to_owned()).collect();
    let mut found = Vec::new();
    for moment in MOMENTS {
        for entry in fs::read_dir(folder().join(moment)).unwrap() {
            let path = entry.unwrap().path();
            let is_rule = path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).unwrap().contains("static RULE: Rule");
            if is_rule {
                found.push(path.file_stem().unwrap().to_str().unwrap().replace('_', "-"));
            }
        }
    }
    listed.sort();
    found.sort();
    assert_eq!(listed, found);
}

#[test]
fn pages_have_their_sections_in_both_languages() {
    for page in pages() {
        for (text, sections) in [(&page.english, ENGLISH), (&page.japanese, JAPANESE)] {
            let name = page.rule.name;
            let titles = text.lines().filter(|line| line.starts_with("# ") && !in_fence(text, line)).count();
            assert_eq!(titles, 1, "{name}: one title");
            let headings: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            // What only a message tells has no example.
            let optional =
                |section: &&str| ["Example", "例"].contains(section) && matches!(page.rule.check, Check::Message);
            let wanted: Vec<_> = sections.iter().copied().filter(|section| !optional(section)).collect();
            assert_eq!(headings, wanted, "{name}");
        }
        assert_eq!(checked(&page.english), checked(&page.japanese), "{}: the examples are the same", page.rule.name);
    }
}

/// The fences that say something to check; the others illustrate, and may hold comments in the page's language.
fn checked(page: &str) -> Vec<(String, String)> {
    fences(page).into_iter().filter(|(marks, _)| marks.contains(',') || marks == "text").collect()
}

fn in_fence(text: &str, line: &str) -> bool {
    let before = &text[..line.as_ptr() as usize - text.as_ptr() as usize];
    before.lines().filter(|line| line.starts_with("```")).count() % 2 == 1
}

/// The fences of a page: what they are marked with, and their text.
fn fences(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(marks)) => open = Some((marks.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// A documented example: a Dockerfile, the files beside it, and what is said of it.
struct Example {
    marks: String,
    files: Vec<Input>,
    options: Options,
}

fn examples(page: &Page) -> Vec<Example> {
    let fences = fences(&page.english);
    let mark = |marks: &str, name: &str| {
        marks.split(',').find_map(|mark| Some(mark.trim().strip_prefix(name)?.strip_prefix('=')?.to_owned()))
    };
    let beside: Vec<Input> =
        fences.iter().filter_map(|(marks, text)| Some(Input::new(&mark(marks, "file")?, text.as_bytes()))).collect();
    let dockerfiles = fences.iter().filter(|(marks, _)| marks.starts_with("dockerfile,"));
    dockerfiles
        .map(|(marks, text)| {
            let mut options = Options::default();
            if let Some(platform) = mark(marks, "platform") {
                options.request.platform = Platform::parse(&platform).unwrap();
            }
            options.request.build_platform = mark(marks, "build-platform").map(|text| Platform::parse(&text).unwrap());
            let mut files = vec![Input::new("Dockerfile", text.as_bytes())];
            files.extend(beside.iter().cloned());
            Example { marks: marks.clone(), files, options }
        })
        .collect()
}

fn finds<'r>(report: &'r Report, rule: &Rule) -> Option<&'r Diagnostic> {
    report.diagnostics.iter().find(|found| found.code == rule.name)
}

#[test]
fn documented_examples_are_as_documented() {
    let mut wrong = Vec::new();
    for page in pages() {
        for example in examples(&page) {
            let report = execlens::check(&example.files, &example.options);
            let rule = page.rule;
            let found = finds(&report, rule);
            let marks: Vec<_> = example.marks.split(',').map(str::trim).collect();
            let holds = if marks.contains(&"fails") {
                found.is_some() && report.verdict == Verdict::Fails
            } else if marks.contains(&"conditional") {
                found.is_some() && report.verdict == Verdict::Conditional
            } else if marks.contains(&"warns") {
                found.is_some() && !matches!(report.verdict, Verdict::Fails)
            } else if marks.contains(&"starts") {
                // Whether the rest of it starts may hang on files that a page does not show.
                found.is_none() && !matches!(report.verdict, Verdict::Fails | Verdict::Conditional)
            } else {
                false
            };
            if !holds {
                let codes: Vec<_> = report.diagnostics.iter().map(|found| found.code).collect();
                wrong.push(format!(
                    "{} ({}): {} {codes:?} {}",
                    rule.name,
                    example.marks,
                    report.verdict.name(),
                    report.summary
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixes_of_the_examples_mend_them() {
    for page in pages() {
        for example in examples(&page) {
            let report = execlens::check(&example.files, &example.options);
            let Some(found) = finds(&report, page.rule) else { continue };
            for fix in found.fixes.iter().filter(|fix| !fix.edits.is_empty()) {
                let files = applied(&example.files, &fix.edits);
                let after = execlens::check(&files, &example.options);
                assert!(finds(&after, page.rule).is_none(), "{}: {}", page.rule.name, fix.title);
            }
        }
    }
}

/// The edits of the report, applied as an editor does it.
fn applied(files: &[Input], edits: &[FileEdit]) -> Vec<Input> {
    let mut texts: BTreeMap<&str, Vec<&FileEdit>> = BTreeMap::new();
    for edit in edits {
        texts.entry(&edit.path).or_default().push(edit);
    }
    let change = |file: &Input| {
        let Some(edits) = texts.get(&*file.path) else { return file.clone() };
        let text = String::from_utf8(file.head(usize::MAX).unwrap()).unwrap();
        let edits: Vec<Edit> = edits
            .iter()
            .map(|edit| Edit {
                path: file.path.clone(),
                span: Span::new(offset(&text, edit.range.start), offset(&text, edit.range.end)),
                new_text: edit.new_text.clone(),
            })
            .collect();
        Input::new(&file.path, fix::apply(&text, &edits.iter().collect::<Vec<_>>()))
    };
    files.iter().map(change).collect()
}

/// Pages hold ASCII examples, so a UTF-16 column is a byte.
fn offset(text: &str, position: Position) -> usize {
    let line = text.split_inclusive('\n').take(position.line as usize).map(str::len).sum::<usize>();
    line + position.character as usize
}

#[test]
fn symptoms_and_documented_messages_find_their_rule() {
    let mut lost = Vec::new();
    for page in pages() {
        let rule = page.rule;
        for symptom in rule.symptoms {
            let line = symptom.pattern.replace("{}", "x");
            let named = message::decode(&line).iter().any(|meaning| meaning.rules.contains(&rule.name));
            if !named {
                lost.push(format!("{}: {}", rule.name, symptom.pattern));
            }
        }
        let messages: String =
            fences(&page.english).into_iter().filter(|(marks, _)| marks == "text").map(|(_, text)| text).collect();
        // Some are killed without a word.
        if !messages.is_empty() && !message::decode(&messages).iter().any(|meaning| meaning.rules.contains(&rule.name))
        {
            lost.push(format!("{}: no message of its page", rule.name));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
