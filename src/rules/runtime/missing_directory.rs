//! # A directory for temporary files is not there
//!
//! The program is told, or is known, to write to a directory that the image does not have.
//!
//! ## What happens
//!
//! ```text
//! open /tmp/upload-123: no such file or directory
//! mkdir /tmp/x: no such file or directory
//! FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/']
//! ```
//!
//! ## Why
//!
//! `scratch` has no `/tmp`, since it has nothing at all.
//! Nobody makes the directory that `TMPDIR` names: a program expects it to be there.
//!
//! ## Example
//!
//! ```dockerfile,warns
//! FROM golang:1.22 AS build
//! RUN CGO_ENABLED=0 go build -o /app example.com/app@latest
//! FROM scratch
//! ENV TMPDIR=/var/cache/app
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22 AS build
//! RUN CGO_ENABLED=0 go build -o /app example.com/app@latest
//! FROM scratch
//! ENV TMPDIR=/var/cache/app
//! WORKDIR /var/cache/app
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Make it: `WORKDIR /tmp` makes a directory in every image, `scratch` included. It belongs to root, so a program of another user may not write there; `COPY --from=build --chown=65532 …` of an empty directory sets the owner.
//! 2. Or mount it at run time: `docker run --tmpfs /tmp`.
//!
//! ## When this is wrong
//!
//! When a volume or a tmpfs is mounted there, or the program makes the directory itself.
//!
//! ## References
//!
//! - Go, `os.TempDir`; Python, `tempfile`

use super::soon;
use crate::diagnostic::RuntimeMessage;
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::Launch;
use crate::needs::Language;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "missing-directory",
    moment: Moment::Runtime,
    summary: Template {
        en: "a directory for temporary files that is needed and absent",
        ja: "一時ファイルなどに必要なディレクトリがありません",
    },
    symptoms: &[
        Symptom { pattern: "open /tmp/{}: no such file or directory", speaker: "the program" },
        Symptom { pattern: "mkdir /tmp{}: no such file or directory", speaker: "the program" },
        Symptom { pattern: "No usable temporary directory found in {}", speaker: "Python" },
    ],
    check: Check::Launch(check),
};

/// Runtimes that unpack or exchange files in the directory for temporary files on their own account.
const USE_TEMPORARY_FILES: [Language; 6] =
    [Language::Node, Language::Python, Language::Java, Language::DotNet, Language::Deno, Language::Bun];

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(elf) = soon::program(launch) else { return Outcome::Inapplicable };
    let told = launch.environment.get("TMPDIR").and_then(|value| value.known().cloned());
    let maker = elf.made_by.as_ref().filter(|maker| USE_TEMPORARY_FILES.contains(&maker.value.language));
    let (directory, because) = match (told, maker) {
        (Some(told), _) => {
            let claim = text! {
                en: "`TMPDIR` tells it to use `{directory}`",
                ja: "`TMPDIR` で `{directory}` が指定されています",
                directory: &told.value,
            };
            (told.value.clone(), told.step(claim))
        }
        (None, Some(maker)) => {
            let claim = text! { en: "its runtime keeps temporary files in `/tmp`", ja: "このランタイムは一時ファイルを `/tmp` に置きます" };
            ("/tmp".to_owned(), Step { claim, from: maker.from.clone() })
        }
        (None, None) => return Outcome::Inapplicable,
    };
    if !directory.starts_with('/') || !soon::has_none(launch.image, &[&directory]) {
        return Outcome::Pass(Vec::new());
    }
    let (program, image) = (launch.name(), &launch.image.reference);
    let message = text! {
        en: "`{program}` keeps temporary files in `{directory}`, which the image does not have",
        ja: "`{program}` は一時ファイルを `{directory}` に置きますが、イメージにそのディレクトリがありません",
        program: program, directory: &directory,
    };
    let claim = text! {
        en: "`{image}` has no `{directory}`, and no instruction makes it",
        ja: "`{image}` に `{directory}` はなく、作成する命令もありません",
        image: image, directory: &directory,
    };
    let lacks = Step { claim, from: lookup::absence(launch) };
    let condition = text! { en: "it writes temporary files", ja: "一時ファイルを書き込む" };
    let claim = text! { en: "it writes temporary files there", ja: "そこに一時ファイルを書き込みます" };
    let writes = Step { claim, from: Provenance::assumed(condition, vec![]) };
    let mut found = soon::warning(RULE.name, launch, message, vec![because, lacks, writes]);
    found.runtime_messages.push(RuntimeMessage {
        engine: "the program",
        text: format!("open {directory}/…: no such file or directory"),
        exit_code: None,
    });
    found.fixes.extend(make(launch, &directory));
    Outcome::Fail(Box::new(found))
}

/// WORKDIR makes a directory in every image; the working directory that was set is set again after it.
fn make(launch: &Launch<'_>, directory: &str) -> Option<Fix> {
    let build = launch.build?;
    let from = mend::instructions(build, build.stages.get(launch.stage?)?).next()?;
    let before = "/";
    Some(Fix {
        title: text! { en: "make `{directory}`", ja: "`{directory}` を作成する", directory: directory },
        tradeoff: text! {
            en: "the directory belongs to root: a program of another user may not write there",
            ja: "ディレクトリは root の所有になり、ほかのユーザーのプログラムは書き込めません",
        },
        edits: vec![mend::line_after(&build.dockerfile, from, &format!("WORKDIR {directory}\nWORKDIR {before}"))],
    })
}
