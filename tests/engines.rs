//! What real engines did with small images, beside what is said of them: `tests/engines`.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use execlens::input::Input;
use execlens::message;
use execlens::options::Options;
use execlens::report::Report;
use execlens::verdict::Verdict;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines")
}

fn rows(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

/// The contexts, by case.
fn contexts() -> BTreeMap<String, Vec<Input>> {
    let mut contexts: BTreeMap<String, Vec<Input>> = BTreeMap::new();
    for row in rows("files.tsv") {
        let [case, path, mode, fixture] = &row[..] else { panic!("{row:?}") };
        let mut bytes = match fixture.as_str() {
            "-" => fs::read(folder().join(case).join(path)).unwrap(),
            fixture => fixtures::bytes(fixture).to_vec(),
        };
        if path == "Dockerfile" {
            // The local images were named without their registry.
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace("FROM distroless/", "FROM gcr.io/distroless/").into_bytes();
        }
        let mut input = Input::new(path, bytes);
        input.mode = Some(u32::from_str_radix(mode, 8).unwrap());
        contexts.entry(case.clone()).or_default().push(input);
    }
    contexts
}

/// One run of an engine.
struct Run {
    engine: String,
    starts: bool,
    error: String,
}

fn runs() -> BTreeMap<String, Vec<Run>> {
    let mut runs: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for row in rows("outcomes.tsv") {
        let [case, engine, _, status, output, error] = &row[..] else { panic!("{row:?}") };
        // A wrapper's words do not tell of its program: its status does.
        let starts = output.contains("LAB-STARTED") && status == "0";
        runs.entry(case.clone()).or_default().push(Run { engine: engine.clone(), starts, error: error.clone() });
    }
    runs
}

/// Whether an answer contradicts what happened; where engines differ, only "conditional" is right.
fn contradicts(report: &Report, runs: &[Run]) -> bool {
    let (any, all) = (runs.iter().any(|run| run.starts), runs.iter().all(|run| run.starts));
    match report.verdict {
        Verdict::Starts => !all,
        Verdict::Fails => any,
        Verdict::Conditional => all,
        // An image without a command starts nothing, and engines refuse it.
        Verdict::NoProgram => any,
        Verdict::Unknown => false,
    }
}

/// What an engine printed, and does not lead to the rule that is found in the very files.
fn lost<'r>(report: &Report, runs: &'r [Run]) -> Vec<&'r Run> {
    let Some(found) = report.diagnostics.first().filter(|_| report.verdict == Verdict::Fails) else {
        return Vec::new();
    };
    let leads = |run: &&Run| {
        let text = run.error.replace(" | ", "\n");
        message::decode(&text).iter().any(|meaning| meaning.rules.contains(&found.code))
    };
    runs.iter().filter(|run| !run.starts && run.error != "-").filter(|run| !leads(run)).collect()
}

#[test]
fn answers_agree_with_the_engines() {
    let runs = runs();
    let mut wrong = Vec::new();
    for (case, files) in contexts() {
        let Some(runs) = runs.get(&case) else { continue };
        let report = execlens::check(&files, &Options::default());
        let told = format!("{case}: {} ({})", report.verdict.name(), report.summary);
        if contradicts(&report, runs) {
            wrong.push(format!("against what happened: {told}"));
        } else if report.verdict == Verdict::Unknown {
            wrong.push(format!("left open: {told}"));
        }
        let lost = lost(&report, runs);
        wrong.extend(lost.iter().map(|run| format!("message not led to {told}: {}: {}", run.engine, run.error)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
