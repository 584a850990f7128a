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
    DOCKERFILES.iter().map(|text| execlens::check(&files(text), &Options::default())).collect()
}

fn files(text: &str) -> [Input; 1] {
    [Input::new("a b/Dockerfile", text)]
}

fn format(report: &Report, form: Format) -> String {
    report::format(report, &[], form, Locale::English)
}

fn json(report: &Report, form: Format) -> Value {
    serde_json::from_str(&format(report, form)).unwrap()
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
        let commands = format(&report, Format::Github);
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
fn sarif_has_the_argument_as_related_locations() {
    for report in reports() {
        let sarif = json(&report, Format::Sarif);
        for (found, result) in report.diagnostics.iter().zip(sarif["runs"][0]["results"].as_array().unwrap()) {
            let related = result["relatedLocations"].as_array().map_or(&[][..], Vec::as_slice);
            let told = |text: &str| related.iter().any(|one| one["message"]["text"] == text);
            assert!(found.evidence.iter().all(|step| step.location.is_none() || told(&step.text)), "{result:#}");
            assert!(related.iter().enumerate().all(|(id, one)| one["id"].as_u64() == Some(id as u64)), "{result:#}");
        }
    }
}

#[test]
fn text_and_markdown_name_the_answer_and_every_rule() {
    for report in reports() {
        for form in [Format::Text, Format::Markdown] {
            let text = format(&report, form);
            assert!(text.contains(&report.summary), "{text}");
            assert!(report.diagnostics.iter().all(|found| text.contains(found.code)), "{text}");
        }
    }
}

/// The change that Markdown shows of a Dockerfile's first finding.
#[track_caller]
fn check_change(dockerfile: &str, change: &str) {
    let files = files(dockerfile);
    let report = execlens::check(&files, &Options::default());
    let markdown = report::format(&report, &files, Format::Markdown, Locale::English);
    assert!(markdown.contains(&format!("\n```diff\n{change}\n```\n")), "{markdown}");
}

#[test]
fn markdown_shows_the_lines_that_the_best_fix_changes() {
    check_change(
        "FROM golang:1.18 AS b\nRUN go build -o /a .\nFROM alpine\nCOPY --from=b /a /a\nCMD [\"/a\"]\n",
        "-RUN go build -o /a .\n+RUN CGO_ENABLED=0 go build -o /a .",
    );
    check_change(
        "FROM alpine:3.20 AS builder\r\nRUN touch /a\r\nFROM alpine:3.20\r\nCOPY --from=biulder /a /a\r\nCMD [\"sh\"]",
        "-COPY --from=biulder /a /a\n+COPY --from=builder /a /a",
    );
    check_change(
        "FROM golang:1.18 AS b\nRUN echo 日本😀 && go build -o /a .\nFROM alpine\nCOPY --from=b /a /a\nCMD [\"/a\"]\n",
        "-RUN echo 日本😀 && go build -o /a .\n+RUN echo 日本😀 && CGO_ENABLED=0 go build -o /a .",
    );
}

#[test]
fn markdown_without_the_files_has_no_change() {
    for report in reports() {
        assert!(!format(&report, Format::Markdown).contains("```diff"));
    }
}

#[test]
fn a_message_that_has_a_fence_in_it_does_not_end_the_fence_around_it() {
    let mut report = execlens::check(&files("FROM scratch\nCMD /app\n"), &Options::default());
    report.diagnostics[0].runtime_messages[0].text = "```\n# out".to_owned();
    assert!(format(&report, Format::Markdown).contains("\n````text\n```\n# out\n"));
}

#[test]
fn who_prints_a_message_is_said_in_the_language_of_the_reader() {
    let engine = |locale| {
        let dockerfile = Input::new("Dockerfile", "FROM debian:12\nUSER 1000\nRUN apt-get update\nCMD [\"bash\"]\n");
        let report = execlens::check(&[dockerfile], &Options { locale, ..Options::default() });
        report.diagnostics[0].runtime_messages[0].engine
    };
    assert_eq!(engine(Locale::English), "the build");
    assert_eq!(engine(Locale::Japanese), "ビルド");
}
