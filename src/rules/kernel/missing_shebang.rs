//! # A script without `#!`
//!
//! The container starts a text file that does not begin with `#!`, and the kernel does not know what to do with it.
//!
//! ## What happens
//!
//! ```text
//! exec /entrypoint.sh: exec format error
//! standard_init_linux.go:228: exec user process caused: exec format error
//! exec container process `/entrypoint.sh`: Exec format error
//! ```
//!
//! ## Why
//!
//! The kernel recognises a script by its first two bytes.
//! A shell that is told "exec format error" runs the file itself, so the script works when it is called from a shell; an engine does not.
//! A byte order mark, a blank or an empty line before `#!` has the same effect as no `#!` at all.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.19
//! COPY --chmod=755 <<EOF /entrypoint.sh
//! exec sleep 1
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.19
//! COPY --chmod=755 <<EOF /entrypoint.sh
//! #!/bin/sh
//! exec sleep 1
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ## What to do
//!
//! 1. Begin the script with `#!/bin/sh`, and save it without a byte order mark. It costs nothing.
//! 2. Or name the shell: `ENTRYPOINT ["/bin/sh", "/entrypoint.sh"]`.
//!
//! ## When this is wrong
//!
//! No case is known for engines; shells start such a script, and then nothing is reported.
//!
//! ## References
//!
//! - Linux, `fs/binfmt_script.c`
//! - POSIX, "Command Search and Execution"

use crate::fact::Provenance;
use crate::fix::{Edit, Fix};
use crate::image::LibcFamily;
use crate::launch::{Caller, Launch};
use crate::lists::is_one_of;
use crate::needs::{Foreign, Needs};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::source::Span;
use crate::text;
use crate::text::Template;
use crate::tree::Lookup;

pub(super) static RULE: Rule = Rule {
    name: "missing-shebang",
    moment: Moment::Kernel,
    summary: Template {
        en: "a script that does not begin with `#!`", ja: "`#!` で始まっていないスクリプト"
    },
    symptoms: &[
        Symptom { pattern: "exec {}: exec format error", speaker: "runc" },
        Symptom { pattern: "exec user process caused: exec format error", speaker: "runc" },
        Symptom { pattern: "exec container process `{}`: Exec format error", speaker: "crun" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(script) = launch.found() else { return Outcome::Inapplicable };
    let (from, before): (&Provenance, &str) = match &script.needs {
        Needs::Script(needs) if needs.shebang.value.is_some() => return Outcome::Pass(Vec::new()),
        Needs::Script(needs) => (&needs.shebang.from, needs.preceded_by.as_deref().unwrap_or_default()),
        Needs::Foreign(what) if what.value == Foreign::Text => (&what.from, ""),
        _ => return Outcome::Inapplicable,
    };
    if runs_it_anyway(launch) {
        return Outcome::Pass(Vec::new());
    }
    let path = &script.path;
    let message = match before {
        "" => {
            text! { en: "`{script}` does not begin with `#!`", ja: "`{script}` が `#!` で始まっていません", script: path }
        }
        before if before.starts_with('\u{feff}') => text! {
            en: "a byte order mark stands before the `#!` of `{script}`",
            ja: "`{script}` の `#!` の前に BOM（バイト順マーク）があります",
            script: path,
        },
        _ => text! {
            en: "blanks or empty lines stand before the `#!` of `{script}`",
            ja: "`{script}` の `#!` の前に空白や空行があります",
            script: path,
        },
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "the first two bytes of `{script}` are not `#!`, so the kernel does not know its format",
        ja: "`{script}` の先頭 2 バイトが `#!` ではないため、カーネルは形式を認識できません",
        script: path,
    };
    found.evidence.push(start::step(claim, from));
    found.runtime_messages = terminal::messages(launch, Failing::WrongFormat);
    found.fixes.extend(begin_with_it(launch, from, before));
    Outcome::Fail(Box::new(found))
}

/// Shells run what the kernel refuses as a script of their own; so does `execvp` of glibc (posix/execvpe.c), which `env`
/// and `tini` call, and not that of musl.
fn runs_it_anyway(launch: &Launch<'_>) -> bool {
    match &launch.caller {
        Caller::Shell(_) => true,
        Caller::Wrapper(by) => {
            let by = by.rsplit('/').next().unwrap_or(by);
            is_one_of(by, "env tini nice nohup timeout dumb-init") && start::has_libc(launch, LibcFamily::Glibc)
        }
        Caller::Engine | Caller::Kernel { .. } => false,
    }
}

fn begin_with_it(launch: &Launch<'_>, from: &Provenance, before: &str) -> Option<Fix> {
    let at = match launch.found().map(|found| &found.needs) {
        Some(Needs::Script(script)) => start::script_place(launch, script)?,
        _ => from.location()?.clone(),
    };
    let (length, new_text) = if before.is_empty() { (0, "#!/bin/sh\n") } else { (before.len(), "") };
    let has_shell = matches!(launch.image.tree.lookup("/bin/sh"), Lookup::Found { .. });
    if before.is_empty() && !has_shell {
        return None;
    }
    let start = at.span.start as usize;
    Some(Fix {
        title: match before {
            "" => text! { en: "begin the script with `#!/bin/sh`", ja: "スクリプトの先頭に `#!/bin/sh` を書く" },
            _ => text! { en: "take out what stands before `#!`", ja: "`#!` の前にあるものを取り除く" },
        },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: vec![Edit { path: at.path.clone(), span: Span::new(start, start + length), new_text: new_text.into() }],
    })
}
