//! Dockerfiles that work are not accused, and broken ones are found or asked about; see
//! `tests/corpus/dockerfiles/README.md`.

use std::path::Path;
use std::sync::Arc;

use execlens::build::{self, Build, Request};
use execlens::fact::Settler;
use execlens::platform::Platform;
use execlens::project::Project;
use execlens::rules::run::Findings;
use execlens::source::LineIndex;
use execlens::{dockerfile, launch, rules};

#[test]
fn working_files_are_not_accused_and_broken_ones_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/dockerfiles");
    let cases = std::fs::read_to_string(folder.join("cases.tsv")).expect("the cases can be read");
    let mut failures = Vec::new();
    let mut total = 0;
    for case in cases.lines().skip(1) {
        total += 1;
        failures.extend(check(&folder, case).err());
    }
    assert!(failures.is_empty(), "{} of {total} cases fail:\n{}", failures.len(), failures.join("\n"));
}

fn check(folder: &Path, case: &str) -> Result<(), String> {
    let field = |n: usize| case.split('\t').nth(n).unwrap_or_default();
    let (file, verdict) = (field(0), field(2));
    let bytes = std::fs::read(folder.join(file)).expect("a case has its file");
    let dockerfile = Arc::new(dockerfile::read(&"Dockerfile".into(), &bytes));
    let platform = Platform::parse(field(1)).expect("a platform");
    let request = Request { platform, ..Request::default() };
    let build = build::run(dockerfile, Arc::from(Project::default()), &request);
    let mut found = rules::run::build(&build);
    for launch in launch::launches(&build) {
        found.extend(rules::run::launch(&launch));
    }
    let told = told(&build, &found);
    if verdict == "good" {
        let accused = found.diagnostics.iter().any(|found| found.effect.stops_start());
        return if accused { Err(format!("{file} works, and is accused: {told}")) } else { Ok(()) };
    }
    let rules: Vec<&str> = field(3).split(' ').collect();
    let named = found
        .diagnostics
        .iter()
        .any(|found| rules.contains(&found.rule) && is_at(&build, found.at.span.start, field(4)));
    let asked = field(5) != "-"
        && !found.unknowns.is_empty()
        && found.unknowns.iter().any(|need| {
            field(5).is_empty()
                || need.settled_by.iter().any(|settler| match settler {
                    Settler::File(name) | Settler::Image(name) | Settler::Program(name) => name.contains(field(5)),
                    Settler::ProjectFolder => false,
                })
        });
    if named || asked { Ok(()) } else { Err(format!("{file} should be found by {} at {}: {told}", field(3), field(4))) }
}

/// Whether a place is in an instruction that has one of these lines.
fn is_at(build: &Build, offset: u32, lines: &str) -> bool {
    let index = LineIndex::new(&build.dockerfile.text);
    let around = build.dockerfile.instructions.iter().find(|one| one.span.start <= offset && offset <= one.span.end);
    let Some(around) = around else { return false };
    let covered = index.line_number(around.span.start)..=index.line_number(around.span.end);
    lines.split(' ').filter_map(|line| line.parse().ok()).any(|line| covered.contains(&line))
}

fn told(build: &Build, found: &Findings) -> String {
    let index = LineIndex::new(&build.dockerfile.text);
    let diagnostics =
        found.diagnostics.iter().map(|found| format!("{} at {}", found.rule, index.line_number(found.at.span.start)));
    let unknowns = found.unknowns.iter().map(|need| format!("open: {} {:?}", need.text.in_english(), need.settled_by));
    diagnostics.chain(unknowns).collect::<Vec<_>>().join("; ")
}
