//! `cargo xtask test`: everything that must hold, in the order in which it is quickest to learn what does not.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::core::{self, Effort};
use crate::run::{cargo, node, npm, output, root, run, succeeds};
use crate::wasm_target::{TRIPLE, WasmTarget};
use crate::{browser, package, site, size};

/// One check: its name and how it is made.
type Check = (&'static str, fn() -> Result<()>);

const CHECKS: [Check; 12] = [
    ("format", format),
    ("lints", lints),
    ("native tests", native_tests),
    ("core as wasm", || core::build(Effort::Release)),
    ("lints of the boundary", boundary_lints),
    ("size of the wasm", size::check),
    ("the same answers through wasm", node_tests),
    ("types of the page", || page("check")),
    ("types of the reports", report_types),
    ("tests of the page", || page("test")),
    ("build of the page", || site::build().and_then(|()| package::build())),
    ("the page in a browser", browser_tests),
];

/// Runs all of them, also after one has failed, and says at the end how many held.
pub(crate) fn test() -> Result<()> {
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        println!("\n== {name}");
        let start = Instant::now();
        match check() {
            Ok(()) => println!("== {name}: passed in {:.1} s", start.elapsed().as_secs_f64()),
            Err(error) => {
                println!("== {name}: FAILED after {:.1} s: {error:#}", start.elapsed().as_secs_f64());
                failed.push(name);
            }
        }
    }
    println!("\n{} passed, {} failed", CHECKS.len() - failed.len(), failed.len());
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn format() -> Result<()> {
    if !succeeds(cargo().args(["fmt", "--version"])) {
        println!("not checked: rustfmt is not installed (`rustup component add rustfmt`)");
        return Ok(());
    }
    run(cargo().args(["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    if !has_clippy() {
        return Ok(());
    }
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// `src/wasm.rs` exists for its target only.
fn boundary_lints() -> Result<()> {
    match WasmTarget::obtain()? {
        WasmTarget::Here if has_clippy() => {
            run(cargo().args(["clippy", "--lib", "--target", TRIPLE, "--", "-D", "warnings"]))
        }
        WasmTarget::Here => Ok(()),
        WasmTarget::Debian => {
            println!("not checked: clippy has no {TRIPLE} here");
            Ok(())
        }
    }
}

fn has_clippy() -> bool {
    let here = succeeds(cargo().args(["clippy", "--version"]));
    if !here {
        println!("not checked: clippy is not installed (`rustup component add clippy`)");
    }
    here
}

fn native_tests() -> Result<()> {
    run(cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

/// The package under Node gives, for the same files, the reports that the native core gives.
fn node_tests() -> Result<()> {
    package::build()?;
    // It is there that the schema of SARIF is installed.
    site::install()?;
    let expected = root().join("target/native-reports.jsonl");
    std::fs::write(&expected, native_reports()?)?;
    run(node().args(["--test", "tests/node/"]).env("NATIVE_REPORTS", &expected))
}

fn native_reports() -> Result<String> {
    output(cargo().args(["run", "--quiet", "--example", "reports"]))
}

/// Real reports have exactly the properties that `report.d.ts` publishes.
fn report_types() -> Result<()> {
    site::install()?;
    let folder = root().join("target/types");
    std::fs::create_dir_all(&folder)?;
    let mut text = String::from("import type { Report } from \"../../src/report/report.js\";\n");
    let mut size = 0;
    for line in native_reports()?.lines() {
        let case: serde_json::Value = serde_json::from_str(line)?;
        let literal = case["report"].to_string();
        size += literal.len();
        // A compiler takes its time with literals; what comes first has every kind of input.
        if size > LITERALS {
            break;
        }
        text += &format!("({literal}) satisfies Report;\n");
    }
    std::fs::write(folder.join("reports.ts"), text)?;
    let compiler = root().join("www/node_modules/.bin/tsc");
    let arguments = ["--noEmit", "--strict", "--ignoreConfig", "--module", "nodenext", "--target", "es2022"];
    run(Command::new(compiler).current_dir(&folder).args(arguments).arg("reports.ts"))
}

const LITERALS: usize = 1_000_000;

fn page(script: &str) -> Result<()> {
    core::build(Effort::Release)?;
    site::install()?;
    run(npm("www").args(["run", script]))
}

fn browser_tests() -> Result<()> {
    let chromium = browser::chromium()?;
    browser::others();
    site::build()?;
    package::build()?;
    run(npm("www").args(["run", "test:browser"]).env("CHROMIUM", chromium).env("SITE", site::folder()))
}
