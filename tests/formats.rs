//! The other forms of the report: SARIF by its schema, GitHub's commands, Markdown, text, and the report's own JSON.

use execlens::input::Input;
use execlens::options::Options;
use execlens::report::{self, Format, Report};
use execlens::text::Locale;
use serde_json::Value;

const DOCKERFILES: [&str; 7] = [
    "FROM scratch\nCMD /app\n",
    "FROM golang:1.18 AS b\nRUN go build -o /a .\nFROM alpine\nCOPY --from=b /a /a\nCMD [\"/a\"]\n",
    "FROM alpine:3.20 AS builder\nFROM alpine:3.20\nCOPY --from=biulder /a /a\nCMD [\"sh\"]\n",
    "# execlens ignore=missing-shell\nFROM scratch\n# execlens ignore=missing-shell\nCMD /app, % :\n",
    "FROM alpine:3.20\nCOPY \"it's 日本.sh\" /x\nCMD ['/x']\n",
    "COPPY\n",
    "",
];

fn reports() -> Vec<Report> {
    let check = |text: &&str| execlens::check(&[Input::new("a b/Dockerfile", *text)], &Options::default());
    DOCKERFILES.iter().map(check).collect()
}

fn json(report: &Report, format: Format) -> Value {
    serde_json::from_str(&report::format(report, format, Locale::English)).unwrap()
}

/// `serde-sarif` is made from OASIS's schema: what it reads and writes again unchanged has the schema's names and types.
#[test]
fn sarif_is_what_its_schema_says() {
    for report in reports() {
        let sarif = json(&report, Format::Sarif);
        let read: serde_sarif::sarif::Sarif = serde_json::from_value(sarif.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), sarif);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), report.diagnostics.len() + report.suppressed.len());
        for result in results {
            // The schema wants lines and columns from one on.
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert!(region["startLine"].as_u64() >= Some(1) && region["endColumn"].as_u64() >= Some(1), "{result:#}");
            assert!(result["ruleIndex"].as_u64().is_some(), "{result:#}");
        }
    }
}

#[test]
fn json_is_the_report_itself() {
    for report in reports() {
        assert_eq!(json(&report, Format::Json), serde_json::to_value(&report).unwrap());
    }
}

#[test]
fn every_finding_is_one_command_for_github() {
    for report in reports() {
        let commands = report::format(&report, Format::Github, Locale::English);
        assert_eq!(commands.lines().count(), report.diagnostics.len(), "{commands}");
        for line in commands.lines() {
            assert!(
                line.starts_with("::error file=")
                    || line.starts_with("::warning file=")
                    || line.starts_with("::notice file="),
                "{line}"
            );
        }
    }
}

#[test]
fn text_and_markdown_name_the_verdict_and_every_rule() {
    for report in reports() {
        for form in [Format::Text, Format::Markdown] {
            let text = report::format(&report, form, Locale::Japanese);
            assert!(text.contains(report.verdict.name()), "{text}");
            assert!(report.diagnostics.iter().all(|found| text.contains(found.code)), "{text}");
        }
    }
}
