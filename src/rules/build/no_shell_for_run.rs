//! # RUN finds no shell
//!
//! A `RUN` in shell form needs a shell, and this stage has none.
//!
//! ## What happens
//!
//! The build stops:
//!
//! ```text
//! runc run failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory
//! process "/bin/sh -c chmod +x /app" did not complete successfully
//! ```
//!
//! ## Why
//!
//! `RUN chmod +x /app` means `RUN ["/bin/sh", "-c", "chmod +x /app"]`.
//! `scratch` and distroless images have neither `/bin/sh` nor `chmod`, so nothing can be run in them during the build.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM scratch
//! COPY app /app
//! RUN chmod +x /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM scratch
//! COPY --chmod=755 app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Do it in an earlier stage that has a shell, and copy the result.
//! 2. For permissions and owners, use `COPY --chmod=755` and `--chown=…`.
//! 3. Or use a base with a shell; distroless images have tags ending in `-debug` for that.
//!
//! ## When this is wrong
//!
//! Images that execlens does not know are not reported.
//!
//! ## References
//!
//! - Dockerfile reference: `RUN`, `SHELL`

use crate::build::{Build, Event, EventKind};
use crate::diagnostic::RuntimeMessage;
use crate::dockerfile::{Command, Kind};
use crate::fact::Step;
use crate::fix::Fix;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend, place};
use crate::source::Span;
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "no-shell-for-run",
    moment: Moment::Build,
    summary: Template {
        en: "a shell-form RUN where there is no such shell",
        ja: "シェルのないステージで、シェル形式の RUN が使われています",
    },
    symptoms: &[
        Symptom {
            pattern: "runc run failed: {}exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
            speaker: "BuildKit",
        },
        Symptom {
            pattern: "process \"/bin/sh -c {}\" did not complete successfully: exit code: 127",
            speaker: "BuildKit",
        },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    events::each(build, |event| {
        let EventKind::NoShell { shell, from } = &event.kind else { return None };
        let image = &build.stages.get(event.stage)?.base;
        let message = text! {
            en: "this RUN needs `{shell}`, which `{image}` does not have",
            ja: "この RUN には `{shell}` が必要ですが、`{image}` にはありません",
            shell: shell, image: image,
        };
        let mut found = events::stops(RULE.name, event, message);
        let claim = text! { en: "a RUN in shell form is run by `{shell}`", ja: "シェル形式の RUN は `{shell}` で実行されます", shell: shell };
        found.evidence.push(events::instruction(event, claim));
        let claim = text! { en: "`{image}` has no `{shell}`", ja: "`{image}` に `{shell}` はありません", image: image, shell: shell };
        found.evidence.push(Step { claim, from: from.clone() });
        found.runtime_messages.push(RuntimeMessage {
            engine: "Docker (BuildKit)",
            text: format!("runc run failed: unable to start container process: exec: \"{shell}\": stat {shell}: no such file or directory"),
            exit_code: Some(1),
        });
        found.fixes.extend(mode_at_copy(build, event));
        Some(found)
    })
}

/// `chmod` of one copied file becomes the copy's own flag.
fn mode_at_copy(build: &Build, event: &Event) -> Option<Fix> {
    let dockerfile = &build.dockerfile;
    let run = place::instruction(build, &event.at)?;
    let Kind::Run(command) = &run.kind else { return None };
    let Command::Shell(script) = &command.command else { return None };
    let words = mend::plain_words(&script.text)?;
    let [program, mode, file] = words.as_slice() else { return None };
    if program != "chmod" {
        return None;
    }
    let mode = match mode.as_str() {
        "+x" | "a+x" | "ugo+x" => "755",
        octal if octal.bytes().all(|byte| byte.is_ascii_digit()) => octal,
        _ => return None,
    };
    let stage = build.stages.get(event.stage)?;
    let copies = mend::instructions(build, stage).filter(|one| one.span.start < run.span.start);
    let copy = copies
        .filter(|one| matches!(&one.kind, Kind::Copy(copy) if copy.destination.value == *file && copy.chmod.is_none()))
        .last()?;
    let after = Span::at(copy.keyword.span.end as usize);
    // The RUN goes with its line end, so that no empty line stays.
    let end = run.span.end as usize;
    let rest = dockerfile.text.get(end..)?;
    let line_end = rest.len() - rest.strip_prefix("\r\n").or(rest.strip_prefix('\n')).unwrap_or(rest).len();
    Some(Fix {
        title: text! { en: "set the mode where the file is copied", ja: "コピーのときにモードを設定する" },
        tradeoff: text! {
            en: "needs BuildKit, which is the builder of Docker since 23.0",
            ja: "BuildKit が必要です（Docker 23.0 以降の標準のビルダー）",
        },
        edits: vec![
            mend::replace(dockerfile, after, format!(" --chmod={mode}")),
            mend::replace(dockerfile, Span::new(run.span.start as usize, end + line_end), ""),
        ],
    })
}
