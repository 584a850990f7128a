//! # Packed relocations on a loader that does not know them
//!
//! The program stores its relocations in a packed form, and an older musl skips them without a word.
//!
//! ## What happens
//!
//! Nothing is printed, and the container exits with status 139 (`SIGSEGV`).
//!
//! ## Why
//!
//! `-z pack-relative-relocs` (`DT_RELR`) halves the size of relocations, and some distributions link that way by default.
//! musl applies them since 1.2.4, and Alpine's musl since Alpine 3.16; an older loader leaves every such pointer as it stands in the file, and the first that is used crashes.
//! glibc asks for a version instead, `GLIBC_ABI_DT_RELR`, which is not found before glibc 2.36: see `symbol-version-too-new`.
//!
//! ## Example
//!
//! ```dockerfile
//! # Starts on alpine:3.16 and later, crashes on alpine:3.15, when /app was linked with packed relocations.
//! FROM alpine:3.15
//! COPY app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Run on a newer release: `alpine:3.16` or later.
//! 2. Link with `-z nopack-relative-relocs`. The program grows by a few percent.
//! 3. Link statically.
//!
//! ## When this is wrong
//!
//! When the image's musl was patched by hand.
//!
//! ## References
//!
//! - musl 1.2.4, release notes
//! - generic ABI, `SHT_RELR`

use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Aim;
use crate::launch::Launch;
use crate::loader::Failure;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "unsupported-relocations",
    moment: Moment::Loader,
    summary: Template {
        en: "packed relative relocations on a loader that does not know them",
        ja: "圧縮された相対再配置（DT_RELR）に対応していないローダーです",
    },
    symptoms: &[
        Symptom { pattern: "Segmentation fault", speaker: "bash" },
        Symptom { pattern: "exited with code 139", speaker: "docker" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((_, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    if needs.interpreter.value.is_none() {
        return Outcome::Inapplicable;
    }
    let Some(Failure::PackedRelocations { object, loader }) = start::failure(launch) else {
        return Outcome::Pass(Vec::new());
    };
    let release = loader.release.as_deref().unwrap_or_default();
    let message = text! {
        en: "`{object}` has packed relocations, which {release} does not apply",
        ja: "`{object}` の圧縮された再配置を {release} は処理できません",
        object: &object, release: release,
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "`{object}` stores its relative relocations packed (`DT_RELR`)",
        ja: "`{object}` は相対再配置を圧縮形式（`DT_RELR`）で保持しています",
        object: &object,
    };
    found.evidence.push(start::step(claim, &needs.interpreter.from));
    let claim = text! {
        en: "the loader is {release} (`{path}`); musl applies them since 1.2.4, Alpine since 3.16",
        ja: "ローダーは {release}（`{path}`）です。対応しているのは musl 1.2.4 以降、Alpine では 3.16 以降です",
        release: release, path: &loader.path,
    };
    found.evidence.push(Step { claim, from: loader.from.clone() });
    found.runtime_messages.push(RuntimeMessage { engine: "the engine", text: String::new(), exit_code: Some(139) });
    found.fixes = start::remedies(needs, &[Aim::Static]);
    found.fixes.push(start::advice(
        text! {
            en: "link it with `-z nopack-relative-relocs`, or run it on `alpine:3.16` or later",
            ja: "`-z nopack-relative-relocs` を付けてリンクするか、`alpine:3.16` 以降で実行する",
        },
        text! { en: "the program grows by a few percent", ja: "プログラムが数パーセント大きくなります" },
    ));
    start::applicable_first(&mut found.fixes);
    Outcome::Fail(Box::new(found))
}
