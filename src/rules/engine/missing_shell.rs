//! # There is no shell for a shell form
//!
//! The command is written in shell form, and the image has no shell to run it.
//!
//! ## What happens
//!
//! ```text
//! exec: "/bin/sh": stat /bin/sh: no such file or directory
//! executable file `/bin/sh` not found: No such file or directory: OCI runtime attempted to invoke a command that was not found
//! ```
//!
//! ## Why
//!
//! `CMD /app` without brackets means `CMD ["/bin/sh", "-c", "/app"]`.
//! `scratch` is empty, and distroless images have no shell by design, so the engine does not find `/bin/sh`.
//! `HEALTHCHECK CMD …` is a shell form as well: there the container starts, and is called unhealthy.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM scratch
//! COPY app /app
//! CMD /app
//! ```
//!
//! ```dockerfile,starts
//! FROM scratch
//! COPY app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Write the exec form, `CMD ["/app", "--port", "8080"]`. Variables such as `$PORT` are not expanded there: let the program read its environment.
//! 2. Or use a base image with a shell, such as the `-debian` or `alpine` variants. The image grows, and so does what an attacker finds in it.
//!
//! ## When this is wrong
//!
//! When an orchestrator overrides the command, the one in the image is never run.
//!
//! ## References
//!
//! - Dockerfile reference: shell and exec form
//! - distroless: "entrypoints in vector form"

use crate::diagnostic::{Diagnostic, Effect};
use crate::dockerfile::Command;
use crate::fact::Step;
use crate::fix::Fix;
use crate::launch::{Caller, Launch, Program, Purpose};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;
use crate::tree::Lookup;

pub(super) static RULE: Rule = Rule {
    name: "missing-shell",
    moment: Moment::Engine,
    summary: Template {
        en: "a shell-form ENTRYPOINT, CMD or HEALTHCHECK in an image without a shell",
        ja: "シェルのないイメージで、シェル形式の ENTRYPOINT、CMD、HEALTHCHECK が使われています",
    },
    symptoms: &[
        Symptom { pattern: "exec: \"/bin/sh\": stat /bin/sh: no such file or directory", speaker: "runc" },
        Symptom { pattern: "exec: \"/bin/bash\": stat /bin/bash: no such file or directory", speaker: "runc" },
        Symptom { pattern: "exec: \"/bin/sh\": executable file not found", speaker: "runc" },
        Symptom { pattern: "executable file `/bin/sh` not found", speaker: "crun" },
        Symptom { pattern: "exec: \"sh\": executable file not found in $PATH", speaker: "runc" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    if launch.caller != Caller::Engine {
        return Outcome::Inapplicable;
    }
    let Some(text) = place::shell_text(launch) else { return Outcome::Inapplicable };
    // An exec form that names a shell is a program like any other.
    let written = place::command(launch);
    if matches!(written, Some((_, _, Command::Exec { .. }))) {
        return Outcome::Inapplicable;
    }
    let shell = match &launch.program {
        Program::Missing { name, .. } => name,
        Program::Found(_) => return Outcome::Pass(Vec::new()),
        Program::Unknown { need, .. } => return Outcome::Unknown(need.clone()),
    };
    let image = &launch.image.reference;
    let message = match launch.purpose {
        Purpose::Start => text! {
            en: "the command is in shell form, and `{image}` has no `{shell}`",
            ja: "コマンドがシェル形式ですが、`{image}` に `{shell}` がありません",
            image: image, shell: shell,
        },
        Purpose::Healthcheck => text! {
            en: "the health check is in shell form, and `{image}` has no `{shell}`: the container will be called unhealthy",
            ja: "ヘルスチェックがシェル形式ですが、`{image}` に `{shell}` がありません。コンテナーは unhealthy と判定されます",
            image: image, shell: shell,
        },
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! { en: "`{image}` has no `{shell}`", ja: "`{image}` に `{shell}` はありません", image: image, shell: shell };
    found.evidence.push(Step { claim, from: lookup::absence(launch) });
    found.runtime_messages = terminal::messages(launch, Failing::NotFound);
    found.fixes.extend(exec_form(launch, &text));
    Outcome::Fail(Box::new(found))
}

/// The same command without a shell, where it needs none.
fn exec_form(launch: &Launch<'_>, text: &str) -> Option<Fix> {
    let (dockerfile, _, command) = place::command(launch)?;
    let Command::Shell(script) = command else { return None };
    let words = mend::plain_words(text)?;
    if !is_there(launch, words.first()?) {
        return None;
    }
    Some(Fix {
        title: text! { en: "write it in exec form", ja: "exec 形式で書く" },
        tradeoff: text! {
            en: "variables such as `$PORT` would not be expanded; this command has none",
            ja: "`$PORT` のような変数は展開されなくなります（このコマンドにはありません）",
        },
        edits: vec![mend::replace(dockerfile, script.span(0, script.text.len()), mend::exec_form(&words))],
    })
}

/// Whether a program may be started by its name: the shell's own commands are gone with the shell.
fn is_there(launch: &Launch<'_>, name: &str) -> bool {
    let path = launch.environment.get("PATH").and_then(|path| path.value().cloned()).unwrap_or_default();
    let in_path = |directory: &str| {
        let place = format!("{}/{name}", directory.trim_end_matches('/'));
        !matches!(launch.image.tree.lookup(&place), Lookup::Missing { .. })
    };
    name.contains('/') || path.split(':').any(in_path)
}
